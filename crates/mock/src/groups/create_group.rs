//! 1.11.1 Create a device group.

use std::sync::Arc;

use iotdm_spec::groups::create_group::{CreateGroup, Request, Response, error};

use crate::group::Group;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn create_group(world: &mut World, caller: &Caller, call: Request) -> Answer<CreateGroup> {
    let max_devices = call.max_dev_num.unwrap_or(0);
    let wanted = call.device_ids.unwrap_or_default();
    // Unknown devices, and such as are in another group.
    //= 1.11.1/rule/one-group-per-device
    let devices = world.groupable(caller, None, &wanted).ok_or(error::INPUT_INVALID)?;
    if world.groups.by_name(&caller.owner, &call.name).is_some() {
        return Err(error::GROUP_NAME_USED);
    }
    //= 1.11.1/rule/group-quota
    let limit = world.applications.find(&caller.owner).and_then(|application| application.group_limit);
    if limit.is_some_and(|limit| world.groups.count_of(&caller.owner) >= limit) {
        return Err(error::GROUP_LIMIT_REACHED);
    }
    //= 1.11.1/rule/zero-unlimited
    let size = i64::try_from(devices.len()).unwrap_or(i64::MAX);
    if !Group::fits(max_devices, size) {
        return Err(error::TOO_MANY_DEVICES);
    }
    let id: Arc<str> = world.mint.uuid().into();
    let mut group = Group::new(Arc::clone(&id), Arc::clone(&caller.owner), Arc::clone(&caller.id), call.name.clone());
    group.description.clone_from(&call.description);
    group.max_devices = max_devices;
    world.groups.add(group);
    //= 1.11.1/rule/initial-members
    for device in &devices {
        world.groups.join(&id, device);
    }
    Ok(Response {
        name: Some(call.name),
        description: call.description,
        id: Some(id.to_string()),
        app_id: caller.owner.to_string(),
        max_dev_num: Some(max_devices),
        //= 1.11.1/rule/cur-dev-num
        cur_dev_num: Some(size),
        device_ids: devices.iter().map(ToString::to_string).collect(),
    })
}
