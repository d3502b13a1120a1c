//! Judges a JSON value by a table: one engine for requests, answers, pushes and MQTT payloads.
//!
//! It never stops at the first fault, and it tells apart what breaks the contract
//! ([`Problem::breaks`]) from what is only unusual and tolerated (an unknown member, an integer
//! that travels as a string: ).

// Addresses as values: the contract opens no socket.
use core::net::{Ipv4Addr, Ipv6Addr};
use std::fmt;

use serde_json::{Map, Value};

use crate::model::{ErrorRow, Field, Format, Kind, Presence};

/// What is the matter with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// An obligatory member is absent, null or an empty string.
    Missing,
    /// The value has another JSON type than the table says.
    WrongType {
        /// The type in the table.
        expected: &'static str,
        /// The type that came.
        found: &'static str,
    },
    /// Fewer characters or items than allowed.
    TooShort {
        /// The smallest allowed length.
        min: u32,
        /// The length that came.
        found: usize,
    },
    /// More characters or items than allowed.
    TooLong {
        /// The largest allowed length.
        max: u32,
        /// The length that came.
        found: usize,
    },
    /// The number is smaller than allowed.
    BelowMinimum {
        /// The smallest allowed value.
        min: i64,
    },
    /// The number is larger than allowed.
    AboveMaximum {
        /// The largest allowed value.
        max: i64,
    },
    /// The string is none of the closed list.
    NotListed {
        /// The list.
        values: &'static [&'static str],
    },
    /// The string has not the form that the table wants.
    BadFormat {
        /// The form.
        format: Format,
    },
    /// Tolerated: the table has no such member.
    Unknown,
    /// Tolerated: a number or boolean that travels as a string.
    Stringly,
    /// Tolerated: it came under another name.
    Alias {
        /// The name that came.
        given: &'static str,
    },
    /// Tolerated: a value that the table spells otherwise, or does not list.
    OtherSpelling {
        /// The list.
        values: &'static [&'static str],
    },
    /// Tolerated: more characters than the table allows, and as many as a ruling does.
    BeyondTable {
        /// The largest length in the table.
        max: u32,
        /// The length that came.
        found: usize,
    },
    /// Tolerated: an explicit null, which is as good as absent.
    Null,
}

impl Problem {
    /// Whether it breaks the contract; otherwise it is a deviation that everybody tolerates.
    #[must_use]
    pub const fn breaks(&self) -> bool {
        !matches!(
            self,
            Self::Unknown
                | Self::Stringly
                | Self::Alias { .. }
                | Self::OtherSpelling { .. }
                | Self::BeyondTable { .. }
                | Self::Null
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing or empty"),
            Self::WrongType { expected, found } => write!(f, "should be {expected}, is {found}"),
            Self::TooShort { min, found } => {
                write!(f, "has length {found}, at least {min} is required")
            }
            Self::TooLong { max, found } => {
                write!(f, "has length {found}, at most {max} is allowed")
            }
            Self::BelowMinimum { min } => write!(f, "is below the minimum of {min}"),
            Self::AboveMaximum { max } => write!(f, "is above the maximum of {max}"),
            Self::NotListed { values } => write!(f, "is none of {}", values.join(", ")),
            Self::BadFormat { format } => {
                write!(f, "is not of the form {} ({})", format.as_str(), format.in_words().unwrap_or(format.pattern()))
            }
            Self::Unknown => f.write_str("is not in the table"),
            Self::Stringly => f.write_str("travels as a string"),
            Self::Alias { given } => write!(f, "is called `{given}`"),
            Self::OtherSpelling { values } => write!(f, "is spelt otherwise than {}", values.join(", ")),
            Self::BeyondTable { max, found } => write!(f, "has length {found}, the table allows {max}"),
            Self::Null => f.write_str("is null, as good as absent"),
        }
    }
}

/// A problem and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The dotted path with item indexes left out: `services[].serviceId`.
    pub path: String,
    /// What is the matter.
    pub problem: Problem,
    /// The row that the parameter's table names for an inadmissible value, if any.
    pub refused_by: Option<ErrorRow>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path, self.problem)
    }
}

/// Judges an object by its table.
///
/// Returns it in canonical form (unknown members and nulls dropped, stringly numbers and booleans
/// turned into what they should be), and everything that is the matter with it.
#[must_use]
pub fn object(members: &[Field], object: &Map<String, Value>) -> (Map<String, Value>, Vec<Finding>) {
    let mut findings = Vec::new();
    let canonical = walk(members, object, "", &mut findings);
    (canonical, findings)
}

