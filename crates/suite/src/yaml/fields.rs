//! A mapping whose keys are all known.

use super::{At, Document, FileError, Node};

/// A mapping whose keys are all known: reading one refuses every other key.
#[derive(Debug)]
pub struct Fields<'a> {
    document: &'a Document,
    at: At,
    entries: Vec<(&'a str, &'a Node)>,
}

impl<'a> Fields<'a> {
    /// Reads a mapping.
    ///
    /// # Errors
    /// If it is none, or has a key that is not known.
    pub fn read(document: &'a Document, node: &'a Node, known: &[&str]) -> Result<Self, FileError> {
        let entries = node.map(document)?;
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                return Err(document.unknown(key.at, "key", &key.text, known.iter().copied()));
            }
        }
        let entries = entries.iter().map(|(key, value)| (key.text.as_str(), value)).collect();
        Ok(Self { document, at: node.at, entries })
    }

    /// Where the mapping starts.
    #[must_use]
    pub const fn at(&self) -> At {
        self.at
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// The value of an obligatory key.
    ///
    /// # Errors
    /// If it is missing.
    pub fn need(&self, name: &str) -> Result<&'a Node, FileError> {
        self.get(name).ok_or_else(|| self.document.error(self.at, format!("`{name}` is missing")))
    }

    /// The text of an obligatory key.
    ///
    /// # Errors
    /// If it is missing or no text.
    pub fn need_text(&self, name: &str) -> Result<String, FileError> {
        self.need(name)?.text(self.document)
    }

    /// The text of an obligatory key, which must say something.
    ///
    /// # Errors
    /// If it is missing, no text, or empty.
    pub fn need_filled(&self, name: &str) -> Result<String, FileError> {
        let node = self.need(name)?;
        let text = node.text(self.document)?;
        if text.trim().is_empty() {
            return Err(self.document.error(node.at, format!("`{name}` is empty")));
        }
        Ok(text)
    }

    /// The text of a key.
    ///
    /// # Errors
    /// If it is there, but no text.
    pub fn text(&self, name: &str) -> Result<Option<String>, FileError> {
        self.get(name).map(|node| node.text(self.document)).transpose()
    }

    /// The number of a key.
    ///
    /// # Errors
    /// If it is there, but no whole number.
    pub fn count(&self, name: &str) -> Result<Option<u64>, FileError> {
        self.get(name).map(|node| node.count(self.document)).transpose()
    }

    /// The boolean of a key.
    ///
    /// # Errors
    /// If it is there, but no boolean.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, FileError> {
        self.get(name).map(|node| node.flag(self.document)).transpose()
    }

    /// One of a closed list of words; the first is the default.
    ///
    /// # Errors
    /// If it is there, but none of them.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)], otherwise: T) -> Result<T, FileError> {
        let Some(node) = self.get(name) else {
            return Ok(otherwise);
        };
        let text = node.text(self.document)?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.document.unknown(node.at, name, &text, known)
        })
    }
}
