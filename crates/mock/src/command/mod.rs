//! Cached commands (1.9.1): their states, their way to the device, and their end.
//!
//! [`life`] has what changes a command's status, [`delivery`] its way to the device, [`cancel_task`]
//! the tasks that revoke commands (1.9.5). This file is the shelf that they stand on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::Object;
use iotdm_spec::wire::CommandStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::state::{Collection, Entity, Table};
use crate::timers::TimerId;

pub(crate) mod cancel_task;
mod delivery;
mod life;
#[cfg(test)]
mod tests;

pub(crate) use delivery::{device_reachable, link_lost};
pub(crate) use life::{Due, NewCommand, Refused, acknowledged, answered, cancel, create, device_removed, fire};

use cancel_task::CancelTasks;

/// How many finished commands of one device are remembered; the oldest go first.
const FINISHED_PER_DEVICE: usize = 1_000;
/// How many finished commands of one application are remembered; the oldest go first.
const FINISHED_PER_APPLICATION: usize = 50_000;
/// How many unfinished commands one device may have, whatever their status: a bound on memory where
/// nothing else sets one, because immediate commands do not count as PENDING.
const OPEN_PER_DEVICE: usize = 1_000;

/// What the reference leaves to the platform, or gives a default only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommandSettings")]
pub(crate) struct Settings {
    /// How many commands of a device may be PENDING (1.9.1, line 4285; A-183).
    pub(crate) pending_limit: usize,
    /// After so long without a sign of life a device is a zombie (1.9.1, line 4287).
    pub(crate) zombie_after: Duration,
    /// After so long without an acknowledgement a command is sent again. The reference is silent.
    pub(crate) retransmit_after: Duration,
    /// So long after its last transmission a command without an answer has timed out.
    pub(crate) timeout_after: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pending_limit: 20,
            zombie_after: Duration::from_secs(7 * 24 * 3600),
            retransmit_after: Duration::from_secs(60),
            timeout_after: Duration::from_secs(180),
        }
    }
}

/// A command.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Command {
    /// Its id: `commandId`.
    pub(crate) id: Arc<str>,
    /// The device that it is for, by its id.
    pub(crate) device: Arc<str>,
    /// The application whose device that is, by its id.
    pub(crate) application: Arc<str>,
    /// The batch task that created it, by its id (1.10.1).
    pub(crate) task: Option<Arc<str>>,
    /// The service of the device.
    pub(crate) service: String,
    /// The command of the service.
    pub(crate) method: String,
    /// The parameters.
    pub(crate) paras: Object,
    /// Who is told of each change of its status.
    pub(crate) callback_url: Option<Arc<str>>,
    /// Seconds for which it is valid; 0 means that it is sent at once or never (line 4192).
    pub(crate) expire_time: i64,
    /// How many more times it is sent while no acknowledgement comes.
    pub(crate) max_retransmit: i64,
    /// How far it is.
    pub(crate) status: CommandStatus,
    /// What the device answered.
    pub(crate) result: Option<Object>,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it was first sent.
    pub(crate) issued: Option<Moment>,
    /// When the device acknowledged it.
    pub(crate) delivered: Option<Moment>,
    /// When the device answered.
    pub(crate) executed: Option<Moment>,
    /// How often it was sent.
    pub(crate) issued_times: i64,
    /// The timer by which it expires, while it waits.
    #[serde(default)]
    expiry: Option<TimerId>,
    /// Commands in the order of their creation: their place in the table.
    #[serde(skip)]
    number: u64,
    /// The next command to its device waits for the acknowledgement of this one.
    #[serde(default)]
    awaited: bool,
    /// Sent in vain, to be sent again when the device can be reached.
    #[serde(default)]
    lost: bool,
    /// By which number the device's session knows it.
    mid: Option<u16>,
}

impl Command {
    /// Whether it waits for its device, rather than being sent at once.
    pub(crate) const fn is_cached(&self) -> bool {
        self.expire_time > 0
    }

    /// Whether nothing becomes of it any more.
    pub(crate) const fn is_over(&self) -> bool {
        is_final(self.status)
    }

    /// Until when it may be sent.
    fn expires(&self) -> Moment {
        self.created.plus(Duration::from_secs(u64::try_from(self.expire_time).unwrap_or(0)))
    }

