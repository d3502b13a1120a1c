//! 1.10.1 Create a batch task.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::Refusal;
use iotdm_spec::batch_tasks::create_batch_task::{CreateBatchTask, ParamItem, Request, Response, error};
use iotdm_spec::wire::BatchTargetType;

use crate::batch_task::{self, NewTask};
use crate::device::Device;
use crate::group::Group;
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn create_batch_task(world: &mut World, caller: &Caller, call: Request) -> Answer<CreateBatchTask> {
    let devices = targets(world, caller, &call.param)?;
    let tags = call.tags.unwrap_or_default();
    let (tasks, owner) = (&world.batch_tasks, &caller.owner);
    // A group tag is known by the tasks that carry it: no call gives one to a group.
    if call.param.group_tag.as_deref().is_some_and(|tag| !tasks.has_tag(owner, tag, None)) {
        return Err(error::TAG_NOT_EXISTED);
    }
    //= 1.10.1/rule/unfinished-task-limit
    if tasks.is_full(owner) {
        return Err(error::TASK_LIMIT_REACHED);
    }
    if tasks.has_name(owner, &call.task_name) {
        return Err(error::TASK_NAME_USED);
    }
    if tags.iter().any(|tag| tasks.has_tag(owner, &tag.tag_name, Some(&tag.tag_value))) {
        return Err(error::TAG_USED);
    }
    //= 1.10.1/rule/timeout-minutes
    let minutes = u64::try_from(call.timeout).unwrap_or_default();
    let new =
        NewTask { name: call.task_name, timeout: Duration::from_secs(minutes * 60), param: call.param, tags, devices };
    Ok(Response { task_id: batch_task::create(world, caller, new).to_string() })
}

/// The devices that a task is for, each once. A target that is missing is an input error, one
/// that leads to no device at all a resource that is not there.
fn targets(world: &World, caller: &Caller, param: &ParamItem) -> Result<Vec<Arc<str>>, Refusal<CreateBatchTask>> {
    let text = |given: &Option<String>| given.clone().filter(|text| !text.is_empty()).ok_or(error::INPUT_INVALID);
    let list = |given: &Option<Vec<String>>| given.clone().filter(|list| !list.is_empty()).ok_or(error::INPUT_INVALID);
    let devices = match param.kind {
        BatchTargetType::DeviceList => {
            let listed = list(&param.device_list)?;
            // Of a list, the unknown ones fail one by one unless all are.
            if !listed.iter().any(|id| matches!(world.look_up(caller, id), Lookup::Own(_))) {
                return Err(error::RESOURCE_NOT_EXISTED);
            }
            listed.into_iter().map(Arc::from).collect()
        }
        BatchTargetType::DeviceType => {
            let device_type = text(&param.device_type)?;
            let is = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
            those(world, caller, |device| {
                let of = &device.attributes;
                of.device_type.as_ref() == Some(&device_type)
                    && is(&param.manufacturer_id, &of.manufacturer_id)
                    && is(&param.model, &of.model)
            })
        }
        BatchTargetType::DeviceArea => {
            let location = text(&param.device_location)?;
            those(world, caller, |device| device.attributes.location.as_ref() == Some(&location))
        }
        BatchTargetType::Broadcast => those(world, caller, |_| true),
        BatchTargetType::GroupIdList => {
            members(list(&param.group_list)?.iter().filter_map(|id| world.groups.find(&caller.owner, id)))
        }
        BatchTargetType::GroupList => {
            members(list(&param.group_list)?.iter().filter_map(|name| world.groups.by_name(&caller.owner, name)))
        }
    };
    let mut seen = BTreeSet::new();
    let once: Vec<_> = devices.into_iter().filter(|id| seen.insert(Arc::clone(id))).collect();
    if once.is_empty() { Err(error::RESOURCE_NOT_EXISTED) } else { Ok(once) }
}

fn those(world: &World, caller: &Caller, are: impl Fn(&Device) -> bool) -> Vec<Arc<str>> {
    let devices = world.devices.newest_of(&caller.owner);
    devices.filter(|device| are(device)).map(|device| Arc::clone(&device.id)).collect()
}

fn members<'a>(groups: impl Iterator<Item = &'a Group>) -> Vec<Arc<str>> {
    groups.flat_map(Group::newest_members).cloned().collect()
}
