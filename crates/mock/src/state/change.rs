//! What has changed in a world, in the shape in which it is kept on disk.

use serde::Serialize;

/// Changes, in the order in which they are to be made.
pub(crate) type Changes = Vec<Change>;

/// One row that is written, or rows that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The kind of thing, by its name in the document.
    pub(crate) section: &'static str,
    /// The id of the entity, or of the entity that a line belongs to.
    pub(crate) key: String,
    /// Its place in the order; none means every row of the key.
    pub(crate) number: Option<u64>,
    /// As JSON; none means that it goes.
    pub(crate) body: Option<String>,
}

impl Change {
    pub(crate) fn put(
        section: &'static str,
        key: &str,
        number: u64,
        value: &impl Serialize,
    ) -> serde_json::Result<Self> {
        let body = Some(serde_json::to_string(value)?);
        Ok(Self { section, key: key.to_owned(), number: Some(number), body })
    }

    pub(crate) fn gone(section: &'static str, key: &str, number: u64) -> Self {
        Self { section, key: key.to_owned(), number: Some(number), body: None }
    }

    pub(crate) fn all_gone(section: &'static str, key: &str) -> Self {
        Self { section, key: key.to_owned(), number: None, body: None }
    }
}
