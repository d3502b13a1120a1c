//! 1.11.3 Modify a device group.

use iotdm_spec::groups::modify_group::{ModifyGroup, Request, Response, error};

use crate::group::Group;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn modify_group(world: &mut World, caller: &Caller, call: Request) -> Answer<ModifyGroup> {
    // A group may keep its own name.
    let same_name = world.groups.by_name(&caller.owner, &call.name);
    let taken = same_name.is_some_and(|group| *group.id != *call.dev_group_id);
    let group = world.groups.find_mut(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    if taken {
        return Err(error::GROUP_NAME_USED);
    }
    // What is absent stays as it is.
    let max_devices = call.max_dev_num.unwrap_or(group.max_devices);
    //= 1.11.3/rule/zero-unlimited
    if !Group::fits(max_devices, group.size()) {
        return Err(error::GROUP_FULL);
    }
    group.name = call.name;
    group.max_devices = max_devices;
    if call.description.is_some() {
        group.description = call.description;
    }
    Ok(Response {
        name: Some(group.name.clone()),
        description: group.description.clone(),
        id: Some(group.id.to_string()),
        app_id: group.application.to_string(),
        max_dev_num: Some(group.max_devices),
        //= 1.11.3/rule/cur-dev-num
        cur_dev_num: Some(group.size()),
    })
}
