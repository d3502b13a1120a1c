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
mod tests {
    use std::path::PathBuf;
    use std::{env, fs};

    use super::*;

    /// The first line at which two texts differ, with both versions.
    fn first_difference(golden: &str, ours: &str) -> Option<String> {
        let (mut old, mut new) = (golden.lines(), ours.lines());
        for number in 1.. {
            match (old.next(), new.next()) {
                (None, None) => return None,
                (a, b) if a == b => {}
                (a, b) => {
                    let show = |line: Option<&str>| line.map_or("(the end of the text)".to_owned(), str::to_owned);
                    return Some(format!("line {number}\n  golden: {}\n  tables: {}", show(a), show(b)));
                }
            }
        }
        None
    }

    #[test]
    fn goldens_say_what_the_tables_say() {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden"));
        let mut stale = Vec::new();
        for document in Document::ALL {
            let (path, text) = (folder.join(format!("{}.json", document.name())), document.text());
            if env::var_os("UPDATE_GOLDEN").is_some_and(|wish| wish == "1") {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&path, text).unwrap();
                continue;
            }
            let golden = fs::read_to_string(&path).unwrap_or_default();
            if let Some(difference) = first_difference(&golden, &text) {
                stale.push(format!("golden/{}.json, {difference}", document.name()));
            }
        }
        assert!(
            stale.is_empty(),
            "the tables have changed and the exports with them:\n{}\n\n\
             If that is what you want, run\n    UPDATE_GOLDEN=1 cargo test -p iotdm-spec goldens\n\
             and read the difference with `git diff golden`.",
            stale.join("\n")
        );
    }

    #[test]
    fn a_difference_is_shown_where_it_starts() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let shown = first_difference("a\nb\n", "a\n").unwrap();
        assert!(shown.contains("line 2") && shown.contains("(the end of the text)"), "{shown}");
    }

    #[test]
    fn unknown_documents_meet_a_proposal() {
        assert_eq!(Document::parse("openapi"), Ok(Document::OpenApi));
        assert_eq!(Document::parse("opanapi"), Err(Some("openapi")));
        assert_eq!(Document::parse("zzz"), Err(None));
    }
}
