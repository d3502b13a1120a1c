//! The journal: every request, packet and push, bounded, with the contract's verdict on it.
//!
//! Secrets and tokens are masked before an entry is made; nothing that enters here holds one.

mod entry;
pub(crate) mod filter;
mod har;
mod packets;
mod pushes;
mod weight;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use crate::clock::Moment;

pub use entry::{Call, Connect, Entry, Event, EventKind, Headers, Note, Packet};
pub use filter::JournalFilter;
pub use packets::{Captured, PacketFilter, hex_dump};
pub use pushes::Pushed;
pub(crate) use pushes::wire_form_or_null;

/// How much a journal keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLimits {
    /// The most entries.
    pub entries: usize,
    /// The most bytes of memory.
    pub bytes: usize,
    /// The most bytes of one body or packet; the entry says how many more there were.
    pub body: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 32 << 20, body: 256 << 10 }
    }
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last: u64,
    dropped: Dropped,
}

/// How many entries were dropped to keep the journal within its limits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dropped {
    /// REST calls.
    pub call: u64,
    /// MQTT packets.
    pub packet: u64,
    /// CONNECTs.
    pub connect: u64,
    /// Pushes.
    pub push: u64,
    /// Notes.
    pub note: u64,
}

impl Dropped {
    /// Of all kinds together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.call + self.packet + self.connect + self.push + self.note
    }

    fn count(&mut self, event: &Event) {
        *match event {
            Event::Call(_) => &mut self.call,
            Event::Packet(_) => &mut self.packet,
            Event::Connect(_) => &mut self.connect,
            Event::Push(_) => &mut self.push,
            Event::Note(_) => &mut self.note,
        } += 1;
    }
}

/// The journal of one platform.
#[derive(Debug)]
pub struct Journal {
    limits: JournalLimits,
    kept: Mutex<Kept>,
    grown: watch::Sender<u64>,
    /// Where the platform is, for exports.
    base_url: OnceLock<String>,
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
        Self { limits, kept: Mutex::default(), grown: watch::Sender::new(0), base_url: OnceLock::new() }
    }

    /// Tells the journal where its platform is.
    pub(crate) fn belongs_to(&self, base_url: &str) {
        // A platform starts once.
        let _ = self.base_url.set(base_url.to_owned());
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, at: Moment, mut event: Event) {
        weight::cut(&mut event, self.limits.body);
        let mut entry = Arc::new(Entry { seq: 0, at, event });
        let weight = weight::of(&entry);
        // What is dropped is freed when the lock is open again.
        let mut dropped = Vec::new();
        let mut kept = self.kept();
        kept.last += 1;
        let seq = kept.last;
        if let Some(entry) = Arc::get_mut(&mut entry) {
            entry.seq = seq;
        }
        kept.bytes += weight;
        kept.entries.push_back(entry);
        while kept.entries.len() > self.limits.entries || kept.bytes > self.limits.bytes {
            let Some(oldest) = kept.entries.pop_front() else { break };
            kept.bytes = kept.bytes.saturating_sub(weight::of(&oldest));
            kept.dropped.count(&oldest.event);
            dropped.push(oldest);
        }
        drop(kept);
        // Who subscribes later looks at the entries first, so it misses nothing.
        if self.grown.receiver_count() > 0 {
            self.grown.send_replace(seq);
        }
    }

    /// Forgets every entry, and how many were dropped. The count goes on.
    pub fn clear(&self) {
        let mut kept = self.kept();
        let entries = std::mem::take(&mut kept.entries);
        kept.bytes = 0;
        kept.dropped = Dropped::default();
        drop(kept);
        drop(entries);
    }

    /// Every kept entry, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.since(0)
    }

    /// The kept entries after the one numbered `seq`, oldest first.
    #[must_use]
    pub fn since(&self, seq: u64) -> Vec<Entry> {
        self.shared_since(seq).iter().map(|entry| Entry::clone(entry)).collect()
    }

    /// The same, shared: the lock is held for a moment only.
    pub(crate) fn shared_since(&self, seq: u64) -> Vec<Arc<Entry>> {
        let kept = self.kept();
        let from = kept.entries.partition_point(|entry| entry.seq <= seq);
        kept.entries.range(from..).cloned().collect()
    }

    /// The number of the newest entry.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.kept().last
    }

    /// How many entries were dropped to keep the journal within its limits.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.kept().dropped.total()
    }

    /// The same, for each kind.
    #[must_use]
    pub fn dropped_by_kind(&self) -> Dropped {
        self.kept().dropped
    }

    /// How many bytes of memory the kept entries take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kept().bytes
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
        if self.kept().last > seq {
            return;
        }
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
                let entries = self.shared_since(seen);
                seen = entries.last().map_or(seen, |entry| entry.seq);
                if let Some(entry) = entries.iter().find(|entry| wanted(entry)) {
                    return Entry::clone(entry);
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

    fn journal(entries: usize, bytes: usize) -> Journal {
        Journal::new(JournalLimits { entries, bytes, ..JournalLimits::default() })
    }

    #[test]
    fn the_journal_stays_within_its_limits() {
        let few = journal(3, 1 << 20);
        for n in 0..10 {
            few.add(Moment(n), Event::note(format!("{n}")));
        }
        assert_eq!(few.entries().iter().map(|e| e.seq).collect::<Vec<_>>(), [8, 9, 10]);
        assert_eq!((few.dropped(), few.dropped_by_kind().note), (7, 7));
        assert_eq!(few.since(9).len(), 1);
        few.add(Moment(0), Event::note("x".repeat(100)));
        let one = few.bytes() / 3;
        let small = journal(100, 3 * one);
        for n in 0..10 {
            small.add(Moment(n), Event::note("x".repeat(100)));
        }
        assert!((1..=3).contains(&small.entries().len()), "{}", small.entries().len());
        assert!(small.bytes() <= 3 * one);
    }

    #[test]
    fn what_is_cleared_is_not_dropped_and_the_count_goes_on() {
        let journal = journal(2, 1 << 20);
        for n in 0..4 {
            journal.add(Moment(n), Event::note("x"));
        }
        journal.clear();
        assert_eq!((journal.entries().len(), journal.bytes(), journal.dropped()), (0, 0, 0));
        journal.add(Moment(9), Event::note("y"));
        assert_eq!(journal.entries()[0].seq, 5);
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let journal = Journal::new(JournalLimits { body: 10, ..JournalLimits::default() });
        journal.add(Moment(0), Event::note("0123456789äbc"));
        let Event::Note(note) = &journal.entries()[0].event else { panic!("no note") };
        assert_eq!(note.text, "0123456789… (4 bytes left out)");
    }
}
