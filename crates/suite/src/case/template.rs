//! `${…}` in the values of a case.

use serde_json::{Map, Value};

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stands for itself.
    Text(&'a str),
    /// What stands between `${` and `}`.
    Reference(&'a str),
}

/// Splits a string into text and references.
///
/// # Errors
/// If a `${` is not closed.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (reference, after) = after.split_once('}').ok_or_else(|| format!("`${{` is not closed in `{text}`"))?;
        pieces.push(Piece::Reference(reference));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Replaces every reference in a value, also in the names of members. A string that is nothing but
/// one reference becomes the referenced value, whatever its type.
///
/// # Errors
/// If a reference leads nowhere.
pub fn resolve(value: &Value, look_up: &mut dyn FnMut(&str) -> Result<Value, String>) -> Result<Value, String> {
    match value {
        Value::String(text) => resolve_text(text, look_up),
        Value::Array(items) => {
            let items: Result<Vec<Value>, String> = items.iter().map(|item| resolve(item, look_up)).collect();
            Ok(Value::Array(items?))
        }
        Value::Object(members) => {
            let mut resolved = Map::new();
            for (name, value) in members {
                let name = text_of(&resolve_text(name, look_up)?);
                resolved.insert(name, resolve(value, look_up)?);
            }
            Ok(Value::Object(resolved))
        }
        other => Ok(other.clone()),
    }
}

fn resolve_text(text: &str, look_up: &mut dyn FnMut(&str) -> Result<Value, String>) -> Result<Value, String> {
    let pieces = pieces(text)?;
    if let [Piece::Reference(reference)] = pieces.as_slice() {
        return look_up(reference);
    }
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Reference(reference) => whole.push_str(&text_of(&look_up(reference)?)),
        }
    }
    Ok(Value::String(whole))
}

/// A value as text: a string without quotes, anything else as JSON.
#[must_use]
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value at a path such as `services[0].data.x`; the empty path is the value itself.
#[must_use]
pub fn at_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).try_fold(value, |value, part| match part.strip_suffix(']') {
        Some(index) => value.get(index.parse::<usize>().ok()?),
        None => value.get(part),
    })
}

/// Removes the member at a dotted path; whether it was there.
pub fn remove(value: &mut Value, path: &str) -> bool {
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (at_path_mut(value, parent), name),
        None => (Some(value), path),
    };
    parent.and_then(Value::as_object_mut).and_then(|members| members.shift_remove(name)).is_some()
}

/// Puts a value at a dotted path whose parent is there; whether it was.
pub fn put(value: &mut Value, path: &str, new: Value) -> bool {
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (at_path_mut(value, parent), name),
        None => (Some(value), path),
    };
    parent.and_then(Value::as_object_mut).map(|members| members.insert(name.to_owned(), new)).is_some()
}

fn at_path_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, |value, part| {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']').parse::<usize>().unwrap_or_default())),
            None => (part, None),
        };
        let member = value.get_mut(name)?;
        match index {
            Some(index) => member.get_mut(index),
            None => Some(member),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_whole_reference_keeps_its_type() {
        let mut look_up = |name: &str| if name == "n" { Ok(json!(7)) } else { Err(format!("no {name}")) };
        let value = json!({"a": "${n}", "x${n}": ["v${n}w"]});
        assert_eq!(resolve(&value, &mut look_up).unwrap(), json!({"a": 7, "x7": ["v7w"]}));
        assert_eq!(resolve(&json!("${m}"), &mut look_up).unwrap_err(), "no m");
        assert!(resolve(&json!("${n"), &mut look_up).is_err());
    }

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let mut value = json!({"a": [{"b": 1}], "c": {"d": 2}});
        assert_eq!(at_path(&value, "a[0].b"), Some(&json!(1)));
        assert_eq!(at_path(&value, ""), Some(&value.clone()));
        assert!(remove(&mut value, "c.d") && !remove(&mut value, "c.x"));
        assert!(put(&mut value, "a[0].b", json!(3)));
        assert_eq!(value, json!({"a": [{"b": 3}], "c": {}}));
    }
}