fn walk(
    members: &[Field],
    object: &Map<String, Value>,
    parent: &str,
    findings: &mut Vec<Finding>,
) -> Map<String, Value> {
    let mut canonical = Map::new();
    for field in members {
        let place = Place { parent, name: field.name };
        let alias = field.alias.filter(|alias| !object.contains_key(field.name) && object.contains_key(*alias));
        if let Some(given) = alias {
            findings.push(Finding { path: place.path(), problem: Problem::Alias { given }, refused_by: None });
        }
        match object.get(alias.unwrap_or(field.name)) {
            Some(Value::Null) if field.nullable => {}
            // Whether it is wanted depends on other members, and so it is for the handler to miss it.
            Some(Value::String(text)) if text.is_empty() && is_left_empty(field) => {}
            given @ (None | Some(Value::Null)) => {
                if is_missing(field, object) {
                    let problem = Problem::Missing;
                    findings.push(Finding { path: place.path(), problem, refused_by: field.refused_by });
                } else if given.is_some() {
                    findings.push(Finding { path: place.path(), problem: Problem::Null, refused_by: None });
                }
            }
            Some(value) => {
                if let Some(value) = member(field, value, place, findings) {
                    canonical.insert(field.name.to_owned(), value);
                }
            }
        }
    }
    for name in object.keys() {
        let alias_in_use = |field: &Field| field.alias == Some(name.as_str()) && !object.contains_key(field.name);
        if !members.iter().any(|field| field.name == name || alias_in_use(field)) {
            let path = Place { parent, name }.path();
            findings.push(Finding { path, problem: Problem::Unknown, refused_by: None });
        }
    }
    canonical
}

/// Where a value stands. Nearly every value is in order, so its path is only put together when it is told.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The path of what it is in; empty at the top.
    parent: &'a str,
    /// Its name there; empty if it has none.
    name: &'a str,
}

impl Place<'_> {
    fn path(self) -> String {
        match (self.parent, self.name) {
            ("", name) => name.to_owned(),
            (parent, "") => parent.to_owned(),
            (parent, name) => format!("{parent}.{name}"),
        }
    }
}

/// Whether a member's absence breaks the contract.
fn is_missing(field: &Field, object: &Map<String, Value>) -> bool {
    match field.presence {
        Presence::Required => true,
        Presence::RequiredUnless(sibling) => is_empty(object.get(sibling)),
        Presence::Optional | Presence::Conditional(_) => false,
    }
}

