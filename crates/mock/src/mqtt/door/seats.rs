//! Who sits where: one seat for each admitted device, with its filters and its downlink queue.
//!
//! Every lock in here is held for a few instructions, never across an await and never while the host
//! is called. That is why the platform may call [`Seats::publish`] and [`Seats::close`] from anywhere.

use super::host::{CloseReason, SessionId};
use super::topic;
use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// What a device that doesn't acknowledge may have waiting; beyond it messages are lost.
const MAX_WAITING: usize = 4096;
const MAX_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// What a device may subscribe to.
const MAX_FILTERS: usize = 1000;

/// All seats of one door.
pub(super) struct Seats {
    state: Mutex<State>,
}

struct State {
    open: bool,
    by_device: HashMap<String, Arc<Seat>>,
}

/// One session's seat.
pub(super) struct Seat {
    pub(super) session: SessionId,
    pub(super) device: Arc<str>,
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Rung when there is something to send, or the session is to end.
    pub(super) bell: Notify,
    inside: Mutex<Inside>,
    vacated: watch::Sender<bool>,
}

#[derive(Default)]
struct Inside {
    filters: Vec<(String, u8)>,
    waiting: VecDeque<Downlink>,
    waiting_bytes: usize,
    closing: Option<CloseReason>,
}

/// A message for a device.
pub(super) struct Downlink {
    pub(super) topic: String,
    pub(super) payload: Bytes,
    pub(super) token: u64,
    pub(super) qos: u8,
}

impl Downlink {
    pub(super) fn size(&self) -> usize {
        self.topic.len() + self.payload.len()
    }
}

/// What came of taking a seat.
pub(super) enum Seating {
    /// It's yours. The one who had it is leaving.
    Yours { previous: Option<Arc<Seat>> },
    /// Someone younger has it already.
    Superseded,
    /// The door is closed.
    Closed,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { open: true, by_device: HashMap::new() }) }
    }

    /// Takes the seat of a device. An older session that sits there is asked to leave.
    pub(super) fn take(&self, seat: &Arc<Seat>) -> Seating {
        let previous = {
            let mut state = lock(&self.state);
            if !state.open {
                return Seating::Closed;
            }
            if let Some(other) = state.by_device.get(&*seat.device)
                && other.session > seat.session
            {
                return Seating::Superseded;
            }
            state.by_device.insert(seat.device.to_string(), seat.clone())
        };
        if let Some(previous) = &previous {
            previous.ask_to_leave(CloseReason::TakenOver);
        }
        Seating::Yours { previous }
    }

    /// Gives a seat back, unless another session has taken it.
    pub(super) fn leave(&self, seat: &Arc<Seat>) {
        let mut state = lock(&self.state);
        if state.by_device.get(&*seat.device).is_some_and(|other| Arc::ptr_eq(other, seat)) {
            state.by_device.remove(&*seat.device);
        }
    }

    pub(super) fn publish(&self, device: &str, topic: &str, payload: Bytes, token: u64) -> bool {
        if topic::check_name(topic).is_err() {
            return false;
        }
        self.seat(device).is_some_and(|seat| seat.publish(topic, payload, token))
    }

    #[cfg(test)]
    pub(super) fn subscribed(&self, device: &str, topic: &str) -> bool {
        self.seat(device).is_some_and(|seat| lock(&seat.inside).qos(topic).is_some())
    }

    pub(super) fn close(&self, device: &str, why: &str) {
        if let Some(seat) = self.seat(device) {
            seat.ask_to_leave(CloseReason::ByPlatform(why.to_owned()));
        }
    }

    /// Where the session of a device comes from, if it has one.
    pub(super) fn peer(&self, device: &str) -> Option<IpAddr> {
        self.seat(device).map(|seat| seat.peer)
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.state).by_device.len()
    }

    /// Lets nobody in any more and asks everybody to leave.
    pub(super) fn shut(&self) {
        lock(&self.state).open = false;
        self.close_all(&CloseReason::DoorStopped);
    }

    /// Asks everybody to leave.
    pub(super) fn close_all(&self, reason: &CloseReason) {
        let seats: Vec<_> = lock(&self.state).by_device.values().cloned().collect();
        for seat in seats {
            seat.ask_to_leave(reason.clone());
        }
    }

    fn seat(&self, device: &str) -> Option<Arc<Seat>> {
        lock(&self.state).by_device.get(device).cloned()
    }
}

