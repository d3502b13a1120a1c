//! The names that a case uses: variables must be known, and so must members of answers and pushes.

use std::collections::BTreeSet;

use iotdm_spec::model::Field;

use super::compile::is_matcher;
use super::template::{Piece, pieces};
use crate::target::Capability;
use crate::yaml::{At, Content, Document, FileError, Node};

/// The variables that every case has, and the capability that each rests on.
const BUILT_IN: &[(&str, Option<Capability>)] = &[
    ("application", None),
    ("authorized", Some(Capability::Authorized)),
    ("callback", Some(Capability::Callbacks)),
    ("fresh", None),
    ("lora", Some(Capability::Lora)),
    ("lwm2m", Some(Capability::Lwm2m)),
    ("now", None),
    ("packages", Some(Capability::Packages)),
    ("product", Some(Capability::Product)),
    ("stranger", Some(Capability::Stranger)),
];

/// The variables of a case so far, and the capabilities that its steps use.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    saved: BTreeSet<String>,
    /// What the steps use, and where first.
    pub(super) used: Vec<(Capability, At)>,
}

impl Names {
    /// A variable exists from here on.
    pub(super) fn define(&mut self, name: &str) {
        self.saved.insert(name.to_owned());
    }

    /// A step uses a capability.
    pub(super) fn use_capability(&mut self, capability: Capability, at: At) {
        if !self.used.iter().any(|(known, _)| *known == capability) {
            self.used.push((capability, at));
        }
    }

    /// A step names a variable without `${}`.
    pub(super) fn need(&self, document: &Document, what: &str, name: &str, at: At) -> Result<(), FileError> {
        if self.saved.contains(name) {
            return Ok(());
        }
        Err(document.unknown(at, what, name, self.saved.iter().map(String::as_str)))
    }

    /// Checks every reference in a tree.
    pub(super) fn check(&mut self, document: &Document, node: &Node) -> Result<(), FileError> {
        match &node.content {
            Content::Scalar(value) => match value.as_str() {
                Some(text) => self.check_text(document, text, node.at),
                None => Ok(()),
            },
            Content::List(items) => items.iter().try_for_each(|item| self.check(document, item)),
            Content::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.check_text(document, &key.text, key.at)?;
                self.check(document, value)
            }),
        }
    }

    fn check_text(&mut self, document: &Document, text: &str, at: At) -> Result<(), FileError> {
        for piece in pieces(text).map_err(|message| document.error(at, message))? {
            let Piece::Reference(reference) = piece else {
                continue;
            };
            let root = reference.split(['.', '[']).next().unwrap_or_default();
            match BUILT_IN.iter().find(|(name, _)| *name == root) {
                Some((_, None)) => {}
                Some(_) if reference.starts_with("product.second_service") => {
                    self.use_capability(Capability::SecondService, at);
                }
                Some((_, Some(capability))) => self.use_capability(*capability, at),
                None if self.saved.contains(root) => {}
                None => {
                    let built_in = BUILT_IN.iter().map(|(name, _)| *name);
                    let known: Vec<&str> = built_in.chain(self.saved.iter().map(String::as_str)).collect();
                    return Err(document.unknown(at, "variable", root, known));
                }
            }
        }
        Ok(())
    }
}

/// Checks that an expectation names only members of the table: `{devicId: {absent: true}}` would
/// otherwise always hold.
pub(super) fn check_members(document: &Document, node: &Node, table: &[Field]) -> Result<(), FileError> {
    match &node.content {
        Content::Map(entries) => {
            for (key, value) in entries {
                if is_matcher(&key.text) {
                    // Items of lists stand under `contains` and `lacks`; their table is the list's.
                    check_members(document, value, table)?;
                    continue;
                }
                if table.is_empty() || key.text.contains("${") {
                    continue;
                }
                let Some(field) = table.iter().find(|field| field.name == key.text) else {
                    let known: Vec<&str> = table.iter().map(|field| field.name).collect();
                    return Err(document.unknown(key.at, "member", &key.text, known));
                };
                check_members(document, value, field.members)?;
            }
            Ok(())
        }
        Content::List(items) => items.iter().try_for_each(|item| check_members(document, item, table)),
        Content::Scalar(_) => Ok(()),
    }
}
