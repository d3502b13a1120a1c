//! 1.8.16 The software upgrade of a device is over.

use iotdm_spec::notifications::sw_upgrade_result_notify::{Message, NOTIFICATION};
use iotdm_spec::wire::{NotifyType, UpgradeResult};

use crate::notifications::{UpgradeEnd, UpgradeOf, push};
use crate::world::World;

pub(crate) fn sw_upgrade_result_notify(world: &mut World, of: &UpgradeOf, end: UpgradeEnd) {
    let failed = end.result == UpgradeResult::Fail;
    let message = Message {
        notify_type: NotifyType::SwUpgradeResultNotify,
        device_id: of.device.to_string(),
        app_id: of.application.to_string(),
        operation_id: of.operation.to_string(),
        sub_operation_id: of.sub_operation.to_string(),
        cur_version: end.current_version,
        target_version: end.target_version,
        source_version: end.source_version,
        sw_upgrade_result: end.result,
        upgrade_time: end.seconds.to_string(),
        result_desc: end.description.clone(),
        //= 1.8.16/rule/error-code-from-device
        error_code: end.error_code,
        // A success has no cause of an error.
        description: Some(end.description).filter(|_| failed),
    };
    push(world, &NOTIFICATION, &of.device, &of.application, &message);
}
