//! 1.11.8 Delete members from a device group.

use std::sync::Arc;

use iotdm_spec::groups::delete_group_members::{DeleteGroupMembers, Request, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

/// All of them or none.
pub(crate) fn delete_group_members(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteGroupMembers> {
    // An empty list removes nothing.
    if call.device_ids.is_empty() {
        return Err(error::INPUT_INVALID);
    }
    let group = world.groups.find(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    let id = Arc::clone(&group.id);
    if call.device_ids.iter().any(|device| world.groups.of_device(device) != Some(&id)) {
        return Err(error::GROUP_PARAMETER_INVALID);
    }
    for device in &call.device_ids {
        world.groups.leave(device);
    }
    Ok(())
}
