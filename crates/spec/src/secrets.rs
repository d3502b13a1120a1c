//! What must never stand in a log, a journal or a report.

use serde_json::Value;

use crate::model::Operation;
use crate::requirement;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// The wire names of members whose values are secret, in any case.
pub const MEMBERS: [&str; 12] = [
    "secret",
    "accessToken",
    "refreshToken",
    "psk",
    "verifyCode",
    "password",
    "authorization",
    "appKey",
    "appSKey",
    "nwkSKey",
    "authCode",
    "gatewaySeq",
];

/// Whether a member of this name is secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    MEMBERS.iter().any(|member| member.eq_ignore_ascii_case(name))
}

/// Masks every secret member, however deep.
pub fn mask(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                if is_secret(name) && !value.is_null() {
                    *value = Value::from(MASK);
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// A body as text without secrets: JSON masked member by member, a form item by item; what is
/// neither is withheld if a secret's name stands in it.
#[must_use]
pub fn mask_body(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    if !MEMBERS.iter().any(|member| lower.contains(&member.to_ascii_lowercase())) {
        return text.into_owned();
    }
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        mask(&mut value);
        return value.to_string();
    }
    if !text.contains(['{', '"', '\n']) && text.contains('=') {
        return text.split('&').map(mask_item).collect::<Vec<_>>().join("&");
    }
    format!("({} bytes that cannot be read and may hold a secret)", body.len())
}

fn mask_item(item: &str) -> String {
    match item.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
        _ => item.to_owned(),
    }
}

/// Whether requests or answers of an operation carry secrets at all.
#[must_use]
pub fn carried_by(op: &Operation) -> bool {
    let mut found = false;
    let fields = op.params.iter().map(|p| &p.field).filter(|f| f.name != "Authorization").chain(op.response);
    requirement::visit(fields, "", &mut |_, _, field| found |= is_secret(field.name));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_every_form() {
        let json = mask_body(br#"{"appId":"a","secret":"s3","in":[{"accessToken":"t"}],"psk":null}"#);
        assert_eq!(json, r#"{"appId":"a","secret":"***","in":[{"accessToken":"***"}],"psk":null}"#);
        assert_eq!(mask_body(b"appId=a&Secret=s3"), "appId=a&Secret=***");
        assert!(!mask_body(br#"{"secret":"s3"#).contains("s3"));
        assert_eq!(mask_body(b"plain"), "plain");
    }
}
