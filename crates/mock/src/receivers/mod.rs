//! Receivers of pushes (1.8): what waits for whom, in which order, and who does not answer.
//!
//! Everything that waits is state of the world: it hangs on the platform's clock and can be dumped.
//! The shell ([`crate::pusher`]) only carries attempts out and says how each ended.
//!
//! A receiver is a whole callback URL, not a host: a slow path must not stall another on the same
//! host, and what is ordered is one device's pushes to one subscriber. Connections are shared by
//! origin all the same, since the shell pools them.
//!
//! A receiver has a lane a device. Only the first push of a lane is ever tried; the next about the
//! same device follows when that one is done with, delivered or not. So order is kept for each device
//! around a push that is cached for another attempt too, while other devices go on.

mod policy;
mod receiver;
mod stored;
#[cfg(test)]
mod tests;
mod turns;
mod world;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use iotdm_spec::model::Notification;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::journal::wire_form_or_null;
use crate::outbox::{Addressee, Effect, Push};

pub use policy::{PushLimits, PushRetries};
use receiver::{Pending, Receiver, weight};
use turns::Turns;
pub(crate) use world::fire;

/// One POST to be made.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// The push's number, which tells it from every other.
    number: u64,
    pub(crate) clause: &'static Notification,
    pub(crate) url: Arc<str>,
    pub(crate) device: Arc<str>,
    pub(crate) addressee: Addressee,
    pub(crate) body: Bytes,
    /// How often this push was tried, this attempt included.
    pub(crate) count: u32,
    /// When it was handed over.
    pub(crate) at: Moment,
    /// Whether its turn was one of a prompt receiver's.
    prompt: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver answered with this HTTP status.
    Answered(u16),
    /// It did not answer, and why.
    Silent(String),
    /// Nothing was sent and nothing will be, and why.
    NotSent(String),
}

/// What becomes due for a receiver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PushDue")]
pub(crate) enum Due {
    /// A cached push about a device is tried again.
    Retry {
        /// The receiver.
        url: Arc<str>,
        /// The device.
        device: Arc<str>,
    },
    /// An invalid URL is probed.
    Probe {
        /// The receiver.
        url: Arc<str>,
    },
}

/// What is known of a receiver, for the platform's owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PushReceiver {
    /// The callback URL, without credentials.
    pub url: String,
    /// Pushes that are not done with: in flight, cached, or waiting for their turn.
    pub waiting: usize,
    /// Those of them that are in flight.
    pub in_flight: usize,
    /// Those of them that have failed and will be tried again.
    pub cached: usize,
    /// Failures in a row.
    pub failures: u32,
    /// Whether the URL is invalid after so many failures, so that it is only probed.
    pub invalid: bool,
    /// When an invalid URL may be probed next.
    #[serde(serialize_with = "wire_form_or_null")]
    pub next_probe: Option<Moment>,
    /// Pushes that were dropped because too many waited.
    pub dropped: u64,
}

/// What is known of all pushes, for the platform's owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PushState {
    /// Whether a push that failed is tried again.
    pub retries: PushRetries,
    /// Pushes that are not done with.
    pub waiting: usize,
    /// Those of them that are in flight.
    pub in_flight: usize,
    /// Bytes that wait, about.
    pub bytes: usize,
    /// Pushes that were dropped because too many waited, or because there were too many receivers.
    pub dropped: u64,
    /// The receivers, by URL.
    pub receivers: Vec<PushReceiver>,
}

/// Why a push was not taken, and whether it is the first of a burst.
struct Dropped {
    why: &'static str,
    first: bool,
}

/// All receivers of a platform.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PushReceivers")]
pub(crate) struct Receivers {
    /// The receivers, each by its callback URL.
    by_url: BTreeMap<Arc<str>, Receiver>,
    /// Whether a push that failed is tried again.
    retries: PushRetries,
    /// How much may wait.
    limits: PushLimits,
    /// How many pushes were taken so far.
    numbers: u64,
    /// How many bytes wait for all of them, about.
    bytes: usize,
    /// Receivers for which nothing waits, by their place; the one that has been idle longest is the first.
    idle: BTreeMap<u64, Arc<str>>,
    /// How many pushes were dropped.
    dropped: u64,
    /// Drops for want of room for another receiver that the journal has not been told of.
    turned_away: u64,
    #[serde(skip)]
    turns: Turns,
    /// Counts what happens to them, for whoever keeps the world.
    #[serde(skip)]
    news: u64,
}

impl Receivers {
    pub(crate) fn new(retries: PushRetries, limits: PushLimits) -> Self {
        Self { retries, limits, ..Self::default() }
    }

