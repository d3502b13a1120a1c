//! The timed record of one case, in which no secret ever stands.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use iotdm_spec::secrets;
use serde_json::Value;

use crate::events::{Entry, EntryKind};

/// What stands in the place of a secret.
const HIDDEN: &str = "***";
/// Members whose values are secrets wherever they stand (compared without regard to case).
const SECRET_MEMBERS: [&str; 5] = ["secret", "accesstoken", "refreshtoken", "psk", "password"];
/// Shorter strings are not looked for in texts: hiding them would hide half of the transcript.
const SHORTEST_SECRET: usize = 6;

/// The secrets that the run knows: wherever one of them turns up in a text, it is hidden.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<RwLock<Vec<String>>>);

impl Secrets {
    /// Remembers a secret.
    pub fn learn(&self, secret: &str) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if secret.len() >= SHORTEST_SECRET && !known.iter().any(|k| k == secret) {
            known.push(secret.to_owned());
        }
    }

    /// Remembers the secrets of an answer.
    pub fn learn_from(&self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if is_secret(name) => self.learn(text),
                        other => self.learn_from(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_from(item)),
            _ => {}
        }
    }

    /// The text without any known secret.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_MEMBERS.contains(&name.to_lowercase().as_str())
}

/// A JSON value without its secrets.
#[must_use]
pub fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let shown = match value {
                        Value::Null => Value::Null,
                        _ if is_secret(name) => Value::from(HIDDEN),
                        Value::String(url) if secrets::is_address(name) => Value::from(secrets::mask_url(url)),
                        value => without_secrets(value),
                    };
                    (name.clone(), shown)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_secrets).collect()),
        other => other.clone(),
    }
}

/// A body as a transcript shows it: JSON and forms without their secrets, anything else as it is.
#[must_use]
pub fn body_text(body: &str, content_type: &str) -> String {
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        return without_secrets(&value).to_string();
    }
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return body.to_owned();
    }
    let item = |item: &str| match item.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
        _ => item.to_owned(),
    };
    body.split('&').map(item).collect::<Vec<_>>().join("&")
}

/// The lines of some headers, those with secrets hidden.
#[must_use]
pub fn header_text(headers: &[(String, String)]) -> String {
    headers.iter().fold(String::new(), |mut text, (name, value)| {
        let value = if name.eq_ignore_ascii_case("authorization") { HIDDEN } else { value };
        let _ = write!(text, "\n{name}: {value}");
        text
    })
}

/// The timed record of one case.
#[derive(Debug, Clone)]
pub struct Transcript {
    start: Instant,
    secrets: Secrets,
    entries: Arc<Mutex<Vec<Entry>>>,
}

impl Transcript {
    /// An empty record that starts now.
    #[must_use]
    pub fn new(secrets: Secrets) -> Self {
        Self { start: Instant::now(), secrets, entries: Arc::default() }
    }

    /// Adds a line; secrets are hidden here and now.
    pub fn add(&self, kind: EntryKind, text: &str) {
        let at = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let entry = Entry { at, kind, text: self.secrets.hide(text) };
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Everything so far, in order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves out the pushes that are not of this case's making; how many.
    pub fn keep_pushes(&self, ours: impl Fn(&str) -> bool) -> usize {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let before = entries.len();
        entries.retain(|entry| entry.kind != EntryKind::CallbackIn || ours(&entry.text));
        before - entries.len()
    }

    /// The secrets that it hides.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_never_reach_an_entry() {
        let secrets = Secrets::default();
        secrets.learn("hunter2000");
        let transcript = Transcript::new(secrets);
        transcript.add(EntryKind::Note, "a known hunter2000 in a text");
        assert_eq!(transcript.entries()[0].text, "a known *** in a text");
        let json = body_text(r#"{"a":{"accessToken":"x","psk":"y","n":1}}"#, "application/json");
        assert_eq!(json, r#"{"a":{"accessToken":"***","psk":"***","n":1}}"#);
        assert_eq!(body_text("appId=a&Secret=b", "application/x-www-form-urlencoded"), "appId=a&Secret=***");
        let headers = [("authorization".to_owned(), "Bearer t".to_owned())];
        assert_eq!(header_text(&headers), "\nauthorization: ***");
    }
}
