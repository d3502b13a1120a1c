//! REST calls on their way, and the control plane's, which share the address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use iotdm_spec::Op;
use iotdm_spec::model::{Field, Kind, Method, Operation, Place, Presence};
use iotdm_spec::route::{Route, find};
use iotdm_spec::sample::fullest;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::faults::{Fault, RestFault, Stretch};
use super::{Shared, push};

/// What tokens look like under [`Stretch::Tokens`]: they are the platform's own otherwise.
const TOKEN_HEAD: &str = "eyJ0.";
const TOKEN_TAIL: &str = ".~_-";

/// What was answered first, by application and URL.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<HashMap<String, Answer>>);

impl Memory {
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn first(&self, key: String, answer: &Answer) -> Answer {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert_with(|| answer.clone()).clone()
    }
}

/// A call as it came.
struct Asked {
    method: String,
    /// Path and query.
    uri: String,
    headers: HeaderMap,
    body: String,
    op: Option<Op>,
}

/// An answer as it goes back.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    content_type: Option<String>,
    text: String,
}

impl Answer {
    fn json(status: u16, body: &Value) -> Self {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        Self { status, content_type: Some("application/json; charset=UTF-8".to_owned()), text }
    }

    fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    fn is_refusal(&self) -> bool {
        self.body().get("error_code").is_some()
    }
}

pub(crate) fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new().fallback(handle).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 22).await.unwrap_or_default();
    let uri = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let op = match find(parts.method.as_str(), parts.uri.path()) {
        Route::Found { op, .. } => Some(op),
        _ => None,
    };
    let mut asked = Asked {
        method: parts.method.to_string(),
        uri: push::lead_past(&shared, uri),
        headers: parts.headers,
        body: push::lead_past(&shared, &String::from_utf8_lossy(&bytes)),
        op,
    };
    let answer = exchange(&shared, &mut asked).await;
    let mut response = Response::new(Body::from(push::lead_back(&shared, &answer.text)));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("a status");
    if let Some(content_type) = answer.content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().expect("a Content-Type"));
    }
    response
}

async fn exchange(shared: &Shared, asked: &mut Asked) -> Answer {
    let fault = shared.fault();
    let Some(table) = asked.op.map(Op::table) else {
        let is_clock = asked.uri.starts_with("/_mock/clock") && asked.method != "GET";
        return match fault {
            Fault::DeadClock if is_clock => Answer::json(200, &json!({"now": "20200101T000000Z"})),
            _ => forward(shared, asked).await,
        };
    };
    push::remember(shared, asked.op, &asked.body);
    match fault {
        Fault::Rest(fault) if shared.concerns(table.clause) => spoil(shared, table, asked, fault).await,
        Fault::Stretch(stretch) => varied(shared, table, asked, stretch).await,
        _ => forward(shared, asked).await,
    }
}

async fn forward(shared: &Shared, asked: &Asked) -> Answer {
    let is_control = asked.uri.starts_with("/_mock");
    let origin = if is_control { shared.control.clone() } else { format!("http://{}", shared.rest) };
    let method = asked.method.parse().expect("a method");
    let mut onward = shared.client.request(method, format!("{origin}{}", asked.uri));
    let own = [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];
    for (name, value) in asked.headers.iter().filter(|(name, _)| !own.contains(name)) {
        onward = onward.header(name, value);
    }
    if !asked.body.is_empty() {
        onward = onward.body(asked.body.clone());
    }
    match onward.send().await {
        Ok(answer) => Answer {
            status: answer.status().as_u16(),
            content_type: answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned),
            text: answer.text().await.unwrap_or_default(),
        },
        Err(_) => Answer { status: 502, content_type: None, text: String::new() },
    }
}

fn sample(table: &Operation) -> Answer {
    let body = if table.response.is_empty() { Value::Null } else { Value::Object(fullest(table.response)) };
    Answer::json(table.success_status, &body)
}

async fn spoil(shared: &Shared, table: &'static Operation, asked: &mut Asked, fault: RestFault) -> Answer {
    let security = [Op::Login.table().clause, Op::RefreshToken.table().clause];
    match fault {
        // A login must work, or nothing can be tried: here only its own cases are of interest.
        RestFault::ChangesNotMade if table.method != Method::Get && !security.contains(&table.clause) => {
            return sample(table);
        }
        RestFault::QueryIgnored => without_query(asked),
        RestFault::OptionalIgnored => without_optional(table, asked),
        _ => {}
    }
    let mut answer = forward(shared, asked).await;
    let refused = answer.is_refusal();
    match fault {
        RestFault::OtherCode if refused => set(&mut answer, "error_code", json!("999999")),
        RestFault::OtherStatus if refused => answer.status = 418,
        RestFault::CodeAsNumber if refused => set(&mut answer, "error_code", json!(4711)),
        RestFault::RefusalAccepted if refused => return sample(table),
        RestFault::SuccessRefused if !refused => {
            return Answer::json(400, &json!({"error_code": "999999", "error_desc": "No."}));
        }
        RestFault::OtherSuccess if !refused => answer.status = if answer.status == 200 { 201 } else { 200 },
        RestFault::WithoutContentType => answer.content_type = None,
        RestFault::WithoutBody if !refused => answer.text.clear(),
        RestFault::Altered(alteration) if !refused => {
            if let Value::Object(mut body) = answer.body() {
                alteration.alter(table.response, &mut body);
                answer.text = Value::Object(body).to_string();
            }
        }
        RestFault::Stale if !refused && table.method == Method::Get => {
            let who = asked.headers.get("app_key").and_then(|v| v.to_str().ok()).unwrap_or_default();
            return shared.memory.first(format!("{who} {}", asked.uri), &answer);
        }
        _ => {}
    }
    answer
}

