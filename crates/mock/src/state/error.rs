//! Why a kept world is not usable.

use std::fmt;
use std::path::{Path, PathBuf};

use super::SCHEMA;

/// Why a kept world could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateError {
    /// The file or directory, if there is one.
    pub file: Option<PathBuf>,
    /// What is the matter, in words.
    pub reason: String,
    /// Whether another process has it: then nothing is wrong with it.
    pub in_use: bool,
}

impl StateError {
    pub(crate) fn new(reason: impl fmt::Display) -> Self {
        Self { file: None, reason: reason.to_string(), in_use: false }
    }

    /// The document is of another schema, or names none.
    pub(crate) fn schema(found: Option<&str>) -> Self {
        match found {
            Some(found) => Self::new(format!("the schema is {found:?}, and this version reads {SCHEMA:?} only")),
            None => Self::new(format!("there is no member \"schema\"; a dumped world has \"schema\": {SCHEMA:?}")),
        }
    }

    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for StateError {}
