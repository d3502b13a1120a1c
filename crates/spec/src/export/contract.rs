//! The whole contract in one plain document: what a program needs that wants to compare, count or
//! generate. Members that do not apply to a row are left out.

use serde_json::{Map, Value, json};

use super::{Members, with};
use crate::catalogue::{self, ClauseRef, NOTIFICATIONS, Op, PACKETS, PROSE};
use crate::model::{
    Direction, Encoding, Erratum, Fallback, Field, Kind, Notification, Operation, Packet, Place, Presence, Prose,
};
use crate::requirement;

/// Every table of the contract.
#[must_use]
pub fn contract() -> Value {
    json!({
        "operations": Op::ALL.iter().map(|op| operation(op.table())).collect::<Vec<_>>(),
        "notifications": NOTIFICATIONS.iter().map(|push| notification(push)).collect::<Vec<_>>(),
        "mqtt": { "topics": topics(), "messages": PACKETS.iter().map(|p| message(p)).collect::<Vec<_>>() },
        "recipes": PROSE.iter().filter_map(|prose| recipe(prose)).collect::<Vec<_>>(),
        "requirements": requirements(),
        "errata": errata(),
    })
}

fn operation(op: &Operation) -> Value {
    let mut params = Vec::new();
    for param in op.params {
        requirement::visit([&param.field], "", &mut |_, parent, field| {
            params.push(row(with("in", param.place.as_str()), parent, field, true));
        });
    }
    with("clause", op.clause)
        .put("name", op.name)
        .put("title", op.title)
        .put("chapter", op.chapter.folder())
        .put("lines", json!([op.lines.0, op.lines.1]))
        .put("method", op.method.as_str())
        .put("path", op.path)
        .maybe("content_type", content_type(op))
        .put("success_status", op.success_status)
        .put("params", params)
        .put("response", rows(op.response, false))
        .put("errors", errors(op))
        .done()
}

/// The Content-Type of the request's body, where it has one.
pub(super) fn content_type(op: &Operation) -> Option<&'static str> {
    let has_body = op.params.iter().any(|param| param.place == Place::Body);
    has_body.then_some(match op.encoding {
        Encoding::Json => "application/json",
        Encoding::Form => "application/x-www-form-urlencoded",
    })
}

fn errors(op: &Operation) -> Vec<Value> {
    let row = |row: &crate::model::ErrorRow| json!({ "http_status": row.http_status, "code": row.code, "desc": row.desc, "line": row.line });
    op.errors.iter().map(row).collect()
}

fn notification(push: &Notification) -> Value {
    with("clause", push.clause)
        .put("name", push.name)
        .put("title", push.title)
        .put("lines", json!([push.lines.0, push.lines.1]))
        .maybe("notify_type", push.notify_type.map(|kind| kind.as_str()))
        .put("success_status", push.success_status)
        .put("fields", rows(push.fields, true))
        .done()
}

fn topics() -> Vec<Value> {
    let mut topics: Vec<(&str, Value)> = Vec::new();
    for topic in PACKETS.iter().filter_map(|packet| packet.topic) {
        if topics.iter().all(|(pattern, _)| *pattern != topic.pattern) {
            let users = PACKETS.iter().filter(|p| p.topic.is_some_and(|t| t.pattern == topic.pattern));
            let value = json!({
                "topic": topic.pattern,
                "direction": direction(topic.direction),
                "messages": users.map(|packet| packet.name).collect::<Vec<_>>(),
                "line": topic.line,
            });
            topics.push((topic.pattern, value));
        }
    }
    topics.into_iter().map(|(_, value)| value).collect()
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::DeviceToPlatform => "device-to-platform",
        Direction::PlatformToDevice => "platform-to-device",
    }
}

fn message(packet: &Packet) -> Value {
    with("clause", packet.clause)
        .put("name", packet.name)
        .put("title", packet.title)
        .put("lines", json!([packet.lines.0, packet.lines.1]))
        .put("direction", direction(packet.direction))
        .maybe("topic", packet.topic.map(|topic| topic.pattern))
        .put("fields", rows(packet.fields, true))
        .done()
}

