//! The list of known failures: they still run, must fail, and carry a reason.

use std::collections::BTreeMap;
use std::path::Path;

use crate::verdict::Verdict;
use crate::yaml::{self, FileError};

/// Case ids and the reason why each fails.
#[derive(Debug, Clone, Default)]
pub struct KnownFailures(BTreeMap<String, String>);

impl KnownFailures {
    /// Reads the list from a YAML file: `id: reason`. Every id must be one of `ids`.
    ///
    /// # Errors
    /// Everything that is wrong with the file, each with its place.
    pub fn read<'a>(path: &Path, ids: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<FileError>> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| vec![FileError::whole(&shown, format!("cannot be read: {e}"))])?;
        Self::parse(&shown, &text, ids)
    }

    /// Reads the list from text.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its place.
    pub fn parse<'a>(file: &str, text: &str, ids: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<FileError>> {
        let ids: Vec<&str> = ids.into_iter().collect();
        let document = yaml::parse(file, text).map_err(|e| vec![e])?;
        let mut list = BTreeMap::new();
        // A list in which nothing stands (any more) says that nothing is known to fail.
        if matches!(document.root.content, yaml::Content::Scalar(serde_json::Value::Null)) {
            return Ok(Self(list));
        }
        let mut errors = Vec::new();
        for (key, node) in document.root.map(&document).map_err(|e| vec![e])? {
            match node.text(&document) {
                Ok(reason) if !reason.trim().is_empty() => {
                    list.insert(key.text.clone(), reason);
                }
                _ => errors.push(document.error(node.at, "a known failure carries a reason")),
            }
            if !ids.contains(&key.text.as_str()) {
                let mut error = document.unknown(key.at, "case", &key.text, ids.iter().copied());
                if ids.len() > 20 && error.hint.as_ref().is_some_and(|h| h.starts_with("known are")) {
                    error.hint = None;
                }
                errors.push(error);
            }
        }
        if errors.is_empty() { Ok(Self(list)) } else { Err(errors) }
    }

    /// The verdict in the light of the list.
    #[must_use]
    pub fn judge(&self, id: &str, verdict: Verdict) -> Verdict {
        let Some(reason) = self.0.get(id).cloned() else {
            return verdict;
        };
        match verdict {
            Verdict::Fail { failure } => Verdict::KnownFailure { reason, failure },
            Verdict::Pass | Verdict::Warn { .. } => Verdict::UnexpectedPass { reason },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Failure;

    #[test]
    fn a_known_failure_must_fail() {
        let list = KnownFailures::parse("k.yaml", "a/b: not yet\n", ["a/b"]).unwrap();
        let failed = || Verdict::Fail { failure: Box::new(Failure::new("h", "e", "a")) };
        assert_eq!(list.judge("a/b", failed()).name(), "known failure");
        assert!(list.judge("a/b", Verdict::Pass).fails_the_run());
        assert_eq!(list.judge("a/c", failed()).name(), "fail");
    }

    #[test]
    fn an_empty_list_means_that_nothing_is_known_to_fail() {
        for text in ["", "\n", "# nothing left\n", "---\n", "{}\n"] {
            let list = KnownFailures::parse("k.yaml", text, ["a/b"]);
            assert!(list.is_ok_and(|list| list.0.is_empty()), "{text:?}");
        }
    }

    #[test]
    fn ids_and_reasons_are_checked() {
        let errors = KnownFailures::parse("k.yaml", "a/bc: ''\n", ["a/bb"]).unwrap_err();
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[1].hint.as_deref(), Some("did you mean `a/bb`?"));
    }
}
