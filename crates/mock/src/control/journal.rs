//! `/_mock/journal`: what came over the wire.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::Response;
use serde_json::json;

use super::route::{Routes, get};
use super::schema::{count, list, need, object, time, word};
use super::{Plane, bad_request, reply};

/// The longest that a query of the journal waits for news.
const LONGEST_WAIT_MS: u64 = 30_000;

pub(super) fn routes() -> Routes {
    let kinds = word(&["call", "packet", "connect", "push", "note"]);
    let entry = object([need("seq", count()), need("at", time()), need("kind", kinds)]);
    Routes::new().on(
        get(
            "/_mock/journal",
            "The `entries` of the journal after the one with this number, all without `since`; with `wait_ms` it waits so \
             long for the first. `dropped` says how many older ones are gone.",
        )
        .asks(
            [
                ("since", count(), "The number of an entry: only those after it."),
                ("wait_ms", count(), "How long to wait for the first, at most 30000."),
            ],
            "?since=17&wait_ms=5",
        )
        .answers(object([need("entries", list(entry)), need("dropped", count())])),
        journal,
    )
}

async fn journal(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = query.unwrap_or_default();
    let item = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let since = match item("since").unwrap_or_else(|| "0".to_owned()).parse::<u64>() {
        Ok(since) => since,
        Err(e) => return reply(Err(bad_request(format!("since is the number of an entry: {e}")))),
    };
    let journal = &plane.core.journal;
    if let Some(wait) = item("wait_ms") {
        let Ok(wait) = wait.parse::<u64>() else {
            return reply(Err(bad_request("wait_ms is a number of milliseconds".to_owned())));
        };
        journal.grown_beyond(since, Duration::from_millis(wait.min(LONGEST_WAIT_MS))).await;
    }
    reply(Ok(json!({ "entries": journal.since(since), "dropped": journal.dropped() })))
}