impl Seat {
    pub(super) fn new(session: SessionId, device: &str, peer: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            session,
            device: device.into(),
            peer,
            bell: Notify::new(),
            inside: Mutex::default(),
            vacated: watch::Sender::new(false),
        })
    }

    /// Asks the session to end. The first reason counts.
    pub(super) fn ask_to_leave(&self, reason: CloseReason) {
        lock(&self.inside).closing.get_or_insert(reason);
        self.bell.notify_one();
    }

    /// Why the session is to end, if it is.
    pub(super) fn asked_to_leave(&self) -> Option<CloseReason> {
        lock(&self.inside).closing.clone()
    }

    /// Says that the session is over and told.
    pub(super) fn vacate(&self) {
        self.vacated.send_replace(true);
    }

    /// Waits until the session is over and told.
    pub(super) async fn empty(&self) {
        let _ = self.vacated.subscribe().wait_for(|vacated| *vacated).await;
    }

    /// Adds a filter or changes its QoS; `false` if there are too many.
    pub(super) fn subscribe(&self, filter: String, qos: u8) -> bool {
        let mut inside = lock(&self.inside);
        if let Some(known) = inside.filters.iter_mut().find(|(known, _)| *known == filter) {
            known.1 = qos;
            return true;
        }
        let room = inside.filters.len() < MAX_FILTERS;
        if room {
            inside.filters.push((filter, qos));
        }
        room
    }

    pub(super) fn unsubscribe(&self, filter: &str) {
        lock(&self.inside).filters.retain(|(known, _)| known != filter);
    }

    fn publish(&self, topic: &str, payload: Bytes, token: u64) -> bool {
        {
            let mut inside = lock(&self.inside);
            let Some(qos) = inside.qos(topic) else {
                return false;
            };
            let message = Downlink { topic: topic.to_owned(), payload, token, qos };
            let size = message.size();
            let full =
                inside.waiting.len() >= MAX_WAITING || inside.waiting_bytes.saturating_add(size) > MAX_WAITING_BYTES;
            if inside.closing.is_some() || full {
                return false;
            }
            inside.waiting_bytes += size;
            inside.waiting.push_back(message);
        }
        self.bell.notify_one();
        true
    }

    /// The next message for the device, if there is one and `fits` says yes to its size.
    pub(super) fn next(&self, fits: impl FnOnce(usize) -> bool) -> Option<Downlink> {
        let mut inside = lock(&self.inside);
        let size = inside.waiting.front()?.size();
        if !fits(size) {
            return None;
        }
        inside.waiting_bytes -= size;
        inside.waiting.pop_front()
    }
}

impl Inside {
    /// The highest QoS at which a topic is subscribed to.
    fn qos(&self, topic: &str) -> Option<u8> {
        let matching = self.filters.iter().filter(|(filter, _)| topic::matches(filter, topic));
        matching.map(|(_, qos)| *qos).max()
    }
}

/// What these locks guard is never left half changed, so a panic elsewhere doesn't spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_youngest_whatever_the_order() {
        let seats = Seats::new();
        let seat = |session, device| Seat::new(session, device, IpAddr::from([127, 0, 0, 1]));
        let (old, young) = (seat(1, "d"), seat(2, "d"));
        assert!(matches!(seats.take(&young), Seating::Yours { previous: None }));
        assert!(matches!(seats.take(&old), Seating::Superseded));
        seats.leave(&old);
        assert_eq!(seats.count(), 1, "who has no seat takes none away");
        let younger = seat(3, "d");
        assert!(matches!(seats.take(&younger), Seating::Yours { previous: Some(_) }));
        assert_eq!(young.asked_to_leave(), Some(CloseReason::TakenOver));
        seats.shut();
        assert_eq!(younger.asked_to_leave(), Some(CloseReason::DoorStopped));
        assert!(matches!(seats.take(&seat(4, "e")), Seating::Closed));
    }
}
