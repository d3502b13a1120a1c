//! Pushes: what waits, how the receivers answer, and whether failures are repeated.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::route::{Routes, get, post};
use super::schema::{count, done, flag, list, need, object, or_null, text, time, word};
use super::{Plane, Refused, act, reply};
use crate::receivers::PushRetries;

pub(super) fn routes() -> Routes {
    let retries = || word(&["none", "faq"]);
    let receiver = object([
        need("url", text()),
        need("waiting", count()),
        need("in_flight", count()),
        need("cached", count()),
        need("failures", count()),
        need("invalid", flag()),
        need("next_probe", or_null(time())),
        need("dropped", count()),
    ]);
    Routes::new()
        .on(
            get("/_mock/pushes", "What waits to be pushed, and how the receivers answer.").answers(object([
                need("retries", retries()),
                need("waiting", count()),
                need("in_flight", count()),
                need("bytes", count()),
                need("dropped", count()),
                need("receivers", list(receiver)),
            ])),
            pushes,
        )
        .on(
            post(
                "/_mock/pushes",
                "Chooses whether pushes that fail are tried again: `none`, or `faq` for ten minutes, as the vendor's FAQ \
                 has it.",
            )
            .wants(object([need("retries", retries())]), r#"{"retries": "faq"}"#)
            .answers(done()),
            change_pushes,
        )
}

async fn pushes(State(plane): State<Plane>) -> Response<Body> {
    let state = plane.core.enter(|world| world.receivers.state());
    reply(Ok(json!(state)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    retries: PushRetries,
}

async fn change_pushes(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |change: Change| {
        plane.core.enter(|world| world.retry_pushes(change.retries));
        Ok::<Value, Refused>(json!({}))
    })
    .await
}
