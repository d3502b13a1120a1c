//! What pushes do to a world: they arise, end, become due, and are watched over by its owner.

use std::sync::Arc;
use std::time::Duration;

use super::{Attempt, Dropped, Due, Outcome, PushRetries, shown};
use crate::clock::Moment;
use crate::journal::{Event, Pushed};
use crate::outbox::{Addressee, Effect, Push};
use crate::timers::Timer;
use crate::world::World;

/// Something of a receiver is due: a cached push, or a probe of an invalid URL.
pub(crate) fn fire(world: &mut World, due: Due) {
    world.receivers.news += 1;
    let now = world.now;
    let (Due::Retry { url, .. } | Due::Probe { url }) = &due;
    let Some(receiver) = world.receivers.by_url.get_mut(url) else { return };
    match &due {
        Due::Retry { device, .. } => receiver.retry(device, now),
        Due::Probe { .. } if receiver.probe.is_some_and(|at| at <= now) => {
            for (device, pending) in receiver.expire(now) {
                world.receivers.bytes = world.receivers.bytes.saturating_sub(pending.weight());
                let given_up = Pushed {
                    attempt: pending.count,
                    application: pending.addressee.application(),
                    error: Some("given up: its time in the cache is over and the callback is invalid".to_owned()),
                    ..Pushed::new(pending.clause, url, &device, &pending.body)
                };
                world.outbox.push_back(Effect::Tell(Box::new(Event::Push(given_up))));
            }
        }
        Due::Probe { .. } => return,
    }
    world.after_pushes(url);
}

impl World {
    /// Takes a subscription away. What still waits for it to be pushed is pushed no more (1.7.5, 1.7.6).
    pub(crate) fn unsubscribe(&mut self, id: &str) {
        if let Some(gone) = self.subscriptions.remove(id) {
            self.call_off(&gone.callback_url, |addressee| addressee.subscription.as_ref() == Some(&gone.id));
        }
    }

    /// Nobody is left who could be told on an application's behalf.
    pub(crate) fn call_off_all(&mut self, application: &str) {
        let is_its =
            |effect: &Effect| matches!(effect, Effect::Push(push) if *push.addressee.application == *application);
        self.outbox.retain(|effect| !is_its(effect));
        let urls: Vec<_> = self.receivers.by_url.keys().cloned().collect();
        for url in urls {
            self.call_off(&url, |addressee| *addressee.application == *application);
        }
    }

    fn call_off(&mut self, url: &Arc<str>, is_unwanted: impl Fn(&Addressee) -> bool) {
        let Some(receiver) = self.receivers.by_url.get_mut(url) else { return };
        let (count, bytes) = receiver.call_off(is_unwanted);
        if count == 0 {
            return;
        }
        self.receivers.news += 1;
        self.receivers.bytes = self.receivers.bytes.saturating_sub(bytes);
        self.outbox.push_back(note(format!("{count} pushes to {} were called off: nobody wants them", shown(url))));
        self.after_pushes(url);
    }

    /// Whether somebody still wants to hear of it.
    fn is_wanted(&self, addressee: &Addressee) -> bool {
        match &addressee.subscription {
            Some(id) => self.subscriptions.find(id).is_some(),
            None => addressee.application.is_empty() || self.applications.find(&addressee.application).is_some(),
        }
    }

    /// Takes a push for its receiver; it goes out as soon as it is its turn.
    pub(crate) fn accept_push(&mut self, push: &Push) {
        self.receivers.news += 1;
        match self.receivers.add(push, self.now) {
            Ok(()) => self.receivers.pump(&push.url, self.now, &mut self.outbox),
            Err(Dropped { first: false, .. }) => {}
            Err(Dropped { why, first: true }) => {
                let dropped = Pushed {
                    application: push.addressee.application(),
                    error: Some(format!("dropped: {why}; those that follow are counted")),
                    ..Pushed::new(push.clause, &push.url, &push.device, &push.body)
                };
                self.outbox.push_back(Effect::Tell(Box::new(Event::Push(dropped))));
            }
        }
    }

