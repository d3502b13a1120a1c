//! Finds the operation that a request line means, from the paths in the contract.

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
    let mut allowed = Vec::new();
    for op in Op::ALL {
        let operation = op.table();
        let Some(params) = match_path(operation, path) else {
            continue;
        };
        if operation.method.as_str() == method {
            return Route::Found { op: *op, params };
        }
        allowed.push(operation.method);
    }
    if allowed.is_empty() { Route::Unknown } else { Route::WrongMethod { allowed } }
}

fn match_path<'a>(operation: &Operation, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut params = Vec::new();
    let mut given = path.split('/');
    for wanted in operation.path.split('/') {
        let segment = given.next()?;
        match placeholder(wanted) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => params.push((name, segment)),
            None if wanted != segment => return None,
            None => {}
        }
    }
    given.next().is_none().then_some(params)
}

/// The name of a `{placeholder}` segment.
#[must_use]
pub fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The operation whose path is most like the given one, for "did you mean".
#[must_use]
pub fn nearest(path: &str) -> Op {
    let mut best = (usize::MAX, Op::ALL[0]);
    for op in Op::ALL {
        let distance = crate::nearest::distance(path, op.table().path);
        if distance < best.0 {
            best = (distance, *op);
        }
    }
    best.1
}
