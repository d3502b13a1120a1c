//! What must never stand in a log, a journal or a report.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::Value;

use crate::catalogue::Op;
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

/// The wire name of the members whose values are addresses, which may bring a user's name and password along.
const ADDRESS: &str = "callbackUrl";

/// Whether a member of this name is an address, which is to be shown as [`mask_url`] makes it.
#[must_use]
pub fn is_address(name: &str) -> bool {
    name.eq_ignore_ascii_case(ADDRESS)
}

/// Masks every secret member, however deep, and in every address what opens it.
pub fn mask(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                match value {
                    Value::String(url) if is_address(name) => *url = mask_url(url),
                    Value::Null => {}
                    value if is_secret(name) => *value = Value::from(MASK),
                    value => mask(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        // A body in a body.
        Value::String(text)
            if text.contains(['{', '=']) && (mentions_secret(text.as_bytes()) || may_open(text.as_bytes())) =>
        {
            *text = mask_body(text.as_bytes());
        }
        _ => {}
    }
}

/// Whether a user's name may stand in an address in this text. Nearly no body has an `@`, so that it is
/// nearly always one look for that.
fn may_open(text: &[u8]) -> bool {
    text.contains(&b'@') && text.windows(ADDRESS.len()).any(|window| window.eq_ignore_ascii_case(ADDRESS.as_bytes()))
}

/// A body as text without secrets: JSON masked member by member, a form item by item; what is
/// neither is withheld if a secret's name stands in it.
#[must_use]
pub fn mask_body(body: &[u8]) -> String {
    // Escaped letters may spell a name too.
    let named = mentions_secret(body) || body.windows(2).any(|pair| pair == br"\u") || may_open(body);
    let text = text_of(body);
    if !named && !body.contains(&b'%') {
        return text.into_owned();
    }
    if !text.contains(['{', '"', '\n']) && text.contains('=') {
        return text.split('&').map(mask_item).collect::<Vec<_>>().join("&");
    }
    if !named {
        return text.into_owned();
    }
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        mask(&mut value);
        return value.to_string();
    }
    format!("({} bytes that cannot be read and may hold a secret)", body.len())
}

/// Bytes as text. They are seldom anything but UTF-8, which is checked much faster than it is mended.
#[must_use]
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// An address without the user's name and password, and without secrets in its query.
#[must_use]
pub fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // It leads nowhere, and so nobody can say which part of it would be the path.
        let query = url.find(['?', '#']).unwrap_or(url.len());
        let Some(at) = url[..query].rfind('@') else { return mask_query(url) };
        return mask_query(&format!("{MASK}{}", &url[at..]));
    };
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let Some(at) = rest[..authority].rfind('@') else { return mask_query(url) };
    mask_query(&format!("{scheme}://{MASK}{}", &rest[at..]))
}

fn mask_query(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    format!("{address}?{}", mask_body(query.as_bytes()))
}

/// Whether a secret's name stands in a text, in any case.
fn mentions_secret(text: &[u8]) -> bool {
    let starts = |rest: &[u8]| {
        let begins =
            |member: &&str| rest.get(..member.len()).is_some_and(|r| r.eq_ignore_ascii_case(member.as_bytes()));
        MEMBERS.iter().any(begins)
    };
    let initial = |byte: &u8| matches!(byte | 0x20, b's' | b'a' | b'r' | b'p' | b'v' | b'n' | b'g');
    text.iter().enumerate().any(|(at, byte)| initial(byte) && starts(&text[at..]))
}

fn mask_item(item: &str) -> String {
    match item.split_once('=') {
        Some((name, _)) if is_secret(&decoded(name)) => format!("{name}={MASK}"),
        Some((name, value)) if is_address(&decoded(name)) => {
            let url = decoded(value);
            let masked = mask_url(&url);
            if masked == url { item.to_owned() } else { format!("{name}={masked}") }
        }
        _ => item.to_owned(),
    }
}

/// A name or value that may be percent-encoded.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let octet = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let octet = octet.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%');
        bytes.push(octet.unwrap_or(*first));
        rest = if octet.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether requests or answers of an operation carry secrets at all.
