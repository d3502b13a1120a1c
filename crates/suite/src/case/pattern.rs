//! What a case expects of a JSON value: a subset of members, and matchers where equality is too much.

use serde_json::Value;

use super::shape::Shape;

/// What a case expects of a JSON value.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// This value; null also stands for an absent one.
    Literal(Value),
    /// An object that has at least these members.
    Members(Vec<(String, Pattern)>),
    /// A list of exactly these items.
    Items(Vec<Pattern>),
    /// All of these matchers.
    All(Vec<Matcher>),
}

/// One matcher.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// `is`: exactly this value, whatever it looks like.
    Is(Value),
    /// `not`: anything else, or nothing.
    Not(Pattern),
    /// `matches`: a string of this shape.
    Matches(Shape),
    /// `one_of`: one of these values.
    OneOf(Vec<Value>),
    /// `at_least`: a number, or a string in the order of characters.
    AtLeast(Value),
    /// `at_most`: a number, or a string in the order of characters.
    AtMost(Value),
    /// `absent: true`: absent or null.
    Absent,
    /// `present: true`: neither absent nor null.
    Present,
    /// `length`: so many items or characters.
    Length(u64),
    /// `contains`: a list that has an item of this pattern, or a string that has this part.
    Contains(Pattern),
    /// `lacks`: a list none of whose items is of this pattern.
    Lacks(Pattern),
}

impl Matcher {
    /// The names of all matchers, as cases write them.
    pub const NAMES: [&'static str; 11] =
        ["is", "not", "matches", "one_of", "at_least", "at_most", "absent", "present", "length", "contains", "lacks"];
}

/// Where and how a value differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The path: `deviceInfo.status`, `list[0].x`; empty for the whole value.
    pub path: String,
    /// What was expected there.
    pub expected: String,
    /// What stands there.
    pub actual: String,
}

impl Mismatch {
    fn new(path: &str, expected: impl Into<String>, actual: Option<&Value>) -> Self {
        let actual = actual.map_or_else(|| "absent".to_owned(), shown);
        Self { path: path.to_owned(), expected: expected.into(), actual }
    }
}

/// A value as a message shows it, without its secrets.
#[must_use]
pub fn shown(value: &Value) -> String {
    crate::wire::transcript::without_secrets(value).to_string()
}

impl Pattern {
    /// The first place where the value is not as expected.
    #[must_use]
    pub fn mismatch(&self, path: &str, value: Option<&Value>) -> Option<Mismatch> {
        match self {
            Self::Literal(Value::Null) if value.is_none_or(Value::is_null) => None,
            Self::Literal(wanted) => {
                (!value.is_some_and(|v| equal(v, wanted))).then(|| Mismatch::new(path, wanted.to_string(), value))
            }
            Self::Members(members) => members_mismatch(members, path, value),
            Self::Items(items) => items_mismatch(items, path, value),
            Self::All(matchers) => matchers.iter().find_map(|matcher| matcher.mismatch(path, value)),
        }
    }

    /// Whether the value is as expected.
    #[must_use]
    pub fn fits(&self, value: &Value) -> bool {
        self.mismatch("", Some(value)).is_none()
    }

    /// How far the value is as expected: the number of members that fit, to find the nearest of many.
    #[must_use]
    pub fn nearness(&self, value: &Value) -> usize {
        match self {
            Self::Members(members) => {
                members.iter().map(|(name, pattern)| value.get(name).map_or(0, |v| pattern.nearness(v))).sum()
            }
            other => usize::from(other.fits(value)),
        }
    }

    /// The pattern in words, for "expected".
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Literal(value) => value.to_string(),
            Self::Members(members) if members.is_empty() => "anything".to_owned(),
            Self::Members(members) => {
                let inner: Vec<String> = members.iter().map(|(n, p)| format!("\"{n}\": {}", p.describe())).collect();
                format!("{{{}}}", inner.join(", "))
            }
            Self::Items(items) => {
                let inner: Vec<String> = items.iter().map(Self::describe).collect();
                format!("[{}]", inner.join(", "))
            }
            Self::All(matchers) => {
                let inner: Vec<String> = matchers.iter().map(Matcher::describe).collect();
                inner.join(" and ")
            }
        }
    }
}

fn members_mismatch(members: &[(String, Pattern)], path: &str, value: Option<&Value>) -> Option<Mismatch> {
    let Some(Value::Object(object)) = value else {
        return Some(Mismatch::new(path, "an object", value));
    };
    members.iter().find_map(|(name, pattern)| {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        pattern.mismatch(&path, object.get(name))
    })
}