/// Whether an empty string stands for nothing: a member that is wanted in some cases only, and then not empty.
fn is_left_empty(field: &Field) -> bool {
    matches!(field.presence, Presence::Conditional(_)) && field.min_len.is_some_and(|min| min > 0)
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

/// Judges one value by its row; `None` if the value cannot be put into canonical form.
fn member(field: &Field, value: &Value, place: Place<'_>, findings: &mut Vec<Finding>) -> Option<Value> {
    let mut note = |problem: Problem| {
        findings.push(Finding { path: place.path(), problem, refused_by: field.refused_by });
    };
    match (field.kind, value) {
        (Kind::Any, _) => Some(value.clone()),
        (Kind::String, Value::String(text)) => {
            if let Some(problem) = judge_string(field, text) {
                let refused_by = field.overfull.filter(|_| matches!(problem, Problem::TooLong { .. }));
                let refused_by = refused_by.or(field.refused_by);
                findings.push(Finding { path: place.path(), problem, refused_by });
            }
            Some(value.clone())
        }
        (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            // A number beyond i64 is above every maximum that the reference knows.
            let number = number.as_i64().unwrap_or(i64::MAX);
            if let Some(problem) = judge_integer(field, number) {
                note(problem);
            }
            Some(value.clone())
        }
        (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => Some(value.clone()),
        (Kind::Integer | Kind::Number | Kind::Boolean, Value::String(text)) => {
            let Some(parsed) = parse_stringly(field.kind, text) else {
                note(wrong_type(field.kind, value));
                return None;
            };
            note(Problem::Stringly);
            member(field, &parsed, place, findings)
        }
        (Kind::Object, Value::Object(object)) => {
            if field.members.is_empty() {
                return Some(value.clone());
            }
            Some(Value::Object(walk(field.members, object, &place.path(), findings)))
        }
        (Kind::Array(items), Value::Array(list)) => {
            if let Some(problem) = judge_length(field, list.len()) {
                let refused_by = field.overfull.filter(|_| matches!(problem, Problem::TooLong { .. }));
                let refused_by = refused_by.or(field.refused_by);
                findings.push(Finding { path: place.path(), problem, refused_by });
            }
            Some(Value::Array(judge_items(field, *items, list, place, findings)))
        }
        _ => {
            note(wrong_type(field.kind, value));
            None
        }
    }
}

fn judge_items(
    field: &Field,
    items: Kind,
    list: &[Value],
    place: Place<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<Value> {
    let path = format!("{}[]", place.path());
    let each = Place { parent: &path, name: "" };
    // An item is judged by its type and its members; the row's lengths and lists speak of the
    // array where it is one of structures, and of each item where it is one of strings.
    let row = Field {
        kind: items,
        presence: Presence::Required,
        min_len: None,
        max_len: None,
        ruled_max_len: None,
        ..*field
    };
    list.iter().filter_map(|item| member(&row, item, each, findings)).collect()
}

fn judge_string(field: &Field, text: &str) -> Option<Problem> {
    if text.is_empty() && field.presence == Presence::Required && field.min_len != Some(0) {
        return Some(Problem::Missing);
    }
    if let Some(problem) = judge_length(field, text.chars().count()) {
        return Some(problem);
    }
    if !field.values.is_empty() && !field.values.contains(&text) {
        let values = field.values;
        let tolerated = field.tolerated.contains(&text);
        return Some(if tolerated { Problem::OtherSpelling { values } } else { Problem::NotListed { values } });
    }
    if let Some(format) = field.format.filter(|format| !matches(*format, text)) {
        return Some(Problem::BadFormat { format });
    }
    let found = text.chars().count();
    field.max_len.filter(|max| found > *max as usize).map(|max| Problem::BeyondTable { max, found })
}

fn judge_length(field: &Field, found: usize) -> Option<Problem> {
    match (field.min_len, field.ruled_max_len.or(field.max_len)) {
        (Some(min), _) if found < min as usize => Some(Problem::TooShort { min, found }),
        (_, Some(max)) if found > max as usize => Some(Problem::TooLong { max, found }),
        _ => None,
    }
}

fn judge_integer(field: &Field, number: i64) -> Option<Problem> {
    match (field.min.or(field.ruled_min), field.max) {
        (Some(min), _) if number < min => Some(Problem::BelowMinimum { min }),
        (_, Some(max)) if number > max => Some(Problem::AboveMaximum { max }),
        _ => None,
    }
}

/// The value that a query item, a form field or a sloppy client means, if the text reads as one.
#[must_use]
pub fn parse_stringly(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Integer => whole(text).map(Value::from),
        Kind::Number => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::from),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}

/// A number beyond i64 is beyond every bound that the reference knows: it is out of range, not of another type.
fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().or_else(|| is_number.then_some(if sign > 0 { i64::MAX } else { i64::MIN }))
}

/// Whether a string has the form.
#[must_use]
pub fn matches(format: Format, text: &str) -> bool {
    match format {
        Format::UtcTime => is_utc_time(text),
        Format::Date => is_date(text),
        Format::Hex => text.bytes().all(|b| b.is_ascii_hexdigit()),
        Format::Alphanumeric => text.bytes().all(|b| b.is_ascii_alphanumeric()),
        Format::CallbackUrl => is_callback_url(text),
    }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

fn is_utc_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return false;
    }
    let part = |from: usize, to: usize| digits(&text[from..to]);
    matches!(
        (part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13), part(13, 15)),
        (Some(y), Some(mo), Some(d), Some(0..=23), Some(0..=59), Some(0..=59)) if is_day(y, mo, d)
    )
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    matches!(
        (digits(&text[0..4]), digits(&text[5..7]), digits(&text[8..10])),
        (Some(y), Some(m), Some(d)) if is_day(y, m, d)
    )
}

/// 1.7.1: http or https, an IP address or a domain name, and a port that is spelled out.
fn is_callback_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return false;
    }
    let Some((host, port)) = host_and_port(rest) else {
        return false;
    };
    is_host(host)
        && digits(port).is_some_and(|port| (1..=65_535).contains(&port))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// What stands before and after the last colon of an authority that has one; `rest` is the URL after its scheme.
fn host_and_port(rest: &str) -> Option<(&str, &str)> {
    rest.split(['/', '?', '#']).next()?.rsplit_once(':')
}

/// Whether the URL spells a port out, be it one that cannot be.
#[must_use]
pub fn states_port(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    host_and_port(rest).is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// An IP address or a domain name. User information before it is neither, and whoever pushes would have
/// to leave it out.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_number = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit());
    let four_numbers = host.split('.').count() == 4 && host.split('.').all(is_number);
    !host.is_empty()
        && !host.contains(['@', ':', '[', ']', '\\'])
        && (!four_numbers || host.parse::<Ipv4Addr>().is_ok())
}