    /// Whether it is on its way and may be sent once more.
    fn may_be_sent_again(&self, now: Moment) -> bool {
        //= 1.9.1/rule/max-retransmit
        self.status == CommandStatus::Sent
            && self.issued_times <= self.max_retransmit
            && (!self.is_cached() || now < self.expires())
    }
}

/// Whether nothing becomes of a command any more.
const fn is_final(status: CommandStatus) -> bool {
    !matches!(status, CommandStatus::Pending | CommandStatus::Sent | CommandStatus::Delivered)
}

/// The commands of one device, by number.
#[derive(Debug, Default)]
struct Lane {
    all: BTreeMap<u64, Arc<str>>,
    pending: BTreeMap<u64, Arc<str>>,
    /// Sent in vain, to be sent again when the device can be reached.
    lost: BTreeMap<u64, Arc<str>>,
    finished: BTreeSet<u64>,
    /// The cached command whose acknowledgement the next one waits for.
    awaiting: Option<Arc<str>>,
}

/// The commands of one application, by number.
#[derive(Debug, Default)]
struct Shelf {
    all: BTreeMap<u64, Arc<str>>,
    finished: BTreeSet<u64>,
}

/// All cached commands of a platform.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    by_id: Table<Command>,
    by_device: HashMap<Arc<str>, Lane>,
    by_application: HashMap<Arc<str>, Shelf>,
    pub(crate) cancel_tasks: CancelTasks,
    pub(crate) settings: Settings,
}

impl Entity for Command {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

impl Collection for Commands {
    type Item = Command;
    const SECTION: &'static str = "commands";

    fn table(&mut self) -> &mut Table<Command> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Command> {
        &self.by_id
    }

