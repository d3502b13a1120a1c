//! `/_mock/operations`: what the REST interface has, for whoever orders answers.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Response;
use iotdm_spec::model::Operation;
use iotdm_spec::{Op, universal};
use serde_json::{Value, json};

use super::reply;
use super::route::{Routes, get};
use super::schema::{count, list, need, object, text};

pub(super) fn routes() -> Routes {
    let row = object([need("name", text()), need("http_status", count()), need("code", text()), need("text", text())]);
    let operation = object([
        need("operation", text()),
        need("clause", text()),
        need("title", text()),
        need("method", text()),
        need("path", text()),
        need("rows", list(row)),
    ]);
    Routes::new().on(
        get(
            "/_mock/operations",
            "Every operation of the REST interface, with the rows that can be ordered by `POST /_mock/force`.",
        )
        .answers(object([need("operations", list(operation))])),
        list_all,
    )
}

async fn list_all() -> Response<Body> {
    let operations: Vec<Value> = Op::ALL.iter().map(|op| shown(op.table())).collect();
    reply(Ok(json!({ "operations": operations })))
}

fn shown(table: &Operation) -> Value {
    let universal = [universal::token_invalid(table), universal::throttled(table), table.input.invalid];
    let mut seen = BTreeSet::new();
    let rows: Vec<Value> = table
        .errors
        .iter()
        .chain(&universal)
        .filter(|row| seen.insert((row.http_status, row.code)))
        .map(|row| json!({ "name": row.name, "http_status": row.http_status, "code": row.code, "text": row.desc }))
        .collect();
    json!({
        "operation": table.name,
        "clause": table.clause,
        "title": table.title,
        "method": table.method.as_str(),
        "path": table.path,
        "rows": rows,
    })
}