fn wrong_type(expected: Kind, found: &Value) -> Problem {
    Problem::WrongType { expected: expected.json_type().unwrap_or("any value"), found: type_name(found) }
}

/// The JSON type of a value, in words.
#[must_use]
pub const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::string;

    /// What only a ruling allows is accepted, and the table's own bound still stands in the table.
    #[test]
    fn rulings_widen_what_a_table_says() {
        let fields = [
            string("appId", "String(2)", 1).max_len(2).alias("accessAppId").ruled_max_len(4),
            string("kind", "String", 2).one_of(&["UNKNOW"]).tolerating(&["UNKNOWN"]),
        ];
        let given = serde_json::json!({"accessAppId": "abcd", "kind": "UNKNOWN"});
        let (canonical, findings) = object(&fields, given.as_object().unwrap());
        assert_eq!(canonical["appId"], "abcd");
        assert!(findings.iter().all(|f| !f.problem.breaks()), "{findings:?}");
        let problems: Vec<_> = findings.iter().map(|f| (f.path.as_str(), f.problem.to_string())).collect();
        assert!(problems.contains(&("appId", "is called `accessAppId`".to_owned())), "{findings:?}");
        assert!(problems.contains(&("appId", "has length 4, the table allows 2".to_owned())), "{findings:?}");
        assert!(problems.contains(&("kind", "is spelt otherwise than UNKNOW".to_owned())), "{findings:?}");
        assert_eq!(problems.len(), 3, "{findings:?}");
        let given = serde_json::json!({"appId": "abcde", "kind": "OTHER"});
        let (_, findings) = object(&fields, given.as_object().unwrap());
        assert_eq!(findings.iter().filter(|f| f.problem.breaks()).count(), 2, "{findings:?}");
    }
    /// Where a ruling lets an obligatory member be null, it is there all the same.
    #[test]
    fn a_nullable_member_may_be_null_but_not_absent() {
        let fields = [string("detail", "String", 1).required().nullable()];
        let judge = |given: serde_json::Value| object(&fields, given.as_object().unwrap()).1.len();
        assert_eq!(judge(serde_json::json!({"detail": null})), 0);
        assert_eq!(judge(serde_json::json!({})), 1);
    }

    /// Line 2643 wants an IP address or a domain name, and a port that is spelled out.
    #[test]
    fn a_callback_url_names_a_host_and_a_port() {
        let good = [
            "http://127.0.0.1:1/",
            "HTTPS://receiver.test:65535",
            "https://[::1]:9443/callback?a=b@c",
            "http://localhost:080/x#y",
            "http://1.2.3.example:80/",
        ];
        for url in good {
            assert!(matches(Format::CallbackUrl, url), "{url}");
            assert!(states_port(url), "{url}");
        }
        let bad = [
            "http://h@:80/",
            "http://u@127.0.0.1:9/",
            "https://user:pw@127.0.0.1:80/",
            "http://256.1.1.1:80/",
            "http://1.2.3.04:80/",
            "http://:80/",
            "http://[]:80/",
            "http://[::g]:80/",
            "http://::1:80/",
            "http://h\\x:80/",
            "https://127.0.0.1:99999/",
            "https://127.0.0.1:9/a b",
            "http://h:0/",
        ];
        for url in bad {
            assert!(!matches(Format::CallbackUrl, url), "{url}");
            assert!(states_port(url), "{url} has a port, though not a good address");
        }
        for url in
            ["http://h", "http://h/", "http://h:/", "https://[::1]/", "http://h/x:80", "http://h:8x/", "callback"]
        {
            assert!(!matches(Format::CallbackUrl, url), "{url}");
            assert!(!states_port(url), "{url}");
        }
    }

    /// A null is absent, which is noted; both names at once are one too many.
    #[test]
    fn nulls_and_second_names_are_noted() {
        let fields = [string("appId", "String", 1).alias("accessAppId"), string("name", "String", 2)];
        let given = serde_json::json!({"appId": "a", "accessAppId": "b", "name": null});
        let (canonical, findings) = object(&fields, given.as_object().unwrap());
        assert_eq!(canonical.len(), 1);
        let problems: Vec<_> = findings.into_iter().map(|f| (f.path, f.problem)).collect();
        let unknown = ("accessAppId".to_owned(), Problem::Unknown);
        assert_eq!(problems, [("name".to_owned(), Problem::Null), unknown]);
    }
}
