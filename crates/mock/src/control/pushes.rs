//! Pushes: what waits, how the receivers answer, and whether failures are repeated.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Plane, Refused, act, reply};
use crate::receivers::PushRetries;

pub(super) fn routes() -> Router<Plane> {
    Router::new().route("/_mock/pushes", get(pushes).post(change_pushes))
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
