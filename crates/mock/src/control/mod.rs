//! The control plane under `/_mock/`: what a platform's owner can do, over plain HTTP on loopback.
//!
//! It is our own interface, not the reference's: its errors are `{"error": "in words"}`. Every route says
//! in its module's `routes` what it does, takes and answers; `GET /_mock/openapi.json` is made of that.

mod applications;
mod clock;
mod device_faults;
mod devices;
mod document;
mod faults;
mod force;
pub(crate) mod guard;
mod journal;
mod lora;
mod operations;
mod packages;
mod packets;
mod page;
mod products;
mod pushes;
mod route;
mod rules;
mod schema;
mod simulated;
mod state;
mod strict;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use guard::Guard;
use route::{Routes, Told, get};
use schema::{count, map, need, object, text};

use crate::core::Core;
use crate::faults::Wrong;
use crate::mqtt::door::DoorHandle;
use crate::owner::OwnerError;
use crate::platform::Facts;

/// The largest body of a control request.
const BODY_LIMIT: usize = 1 << 20;

#[derive(Clone)]
struct Plane {
    core: Arc<Core>,
    facts: Arc<Facts>,
    document: Arc<Value>,
}

type Reply = Result<Value, Refused>;

/// A refusal of the control plane.
struct Refused(StatusCode, String);

fn bad_request(reason: String) -> Refused {
    Refused(StatusCode::BAD_REQUEST, reason)
}

impl From<OwnerError> for Refused {
    fn from(error: OwnerError) -> Self {
        let status = match &error {
            OwnerError::BadPackage(_) | OwnerError::BadOrder(_) | OwnerError::BadNodeId(_) => StatusCode::BAD_REQUEST,
            OwnerError::NotPlayed(why) => simulated::status(why),
            OwnerError::ClockGoesForward { .. }
            | OwnerError::ClockMoveTooLong(_)
            | OwnerError::Profile(_)
            | OwnerError::Rule(_)
            | OwnerError::NotEncodable(_) => StatusCode::BAD_REQUEST,
            OwnerError::SeriesInUse { .. } | OwnerError::NodeIdInUse(_) => StatusCode::CONFLICT,
            _ => StatusCode::NOT_FOUND,
        };
        Self(status, error.to_string())
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        match wrong.error {
            Some(error) => Self::from(*error),
            None => bad_request(wrong.to_string()),
        }
    }
}

/// Every route, with what is told of it.
fn routes() -> Routes {
    let about_it = object([
        need("base_url", text()),
        need("mqtts", text()),
        need("product", text()),
        need("application", text()),
        need("devices", count()),
        need("sessions", count()),
        need("journal_dropped", count()),
    ]);
    Routes::new()
        .on(
            get(
                "/_mock/",
                "Where the platform is, what it starts with, and how much there is of everything; for browsers, a page \
                 that shows it.",
            )
            .answers(about_it)
            .or_answers("text/html", "The same as JSON, or a page for people if the request accepts `text/html`."),
            about,
        )
        .on(get("/_mock/openapi.json", "This document.").answers(map()), openapi)
        .merge(applications::routes())
        .merge(clock::routes())
        .merge(device_faults::routes())
        .merge(devices::routes())
        .merge(faults::routes())
        .merge(force::routes())
        .merge(journal::routes())
        .merge(packets::routes())
        .merge(pushes::routes())
        .merge(packages::routes())
        .merge(simulated::routes())
        .merge(lora::routes())
        .merge(operations::routes())
        .merge(state::routes())
        .merge(products::routes())
        .merge(rules::routes())
}

pub(crate) fn router(core: Arc<Core>, facts: Arc<Facts>, guard: Guard) -> Router {
    let (router, told) = routes().split();
    let document = Arc::new(document::document(&told));
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::guard))
        .with_state(Plane { core, facts, document })
}

/// The control plane as an OpenAPI 3.1 document, as `GET /_mock/openapi.json` answers it.
#[must_use]
pub fn control_document() -> Value {
    let told: Vec<Told> = routes().split().1;
    document::document(&told)
}

