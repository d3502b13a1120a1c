//! The contract in formats that other programs read, each a loop over the tables.
//!
//! The documents in `golden/` are what these functions say; a test keeps them true.

mod asyncapi;
mod contract;
mod openapi;
mod prose;
mod refusals;
mod schema;

use serde_json::{Map, Value};

pub use asyncapi::asyncapi;
pub use contract::contract;
pub use openapi::openapi;
pub(crate) use refusals::ruled as ruled_rows;

use crate::nearest;

/// A document that the contract can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Document {
    /// Every table, in our own plain shape.
    Contract,
    /// The REST operations and the pushes, as OpenAPI 3.1.
    OpenApi,
    /// The device interface, as AsyncAPI 3.0.
    AsyncApi,
}

impl Document {
    /// Every document.
    pub const ALL: [Self; 3] = [Self::Contract, Self::OpenApi, Self::AsyncApi];

    /// The name by which people ask for it; its golden is `golden/<name>.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::OpenApi => "openapi",
            Self::AsyncApi => "asyncapi",
        }
    }

    /// The document with this name.
    ///
    /// # Errors
    /// There is none: the nearest name, if one is near.
    pub fn parse(name: &str) -> Result<Self, Option<&'static str>> {
        Self::ALL
            .into_iter()
            .find(|document| document.name() == name)
            .ok_or_else(|| nearest::of(name, Self::ALL.map(Self::name)))
    }

    /// The document as a value.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Contract => contract(),
            Self::OpenApi => openapi(),
            Self::AsyncApi => asyncapi(),
        }
    }

    /// The document as text: indented JSON that ends with a line break.
    #[must_use]
    pub fn text(self) -> String {
        format!("{:#}\n", self.value())
    }
}

/// A JSON object under construction, in the order in which its members are put in.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Puts the member in if there is a value.
    fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// An object with one member, ready for more.
fn with(name: &str, value: impl Into<Value>) -> Members {
    Members::default().put(name, value)
}

#[cfg(test)]
mod tests;
