//! 1.11.4 Query the device groups.

use iotdm_spec::groups::query_groups::{QueryDevGroupDTOCloud, QueryGroups, Request, Response};

use crate::group::Group;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_groups(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryGroups> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(1);
    // The name filters exactly.
    let matches: Vec<&Group> = world
        .groups
        .newest_of(&caller.owner)
        .filter(|group| call.name.as_ref().is_none_or(|name| *name == group.name))
        .collect();
    //= 1.11.4/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.11.4/rule/total-count-all
        total_count: i64::try_from(matches.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        list: matches.into_iter().skip(skip).take(take).map(row).collect(),
    })
}

fn row(group: &Group) -> QueryDevGroupDTOCloud {
    QueryDevGroupDTOCloud {
        name: Some(group.name.clone()),
        description: group.description.clone(),
        id: Some(group.id.to_string()),
        app_id: group.application.to_string(),
        max_dev_num: Some(group.max_devices),
        //= 1.11.4/rule/cur-dev-num
        cur_dev_num: Some(group.size()),
        //= 1.11.4/rule/creator-is-user
        creator: Some(group.creator.to_string()),
    }
}
