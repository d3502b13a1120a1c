//! `/_mock/devices/{id}/…`: what happens to a device beside its own doings.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{post, put};
use iotdm_spec::Object;
use serde::Deserialize;
use serde_json::json;

use super::{Plane, Refused, act, reply};

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/devices/{id}/sub-devices", post(add_sub_device))
        .route("/_mock/devices/{id}/muted-commands", put(mute_commands))
        .route("/_mock/devices/{id}/disconnect", post(disconnect))
        .route("/_mock/devices/{id}/commands", post(send_command))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SubDevice {
    node_id: String,
}

/// `curl -d '{"nodeId": "sub-1"}' {control}/_mock/devices/{id}/sub-devices`
///
/// Puts a sub-device behind a gateway, as the gateway itself would; answers its `deviceId`.
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

/// `curl -X PUT -d '{"serviceId": "Light", "commands": ["SET_LEVEL"]}' {control}/_mock/devices/{id}/muted-commands`
///
/// Forbids commands of a service of one device; an empty list allows them all.
async fn mute_commands(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |muted: MutedCommands| {
        plane.core.enter(|world| world.mute_commands(&id, &muted.service_id, muted.commands)).map(|()| json!({}))
    })
    .await
}

/// `curl -X POST {control}/_mock/devices/{id}/disconnect`
///
/// Drops the link of a device's session.
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

/// `curl -d '{"serviceId": "Light", "cmd": "SET_LEVEL", "paras": {"value": 7}}' {control}/_mock/devices/{id}/commands`
///
/// Sends a command as it stands, also one that the product does not know; answers its `mid`.
async fn send_command(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |raw: RawCommand| {
        let sent = plane.core.enter(|world| world.send_raw_command(&id, raw.service_id, raw.cmd, raw.paras));
        sent.map(|mid| json!({ "mid": mid }))
    })
    .await
}
