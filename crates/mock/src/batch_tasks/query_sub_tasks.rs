//! 1.10.3 Query the sub-tasks of a batch task.

use iotdm_spec::batch_tasks::query_sub_tasks::{
    ParamItem, QuerySubTasks, QueryTaskDetailDTOCloud, Request, Response, error,
};

use crate::batch_task::SubTask;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_sub_tasks(world: &mut World, caller: &Caller, call: Request) -> Answer<QuerySubTasks> {
    let task = world.batch_tasks.find(&caller.owner, &call.task_id).ok_or(error::TASK_NOT_EXISTED)?;
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(25);
    let matches = task.sub_tasks.iter().filter(|sub_task| {
        call.status.is_none_or(|status| sub_task.status == status)
            && call.device_id.as_deref().is_none_or(|id| id == &*sub_task.device)
            && call.command_id.as_deref().is_none_or(|id| sub_task.command.as_deref() == Some(id))
    });
    //= 1.10.3/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        page_no,
        page_size,
        //= 1.10.3/rule/total-count-all
        total_count: i64::try_from(matches.clone().count()).unwrap_or(i64::MAX),
        task_details: matches.skip(skip).take(take).map(row).collect(),
    })
}

fn row(sub_task: &SubTask) -> QueryTaskDetailDTOCloud {
    QueryTaskDetailDTOCloud {
        status: sub_task.status,
        output: sub_task.output.clone(),
        error: sub_task.error.clone(),
        param: Some(ParamItem {
            device_id: sub_task.device.to_string(),
            command_id: sub_task.command.as_deref().unwrap_or_default().to_owned(),
        }),
    }
}
