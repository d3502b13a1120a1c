//! 1.9.3 Modify (cancel) a device command.

use std::sync::Arc;

use iotdm_spec::commands::modify_command::{ModifyCommand, Request, Response, error};

use crate::command;
use crate::commands::{command_item, time};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn modify_command(world: &mut World, caller: &Caller, call: Request) -> Answer<ModifyCommand> {
    // The gate takes no other status than the one that revokes.
    //= 1.9.3/rule/only-to-canceled
    let found = world.commands.find(&call.device_command_id).filter(|found| found.application == caller.owner);
    let id = found.map(|found| Arc::clone(&found.id)).ok_or(error::COMMAND_NOT_EXISTED)?;
    if !command::cancel(world, &id) {
        //= 1.9.3/rule/finished-not-cancelable
        return Err(error::COMMAND_NOT_PENDING);
    }
    let command = world.commands.find(&id).ok_or(error::COMMAND_NOT_EXISTED)?;
    Ok(Response {
        command_id: command.id.to_string(),
        app_id: command.application.to_string(),
        device_id: command.device.to_string(),
        command: Some(command_item(command)),
        callback_url: command.callback_url.as_deref().map(str::to_owned),
        expire_time: Some(command.expire_time),
        // What it is now, not what it was.
        status: command.status,
        result: command.result.clone(),
        creation_time: Some(command.created.to_string()),
        execute_time: time(command.executed),
        platform_issued_time: time(command.issued),
        delivered_time: time(command.delivered),
        issued_times: Some(command.issued_times),
        max_retransmit: Some(command.max_retransmit),
    })
}
