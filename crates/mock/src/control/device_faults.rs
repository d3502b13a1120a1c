//! `/_mock/devices/{id}/faults` and `/_mock/mqtt/restart`: what goes wrong on the wire of a device.
//! The requests and what comes of them stand in [`crate::mqtt::faults`].

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};
use iotdm_spec::Object;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, post};
use super::schema::{and, any, count, exactly, list, may, need, object, text, times, word};
use super::{Plane, Refused, act, bad_request, reply};
use crate::mqtt::faults::{DeviceFault, FaultOrder};
use crate::owner::OwnerError;

/// What may stand in an order of each fault.
fn orders() -> Value {
    let [refuse, silence, drop, delay, withhold, duplicate, corrupt, fragment, close, certificate] =
        DeviceFault::NAMES.map(exactly);
    let only = || may("packet", text());
    let choice = any([
        object([need("fault", refuse), need("code", count())]),
        object([need("fault", silence)]),
        object([need("fault", drop), need("packets", count())]),
        object([need("fault", delay), need("ms", count())]),
        object([need("fault", withhold)]),
        object([need("fault", duplicate)]),
        object([need("fault", corrupt), may("seed", count()), only()]),
        object([need("fault", fragment), only()]),
        object([need("fault", close), only()]),
        object([
            need("fault", certificate),
            need("kind", word(&["expired", "untrusted", "wrong_name"])),
            may("peer", text()),
        ]),
    ]);
    and(choice, &object([may("times", times())]))
}

pub(super) fn routes() -> Routes {
    let ordered = || and(orders(), &object([need("id", count()), need("struck", count())]));
    Routes::new()
        .on(
            get("/_mock/devices/{id}/faults", "What was ordered to go wrong on the wire of a device, and how often it struck.")
                .answers(object([need("faults", list(ordered()))])),
            list_all,
        )
        .on(
            post(
                "/_mock/devices/{id}/faults",
                "Orders a fault on the wire of a device. It strikes once, or as often as `times` says; 0 and `always` mean \
                 until it is removed. Milliseconds are real ones.",
            )
            .wants(orders(), r#"{"fault": "refuse_connect", "code": 3}"#)
            .answers(ordered()),
            order,
        )
        .on(
            delete("/_mock/devices/{id}/faults", "Removes all faults of a device, and answers how many there were.")
                .answers(object([need("removed", count())])),
            remove_all,
        )
        .on(
            delete("/_mock/devices/{id}/faults/{number}", "Removes a fault of a device.")
                .answers(object([need("removed", count())])),
            remove,
        )
        .on(
            post("/_mock/mqtt/restart", "Ends all MQTT sessions, and listens on the same ports again.")
                .answers(object([need("closed", count())])),
            restart,
        )
}

async fn order(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |wish: Object| {
        let order = FaultOrder::read(wish).map_err(bad_request)?;
        plane.core.order_fault(&id, order).map(|ordered| json!(ordered)).map_err(refused)
    })
    .await
}

/// What can't be done now, though what was asked for exists and is sound, is a conflict.
fn refused(error: OwnerError) -> Refused {
    match error {
        OwnerError::TooManyFaults(_) | OwnerError::Certificate(_) => Refused(StatusCode::CONFLICT, error.to_string()),
        error => error.into(),
    }
}

async fn list_all(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let faults = plane.core.faults_of(&id).map_err(Refused::from);
    reply(faults.map(|faults| json!({ "faults": faults })))
}

async fn remove_all(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    reply(plane.core.remove_faults(&id, None).map(removed).map_err(Refused::from))
}

async fn remove(State(plane): State<Plane>, Path((id, number)): Path<(String, String)>) -> Response<Body> {
    let Ok(wanted) = number.parse() else {
        return reply(Err(bad_request(format!("a fault has a number, not {number:?}"))));
    };
    let none = || Refused(StatusCode::NOT_FOUND, format!("the device {id:?} has no fault {wanted}"));
    let answer = match plane.core.remove_faults(&id, Some(wanted)) {
        Ok(0) => Err(none()),
        Ok(count) => Ok(removed(count)),
        Err(error) => Err(error.into()),
    };
    reply(answer)
}

fn removed(count: usize) -> Value {
    json!({ "removed": count })
}

async fn restart(State(plane): State<Plane>) -> Response<Body> {
    let closed = plane.core.restart_mqtt().await;
    reply(
        closed
            .map(|closed| json!({ "closed": closed }))
            .map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    )
}
