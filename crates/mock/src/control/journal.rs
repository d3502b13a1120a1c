//! `/_mock/journal`: what came over the wire, and what was wrong with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{Plane, Refused, bad_request, reply};
use crate::deviation::DeviationKind;
use crate::journal::filter::known;
use crate::journal::{Entry, EventKind, Journal, JournalFilter};

/// The longest that a query of the journal waits for news.
const LONGEST_WAIT_MS: u64 = 30_000;
/// What a query may hold.
const CRITERIA: [&str; 14] = [
    "operation",
    "clause",
    "application",
    "device",
    "kind",
    "status",
    "deviating",
    "deviation",
    "requirement",
    "since",
    "from",
    "to",
    "limit",
    "wait_ms",
];

pub(super) fn routes() -> Router<Plane> {
    Router::new()
        .route("/_mock/journal", get(journal).delete(clear))
        .route("/_mock/journal/count", get(count))
        .route("/_mock/journal.har", get(har))
}

/// The `entries` that meet every criterion, oldest first:
///
/// ```text
/// curl '{control}/_mock/journal?since=17&wait_ms=5000'
/// curl '{control}/_mock/journal?operation=register_by_password&status=200'
/// curl '{control}/_mock/journal?clause=1.9.7&application=A&device=D&from=20200214T080000Z&to=20200214T090000Z'
/// curl '{control}/_mock/journal?kind=call&deviating=true&limit=20'
/// curl '{control}/_mock/journal?deviation=stringly_number&requirement=1.5.2/req/mqttConnect'
/// ```
///
/// `operation` is also the name of a notification; `device` finds calls with the id in path, query, body
/// or answer, the packets of its sessions and the pushes about it; `kind` is `call`, `packet`, `connect`,
/// `push` or `note`; `since` is the number of an entry, `limit` keeps the first ones after it, or without
/// it the last ones. With `wait_ms` it waits so long for the first. `dropped` says how many entries are
/// gone to keep the journal within its limits, `droppedByKind` of which kinds.
async fn journal(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let wanted = match read(&query.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let journal = &plane.core.journal;
    let found = found(journal, &wanted).await;
    let entries: Vec<&Entry> = found.iter().map(AsRef::as_ref).collect();
    reply(Ok(told(journal, "entries", json!(entries))))
}

/// How many entries meet every criterion; the criteria are those of `/_mock/journal`:
///
/// ```text
/// curl '{control}/_mock/journal/count?operation=send_command&device=D&status=202'
/// ```
async fn count(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    let wanted = match read(&query.unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(refused) => return reply(Err(refused)),
    };
    let journal = &plane.core.journal;
    let count = found(journal, &wanted).await.len();
    reply(Ok(told(journal, "count", json!(count))))
}

/// The calls and pushes that meet every criterion, as an HTTP Archive (HAR 1.2) for browsers and other
/// tools; the criteria are those of `/_mock/journal`:
///
/// ```text
/// curl -o iotdm.har '{control}/_mock/journal.har?application=A&deviating=true'
/// ```
async fn har(State(plane): State<Plane>, RawQuery(query): RawQuery) -> Response<Body> {
    reply(read(&query.unwrap_or_default()).map(|wanted| plane.core.journal.har(&wanted.filter)))
}

/// Forgets every entry, and how many were dropped; the numbers go on:
///
/// ```text
/// curl -X DELETE {control}/_mock/journal
/// ```
async fn clear(State(plane): State<Plane>) -> Response<Body> {
    plane.core.journal.clear();
    reply(Ok(json!({})))
}

fn told(journal: &Journal, name: &str, what: Value) -> Value {
    let dropped = journal.dropped_by_kind();
    json!({ name: what, "dropped": dropped.total(), "droppedByKind": dropped })
}

/// What is wanted, waiting for the first that is.
async fn found(journal: &Journal, wanted: &Wanted) -> Vec<Arc<Entry>> {
    let until = Instant::now() + wanted.wait;
    loop {
        // Read before the look, so that what comes after it wakes us.
        let last = journal.last();
        let found = journal.select(&wanted.filter);
        let left = until.saturating_duration_since(Instant::now());
        if !found.is_empty() || left.is_zero() {
            return found;
        }
        journal.grown_beyond(last, left).await;
    }
}

struct Wanted {
    filter: JournalFilter,
    wait: Duration,
}

fn read(query: &str) -> Result<Wanted, Refused> {
    let mut wanted = Wanted { filter: JournalFilter::default(), wait: Duration::ZERO };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        criterion(&mut wanted, &name, value.into_owned())?;
    }
    wanted.filter.check().map_err(bad_request)?;
    Ok(wanted)
}

fn criterion(wanted: &mut Wanted, name: &str, value: String) -> Result<(), Refused> {
    let filter = &mut wanted.filter;
    match name {
        "operation" => filter.operation = Some(value),
        "clause" => filter.clause = Some(value),
        "application" => filter.application = Some(value),
        "device" => filter.device = Some(value),
        "kind" => filter.kind = Some(one_of(name, &value, &EventKind::ALL, |kind| kind.as_str())?),
        "status" => {
            let status = u16::try_from(number(name, &value)?).ok().filter(|status| (100..600).contains(status));
            filter.status =
                Some(status.ok_or_else(|| bad_request(format!("status is an HTTP status, not {value:?}")))?);
        }
        "deviating" => filter.deviating = Some(one_of(name, &value, &[true, false], |flag| flag_name(*flag))?),
        "deviation" => filter.deviation = Some(one_of(name, &value, DeviationKind::ALL, |kind| kind.as_str())?),
        "requirement" => filter.requirement = Some(value),
        "since" => filter.since = number(name, &value)?,
        "from" => filter.from = Some(value.parse().map_err(|e| bad_request(format!("from: {e}")))?),
        "to" => filter.to = Some(value.parse().map_err(|e| bad_request(format!("to: {e}")))?),
        "limit" => filter.limit = Some(usize::try_from(number(name, &value)?).unwrap_or(usize::MAX)),
        "wait_ms" => wanted.wait = Duration::from_millis(number(name, &value)?.min(LONGEST_WAIT_MS)),
        other => known("criterion", Some(other), CRITERIA.to_vec()).map_err(bad_request)?,
    }
    Ok(())
}

const fn flag_name(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn number(name: &str, value: &str) -> Result<u64, Refused> {
    value.parse().map_err(|_| bad_request(format!("{name} is a number, not {value:?}")))
}

fn one_of<T: Copy>(name: &str, value: &str, all: &[T], name_of: impl Fn(&T) -> &'static str) -> Result<T, Refused> {
    known(name, Some(value), all.iter().map(&name_of).collect()).map_err(bad_request)?;
    let found = all.iter().find(|one| name_of(one) == value).copied();
    found.ok_or_else(|| bad_request(format!("there is no {name} {value:?}")))
}
