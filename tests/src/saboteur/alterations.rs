//! What can be done to a JSON object that has a table: every member by its field.

use iotdm_spec::model::{Field, Format, Kind, Presence};
use serde_json::{Map, Value, json};

/// One way to alter the members of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// Closed lists: another of their values.
    OtherListedValue,
    /// Texts that are no ids and no moments get a tail.
    Texts,
    /// Ids get a tail.
    Ids,
    /// Moments lie in another century.
    Moments,
    /// Moments are written otherwise.
    MomentFormat,
    /// Integers are one too many.
    OffByOne,
    /// Truth is turned round.
    Negation,
    /// Lists are empty.
    EmptyLists,
    /// Lists have their items twice.
    DoubledLists,
    /// Lists run backwards.
    ReversedLists,
    /// Lists lack their first item.
    BeheadedLists,
    /// What the product defines is altered: the values in free objects.
    FreeValues,
    /// What the product defines is missing.
    FreeMembers,
    /// Obligatory members are missing.
    WithoutRequired,
    /// All other members are missing.
    WithoutOptional,
    /// Numbers and booleans travel as strings, strings as numbers.
    Types,
}

impl Alteration {
    /// All of them, the finest first.
    pub const ALL: [Self; 16] = [
        Self::OtherListedValue,
        Self::Moments,
        Self::OffByOne,
        Self::Negation,
        Self::ReversedLists,
        Self::BeheadedLists,
        Self::FreeValues,
        Self::FreeMembers,
        Self::Texts,
        Self::DoubledLists,
        Self::EmptyLists,
        Self::MomentFormat,
        Self::WithoutOptional,
        Self::Ids,
        Self::WithoutRequired,
        Self::Types,
    ];

    /// Alters an object by its table.
    pub fn alter(self, fields: &[Field], object: &mut Map<String, Value>) {
        for field in fields {
            let Some(value) = object.get_mut(field.name) else { continue };
            let required = field.presence == Presence::Required;
            let goes = (self == Self::WithoutRequired && required) || (self == Self::WithoutOptional && !required);
            if goes {
                object.shift_remove(field.name);
                continue;
            }
            self.value(field, field.kind, value);
        }
    }

    fn value(self, field: &Field, kind: Kind, value: &mut Value) {
        match value {
            Value::Null => {}
            Value::String(text) if kind != Kind::Any => self.text(field, text),
            Value::Object(members) if !field.members.is_empty() => self.alter(field.members, members),
            Value::Object(members) => self.free(members),
            Value::Array(items) => self.list(field, kind, items),
            Value::Number(number) => match self {
                Self::OffByOne => *value = number.as_i64().map_or_else(|| json!(1.25), |n| json!(n + 1)),
                Self::Types => *value = Value::from(number.to_string()),
                _ => {}
            },
            Value::Bool(flag) => match self {
                Self::Negation => *value = Value::from(!*flag),
                Self::Types => *value = Value::from(flag.to_string()),
                _ => {}
            },
            Value::String(_) => {}
        }
        if self == Self::Types && kind == Kind::String && value.is_string() {
            *value = json!(4711);
        }
    }

    fn text(self, field: &Field, text: &mut String) {
        let is_id = field.name.to_lowercase().ends_with("id");
        let is_moment = field.format == Some(Format::UtcTime) || looks_like_a_moment(text);
        match self {
            Self::OtherListedValue => {
                if let Some(other) = field.values.iter().find(|v| *v != text) {
                    (*other).clone_into(text);
                }
            }
            Self::Texts if !is_id && !is_moment && field.values.is_empty() => text.push('~'),
            Self::Ids if is_id => text.push('~'),
            Self::Moments if is_moment => "19700101T000000Z".clone_into(text),
            Self::MomentFormat if is_moment => *text = format!("{}+00:00", text.trim_end_matches('Z')),
            _ => {}
        }
    }

    fn list(self, field: &Field, kind: Kind, items: &mut Vec<Value>) {
        match self {
            Self::EmptyLists => items.clear(),
            Self::DoubledLists => items.extend(items.clone()),
            Self::ReversedLists => items.reverse(),
            Self::BeheadedLists if !items.is_empty() => {
                items.remove(0);
            }
            _ => {}
        }
        let inner = if let Kind::Array(inner) = kind { *inner } else { Kind::Any };
        items.iter_mut().for_each(|item| self.value(field, inner, item));
    }

    /// An object whose members the product defines.
    fn free(self, members: &mut Map<String, Value>) {
        match self {
            Self::FreeMembers => members.clear(),
            Self::FreeValues => members.values_mut().for_each(altered),
            _ => {}
        }
    }
}

fn altered(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.as_i64().map_or_else(|| json!(1.25), |n| json!(n + 1)),
        Value::String(text) => text.push('~'),
        Value::Bool(flag) => *flag = !*flag,
        Value::Object(members) => members.values_mut().for_each(altered),
        Value::Array(items) => items.iter_mut().for_each(altered),
        Value::Null => {}
    }
}

fn looks_like_a_moment(text: &str) -> bool {
    text.len() == 16 && text.ends_with('Z') && text.as_bytes().get(8) == Some(&b'T')
}
