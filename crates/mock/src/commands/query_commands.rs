//! 1.9.2 Query device commands.

use iotdm_spec::commands::query_commands::{DeviceCommandResp, Pagination, QueryCommands, Request, Response, error};

use crate::command::Command;
use crate::commands::{bound, command_item, time, within};
use crate::gate::cut;
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_commands(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryCommands> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(1000);
    let from = bound(call.start_time.as_deref()).map_err(|_| error::COMMAND_INPUT_INVALID)?;
    let to = bound(call.end_time.as_deref()).map_err(|_| error::COMMAND_INPUT_INVALID)?;
    // The advice of the table wants the end later, not just no earlier.
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(error::COMMAND_INPUT_INVALID);
    }
    //= 1.9.2/rule/filter-start
    //= 1.9.2/rule/filter-end
    let within = |command: &&Command| within(command.created, from, to);
    //= 1.9.2/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    let (total, page) = match call.device_id.as_deref() {
        None if from.is_none() && to.is_none() => world.commands.page_of(&caller.owner, skip, take),
        None => cut(world.commands.newest_of(&caller.owner).filter(within), skip, take),
        Some(device) => {
            let Lookup::Own(device) = world.look_up(caller, device) else {
                return Err(error::DEVICE_DATA_NOT_EXISTED);
            };
            cut(world.commands.newest_to(&device.id).filter(within), skip, take)
        }
    };
    let total_size = i64::try_from(total).unwrap_or(i64::MAX);
    Ok(Response {
        pagination: Some(Pagination { page_no, page_size, total_size: Some(total_size) }),
        data: page.into_iter().map(row).collect(),
    })
}

fn row(command: &Command) -> DeviceCommandResp {
    DeviceCommandResp {
        command_id: command.id.to_string(),
        app_id: command.application.to_string(),
        device_id: command.device.to_string(),
        command: Some(command_item(command)),
        callback_url: command.callback_url.as_deref().map(str::to_owned),
        expire_time: Some(command.expire_time),
        //= 1.9.2/rule/status-meanings
        status: command.status,
        result: command.result.clone(),
        creation_time: Some(command.created.to_string()),
        execute_time: time(command.executed),
        platform_issued_time: time(command.issued),
        delivered_time: time(command.delivered),
        issued_times: Some(command.issued_times),
        max_retransmit: Some(command.max_retransmit),
    }
}
