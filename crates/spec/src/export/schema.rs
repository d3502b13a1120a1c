//! Tables as JSON Schema, for OpenAPI and AsyncAPI alike.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::contract::fallback;
use super::prose::{of_row, pascal, rulings_of_row};
use super::{Members, with};
use crate::catalogue::{NOTIFICATIONS, Op};
use crate::model::{Field, Format, Kind};

/// Which way the described object travels: it decides what is obligatory and what may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// To the platform, as the table says.
    Request,
    /// From the platform, as an answer: the tables do not say what is always there, and an unset
    /// member may be null.
    Answer,
    /// From the platform, unasked: as the table says; an unset optional member may be null.
    Push,
}

impl Side {
    /// What an object that travels this way is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Request => "Request",
            Self::Answer => "Response",
            Self::Push => "Push",
        }
    }

    fn requires(self, field: &Field) -> bool {
        self != Self::Answer && field.is_required()
    }

    fn allows_null(self, field: &Field) -> bool {
        match self {
            Self::Request => false,
            Self::Answer => true,
            Self::Push => !field.is_required(),
        }
    }
}

/// The structures that the reference tables once and uses in several places: each is one component
/// schema, and its uses refer to it.
#[derive(Default)]
pub(super) struct Structures {
    names: HashMap<String, String>,
    schemas: Vec<(String, Value)>,
}

/// A use of a structure: the name that the reference gives it, what it is made of, who uses it.
struct Use<'a> {
    printed: String,
    content: String,
    owner: String,
    side: Side,
    field: &'a Field,
}

impl Structures {
    /// Every structure of the operations and pushes.
    pub(super) fn of_the_contract() -> Self {
        let mut uses = Vec::new();
        for op in Op::ALL {
            let table = op.table();
            let owner = pascal(table.name);
            for param in table.params {
                collect(&param.field, &owner, Side::Request, &mut uses);
            }
            table.response.iter().for_each(|field| collect(field, &owner, Side::Answer, &mut uses));
        }
        for push in NOTIFICATIONS {
            push.fields.iter().for_each(|field| collect(field, &pascal(push.name), Side::Push, &mut uses));
        }
        Self::named(&uses)
    }

    /// A structure whose name means one thing everywhere keeps it; others are called after their
    /// first user too.
    fn named(uses: &[Use<'_>]) -> Self {
        let mut all = Self::default();
        for one in uses {
            let rivals = |same_owner: bool| {
                uses.iter()
                    .filter(|other| other.printed == one.printed && (!same_owner || other.owner == one.owner))
                    .any(|other| other.content != one.content)
            };
            let name = match (rivals(false), rivals(true)) {
                (false, _) => one.printed.clone(),
                (true, false) => format!("{}{}", one.owner, one.printed),
                (true, true) => format!("{}{}{}", one.owner, one.printed, one.side.name()),
            };
            all.names.entry(key(&one.printed, &one.content)).or_insert(name);
        }
        for one in uses {
            let name = all.names[&key(&one.printed, &one.content)].clone();
            if all.schemas.iter().all(|(other, _)| *other != name) {
                let schema = object(&one.field.members.iter().collect::<Vec<_>>(), one.side, &all);
                all.schemas.push((name, schema));
            }
        }
        all
    }

    /// The component schemas by their names.
    pub(super) fn schemas(&self) -> impl Iterator<Item = (String, Value)> + '_ {
        self.schemas.iter().cloned()
    }

    fn reference(&self, field: &Field, side: Side) -> Option<Value> {
        let name = self.names.get(&key(&printed_name(field), &content(field, side)))?;
        Some(reference(name))
    }
}

/// A reference to a component schema.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn key(printed: &str, content: &str) -> String {
    format!("{printed} {content}")
}

fn content(field: &Field, side: Side) -> String {
    object(&field.members.iter().collect::<Vec<_>>(), side, &Structures::default()).to_string()
}

