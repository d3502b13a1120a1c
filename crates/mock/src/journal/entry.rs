//! What stands in a journal.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::Pushed;
use crate::clock::Moment;
use crate::deviation::Deviation;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Counts up from 1; never reused, so a gap means that older entries were dropped.
    pub seq: u64,
    /// The platform's time.
    #[serde(serialize_with = "wire_form")]
    pub at: Moment,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Event {
    /// A REST request and its answer.
    Call(Call),
    /// An MQTT packet, in either direction.
    Packet(Packet),
    /// A CONNECT and how its parts were judged.
    Connect(Connect),
    /// A push and what the receiver made of it.
    Push(Pushed),
    /// Something else worth knowing, such as a connection that was turned away, or what became of a
    /// device's message.
    Note(Note),
}

impl Event {
    /// Something worth knowing, in words.
    pub(crate) fn note(text: impl Into<String>) -> Self {
        Self::Note(Note { text: text.into(), device: None, session: None, deviations: Vec::new() })
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Call(_) => EventKind::Call,
            Self::Packet(_) => EventKind::Packet,
            Self::Connect(_) => EventKind::Connect,
            Self::Push(_) => EventKind::Push,
            Self::Note(_) => EventKind::Note,
        }
    }

    /// Where it deviates from the contract.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        match self {
            Self::Call(call) => &call.deviations,
            Self::Connect(connect) => &connect.deviations,
            Self::Push(push) => &push.deviations,
            Self::Note(note) => &note.deviations,
            Self::Packet(_) => &[],
        }
    }
}

/// The kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// A REST request and its answer.
    Call,
    /// An MQTT packet.
    Packet,
    /// A CONNECT.
    Connect,
    /// A push.
    Push,
    /// Anything else.
    Note,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Call, Self::Packet, Self::Connect, Self::Push, Self::Note];

    /// The kind's name on the control plane.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Packet => "packet",
            Self::Connect => "connect",
            Self::Push => "push",
            Self::Note => "note",
        }
    }
}

/// Something else worth knowing.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// In words.
    pub text: String,
    /// The device that it is about, if it is about one.
    pub device: Option<String>,
    /// The door's number of the session that it is about.
    pub session: Option<u64>,
    /// Where a device's message deviates from the contract.
    pub deviations: Vec<Deviation>,
}

/// A REST request and its answer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The operation's name, such as `register_by_password`; none for an unknown path.
    pub operation: Option<&'static str>,
    /// The operation's clause, such as `1.5.2`.
    pub clause: Option<&'static str>,
    /// The application that called, if it could be told.
    pub application: Option<String>,
    /// The headers that matter.
    pub headers: Headers,
    /// The HTTP method.
    pub method: String,
    /// Path and query string.
    pub target: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The `error_code` of a refusal.
    pub error_code: Option<&'static str>,
    /// The name of the refusal's row, such as `NODE_ID_DUPLICATED`.
    pub refused: Option<&'static str>,
    /// Whether the platform's owner had ordered the answer.
    pub ordered: bool,
    /// Where the request deviates from the contract.
    pub deviations: Vec<Deviation>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// From the first byte of the head to the last of the body, in microseconds.
    pub read_us: u64,
    /// From then until the answer was ready, in microseconds.
    pub latency_us: u64,
    /// The request's body, masked.
    pub request: String,
    /// How long the request's body was, before it was masked or cut.
    pub request_bytes: usize,
    /// The answer's body, masked.
    pub answer: String,
    /// How long the answer's body was, before it was masked or cut.
    pub answer_bytes: usize,
}

/// The headers of a request that matter. A token never stands in them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Headers {
    /// `app_key`.
    pub app_key: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// What `Authorization` was worth: `absent`, `malformed`, `valid`, `expired`, `superseded` or
    /// `unknown`; none for an operation that wants none.
    pub authorization: Option<&'static str>,
}

impl Call {
    /// The request's body as JSON (secrets masked); null if it is none.
    #[must_use]
    pub fn request_json(&self) -> serde_json::Value {
        serde_json::from_str(&self.request).unwrap_or_default()
    }
}

/// An MQTT packet.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Packet {
    /// The device, once its session is admitted.
    pub device: Option<String>,
    /// The door's number of the session.
    pub session: u64,
    /// The other end of the connection.
    pub peer: String,
    /// `in` from the device, `out` to it.
    pub direction: &'static str,
    /// The packet's name, such as `PUBLISH`.
    pub packet: &'static str,
    /// The packet in one line.
    pub line: String,
    /// Why it was refused or had no effect.
    pub note: Option<String>,
    /// The bytes, with a password overwritten.
    #[serde(serialize_with = "hex")]
    pub bytes: Bytes,
    /// How many more bytes there were, too many for the journal.
    pub left_out: usize,
}

/// A CONNECT and how its parts were judged (2.2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connect {
    /// The door's number of the session.
    pub session: u64,
    /// The client id.
    pub client_id: String,
    /// The user name, if there was one.
    pub username: Option<String>,
    /// `right`, `wrong`, `absent`, or `unjudged` where the device could not be told.
    pub password: &'static str,
    /// Whether the session was let in.
    pub accepted: bool,
    /// The device, if it could be told.
    pub device: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Where it deviates from the contract.
    pub deviations: Vec<Deviation>,
    /// What is odd about it and does no harm.
    pub notes: Vec<String>,
}

pub(super) fn wire_form<S: serde::Serializer>(at: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn hex<S: serde::Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Hex(bytes))
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