fn recipe(prose: &Prose) -> Option<Value> {
    let used = catalogue::clause(prose.recipe_of?)?;
    Some(json!({
        "clause": prose.clause,
        "name": prose.name,
        "title": prose.title,
        "lines": [prose.lines.0, prose.lines.1],
        "uses": { "clause": used.clause(), "name": used.name() },
    }))
}

fn requirements() -> Vec<Value> {
    let one = |r: &requirement::Requirement| {
        json!({
            "id": r.id,
            "text": r.text,
            "line": r.line,
            "strength": r.strength.as_str(),
            "binds": r.binds.as_str(),
        })
    };
    requirement::all().iter().map(one).collect()
}

fn errata() -> Value {
    let of_clause = |clause: &ClauseRef| -> Vec<Value> { clause.errata().iter().map(erratum).collect() };
    let by_clause: Map<String, Value> = catalogue::clauses()
        .iter()
        .filter(|clause| !clause.errata().is_empty())
        .map(|clause| (clause.clause().to_owned(), Value::from(of_clause(clause))))
        .collect();
    Value::Object(by_clause)
}

fn erratum(erratum: &Erratum) -> Value {
    with("line", erratum.line)
        .put("printed", erratum.printed)
        .put("read", erratum.read)
        .put("why", erratum.why)
        .maybe("ruling", Some(erratum.ruling).filter(|ruling| !ruling.is_empty()))
        .done()
}

/// The rows of a table, nested members after their parents. Answers have no column that says what
/// is obligatory, so theirs carry no `required`.
fn rows(fields: &[Field], has_presence: bool) -> Vec<Value> {
    let mut rows = Vec::new();
    requirement::visit(fields, "", &mut |_, parent, field| {
        rows.push(row(Members::default(), parent, field, has_presence));
    });
    rows
}

fn row(start: Members, parent: &str, field: &Field, has_presence: bool) -> Value {
    let parent = if parent.is_empty() { Value::Null } else { Value::from(parent) };
    let presence = Some(field.presence).filter(|_| has_presence);
    start
        .put("name", field.name)
        .put("parent", parent)
        .maybe("required", presence.map(required))
        .maybe("condition", presence.and_then(condition))
        .put("type", type_name(field.kind))
        .maybe("items", items(field.kind))
        .put("printed_type", field.printed)
        .maybe("min", field.min)
        .maybe("max", field.max)
        .maybe("min_len", field.min_len)
        .maybe("max_len", field.max_len)
        .maybe("default", field.default.map(fallback))
        .maybe("enum", Some(field.values).filter(|values| !values.is_empty()))
        .maybe("format", field.format.map(|format| format.as_str()))
        .put("line", field.line)
        .done()
}

fn required(presence: Presence) -> Value {
    match presence {
        Presence::Required | Presence::RequiredUnless(_) => Value::from(true),
        Presence::Optional => Value::from(false),
        Presence::Conditional(_) => Value::from("conditional"),
    }
}

/// What the obligation hangs on, in words.
pub(super) fn condition(presence: Presence) -> Option<String> {
    match presence {
        Presence::Conditional(phrase) => Some(phrase.to_owned()),
        Presence::RequiredUnless(sibling) => Some(format!("one of it and {sibling} may be missing")),
        Presence::Required | Presence::Optional => None,
    }
}

pub(super) fn fallback(fallback: Fallback) -> Value {
    match fallback {
        Fallback::Text(text) => Value::from(text),
        Fallback::Integer(number) => Value::from(number),
        Fallback::Flag(flag) => Value::from(flag),
    }
}

fn type_name(kind: Kind) -> &'static str {
    kind.json_type().unwrap_or("any")
}

fn items(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Array(items) => Some(type_name(*items)),
        _ => None,
    }
}