    /// Takes every push that has arisen; in its place come the attempts that may be made now.
    pub(crate) fn accept_pushes(&mut self) {
        for effect in std::mem::take(&mut self.outbox) {
            match effect {
                Effect::Push(push) => self.accept_push(&push),
                effect => self.outbox.push_back(effect),
            }
        }
    }

    /// An attempt has ended. Says when the push is tried again, if it is.
    pub(crate) fn push_ended(&mut self, attempt: &Attempt, outcome: &Outcome, latency: Duration) -> Option<Moment> {
        self.receivers.news += 1;
        let wanted = self.is_wanted(&attempt.addressee);
        let Self { receivers, timers, outbox, now, .. } = self;
        receivers.turns.give_back(attempt.prompt);
        let receiver = receivers.by_url.get_mut(&attempt.url)?;
        if !receiver.is_first(&attempt.device, attempt.number) {
            // The world was replaced while the attempt was under way: this is not its push.
            return None;
        }
        let (url, device) = (Arc::clone(&attempt.url), Arc::clone(&attempt.device));
        if receiver.learn(outcome, latency) {
            outbox.push_back(note(format!("the callback {} is valid again", shown(&url))));
        }
        let mut again = None;
        if receivers.retries.repeats(outcome) {
            let was_valid = receiver.probe.is_none();
            if let Some(probe) = receiver.doubt(*now) {
                timers.set(probe, Timer::Push(Due::Probe { url: Arc::clone(&url) }));
                if was_valid {
                    let text =
                        format!("the callback {} is invalid: {} failures in a row", shown(&url), receiver.failures);
                    outbox.push_back(note(text));
                }
            }
            again = if wanted { receiver.cache(&device, *now) } else { None };
            if let Some(due) = again.filter(|_| receiver.probe.is_none()) {
                timers.set(due, Timer::Push(Due::Retry { url: Arc::clone(&url), device: Arc::clone(&device) }));
            }
        }
        if again.is_none() {
            receivers.bytes = receivers.bytes.saturating_sub(receiver.finish(&device));
        }
        self.after_pushes(&url);
        again
    }

    /// Hands over what may go now, and tells the journal of a burst of drops that is over.
    fn after_pushes(&mut self, url: &Arc<str>) {
        let (now, receivers) = (self.now, &mut self.receivers);
        receivers.rest(url);
        // Those that wait longer for a turn come before the one that has just given one back.
        receivers.pump_starved(now, &mut self.outbox);
        receivers.pump(url, now, &mut self.outbox);
        let enough = receivers.limits.waiting * 3 / 4;
        if let Some(receiver) = receivers.by_url.get_mut(url)
            && receiver.burst > 0
            && receiver.waiting <= enough
        {
            let count = std::mem::take(&mut receiver.burst);
            self.outbox.push_back(note(format!("{count} pushes to {} were dropped: too many waited", shown(url))));
        }
        if receivers.turned_away > 0 && !receivers.idle.is_empty() {
            let count = std::mem::take(&mut receivers.turned_away);
            self.outbox.push_back(note(format!("{count} pushes were dropped: they waited for too many receivers")));
        }
    }

    /// Chooses whether failed pushes are tried again. Without repetition, what is cached goes out
    /// once more at once, and no URL is invalid.
    pub(crate) fn retry_pushes(&mut self, retries: PushRetries) {
        self.receivers.news += 1;
        self.receivers.retries = retries;
        if retries == PushRetries::None {
            self.receivers.by_url.values_mut().for_each(super::Receiver::forgive);
            self.pump_all();
        }
    }

    /// Sends on after the world was loaded. What was in flight when it was dumped goes again, since
    /// nobody knows how that ended.
    pub(crate) fn resume_pushes(&mut self) {
        self.receivers.by_url.values_mut().for_each(super::Receiver::resume);
        self.pump_all();
    }

    fn pump_all(&mut self) {
        let mut urls: Vec<_> = self.receivers.by_url.keys().cloned().collect();
        urls.sort();
        for url in urls {
            self.receivers.pump(&url, self.now, &mut self.outbox);
        }
    }
}

fn note(text: String) -> Effect {
    Effect::Tell(Box::new(Event::note(text)))
}
