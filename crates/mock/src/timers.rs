//! The platform's timers: what is due when, in order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::state::{Change, Changes};
use crate::{batch_task, command, receivers, simulated, upgrade};

/// What happens when a timer fires. A timer is never cancelled: it looks at the world when it
/// fires, and does nothing if its reason has gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// A device has been silent for long: judge its status anew (1.6.1, line 1887).
    Silence(Arc<str>),
    /// The time in which a device had to connect is over (1.5.1, line 582); which of its times.
    RegistrationExpires(Arc<str>, u64),
    /// An unanswered command is forgotten (A-292).
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
    heap: BinaryHeap<Reverse<(Moment, u64, Timer)>>,
    set: u64,
    /// What has changed since it was last asked, if anybody asks: a timer that was set, or one that fired.
    changed: Option<BTreeMap<u64, Option<SetTimer>>>,
}

/// A timer that was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SetTimer {
    pub(crate) due: Moment,
    pub(crate) number: u64,
    pub(crate) timer: Timer,
}

impl Timers {
    /// Sets a timer.
    pub(crate) fn set(&mut self, due: Moment, timer: Timer) {
        self.set += 1;
        if let Some(changed) = &mut self.changed {
            changed.insert(self.set, Some(SetTimer { due, number: self.set, timer: timer.clone() }));
        }
        self.heap.push(Reverse((due, self.set, timer)));
    }

    /// Puts a timer back that was set earlier.
    pub(crate) fn restore(&mut self, SetTimer { due, number, timer }: SetTimer) {
        self.set = self.set.max(number);
        self.heap.push(Reverse((due, number, timer)));
    }

    /// All timers, in the order in which they will fire.
    pub(crate) fn in_order(&self) -> Vec<SetTimer> {
        let mut all: Vec<_> = self.heap.iter().map(|Reverse(timer)| timer).collect();
        all.sort_unstable();
        let each =
            |(due, number, timer): &(Moment, u64, Timer)| SetTimer { due: *due, number: *number, timer: timer.clone() };
        all.into_iter().map(each).collect()
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
        self.heap.peek().map(|Reverse((due, ..))| *due)
    }

    /// Takes the next timer that is due by `now`.
    pub(crate) fn take_due(&mut self, now: Moment) -> Option<(Moment, Timer)> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse((due, number, timer)) = self.heap.pop()?;
        if let Some(changed) = &mut self.changed {
            changed.insert(number, None);
        }
        Some((due, timer))
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
}
