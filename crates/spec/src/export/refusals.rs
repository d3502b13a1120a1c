//! An operation's answers: the success, every row of its error table by status, and the rows that
//! only a ruling supplies, marked as such.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::schema::reference;
use super::{Members, with};
use crate::model::{ErrorRow, Operation};
use crate::{requirement, universal};

/// The rows that may answer a call although its table lacks them (their line is 0), each with the
/// ruling that supplies it.
pub(crate) fn ruled(op: &Operation) -> Vec<(ErrorRow, &'static str)> {
    let input = [op.input.malformed, op.input.missing, op.input.out_of_range, op.input.invalid];
    let mut rows = input.to_vec();
    if op.is_protected() {
        rows.extend([universal::no_app_key(op), universal::token_invalid(op), universal::throttled(op)]);
        if op.params.iter().any(|param| param.field.name.to_ascii_lowercase().ends_with("appid")) {
            rows.extend([universal::application_unknown(op), universal::not_authorized(op)]);
        }
    }
    let mut ruled: Vec<(ErrorRow, &'static str)> = Vec::new();
    for row in rows.into_iter().filter(|row| row.line == 0) {
        if ruled.iter().all(|(other, _)| *other != row) {
            ruled.push((row, ruling(&row)));
        }
    }
    ruled
}

/// The ruling by which a row stands in no table.
pub(crate) fn ruling(row: &ErrorRow) -> &'static str {
    match *row {
        universal::TOKEN_INVALID | universal::THROTTLED => "A-09",
        universal::APPLICATION_UNKNOWN => "A-14",
        universal::NOT_AUTHORIZED => "A-15",
        universal::RESOURCE_NOT_FOUND => "A-142",
        universal::PATH_UNKNOWN | universal::METHOD_NOT_ALLOWED => "A-20",
        _ => "A-18",
    }
}

/// The answers of an operation whose success has the given schema, if it has a body.
pub(super) fn answers(op: &Operation, success: Option<Value>) -> Value {
    let mut by_status: BTreeMap<u16, Vec<(ErrorRow, Option<&str>)>> = BTreeMap::new();
    by_status.entry(op.success_status).or_default();
    for row in op.errors {
        by_status.entry(row.http_status).or_default().push((*row, None));
    }
    for (row, ruling) in ruled(op) {
        by_status.entry(row.http_status).or_default().push((row, Some(ruling)));
    }
    let mut answers: Map<String, Value> = by_status
        .into_iter()
        .map(|(status, rows)| {
            let is_success = status == op.success_status;
            let success = success.as_ref().filter(|_| is_success);
            (status.to_string(), answer(op, is_success, success, &rows))
        })
        .collect();
    answers.insert("4XX".to_owned(), json!({ "$ref": "#/components/responses/OtherRefusal" }));
    Value::Object(answers)
}

fn answer(op: &Operation, is_success: bool, success: Option<&Value>, rows: &[(ErrorRow, Option<&str>)]) -> Value {
    let schemas: Vec<Value> = success.cloned().into_iter().chain(error_schema(rows)).collect();
    let schema = match schemas.as_slice() {
        // A success without a body beside refusals with one: a schema would be applied to the empty
        // body too, so that the rows stand there as examples only.
        _ if is_success && success.is_none() => None,
        [] => None,
        [one] => Some(one.clone()),
        // A success and a refusal under one status: `oneOf` would call an error body both,
        // since the tables make no member of an answer obligatory.
        _ => Some(json!({ "anyOf": schemas })),
    };
    let examples = (!rows.is_empty()).then(|| examples(op, rows));
    let content = (schema.is_some() || examples.is_some()).then(|| {
        let media = Members::default().maybe("schema", schema).maybe("examples", examples);
        json!({ "application/json": media.done() })
    });
    let description = description(is_success, success.is_some(), rows);
    Members::default().put("description", description).maybe("content", content).done()
}

fn description(is_success: bool, has_body: bool, rows: &[(ErrorRow, Option<&str>)]) -> String {
    let mut parts = Vec::new();
    match (is_success, has_body, rows.is_empty()) {
        (true, true, true) => parts.push("Success.".to_owned()),
        (true, false, true) => parts.push("Success, without a body.".to_owned()),
        (true, true, false) => parts.push("Success; or, if the body has an error_code, a refusal (A-13):".to_owned()),
        (true, false, false) => parts.push("Success, without a body; a body is that of a refusal (A-13):".to_owned()),
        (false, ..) => {}
    }
    parts.extend(rows.iter().map(|(row, ruling)| {
        let origin = ruling.map_or_else(String::new, |ruling| format!(" (not in this table: ruling {ruling})"));
        format!("`{}` {}{origin}", row.code, row.desc)
    }));
    parts.join("\n\n")
}

fn error_schema(rows: &[(ErrorRow, Option<&str>)]) -> Option<Value> {
    let mut codes: Vec<&str> = Vec::new();
    for (row, _) in rows {
        if !codes.contains(&row.code) {
            codes.push(row.code);
        }
    }
    (!codes.is_empty()).then(|| {
        json!({
            "allOf": [
                reference("Error"),
                { "type": "object", "properties": { "error_code": { "type": "string", "enum": codes } } },
            ],
        })
    })
}

fn examples(op: &Operation, rows: &[(ErrorRow, Option<&str>)]) -> Value {
    let example = |(row, ruling): &(ErrorRow, Option<&str>)| {
        let id = ruling.is_none().then(|| requirement::error_id(op.clause, row));
        (row.name.to_owned(), example(row, id, *ruling))
    };
    Value::Object(rows.iter().map(example).collect())
}

fn example(row: &ErrorRow, id: Option<String>, ruling: Option<&str>) -> Value {
    with("summary", row.code)
        .put("value", json!({ "error_code": row.code, "error_desc": row.desc }))
        .maybe("x-requirement", id)
        .maybe("x-line", Some(row.line).filter(|line| *line > 0))
        .maybe("x-ruling", ruling)
        .done()
}

/// The answer that every operation shares: what no table can list, a wrong path or method.
pub(super) fn other_refusal() -> Value {
    let rows = [universal::PATH_UNKNOWN, universal::METHOD_NOT_ALLOWED];
    let examples: Map<String, Value> =
        rows.iter().map(|row| (row.name.to_owned(), example(row, None, Some(ruling(row))))).collect();
    json!({
        "description": "A refusal that no table lists, such as that of an unknown path (ruling A-20).",
        "content": { "application/json": { "schema": reference("Error"), "examples": examples } },
    })
}

/// The body of every refusal (1.2.2).
pub(super) fn error_body() -> Value {
    let member = |text: &str| json!({ "type": "string", "description": text });
    json!({
        "type": "object",
        "description": "The body of every refusal (1.2.2).",
        "properties": {
            "error_code": member("The error code, always a string (A-25)."),
            "error_desc": member("Its description; compare it leniently (A-19)."),
        },
        "required": ["error_code", "error_desc"],
    })
}