fn reply(reply: Reply) -> Response<Body> {
    let (status, body) = match reply {
        Ok(body) => (StatusCode::OK, body),
        Err(Refused(status, reason)) => (status, json!({ "error": reason })),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Refused> {
    let body = body(request, BODY_LIMIT).await?;
    // Whoever wants the defaults need not write them down.
    let body = if body.is_empty() { &b"{}"[..] } else { &body };
    let value: Value = serde_json::from_slice(body).map_err(|e| bad_request(format!("the body is no JSON: {e}")))?;
    // The reader would take a list for an object, member by member.
    if !value.is_object() {
        return Err(bad_request(format!("the body is a JSON object here, not {}", kind_of(&value))));
    }
    strict::read(value).map_err(|e| bad_request(format!("the body is not what is wanted here: {}", in_words(&e))))
}

/// The body of a request, if it is not too long.
async fn body(request: Request<Body>, limit: usize) -> Result<Bytes, Refused> {
    use axum::body::HttpBody as _;
    let too_long = || {
        let reason = format!("the body is longer than {} MB, the most that is read here", limit >> 20);
        Refused(StatusCode::PAYLOAD_TOO_LARGE, reason)
    };
    if request.body().size_hint().lower() > limit as u64 {
        return Err(too_long());
    }
    to_bytes(request.into_body(), limit).await.map_err(|e| {
        // The library's error for this has no name here, but a text.
        if e.to_string().contains("length limit") {
            too_long()
        } else {
            bad_request(format!("the body was not read: {e}"))
        }
    })
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What a JSON reader says, without the words of the language that it is written in.
fn in_words(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = text.find("expected struct ").or_else(|| text.find("expected internally tagged enum ")) {
        text.truncate(at);
        text.push_str("expected an object");
    }
    let numbers = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64"];
    if let Some((before, wanted)) = text.rsplit_once("expected ")
        && numbers.contains(&wanted)
    {
        let sign = if wanted.starts_with('u') { "a whole number from 0" } else { "a whole number" };
        text = format!("{before}expected {sign}");
    }
    let words = [
        ("invalid type: ", ""),
        ("invalid value: ", ""),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected an object"),
        ("unknown field", "unknown member"),
        ("missing field", "missing member"),
        ("unknown variant", "unknown word"),
        ("sequence, ", "a list, "),
        ("map, ", "an object, "),
    ];
    words.into_iter().fold(text, |text, (theirs, ours)| text.replacen(theirs, ours, 1))
}

async fn unknown(request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    reply(Err(Refused(StatusCode::NOT_FOUND, format!("the control plane has no path {path:?}"))))
}

async fn wrong_method(request: Request<Body>) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    let reason = format!("{path:?} does not take {method}: GET /_mock/openapi.json says what it takes");
    reply(Err(Refused(StatusCode::METHOD_NOT_ALLOWED, reason)))
}

async fn openapi(State(plane): State<Plane>) -> Response<Body> {
    reply(Ok(Value::clone(&plane.document)))
}

async fn about(State(plane): State<Plane>, headers: HeaderMap) -> Response<Body> {
    if page::wants_page(&headers) {
        return page::page();
    }
    let facts = &plane.facts;
    let named = plane.core.enter(|world| world.furnished.clone());
    let mut answer = reply(Ok(json!({
        "base_url": facts.base_url,
        "mqtts": facts.mqtts,
        "product": named.as_ref().map_or(&facts.product, |named| &named.product),
        "application": named.as_ref().map_or(&facts.application, |named| &named.application.id),
        "devices": plane.core.enter(|world| world.devices.len()),
        "sessions": plane.core.door.get().map_or(0, DoorHandle::sessions),
        "journal_dropped": plane.core.journal.dropped(),
    })));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    answer
}

/// Reads the body of a request, acts on it, and answers in words if either fails.
async fn act<T, E>(request: Request<Body>, act: impl FnOnce(T) -> Result<Value, E>) -> Response<Body>
where
    T: DeserializeOwned,
    Refused: From<E>,
{
    reply(match read::<T>(request).await {
        Ok(wanted) => act(wanted).map_err(Refused::from),
        Err(refused) => Err(refused),
    })
}
