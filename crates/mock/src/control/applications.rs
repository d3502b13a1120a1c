//! `/_mock/applications`, `/_mock/grants`: who calls, and on whose behalf.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::route::{Routes, delete, get, patch, post};
use super::schema::{and, count, done, flag, list, may, need, object, or_null, text};
use super::{Plane, Refused, act, reply};
use crate::application::Access;
use crate::owner::{ApplicationChange, OwnerError};

/// What a change of an application holds; null lifts a limit.
fn limits() -> Value {
    let limit = || or_null(count());
    object([
        may("frozen", flag()),
        may("licensed", flag()),
        may("licences", limit()),
        may("device_limit", limit()),
        may("non_secure_limit", limit()),
        may("frozen_device_limit", limit()),
        may("group_limit", limit()),
        may("throttle", limit()),
    ])
}

pub(super) fn routes() -> Routes {
    let own = object([need("id", text()), need("devices", count()), need("grants", list(text()))]);
    let grant = || object([need("owner", text()), need("to", text())]);
    Routes::new()
        .on(
            get(
                "/_mock/applications",
                "Every application with its limits, how many devices it has, and whom it has authorised. No secrets.",
            )
            .answers(object([need("applications", list(and(own, &limits())))])),
            list_all,
        )
        .on(
            post(
                "/_mock/applications",
                "Adds an application and answers its id and secret, which are told this once. A body may limit it from \
                 the start, as PATCH does later.",
            )
            .wants(limits(), r#"{"device_limit": 10}"#)
            .answers(object([need("id", text()), need("secret", text())])),
            create,
        )
        .on(
            patch(
                "/_mock/applications/{id}",
                "Changes an application; what is absent stays, null lifts a limit. `frozen`: it may not log in. \
                 `licensed`: the platform has a licence for its devices. `licences`, `device_limit`, \
                 `non_secure_limit`, `frozen_device_limit`: how many devices. `group_limit`: how many groups. \
                 `throttle`: how many calls in 60 s.",
            )
            .wants(limits(), r#"{"frozen": true}"#)
            .answers(done()),
            change,
        )
        .on(
            delete(
                "/_mock/applications/{id}",
                "Deletes an application with everything that belongs to it; the sessions of its devices end.",
            )
            .answers(done()),
            remove,
        )
        .on(
            post(
                "/_mock/grants",
                "Lets the application `to` act on what belongs to `owner`; an earlier grant is replaced. With `\"edit\": \
                 false` it may read but change nothing; with `\"read\": false` it has a grant that permits nothing at \
                 all.",
            )
            .wants(
                and(grant(), &object([may("edit", flag()), may("read", flag())])),
                r#"{"owner": "$OWNER", "to": "$TO", "edit": false}"#,
            )
            .answers(done()),
            grant_access,
        )
        .on(
            delete("/_mock/grants", "Takes a grant back.")
                .wants(grant(), r#"{"owner": "$OWNER", "to": "$TO"}"#)
                .answers(done()),
            revoke,
        )
}

async fn list_all(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(json!({ "applications": plane.core.enter(|world| world.list_applications()) })))
}

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

async fn change(State(plane): State<Plane>, Path(id): Path<String>, request: Request<Body>) -> Response<Body> {
    act(request, |change: ApplicationChange| {
        plane.core.enter(|world| world.change_application(&id, &change)).map(|()| json!({}))
    })
    .await
}

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

async fn grant_access(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
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

async fn revoke(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |grant: Revoked| plane.core.enter(|world| world.revoke(&grant.owner, &grant.to)).map(|()| json!({})))
        .await
}
