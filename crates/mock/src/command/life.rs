//! What changes the status of a command: its creation, the device's word, the owner's word, and time.

use std::sync::Arc;

use iotdm_spec::Object;
use iotdm_spec::commands::create_command::OPERATION;
use iotdm_spec::model::Fallback;
use iotdm_spec::wire::{CodecMode, CommandStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::delivery::{self, deliver};
use super::{Command, OPEN_PER_DEVICE, cancel_task, is_final};
use crate::batch_task;
use crate::device::Device;
use crate::mqtt::receive_command::{codec_of, encode};
use crate::notifications::command_status_changed::command_status_changed;
use crate::timers::Timer;
use crate::world::World;

/// A command as an application, or a task of one, wants it.
pub(crate) struct NewCommand {
    /// The application whose device it is.
    pub(crate) application: Arc<str>,
    pub(crate) device: String,
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) paras: Object,
    pub(crate) callback_url: Option<String>,
    /// Seconds; absent means the table's default.
    pub(crate) expire_time: Option<i64>,
    pub(crate) max_retransmit: Option<i64>,
    /// The batch task that creates it.
    pub(crate) task: Option<Arc<str>>,
}

/// Why a command is not taken; each is a row of 1.9.1's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The application has no such device.
    UnknownDevice,
    /// The device's product has no such service, or the device has no product.
    UnknownService,
    /// The service has no such command, or the parameters are not the command's.
    Invalid,
    /// It is to be sent at once, and the device has never been connected.
    NotOnline,
    /// The device has been away for too long.
    Zombie,
    /// Too many commands wait for the device.
    LimitReached,
    /// Too many commands of the device are not finished.
    Congestion,
}

/// What of a command or a cancel task can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommandDue")]
pub(crate) enum Due {
    /// The time to wait of the command with this id is over.
    Expires(Arc<str>),
    /// The transmission with this number, of the command with this id, had time enough to be acknowledged.
    Retransmit(Arc<str>, i64),
    /// The transmission with this number, of the command with this id, had time enough to be answered.
    TimesOut(Arc<str>, i64),
    /// The cancel task with this id starts.
    CancelTaskStarts(Arc<str>),
    /// The cancel task with this id ends.
    CancelTaskEnds(Arc<str>),
}

/// Takes a command; with an expire time of 0 it is on its way when this returns, and may even have
/// arrived. The caller looks at its status: the task in `new` hears of every change as it happens.
pub(crate) fn create(world: &mut World, new: NewCommand) -> Result<Arc<str>, Refused> {
    let expire_time = new.expire_time.unwrap_or_else(default_expire_time);
    let device = judge(world, &new, expire_time)?;
    // What the product's codec cannot carry can never be sent.
    let carrier = world.devices.find(&device).map_or_else(|| Arc::clone(&device), |device| Arc::clone(&device.gateway));
    if codec_of(world, &carrier, &new.service, &new.method) == CodecMode::Binary
        && let Err(why) = encode(world, &carrier, 1, &new.service, &new.method, new.paras.clone())
    {
        world.remarks.push(why);
        return Err(Refused::Invalid);
    }
    //= 1.9.1/rule/command-id-unique
    let id: Arc<str> = world.mint.hex(32).into();
    let command = Command {
        id: Arc::clone(&id),
        device,
        application: new.application,
        task: new.task,
        service: new.service,
        method: new.method,
        paras: new.paras,
        callback_url: new.callback_url.map(Into::into),
        expire_time,
        max_retransmit: new.max_retransmit.unwrap_or(0),
        status: CommandStatus::Pending,
        result: None,
        created: world.now,
        issued: None,
        delivered: None,
        executed: None,
        issued_times: 0,
        number: 0,
        awaited: false,
        lost: false,
        mid: None,
        expiry: None,
    };
    let (cached, expires) = (command.is_cached(), command.expires());
    world.commands.add(command);
    if cached {
        //= 1.9.1/rule/expire-nonzero-cached
        let expiry = world.timers.set(expires, Timer::Command(Due::Expires(Arc::clone(&id))));
        if let Some(command) = world.commands.find_mut(&id) {
            command.expiry = Some(expiry);
        }
    } else {
        //= 1.9.1/rule/expire-zero-immediate
        //= 1.9.1/rule/immediate-mode
        delivery::send(world, &id);
    }
    Ok(id)
}

/// The default of the table: 48 hours.
fn default_expire_time() -> i64 {
    let field = OPERATION.params.iter().find(|param| param.field.name == "expireTime").map(|param| param.field);
    match field.and_then(|field| field.default) {
        Some(Fallback::Integer(seconds)) => seconds,
        _ => 0,
    }
}

