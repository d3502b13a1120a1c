//! The calls of an application: which operation each means, and what it carries.

use iotdm_spec::catalogue::Op;
use iotdm_spec::model::{Encoding, Field, Operation, Place};
use iotdm_spec::route::{self, Route};
use iotdm_spec::{check, universal};
use serde_json::{Map, Value};

use crate::observe::feed::{Call, Observation, What};
use crate::observe::grades::{Flaw, Grades};

const PATH: &str = "1.2.1/rule/resource-path-from-uri-row";
const URI: &str = "1.2.1/rule/uri-form";
const ENDPOINT: &str = "1.2.1/rule/endpoint-host-port";
const SEPARATORS: &str = "1.2.1/rule/query-separators";

/// A call of an operation.
pub(super) struct Asked<'a> {
    pub(super) by: &'a Observation,
    pub(super) call: &'a Call,
    pub(super) op: Op,
    pub(super) table: &'static Operation,
    /// The parameters of the path.
    pub(super) path: Map<String, Value>,
    /// The parameters of the query.
    pub(super) query: Map<String, Value>,
    /// The body; none if it cannot be read.
    pub(super) body: Option<Map<String, Value>>,
}

impl Asked<'_> {
    /// Whether the platform did what was asked for.
    pub(super) fn succeeded(&self) -> bool {
        self.call.status == self.table.success_status && self.call.error_code.is_none()
    }

    /// Whether the platform's owner ordered the answer.
    pub(super) const fn is_ordered(&self) -> bool {
        self.call.ordered
    }

    /// Whether the platform refused the call with this row's status and code.
    pub(super) fn refused_with(&self, row: &iotdm_spec::model::ErrorRow) -> bool {
        self.call.status == row.http_status && self.call.error_code.as_deref() == Some(row.code) && !self.is_ordered()
    }

    /// Whether the platform refused it for its token or its application id.
    pub(super) fn is_unauthenticated(&self) -> bool {
        self.refused_with(&universal::token_invalid(self.table))
            || self.refused_with(&universal::no_app_key(self.table))
    }

    /// Whether the platform came as far as to look at the operation.
    pub(super) fn was_served(&self) -> bool {
        !(self.call.status == universal::PATH_UNKNOWN.http_status
            && self.call.error_code.as_deref() == Some(universal::PATH_UNKNOWN.code))
    }

    /// A parameter of whatever place.
    pub(super) fn parameter(&self, name: &str) -> Option<&Value> {
        let body = self.body.as_ref().and_then(|body| body.get(name));
        body.or_else(|| self.query.get(name)).or_else(|| self.path.get(name)).filter(|value| !value.is_null())
    }

    /// A parameter that is a string.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.parameter(name)?.as_str()
    }

    /// A flaw of this call.
    pub(super) fn flaw(
        &self,
        headline: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Flaw {
        Flaw::new(self.by, format!("{} {}: {}", self.table.clause, self.table.name, headline.into()), expected, actual)
    }
}

/// Every call that means an operation, in order.
pub(super) fn read(seen: &[Observation]) -> Vec<Asked<'_>> {
    seen.iter().filter_map(asked).collect()
}

fn asked(by: &Observation) -> Option<Asked<'_>> {
    let What::Call(call) = &by.what else { return None };
    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    let Route::Found { op, params } = route::find(&call.method, path) else { return None };
    let table = op.table();
    let path = params.iter().map(|(name, raw)| ((*name).to_owned(), Value::from(decode(raw)))).collect();
    Some(Asked { by, call, op, table, path, query: query_object(table, query), body: body(table, call) })
}

/// Grades the request lines: those that mean no operation, and those that do.
pub(super) fn strays(seen: &[Observation], grades: &mut Grades) {
    for observation in seen {
        let What::Call(call) = &observation.what else { continue };
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        let line = format!("{} {path}", call.method);
        match route::find(&call.method, path) {
            Route::Found { .. } => {
                for id in [PATH, URI, ENDPOINT] {
                    grades.keeps(id);
                }
                if !query.is_empty() {
                    let flaw = || Flaw::new(observation, "a query is not made of name=value", "name=value", query);
                    let broken = query.split('&').any(|item| !item.is_empty() && !item.contains('='));
                    grades.judge(SEPARATORS, broken.then(flaw));
                }
            }
            Route::WrongMethod { allowed } => {
                let allowed: Vec<&str> = allowed.iter().map(|method| method.as_str()).collect();
                let expected = format!("{} {path}", allowed.join(" or "));
                grades.breaks(
                    PATH,
                    Flaw::new(observation, "a path is called with a method it does not know", expected, line),
                );
            }
            Route::Unknown => {
                let nearest = route::nearest(path).table();
                let expected = format!("for example {} {} ({})", nearest.method, nearest.path, nearest.clause);
                grades.breaks(PATH, Flaw::new(observation, "no operation has the path of a call", expected, line));
            }
        }
    }
}

fn fields(table: &Operation, place: Place) -> impl Iterator<Item = &'static Field> + use<> {
    table.params.iter().filter(move |param| param.place == place).map(|param| &param.field)
}

/// The query as an object; what is empty is as good as absent.
fn query_object(table: &Operation, query: &str) -> Map<String, Value> {
    let typed = |(name, text): (String, String)| {
        let field = fields(table, Place::Query).find(|field| field.name == name);
        let value =
            field.and_then(|field| check::parse_stringly(field.kind, &text)).unwrap_or_else(|| Value::from(text));
        (name, value)
    };
    items(query).map(typed).collect()
}

/// The body as an object. An empty one is an object without members; the field names of a form are
/// taken in any case.
fn body(table: &Operation, call: &Call) -> Option<Map<String, Value>> {
    if call.request.trim().is_empty() {
        return Some(Map::new());
    }
    if table.encoding == Encoding::Json {
        return serde_json::from_str(&call.request).ok();
    }
    let looks_like_json = call.request.trim_start().starts_with(['{', '[']);
    let named = |(name, text): (String, String)| {
        let field = fields(table, Place::Body).find(|field| field.name.eq_ignore_ascii_case(&name));
        (field.map_or(name, |field| field.name.to_owned()), Value::from(text))
    };
    (!looks_like_json).then(|| items(&call.request).map(named).collect())
}

/// Names and values of `a=b&c=d`, decoded; items without a value are left out.
fn items(text: &str) -> impl Iterator<Item = (String, String)> {
    let item = |item: &str| item.split_once('=').map(|(name, value)| (plus(name), plus(value)));
    text.split('&').filter_map(item).filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

fn plus(text: &str) -> String {
    decode(&text.replace('+', " "))
}

/// The text that percent-encoded octets spell.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_decoded_and_stray_signs_stay() {
        assert_eq!(decode("a%20b%2Fc%C3%BC%"), "a b/cü%");
        assert_eq!(decode("100%zz"), "100%zz");
        let read: Vec<_> = items("a=1&&b=&c=x+y").collect();
        assert_eq!(read, [("a".to_owned(), "1".to_owned()), ("c".to_owned(), "x y".to_owned())]);
    }
}
