//! YAML as a tree that remembers where everything stands, and errors that point at it.
//!
//! Case files, target files and the list of known failures are written by people. Whatever is wrong
//! in one is answered with file, line, the source line and a caret, and "did you mean" where a
//! known word is near.

mod fields;
mod tree;

use std::fmt;
use std::sync::Arc;

use iotdm_spec::nearest;
use serde_json::{Map, Value};
use serde_saphyr::Spanned;
use tree::{Tree, at, node};

pub use fields::Fields;

use crate::verdict::Place;

/// A file as a tree.
#[derive(Debug, Clone)]
pub struct Document {
    source: Arc<Source>,
    /// The tree.
    pub root: Node,
}

#[derive(Debug)]
struct Source {
    file: String,
    lines: Vec<String>,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it starts.
    pub at: At,
    /// What it is.
    pub content: Content,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters a caret underlines.
    pub width: u32,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Content {
    /// Null, a boolean, a number or a string.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in written order.
    Map(Vec<(Key, Node)>),
}

/// A mapping's key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub at: At,
}

/// Something that is wrong in a file that a person wrote.
#[derive(Debug, Clone)]
pub struct FileError {
    /// The file.
    pub file: String,
    /// Where in it; none if the whole file is meant.
    pub place: Option<Box<Place>>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What could be meant.
    pub hint: Option<String>,
}

impl FileError {
    /// An error about a whole file.
    #[must_use]
    pub fn whole(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: None, message: message.into(), hint: None }
    }

    /// Adds what could be meant.
    #[must_use]
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None => write!(f, "{}: {}", self.file, self.message)?,
            Some(place) => write!(f, "{}\n{}", self.message, place.snippet())?,
        }
        match &self.hint {
            None => Ok(()),
            Some(hint) => write!(f, "\n  = {hint}"),
        }
    }
}

impl std::error::Error for FileError {}

/// Reads a text as a tree.
///
/// # Errors
/// The first fault of syntax (a duplicate key is one), with its place.
pub fn parse(file: &str, text: &str) -> Result<Document, FileError> {
    let source = Arc::new(Source { file: file.to_owned(), lines: text.lines().map(str::to_owned).collect() });
    match serde_saphyr::from_str::<Spanned<Tree>>(text) {
        Ok(tree) => Ok(Document { root: node(tree), source }),
        Err(error) => {
            let place = error.location().map(|l| Box::new(source.place(at(l))));
            Err(FileError { file: file.to_owned(), place, message: in_words(error.without_snippet()), hint: None })
        }
    }
}

const TOO_LARGE: &str = "the file is larger, or nested deeper, than such a file may be";

/// What is wrong, in the words of somebody who writes such a file; the reader speaks to those who program with it.
fn in_words(error: &serde_saphyr::Error) -> String {
    match error {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => format!("`{key}` stands here twice"),
        serde_saphyr::Error::DuplicateMappingKey { key: None, .. } => "this key stands here twice".to_owned(),
        serde_saphyr::Error::Budget { .. } => TOO_LARGE.to_owned(),
        other => match other.to_string() {
            text if text.starts_with("recursion limit") => TOO_LARGE.to_owned(),
            text => text.lines().next().unwrap_or_default().to_owned(),
        },
    }
}

impl Source {
    fn place(&self, at: At) -> Place {
        let source = self.lines.get(at.line.saturating_sub(1) as usize).cloned().unwrap_or_default();
        let room = u32::try_from(source.chars().count()).unwrap_or(u32::MAX);
        Place {
            file: self.file.clone(),
            line: at.line,
            column: at.column,
            width: at.width.min(room.saturating_sub(at.column.saturating_sub(1))).max(1),
            source,
        }
    }
}

impl Document {
    /// The place of a position.
    #[must_use]
    pub fn place(&self, at: At) -> Place {
        self.source.place(at)
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// An error at a position.
    #[must_use]
    pub fn error(&self, at: At, message: impl Into<String>) -> FileError {
        FileError {
            file: self.source.file.clone(),
            place: Some(Box::new(self.place(at))),
            message: message.into(),
            hint: None,
        }
    }

    /// An error about a word that is none of the known ones.
    #[must_use]
    pub fn unknown<'a>(
        &self,
        at: At,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> FileError {
        let hint = match nearest::of(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let all: Vec<&str> = known.into_iter().collect();
                format!("known are: {}", all.join(", "))
            }
        };
        self.error(at, format!("unknown {what} `{word}`")).hint(Some(hint))
    }
}

