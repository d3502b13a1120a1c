//! 1.9.6 Query tasks that cancel device commands.

use iotdm_spec::commands::query_cancel_tasks::{
    DeviceCommandCancelTaskResp, Pagination, QueryCancelTasks, Request, Response, error,
};

use crate::command::cancel_task::CancelTask;
use crate::commands::create_cancel_task::{rows, total};
use crate::commands::{bound, within};
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_cancel_tasks(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryCancelTasks> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(1000);
    let from = bound(call.start_time.as_deref()).map_err(|_| error::COMMAND_INPUT_INVALID)?;
    let to = bound(call.end_time.as_deref()).map_err(|_| error::COMMAND_INPUT_INVALID)?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(error::COMMAND_INPUT_INVALID);
    }
    // An unknown task, and a status that no task can have, match nothing.
    //= 1.9.6/rule/filter-start
    //= 1.9.6/rule/filter-end
    let wanted = |task: &&CancelTask| {
        call.task_id.as_ref().is_none_or(|id| **id == *task.id)
            && call.status.as_ref().is_none_or(|status| status == task.status.as_str())
            && within(task.created, from, to)
    };
    let matches: Vec<&CancelTask> = match call.device_id.as_deref() {
        None => world.commands.cancel_tasks.newest_of(&caller.owner).filter(wanted).collect(),
        Some(device) => {
            let Lookup::Own(device) = world.look_up(caller, device) else {
                return Err(error::DEVICE_DATA_NOT_EXISTED);
            };
            world.commands.cancel_tasks.newest_for(&device.id).filter(wanted).collect()
        }
    };
    //= 1.9.6/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    // The number of tasks, not of their commands.
    //= 1.9.6/rule/total-size-whole-result
    let total_size = i64::try_from(matches.len()).unwrap_or(i64::MAX);
    Ok(Response {
        pagination: Some(Pagination { page_no, page_size, total_size: Some(total_size) }),
        data: matches.into_iter().skip(skip).take(take).map(|task| row(world, task)).collect(),
    })
}

fn row(world: &World, task: &CancelTask) -> DeviceCommandCancelTaskResp {
    DeviceCommandCancelTaskResp {
        task_id: task.id.to_string(),
        app_id: task.application.to_string(),
        device_id: task.device.to_string(),
        //= 1.9.6/rule/task-status-meanings
        status: task.status,
        total_count: total(task),
        device_commands: rows(world, task),
    }
}
