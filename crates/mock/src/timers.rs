//! The platform's timers: what is due when, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::state::{Change, Changes};
use crate::{batch_task, command, receivers, simulated, upgrade};

/// What happens when a timer fires. It looks at the world when it fires, and does nothing if its reason
/// has gone; one that would lie about for long is cancelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Timer {
    /// The device with this id has been silent for long: judge its status anew (1.6.1, line 1887).
    Silence(Arc<str>),
    /// The time in which the device with this id had to connect is over (1.5.1, line 582); which of its
    /// times.
    RegistrationExpires(Arc<str>, u64),
    /// An unanswered command is forgotten (A-292): the id of the device, the number of the command, its
    /// token.
    CommandForgotten(Arc<str>, u16, u64),
    /// Of a cached command (1.9.1).
    Command(command::Due),
    /// Of a batch task (1.10.1).
    BatchTask(batch_task::Due),
    /// Of an upgrade (1.12.4, 1.12.5).
    Upgrade(upgrade::Due),
    /// Of a simulated device.
    Simulated(simulated::Due),
    /// Of a receiver of pushes (A-148).
    Push(receivers::Due),
}

/// Timers by due time; equal times fire in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<TimerId, Timer>,
    set: u64,
    /// What has changed since it was last asked, if anybody asks: a timer that was set, or one that is gone.
    changed: Option<BTreeMap<u64, Option<SetTimer>>>,
}

/// Which timer, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TimerId {
    /// When it is due.
    due: Moment,
    /// Its number.
    number: u64,
}

/// A timer that was set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SetTimer {
    /// When it is due.
    pub(crate) due: Moment,
    /// Its number, in the order in which timers were set.
    pub(crate) number: u64,
    /// What happens then.
    pub(crate) timer: Timer,
}

impl Timers {
    /// Sets a timer.
    pub(crate) fn set(&mut self, due: Moment, timer: Timer) -> TimerId {
        self.set += 1;
        let number = self.set;
        if let Some(changed) = &mut self.changed {
            changed.insert(number, Some(SetTimer { due, number, timer: timer.clone() }));
        }
        let id = TimerId { due, number };
        self.due.insert(id, timer);
        id
    }

    /// A timer that need not fire any more; nothing if it has fired.
    pub(crate) fn cancel(&mut self, id: TimerId) {
        if self.due.remove(&id).is_some() {
            self.note_gone(id.number);
        }
    }

    fn note_gone(&mut self, number: u64) {
        if let Some(changed) = &mut self.changed {
            changed.insert(number, None);
        }
    }

    /// Puts a timer back that was set earlier.
    pub(crate) fn restore(&mut self, SetTimer { due, number, timer }: SetTimer) {
        self.set = self.set.max(number);
        self.due.insert(TimerId { due, number }, timer);
    }

    /// All timers, in the order in which they will fire.
    pub(crate) fn in_order(&self) -> Vec<SetTimer> {
        let each = |(id, timer): (&TimerId, &Timer)| SetTimer { due: id.due, number: id.number, timer: timer.clone() };
        self.due.iter().map(each).collect()
    }

    /// From now on it notes what changes, beginning with all that is there if `all`.
    pub(crate) fn follow(&mut self, all: bool) {
        let there = if all { self.in_order() } else { Vec::new() };
        self.changed = Some(there.into_iter().map(|timer| (timer.number, Some(timer))).collect());
    }

    /// What has changed since it was last asked.
    pub(crate) fn take_changes(&mut self, section: &'static str, changes: &mut Changes) -> serde_json::Result<()> {
        for (number, timer) in self.changed.iter_mut().flat_map(std::mem::take) {
            changes.push(match timer {
                Some(timer) => Change::put(section, "", number, &timer)?,
                None => Change::gone(section, "", number),
            });
        }
        Ok(())
    }

    /// When the next timer is due.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.due.first_key_value().map(|(id, _)| id.due)
    }

    /// Takes the next timer that is due by `now`.
    pub(crate) fn take_due(&mut self, now: Moment) -> Option<(Moment, Timer)> {
        let first = self.due.first_entry().filter(|first| first.key().due <= now)?;
        let (id, timer) = first.remove_entry();
        self.note_gone(id.number);
        Some((id.due, timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_order_of_due_time_and_then_of_setting() {
        let mut timers = Timers::default();
        timers.set(Moment(20), Timer::Silence("b".into()));
        timers.set(Moment(10), Timer::Silence("c".into()));
        timers.set(Moment(20), Timer::Silence("a".into()));
        assert_eq!(timers.take_due(Moment(9)), None);
        let order: Vec<_> = std::iter::from_fn(|| timers.take_due(Moment(30))).collect();
        let names: Vec<_> = order.iter().map(|(_, t)| format!("{t:?}")).collect();
        assert_eq!(names, [r#"Silence("c")"#, r#"Silence("b")"#, r#"Silence("a")"#]);
    }

    #[test]
    fn a_cancelled_timer_does_not_fire_and_leaves_nothing() {
        let mut timers = Timers::default();
        let first = timers.set(Moment(10), Timer::Silence("a".into()));
        timers.follow(true);
        let second = timers.set(Moment(10), Timer::Silence("b".into()));
        timers.cancel(first);
        assert_eq!(timers.take_due(Moment(30)), Some((Moment(10), Timer::Silence("b".into()))));
        timers.cancel(second);
        assert_eq!((timers.next_due(), timers.in_order().len()), (None, 0));
        let gone = timers.changed.unwrap_or_default();
        assert!(gone.len() == 2 && gone.values().all(Option::is_none), "{gone:?}");
    }
}
