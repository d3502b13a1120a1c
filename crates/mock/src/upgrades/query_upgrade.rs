//! 1.12.6 Query one upgrade task.

use iotdm_spec::upgrades::query_upgrade::{QueryUpgrade, Request, Response, error};

use super::{policy, sta_result, targets};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_upgrade(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryUpgrade> {
    let operation = world.upgrades.find(&caller.owner, &call.operation_id).ok_or(error::UPGRADE_NOT_EXISTED)?;
    Ok(Response {
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
    })
}
