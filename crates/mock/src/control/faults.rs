//! `/_mock/faults`: what goes wrong by order.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use iotdm_spec::Object;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, post};
use super::schema::{and, any, count, exactly, list, may, need, object, or_null, text, times};
use super::{Plane, Refused, act, reply};
use crate::faults::RestFaultOrder;
use crate::owner;

/// What may stand in an order of each fault; [`RestFault`] says what each does.
///
/// [`RestFault`]: crate::faults::RestFault
fn faults() -> Value {
    let plain = |name| object([need("fault", exactly(name))]);
    any([
        object([need("fault", exactly("latency")), need("ms", count())]),
        object([need("fault", exactly("jitter")), need("min_ms", count()), need("max_ms", count())]),
        plain("connection_reset"),
        plain("close_in_headers"),
        plain("close_in_body"),
        plain("truncated_json"),
        plain("malformed_json"),
        object([need("fault", exactly("content_length_too_large")), may("hold_ms", count())]),
        plain("content_length_too_small"),
        object([need("fault", exactly("slow_drip")), need("bytes", count()), need("ms", count())]),
        object([need("fault", exactly("chunked")), may("bytes", count())]),
        plain("extra_members"),
        plain("null_members"),
        plain("no_content_type"),
        plain("gateway_error"),
        plain("congestion"),
        object([need("fault", exactly("throttle")), need("calls", count()), need("seconds", count())]),
        object([need("fault", exactly("token_dies")), need("calls", count())]),
    ])
}

pub(super) fn routes() -> Routes {
    let wanted = and(faults(), &object([may("operation", text()), may("times", times()), may("application", text())]));
    let ordered = || {
        and(
            faults(),
            &object([
                need("id", count()),
                need("operation", text()),
                need("times", times()),
                need("application", or_null(text())),
                need("struck", count()),
            ]),
        )
    };
    let removed = || object([need("removed", count())]);
    Routes::new()
        .on(
            get(
                "/_mock/faults",
                "The ordered faults: those that stand, and the latest that are carried out; how often each has `struck`.",
            )
            .answers(object([need("faults", list(ordered()))])),
            list_all,
        )
        .on(
            post(
                "/_mock/faults",
                "Strikes the next calls of an operation (`*` or none: of every one) with a fault. `times`: so many calls, or \
                 `always`; by default one, for `throttle` always. `application`: only those of this one. A call is only \
                 struck that has what the fault breaks. Answers the order with its `id`.",
            )
            .wants(wanted, r#"{"operation": "query_device", "fault": "latency", "ms": 200, "times": 3}"#)
            .answers(ordered()),
            order,
        )
        .on(
            delete("/_mock/faults", "Removes every fault, and answers how many still stood.").answers(removed()),
            forget_all,
        )
        .on(delete("/_mock/faults/{id}", "Removes an ordered fault.").answers(removed()), forget)
}

async fn order(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Object| {
        let order = RestFaultOrder::read(&wanted)?;
        let ordered = plane.core.enter(|world| world.order_rest_fault(order))?;
        Ok::<_, Refused>(json!(ordered))
    })
    .await
}

async fn list_all(State(plane): State<Plane>) -> Response<Body> {
    let faults = plane.core.enter(|world| world.faults.faults());
    reply(Ok(json!({ "faults": faults })))
}

async fn forget(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let removed = owner::order_number(&id).and_then(|id| plane.core.enter(|world| world.remove_rest_fault(id)));
    reply(removed.map(|()| json!({ "removed": 1 })).map_err(Refused::from))
}

async fn forget_all(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| world.faults.clear_faults());
    reply(Ok(json!({ "removed": forgotten })))
}
