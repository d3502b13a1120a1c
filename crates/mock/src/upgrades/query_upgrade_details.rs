//! 1.12.7 Query the sub-tasks of an upgrade task.

use iotdm_spec::Object;
use iotdm_spec::upgrades::query_upgrade_details::{QueryUpgradeDetails, Request, Response, SubOperationInfo, error};
use serde_json::Value;

use crate::routes::Answer;
use crate::upgrade::{Operation, SubOperation, version_of};
use crate::world::{Caller, World};

pub(crate) fn query_upgrade_details(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryUpgradeDetails> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(10);
    let operation = world.upgrades.find(&caller.owner, &call.operation_id).ok_or(error::UPGRADE_NOT_EXISTED)?;
    //= 1.12.7/rule/no-status-all
    let wanted = |sub: &&SubOperation| call.sub_operation_status.is_none_or(|status| status == sub.stage().status());
    let matches: Vec<&SubOperation> = operation.sub_operations().iter().filter(wanted).collect();
    //= 1.12.7/rule/first-page-zero
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.12.7/rule/total-count-all
        total_count: i64::try_from(matches.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        data: matches.into_iter().skip(skip).take(take).map(|sub| row(world, operation, sub)).collect(),
    })
}

fn row(world: &World, operation: &Operation, sub: &SubOperation) -> SubOperationInfo {
    SubOperationInfo {
        sub_operation_id: Some(sub.id.to_string()),
        create_time: Some(operation.created.to_string()),
        start_time: sub.started.map(|at| at.to_string()),
        stop_time: sub.stopped.map(|at| at.to_string()),
        operate_type: Some(operation.kind),
        device_id: sub.device.to_string(),
        status: sub.stage().status(),
        //= 1.12.7/rule/failure-reason
        detail_info: sub.detail.clone(),
        extend_para: Some(extend_para(world, operation, sub)),
    }
}

/// The members that the reference's sample shows (line 6530); what is not known yet is null.
fn extend_para(world: &World, operation: &Operation, sub: &SubOperation) -> Object {
    let current = world.devices.find(&sub.device).and_then(|device| version_of(&device.attributes, operation.kind));
    let seconds = |seconds: Option<u64>| seconds.map(|seconds| seconds.to_string());
    [
        ("upgradeTime", seconds(sub.upgrade_seconds())),
        ("sourceVersion", sub.source_version.clone()),
        ("curVersion", current.cloned()),
        ("downloadTime", seconds(sub.download_seconds)),
        ("targetVersion", Some(operation.version.clone())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.map_or(Value::Null, Value::from)))
    .collect()
}