fn items_mismatch(items: &[Pattern], path: &str, value: Option<&Value>) -> Option<Mismatch> {
    let Some(Value::Array(list)) = value else {
        return Some(Mismatch::new(path, "a list", value));
    };
    if list.len() != items.len() {
        return Some(Mismatch::new(path, format!("a list of {} items", items.len()), value));
    }
    let pairs = items.iter().zip(list).enumerate();
    pairs.into_iter().find_map(|(i, (pattern, item))| pattern.mismatch(&format!("{path}[{i}]"), Some(item)))
}

/// Equality, but for the way in which a number is written.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

fn order(value: &Value, limit: &Value) -> Option<std::cmp::Ordering> {
    match (value, limit) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

impl Matcher {
    fn mismatch(&self, path: &str, value: Option<&Value>) -> Option<Mismatch> {
        (!self.fits(value)).then(|| Mismatch::new(path, self.describe(), value))
    }

    fn fits(&self, value: Option<&Value>) -> bool {
        let there = value.filter(|v| !v.is_null());
        match self {
            Self::Is(wanted) => value.is_some_and(|v| equal(v, wanted)),
            Self::Not(pattern) => pattern.mismatch("", value).is_some(),
            Self::Matches(shape) => there.and_then(Value::as_str).is_some_and(|text| shape.fits(text)),
            Self::OneOf(values) => {
                values.iter().any(|w| value.is_some_and(|v| equal(v, w)) || (w.is_null() && there.is_none()))
            }
            Self::AtLeast(limit) => there.and_then(|v| order(v, limit)).is_some_and(std::cmp::Ordering::is_ge),
            Self::AtMost(limit) => there.and_then(|v| order(v, limit)).is_some_and(std::cmp::Ordering::is_le),
            Self::Absent => there.is_none(),
            Self::Present => there.is_some(),
            Self::Length(length) => there.and_then(size).is_some_and(|size| size as u64 == *length),
            Self::Contains(pattern) => there.is_some_and(|v| contains(pattern, v)),
            Self::Lacks(pattern) => match there {
                Some(Value::Array(items)) => !items.iter().any(|item| pattern.fits(item)),
                other => other.is_none(),
            },
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Not(pattern) => format!("anything but {}", pattern.describe()),
            Self::Matches(shape) => format!("a string like {}", shape.source()),
            Self::OneOf(values) => {
                let list: Vec<String> = values.iter().map(ToString::to_string).collect();
                format!("one of {}", list.join(", "))
            }
            Self::AtLeast(limit) => format!("at least {limit}"),
            Self::AtMost(limit) => format!("at most {limit}"),
            Self::Absent => "absent or null".to_owned(),
            Self::Present => "present".to_owned(),
            Self::Length(length) => format!("of length {length}"),
            Self::Contains(pattern) => format!("containing {}", pattern.describe()),
            Self::Lacks(pattern) => format!("without any {}", pattern.describe()),
        }
    }
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        _ => None,
    }
}

fn contains(pattern: &Pattern, value: &Value) -> bool {
    match (value, pattern) {
        (Value::Array(items), pattern) => items.iter().any(|item| pattern.fits(item)),
        (Value::String(text), Pattern::Literal(Value::String(part))) => text.contains(part.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(value: Value) -> Pattern {
        Pattern::Members(
            value.as_object().unwrap().iter().map(|(n, v)| (n.clone(), Pattern::Literal(v.clone()))).collect(),
        )
    }

    #[test]
    fn a_subset_is_enough_and_null_is_absent() {
        let pattern = members(json!({"a": 1, "b": null}));
        assert!(pattern.fits(&json!({"a": 1.0, "c": 2})));
        let mismatch = pattern.mismatch("", Some(&json!({"a": 1, "b": 3}))).unwrap();
        assert_eq!((mismatch.path.as_str(), mismatch.actual.as_str()), ("b", "3"));
    }

    #[test]
    fn matchers_judge_presence_order_and_content() {
        let one = |matcher| Pattern::All(vec![matcher]);
        assert!(one(Matcher::AtLeast(json!("20200101T000000Z"))).fits(&json!("20210101T000000Z")));
        assert!(!one(Matcher::AtLeast(json!(3))).fits(&json!("3")));
        assert!(one(Matcher::Contains(members(json!({"x": 1})))).fits(&json!([{"x": 2}, {"x": 1}])));
        assert!(one(Matcher::Lacks(members(json!({"x": 3})))).fits(&json!([{"x": 2}])));
        assert!(one(Matcher::Absent).mismatch("", None).is_none());
        assert!(one(Matcher::Present).mismatch("", Some(&Value::Null)).is_some());
        assert!(one(Matcher::Not(Pattern::Literal(json!("a")))).fits(&json!("b")));
    }
}
