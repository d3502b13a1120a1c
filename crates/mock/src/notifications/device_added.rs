//! 1.8.1 A device was registered.

use std::sync::Arc;

use iotdm_spec::notifications::device_added::{Message, NOTIFICATION};
use iotdm_spec::wire::{DeviceStatus, NotifyType, StatusDetail};

use crate::notifications::{device_info, push};
use crate::world::World;

pub(crate) fn device_added(world: &mut World, id: &str) {
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::DeviceAdded,
        device_id: device.id.to_string(),
        gateway_id: Some(device.gateway.to_string()),
        node_type: device.node_type,
        // Here, and only here, a device that never connected is OFFLINE.
        device_info: device_info(device, DeviceStatus::Offline, StatusDetail::NotActive),
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
