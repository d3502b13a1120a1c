//! 1.9.5 Create a task that cancels device commands.

use std::sync::Arc;

use iotdm_spec::commands::create_cancel_task::{CreateCancelTask, DeviceCommandResp, Request, Response, error};
use iotdm_spec::wire::{CancelledCommandStatus, CommandStatus};

use crate::command::Command;
use crate::command::cancel_task::{self, CancelTask};
use crate::commands::{command_item, time};
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn create_cancel_task(world: &mut World, caller: &Caller, call: Request) -> Answer<CreateCancelTask> {
    let Lookup::Own(device) = world.look_up(caller, &call.device_id) else {
        return Err(error::DEVICE_DATA_NOT_EXISTED);
    };
    let device = Arc::clone(&device.id);
    // Nothing to cancel is no error.
    let id = cancel_task::create(world, &caller.owner, &device).ok_or(error::CONGESTION)?;
    let task = world.commands.cancel_tasks.find(&id).ok_or(error::SERVICE_INTERNAL)?;
    Ok(Response {
        task_id: task.id.to_string(),
        app_id: task.application.to_string(),
        device_id: task.device.to_string(),
        status: task.status,
        total_count: total(task),
        device_commands: rows(world, task),
    })
}

/// How many commands a task is to revoke.
pub(super) fn total(task: &CancelTask) -> i64 {
    //= 1.9.5/rule/total-is-canceled
    i64::try_from(task.commands.len()).unwrap_or(i64::MAX)
}

/// The commands of a task as they are now, but for those that are forgotten.
pub(super) fn rows(world: &World, task: &CancelTask) -> Vec<DeviceCommandResp> {
    task.commands.iter().filter_map(|id| world.commands.find(id)).map(row).collect()
}

fn row(command: &Command) -> DeviceCommandResp {
    DeviceCommandResp {
        command_id: command.id.to_string(),
        app_id: command.application.to_string(),
        device_id: command.device.to_string(),
        command: Some(command_item(command)),
        callback_url: command.callback_url.as_deref().map(str::to_owned),
        expire_time: Some(command.expire_time),
        //= 1.9.5/rule/status-meanings
        status: status(command.status),
        result: command.result.clone(),
        creation_time: Some(command.created.to_string()),
        execute_time: time(command.executed),
        platform_issued_time: time(command.issued),
        delivered_time: time(command.delivered),
        issued_times: Some(command.issued_times),
        max_retransmit: Some(command.max_retransmit),
    }
}

/// Tasks have words of their own: DEFAULT is PENDING. They have none for a command that is on
/// its way; until something has become of it, it is DEFAULT too.
const fn status(status: CommandStatus) -> CancelledCommandStatus {
    match status {
        CommandStatus::Pending | CommandStatus::Sent | CommandStatus::Delivered => CancelledCommandStatus::Default,
        CommandStatus::Expired => CancelledCommandStatus::Expired,
        CommandStatus::Successful => CancelledCommandStatus::Successful,
        CommandStatus::Failed => CancelledCommandStatus::Failed,
        CommandStatus::Timeout => CancelledCommandStatus::Timeout,
        CommandStatus::Canceled => CancelledCommandStatus::Canceled,
    }
}
