//! 1.8 Pushes: who is told what.

use std::sync::Arc;

use bytes::Bytes;
use iotdm_spec::model::Notification;
use iotdm_spec::notifications::device_added::DeviceInfo;
use iotdm_spec::wire::{DeviceStatus, StatusDetail, Switch, UpgradeResult};
use serde::Serialize;

use crate::device::Device;
use crate::outbox::{Addressee, Effect, Push};
use crate::subscription::Subscription;
use crate::world::World;

pub(crate) mod bind_device;
pub(crate) mod command_rsp;
pub(crate) mod command_status_changed;
pub(crate) mod desired_properties_modify_status_changed;
pub(crate) mod device_added;
pub(crate) mod device_capabilities_added;
pub(crate) mod device_capabilities_changed;
pub(crate) mod device_capabilities_deleted;
pub(crate) mod device_data_changed;
pub(crate) mod device_datas_changed;
pub(crate) mod device_deleted;
pub(crate) mod device_info_changed;
pub(crate) mod fw_upgrade_result_notify;
pub(crate) mod fw_upgrade_state_change_notify;
pub(crate) mod message_confirm;
pub(crate) mod rule_event;
pub(crate) mod sw_upgrade_result_notify;
pub(crate) mod sw_upgrade_state_change_notify;

/// Stands for the device of a push that is about none.
const NO_DEVICE: &str = "";

/// What the pushes about the upgrade of a device name (1.8.15 to 1.8.18).
#[derive(Debug, Clone)]
pub(crate) struct UpgradeOf {
    pub(crate) device: Arc<str>,
    /// The application that the device belongs to.
    pub(crate) application: Arc<str>,
    pub(crate) operation: Arc<str>,
    pub(crate) sub_operation: Arc<str>,
}

/// How the upgrade of a device ended (1.8.16, 1.8.18).
#[derive(Debug)]
pub(crate) struct UpgradeEnd {
    pub(crate) result: UpgradeResult,
    /// Empty where the device never told its version.
    pub(crate) current_version: String,
    pub(crate) target_version: String,
    /// Empty where the device never told its version.
    pub(crate) source_version: String,
    /// How long it took.
    pub(crate) seconds: u64,
    /// In words.
    pub(crate) description: String,
    /// The status error code that the device reported.
    pub(crate) error_code: Option<String>,
}

/// Pushes a message about a device to every subscription to its type that may see the device: those
/// of its application, and of applications that this one has authorised.
fn push(
    world: &mut World,
    clause: &'static Notification,
    device: &Arc<str>,
    application: &Arc<str>,
    message: &impl Serialize,
) {
    let Some(notify_type) = clause.notify_type else { return };
    let addressed = |subscription: &Subscription| {
        let application = Arc::clone(&subscription.application);
        let addressee = Addressee { application, subscription: Some(Arc::clone(&subscription.id)) };
        (Arc::clone(&subscription.callback_url), addressee)
    };
    let addressed: Vec<_> = world
        .subscriptions
        .of_type(notify_type)
        .filter(|subscription| world.applications.may_see(&subscription.application, application))
        .map(addressed)
        .collect();
    if addressed.is_empty() {
        return;
    }
    // The message types hold strings, numbers and JSON objects only: they always serialise.
    let Ok(body) = serde_json::to_vec(message).map(Bytes::from) else { return };
    for (url, addressee) in addressed {
        let push = Push { clause, url, device: Arc::clone(device), addressee, body: body.clone() };
        world.outbox.push_back(Effect::Push(push));
    }
}

/// A device's information as pushes carry it (1.8.1, line 3045).
pub(crate) fn device_info(device: &Device, status: DeviceStatus, status_detail: StatusDetail) -> DeviceInfo {
    let a = device.attributes.clone();
    DeviceInfo {
        node_id: device.node_id.clone(),
        name: a.name,
        description: a.description,
        manufacturer_id: a.manufacturer_id,
        manufacturer_name: a.manufacturer_name,
        mac: a.mac,
        location: a.location,
        device_type: a.device_type,
        model: a.model,
        sw_version: a.sw_version,
        fw_version: a.fw_version,
        hw_version: a.hw_version,
        protocol_type: a.protocol_type,
        bridge_id: a.bridge_id,
        status: Some(status),
        status_detail: Some(status_detail),
        mute: Some(device.mute),
        supported_security: Some(device.supported_security()),
        is_security: Some(if device.secure { Switch::True } else { Switch::False }),
        signal_strength: a.signal_strength,
        sig_version: a.sig_version,
        serial_number: a.serial_number,
        battery_level: a.battery_level,
    }
}
