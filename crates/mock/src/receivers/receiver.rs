//! One receiver: a lane a device, and what is known of the one at the other end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use iotdm_spec::model::Notification;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::{CACHED, INVALID_AFTER, PROBED_EVERY, next_attempt};
use super::{Outcome, PushLimits, stored};
use crate::clock::Moment;
use crate::outbox::{Addressee, Push};

/// An answer that came within this time came soon.
const SOON: Duration = Duration::from_secs(1);
/// About what a waiting push takes besides its body.
const FIXED: usize = 256;

/// A push that is not done with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WaitingPush")]
pub(super) struct Pending {
    /// Which of all pushes it is.
    pub(super) number: u64,
    /// The clause of 1.8 that it follows, by its name.
    #[serde(with = "stored::clause")]
    #[schemars(schema_with = "stored::clause::schema")]
    pub(super) clause: &'static Notification,
    /// For whom it is.
    #[serde(default)]
    pub(super) addressee: Addressee,
    /// The body that is posted: JSON as text.
    #[serde(with = "stored::body")]
    #[schemars(with = "String")]
    pub(super) body: Bytes,
    /// How often it was tried.
    pub(super) count: u32,
    /// When its time in the cache ends; null until it is there.
    until: Option<Moment>,
}

impl Pending {
    pub(super) fn weight(&self) -> usize {
        weight(&self.body)
    }
}

/// About how many bytes a push takes while it waits.
pub(super) fn weight(body: &Bytes) -> usize {
    body.len() + FIXED
}

/// The pushes about one device, oldest first; only the first is ever tried.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PushLane")]
struct Lane {
    /// What waits.
    queue: VecDeque<Pending>,
    /// When the first is tried again, if it has failed and the URL is valid.
    retry: Option<Moment>,
    #[serde(skip)]
    in_flight: bool,
}

/// One receiver.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PushReceiver")]
pub(super) struct Receiver {
    /// What waits, by the id of the device that it is about.
    lanes: BTreeMap<Arc<str>, Lane>,
    /// Devices whose first push may go, by the number of that push: the oldest goes first.
    ready: BTreeMap<u64, Arc<str>>,
    /// How many pushes wait.
    pub(super) waiting: usize,
    /// How many bytes wait, about.
    pub(super) bytes: usize,
    #[serde(skip)]
    pub(super) in_flight: usize,
    /// Whether it answered last time.
    answers: bool,
    /// Whether it did so soon.
    pub(super) prompt: bool,
    /// How often it failed in a row.
    pub(super) failures: u32,
    /// While the URL is invalid: when it may be probed.
    pub(super) probe: Option<Moment>,
    /// How many pushes were dropped because too many waited.
    pub(super) dropped: u64,
    /// Drops that the journal has not been told of.
    pub(super) burst: u64,
    /// Its place among the idle ones.
    pub(super) idle: Option<u64>,
    /// Whether it waits for a turn.
    #[serde(skip)]
    pub(super) starved: bool,
}

impl Receiver {
    pub(super) fn add(&mut self, number: u64, push: &Push, now: Moment) {
        let until = self.probe.map(|_| now.plus(CACHED));
        let (clause, addressee, body) = (push.clause, push.addressee.clone(), push.body.clone());
        let pending = Pending { number, clause, addressee, body, count: 0, until };
        self.waiting += 1;
        self.bytes += pending.weight();
        let lane = self.lanes.entry(Arc::clone(&push.device)).or_default();
        if lane.queue.is_empty() {
            self.ready.insert(number, Arc::clone(&push.device));
        }
        lane.queue.push_back(pending);
    }

    /// Whether an attempt may be made now, as far as this receiver alone is concerned.
    pub(super) fn may_send(&self, now: Moment, limits: &PushLimits) -> bool {
        let most = match self.probe {
            Some(due) => usize::from(due <= now),
            None if self.answers => limits.in_flight,
            None => 1,
        };
        self.in_flight < most && !self.ready.is_empty()
    }

    /// Takes the oldest push that may go.
    pub(super) fn take(&mut self) -> Option<(Arc<str>, Pending)> {
        let (_, device) = self.ready.pop_first()?;
        let lane = self.lanes.get_mut(&device)?;
        let first = lane.queue.front_mut()?;
        first.count += 1;
        lane.in_flight = true;
        self.in_flight += 1;
        Some((device, first.clone()))
    }

    /// Learns from how an attempt ended; gives whether it made an invalid URL valid again.
    pub(super) fn learn(&mut self, outcome: &Outcome, latency: Duration) -> bool {
        self.in_flight = self.in_flight.saturating_sub(1);
        match outcome {
            Outcome::NotSent(_) => return false,
            _ if outcome.is_failure() => {
                self.failures = self.failures.saturating_add(1);
                self.prompt = false;
                self.answers = matches!(outcome, Outcome::Answered(_));
                return false;
            }
            _ => {}
        }
        self.failures = 0;
        self.answers = true;
        self.prompt = latency <= SOON;
        let recovered = self.probe.take().is_some();
        if recovered {
            let waiting = self.lanes.values_mut().flat_map(|lane| &mut lane.queue);
            // What was never tried has its ten minutes still before it, should it fail.
            waiting.filter(|pending| pending.count == 0).for_each(|pending| pending.until = None);
        }
        recovered
    }

