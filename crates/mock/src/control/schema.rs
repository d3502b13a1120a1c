//! What the control plane takes and answers, as JSON Schema: a word for each kind of value.

use serde_json::{Map, Value, json};

/// A member of an object.
pub(super) struct Member {
    name: &'static str,
    schema: Value,
    needed: bool,
}

/// A member that is always there.
pub(super) const fn need(name: &'static str, schema: Value) -> Member {
    Member { name, schema, needed: true }
}

/// A member that may be absent.
pub(super) const fn may(name: &'static str, schema: Value) -> Member {
    Member { name, schema, needed: false }
}

/// An object with these members.
pub(super) fn object<const N: usize>(members: [Member; N]) -> Value {
    let required: Vec<&str> = members.iter().filter(|m| m.needed).map(|m| m.name).collect();
    let properties: Map<String, Value> = members.into_iter().map(|m| (m.name.to_owned(), m.schema)).collect();
    if required.is_empty() {
        return json!({ "type": "object", "properties": properties });
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// The same object, or each of the same choice of objects, with more members, which may be absent.
pub(super) fn and(schema: Value, more: &Value) -> Value {
    match schema {
        Value::Object(mut schema) => {
            if let Some(Value::Array(choice)) = schema.get_mut("anyOf") {
                let each = std::mem::take(choice);
                choice.extend(each.into_iter().map(|one| and(one, more)));
            } else if let (Some(Value::Object(own)), Some(more)) =
                (schema.get_mut("properties"), more["properties"].as_object())
            {
                own.extend(more.clone());
            }
            Value::Object(schema)
        }
        other => other,
    }
}

/// The same object, or each of the same choice of objects, with no members but these.
pub(super) fn closed(mut schema: Value) -> Value {
    if let Some(Value::Array(choice)) = schema.get_mut("anyOf") {
        choice.iter_mut().for_each(|one| *one = closed(one.take()));
    } else if schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

/// An object whose members are not ours to say.
pub(super) fn map() -> Value {
    json!({ "type": "object" })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// `yyyyMMddTHHmmssZ`.
pub(super) fn time() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{8}T[0-9]{6}Z$" })
}

pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// True and nothing else: to be told, or not to be there.
pub(super) fn truth() -> Value {
    json!({ "type": "boolean", "const": true })
}

pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// One of these words.
pub(super) fn word(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// This word and no other.
pub(super) fn exactly(word: &str) -> Value {
    json!({ "const": word })
}

/// One of these.
pub(super) fn any<const N: usize>(choice: [Value; N]) -> Value {
    json!({ "anyOf": Vec::from(choice) })
}

/// This, or null.
pub(super) fn or_null(schema: Value) -> Value {
    any([schema, json!({ "type": "null" })])
}

/// How often: a number, or `always`.
pub(super) fn times() -> Value {
    any([count(), exactly("always")])
}

/// Nothing but the confirmation that it is done: `{}`.
pub(super) fn done() -> Value {
    object([])
}
