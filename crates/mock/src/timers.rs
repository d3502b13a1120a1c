//! The platform's timers: what is due when, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
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
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Moment, u64, Timer)>>,
    set: u64,
}

impl Timers {
    /// Sets a timer.
    pub(crate) fn set(&mut self, due: Moment, timer: Timer) {
        self.set += 1;
        self.heap.push(Reverse((due, self.set, timer)));
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
        self.heap.pop().map(|Reverse((due, _, timer))| (due, timer))
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
