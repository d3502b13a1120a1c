//! `/_mock/clock`: the platform's time.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Plane, Reply, act, bad_request, reply};
use crate::clock::Moment;
use crate::core::Core;

/// The longest span that the clock is moved by at once: a hundred years.
const MOST_SECONDS: u64 = 100 * 366 * 24 * 3600;

pub(super) fn routes() -> Router<Plane> {
    Router::new().route("/_mock/clock", get(clock).post(move_clock))
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
    act(request, |wanted: ClockMove| apply_clock(&plane.core, &wanted)).await
}

fn apply_clock(core: &Core, wanted: &ClockMove) -> Reply {
    if let Some(frozen) = wanted.frozen {
        core.freeze(frozen);
    }
    if let Some(text) = &wanted.set {
        let to: Moment = text.parse().map_err(bad_request)?;
        let now = core.now();
        if to < now {
            return Err(bad_request(format!("the clock only moves forward; it is {now}")));
        }
        core.advance(to.since(now));
    }
    if let Some(seconds) = wanted.advance_seconds {
        if seconds > MOST_SECONDS {
            return Err(bad_request(format!("at most {MOST_SECONDS} seconds at once")));
        }
        core.advance(Duration::from_secs(seconds));
    }
    Ok(time(core))
}
