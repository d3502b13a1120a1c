//! The control plane under `/_mock/`: what a platform's owner can do, over plain HTTP on loopback.
//!
//! It is our own interface, not the reference's: its errors are `{"error": "in words"}`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::routing::{get, patch, post, put};
use iotdm_spec::Object;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::core::Core;
use crate::mqtt::door::DoorHandle;
use crate::owner::{self, ApplicationChange, OwnerError};
use crate::platform::Facts;

/// The largest body of a control request.
const BODY_LIMIT: usize = 1 << 20;
/// The longest that a query of the journal waits for news.
const LONGEST_WAIT_MS: u64 = 30_000;
/// The longest span that the clock is moved by at once: a hundred years.
const MOST_SECONDS: u64 = 100 * 366 * 24 * 3600;

#[derive(Clone)]
struct Plane {
    core: Arc<Core>,
    facts: Arc<Facts>,
}

type Reply = Result<Value, Refused>;

/// A refusal of the control plane.
struct Refused(StatusCode, String);

fn bad_request(reason: String) -> Refused {
    Refused(StatusCode::BAD_REQUEST, reason)
}

impl From<OwnerError> for Refused {
    fn from(error: OwnerError) -> Self {
        Self(StatusCode::NOT_FOUND, error.to_string())
    }
}

pub(crate) fn router(core: Arc<Core>, facts: Arc<Facts>) -> Router {
    Router::new()
        .route("/_mock/", get(about))
        .route("/_mock/clock", get(clock).post(move_clock))
        .route("/_mock/force", post(force).delete(forget_forced))
        .route("/_mock/journal", get(journal))
        .route("/_mock/applications/{id}", patch(change_application))
        .route("/_mock/grants", post(grant))
        .route("/_mock/devices/{id}/sub-devices", post(add_sub_device))
        .route("/_mock/devices/{id}/muted-commands", put(mute_commands))
        .route("/_mock/devices/{id}/disconnect", post(disconnect))
        .route("/_mock/devices/{id}/commands", post(send_command))
        .fallback(unknown)
        .with_state(Plane { core, facts })
}

