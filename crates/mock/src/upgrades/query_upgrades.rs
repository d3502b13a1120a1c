//! 1.12.8 Query the upgrade tasks.

use iotdm_spec::upgrades::query_upgrades::{OperationInfo, QueryUpgrades, Request, Response};

use super::{policy, sta_result, targets};
use crate::routes::Answer;
use crate::upgrade::Operation;
use crate::world::{Caller, World};

/// An application without such operations has an empty list.
pub(crate) fn query_upgrades(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryUpgrades> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(10);
    let same = |wanted: &Option<String>, has: &String| wanted.as_ref().is_none_or(|wanted| wanted == has);
    // The devices that an operation is for are those that its package is for.
    let wanted = |operation: &&Operation| {
        call.operation_type.is_none_or(|kind| kind == operation.kind)
            && call.operation_status.is_none_or(|status| status == operation.status())
            && same(&call.device_type, &operation.series.device_type)
            && same(&call.model, &operation.series.model)
            && same(&call.manufacturer_name, &operation.series.manufacturer_name)
            && call.device_id.as_ref().is_none_or(|device| operation.of_device(device).is_some())
    };
    let matches: Vec<&Operation> = world.upgrades.newest_of(&caller.owner).filter(wanted).collect();
    //= 1.12.8/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.12.8/rule/total-count-all
        total_count: i64::try_from(matches.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        data: matches.into_iter().skip(skip).take(take).map(row).collect(),
    })
}

fn row(operation: &Operation) -> OperationInfo {
    OperationInfo {
        operation_id: operation.id.to_string(),
        create_time: Some(operation.created.to_string()),
        start_time: operation.started.map(|at| at.to_string()),
        stop_time: operation.stopped.map(|at| at.to_string()),
        operate_type: Some(operation.kind),
        targets: Some(targets(operation)),
        policy: Some(policy(operation)),
        status: operation.status(),
        sta_result: Some(sta_result(operation)),
        // Neither kind of operation has any.
        extend_para: None,
    }
}
