//! The REST shell: axum in front of the gate. One handler serves every path, since the contract is
//! what routes; axum's own extractors, which would answer errors of their own, are not used.

mod line;
mod unsound;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use iotdm_spec::{Op, secrets, universal};

use self::line::Line;
pub(crate) use self::line::Lines;
use crate::core::Core;
use crate::faults::Delivery;
use crate::gate::{self, Incoming, Outgoing};
use crate::journal::{Call, Event, Headers};

/// The largest request body that is read.
const BODY_LIMIT: usize = 4 << 20;

/// No Content-Type of a known kind is longer, with the name of its character set.
const LONGEST_USUAL: usize = 50;

pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new().fallback(serve).with_state(core)
}

async fn serve(State(core): State<Arc<Core>>, request: Request<Body>) -> Response<Body> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    // What cannot be read whole is not JSON; the gate then answers as for any malformed body.
    let (body, unread) = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => (body, None),
        Err(e) => (Bytes::new(), Some(format!("the body was not read: {e}"))),
    };
    let headers = [HeaderName::from_static("app_key"), header::AUTHORIZATION, header::CONTENT_TYPE];
    let [app_key, authorization, content_type] = headers.map(|name| text(&parts.headers, &name));
    let incoming = Incoming {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        app_key: app_key.as_deref(),
        authorization: authorization.as_deref(),
        content_type: content_type.as_deref(),
        body: &body,
    };
    let read = began.elapsed();
    let incoming = Incoming { content_type: unless_token(&core, content_type.as_deref()), ..incoming };
    let reading = gate::read(&incoming);
    let (at, app_key, mut outgoing) = core.enter(|world| {
        // An application's id is no token: nobody need look.
        let is_token = |key: &str| world.applications.find(key).is_none() && world.applications.knows_token_in(key);
        let app_key = incoming.app_key.map(|key| if is_token(key) { secrets::MASK } else { key });
        let incoming = Incoming { app_key, ..incoming };
        let outgoing = gate::serve(world, &incoming, reading);
        (world.now, app_key, outgoing)
    });
    let incoming = Incoming { app_key, ..incoming };
    outgoing.finish();
    outgoing.notes.extend(unread);
    let took = Took { read, whole: began.elapsed() };
    let call = record(&incoming, &outgoing, &took);
    core.journal.add(at, Event::Call(call));
    if outgoing.delivery == Delivery::default() {
        return answer(outgoing);
    }
    deliver(outgoing, parts.extensions.get::<Line>()).await
}

/// The Content-Type, unless somebody has put a token there: it would stand in the journal. The usual ones
/// are known without a look.
fn unless_token<'a>(core: &Core, content_type: Option<&'a str>) -> Option<&'a str> {
    const USUAL: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];
    let given = content_type?;
    if given.len() <= LONGEST_USUAL && USUAL.iter().any(|usual| given.starts_with(usual)) {
        return Some(given);
    }
    let is_token = core.enter(|world| world.applications.knows_token_in(given));
    Some(if is_token { secrets::MASK } else { given })
}

/// Hands an answer over that a fault has struck. The world is long unlocked: nobody else waits.
async fn deliver(outgoing: Outgoing, line: Option<&Line>) -> Response<Body> {
    let Delivery { delay, untyped, wire } = outgoing.delivery.clone();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let body = outgoing.body.clone();
    let mut response = answer(outgoing);
    if untyped {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    let (Some(fault), Some(line)) = (wire, line) else { return response };
    match unsound::script(&fault, response.status(), response.headers(), &body) {
        Some(script) => {
            line.play(script).await;
            // It is swallowed: the script is what goes out.
            Response::new(Body::empty())
        }
        None => response,
    }
}

/// A header as text. One that is none is a wrong one, and not one that is absent.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    headers.get(name).map(|value| secrets::text_of(value.as_bytes()))
}

fn answer(outgoing: Outgoing) -> Response<Body> {
    let status = StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(outgoing.body));
    *response.status_mut() = status;
    // Every answer that may have a body says what it is, also an empty one.
    if status != StatusCode::NO_CONTENT {
        let value = HeaderValue::from_static(universal::CONTENT_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// How long a call took.
struct Took {
    read: Duration,
    whole: Duration,
}

fn record(incoming: &Incoming<'_>, outgoing: &Outgoing, took: &Took) -> Call {
    let table = outgoing.op.map(Op::table);
    // What the platform answers is searched for secrets only where its table has one, or where an address may
    // bring one along.
    let answer = if outgoing.op.is_none_or(secrets::carried_by) || outgoing.body.contains(&b'@') {
        secrets::mask_body(&outgoing.body)
    } else {
        secrets::text_of(&outgoing.body).into_owned()
    };
    let target = match incoming.query {
        "" => incoming.path.to_owned(),
        query => format!("{}?{}", incoming.path, secrets::mask_body(query.as_bytes())),
    };
    let (target, request, app_key, content_type) = (
        without_token(incoming, target),
        without_token(incoming, secrets::mask_body(incoming.body)),
        incoming.app_key.map(|text| without_token(incoming, text.to_owned())),
        incoming.content_type.map(|text| without_token(incoming, text.to_owned())),
    );
    Call {
        operation: table.map(|table| table.name),
        clause: table.map(|table| table.clause),
        application: outgoing.application.as_ref().map(|id| id.to_string()).or_else(|| app_key.clone()),
        headers: Headers { app_key, content_type, authorization: outgoing.authorization },
        method: incoming.method.to_owned(),
        target,
        status: outgoing.status,
        error_code: outgoing.refused.map(|row| row.code),
        refused: outgoing.refused.map(|row| row.name),
        ordered: outgoing.ordered,
        deviations: outgoing.deviations.clone(),
        notes: outgoing.notes.iter().map(|note| without_token(incoming, note.clone())).collect(),
        read_us: microseconds(took.read),
        latency_us: microseconds(took.whole.saturating_sub(took.read)),
        request,
        request_bytes: incoming.body.len(),
        answer,
        answer_bytes: outgoing.body.len(),
    }
}

fn microseconds(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// A token that stands in its header is a secret wherever else it stands, under whatever name.
fn without_token(incoming: &Incoming<'_>, text: String) -> String {
    const SHORTEST: usize = 8;
    let Some(header) = incoming.authorization.filter(|_| text.len() >= SHORTEST) else { return text };
    let tokens = header.split_whitespace().filter(|word| word.len() >= SHORTEST);
    tokens.fold(text, |text, token| if text.contains(token) { text.replace(token, secrets::MASK) } else { text })
}
