//! 1.11.6 Query the members of a device group.

use iotdm_spec::groups::query_group_members::{QueryGroupMembers, Request, Response, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_group_members(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryGroupMembers> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(10);
    let group = world.groups.find(&caller.owner, &call.dev_group_id).ok_or(error::GROUP_NOT_EXISTED)?;
    //= 1.11.6/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.11.6/rule/total-count-all
        total_count: group.size(),
        page_no,
        page_size,
        device_ids: group.newest_members().skip(skip).take(take).map(ToString::to_string).collect(),
    })
}
