//! `/_mock/devices/{id}/faults` and `/_mock/mqtt/restart`: what goes wrong on the wire of a device.
//! The requests and what comes of them stand in [`crate::mqtt::faults`].

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};
use axum::routing::{delete, get, post};
use iotdm_spec::Object;
use serde_json::{Value, json};

use super::{Plane, Refused, act, bad_request, reply};
use crate::mqtt::faults::FaultOrder;
use crate::owner::OwnerError;

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/devices/{id}/faults", get(list).post(order).delete(remove_all))
        .route("/_mock/devices/{id}/faults/{number}", delete(remove))
        .route("/_mock/mqtt/restart", post(restart))
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

async fn list(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
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
