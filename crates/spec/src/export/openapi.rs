//! The REST operations and the pushes as OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::contract::content_type;
use super::prose::{camel, of_clause, of_row, pascal, rulings_of_row};
use super::refusals::{answers, error_body, other_refusal};
use super::schema::{Side, Structures, object, property, reference};
use super::{Members, with};
use crate::catalogue::{ClauseRef, NOTIFICATIONS, Op};
use crate::model::{Chapter, Field, Notification, Operation, Param, Place};

/// Every operation and every push.
#[must_use]
pub fn openapi() -> Value {
    let structures = Structures::of_the_contract();
    let mut schemas: Vec<(String, Value)> = vec![("Error".to_owned(), error_body())];
    let mut paths: Map<String, Value> = Map::new();
    for op in Op::ALL {
        let table = op.table();
        let item = paths.entry(table.path).or_insert_with(|| Value::Object(Map::new()));
        item[table.method.as_str().to_ascii_lowercase()] = operation(table, &structures, &mut schemas);
    }
    let webhooks: Map<String, Value> = NOTIFICATIONS
        .iter()
        .map(|push| {
            let name = push.notify_type.map_or_else(|| camel(push.name), |kind| kind.as_str().to_owned());
            (name, json!({ "post": webhook(push, &structures, &mut schemas) }))
        })
        .collect();
    schemas.extend(structures.schemas());
    with("openapi", "3.1.0")
        .put("info", info())
        .put("servers", json!([server()]))
        .put("security", json!([{ "appKey": [], "bearer": [] }]))
        .put("tags", tags())
        .put("paths", paths)
        .put("webhooks", webhooks)
        .put(
            "components",
            json!({
                "schemas": schemas.into_iter().collect::<Map<_, _>>(),
                "responses": { "OtherRefusal": other_refusal() },
                "securitySchemes": security_schemes(),
            }),
        )
        .done()
}

fn info() -> Value {
    json!({
        "title": "OceanConnect V3 device management API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Written by `iotdm export openapi` from the contract's tables. `x-line` is a line of the \
            printed reference, `x-requirement` a requirement that `iotdm explain` tells more about, `x-ruling` and \
            `x-rulings` the rulings that settle what the reference leaves open. Members of answers may be null \
            (A-24), and members that no table names are tolerated both ways (line 158, A-26).",
    })
}

fn server() -> Value {
    json!({
        "url": "https://{endpoint}",
        "variables": { "endpoint": { "default": "127.0.0.1:8743", "description": "Host and port (line 174)." } },
    })
}

fn tags() -> Vec<Value> {
    let is_used = |chapter: &Chapter| {
        *chapter == Chapter::Notifications || Op::ALL.iter().any(|op| op.table().chapter == *chapter)
    };
    Chapter::ALL.into_iter().filter(is_used).map(|chapter| json!({ "name": chapter.folder() })).collect()
}

fn security_schemes() -> Value {
    json!({
        "appKey": {
            "type": "apiKey",
            "in": "header",
            "name": "app_key",
            "description": "The id of the calling application, the one that logged in (line 208).",
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The access token of the last login or refresh (line 209).",
        },
    })
}

fn operation(op: &'static Operation, structures: &Structures, schemas: &mut Vec<(String, Value)>) -> Value {
    let success = (!op.response.is_empty()).then(|| {
        let name = format!("{}{}", pascal(op.name), Side::Answer.name());
        let table: Vec<&Field> = op.response.iter().collect();
        schemas.push((name.clone(), object(&table, Side::Answer, structures)));
        reference(&name)
    });
    let parameters: Vec<Value> = op
        .params
        .iter()
        .filter(|param| matches!(param.place, Place::Path | Place::Query))
        .map(|param| parameter(op, param, structures))
        .collect();
    with("operationId", op.name)
        .put("tags", json!([op.chapter.folder()]))
        .put("summary", op.title)
        .put("description", of_clause(&ClauseRef::Operation(op)))
        .maybe("security", (!op.is_protected()).then(|| json!([])))
        .maybe("parameters", Some(parameters).filter(|list| !list.is_empty()))
        .maybe("requestBody", request_body(op, structures, schemas))
        .put("responses", answers(op, success))
        .put("x-clause", op.clause)
        .put("x-line", op.uri_line)
        .done()
}

fn parameter(op: &Operation, param: &Param, structures: &Structures) -> Value {
    let field = &param.field;
    let table: Vec<&Field> = op.params.iter().map(|other| &other.field).collect();
    with("name", field.name)
        .put("in", param.place.as_str())
        .put("required", param.place == Place::Path || field.is_required())
        .maybe("description", of_row(field, &table))
        .put("schema", property(field, Side::Request, structures))
        .put("x-line", field.line)
        .maybe("x-rulings", rulings_of_row(field))
        .maybe("x-ruled-minimum", field.ruled_min)
        .done()
}

fn request_body(op: &Operation, structures: &Structures, schemas: &mut Vec<(String, Value)>) -> Option<Value> {
    let content_type = content_type(op)?;
    let body = op.params.iter().filter(|param| param.place == Place::Body);
    let table: Vec<&Field> = body.map(|param| &param.field).collect();
    let name = format!("{}{}", pascal(op.name), Side::Request.name());
    schemas.push((name.clone(), object(&table, Side::Request, structures)));
    Some(body_of(content_type, &name))
}

fn body_of(content_type: &str, schema: &str) -> Value {
    json!({ "required": true, "content": { content_type: { "schema": reference(schema) } } })
}

fn webhook(push: &'static Notification, structures: &Structures, schemas: &mut Vec<(String, Value)>) -> Value {
    let name = format!("{}{}", pascal(push.name), Side::Push.name());
    let table: Vec<&Field> = push.fields.iter().collect();
    schemas.push((name.clone(), object(&table, Side::Push, structures)));
    let mut answers = Map::new();
    answers.insert(push.success_status.to_string(), json!({ "description": "The push has been received." }));
    Members::default()
        .put("operationId", push.name)
        .put("tags", json!([Chapter::Notifications.folder()]))
        .put("summary", push.title)
        .put("description", of_clause(&ClauseRef::Notification(push)))
        .put("security", json!([]))
        .put("requestBody", body_of("application/json", &name))
        .put("responses", answers)
        .put("x-clause", push.clause)
        .maybe("x-notify-type", push.notify_type.map(|kind| kind.as_str()))
        .done()
}
