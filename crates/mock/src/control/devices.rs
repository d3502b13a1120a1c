//! `/_mock/devices`: which there are, and what happens to one beside its own doings.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Request, Response};
use iotdm_spec::Object;
use iotdm_spec::wire::{DeviceStatus, StatusDetail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::route::{Routes, get, post, put};
use super::schema::{and, count, done, flag, list, map, may, need, object, or_null, text, time, word};
use super::{Plane, Refused, act, bad_request, reply};
use crate::owner::OwnerError;

/// A device as its owner sees it.
fn state() -> Value {
    object([
        need("deviceId", text()),
        need("nodeId", text()),
        need("name", or_null(text())),
        need("application", text()),
        need("product", or_null(text())),
        need("gateway", or_null(text())),
        need("protocol", or_null(text())),
        need("status", word(DeviceStatus::VALUES)),
        need("statusDetail", word(StatusDetail::VALUES)),
        need("activated", flag()),
        need("session", or_null(count())),
        need("created", time()),
        need("lastHeard", time()),
    ])
}

/// Looking at devices.
fn looks() -> Routes {
    Routes::new()
        .on(
            get(
                "/_mock/devices",
                "Devices and their state in pages of 50, by application, the newest first. No secrets.",
            )
            .asks(
                [
                    ("page", count(), "The page; the first is 0."),
                    ("search", text(), "Only those whose id, node id or name holds this, in any case of letters."),
                    ("application", text(), "Only this application's."),
                ],
                "?page=0&search=lamp",
            )
            .answers(object([
                need("devices", list(state())),
                need("page", count()),
                need("pageSize", count()),
                need("total", count()),
                need("complete", flag()),
            ])),
            list_all,
        )
        .on(
            get("/_mock/devices/{id}", "A device: its state, and the latest data of each of its services.")
                .answers(and(state(), &object([need("services", map())]))),
            look,
        )
}

pub(super) fn routes() -> Routes {
    looks()
        .on(
            post("/_mock/devices/{id}/sub-devices", "Puts a sub-device behind a gateway, as the gateway itself would.")
                .wants(object([need("nodeId", text())]), r#"{"nodeId": "sub-1"}"#)
                .answers(object([need("deviceId", text())])),
            add_sub_device,
        )
        .on(
            put(
                "/_mock/devices/{id}/muted-commands",
                "Forbids commands of a service of one device; an empty list allows them all.",
            )
            .wants(
                object([need("serviceId", text()), need("commands", list(text()))]),
                r#"{"serviceId": "Light", "commands": ["SET_LEVEL"]}"#,
            )
            .answers(done()),
            mute_commands,
        )
        .on(post("/_mock/devices/{id}/disconnect", "Drops the link of a device's session.").answers(done()), disconnect)
        .on(
            post(
                "/_mock/devices/{id}/commands",
                "Sends a command as it stands, also one that the product does not know; answers its `mid`.",
            )
            .wants(
                object([need("serviceId", text()), need("cmd", text()), may("paras", map())]),
                r#"{"serviceId": "Light", "cmd": "SET_LEVEL", "paras": {"value": 7}}"#,
            )
            .answers(object([need("mid", count())])),
            send_command,
        )
}

/// Which devices are to be listed.
#[derive(Default)]
struct Wanted {
    page: usize,
    search: String,
    application: Option<String>,
}

fn read(query: &str) -> Result<Wanted, Refused> {
    let mut wanted = Wanted::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "page" => {
                let number = value.parse().map_err(|_| bad_request(format!("page is a number, not {value:?}")));
                wanted.page = number?;
            }
            "search" => wanted.search = value.into_owned(),
            "application" => wanted.application = Some(value.into_owned()),
            other => {
                return Err(bad_request(format!("there is no {other:?} here, but page, search and application")));
            }
        }
    }
    Ok(wanted)
}

async fn list_all(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    reply(read(&query.unwrap_or_default()).map(|Wanted { page, search, application }| {
        json!(plane.core.enter(|world| world.device_page(page, &search, application.as_deref())))
    }))
}

async fn look(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let found = plane.core.enter(|world| {
        let device = world.devices.find(&id)?;
        let services = device.services.iter().map(|(service, latest)| (service.clone(), latest.data.clone().into()));
        let services: Object = services.collect();
        Some((world.device_state(device), services))
    });
    let shown = |(state, services)| {
        let mut shown = json!(state);
        shown["services"] = Value::Object(services);
        shown
    };
    reply(found.map(shown).ok_or_else(|| OwnerError::UnknownDevice(id).into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SubDevice {
    node_id: String,
}

async fn add_sub_device(
    State(plane): State<Plane>,
    Path(gateway): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    act(request, |new: SubDevice| {
        plane.core.enter(|world| world.add_sub_device(&gateway, &new.node_id)).map(|id| json!({ "deviceId": &*id }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MutedCommands {
    service_id: String,
    commands: Vec<String>,
}

async fn mute_commands(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |muted: MutedCommands| {
        plane.core.enter(|world| world.mute_commands(&id, &muted.service_id, muted.commands)).map(|()| json!({}))
    })
    .await
}

async fn disconnect(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let dropped = plane.core.enter(|world| world.drop_session(&id)).map_err(Refused::from);
    reply(dropped.map(|()| json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawCommand {
    service_id: String,
    cmd: String,
    #[serde(default)]
    paras: Object,
}

async fn send_command(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |raw: RawCommand| {
        let sent = plane.core.enter(|world| world.send_raw_command(&id, raw.service_id, raw.cmd, raw.paras));
        sent.map(|mid| json!({ "mid": mid }))
    })
    .await
}
