//! 1.12.1 to 1.12.8 Version packages, and the upgrades of software and firmware.

use iotdm_spec::upgrades::query_upgrade::{OperateDevices, OperatePolicy, OperationStaResult};

use crate::upgrade::Operation;

pub(crate) mod create_firmware_upgrade;
pub(crate) mod create_software_upgrade;
pub(crate) mod delete_package;
pub(crate) mod query_package;
pub(crate) mod query_packages;
pub(crate) mod query_upgrade;
pub(crate) mod query_upgrade_details;
pub(crate) mod query_upgrades;

/// The targets as the application named them (1.12.6, line 6379).
fn targets(operation: &Operation) -> OperateDevices {
    let targets = operation.targets.clone();
    OperateDevices {
        //= 1.12.6/rule/groups-or-devices
        //= 1.12.6/rule/groups-by-name
        //= 1.12.8/rule/groups-or-devices
        device_groups: targets.groups,
        //= 1.12.6/rule/group-details
        //= 1.12.8/rule/group-details
        device_type: targets.device_type,
        model: targets.model,
        manufacturer_name: targets.manufacturer_name,
        devices: targets.devices,
    }
}

/// The policy, with what the platform assumes where the application said nothing (1.12.6, line 6380).
fn policy(operation: &Operation) -> OperatePolicy {
    let policy = operation.policy;
    OperatePolicy {
        execute_type: Some(policy.execute),
        //= 1.12.6/rule/custom-times
        //= 1.12.8/rule/custom-times
        start_time: policy.window.map(|window| window.start.to_string()),
        end_time: policy.window.map(|window| window.end.to_string()),
        retry_type: Some(policy.retries > 0),
        //= 1.12.6/rule/retry-times
        //= 1.12.8/rule/retry-times
        retry_times: Some(i64::from(policy.retries)).filter(|times| *times > 0),
    }
}

/// How many devices are where (1.12.6, line 6389).
fn sta_result(operation: &Operation) -> OperationStaResult {
    let tally = operation.tally();
    //= 1.12.6/rule/sta-result-counts
    //= 1.12.8/rule/sta-result-counts
    OperationStaResult {
        total: Some(tally.total()),
        wait: Some(tally.wait),
        processing: Some(tally.processing),
        success: Some(tally.success),
        fail: Some(tally.fail),
        stop: Some(tally.stop),
        timeout: tally.timeout,
    }
}