    fn restored(mut rows: Table<Command>) -> Result<Self, String> {
        rows.complete(|number, command| command.number = number);
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Commands {
    fn add(&mut self, mut command: Command) {
        command.number = self.by_id.next_number();
        self.index(&command);
        self.by_id.insert(command);
    }

    fn index(&mut self, command: &Command) {
        let (number, id) = (command.number, Arc::clone(&command.id));
        let lane = self.by_device.entry(Arc::clone(&command.device)).or_default();
        lane.all.insert(number, Arc::clone(&id));
        if command.status == CommandStatus::Pending {
            lane.pending.insert(number, Arc::clone(&id));
        }
        if command.awaited {
            lane.awaiting = Some(Arc::clone(&id));
        }
        if command.lost {
            lane.lost.insert(number, Arc::clone(&id));
        }
        let is_over = is_final(command.status);
        if is_over {
            lane.finished.insert(number);
        }
        let shelf = self.by_application.entry(Arc::clone(&command.application)).or_default();
        if is_over {
            shelf.finished.insert(number);
        }
        shelf.all.insert(number, id);
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Command> {
        self.by_id.get(id)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Command> {
        self.by_id.get_mut(id)
    }

    /// The commands of an application, newest first.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &Command> {
        let shelf = self.by_application.get(application).into_iter();
        shelf.flat_map(|shelf| shelf.all.values().rev()).filter_map(|id| self.by_id.get(id))
    }

    /// How many commands of an application there are, and a page of them, newest first. Only the page is
    /// looked at.
    pub(crate) fn page_of(&self, application: &str, skip: usize, take: usize) -> (usize, Vec<&Command>) {
        let Some(shelf) = self.by_application.get(application) else { return (0, Vec::new()) };
        let page = shelf.all.values().rev().skip(skip).take(take);
        (shelf.all.len(), page.filter_map(|id| self.by_id.get(id)).collect())
    }

    /// The commands to a device, newest first.
    pub(crate) fn newest_to(&self, device: &str) -> impl Iterator<Item = &Command> {
        let lane = self.by_device.get(device).into_iter();
        lane.flat_map(|lane| lane.all.values().rev()).filter_map(|id| self.by_id.get(id))
    }

    /// The PENDING commands to a device, in the order in which they will be sent.
    pub(crate) fn pending_to(&self, device: &str) -> impl Iterator<Item = &Arc<str>> {
        self.by_device.get(device).into_iter().flat_map(|lane| lane.pending.values())
    }

    /// How many commands to a device are not finished.
    fn open_to(&self, device: &str) -> usize {
        self.by_device.get(device).map_or(0, |lane| lane.all.len() - lane.finished.len())
    }

    /// The next cached command to a device, unless an earlier one awaits its acknowledgement.
    fn next_to(&self, device: &str) -> Option<&Arc<str>> {
        let lane = self.by_device.get(device).filter(|lane| lane.awaiting.is_none())?;
        lane.pending.values().next()
    }

    /// Whether something waits for the device to be reached.
    fn waits_for(&self, device: &str) -> bool {
        self.next_to(device).is_some() || self.by_device.get(device).is_some_and(|lane| !lane.lost.is_empty())
    }

    /// Notes that a command did not arrive.
    fn lose(&mut self, id: &str, now: Moment) {
        let Some(command) = self.by_id.get_mut(id) else { return };
        if command.may_be_sent_again(now)
            && let Some(lane) = self.by_device.get_mut(&command.device)
        {
            command.lost = true;
            lane.lost.insert(command.number, Arc::clone(&command.id));
        }
    }

    /// The commands that did not arrive at a device.
    fn take_lost(&mut self, device: &str) -> impl Iterator<Item = Arc<str>> + use<> {
        let lane = self.by_device.get_mut(device);
        let lost = lane.map(|lane| std::mem::take(&mut lane.lost)).unwrap_or_default();
        for id in lost.values() {
            if let Some(command) = self.by_id.get_mut(id) {
                command.lost = false;
            }
        }
        lost.into_values()
    }

    /// Gives a command a status; true if the next command to its device needs not wait for it any more.
    fn become_status(&mut self, id: &str, status: CommandStatus) -> bool {
        let Some(command) = self.by_id.get_mut(id) else { return false };
        command.status = status;
        let number = command.number;
        let Some(lane) = self.by_device.get_mut(&command.device) else { return false };
        lane.pending.remove(&number);
        if status == CommandStatus::Sent {
            if command.is_cached() {
                command.awaited = true;
                lane.awaiting = Some(Arc::clone(&command.id));
            }
            return false;
        }
        command.awaited = false;
        command.lost = false;
        lane.lost.remove(&number);
        if is_final(status) {
            lane.finished.insert(number);
            if let Some(shelf) = self.by_application.get_mut(&command.application) {
                shelf.finished.insert(number);
            }
        }
        let released = lane.awaiting.as_deref() == Some(id);
        if released {
            lane.awaiting = None;
        }
        released
    }

    /// Forgets the oldest finished commands of a device and an application where they are too many.
    fn forget_oldest(&mut self, device: &str, application: &str) {
        let lane = self.by_device.get(device).filter(|lane| lane.finished.len() > FINISHED_PER_DEVICE);
        let of_device = lane.and_then(|lane| lane.all.get(lane.finished.first()?));
        let shelf = self.by_application.get(application).filter(|s| s.finished.len() > FINISHED_PER_APPLICATION);
        let of_application = shelf.and_then(|shelf| shelf.all.get(shelf.finished.first()?));
        if let Some(oldest) = of_device.or(of_application).cloned() {
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, id: &str) {
        let Some(command) = self.by_id.remove(id) else { return };
        if let Some(lane) = self.by_device.get_mut(&command.device) {
            lane.all.remove(&command.number);
            lane.finished.remove(&command.number);
        }
        self.take_from_shelf(&command);
    }

    /// An application is gone, and its devices before it: nothing of its commands is left.
    pub(crate) fn remove_application(&mut self, application: &str) {
        self.by_application.remove(application);
        self.cancel_tasks.remove_application(application);
    }

    fn take_from_shelf(&mut self, command: &Command) {
        if let Some(shelf) = self.by_application.get_mut(&command.application) {
            shelf.all.remove(&command.number);
            shelf.finished.remove(&command.number);
        }
    }

    /// Takes every command to a device out.
    fn remove_lane(&mut self, device: &str) -> Vec<Command> {
        let lane = self.by_device.remove(device).unwrap_or_default();
        let commands: Vec<Command> = lane.all.values().filter_map(|id| self.by_id.remove(id)).collect();
        for command in &commands {
            self.take_from_shelf(command);
        }
        commands
    }
}
