//! `/_mock/journal/packets`: what devices and the platform said to each other, byte by byte.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, Response, header};
use serde_json::json;

use super::route::{Routes, get};
use super::schema::{self, count, list, need, object, or_null, text, word};
use super::{Plane, Refused, bad_request, reply};
use crate::clock::Moment;
use crate::journal::{PacketFilter, hex_dump};

pub(super) fn routes() -> Routes {
    let packet = object([
        need("seq", count()),
        need("at", schema::time()),
        need("device", or_null(text())),
        need("session", count()),
        need("peer", text()),
        need("direction", word(&["in", "out"])),
        need("packet", text()),
        need("line", text()),
        need("note", or_null(text())),
        need("bytes", text()),
    ]);
    Routes::new().on(
        get(
            "/_mock/journal/packets",
            "What devices and the platform said to each other over MQTT, byte by byte; `dropped` says how many older \
             packets are gone.",
        )
        .asks(
            [
                ("device", text(), "Of the sessions of this device."),
                ("session", count(), "Of this session."),
                ("direction", word(&["in", "out"]), "`in` from the device, `out` to it."),
                ("packet", text(), "The packet's name, such as PUBLISH."),
                ("since", count(), "The number of an entry: only those after it."),
                ("from", schema::time(), "Not before this time."),
                ("to", schema::time(), "Not after this time."),
                ("format", word(&["json", "text"]), "`text` is a hex dump for text2pcap."),
            ],
            "?direction=in&format=text",
        )
        .answers(object([need("packets", list(packet)), need("dropped", count())]))
        .or_answers("text/plain", "Packets as JSON, or as a hex dump for text2pcap."),
        packets,
    )
}

/// What a query asks for, and in which form.
#[derive(Default)]
struct Wanted {
    filter: PacketFilter,
    as_text: bool,
}

async fn packets(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let wanted = match read(&query.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let journal = &plane.core.journal;
    let packets = journal.packets(&wanted.filter);
    if wanted.as_text {
        let mut response = Response::new(Body::from(hex_dump(&packets)));
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        return response;
    }
    reply(Ok(json!({ "packets": packets, "dropped": journal.dropped_packets() })))
}

fn read(query: &str) -> Result<Wanted, Refused> {
    let mut wanted = Wanted::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let filter = &mut wanted.filter;
        let value = value.into_owned();
        match name.as_ref() {
            "device" => filter.device = Some(value),
            "session" => filter.session = Some(number(&name, &value)?),
            "direction" => filter.direction = Some(one_of(&name, value, &["in", "out"])?),
            "packet" => filter.packet = Some(value),
            "since" => filter.since = number(&name, &value)?,
            "from" => filter.from = Some(time(&value)?),
            "to" => filter.to = Some(time(&value)?),
            "format" => wanted.as_text = one_of(&name, value, &["json", "text"])? == "text",
            other => {
                let known = "device, session, direction, packet, since, from, to and format";
                return Err(bad_request(format!("there is no {other:?} here, but {known}")));
            }
        }
    }
    Ok(wanted)
}

fn number(name: &str, value: &str) -> Result<u64, Refused> {
    value.parse().map_err(|_| bad_request(format!("{name} is a number, not {value:?}")))
}

fn time(value: &str) -> Result<Moment, Refused> {
    value.parse().map_err(bad_request)
}

fn one_of(name: &str, value: String, known: &[&str]) -> Result<String, Refused> {
    if known.contains(&value.as_str()) {
        Ok(value)
    } else {
        Err(bad_request(format!("{name} is one of {}, not {value:?}", known.join(", "))))
    }
}