    /// Counts on where earlier ones ended, so that an attempt of theirs that is still under way is
    /// taken for none of these.
    pub(crate) fn come_after(&mut self, earlier: &Self) {
        self.numbers = self.numbers.max(earlier.numbers);
    }

    /// Grows with everything that happens to them.
    pub(crate) const fn news(&self) -> u64 {
        self.news
    }

    /// Takes a push, or drops it: the newest is what there is no room for.
    fn add(&mut self, push: &Push, now: Moment) -> Result<(), Dropped> {
        if !self.by_url.contains_key(&push.url) && !self.make_room() {
            self.dropped += 1;
            self.turned_away += 1;
            return Err(Dropped { why: "pushes wait for too many receivers", first: self.turned_away == 1 });
        }
        let receiver = self.by_url.entry(Arc::clone(&push.url)).or_default();
        let size = weight(&push.body);
        let (own, all) = (receiver.bytes + size, self.bytes + size);
        let fits = own <= self.limits.bytes && (all <= self.limits.total_bytes || own <= PushLimits::RESERVE);
        if receiver.waiting >= self.limits.waiting || !fits {
            self.dropped += 1;
            receiver.dropped += 1;
            receiver.burst += 1;
            return Err(Dropped { why: "too many pushes wait for this receiver", first: receiver.burst == 1 });
        }
        if let Some(place) = receiver.idle.take() {
            self.idle.remove(&place);
        }
        self.numbers += 1;
        self.bytes += size;
        receiver.add(self.numbers, push, now);
        Ok(())
    }

    /// Makes room for another receiver, if need be by forgetting one for which nothing waits.
    fn make_room(&mut self) -> bool {
        if self.by_url.len() < self.limits.receivers {
            return true;
        }
        self.idle.pop_first().is_some_and(|(_, url)| self.by_url.remove(&url).is_some())
    }

    /// Hands over every push of a receiver that may go now.
    fn pump(&mut self, url: &Arc<str>, now: Moment, outbox: &mut VecDeque<Effect>) {
        let Some(receiver) = self.by_url.get_mut(url) else { return };
        while receiver.may_send(now, &self.limits) {
            let prompt = receiver.prompt;
            if !self.turns.take(prompt, &self.limits) {
                if !std::mem::replace(&mut receiver.starved, true) {
                    self.turns.wait(prompt, Arc::clone(url));
                }
                return;
            }
            let Some((device, pending)) = receiver.take() else {
                self.turns.give_back(prompt);
                return;
            };
            let Pending { number, clause, addressee, body, count, .. } = pending;
            let url = Arc::clone(url);
            let attempt = Attempt { number, clause, url, device, addressee, body, count, at: now, prompt };
            outbox.push_back(Effect::Attempt(attempt));
        }
    }

    /// Gives free turns to those that wait for one.
    fn pump_starved(&mut self, now: Moment, outbox: &mut VecDeque<Effect>) {
        while let Some(url) = self.turns.next(&self.limits) {
            if let Some(receiver) = self.by_url.get_mut(&url) {
                receiver.starved = false;
            }
            self.pump(&url, now, outbox);
        }
    }

    /// Notes a receiver for which nothing waits any more.
    fn rest(&mut self, url: &Arc<str>) {
        let Some(receiver) = self.by_url.get_mut(url).filter(|receiver| receiver.waiting == 0) else { return };
        self.numbers += 1;
        if let Some(place) = receiver.idle.replace(self.numbers) {
            self.idle.remove(&place);
        }
        self.idle.insert(self.numbers, Arc::clone(url));
    }

    pub(crate) fn waiting(&self) -> usize {
        self.by_url.values().map(|receiver| receiver.waiting).sum()
    }

    /// What is known of them, for the platform's owner.
    pub(crate) fn state(&self) -> PushState {
        let seen = |(url, receiver): (&Arc<str>, &Receiver)| PushReceiver {
            url: shown(url),
            waiting: receiver.waiting,
            in_flight: receiver.in_flight,
            cached: receiver.cached(),
            failures: receiver.failures,
            invalid: receiver.probe.is_some(),
            next_probe: receiver.probe,
            dropped: receiver.dropped,
        };
        let mut receivers: Vec<_> = self.by_url.iter().map(seen).collect();
        receivers.sort_by(|a, b| a.url.cmp(&b.url));
        PushState {
            retries: self.retries,
            waiting: self.waiting(),
            in_flight: self.turns.in_flight(),
            bytes: self.bytes,
            dropped: self.dropped,
            receivers,
        }
    }
}

/// A callback URL as journal and control plane show it: without what might be a password.
pub(crate) fn shown(url: &str) -> String {
    iotdm_spec::secrets::mask_url(url)
}
