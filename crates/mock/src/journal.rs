//! The journal: every request, packet and push, bounded, with the contract's verdict on it.
//!
//! Secrets and tokens are masked before an entry is made; nothing that enters here holds one.

mod packets;
mod pushes;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use crate::clock::Moment;

pub use packets::{Captured, PacketFilter, hex_dump};
pub use pushes::Pushed;
pub(crate) use pushes::wire_form_or_null;

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
    /// Something else worth knowing, such as a connection that was turned away.
    Note {
        /// In words.
        text: String,
    },
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
    /// Where the request deviates from the contract: requirement id and reason.
    pub deviations: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// The request's body, masked.
    pub request: String,
    /// The answer's body, masked.
    pub answer: String,
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
    /// What is odd about it and does no harm.
    pub notes: Vec<String>,
}

fn wire_form<S: serde::Serializer>(at: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
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

impl Event {
    /// About how many bytes of memory the entry takes.
    fn weight(&self) -> usize {
        const FIXED: usize = 256;
        FIXED
            + match self {
                Self::Call(call) => call.target.len() + call.request.len() + call.answer.len(),
                Self::Packet(packet) => packet.line.len() + packet.bytes.len(),
                Self::Push(push) => push.url.len() + push.body.len(),
                Self::Connect(connect) => connect.client_id.len(),
                Self::Note { text } => text.len(),
            }
    }
}

/// How much a journal keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLimits {
    /// The most entries.
    pub entries: usize,
    /// The most bytes, about.
    pub bytes: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 32 << 20 }
    }
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Entry>,
    bytes: usize,
    last: u64,
    dropped_packets: u64,
}

/// The journal of one platform.
#[derive(Debug)]
pub struct Journal {
    limits: JournalLimits,
    kept: Mutex<Kept>,
    grown: watch::Sender<u64>,
}

/// Nothing of the awaited kind came in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSeen {
    /// What was awaited, in the caller's words.
    pub awaited: String,
    /// For how long.
    pub within: Duration,
}

impl fmt::Display for NotSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was not seen within {:?}", self.awaited, self.within)
    }
}

impl std::error::Error for NotSeen {}

impl Journal {
    pub(crate) fn new(limits: JournalLimits) -> Self {
        Self { limits, kept: Mutex::default(), grown: watch::Sender::new(0) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, at: Moment, event: Event) {
        let mut kept = self.kept();
        kept.last += 1;
        let seq = kept.last;
        kept.bytes += event.weight();
        kept.entries.push_back(Entry { seq, at, event });
        while kept.entries.len() > self.limits.entries || kept.bytes > self.limits.bytes {
            let Some(dropped) = kept.entries.pop_front() else { break };
            kept.bytes = kept.bytes.saturating_sub(dropped.event.weight());
            kept.dropped_packets += u64::from(matches!(dropped.event, Event::Packet(_)));
        }
        drop(kept);
        self.grown.send_replace(seq);
    }

    /// Every kept entry, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.since(0)
    }

    /// The kept entries after the one numbered `seq`, oldest first.
    #[must_use]
    pub fn since(&self, seq: u64) -> Vec<Entry> {
        let kept = self.kept();
        let from = kept.entries.partition_point(|entry| entry.seq <= seq);
        kept.entries.iter().skip(from).cloned().collect()
    }

    /// How many entries were dropped to keep the journal within its limits.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let kept = self.kept();
        kept.last - kept.entries.len() as u64
    }

    /// The calls of an operation, by its name such as `register_by_password`.
    #[must_use]
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        let of = |call: &Call| call.operation == Some(operation);
        self.pick(|event| match event {
            Event::Call(call) if of(call) => Some(call.clone()),
            _ => None,
        })
    }

    /// The messages that a device published.
    #[must_use]
    pub fn published(&self, device: &str) -> Vec<Packet> {
        self.messages(device, "in")
    }

    /// The messages that a device was sent.
    #[must_use]
    pub fn received(&self, device: &str) -> Vec<Packet> {
        self.messages(device, "out")
    }

    fn messages(&self, device: &str, direction: &str) -> Vec<Packet> {
        let of = |p: &Packet| p.device.as_deref() == Some(device) && p.direction == direction && p.packet == "PUBLISH";
        self.pick(|event| match event {
            Event::Packet(packet) if of(packet) => Some(packet.clone()),
            _ => None,
        })
    }

    fn pick<T>(&self, choose: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.kept().entries.iter().filter_map(|entry| choose(&entry.event)).collect()
    }

    /// Waits until there are entries after the one numbered `seq`, or the time is over.
    pub(crate) async fn grown_beyond(&self, seq: u64, within: Duration) {
        let mut grown = self.grown.subscribe();
        let growth = async {
            // The journal owns the sender, so it cannot close while it is borrowed.
            let _ = grown.wait_for(|last| *last > seq).await;
        };
        // Too late is an answer too: there is nothing new.
        let _ = tokio::time::timeout(within, growth).await;
    }

    /// Waits for an entry, one that is already there included.
    ///
    /// # Errors
    /// [`NotSeen`] if none comes in time; `awaited` says what it was about.
    pub async fn wait_for(
        &self,
        awaited: &str,
        within: Duration,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Entry, NotSeen> {
        let mut grown = self.grown.subscribe();
        let search = async {
            let mut seen = 0;
            loop {
                grown.mark_unchanged();
                let entries = self.since(seen);
                seen = entries.last().map_or(seen, |entry| entry.seq);
                if let Some(entry) = entries.into_iter().find(|entry| wanted(entry)) {
                    return entry;
                }
                // The journal owns the sender, so it cannot close while it is borrowed.
                let _ = grown.changed().await;
            }
        };
        let missed = || NotSeen { awaited: awaited.to_owned(), within };
        tokio::time::timeout(within, search).await.map_err(|_| missed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_stays_within_its_limits() {
        let journal = Journal::new(JournalLimits { entries: 3, bytes: 1 << 20 });
        for n in 0..10 {
            journal.add(Moment(n), Event::Note { text: format!("{n}") });
        }
        assert_eq!(journal.entries().iter().map(|e| e.seq).collect::<Vec<_>>(), [8, 9, 10]);
        assert_eq!(journal.dropped(), 7);
        assert_eq!(journal.since(9).len(), 1);
        let small = Journal::new(JournalLimits { entries: 100, bytes: 600 });
        for n in 0..10 {
            small.add(Moment(n), Event::Note { text: "x".repeat(100) });
        }
        assert_eq!(small.entries().len(), 1);
    }
}
