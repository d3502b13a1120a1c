//! `/_mock/force`: answers by order.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use serde::Deserialize;
use serde_json::json;

use super::route::{Routes, delete, post};
use super::schema::{count, done, may, need, object, text};
use super::{Plane, act, reply};
use crate::owner::{self, OwnerError};

pub(super) fn routes() -> Routes {
    Routes::new()
        .on(
            post(
                "/_mock/force",
                "Answers the next call of an operation with this row of its table. `times`: the next so many calls; \
                 `application`: only those of this one.",
            )
            .wants(
                object([
                    need("operation", text()),
                    need("http_status", count()),
                    need("code", text()),
                    may("times", count()),
                    may("application", text()),
                ]),
                r#"{"operation": "query_device", "http_status": 500, "code": "50252"}"#,
            )
            .answers(done()),
            force,
        )
        .on(
            delete("/_mock/force", "Forgets the ordered answers that are left, and answers how many were `forgotten`.")
                .answers(object([need("forgotten", count())])),
            forget_forced,
        )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Force {
    operation: String,
    http_status: u16,
    code: String,
    #[serde(default = "once")]
    times: u32,
    application: Option<String>,
}

const fn once() -> u32 {
    1
}

async fn force(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Force| {
        let op = owner::operation(&wanted.operation)?;
        let row = owner::row(op, wanted.http_status, &wanted.code)?;
        plane.core.enter(|world| world.force(op, row, wanted.application, wanted.times));
        Ok::<_, OwnerError>(json!({}))
    })
    .await
}

async fn forget_forced(State(plane): State<Plane>) -> Response<Body> {
    let forgotten = plane.core.enter(|world| std::mem::take(&mut world.forced).len());
    reply(Ok(json!({ "forgotten": forgotten })))
}
