//! 1.11.2 Delete a device group.

use std::sync::Arc;

use iotdm_spec::groups::delete_group::{DeleteGroup, Request, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn delete_group(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteGroup> {
    let group = world.groups.find(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    let id = Arc::clone(&group.id);
    world.groups.remove(&id);
    Ok(())
}
