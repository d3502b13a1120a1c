//! Turns what a case writes as expected into a pattern.

use serde_json::{Map, Value};

use super::pattern::{Matcher, Pattern};
use super::shape::Shape;

impl Pattern {
    /// Reads a pattern; an object whose every key is a matcher's name is a set of matchers.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn compile(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(members) if members.keys().any(|name| is_matcher(name)) => matchers(members),
            Value::Object(members) => {
                let members: Result<Vec<_>, String> =
                    members.iter().map(|(name, value)| Ok((name.clone(), Self::compile(value)?))).collect();
                Ok(Self::Members(members?))
            }
            Value::Array(items) => Ok(Self::Items(items.iter().map(Self::compile).collect::<Result<_, _>>()?)),
            literal => Ok(Self::Literal(literal.clone())),
        }
    }
}

/// Whether a key of a pattern is a matcher's name.
#[must_use]
pub fn is_matcher(name: &str) -> bool {
    Matcher::NAMES.contains(&name)
}

fn matchers(members: &Map<String, Value>) -> Result<Pattern, String> {
    if let Some(name) = members.keys().find(|name| !is_matcher(name)) {
        return Err(format!("`{name}` stands beside matchers; the matchers are {}", Matcher::NAMES.join(", ")));
    }
    members.iter().map(|(name, value)| matcher(name, value)).collect::<Result<_, _>>().map(Pattern::All)
}

fn matcher(name: &str, value: &Value) -> Result<Matcher, String> {
    let text = || value.as_str().ok_or_else(|| format!("`{name}` wants a string"));
    match name {
        "is" => Ok(Matcher::Is(value.clone())),
        "not" => Pattern::compile(value).map(Matcher::Not),
        "matches" => Shape::parse(text()?).map(Matcher::Matches),
        "one_of" => value.as_array().cloned().map(Matcher::OneOf).ok_or_else(|| "`one_of` wants a list".to_owned()),
        "at_least" => Ok(Matcher::AtLeast(value.clone())),
        "at_most" => Ok(Matcher::AtMost(value.clone())),
        "absent" | "present" => match value.as_bool() {
            Some(flag) if flag == (name == "present") => Ok(Matcher::Present),
            Some(_) => Ok(Matcher::Absent),
            None => Err(format!("`{name}` wants true or false")),
        },
        "length" => value.as_u64().map(Matcher::Length).ok_or_else(|| "`length` wants a number".to_owned()),
        "contains" => Pattern::compile(value).map(Matcher::Contains),
        _ => Pattern::compile(value).map(Matcher::Lacks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_members_and_matchers() {
        let pattern = Pattern::compile(&json!({"a": {"matches": "x+"}, "b": [{"at_least": 1, "at_most": 2}]})).unwrap();
        assert!(pattern.fits(&json!({"a": "xx", "b": [2]})));
        assert!(!pattern.fits(&json!({"a": "xx", "b": [3]})));
        assert!(Pattern::compile(&json!({"absent": false})).unwrap().fits(&json!(1)));
        assert!(Pattern::compile(&json!({"is": 1, "isnt": 2})).unwrap_err().contains("isnt"));
    }
}
