//! `/_mock/applications`, `/_mock/grants`: who calls, and on whose behalf.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{patch, post};
use serde::Deserialize;
use serde_json::json;

use super::{Plane, act};
use crate::owner::ApplicationChange;

pub(super) fn routes() -> Router<Plane> {
    Router::new().route("/_mock/applications/{id}", patch(change_application)).route("/_mock/grants", post(grant))
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
    act(request, |c: Change| {
        let change = ApplicationChange {
            frozen: c.frozen,
            licensed: c.licensed,
            device_limit: c.device_limit,
            group_limit: c.group_limit,
            throttle: c.throttle,
        };
        plane.core.enter(|world| world.change_application(&id, &change)).map(|()| json!({}))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    owner: String,
    to: String,
}

async fn grant(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |grant: Grant| plane.core.enter(|world| world.grant(&grant.owner, &grant.to)).map(|()| json!({})))
        .await
}