fn reply(reply: Reply) -> Response<Body> {
    let (status, body) = match reply {
        Ok(body) => (StatusCode::OK, body),
        Err(Refused(status, reason)) => (status, json!({ "error": reason })),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Refused> {
    let body = to_bytes(request.into_body(), BODY_LIMIT)
        .await
        .map_err(|e| bad_request(format!("the body was not read: {e}")))?;
    serde_json::from_slice(&body).map_err(|e| bad_request(format!("the body is not what is wanted here: {e}")))
}

async fn unknown(request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    reply(Err(Refused(StatusCode::NOT_FOUND, format!("the control plane has no path {path:?}"))))
}

async fn about(State(plane): State<Plane>) -> Response<Body> {
    let facts = &plane.facts;
    reply(Ok(json!({
        "base_url": facts.base_url,
        "mqtts": facts.mqtts,
        "product": facts.product,
        "application": facts.application,
        "devices": plane.core.enter(|world| world.devices.len()),
        "sessions": plane.core.door.get().map_or(0, DoorHandle::sessions),
        "journal_dropped": plane.core.journal.dropped(),
    })))
}

fn time(core: &Core) -> Value {
    json!({ "now": core.now(), "frozen": core.is_frozen() })
}

async fn clock(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(time(&plane.core)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    advance_seconds: Option<u64>,
    set: Option<String>,
    frozen: Option<bool>,
}

async fn move_clock(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    let wanted = match read::<ClockMove>(request).await {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    reply(apply_clock(&plane.core, &wanted))
}

fn apply_clock(core: &Core, wanted: &ClockMove) -> Reply {
    if let Some(frozen) = wanted.frozen {
        core.freeze(frozen);
    }
    if let Some(text) = &wanted.set {
        let to: Moment = text.parse().map_err(bad_request)?;
        let now = core.now();
        if to < now {
            return Err(bad_request(format!("the clock only moves forward; it is {now}")));
        }
        core.advance(to.since(now));
    }
    if let Some(seconds) = wanted.advance_seconds {
        if seconds > MOST_SECONDS {
            return Err(bad_request(format!("at most {MOST_SECONDS} seconds at once")));
        }
        core.advance(Duration::from_secs(seconds));
    }
    Ok(time(core))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Force {
    operation: String,
    http_status: u16,
    code: String,
    #[serde(default = "once")]
    times: u32,
    application: Option<String>,
}

const fn once() -> u32 {
    1
}

async fn force(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    let ordered = match read::<Force>(request).await {
        Ok(wanted) => owner::operation(&wanted.operation)
            .and_then(|op| Ok((op, owner::row(op, wanted.http_status, &wanted.code)?)))
            .map(|(op, row)| plane.core.enter(|world| world.force(op, row, wanted.application, wanted.times)))
            .map_err(Refused::from),
        Err(refused) => Err(refused),
    };
    reply(ordered.map(|()| json!({})))
}

async fn forget_forced(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| std::mem::take(&mut world.forced).len());
    reply(Ok(json!({ "forgotten": forgotten })))
}

async fn journal(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = query.unwrap_or_default();
    let item = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let since = match item("since").unwrap_or_else(|| "0".to_owned()).parse::<u64>() {
        Ok(since) => since,
        Err(e) => return reply(Err(bad_request(format!("since is the number of an entry: {e}")))),
    };
    let journal = &plane.core.journal;
    if let Some(wait) = item("wait_ms") {
        let Ok(wait) = wait.parse::<u64>() else {
            return reply(Err(bad_request("wait_ms is a number of milliseconds".to_owned())));
        };
        journal.grown_beyond(since, Duration::from_millis(wait.min(LONGEST_WAIT_MS))).await;
    }
    reply(Ok(json!({ "entries": journal.since(since), "dropped": journal.dropped() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    frozen: Option<bool>,
    licensed: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    device_limit: Option<Option<usize>>,
    #[serde(default, deserialize_with = "present")]
    group_limit: Option<Option<usize>>,
    #[serde(default, deserialize_with = "present")]
    throttle: Option<Option<u32>>,
}

/// Tells an explicit null from an absent member.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

async fn change_application(
    State(plane): State<Plane>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    let changed = match read::<Change>(request).await {
        Ok(c) => {
            let change = ApplicationChange {
                frozen: c.frozen,
                licensed: c.licensed,
                device_limit: c.device_limit,
                group_limit: c.group_limit,
                throttle: c.throttle,
            };
            plane.core.enter(|world| world.change_application(&id, &change)).map_err(Refused::from)
        }
        Err(refused) => Err(refused),
    };
    reply(changed.map(|()| json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    owner: String,
    to: String,
}

async fn grant(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    let granted = match read::<Grant>(request).await {
        Ok(grant) => plane.core.enter(|world| world.grant(&grant.owner, &grant.to)).map_err(Refused::from),
        Err(refused) => Err(refused),
    };
    reply(granted.map(|()| json!({})))
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
    let added = match read::<SubDevice>(request).await {
        Ok(new) => plane.core.enter(|world| world.add_sub_device(&gateway, &new.node_id)).map_err(Refused::from),
        Err(refused) => Err(refused),
    };
    reply(added.map(|id| json!({ "deviceId": &*id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MutedCommands {
    service_id: String,
    commands: Vec<String>,
}

async fn mute_commands(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    let muted = match read::<MutedCommands>(request).await {
        Ok(muted) => {
            plane.core.enter(|world| world.mute_commands(&id, &muted.service_id, muted.commands)).map_err(Refused::from)
        }
        Err(refused) => Err(refused),
    };
    reply(muted.map(|()| json!({})))
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
    let sent = match read::<RawCommand>(request).await {
        Ok(raw) => plane
            .core
            .enter(|world| world.send_raw_command(&id, raw.service_id, raw.cmd, raw.paras))
            .map_err(Refused::from),
        Err(refused) => Err(refused),
    };
    reply(sent.map(|mid| json!({ "mid": mid })))
}
