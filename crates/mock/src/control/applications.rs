//! `/_mock/applications`, `/_mock/grants`: who calls, and on whose behalf.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use axum::routing::{get, patch, post};
use serde::Deserialize;
use serde_json::json;

use super::{Plane, Refused, act, reply};
use crate::application::Access;
use crate::owner::{ApplicationChange, OwnerError};

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/applications", get(list).post(create))
        .route("/_mock/applications/{id}", patch(change).delete(remove))
        .route("/_mock/grants", post(grant).delete(revoke))
}

/// `curl {control}/_mock/applications`
///
/// Every application with its limits, how many devices it has, and whom it has authorised:
/// `{"applications": [{"id", "frozen", "licensed", …, "devices", "grants"}]}`. No secrets.
async fn list(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(json!({ "applications": plane.core.enter(|world| world.list_applications()) })))
}

/// `curl -X POST {control}/_mock/applications`
///
/// Adds an application and answers its `id` and `secret`, which are told this once. A body may limit
/// it from the start, as PATCH does later: `{"device_limit": 10}`.
async fn create(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |limits: ApplicationChange| {
        plane.core.enter(|world| {
            let credentials = world.create_application();
            world.change_application(&credentials.id, &limits)?;
            Ok::<_, OwnerError>(json!({ "id": credentials.id, "secret": credentials.secret }))
        })
    })
    .await
}

/// `curl -X PATCH -d '{"frozen": true}' {control}/_mock/applications/{id}`
///
/// Changes an application; what is absent stays, null lifts a limit. `frozen`: it may not log in.
/// `licensed`: the platform has a licence for its devices. `licences`, `device_limit`,
/// `non_secure_limit`, `frozen_device_limit`: how many devices. `group_limit`: how many groups.
/// `throttle`: how many calls in 60 s.
async fn change(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |change: ApplicationChange| {
        plane.core.enter(|world| world.change_application(&id, &change)).map(|()| json!({}))
    })
    .await
}

/// `curl -X DELETE {control}/_mock/applications/{id}`
///
/// Deletes an application with everything that belongs to it; the sessions of its devices end.
async fn remove(State(plane): State<Plane>, Path(id): Path<String>) -> Response<Body> {
    let deleted = plane.core.enter(|world| world.delete_application(&id)).map_err(Refused::from);
    reply(deleted.map(|()| json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    owner: String,
    to: String,
    #[serde(default = "yes")]
    edit: bool,
    #[serde(default = "yes")]
    read: bool,
}

const fn yes() -> bool {
    true
}

/// `curl -X POST -d '{"owner": "…", "to": "…", "edit": false}' {control}/_mock/grants`
///
/// Lets the application `to` act on what belongs to `owner`; an earlier grant is replaced. With
/// `"edit": false` it may read but change nothing; with `"read": false` it has a grant that permits
/// nothing at all.
async fn grant(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |grant: Grant| {
        let access = match (grant.read, grant.edit) {
            (false, _) => Access::Nothing,
            (true, false) => Access::Read,
            (true, true) => Access::Edit,
        };
        plane.core.enter(|world| world.grant(&grant.owner, &grant.to, access)).map(|()| json!({}))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    owner: String,
    to: String,
}

/// `curl -X DELETE -d '{"owner": "…", "to": "…"}' {control}/_mock/grants`
///
/// Takes a grant back.
async fn revoke(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |grant: Revoked| plane.core.enter(|world| world.revoke(&grant.owner, &grant.to)).map(|()| json!({})))
        .await
}
