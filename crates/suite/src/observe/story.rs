//! Observations as the lines of a transcript.

use std::fmt::Write as _;

use iotdm_spec::secrets;

use super::feed::{Call, Connect, Deviation, Observation, Packet, Push, What};
use super::packet::{self, Mqtt};
use crate::events::{Entry, EntryKind};
use crate::wire::transcript::{Secrets, body_text};

/// How many entries before the first that matters stand in a transcript.
const BEFORE: usize = 5;
/// The most observations of one transcript.
const MOST: usize = 40;

/// The observations with these numbers and a few before them, as a transcript.
pub(super) fn around(seen: &[Observation], numbers: &[u64], secrets: &Secrets) -> Vec<Entry> {
    let cited = |observation: &&Observation| numbers.contains(&observation.seq);
    let Some(first) = seen.iter().position(|o| numbers.contains(&o.seq)) else {
        return Vec::new();
    };
    let before = seen[first.saturating_sub(BEFORE)..first].iter().filter(|o| !is_idle(o));
    let chosen = before.chain(seen[first..].iter().filter(cited)).take(MOST);
    chosen.flat_map(|observation| entries(observation, secrets)).collect()
}

/// Packets that only keep a connection alive tell nothing.
fn is_idle(observation: &Observation) -> bool {
    matches!(&observation.what, What::Packet(p) if p.packet.starts_with("PING"))
        || matches!(observation.what, What::Other)
}

fn entries(observation: &Observation, secrets: &Secrets) -> Vec<Entry> {
    let lines = match &observation.what {
        What::Call(call) => of_call(call),
        What::Packet(packet) => vec![of_packet(packet)],
        What::Connect(connect) => vec![(EntryKind::Note, of_connect(connect))],
        What::Push(push) => of_push(push),
        What::Note(note) => vec![(EntryKind::Note, format!("the platform notes: {}", note.text))],
        What::Other => Vec::new(),
    };
    let at = u64::try_from(observation.after.as_millis()).unwrap_or(u64::MAX);
    lines.into_iter().map(|(kind, text)| Entry { at, kind, text: secrets.hide(&text) }).collect()
}

fn of_call(call: &Call) -> Vec<(EntryKind, String)> {
    let mut request = format!("{} {}", call.method, call.target);
    if let Some((path, query)) = call.target.split_once('?') {
        request = format!("{} {path}?{}", call.method, secrets::mask_body(query.as_bytes()));
    }
    if let Some(application) = &call.application {
        let _ = write!(request, "\napp_key: {application}");
    }
    if let Some(headers) = &call.headers {
        let _ = write!(request, "\ncontent-type: {}", headers.content_type.as_deref().unwrap_or("(none)"));
        let _ = write!(request, "\nauthorization: {}", headers.authorization.as_deref().unwrap_or("(not told)"));
    }
    if !call.request.is_empty() {
        let _ = write!(request, "\n{}", body_text(&call.request, "application/x-www-form-urlencoded"));
    }
    let mut answer = call.status.to_string();
    if !call.answer.is_empty() {
        let _ = write!(answer, "\n{}", body_text(&call.answer, ""));
    }
    let mut lines = vec![(EntryKind::HttpRequest, request), (EntryKind::HttpAnswer, answer)];
    let deviation = |d: &Deviation| (EntryKind::Note, format!("the platform notes: {} ({})", d.text, d.requirement));
    lines.extend(call.deviations.iter().map(deviation));
    lines.extend(call.notes.iter().map(|note| (EntryKind::Note, format!("the platform notes: {note}"))));
    lines
}

fn of_packet(packet: &Packet) -> (EntryKind, String) {
    let kind = if packet.direction == "in" { EntryKind::MqttIn } else { EntryKind::MqttOut };
    let mut text = packet.line.clone();
    if let Some(Mqtt::Publish { payload, .. }) = packet::read(&packet.bytes) {
        let _ = write!(text, "\n{}", body_text(&String::from_utf8_lossy(&payload), ""));
    }
    if let Some(note) = &packet.note {
        let _ = write!(text, "\n({note})");
    }
    (kind, text)
}

fn of_connect(connect: &Connect) -> String {
    let user = connect.username.as_deref().unwrap_or("(none)");
    let outcome = match &connect.reason {
        _ if connect.accepted => "let in".to_owned(),
        Some(reason) => format!("turned away: {reason}"),
        None => "turned away".to_owned(),
    };
    let Connect { session, client_id, password, .. } = connect;
    format!("session {session}: client id {client_id}, user name {user}, password {password}: {outcome}")
}

fn of_push(push: &Push) -> Vec<(EntryKind, String)> {
    let answer = match (push.status, &push.error) {
        (Some(status), _) => format!("{status} after {} ms", push.latency_ms),
        (None, Some(error)) => format!("no answer: {error}"),
        (None, None) => "no answer".to_owned(),
    };
    let sent = format!("POST {} ({})\n{}", secrets::mask_url(&push.url), push.clause, body_text(&push.body, ""));
    vec![(EntryKind::CallbackIn, sent), (EntryKind::CallbackOut, answer)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::feed;
    use serde_json::json;

    #[test]
    fn a_transcript_shows_what_matters_and_no_secret() {
        let seen = feed::read(&json!([
            {"seq": 1, "kind": "packet", "packet": "PINGREQ", "direction": "in", "line": "PINGREQ", "bytes": "c000"},
            {"seq": 2, "kind": "note", "text": "the secret is hunter2000"},
            {"seq": 3, "kind": "call", "method": "POST", "target": "/login?callbackUrl=http://joe:pw@h:1/", "status": 200, "request": "appId=a&secret=b",
             "answer": "{\"accessToken\":\"t\",\"callbackUrl\":\"http://joe:pw@h:1/\"}"},
            {"seq": 4, "kind": "note", "text": "later"},
        ]));
        let secrets = Secrets::default();
        secrets.learn("hunter2000");
        let texts: Vec<String> = around(&seen, &[3], &secrets).into_iter().map(|entry| entry.text).collect();
        assert_eq!(
            texts,
            [
                "the platform notes: the secret is ***",
                "POST /login?callbackUrl=http://***@h:1/\nappId=a&secret=***",
                "200\n{\"accessToken\":\"***\",\"callbackUrl\":\"http://***@h:1/\"}"
            ]
        );
        assert!(around(&seen, &[9], &secrets).is_empty());
    }
}
