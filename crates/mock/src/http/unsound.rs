//! Answers that no HTTP library would write.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, StatusCode, header};

use super::line::{End, Script};
use crate::clock::Moment;
use crate::faults::RestFault;

/// How much more a `Content-Length` that is too large promises.
const TOO_MUCH: usize = 16;

/// What is written instead of a sound answer; none for a fault that is not one of the wire.
pub(super) fn script(fault: &RestFault, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Script> {
    let mut script = Script { pieces: VecDeque::new(), pause: Duration::ZERO, hold: Duration::ZERO, end: End::Keep };
    let length = |length: usize| head(status, headers, &format!("content-length: {length}"));
    // An answer that may have no body does not speak of its length either.
    let whole_head = if status == StatusCode::NO_CONTENT { head(status, headers, "") } else { length(body.len()) };
    match *fault {
        RestFault::ConnectionReset => script.end = End::Reset,
        RestFault::CloseInHeaders => {
            let middle = whole_head.len() / 2;
            script.pieces.push_back(whole_head.into_bytes()[..middle].to_vec());
            script.end = End::Close;
        }
        RestFault::CloseInBody => {
            script.pieces.push_back(message(whole_head, &body[..body.len() / 2]));
            script.end = End::Close;
        }
        RestFault::ContentLengthTooLarge { hold_ms } => {
            script.pieces.push_back(message(length(body.len() + TOO_MUCH), body));
            script.hold = Duration::from_millis(hold_ms);
            script.end = End::Close;
        }
        RestFault::ContentLengthTooSmall => script.pieces.push_back(message(length(body.len() / 2), body)),
        RestFault::SlowDrip { bytes, ms } => {
            let whole = message(whole_head, body);
            script.pieces = pieces(&whole, bytes).map(<[u8]>::to_vec).collect();
            script.pause = Duration::from_millis(ms);
        }
        RestFault::Chunked { bytes } => {
            let mut whole = head(status, headers, "transfer-encoding: chunked").into_bytes();
            for chunk in pieces(body, bytes) {
                whole.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                whole.extend_from_slice(chunk);
                whole.extend_from_slice(b"\r\n");
            }
            whole.extend_from_slice(b"0\r\n\r\n");
            script.pieces.push_back(whole);
        }
        _ => return None,
    }
    Some(script)
}

fn pieces(bytes: &[u8], size: u32) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(usize::try_from(size).unwrap_or(usize::MAX).max(1))
}

fn message(head: String, body: &[u8]) -> Vec<u8> {
    let mut message = head.into_bytes();
    message.extend_from_slice(body);
    message
}

/// Status line and headers, as the sound answers have them.
fn head(status: StatusCode, headers: &HeaderMap, framing: &str) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    };
    if let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        line("content-type", value);
    }
    if let Some((name, value)) = framing.split_once(": ") {
        line(name, value);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    line("date", &Moment::default().plus(now).http_date());
    head.push_str("\r\n");
    head
}
