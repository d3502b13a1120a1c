//! Batch tasks and their sub-tasks (1.10): one cached command to many devices, one sub-task a device.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::batch_tasks::create_batch_task::{ParamItem, Tag};
use iotdm_spec::batch_tasks::query_sub_tasks::{Cause, Output};
use iotdm_spec::commands::create_command;
use iotdm_spec::model::ErrorRow;
use iotdm_spec::wire::{BatchTaskStatus, CommandStatus, SubTaskStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::command::{self, NewCommand};
use crate::commands::create_command::row;
use crate::state::{Collection, Entity, Table};
use crate::timers::Timer;
use crate::world::{Caller, World};

/// The most tasks that an application may have unfinished (1.10.1, line 5107).
const UNFINISHED_LIMIT: usize = 10;
/// How many finished tasks of an application the platform remembers; the oldest go first.
const FINISHED_LIMIT: usize = 1_000;

/// What one device carries out within a task.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SubTask {
    /// The device, by its id. It may be gone meanwhile.
    pub(crate) device: Arc<str>,
    /// The id of its command; null if there could be none.
    pub(crate) command: Option<Arc<str>>,
    /// How far it is.
    pub(crate) status: SubTaskStatus,
    /// What the device answered, as JSON text.
    pub(crate) output: Option<String>,
    /// Why it failed, as JSON text.
    pub(crate) error: Option<String>,
}

impl SubTask {
    fn is_finished(&self) -> bool {
        matches!(self.status, SubTaskStatus::Success | SubTaskStatus::Fail | SubTaskStatus::Timeout)
    }
}

/// How many sub-tasks have ended how.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Counts {
    /// The device did what it was told.
    pub(crate) success: usize,
    /// It could not be told, or it did not do it.
    pub(crate) fail: usize,
    /// Sent, and not answered in time.
    pub(crate) timeout: usize,
    /// Never carried out; they stand as timed out in the list of sub-tasks.
    pub(crate) expired: usize,
}

impl Counts {
    /// 1.10.2, line 5168.
    pub(crate) const fn complete(self) -> usize {
        //= 1.10.2/rule/complete-count-sum
        self.success + self.fail + self.timeout
    }
}

/// A batch task.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BatchTask {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application that it belongs to, by its id.
    pub(crate) application: Arc<str>,
    /// The application that created it, by its id.
    pub(crate) operator: Arc<str>,
    /// `taskName`, which no other task of the application has.
    pub(crate) name: String,
    /// When it was created.
    pub(crate) created: Moment,
    /// So long after its creation it times out.
    pub(crate) timeout: Duration,
    /// How far it is.
    pub(crate) status: BatchTaskStatus,
    /// `param`, as the application sent it (1.10.1).
    pub(crate) param: ParamItem,
    /// `tags`, as the application sent them (1.10.1).
    pub(crate) tags: Vec<Tag>,
    /// One for each device.
    pub(crate) sub_tasks: Vec<SubTask>,
    /// How many of the sub-tasks have ended, and how.
    pub(crate) counts: Counts,
    /// Of all tasks that have ended, which one it was; null until then.
    ended: Option<u64>,
    #[serde(skip)]
    by_command: HashMap<Arc<str>, usize>,
}

impl BatchTask {
    fn index_commands(&mut self) {
        let of = |(index, sub_task): (usize, &SubTask)| Some((Arc::clone(sub_task.command.as_ref()?), index));
        self.by_command = self.sub_tasks.iter().enumerate().filter_map(of).collect();
    }

    pub(crate) fn total(&self) -> usize {
        self.sub_tasks.len()
    }

    fn is_finished(&self) -> bool {
        matches!(self.status, BatchTaskStatus::Complete | BatchTaskStatus::Timeout)
    }

    /// Ends a sub-task, and the task with the last of them.
    fn end(&mut self, index: usize, end: End) {
        let Some(sub_task) = self.sub_tasks.get_mut(index).filter(|sub_task| !sub_task.is_finished()) else { return };
        let (status, count) = match end {
            End::Success => (SubTaskStatus::Success, &mut self.counts.success),
            End::Fail(_) => (SubTaskStatus::Fail, &mut self.counts.fail),
            End::Timeout => (SubTaskStatus::Timeout, &mut self.counts.timeout),
            End::Expired => (SubTaskStatus::Timeout, &mut self.counts.expired),
        };
        *count += 1;
        sub_task.status = status;
        sub_task.error = match end {
            End::Fail(row) => row.and_then(cause),
            End::Expired => cause(create_command::error::DEVICE_NOT_ONLINE.row()),
            End::Success | End::Timeout => None,
        };
        if !self.is_finished() && self.counts.complete() + self.counts.expired == self.total() {
            self.status = BatchTaskStatus::Complete;
        }
    }
}

/// How a sub-task ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Success,
    /// With the row that says why, if one does.
    Fail(Option<ErrorRow>),
    /// Its command was sent, and no answer came.
    Timeout,
    /// Its command was never sent.
    Expired,
}

