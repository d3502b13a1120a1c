//! 1.8.17 A device is at another step of a firmware upgrade.

use iotdm_spec::notifications::fw_upgrade_state_change_notify::{Message, NOTIFICATION};
use iotdm_spec::wire::{NotifyType, UpgradeState, UpgradeStep};

use crate::notifications::{UpgradeOf, push};
use crate::world::World;

pub(crate) fn fw_upgrade_state_change_notify(world: &mut World, of: &UpgradeOf, state: UpgradeState) {
    let step = match state {
        UpgradeState::Idle => UpgradeStep::Idle,
        UpgradeState::Downloading => UpgradeStep::Downloading,
        UpgradeState::Downloaded => UpgradeStep::Downloaded,
        UpgradeState::Updating => UpgradeStep::Updating,
    };
    let message = Message {
        notify_type: NotifyType::FwUpgradeStateChangeNotify,
        device_id: of.device.to_string(),
        app_id: of.application.to_string(),
        operation_id: of.operation.to_string(),
        sub_operation_id: of.sub_operation.to_string(),
        step,
        step_desc: state,
    };
    push(world, &NOTIFICATION, &of.device, &of.application, &message);
}
