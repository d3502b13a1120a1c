//! Pushes on their way from the platform to the suite's callback receiver.
//!
//! The callback URLs of subscriptions are rewritten on their way to the platform, and back in its
//! answers; they keep their length, so that no limit of the tables is moved.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use iotdm_spec::Op;
use iotdm_spec::catalogue::NOTIFICATIONS;
use iotdm_spec::model::Notification;
use serde_json::Value;
use tokio::net::TcpListener;

use super::faults::{Fault, PushFault, Stretch};
use super::{Shared, rest};

/// The path that the suite's receiver uses, and what it is on our side: as long, with the port in it.
const THEIRS: &str = "/callback/";

/// The callback URLs that were ever subscribed with, as the receiver knows them.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    /// Callback URL and type of notification.
    known: Mutex<BTreeSet<(String, String)>>,
    held: Mutex<Option<(String, Value)>>,
}

/// Leads callbacks past us: in a request's URL or body.
pub(crate) fn lead_past(shared: &Shared, text: &str) -> String {
    let ours = shared.pushes.port();
    rewrite(text, |port, path| (path == THEIRS).then(|| (ours, format!("/c{port}xx/"))))
}

/// The callbacks as the suite knows them: in an answer's body.
pub(crate) fn lead_back(shared: &Shared, text: &str) -> String {
    let ours = shared.pushes.port();
    rewrite(text, |port, path| {
        let theirs = path.strip_prefix("/c")?.strip_suffix("xx/")?.parse().ok()?;
        (port == ours).then(|| (theirs, THEIRS.to_owned()))
    })
}

/// Replaces port and path of every URL of ours, percent-encoded ones too.
fn rewrite(text: &str, change: impl Fn(u16, &str) -> Option<(u16, String)>) -> String {
    let mut text = text.to_owned();
    for (host, slash) in [("127.0.0.1:", "/"), ("127.0.0.1%3A", "%2F")] {
        let mut done = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(host) {
            let (before, after) = rest.split_at(at + host.len());
            done.push_str(before);
            rest = after;
            let plain: String = after.chars().take(5 + 2 * 3 + 8).collect::<String>().replace(slash, "/");
            let Some((port, path)) = plain.get(..5).and_then(|p| p.parse().ok()).zip(plain.get(5..15)) else {
                continue;
            };
            if let Some((port, path)) = change(port, path) {
                done.push_str(&format!("{port}{}", path.replace('/', slash)));
                rest = &after[5 + 8 + 2 * slash.len()..];
            }
        }
        done.push_str(rest);
        text = done;
    }
    text
}

/// Takes note of a subscription, as the platform gets to know it.
pub(crate) fn remember(shared: &Shared, op: Option<Op>, body: &str) {
    if !matches!(op, Some(Op::SubscribeBusinessData | Op::SubscribeManagementData)) {
        return;
    }
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let callback = (lead_back(shared, text("callbackUrl")), text("notifyType").to_owned());
    shared.callbacks.known.lock().unwrap_or_else(PoisonError::into_inner).insert(callback);
}

/// Every callback at the same receiver as this one.
fn known(shared: &Shared, url: &str) -> Vec<(String, String)> {
    let base = url.split(THEIRS).next().unwrap_or_default();
    let all = shared.callbacks.known.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().filter(|(url, _)| url.starts_with(base)).cloned().collect()
}

pub(crate) fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new().fallback(forward).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request<Body>) -> StatusCode {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let url = lead_back(&shared, &format!("http://{}{}", shared.pushes, parts.uri));
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut push = Push { method: "POST", content_type, body, url };
    match shared.fault() {
        Fault::Push(fault) => spoil(&shared, fault, push).await,
        Fault::Stretch(Stretch::Late) => spoil(&shared, PushFault::Late, push).await,
        Fault::Stretch(Stretch::ContentType) => {
            push.content_type = Some("Application/JSON".to_owned());
            push.send(&shared).await
        }
        Fault::Stretch(stretch) => spoil(&shared, PushFault::Stretched(stretch), push).await,
        _ => push.send(&shared).await,
    }
}

