//! 1.10.2 Query a batch task.

use iotdm_spec::batch_tasks::create_batch_task;
use iotdm_spec::batch_tasks::query_batch_task::{
    CommandItem, ParamItem, QueryBatchTask, Request, Response, Tag, error,
};
use iotdm_spec::wire::{BatchTaskOrigin, BatchTaskSelect, BatchTaskType};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_batch_task(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryBatchTask> {
    // Two rows for a bad request: a blank id is the illegal one, a bad `select` the other.
    if call.task_id.trim().is_empty() {
        return Err(error::ILLEGAL_REQUEST);
    }
    let task = world.batch_tasks.find(&caller.owner, &call.task_id).ok_or(error::TASK_NOT_EXISTED)?;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let per_mille = |count: usize| Some(number(count * 1000 / task.total().max(1)));
    let counts = task.counts;
    let tag = |tag: &create_batch_task::Tag| Tag {
        tag_name: Some(tag.tag_name.clone()),
        tag_value: Some(tag.tag_value.clone()),
    };
    Ok(Response {
        app_id: task.application.to_string(),
        task_id: task.id.to_string(),
        task_name: Some(task.name.clone()),
        operator: Some(task.operator.to_string()),
        //= 1.10.2/rule/task-from
        task_from: Some(BatchTaskOrigin::Northbound),
        task_type: Some(BatchTaskType::DeviceCmd),
        status: task.status,
        //= 1.10.2/rule/start-time-is-creation
        start_time: Some(task.created.to_string()),
        //= 1.10.2/rule/timeout-seconds
        timeout: i64::try_from(task.timeout.as_secs()).unwrap_or(i64::MAX),
        //= 1.10.2/rule/progress-per-mille
        progress: per_mille(counts.complete()),
        total_cnt: Some(number(task.total())),
        success_cnt: Some(number(counts.success)),
        fail_cnt: Some(number(counts.fail)),
        timeout_cnt: Some(number(counts.timeout)),
        //= 1.10.2/rule/expired-count
        expired_cnt: Some(number(counts.expired)),
        complete_cnt: Some(number(counts.complete())),
        //= 1.10.2/rule/success-rate-per-mille
        success_rate: per_mille(counts.success),
        param: Some(param(&task.param)),
        //= 1.10.2/rule/select-optional-values
        tags: (call.select == Some(BatchTaskSelect::Tag)).then(|| task.tags.iter().map(tag).collect()),
    })
}

/// The parameters as they were given.
fn param(given: &create_batch_task::ParamItem) -> ParamItem {
    let given = given.clone();
    ParamItem {
        kind: Some(given.kind),
        device_list: given.device_list.unwrap_or_default(),
        device_type: given.device_type,
        manufacturer_id: given.manufacturer_id,
        model: given.model,
        device_location: given.device_location,
        group_list: given.group_list.unwrap_or_default(),
        command: Some(CommandItem {
            service_id: given.command.service_id,
            method: Some(given.command.method),
            paras: given.command.paras,
        }),
        callback_url: given.callback_url.unwrap_or_default(),
        max_retransmit: given.max_retransmit,
        group_tag: given.group_tag,
    }
}
