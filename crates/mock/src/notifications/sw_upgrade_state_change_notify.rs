//! 1.8.15 A device is at another step of a software upgrade.

use iotdm_spec::notifications::sw_upgrade_state_change_notify::{Message, NOTIFICATION};
use iotdm_spec::wire::{NotifyType, UpgradeState};

use crate::notifications::{UpgradeOf, push};
use crate::world::World;

pub(crate) fn sw_upgrade_state_change_notify(world: &mut World, of: &UpgradeOf, state: UpgradeState) {
    let message = Message {
        notify_type: NotifyType::SwUpgradeStateChangeNotify,
        device_id: of.device.to_string(),
        app_id: of.application.to_string(),
        operation_id: of.operation.to_string(),
        sub_operation_id: of.sub_operation.to_string(),
        sw_upgrade_state: state,
    };
    push(world, &NOTIFICATION, &of.device, &of.application, &message);
}
