//! 1.8.18 The firmware upgrade of a device is over.

use iotdm_spec::notifications::fw_upgrade_result_notify::{Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::notifications::{UpgradeEnd, UpgradeOf, push};
use crate::world::World;

pub(crate) fn fw_upgrade_result_notify(world: &mut World, of: &UpgradeOf, end: UpgradeEnd) {
    let message = Message {
        notify_type: NotifyType::FwUpgradeResultNotify,
        device_id: of.device.to_string(),
        app_id: of.application.to_string(),
        operation_id: of.operation.to_string(),
        sub_operation_id: of.sub_operation.to_string(),
        cur_version: end.current_version,
        target_version: end.target_version,
        source_version: end.source_version,
        status: end.result,
        status_desc: end.description,
        upgrade_time: end.seconds.to_string(),
    };
    push(world, &NOTIFICATION, &of.device, &of.application, &message);
}
