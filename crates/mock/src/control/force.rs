//! `/_mock/force`: answers by order.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{delete, post};
use iotdm_spec::Object;
use serde_json::json;

use super::{Plane, Refused, act, reply};
use crate::faults::ForceOrder;
use crate::owner;

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/force", post(force).get(list).delete(forget_all))
        .route("/_mock/force/{id}", delete(forget))
}

/// `curl -d '{"operation": "query_device", "http_status": 500, "code": "50252"}' {control}/_mock/force`
///
/// Answers the next call of an operation with this row of its table. `times`: the next so many calls, or
/// `"always"`; `application`: only those of this one. Answers the order with its `id`.
async fn force(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Object| {
        let order = ForceOrder::read(&wanted)?;
        let ordered = plane.core.enter(|world| world.force(order))?;
        Ok::<_, Refused>(json!(ordered))
    })
    .await
}

/// `curl {control}/_mock/force`
///
/// The ordered answers: those that stand, and the latest that were given; how often each was (`struck`).
async fn list(State(plane): State<Plane>) -> Response<Body> {
    let forced = plane.core.enter(|world| world.faults.forced());
    reply(Ok(json!({ "force": forced })))
}

/// `curl -X DELETE {control}/_mock/force/7`
///
/// Forgets this order.
async fn forget(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = owner::order_number(&id).and_then(|id| plane.core.enter(|world| world.remove_forced(id)));
    reply(removed.map(|()| json!({ "forgotten": 1 })).map_err(Refused::from))
}

/// `curl -X DELETE {control}/_mock/force`
///
/// Forgets the ordered answers that are left, and answers how many were `forgotten`.
async fn forget_all(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| world.faults.clear_forced());
    reply(Ok(json!({ "forgotten": forgotten })))
}