#[must_use]
pub fn carried_by(op: Op) -> bool {
    // Asked for every call, and the tables never change.
    static CARRIED: OnceLock<Vec<bool>> = OnceLock::new();
    let carried = CARRIED.get_or_init(|| Op::ALL.iter().map(|op| has_secret(op.table())).collect());
    carried.get(op as usize).copied().unwrap_or(true)
}

fn has_secret(op: &Operation) -> bool {
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
        assert_eq!(mask_body(br#"{"a":"100%"}"#), r#"{"a":"100%"}"#);
    }

    #[test]
    fn a_secret_does_not_hide_behind_an_encoding() {
        assert_eq!(mask_body(br#"{"secr\u0065t":"s3"}"#), r#"{"secret":"***"}"#);
        let nested = br#"{"body":"{\"secret\":\"s3\"}","text":"no secret"}"#;
        assert_eq!(mask_body(nested), r#"{"body":"{\"secret\":\"***\"}","text":"no secret"}"#);
        assert_eq!(mask_body(b"appId=a&s%65cret=s3"), "appId=a&s%65cret=***");
        assert_eq!(mask_body(b"pageNo=1&ACCESSTOKEN=t"), "pageNo=1&ACCESSTOKEN=***");
    }

    #[test]
    fn who_carries_secrets_is_told_by_the_tables() {
        assert!([Op::Login, Op::RegisterByPassword, Op::RefreshKey].into_iter().all(carried_by));
        assert!(![Op::QueryDevice, Op::QueryDevices, Op::DeleteDevice].into_iter().any(carried_by));
        assert!(Op::ALL.iter().all(|op| carried_by(*op) == has_secret(op.table())));
    }

    #[test]
    fn an_address_loses_what_opens_it() {
        assert_eq!(mask_url("https://u:pw@h:1/a@b?password=x&y=1"), "https://***@h:1/a@b?password=***&y=1");
        assert_eq!(mask_url("http://127.0.0.1:9/x"), "http://127.0.0.1:9/x");
        // Nobody can call these, and they were sent all the same.
        assert_eq!(mask_url("joe:pw@h:1/x"), "***@h:1/x");
        assert_eq!(mask_url("http:/joe:pw@h:1/x"), "***@h:1/x");
        assert_eq!(mask_url("http:///joe:pw@h:1/x"), "http://***@h:1/x");
    }

    #[test]
    fn a_callback_in_a_body_loses_what_opens_it() {
        let masked = r#"{"callbackUrl":"http://***@h:1/x"}"#;
        assert_eq!(mask_body(br#"{"callbackUrl": "http://joe:hunter2@h:1/x"}"#), masked);
        assert_eq!(mask_body(br#"{"callbackUrl": "http:\/\/joe:hunter2\u0040h:1/x"}"#), masked);
        assert_eq!(mask_body(br#"{"callbackurl": "http://joe:hunter2@h:1/x"}"#), masked.replace('U', "u"));
        let list = br#"{"subscriptions":[{"callbackUrl":"http://joe:hunter2@h:1/x"},{"callbackUrl":null}]}"#;
        assert!(!mask_body(list).contains("hunter2"));
        assert!(!mask_body(br#"{"callbackUrl":"http://joe:hunter2@h:1/x""#).contains("hunter2"));
        let query = b"notifyType=x&callbackUrl=http%3A%2F%2Fjoe%3Ahunter2%40h%3A1%2Fx";
        assert_eq!(mask_body(query), "notifyType=x&callbackUrl=http://***@h:1/x");
        assert_eq!(mask_body(b"callbackUrl=http://joe:hunter2@h:1/x"), "callbackUrl=http://***@h:1/x");
        // What opens nothing stays as it came.
        for body in [
            r#"{ "callbackUrl": "http://h:1/x" }"#,
            r#"{ "mail": "joe@h" }"#,
            "callbackUrl=http%3A%2F%2Fh%3A1%2Fx%40y&a=b",
        ] {
            assert_eq!(mask_body(body.as_bytes()), body);
        }
    }
}
