//! Finds the operation that a request line means, from the paths in the contract.

use std::sync::OnceLock;

use crate::catalogue::Op;
use crate::model::{Method, Operation};

/// What a request line leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    /// An operation, and its path parameters as sent (still percent-encoded).
    Found {
        /// The operation.
        op: Op,
        /// Name and raw value of each placeholder.
        params: Vec<(&'static str, &'a str)>,
    },
    /// The path is known, but not with this method.
    WrongMethod {
        /// The methods that the path knows.
        allowed: Vec<Method>,
    },
    /// No operation has this path.
    Unknown,
}

/// Finds the operation for a method and a path without its query string. One trailing slash is
/// ignored, since real clients send it.
#[must_use]
pub fn find<'a>(method: &str, path: &'a str) -> Route<'a> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut given = [""; SEGMENTS];
    let mut length = 0;
    for segment in path.split('/') {
        let Some(free) = given.get_mut(length) else { return Route::Unknown };
        *free = segment;
        length += 1;
    }
    let given = &given[..length];
    let mut allowed = Vec::new();
    for (op, wanted) in patterns() {
        if !fits(given, wanted) {
            continue;
        }
        let known = op.table().method;
        if known.as_str() == method {
            let named = wanted.iter().zip(given);
            let params = named.filter_map(|(wanted, given)| Some((placeholder(wanted)?, *given))).collect();
            return Route::Found { op: *op, params };
        }
        allowed.push(known);
    }
    if allowed.is_empty() { Route::Unknown } else { Route::WrongMethod { allowed } }
}

/// More than the segments of any path.
const SEGMENTS: usize = 16;

/// The paths of all operations, split once: every call is looked up among them.
fn patterns() -> &'static [(Op, Vec<&'static str>)] {
    static PATTERNS: OnceLock<Vec<(Op, Vec<&'static str>)>> = OnceLock::new();
    PATTERNS.get_or_init(|| Op::ALL.iter().map(|op| (*op, op.table().path.split('/').collect())).collect())
}

/// The name of a `{placeholder}` segment.
#[must_use]
pub fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The operation whose path is most like the given one, for "did you mean".
#[must_use]
pub fn nearest(path: &str) -> Op {
    nearest_for("", path)
}

/// The same; of several operations with one path the one with this method.
fn nearest_for(method: &str, path: &str) -> Op {
    // Whoever sends more than that means nothing.
    let end = (0..=path.len().min(LONGEST)).rev().find(|at| path.is_char_boundary(*at)).unwrap_or_default();
    let given: Vec<&str> = path[..end].trim_end_matches('/').split('/').collect();
    let mut best = ((usize::MAX, true), Op::ALL[0]);
    for op in Op::ALL {
        let wanted: Vec<&str> = op.table().path.split('/').collect();
        let cost = (difference(&given, &wanted), op.table().method.as_str() != method);
        if cost < best.0 {
            best = (cost, *op);
        }
    }
    best.1
}

/// How much of a path is compared.
const LONGEST: usize = 512;

/// How far a path is from a pattern: placeholders fit every segment, though a word that is nearly the one
/// of the pattern fits better; one segment too many or too few costs its length.
fn difference(given: &[&str], wanted: &[&str]) -> usize {
    let price = |segment: &str| segment.chars().count() + 1;
    let mut row: Vec<usize> = vec![0];
    for segment in wanted {
        row.push(row[row.len() - 1] + price(segment));
    }
    for segment in given {
        let mut diagonal = row[0];
        row[0] += price(segment);
        for (at, pattern) in wanted.iter().enumerate() {
            let is_placeholder = pattern.starts_with('{');
            let replaced = diagonal + if is_placeholder { 2 } else { crate::nearest::distance(segment, pattern) };
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + price(segment)).min(row[at] + price(pattern));
        }
    }
    row[wanted.len()]
}

/// What to tell somebody whose request line leads nowhere: the methods that the path knows, or the
/// operation that was meant and where the path differs from its own.
#[must_use]
pub fn advice(method: &str, path: &str) -> String {
    if let Route::WrongMethod { allowed } = find(method, path) {
        let allowed: Vec<_> = allowed.iter().map(|method| method.as_str()).collect();
        return format!("no route: this path knows {}, not {method}", allowed.join(", "));
    }
    let table = nearest_for(method, path).table();
    let reason = reason(path, table.path).map(|reason| format!("; {reason}")).unwrap_or_default();
    let Operation { clause, name, method, path, .. } = table;
    format!("no route: did you mean {method} {path} ({clause} {name})?{}", reason)
}

