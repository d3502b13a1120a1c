//! `/_mock/force`: answers by order.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use iotdm_spec::Object;
use serde_json::json;

use super::route::{Routes, delete, get, post};
use super::schema::{and, count, list, may, need, object, or_null, text, times};
use super::{Plane, Refused, act, reply};
use crate::faults::ForceOrder;
use crate::owner;

pub(super) fn routes() -> Routes {
    let row = || object([need("operation", text()), need("http_status", count()), need("code", text())]);
    let wanted = and(row(), &object([may("times", times()), may("application", text())]));
    let more = object([
        need("id", count()),
        need("times", times()),
        need("application", or_null(text())),
        need("struck", count()),
    ]);
    let forgotten = || object([need("forgotten", count())]);
    Routes::new()
        .on(
            get(
                "/_mock/force",
                "The ordered answers: those that stand, and the latest that were given; how often each was (`struck`).",
            )
            .answers(object([need("force", list(and(row(), &more)))])),
            list_all,
        )
        .on(
            post(
                "/_mock/force",
                "Answers the next call of an operation with this row of its table. `times`: the next so many calls, or \
                 `always`; `application`: only those of this one. Answers the order with its `id`.",
            )
            .wants(wanted, r#"{"operation": "query_device", "http_status": 500, "code": "50252"}"#)
            .answers(and(row(), &more)),
            force,
        )
        .on(
            delete("/_mock/force", "Forgets the ordered answers that are left, and answers how many were `forgotten`.")
                .answers(forgotten()),
            forget_all,
        )
        .on(delete("/_mock/force/{id}", "Forgets an ordered answer.").answers(forgotten()), forget)
}

async fn force(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Object| {
        let order = ForceOrder::read(&wanted)?;
        let ordered = plane.core.enter(|world| world.force(order))?;
        Ok::<_, Refused>(json!(ordered))
    })
    .await
}

async fn list_all(State(plane): State<Plane>) -> Response<Body> {
    let forced = plane.core.enter(|world| world.faults.forced());
    reply(Ok(json!({ "force": forced })))
}

async fn forget(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = owner::order_number(&id).and_then(|id| plane.core.enter(|world| world.remove_forced(id)));
    reply(removed.map(|()| json!({ "forgotten": 1 })).map_err(Refused::from))
}

async fn forget_all(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| world.faults.clear_forced());
    reply(Ok(json!({ "forgotten": forgotten })))
}
