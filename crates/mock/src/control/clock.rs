//! `/_mock/clock`: the platform's time; `/_mock/reset`: back to the start.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::route::{Routes, get, post};
use super::schema::{self, count, flag, may, need, object};
use super::{Plane, Refused, act, bad_request, reply};
use crate::core::Core;
use crate::owner::ClockChange;

pub(super) fn routes() -> Routes {
    let now = || object([need("now", schema::time()), need("frozen", flag())]);
    Routes::new()
        .on(get("/_mock/clock", "The platform's time, and whether it stands still.").answers(now()), clock)
        .on(
            post(
                "/_mock/clock",
                "Moves the platform's time forward: by `advance_seconds`, or to the time that `set` names. Everything \
                 that becomes due fires before the answer. `\"frozen\": true` stops it, false lets it run on. It is never \
                 set back: for that there is `/_mock/reset`.",
            )
            .wants(
                object([may("advance_seconds", count()), may("set", schema::time()), may("frozen", flag())]),
                r#"{"advance_seconds": 3600}"#,
            )
            .answers(now()),
            move_clock,
        )
        .on(
            post(
                "/_mock/reset",
                "Takes the platform back to its start: the same applications, products and ids, the clock as it was to \
                 begin with, no devices, no sessions, no ordered answers. The journal stays.",
            )
            .answers(now()),
            reset,
        )
}

fn time(core: &Core) -> Value {
    json!({ "now": core.now().to_string(), "frozen": core.is_frozen() })
}

async fn clock(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(time(&plane.core)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    advance_seconds: Option<u64>,
    set: Option<String>,
    frozen: Option<bool>,
}

async fn move_clock(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: ClockMove| {
        let change = ClockChange {
            frozen: wanted.frozen,
            set: wanted.set.map(|text| text.parse()).transpose().map_err(bad_request)?,
            advance: wanted.advance_seconds.map(Duration::from_secs),
        };
        plane.core.change_clock(&change)?;
        Ok::<_, Refused>(time(&plane.core))
    })
    .await
}

async fn reset(State(plane): State<Plane>) -> Response<Body> {
    plane.core.reset();
    reply(Ok(time(&plane.core)))
}
