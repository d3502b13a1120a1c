//! 1.11.7 Add members to a device group.

use std::sync::Arc;

use iotdm_spec::groups::add_group_members::{AddGroupMembers, Request, Response, error};

use crate::group::Group;
use crate::routes::Answer;
use crate::world::{Caller, World};

/// All of them or none.
pub(crate) fn add_group_members(world: &mut World, caller: &Caller, call: Request) -> Answer<AddGroupMembers> {
    // An empty list adds nothing.
    if call.device_ids.is_empty() {
        return Err(error::INPUT_INVALID);
    }
    let group = world.groups.find(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    //= 1.11.7/rule/one-group-per-device
    let devices = world.groupable(caller, Some(&group.id), &call.device_ids).ok_or(error::GROUP_PARAMETER_INVALID)?;
    // Who is in the group already stays in it.
    let new: Vec<&Arc<str>> = devices.iter().filter(|id| world.groups.of_device(id).is_none()).collect();
    let joining = i64::try_from(new.len()).unwrap_or(i64::MAX);
    if !Group::fits(group.max_devices, group.size().saturating_add(joining)) {
        return Err(error::GROUP_FULL);
    }
    for device in new {
        world.groups.join(&call.dev_group_id, device);
    }
    Ok(Response { dev_group_id: call.dev_group_id, device_ids: devices.iter().map(ToString::to_string).collect() })
}