struct Push {
    method: &'static str,
    content_type: Option<String>,
    body: Value,
    url: String,
}

impl Push {
    /// Another push of the same kind.
    fn to(&self, url: String, body: Value) -> Self {
        Self { method: self.method, content_type: self.content_type.clone(), body, url }
    }

    async fn send(&self, shared: &Shared) -> StatusCode {
        let mut request = shared.client.request(self.method.parse().expect("a method"), &self.url);
        if let Some(content_type) = &self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        match request.body(self.body.to_string()).send().await {
            Ok(answer) => answer.status(),
            Err(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

fn notification(body: &Value) -> Option<&'static Notification> {
    let kind = body.get("notifyType").and_then(Value::as_str);
    NOTIFICATIONS.iter().find(|n| n.notify_type.map(|kind| kind.as_str()) == kind).copied()
}

async fn spoil(shared: &Arc<Shared>, fault: PushFault, mut push: Push) -> StatusCode {
    match fault {
        PushFault::Swallowed => return StatusCode::OK,
        PushFault::Altered(alteration) => {
            if let (Some(notification), Some(body)) = (notification(&push.body), push.body.as_object_mut()) {
                alteration.alter(notification.fields, body);
            }
        }
        PushFault::OtherType => {
            if let Some(kind) = push.body.get_mut("notifyType") {
                *kind = Value::from("somethingHappened");
            }
        }
        PushFault::WithoutContentType => push.content_type = None,
        PushFault::Put => push.method = "PUT",
        PushFault::EverywhereToo => {
            for (url, _) in known(shared, &push.url).into_iter().filter(|(url, _)| *url != push.url) {
                // The right receiver must not wait for the wrong ones.
                let (push, shared) = (push.to(url, push.body.clone()), Arc::clone(shared));
                tokio::spawn(async move { push.send(&shared).await });
            }
        }
        PushFault::Doubled => {
            push.send(shared).await;
        }
        PushFault::NotRepeated => {
            push.send(shared).await;
            return StatusCode::OK;
        }
        PushFault::Swapped => return swap(shared, push).await,
        PushFault::Stretched(stretch) => {
            if let (Some(notification), Some(body)) = (notification(&push.body), push.body.as_object_mut()) {
                rest::stretch(stretch, notification.fields, body);
            }
        }
        PushFault::Late => tokio::time::sleep(Duration::from_millis(200)).await,
        PushFault::PerServiceToo => per_service(shared, &push).await,
    }
    push.send(shared).await
}

/// Every other push comes after the next one to the same receiver.
async fn swap(shared: &Shared, push: Push) -> StatusCode {
    let held = shared.callbacks.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    match held {
        Some((url, body)) => {
            let earlier = push.to(url, body);
            let status = push.send(shared).await;
            earlier.send(shared).await;
            status
        }
        None => {
            *shared.callbacks.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((push.url, push.body));
            StatusCode::OK
        }
    }
}

/// A push of several services is followed by one each, to those who asked for both.
async fn per_service(shared: &Shared, push: &Push) {
    if push.body.get("notifyType").and_then(Value::as_str) != Some("deviceDatasChanged") {
        return;
    }
    for service in push.body.get("services").and_then(Value::as_array).cloned().unwrap_or_default() {
        let mut body = push.body.clone();
        if let Some(members) = body.as_object_mut() {
            members.shift_remove("services");
            members.insert("service".to_owned(), service);
            members.insert("notifyType".to_owned(), Value::from("deviceDataChanged"));
        }
        for (url, _) in known(shared, &push.url).into_iter().filter(|(_, kind)| kind == "deviceDataChanged") {
            push.to(url, body.clone()).send(shared).await;
        }
    }
}