fn collect<'a>(field: &'a Field, owner: &str, side: Side, uses: &mut Vec<Use<'a>>) {
    if !field.members.is_empty() {
        let (printed, content) = (printed_name(field), content(field, side));
        uses.push(Use { printed, content, owner: owner.to_owned(), side, field });
        field.members.iter().for_each(|member| collect(member, owner, side, uses));
    }
}

/// The structure's name: `List<Reason>` is of `Reason`; an `ObjectNode` has only its member's name.
fn printed_name(field: &Field) -> String {
    let inner = field.printed.trim_start_matches("List<").trim_end_matches('>');
    let is_name = inner.chars().all(char::is_alphanumeric) && !["ObjectNode", "JsonObject", "Json"].contains(&inner);
    pascal(if is_name { inner } else { field.name })
}

/// A table as the schema of an object. Members that no table has are tolerated everywhere
/// (line 158, A-26).
pub(super) fn object(table: &[&Field], side: Side, structures: &Structures) -> Value {
    let properties: Map<String, Value> = table
        .iter()
        .map(|field| {
            let description = of_row(field, table);
            let about = Members::default()
                .maybe("description", description)
                .put("x-line", field.line)
                .maybe("x-rulings", rulings_of_row(field))
                .maybe("x-ruled-minimum", field.ruled_min.filter(|_| side == Side::Request));
            let mut schema = property(field, side, structures);
            if let (Value::Object(schema), Value::Object(about)) = (&mut schema, about.done()) {
                schema.extend(about);
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = table.iter().filter(|field| side.requires(field)).map(|field| field.name).collect();
    with("type", "object")
        .put("properties", properties)
        .maybe("required", Some(required).filter(|names| !names.is_empty()))
        .done()
}

/// The schema of one row's value.
pub(super) fn property(field: &Field, side: Side, structures: &Structures) -> Value {
    let schema = of_kind(field, field.kind, side, structures);
    if side.allows_null(field) { nullable(schema) } else { schema }
}

fn of_kind(field: &Field, kind: Kind, side: Side, structures: &Structures) -> Value {
    let values = Some(field.values).filter(|values| !values.is_empty());
    let typed = Members::default().maybe("type", kind.json_type());
    match kind {
        Kind::String => typed
            .maybe("minLength", field.min_len)
            .maybe("maxLength", field.max_len)
            .maybe("pattern", field.format.map(|format| pattern(format, field)))
            .maybe("enum", values)
            .maybe("default", field.default.map(fallback))
            .done(),
        Kind::Integer | Kind::Number => typed
            .maybe("minimum", field.min)
            .maybe("maximum", field.max)
            .maybe("default", field.default.map(fallback))
            .done(),
        Kind::Boolean | Kind::Any => typed.maybe("default", field.default.map(fallback)).done(),
        Kind::Object if field.members.is_empty() => typed.done(),
        Kind::Object => structures
            .reference(field, side)
            .unwrap_or_else(|| object(&field.members.iter().collect::<Vec<_>>(), side, structures)),
        Kind::Array(items) => {
            // Lengths speak of the array; a closed list and a form of each item.
            let item = Field { kind: *items, min_len: None, max_len: None, default: None, ..*field };
            typed
                .put("items", of_kind(&item, *items, side, structures))
                .maybe("minItems", field.min_len)
                .maybe("maxItems", field.max_len)
                .done()
        }
    }
}

/// The form as a pattern. Where it repeats one class of characters, the lengths go into it, so
/// that generators of test data need not guess.
fn pattern(format: Format, field: &Field) -> String {
    let pattern = format.pattern();
    match (pattern.strip_suffix("]*$"), field.min_len, field.max_len) {
        (Some(class), min, Some(max)) if min == Some(max) => format!("{class}]{{{max}}}$"),
        (Some(class), min, Some(max)) => format!("{class}]{{{},{max}}}$", min.unwrap_or(0)),
        _ => pattern.to_owned(),
    }
}

fn nullable(mut schema: Value) -> Value {
    if schema.get("$ref").is_some() {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    schema
}