    /// Caches the first push about a device after a failure; says when it is tried again. None if its
    /// time in the cache is over.
    pub(super) fn cache(&mut self, device: &Arc<str>, now: Moment) -> Option<Moment> {
        let lane = self.lanes.get_mut(device)?;
        let first = lane.queue.front_mut()?;
        let until = *first.until.get_or_insert(now.plus(CACHED));
        let retry = next_attempt(first.count, now, until)?;
        lane.in_flight = false;
        if self.probe.is_some() {
            // Whichever push is the oldest is the next probe.
            self.ready.insert(first.number, Arc::clone(device));
            return Some(now.plus(PROBED_EVERY));
        }
        lane.retry = Some(retry);
        Some(retry)
    }

    /// The first push about a device is done with; gives the bytes that became free.
    pub(super) fn finish(&mut self, device: &Arc<str>) -> usize {
        let Some(lane) = self.lanes.get_mut(device) else { return 0 };
        lane.in_flight = false;
        lane.retry = None;
        let Some(done) = lane.queue.pop_front() else { return 0 };
        match lane.queue.front() {
            Some(next) => {
                self.ready.insert(next.number, Arc::clone(device));
            }
            None => {
                self.lanes.remove(device);
            }
        }
        self.waiting = self.waiting.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(done.weight());
        done.weight()
    }

    /// A cached push may be tried again, if it is still due now.
    pub(super) fn retry(&mut self, device: &Arc<str>, now: Moment) {
        let Some(lane) = self.lanes.get_mut(device) else { return };
        if lane.retry.is_some_and(|due| due <= now) {
            lane.retry = None;
            if let Some(first) = lane.queue.front() {
                self.ready.insert(first.number, Arc::clone(device));
            }
        }
    }

    /// After a failure: makes the URL invalid if there were too many in a row, and sets the next
    /// probe of one that is. Gives the probe's time.
    pub(super) fn doubt(&mut self, now: Moment) -> Option<Moment> {
        if self.failures < INVALID_AFTER {
            return None;
        }
        if self.probe.is_none() {
            self.release();
            for pending in self.lanes.values_mut().flat_map(|lane| &mut lane.queue) {
                pending.until.get_or_insert(now.plus(CACHED));
            }
        }
        self.probe = Some(now.plus(PROBED_EVERY));
        self.probe
    }

    /// Makes every cached push one that may go.
    pub(super) fn release(&mut self) {
        for (device, lane) in &mut self.lanes {
            if lane.retry.take().is_some()
                && let Some(first) = lane.queue.front()
            {
                self.ready.insert(first.number, Arc::clone(device));
            }
        }
    }

    /// No push is repeated any more: what is cached goes once more, and the URL is valid.
    pub(super) fn forgive(&mut self) {
        self.release();
        self.probe = None;
        self.lanes.values_mut().flat_map(|lane| &mut lane.queue).for_each(|pending| pending.until = None);
    }

    /// Takes out what has been cached for too long, except what is in flight.
    pub(super) fn expire(&mut self, now: Moment) -> Vec<(Arc<str>, Pending)> {
        let mut expired = Vec::new();
        for (device, lane) in &mut self.lanes {
            // What is in flight is the first of its lane; its outcome decides.
            if lane.in_flight {
                continue;
            }
            while lane.queue.front().is_some_and(|first| first.until.is_some_and(|until| until <= now)) {
                let Some(first) = lane.queue.pop_front() else { break };
                self.ready.remove(&first.number);
                expired.push((Arc::clone(device), first));
            }
            if let Some(first) = lane.queue.front().filter(|_| lane.retry.is_none()) {
                self.ready.insert(first.number, Arc::clone(device));
            }
        }
        self.lanes.retain(|_, lane| !lane.queue.is_empty());
        expired.sort_by_key(|(_, pending)| pending.number);
        self.waiting -= expired.len();
        self.bytes -= expired.iter().map(|(_, pending)| pending.weight()).sum::<usize>();
        expired
    }

    /// Takes out what nobody wants any more, except what is in flight; gives how many they were, and their
    /// bytes.
    pub(super) fn call_off(&mut self, is_unwanted: impl Fn(&Addressee) -> bool) -> (usize, usize) {
        let (mut count, mut bytes) = (0, 0);
        for (device, lane) in &mut self.lanes {
            let first = lane.queue.front().map(|first| first.number);
            lane.queue.retain(|pending| {
                let stays = (lane.in_flight && Some(pending.number) == first) || !is_unwanted(&pending.addressee);
                if !stays {
                    count += 1;
                    bytes += pending.weight();
                    self.ready.remove(&pending.number);
                }
                stays
            });
            let next = lane.queue.front().filter(|next| Some(next.number) != first);
            if let Some(next) = next {
                lane.retry = None;
                self.ready.insert(next.number, Arc::clone(device));
            }
        }
        self.lanes.retain(|_, lane| !lane.queue.is_empty());
        self.waiting -= count;
        self.bytes -= bytes;
        (count, bytes)
    }

    /// What was in flight when the world was dumped has to go again: nobody knows its outcome.
    pub(super) fn resume(&mut self) {
        for (device, lane) in &self.lanes {
            if let Some(first) = lane.queue.front().filter(|_| lane.retry.is_none()) {
                self.ready.insert(first.number, Arc::clone(device));
            }
        }
    }

    /// Whether the push that was tried is still the first of its lane.
    pub(super) fn is_first(&self, device: &str, number: u64) -> bool {
        self.lanes.get(device).and_then(|lane| lane.queue.front()).is_some_and(|first| first.number == number)
    }

    pub(super) fn cached(&self) -> usize {
        let firsts = self.lanes.values().filter(|lane| !lane.in_flight).filter_map(|lane| lane.queue.front());
        firsts.filter(|first| first.count > 0).count()
    }
}