/// Why a path is not the one of a pattern, where that is a matter of one trifle.
fn reason(path: &str, pattern: &'static str) -> Option<String> {
    let given: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let wanted: Vec<&'static str> = pattern.split('/').collect();
    if given.len() > wanted.len() {
        let doubled = (1..given.len()).find(|at| given[*at] == given[at - 1])?;
        let mut single = given.clone();
        single.remove(doubled);
        return fits(&single, &wanted).then(|| match given[doubled] {
            "" => "a slash is doubled".to_owned(),
            segment => format!("the segment {segment} is doubled"),
        });
    }
    if given.len() < wanted.len() {
        return None;
    }
    let other: Vec<_> = given
        .iter()
        .zip(&wanted)
        .filter(|(given, wanted)| placeholder(wanted).is_none() && *given != *wanted)
        .collect();
    match other[..] {
        [(given, wanted)] if is_version(given) && is_version(wanted) => {
            Some(format!("the version is {wanted}, not {given}"))
        }
        [] => None,
        _ if other.iter().all(|(given, wanted)| given.eq_ignore_ascii_case(wanted)) => {
            Some("upper and lower case matter".to_owned())
        }
        _ => None,
    }
}

/// Whether a path has the words of a pattern, and something where that has a placeholder.
fn fits(given: &[&str], wanted: &[&'static str]) -> bool {
    let fits = |given: &str, wanted| given == wanted || (!given.is_empty() && placeholder(wanted).is_some());
    // The last words differ the most.
    given.len() == wanted.len() && given.iter().zip(wanted).rev().all(|(given, wanted)| fits(given, wanted))
}

/// A segment such as `v1.1.0`.
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_operation_and_a_longer_one_to_none() {
        for (op, wanted) in patterns() {
            assert!(wanted.len() < SEGMENTS, "{wanted:?}");
            let table = op.table();
            let path = table.path.replace(['{', '}'], "-");
            let Route::Found { op: found, params } = find(table.method.as_str(), &path) else { panic!("{path}") };
            assert_eq!((found.table().method, found.table().path), (table.method, table.path));
            let names = wanted.iter().filter_map(|segment| placeholder(segment));
            let values: Vec<_> = names.map(|name| (name, format!("-{name}-"))).collect();
            assert_eq!(params, values.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>());
            assert_eq!(find(table.method.as_str(), &format!("{path}{}", "/x".repeat(SEGMENTS))), Route::Unknown);
        }
        assert_eq!(find("GET", "/iocm/app/dm/v1.4.0/devices//services"), Route::Unknown);
    }

    #[test]
    fn what_was_meant_is_told() {
        let query = "/iocm/app/dm/v1.4.0/devices/{deviceId}";
        let told = |line: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            advice(method, path)
        };
        let meant = format!("no route: did you mean GET {query} (1.6.1 query_device)?");
        let device = "0f3c1b50-52aa-4c6c-8b1c-1d4f0e7a9f11";
        let version = told(&format!("GET /iocm/app/dm/v1.1.0/devices/{device}"));
        assert_eq!(version, format!("{meant}; the version is v1.4.0, not v1.1.0"));
        let case = told(&format!("GET /iocm/app/dm/v1.4.0/Devices/{device}"));
        assert_eq!(case, format!("{meant}; upper and lower case matter"));
        let doubled = told(&format!("GET /iocm/app/dm/dm/v1.4.0/devices/{device}"));
        assert_eq!(doubled, format!("{meant}; the segment dm is doubled"));
        let slash = told(&format!("GET //iocm/app/dm/v1.4.0/devices/{device}"));
        assert_eq!(slash, format!("{meant}; a slash is doubled"));
        assert_eq!(told(&format!("GET /iocm/app/dm/v1.4.0/device/{device}")), meant);
        let method = told(&format!("PATCH /iocm/app/dm/v1.4.0/devices/{device}"));
        assert!(method.starts_with("no route: this path knows ") && method.ends_with(", not PATCH"), "{method}");
        assert!(method.contains("GET"), "{method}");
        assert!(told("POST /iocm/app/sec/v1.1.0/logn").contains("(1.4.1 login)?"), "{}", told("POST /x"));
    }

    /// Every path, spoilt in one place, leads back to its own operation.
    #[test]
    fn every_path_is_found_by_what_is_left_of_it() {
        for op in Op::ALL {
            let table = op.table();
            let path = table.path.replace(['{', '}'], "0");
            let spoilt = format!("{path}x").replacen("/v", "/w", 1);
            let nearest = nearest_for(table.method.as_str(), &spoilt);
            assert_eq!((nearest.table().method, nearest.table().path), (table.method, table.path), "{spoilt}");
        }
    }
}
