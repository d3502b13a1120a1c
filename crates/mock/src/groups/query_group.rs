//! 1.11.5 Query one device group.

use iotdm_spec::groups::query_group::{QueryGroup, Request, Response, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_group(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryGroup> {
    let group = world.groups.find(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    Ok(Response {
        name: Some(group.name.clone()),
        description: group.description.clone(),
        id: Some(group.id.to_string()),
        app_id: group.application.to_string(),
        max_dev_num: Some(group.max_devices),
        //= 1.11.5/rule/cur-dev-num
        cur_dev_num: Some(group.size()),
        //= 1.11.5/rule/creator-is-user
        creator: Some(group.creator.to_string()),
    })
}
