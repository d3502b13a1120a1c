//! What has arrived at a simulated device and waits for its driver.

use std::collections::VecDeque;
use std::sync::Arc;

use iotdm_spec::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::upgrade::Progress;

/// How many entries an inbox holds; the oldest go first.
const INBOX_LIMIT: usize = 100;

/// The inbox of one device, oldest entry first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Inbox {
    /// What waits.
    entries: VecDeque<Entry>,
    /// The number that the last entry had.
    last: u64,
    /// How many entries had to go because there were too many.
    dropped: u64,
}

/// One thing that has arrived.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "InboxEntry")]
pub(crate) struct Entry {
    /// Never used again for this device.
    pub(crate) number: u64,
    /// When it arrived.
    pub(crate) at: Moment,
    /// What it is.
    pub(crate) what: What,
    /// Which plan of the autopilot for it counts.
    pub(crate) turn: u64,
}

/// What can arrive at a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Arrived")]
pub(crate) enum What {
    /// A command (1.9.1) by its id, and whether the device has acknowledged it.
    Command { id: Arc<str>, acknowledged: bool },
    /// What is desired of a service (1.5.8).
    Shadow { service: Arc<str> },
    /// An upgrade (1.12) by its id, and how far the device is with it.
    Upgrade { operation: Arc<str>, progress: Option<Progress> },
}

/// What a device can do about an entry of its inbox.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceAct {
    /// It acknowledges a command: it has got it.
    Acknowledge,
    /// It answers a command.
    Answer {
        /// Whether it did what it was told.
        executed: bool,
        /// What it says to it.
        result: Object,
    },
    /// It does nothing, now or ever.
    Ignore,
    /// It takes over what is desired of it.
    Accept,
    /// It does not.
    Refuse,
    /// It tells how far it is with an upgrade.
    Progress(Progress),
}

impl What {
    /// Its kind, as paths and answers name it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Command { .. } => "command",
            Self::Shadow { .. } => "shadow",
            Self::Upgrade { .. } => "upgrade",
        }
    }

    /// The id of the command or operation, or the service.
    pub(crate) const fn id(&self) -> &Arc<str> {
        match self {
            Self::Command { id, .. } => id,
            Self::Shadow { service } => service,
            Self::Upgrade { operation, .. } => operation,
        }
    }

    /// Whether it is this command.
    pub(crate) fn is_command(&self, command: &str) -> bool {
        matches!(self, Self::Command { id, .. } if **id == *command)
    }

    /// Whether an act can be about it.
    pub(crate) const fn takes(&self, act: &DeviceAct) -> bool {
        match act {
            DeviceAct::Acknowledge | DeviceAct::Answer { .. } => matches!(self, Self::Command { .. }),
            DeviceAct::Accept | DeviceAct::Refuse => matches!(self, Self::Shadow { .. }),
            DeviceAct::Progress(_) => matches!(self, Self::Upgrade { .. }),
            DeviceAct::Ignore => true,
        }
    }

    /// Whether the same thing, sent again, takes this one's place.
    fn is_replaced_by(&self, newer: &Self) -> bool {
        self.kind() == newer.kind() && self.id() == newer.id()
    }
}

impl Inbox {
    /// Puts something at the end, instead of an earlier entry about the same; gives its number.
    pub(crate) fn put(&mut self, at: Moment, what: What) -> u64 {
        self.entries.retain(|entry| !entry.what.is_replaced_by(&what));
        if self.entries.len() == INBOX_LIMIT {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.last += 1;
        self.entries.push_back(Entry { number: self.last, at, what, turn: 0 });
        self.last
    }

    /// The entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The numbers of the entries, oldest first.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.iter().map(|entry| entry.number).collect()
    }

    /// How many entries had to make room for newer ones.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(crate) fn find(&self, number: u64) -> Option<&Entry> {
        self.iter().find(|entry| entry.number == number)
    }

    fn find_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.number == number)
    }

    pub(crate) fn remove(&mut self, number: u64) {
        self.entries.retain(|entry| entry.number != number);
    }

    /// Takes away what is desired of every service.
    pub(crate) fn remove_shadow(&mut self) {
        self.entries.retain(|entry| !matches!(entry.what, What::Shadow { .. }));
    }

    /// Notes that the device has acknowledged a command.
    pub(crate) fn acknowledge(&mut self, number: u64) {
        if let Some(What::Command { acknowledged, .. }) = self.find_mut(number).map(|entry| &mut entry.what) {
            *acknowledged = true;
        }
    }

    /// Notes how far the device is with an upgrade.
    pub(crate) fn progress(&mut self, number: u64, reached: Progress) {
        if let Some(What::Upgrade { progress, .. }) = self.find_mut(number).map(|entry| &mut entry.what) {
            *progress = Some(reached);
        }
    }

    /// Begins another plan for an entry.
    pub(crate) fn next_turn(&mut self, number: u64) -> Option<u64> {
        let entry = self.find_mut(number)?;
        entry.turn += 1;
        Some(entry.turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(id: &str) -> What {
        What::Command { id: id.into(), acknowledged: false }
    }

    #[test]
    fn a_full_inbox_drops_the_oldest() {
        let mut inbox = Inbox::default();
        for n in 0..=INBOX_LIMIT {
            inbox.put(Moment(0), command(&n.to_string()));
        }
        assert_eq!((inbox.numbers().len(), inbox.dropped()), (INBOX_LIMIT, 1));
        assert_eq!(inbox.iter().next().map(|entry| &**entry.what.id()), Some("1"));
    }

    #[test]
    fn what_is_sent_again_takes_the_place_of_what_was_sent() {
        let mut inbox = Inbox::default();
        let first = inbox.put(Moment(0), What::Shadow { service: "Light".into() });
        inbox.put(Moment(0), command("Light"));
        let again = inbox.put(Moment(1), What::Shadow { service: "Light".into() });
        assert!(inbox.find(first).is_none());
        assert_eq!(inbox.numbers(), [again - 1, again]);
    }
}
