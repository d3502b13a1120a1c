//! Calls and pushes as an HTTP Archive (HAR 1.2), for the tools that show such files.

use iotdm_spec::secrets::MASK;
use serde_json::{Value, json};

use super::{Call, Entry, Event, Journal, JournalFilter, Pushed};
use crate::clock::Moment;

const JSON: &str = "application/json";

impl Journal {
    /// The calls and pushes that are wanted, as an HTTP Archive. Times are the platform's, latencies real;
    /// secrets are masked. What the format has no place for stands in `_iotdm` and in the comments.
    #[must_use]
    pub fn har(&self, filter: &JournalFilter) -> Value {
        let base = self.base_url.get().map(String::as_str).unwrap_or_default();
        let entries: Vec<Value> = self.select(filter).iter().filter_map(|entry| of_entry(entry, base)).collect();
        json!({ "log": {
            "version": "1.2",
            "creator": { "name": "iotdm", "version": env!("CARGO_PKG_VERSION") },
            "pages": [],
            "entries": entries,
            "comment": "Times are those of the platform's clock; latencies are real. Secrets are masked.",
        } })
    }
}

fn of_entry(entry: &Entry, base: &str) -> Option<Value> {
    let mut har = match &entry.event {
        Event::Call(call) => of_call(call, base),
        Event::Push(push) => of_push(push),
        Event::Packet(_) | Event::Connect(_) | Event::Note(_) => return None,
    };
    har["startedDateTime"] = Value::from(started(entry.at));
    har["_iotdm"]["seq"] = json!(entry.seq);
    har["_iotdm"]["kind"] = json!(entry.event.kind());
    har["_iotdm"]["deviations"] = json!(entry.event.deviations());
    Some(har)
}

fn started(at: Moment) -> String {
    format!("{}Z", at.to_the_millisecond())
}

fn of_call(call: &Call, base: &str) -> Value {
    let url = format!("{base}{}", call.target);
    let mut headers = Vec::new();
    let mut header = |name: &str, value: Option<&str>| {
        headers.extend(value.map(|value| json!({ "name": name, "value": value })));
    };
    header("app_key", call.headers.app_key.as_deref());
    let authorization = call.headers.authorization.filter(|worth| *worth != "absent");
    header("Authorization", authorization.map(|_| MASK));
    header("Content-Type", call.headers.content_type.as_deref());
    let mime = call.headers.content_type.as_deref().unwrap_or(JSON);
    let request = request(&call.method, &url, &headers, (call.request_bytes, &call.request, mime));
    let (send, wait) = (milliseconds(call.read_us), milliseconds(call.latency_us));
    json!({
        "time": send + wait,
        "request": request,
        "response": response(call.status, call.answer_bytes, &call.answer),
        "cache": {},
        "timings": { "send": send, "wait": wait, "receive": 0 },
        "comment": comment(call),
        "_iotdm": {
            "operation": call.operation, "clause": call.clause, "application": call.application,
            "authorization": call.headers.authorization, "errorCode": call.error_code, "refused": call.refused,
            "ordered": call.ordered, "notes": call.notes,
        },
    })
}

fn of_push(push: &Pushed) -> Value {
    let headers = [json!({ "name": "Content-Type", "value": JSON })];
    let mut comment = vec![format!("{} {}: a push of the platform", push.clause, push.notification)];
    comment.extend(push.error.clone());
    json!({
        "time": push.latency_ms,
        "request": request("POST", &push.url, &headers, (push.body_bytes, &push.body, JSON)),
        // No answer has the status 0, as browsers write it.
        "response": response(push.status.unwrap_or_default(), 0, ""),
        "cache": {},
        "timings": { "send": 0, "wait": push.latency_ms, "receive": 0 },
        "comment": comment.join("; "),
        "_iotdm": {
            "notification": push.notification, "clause": push.clause, "application": push.application,
            "device": push.device, "sent": push.sent, "error": push.error,
        },
    })
}

fn comment(call: &Call) -> String {
    let mut lines = Vec::new();
    lines.extend(call.clause.zip(call.operation).map(|(clause, name)| format!("{clause} {name}")));
    lines.extend(call.refused.map(|row| format!("refused: {row}")));
    lines.extend(call.deviations.iter().map(|deviation| {
        let verdict = if deviation.tolerated { "tolerated" } else { "not tolerated" };
        format!("{deviation} ({verdict})")
    }));
    lines.extend(call.notes.iter().cloned());
    lines.join("; ")
}

/// A request; `body` is its length on the wire, its masked text and its media type.
fn request(method: &str, url: &str, headers: &[Value], body: (usize, &str, &str)) -> Value {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query: Vec<Value> =
        form_urlencoded::parse(query.as_bytes()).map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let (size, text, mime) = body;
    let mut request = json!({
        "method": method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": headers,
        "queryString": query, "headersSize": -1, "bodySize": size,
    });
    if size > 0 {
        request["postData"] = json!({ "mimeType": mime, "params": [], "text": text });
    }
    request
}

fn response(status: u16, size: usize, text: &str) -> Value {
    let reason = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mime = iotdm_spec::universal::CONTENT_TYPE;
    let headers = if status == 0 { Vec::new() } else { vec![json!({ "name": "Content-Type", "value": mime })] };
    json!({
        "status": status, "statusText": reason.unwrap_or_default(), "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": headers,
        "content": { "size": size, "mimeType": mime, "text": text },
        "redirectURL": "", "headersSize": -1, "bodySize": size,
    })
}

fn milliseconds(microseconds: u64) -> f64 {
    // A latency of more microseconds than a float counts exactly is beyond everybody's patience.
    microseconds as f64 / 1000.0
}
