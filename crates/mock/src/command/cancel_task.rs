//! Tasks that revoke the commands of a device (1.9.5).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{CancelTaskStatus, CommandStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::life::{Due, cancel};
use crate::clock::Moment;
use crate::state::{Collection, Entity, Table};
use crate::timers::Timer;
use crate::world::World;

/// So long after its creation a task starts. The reference gives no time; the whole lasts a second.
const STARTS_AFTER: Duration = Duration::from_millis(500);
/// So long after its creation a task ends.
const ENDS_AFTER: Duration = Duration::from_secs(1);
/// How many tasks of one application are remembered; the oldest that have ended go first.
const TASKS_PER_APPLICATION: usize = 10_000;

/// A task.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CancelTask {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application that it belongs to, by its id.
    pub(crate) application: Arc<str>,
    /// The device whose commands it revokes, by its id.
    pub(crate) device: Arc<str>,
    /// When it was created.
    pub(crate) created: Moment,
    /// How far it is.
    pub(crate) status: CancelTaskStatus,
    /// The commands that were PENDING when it was created, by their ids (line 4613).
    pub(crate) commands: Vec<Arc<str>>,
}

impl Entity for CancelTask {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All cancel tasks of a platform.
#[derive(Debug, Default)]
pub(crate) struct CancelTasks {
    by_id: Table<CancelTask>,
    /// Oldest first.
    by_application: HashMap<Arc<str>, VecDeque<Arc<str>>>,
    /// Oldest first.
    by_device: HashMap<Arc<str>, VecDeque<Arc<str>>>,
}

impl Collection for CancelTasks {
    type Item = CancelTask;
    const SECTION: &'static str = "cancel_tasks";

    fn table(&mut self) -> &mut Table<CancelTask> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<CancelTask> {
        &self.by_id
    }

    fn restored(rows: Table<CancelTask>) -> Result<Self, String> {
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl CancelTasks {
    fn add(&mut self, task: CancelTask) {
        self.index(&task);
        self.by_id.insert(task);
    }

    fn index(&mut self, task: &CancelTask) {
        self.by_application.entry(Arc::clone(&task.application)).or_default().push_back(Arc::clone(&task.id));
        self.by_device.entry(Arc::clone(&task.device)).or_default().push_back(Arc::clone(&task.id));
    }

    pub(crate) fn find(&self, id: &str) -> Option<&CancelTask> {
        self.by_id.get(id)
    }

    /// The tasks of an application, newest first.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &CancelTask> {
        self.by_application.get(application).into_iter().flatten().rev().filter_map(|id| self.by_id.get(id))
    }

    /// The tasks for a device, newest first.
    pub(crate) fn newest_for(&self, device: &str) -> impl Iterator<Item = &CancelTask> {
        self.by_device.get(device).into_iter().flatten().rev().filter_map(|id| self.by_id.get(id))
    }

    /// Makes room for one more task; false if an application's oldest task of too many has not ended.
    fn make_room(&mut self, application: &str) -> bool {
        let Some(ids) = self.by_application.get(application).filter(|ids| ids.len() >= TASKS_PER_APPLICATION) else {
            return true;
        };
        let Some(oldest) = ids.front().and_then(|id| self.by_id.get(id)) else { return true };
        if matches!(oldest.status, CancelTaskStatus::Waitting | CancelTaskStatus::Running) {
            return false;
        }
        let (id, device) = (Arc::clone(&oldest.id), Arc::clone(&oldest.device));
        self.by_id.remove(&id);
        if let Some(ids) = self.by_application.get_mut(application) {
            ids.pop_front();
        }
        if let Some(ids) = self.by_device.get_mut(&device) {
            ids.retain(|other| *other != id);
        }
        true
    }

    /// An application is gone, and its devices before it.
    pub(super) fn remove_application(&mut self, application: &str) {
        self.by_application.remove(application);
    }

    /// Takes out the tasks for a device that is gone.
    pub(super) fn remove_device(&mut self, device: &str) {
        for id in self.by_device.remove(device).unwrap_or_default() {
            let Some(task) = self.by_id.remove(&id) else { continue };
            if let Some(ids) = self.by_application.get_mut(&task.application) {
                ids.retain(|other| *other != id);
            }
        }
    }
}

/// Makes a task for whatever waits for a device now; none if there are too many that have not ended.
pub(crate) fn create(world: &mut World, application: &Arc<str>, device: &Arc<str>) -> Option<Arc<str>> {
    if !world.commands.cancel_tasks.make_room(application) {
        return None;
    }
    let id: Arc<str> = world.mint.hex(32).into();
    //= 1.9.5/rule/cancel-all-unsent
    //= 1.9.5/rule/task-covers-device
    let commands = world.commands.pending_to(device).cloned().collect();
    world.commands.cancel_tasks.add(CancelTask {
        id: Arc::clone(&id),
        application: Arc::clone(application),
        device: Arc::clone(device),
        created: world.now,
        status: CancelTaskStatus::Waitting,
        commands,
    });
    let mut set = |after, due| world.timers.set(world.now.plus(after), Timer::Command(due));
    set(STARTS_AFTER, Due::CancelTaskStarts(Arc::clone(&id)));
    set(ENDS_AFTER, Due::CancelTaskEnds(Arc::clone(&id)));
    Some(id)
}

/// A task is being carried out.
pub(super) fn start(world: &mut World, id: &str) {
    if let Some(task) = world.commands.cancel_tasks.by_id.get_mut(id) {
        task.status = CancelTaskStatus::Running;
    }
}

/// A task has done what it could: a command that has left PENDING in the meantime stays as it is.
pub(super) fn end(world: &mut World, id: &str) {
    let Some(task) = world.commands.cancel_tasks.find(id) else { return };
    let commands = task.commands.clone();
    for command in &commands {
        //= 1.9.5/rule/sent-not-cancelable
        cancel(world, command);
    }
    let is_revoked =
        |id: &&Arc<str>| world.commands.find(id).is_some_and(|command| command.status == CommandStatus::Canceled);
    let revoked = commands.iter().filter(is_revoked).count();
    //= 1.9.5/rule/task-status-meanings
    let status = match (revoked, commands.len()) {
        (revoked, all) if revoked == all => CancelTaskStatus::Success,
        (0, _) => CancelTaskStatus::Failed,
        _ => CancelTaskStatus::PartSuccess,
    };
    if let Some(task) = world.commands.cancel_tasks.by_id.get_mut(id) {
        task.status = status;
    }
}
