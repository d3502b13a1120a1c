//! 1.12.5 Create a firmware upgrade task.

use iotdm_spec::clause::Refusal;
use iotdm_spec::upgrades::create_firmware_upgrade::{CreateFirmwareUpgrade, Request, Response, error};
use iotdm_spec::wire::OperateType;

use crate::routes::Answer;
use crate::upgrade::{self, Fault, Order};
use crate::world::{Caller, World};

pub(crate) fn create_firmware_upgrade(
    world: &mut World,
    caller: &Caller,
    call: Request,
) -> Answer<CreateFirmwareUpgrade> {
    let kind = OperateType::FirmwareUpgrade;
    let order = Order { kind, file_id: call.file_id, targets: call.targets, policy: call.policy };
    let operation = upgrade::plan(world, caller, order).map_err(row)?;
    let operation_id = operation.id.to_string();
    upgrade::start(world, operation);
    Ok(Response { operation_id })
}

const fn row(fault: Fault) -> Refusal<CreateFirmwareUpgrade> {
    match fault {
        Fault::NoTargets => error::TARGETS_NULL,
        Fault::BothTargets => error::TARGETS_AMBIGUOUS,
        Fault::NoDeviceType => error::DEVICE_TYPE_NULL,
        Fault::NoModel => error::MODEL_NULL,
        Fault::NoManufacturerName => error::MANUFACTURER_NAME_NULL,
        Fault::NoTime => error::START_OR_END_TIME_INVALID,
        Fault::NoRetryTimes => error::RETRY_TIMES_INVALID,
        Fault::StartAfterEnd => error::START_AFTER_END,
        Fault::StartInThePast => error::START_IN_THE_PAST,
        Fault::WindowTooShort => error::WINDOW_TOO_SHORT,
        Fault::NotFound => error::DEVICE_OR_PACKAGE_NOT_FOUND,
        Fault::Mismatch => error::TARGET_VERSION_MISMATCH,
    }
}
