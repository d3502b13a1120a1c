//! The routes of the control plane: none is registered without what its document says of it.
//!
//! [`Routes`] is the only way in: it keeps what is told of each route beside the route itself, so that
//! the document ([`super::document`]) and the router can't differ.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use serde_json::Value;

use super::{Plane, schema};

/// A method of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A parameter of a query string: its name, its kind, and what it is.
pub(super) type Parameter = (&'static str, Value, &'static str);

/// The body of a request.
pub(super) struct Wanted {
    pub(super) schema: Value,
    /// One that is sound, as it stands in the sample.
    pub(super) sample: &'static str,
    /// Another media type in which it may come.
    pub(super) or: Option<&'static str>,
}

/// What an answer is when it is not JSON, or not always.
pub(super) struct Other {
    pub(super) media_type: &'static str,
    pub(super) says: &'static str,
}

/// What is told of a route.
pub(super) struct Told {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) says: &'static str,
    pub(super) query: Vec<Parameter>,
    /// A query string that is sound, with its question mark.
    pub(super) query_sample: &'static str,
    pub(super) wanted: Option<Wanted>,
    pub(super) answer: Value,
    pub(super) other: Option<Other>,
}

const fn told(verb: Verb, path: &'static str, says: &'static str) -> Told {
    Told { verb, path, says, query: Vec::new(), query_sample: "", wanted: None, answer: Value::Null, other: None }
}

/// `GET`: what it says must hold after the answer's first sentence too.
pub(super) const fn get(path: &'static str, says: &'static str) -> Told {
    told(Verb::Get, path, says)
}

pub(super) const fn post(path: &'static str, says: &'static str) -> Told {
    told(Verb::Post, path, says)
}

pub(super) const fn put(path: &'static str, says: &'static str) -> Told {
    told(Verb::Put, path, says)
}

pub(super) const fn patch(path: &'static str, says: &'static str) -> Told {
    told(Verb::Patch, path, says)
}

pub(super) const fn delete(path: &'static str, says: &'static str) -> Told {
    told(Verb::Delete, path, says)
}

impl Told {
    /// It takes these parameters; the sample is a query string with its question mark.
    pub(super) fn asks(mut self, parameters: impl Into<Vec<Parameter>>, sample: &'static str) -> Self {
        self.query = parameters.into();
        self.query_sample = sample;
        self
    }

    /// It wants a body, such as the sample.
    pub(super) fn wants(mut self, schema: Value, sample: &'static str) -> Self {
        self.wanted = Some(Wanted { schema: schema::closed(schema), sample, or: None });
        self
    }

    /// Its body may have another media type too.
    pub(super) fn or(mut self, media_type: &'static str) -> Self {
        if let Some(wanted) = &mut self.wanted {
            wanted.or = Some(media_type);
        }
        self
    }

    /// It answers so.
    pub(super) fn answers(mut self, schema: Value) -> Self {
        self.answer = schema;
        self
    }

    /// It can answer in another media type too.
    pub(super) fn or_answers(mut self, media_type: &'static str, says: &'static str) -> Self {
        self.other = Some(Other { media_type, says });
        self
    }
}

/// Routes, and what is told of each.
pub(super) struct Routes {
    router: Router<Plane>,
    told: Vec<Told>,
}

impl Routes {
    pub(super) fn new() -> Self {
        Self { router: Router::new(), told: Vec::new() }
    }

    /// Registers a route.
    pub(super) fn on<H, T>(mut self, told: Told, handler: H) -> Self
    where
        H: Handler<T, Plane>,
        T: 'static,
    {
        self.router = self.router.route(told.path, on(told.verb.filter(), handler));
        self.told.push(told);
        self
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.told.extend(other.told);
        self
    }

    pub(super) fn split(self) -> (Router<Plane>, Vec<Told>) {
        (self.router, self.told)
    }
}