fn set(answer: &mut Answer, name: &str, value: Value) {
    let mut body = answer.body();
    if let Some(members) = body.as_object_mut() {
        members.insert(name.to_owned(), value);
        answer.text = body.to_string();
    }
}

/// Every filter and page is forgotten; the application stays named.
fn without_query(asked: &mut Asked) {
    let Some((path, query)) = asked.uri.split_once('?') else { return };
    let kept: Vec<&str> = query.split('&').filter(|item| item.to_lowercase().contains("appid=")).collect();
    asked.uri = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
}

/// Of a body's members only the obligatory ones are heeded.
fn without_optional(table: &Operation, asked: &mut Asked) {
    let Ok(Value::Object(mut body)) = serde_json::from_str(&asked.body) else { return };
    let optional = |p: &&iotdm_spec::model::Param| p.place == Place::Body && p.field.presence != Presence::Required;
    for param in table.params.iter().filter(optional) {
        body.shift_remove(param.field.name);
    }
    asked.body = Value::Object(body).to_string();
}

/// What the rulings leave to a platform.
async fn varied(shared: &Shared, table: &'static Operation, asked: &mut Asked, stretch: Stretch) -> Answer {
    if stretch == Stretch::Tokens {
        asked.body = asked.body.replace(TOKEN_HEAD, "").replace(TOKEN_TAIL, "");
        if let Some(value) = asked.headers.get("authorization").and_then(|v| v.to_str().ok()) {
            let plain = value.replace(TOKEN_HEAD, "").replace(TOKEN_TAIL, "");
            asked.headers.insert("authorization", plain.parse().expect("a header"));
        }
    }
    let mut answer = forward(shared, asked).await;
    if stretch == Stretch::Late {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    if stretch == Stretch::ContentType && answer.content_type.is_some() {
        answer.content_type = Some("Application/JSON".to_owned());
    }
    let Value::Object(mut body) = answer.body() else { return answer };
    if answer.is_refusal() {
        vary_refusal(stretch, &mut body);
    } else {
        self::stretch(stretch, table.response, &mut body);
    }
    answer.text = Value::Object(body).to_string();
    answer
}

fn vary_refusal(stretch: Stretch, body: &mut Map<String, Value>) {
    match (stretch, body.get_mut("error_desc")) {
        (Stretch::Punctuation, Some(Value::String(text))) => {
            *text = format!("{}.", text.to_uppercase().trim_end_matches('.').replace(' ', "  "));
        }
        (Stretch::Reordered, _) => reverse(body),
        (Stretch::Extras, _) => {
            body.insert("requestId".to_owned(), json!("f00"));
        }
        _ => {}
    }
}

fn reverse(object: &mut Map<String, Value>) {
    let members: Vec<_> = std::mem::take(object).into_iter().collect();
    object.extend(members.into_iter().rev());
}

/// Varies an object by its table.
pub(crate) fn stretch(stretch: Stretch, fields: &[Field], object: &mut Map<String, Value>) {
    for field in fields {
        match object.get_mut(field.name) {
            None | Some(Value::Null) if stretch == Stretch::Nulls && field.presence != Presence::Required => {
                object.insert(field.name.to_owned(), Value::Null);
            }
            Some(Value::Null) if stretch == Stretch::NoNulls && field.presence != Presence::Required => {
                object.shift_remove(field.name);
            }
            Some(Value::Object(members)) if !field.members.is_empty() => self::stretch(stretch, field.members, members),
            Some(Value::Array(items)) if !field.members.is_empty() && matches!(field.kind, Kind::Array(_)) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    self::stretch(stretch, field.members, item);
                }
            }
            Some(Value::String(text)) => match stretch {
                Stretch::Pendding if text == "PENDING" => "PENDDING".clone_into(text),
                Stretch::Tokens if ["accessToken", "refreshToken"].contains(&field.name) => {
                    *text = format!("{TOKEN_HEAD}{text}{TOKEN_TAIL}");
                }
                _ => {}
            },
            _ => {}
        }
    }
    match stretch {
        Stretch::Extras => {
            object.insert("xNewMember".to_owned(), json!({"since": ["a later version", 1, null]}));
        }
        Stretch::Reordered => reverse(object),
        _ => {}
    }
}
