//! `/_mock/faults`: what goes wrong by order.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{delete, post};
use iotdm_spec::Object;
use serde_json::json;

use super::{Plane, Refused, act, reply};
use crate::faults::RestFaultOrder;
use crate::owner;

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/faults", post(order).get(list).delete(forget_all))
        .route("/_mock/faults/{id}", delete(forget))
}

/// `curl -d '{"operation": "query_device", "fault": "latency", "ms": 200, "times": 3}' {control}/_mock/faults`
///
/// Strikes the next calls of an operation (`*` or none: of every one) with a fault. `times`: so many
/// calls, or `"always"`; by default one, for `throttle` always. `application`: only those of this one.
/// A call is only struck that has what the fault breaks. Answers the order with its `id`.
///
/// The faults and their members ([`crate::Fault`] says what each does):
///
/// ```text
/// {"fault": "latency", "ms": 200}                     {"fault": "jitter", "min_ms": 50, "max_ms": 400}
/// {"fault": "connection_reset"}                       {"fault": "close_in_headers"}
/// {"fault": "close_in_body"}                          {"fault": "truncated_json"}
/// {"fault": "malformed_json"}                         {"fault": "content_length_too_large", "hold_ms": 10000}
/// {"fault": "content_length_too_small"}               {"fault": "slow_drip", "bytes": 5, "ms": 20}
/// {"fault": "chunked", "bytes": 7}                    {"fault": "extra_members"}
/// {"fault": "null_members"}                           {"fault": "no_content_type"}
/// {"fault": "gateway_error"}                          {"fault": "congestion"}
/// {"fault": "throttle", "calls": 10, "seconds": 60}   {"fault": "token_dies", "calls": 5}
/// ```
async fn order(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Object| {
        let order = RestFaultOrder::read(&wanted)?;
        let ordered = plane.core.enter(|world| world.order_rest_fault(order))?;
        Ok::<_, Refused>(json!(ordered))
    })
    .await
}

/// `curl {control}/_mock/faults`
///
/// The ordered faults: those that stand, and the latest that are carried out; how often each has
/// `struck`.
async fn list(State(plane): State<Plane>) -> Response<Body> {
    let faults = plane.core.enter(|world| world.faults.faults());
    reply(Ok(json!({ "faults": faults })))
}

/// `curl -X DELETE {control}/_mock/faults/7`
///
/// Removes this order.
async fn forget(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = owner::order_number(&id).and_then(|id| plane.core.enter(|world| world.remove_rest_fault(id)));
    reply(removed.map(|()| json!({ "removed": 1 })).map_err(Refused::from))
}

/// `curl -X DELETE {control}/_mock/faults`
///
/// Removes every fault, and answers how many still stood (`removed`).
async fn forget_all(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| world.faults.clear_faults());
    reply(Ok(json!({ "removed": forgotten })))
}