impl Node {
    /// The value as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Map(entries) => Value::Object(
                entries.iter().map(|(key, node)| (key.text.clone(), node.to_value())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Value::Null) => "nothing",
            Content::Scalar(Value::Bool(_)) => "a boolean",
            Content::Scalar(Value::Number(_)) => "a number",
            Content::Scalar(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }

    /// The entries of a mapping.
    ///
    /// # Errors
    /// If it is something else.
    pub fn map<'a>(&'a self, document: &Document) -> Result<&'a [(Key, Self)], FileError> {
        match &self.content {
            Content::Map(entries) => Ok(entries),
            _ => Err(self.not(document, "a mapping")),
        }
    }

    /// The items of a list.
    ///
    /// # Errors
    /// If it is something else.
    pub fn list<'a>(&'a self, document: &Document) -> Result<&'a [Self], FileError> {
        match &self.content {
            Content::List(items) => Ok(items),
            _ => Err(self.not(document, "a list")),
        }
    }

    /// The text of a scalar; a number reads as it is written in JSON.
    ///
    /// # Errors
    /// If it is something else.
    pub fn text(&self, document: &Document) -> Result<String, FileError> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Ok(text.clone()),
            Content::Scalar(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(self.not(document, "a string")),
        }
    }

    /// The strings of a list.
    ///
    /// # Errors
    /// If it is something else.
    pub fn texts(&self, document: &Document) -> Result<Vec<String>, FileError> {
        self.list(document)?.iter().map(|item| item.text(document)).collect()
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// If it is something else.
    pub fn count(&self, document: &Document) -> Result<u64, FileError> {
        match &self.content {
            Content::Scalar(Value::Number(number)) if number.is_u64() => Ok(number.as_u64().unwrap_or_default()),
            _ => Err(self.not(document, "a whole number")),
        }
    }

    /// A boolean.
    ///
    /// # Errors
    /// If it is something else.
    pub fn flag(&self, document: &Document) -> Result<bool, FileError> {
        match &self.content {
            Content::Scalar(Value::Bool(flag)) => Ok(*flag),
            _ => Err(self.not(document, "true or false")),
        }
    }

    fn not(&self, document: &Document, wanted: &str) -> FileError {
        document.error(self.at, format!("expected {wanted}, found {}", self.kind()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let text = "a: 1\nb:\n  - {c: \"x\", d: null}\n  - [true, 2.5]\n";
        let document = parse("f.yaml", text).unwrap();
        let entries = document.root.map(&document).unwrap();
        assert_eq!(entries[1].0.text, "b");
        assert_eq!(entries[1].0.at.line, 2);
        let list = entries[1].1.list(&document).unwrap();
        let inner = list[0].map(&document).unwrap();
        assert_eq!((inner[0].0.at.line, inner[0].0.at.column), (3, 6));
        assert_eq!((inner[0].1.at.line, inner[0].1.at.column), (3, 9));
        assert_eq!(document.root.to_value(), serde_json::json!({"a": 1, "b": [{"c": "x", "d": null}, [true, 2.5]]}));
    }

    #[test]
    fn an_error_has_line_and_caret() {
        let document = parse("f.yaml", "steps:\n  - cal: x\n").unwrap();
        let steps = &document.root.map(&document).unwrap()[0].1;
        let step = &steps.list(&document).unwrap()[0].map(&document).unwrap()[0];
        let error = document.unknown(step.0.at, "step", &step.0.text, ["call", "connect"]);
        assert_eq!(
            error.to_string(),
            "unknown step `cal`\n --> f.yaml:2:5\n2 |   - cal: x\n  |     ^^^\n  = did you mean `call`?"
        );
    }

    #[test]
    fn duplicate_keys_and_bad_syntax_are_located() {
        let error = parse("f.yaml", "a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.message, "`a` stands here twice");
        assert_eq!(error.place.unwrap().line, 2);
        for text in ["[".repeat(100_000), format!("[{}]", "1,".repeat(300_000))] {
            assert_eq!(parse("f.yaml", &text).unwrap_err().message, TOO_LARGE);
        }
        let error = parse("f.yaml", "a: [1\nb: 2\n").unwrap_err();
        assert!(error.place.is_some(), "{}", error.message);
    }
}
