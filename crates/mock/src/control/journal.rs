//! `/_mock/journal`: what came over the wire, and what was wrong with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::route::{Parameter, Routes, delete, get};
use super::schema::{and, count, done, list, map, need, object, text, time, word};
use super::{Plane, Refused, bad_request, reply};
use crate::deviation::DeviationKind;
use crate::journal::filter::known;
use crate::journal::{Entry, EventKind, Journal, JournalFilter};

/// The longest that a query of the journal waits for news.
const LONGEST_WAIT_MS: u64 = 30_000;
/// What a query may hold.
const CRITERIA: [&str; 14] = [
    "operation",
    "clause",
    "application",
    "device",
    "kind",
    "status",
    "deviating",
    "deviation",
    "requirement",
    "since",
    "from",
    "to",
    "limit",
    "wait_ms",
];

/// The criteria of a query, but for those about waiting.
fn criteria() -> Vec<Parameter> {
    let kinds: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let deviations: Vec<&str> = DeviationKind::ALL.iter().map(|kind| kind.as_str()).collect();
    vec![
        ("operation", text(), "The name of an operation or a notification."),
        ("clause", text(), "The clause of an operation or a notification."),
        ("application", text(), "The application that called."),
        (
            "device",
            text(),
            "Calls with the id in path, query, body or answer, packets of its sessions, pushes about it.",
        ),
        ("kind", word(&kinds), "The kind of entry."),
        ("status", count(), "The HTTP status of a call's answer."),
        ("deviating", json!({ "type": "boolean" }), "Whether it deviates from the contract."),
        ("deviation", word(&deviations), "Deviates in this way."),
        ("requirement", text(), "Deviates from this requirement."),
        ("since", count(), "The number of an entry: only those after it."),
        ("from", time(), "Not before this time."),
        ("to", time(), "Not after this time."),
        ("limit", count(), "The first so many after `since`; without that the last so many."),
        ("wait_ms", count(), "How long to wait for the first, at most 30000."),
    ]
}

pub(super) fn routes() -> Routes {
    let kinds: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let entry = object([need("seq", count()), need("at", time()), need("kind", word(&kinds))]);
    let told = |member| and(object([member]), &object([need("dropped", count()), need("droppedByKind", map())]));
    Routes::new()
        .on(
            get(
                "/_mock/journal",
                "The `entries` of the journal that meet every criterion, oldest first. With `wait_ms` it waits so long for \
                 the first. `dropped` says how many entries are gone to keep the journal within its limits, \
                 `droppedByKind` of which kinds.",
            )
            .asks(criteria(), "?kind=call&deviating=true&limit=20")
            .answers(told(need("entries", list(entry)))),
            journal,
        )
        .on(
            get("/_mock/journal/count", "How many entries of the journal meet every criterion.")
                .asks(criteria(), "?operation=send_command&status=202")
                .answers(told(need("count", count()))),
            count_entries,
        )
        .on(
            get(
                "/_mock/journal.har",
                "The calls and pushes that meet every criterion, as an HTTP Archive (HAR 1.2) for browsers and other tools.",
            )
            .asks(criteria(), "?deviating=true")
            .answers(map()),
            har,
        )
        .on(
            delete("/_mock/journal", "Forgets every entry, and how many were dropped; the numbers go on.").answers(done()),
            clear,
        )
}

async fn journal(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let wanted = match read(&query.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let journal = &plane.core.journal;
    let found = found(journal, &wanted).await;
    let entries: Vec<&Entry> = found.iter().map(AsRef::as_ref).collect();
    reply(Ok(told(journal, "entries", json!(entries))))
}

async fn count_entries(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let wanted = match read(&query.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let journal = &plane.core.journal;
    let number = found(journal, &wanted).await.len();
    reply(Ok(told(journal, "count", json!(number))))
}

async fn har(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    reply(read(&query.unwrap_or_default()).map(|wanted| plane.core.journal.har(&wanted.filter)))
}

async fn clear(State(plane): State<Plane>) -> Response<Body> {
    plane.core.journal.clear();
    reply(Ok(json!({})))
}

fn told(journal: &Journal, name: &str, what: Value) -> Value {
    let dropped = journal.dropped_by_kind();
    json!({ name: what, "dropped": dropped.total(), "droppedByKind": dropped })
}

/// What is wanted, waiting for the first that is.
async fn found(journal: &Journal, wanted: &Wanted) -> Vec<Arc<Entry>> {
    let until = Instant::now() + wanted.wait;
    loop {
        // Read before the look, so that what comes after it wakes us.
        let last = journal.last();
        let found = journal.select(&wanted.filter);
        let left = until.saturating_duration_since(Instant::now());
        if !found.is_empty() || left.is_zero() {
            return found;
        }
        journal.grown_beyond(last, left).await;
    }
}

struct Wanted {
    filter: JournalFilter,
    wait: Duration,
}

fn read(query: &str) -> Result<Wanted, Refused> {
    let mut wanted = Wanted { filter: JournalFilter::default(), wait: Duration::ZERO };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        criterion(&mut wanted, &name, value.into_owned())?;
    }
    wanted.filter.check().map_err(bad_request)?;
    Ok(wanted)
}

fn criterion(wanted: &mut Wanted, name: &str, value: String) -> Result<(), Refused> {
    let filter = &mut wanted.filter;
    match name {
        "operation" => filter.operation = Some(value),
        "clause" => filter.clause = Some(value),
        "application" => filter.application = Some(value),
        "device" => filter.device = Some(value),
        "kind" => filter.kind = Some(one_of(name, &value, &EventKind::ALL, |kind| kind.as_str())?),
        "status" => {
            let status = u16::try_from(number(name, &value)?).ok().filter(|status| (100..600).contains(status));
            filter.status =
                Some(status.ok_or_else(|| bad_request(format!("status is an HTTP status, not {value:?}")))?);
        }
        "deviating" => filter.deviating = Some(one_of(name, &value, &[true, false], |flag| flag_name(*flag))?),
        "deviation" => filter.deviation = Some(one_of(name, &value, DeviationKind::ALL, |kind| kind.as_str())?),
        "requirement" => filter.requirement = Some(value),
        "since" => filter.since = Some(number(name, &value)?),
        "from" => filter.from = Some(value.parse().map_err(|e| bad_request(format!("from: {e}")))?),
        "to" => filter.to = Some(value.parse().map_err(|e| bad_request(format!("to: {e}")))?),
        "limit" => filter.limit = Some(usize::try_from(number(name, &value)?).unwrap_or(usize::MAX)),
        "wait_ms" => wanted.wait = Duration::from_millis(number(name, &value)?.min(LONGEST_WAIT_MS)),
        other => known("criterion", Some(other), CRITERIA.to_vec()).map_err(bad_request)?,
    }
    Ok(())
}

const fn flag_name(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn number(name: &str, value: &str) -> Result<u64, Refused> {
    value.parse().map_err(|_| bad_request(format!("{name} is a number, not {value:?}")))
}

fn one_of<T: Copy>(name: &str, value: &str, all: &[T], name_of: impl Fn(&T) -> &'static str) -> Result<T, Refused> {
    known(name, Some(value), all.iter().map(&name_of).collect()).map_err(bad_request)?;
    let found = all.iter().find(|one| name_of(one) == value).copied();
    found.ok_or_else(|| bad_request(format!("there is no {name} {value:?}")))
}
