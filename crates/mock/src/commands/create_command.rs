//! 1.9.1 Create a device command.

use std::sync::Arc;

use iotdm_spec::commands::create_command::{CreateCommand, Request, Response, error};

use crate::command::{self, NewCommand, Refused};
use crate::commands::{command_item, time};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn create_command(world: &mut World, caller: &Caller, call: Request) -> Answer<CreateCommand> {
    let new = NewCommand {
        application: Arc::clone(&caller.owner),
        device: call.device_id,
        service: call.command.service_id,
        method: call.command.method,
        paras: call.command.paras,
        callback_url: call.callback_url,
        expire_time: call.expire_time,
        max_retransmit: call.max_retransmit,
        task: None,
    };
    let id = command::create(world, new).map_err(row)?;
    let command = world.commands.find(&id).ok_or(error::SERVICE_INTERNAL)?;
    Ok(Response {
        command_id: id.to_string(),
        app_id: command.application.to_string(),
        device_id: command.device.to_string(),
        command: Some(command_item(command)),
        callback_url: command.callback_url.as_deref().map(str::to_owned),
        expire_time: Some(command.expire_time),
        //= 1.9.1/rule/status-meanings
        status: command.status,
        creation_time: Some(command.created.to_string()),
        execute_time: time(command.executed),
        platform_issued_time: time(command.issued),
        delivered_time: time(command.delivered),
        issued_times: Some(command.issued_times),
        max_retransmit: Some(command.max_retransmit),
    })
}

/// Also the cause of a failed sub-task is such a row.
pub(crate) const fn row(refused: Refused) -> iotdm_spec::Refusal<CreateCommand> {
    match refused {
        Refused::UnknownDevice => error::DEVICE_DATA_NOT_EXISTED,
        Refused::UnknownService => error::SERVICE_NOT_EXISTED,
        Refused::Invalid => error::COMMAND_INPUT_INVALID,
        Refused::NotOnline => error::DEVICE_NOT_ONLINE,
        Refused::Zombie => error::DEVICE_ZOMBIE,
        Refused::LimitReached => error::COMMAND_LIMIT_REACHED,
        Refused::Congestion => error::CONGESTION,
    }
}