/// The device of a command that may be taken. Existence comes before state and number.
fn judge(world: &World, new: &NewCommand, expire_time: i64) -> Result<Arc<str>, Refused> {
    let device = world
        .devices
        .find(&new.device)
        .filter(|device| device.application == new.application)
        .ok_or(Refused::UnknownDevice)?;
    let service = world.product_of(&device.id).and_then(|product| product.service(&new.service));
    let service = service.ok_or(Refused::UnknownService)?;
    let command = service.commands.iter().find(|command| command.name == new.method).ok_or(Refused::Invalid)?;
    if !command.faults_of_paras(&new.paras).is_empty() {
        return Err(Refused::Invalid);
    }
    let at_once = expire_time == 0;
    if at_once && !device.activated && !delivery::can_be_reached(world, device) {
        return Err(Refused::NotOnline);
    }
    if is_zombie(world, device) {
        //= 1.9.1/rule/zombie-device
        return Err(Refused::Zombie);
    }
    //= 1.9.1/rule/pending-limit
    if !at_once && world.commands.pending_to(&device.id).count() >= world.commands.settings.pending_limit {
        return Err(Refused::LimitReached);
    }
    if world.commands.open_to(&device.id) >= OPEN_PER_DEVICE {
        return Err(Refused::Congestion);
    }
    Ok(Arc::clone(&device.id))
}

/// Whether the device was last known to be online too long ago. One that never was is no zombie,
/// nor is one whose session is open, however silent it is.
fn is_zombie(world: &World, device: &Device) -> bool {
    let last = device.last_online.map_or(device.last_heard, |went| went.max(device.last_heard));
    device.activated && device.session.is_none() && world.now.since(last) > world.commands.settings.zombie_after
}

/// The device, or its module, has acknowledged the command.
pub(crate) fn acknowledged(world: &mut World, command: &Arc<str>) {
    let now = world.now;
    let Some(found) = world.commands.find_mut(command) else { return };
    if found.status != CommandStatus::Sent {
        return;
    }
    found.delivered = Some(now);
    become_status(world, command, CommandStatus::Delivered);
}

/// The device has answered the command. An answer stands for an acknowledgement that has not come; the
/// time of delivery then stays unknown.
pub(crate) fn answered(world: &mut World, command: &Arc<str>, executed: bool, result: Object) {
    let now = world.now;
    let Some(found) = world.commands.find_mut(command) else { return };
    if !matches!(found.status, CommandStatus::Sent | CommandStatus::Delivered) {
        return;
    }
    found.executed = Some(now);
    found.result = Some(result);
    let status = if executed { CommandStatus::Successful } else { CommandStatus::Failed };
    become_status(world, command, status);
}

/// Revokes a command; false if it is not PENDING any more.
pub(crate) fn cancel(world: &mut World, command: &Arc<str>) -> bool {
    //= 1.9.3/rule/only-pending
    let pending = world.commands.find(command).is_some_and(|found| found.status == CommandStatus::Pending);
    if pending {
        become_status(world, command, CommandStatus::Canceled);
    }
    pending
}

pub(crate) fn fire(world: &mut World, due: Due) {
    match due {
        Due::Expires(command) => {
            //= 1.9.1/rule/expiry
            if world.commands.find(&command).is_some_and(|found| found.status == CommandStatus::Pending) {
                become_status(world, &command, CommandStatus::Expired);
            }
        }
        Due::Retransmit(command, transmission) => delivery::not_acknowledged(world, &command, transmission),
        Due::TimesOut(command, transmission) => {
            let waits = |found: &Command| found.issued_times == transmission && !is_final(found.status);
            if world.commands.find(&command).is_some_and(waits) {
                //= 1.9.1/rule/expire-zero-timeout
                become_status(world, &command, CommandStatus::Timeout);
            }
        }
        Due::CancelTaskStarts(task) => cancel_task::start(world, &task),
        Due::CancelTaskEnds(task) => cancel_task::end(world, &task),
    }
}

/// Gives a command a status, tells whom it concerns, and sends the next one if that waited for this.
pub(super) fn become_status(world: &mut World, id: &Arc<str>, status: CommandStatus) {
    let released = world.commands.become_status(id, status);
    let Some(command) = world.commands.find_mut(id) else { return };
    // A timer of two days would lie about for each command that was sent at once.
    command.expiry.take().into_iter().for_each(|timer| world.timers.cancel(timer));
    let (device, application, task) =
        (Arc::clone(&command.device), Arc::clone(&command.application), command.task.clone());
    if is_final(status) {
        let mid = command.mid.take();
        delivery::forget_mid(world, &device, id, mid);
    }
    command_status_changed(world, id);
    if let Some(task) = task {
        batch_task::command_changed(world, &task, id);
    }
    if is_final(status) {
        world.commands.forget_oldest(&device, &application);
    }
    if released {
        //= 1.9.1/rule/cached-mode
        deliver(world, &device);
    }
}

/// The device is gone: its commands go with it, and the tasks that would have revoked them.
pub(crate) fn device_removed(world: &mut World, device: &Device) {
    world.commands.cancel_tasks.remove_device(&device.id);
    for command in world.commands.remove_lane(&device.id) {
        if let Some(task) = command.task.filter(|_| !is_final(command.status)) {
            batch_task::command_changed(world, &task, &command.id);
        }
    }
}