//= 1.10.3/rule/error-format
fn cause(row: ErrorRow) -> Option<String> {
    // Two strings always serialise.
    serde_json::to_string(&Cause { error_code: row.code.to_owned(), error_desc: row.desc.to_owned() }).ok()
}

impl Entity for BatchTask {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All batch tasks of a platform.
#[derive(Debug, Default)]
pub(crate) struct BatchTasks {
    by_id: Table<BatchTask>,
    by_application: HashMap<Arc<str>, OfApplication>,
    ended: u64,
}

/// What an application's tasks have in common.
#[derive(Debug, Default)]
struct OfApplication {
    unfinished: usize,
    /// Names are unique, finished tasks included.
    names: HashSet<String>,
    /// How many tasks have each tag.
    tags: HashMap<String, BTreeMap<String, usize>>,
    /// In the order of their end.
    finished: BTreeMap<u64, Arc<str>>,
}

impl Collection for BatchTasks {
    type Item = BatchTask;
    const SECTION: &'static str = "batch_tasks";

    fn table(&mut self) -> &mut Table<BatchTask> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<BatchTask> {
        &self.by_id
    }

    fn restored(mut rows: Table<BatchTask>) -> Result<Self, String> {
        rows.complete(|_, task| task.index_commands());
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl BatchTasks {
    /// A task of this application; another application's is one that is not there.
    pub(crate) fn find(&self, application: &str, id: &str) -> Option<&BatchTask> {
        self.by_id.get(id).filter(|task| &*task.application == application)
    }

    /// Whether the application has as many unfinished tasks as it may have.
    pub(crate) fn is_full(&self, application: &str) -> bool {
        self.by_application.get(application).is_some_and(|tasks| tasks.unfinished >= UNFINISHED_LIMIT)
    }

    pub(crate) fn has_name(&self, application: &str, name: &str) -> bool {
        self.by_application.get(application).is_some_and(|tasks| tasks.names.contains(name))
    }

    /// Whether a task of the application has a tag of this name, and of this value if one is given.
    pub(crate) fn has_tag(&self, application: &str, name: &str, value: Option<&str>) -> bool {
        let tags = self.by_application.get(application).and_then(|tasks| tasks.tags.get(name));
        tags.is_some_and(|values| value.is_none_or(|value| values.contains_key(value)))
    }

    fn add(&mut self, task: BatchTask) {
        self.index(&task);
        self.by_id.insert(task);
    }

    fn index(&mut self, task: &BatchTask) {
        let siblings = self.by_application.entry(Arc::clone(&task.application)).or_default();
        match task.ended {
            Some(ended) => {
                self.ended = self.ended.max(ended);
                siblings.finished.insert(ended, Arc::clone(&task.id));
            }
            None => siblings.unfinished += 1,
        }
        siblings.names.insert(task.name.clone());
        for tag in &task.tags {
            *siblings.tags.entry(tag.tag_name.clone()).or_default().entry(tag.tag_value.clone()).or_default() += 1;
        }
    }

    /// Changes a task, and takes note if that has ended it.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut BatchTask)) {
        let Some(task) = self.by_id.get_mut(id) else { return };
        let was_finished = task.is_finished();
        change(task);
        if was_finished || !task.is_finished() {
            return;
        }
        self.ended += 1;
        task.ended = Some(self.ended);
        let (id, application) = (Arc::clone(&task.id), Arc::clone(&task.application));
        let Some(siblings) = self.by_application.get_mut(&application) else { return };
        siblings.unfinished = siblings.unfinished.saturating_sub(1);
        siblings.finished.insert(self.ended, id);
        if siblings.finished.len() > FINISHED_LIMIT
            && let Some((_, oldest)) = siblings.finished.pop_first()
        {
            self.forget(&oldest);
        }
    }

    /// An application is gone, and its tasks with it, whatever they are at.
    pub(crate) fn remove_application(&mut self, application: &str) {
        self.by_application.remove(application);
        self.by_id.remove_all(|task| *task.application == *application);
    }

    fn forget(&mut self, id: &str) {
        let Some(task) = self.by_id.remove(id) else { return };
        let Some(siblings) = self.by_application.get_mut(&task.application) else { return };
        siblings.names.remove(&task.name);
        for tag in &task.tags {
            let Some(values) = siblings.tags.get_mut(&tag.tag_name) else { continue };
            if let Some(count) = values.get_mut(&tag.tag_value) {
                *count -= 1;
                if *count == 0 {
                    values.remove(&tag.tag_value);
                }
            }
            if values.is_empty() {
                siblings.tags.remove(&tag.tag_name);
            }
        }
    }
}

/// What a task needs to begin.
pub(crate) struct NewTask {
    pub(crate) name: String,
    pub(crate) timeout: Duration,
    pub(crate) param: ParamItem,
    pub(crate) tags: Vec<Tag>,
    /// Each once.
    pub(crate) devices: Vec<Arc<str>>,
}

/// Creates a task and gives every device of it its command.
pub(crate) fn create(world: &mut World, caller: &Caller, new: NewTask) -> Arc<str> {
    let id: Arc<str> = world.mint.uuid().into();
    // The task's time is over before that of its commands is: both end at the same moment.
    world.timers.set(world.now.plus(new.timeout), Timer::BatchTask(Due::TimeOut(Arc::clone(&id))));
    let waiting = |device| SubTask { device, command: None, status: SubTaskStatus::Pending, output: None, error: None };
    world.batch_tasks.add(BatchTask {
        id: Arc::clone(&id),
        application: Arc::clone(&caller.owner),
        operator: Arc::clone(&caller.id),
        name: new.name,
        created: world.now,
        timeout: new.timeout,
        status: BatchTaskStatus::Pending,
        param: new.param,
        tags: new.tags,
        sub_tasks: new.devices.into_iter().map(waiting).collect(),
        counts: Counts::default(),
        ended: None,
        by_command: HashMap::new(),
    });
    dispatch(world, &id);
    id
}

/// Gives each sub-task its command. What one device cannot get fails its own sub-task only.
fn dispatch(world: &mut World, id: &Arc<str>) {
    let Some(task) = world.batch_tasks.by_id.get(id) else { return };
    let (application, param, timeout) = (Arc::clone(&task.application), task.param.clone(), task.timeout);
    let devices: Vec<Arc<str>> = task.sub_tasks.iter().map(|sub_task| Arc::clone(&sub_task.device)).collect();
    for (index, device) in devices.into_iter().enumerate() {
        //= 1.10.1/rule/cached-commands-only
        let new = NewCommand {
            application: Arc::clone(&application),
            device: device.to_string(),
            service: param.command.service_id.clone(),
            method: param.command.method.clone(),
            paras: param.command.paras.clone().unwrap_or_default(),
            //= 1.10.1/rule/callback-results
            callback_url: param.callback_url.clone(),
            expire_time: i64::try_from(timeout.as_secs()).ok(),
            //= 1.10.1/rule/max-retransmit
            max_retransmit: param.max_retransmit,
            task: Some(Arc::clone(id)),
        };
        let created = command::create(world, new);
        world.batch_tasks.change(id, |task| match created {
            Ok(command) => {
                task.by_command.insert(Arc::clone(&command), index);
                if let Some(sub_task) = task.sub_tasks.get_mut(index) {
                    sub_task.command = Some(command);
                }
            }
            Err(refused) => task.end(index, End::Fail(Some(row(refused).row()))),
        });
    }
    // A command may have gone out while it was created, before it was known to be the task's.
    let commands: Vec<Arc<str>> =
        world.batch_tasks.by_id.get(id).map(|task| task.by_command.keys().cloned().collect()).unwrap_or_default();
    for command in commands {
        command_changed(world, id, &command);
    }
}

/// What of a task can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BatchTaskDue")]
pub(crate) enum Due {
    /// The time of the task with this id is over (1.10.1, line 5049).
    TimeOut(Arc<str>),
}

pub(crate) fn fire(world: &mut World, due: Due) {
    let Due::TimeOut(id) = due;
    world.batch_tasks.change(&id, |task| {
        if task.is_finished() {
            return;
        }
        task.status = BatchTaskStatus::Timeout;
        for index in 0..task.total() {
            let waits = task.sub_tasks[index].status == SubTaskStatus::Pending;
            task.end(index, if waits { End::Expired } else { End::Timeout });
        }
    });
}

/// The status of a command that a task has created has changed, or the command is gone.
pub(crate) fn command_changed(world: &mut World, id: &Arc<str>, command: &Arc<str>) {
    let state = world.commands.find(command).map(|command| (command.status, command.result.clone()));
    world.batch_tasks.change(id, |task| {
        let Some(index) = task.by_command.get(command).copied() else { return };
        let Some(sub_task) = task.sub_tasks.get_mut(index).filter(|sub_task| !sub_task.is_finished()) else { return };
        let Some((status, result)) = state else {
            let gone = create_command::error::DEVICE_DATA_NOT_EXISTED.row();
            return task.end(index, End::Fail(Some(gone)));
        };
        // A string and a JSON object always serialise.
        sub_task.output =
            serde_json::to_string(&Output { request_id: command.to_string(), command_result: result }).ok();
        match status {
            CommandStatus::Pending => {}
            CommandStatus::Sent | CommandStatus::Delivered => {
                sub_task.status = SubTaskStatus::WaitResult;
                if task.status == BatchTaskStatus::Pending {
                    task.status = BatchTaskStatus::Running;
                }
            }
            CommandStatus::Successful => task.end(index, End::Success),
            CommandStatus::Failed | CommandStatus::Canceled => task.end(index, End::Fail(None)),
            CommandStatus::Timeout => task.end(index, End::Timeout),
            CommandStatus::Expired => task.end(index, End::Expired),
        }
    });
}
