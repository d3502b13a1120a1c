//! 1.8.3 A device's information or status changed.

use std::sync::Arc;

use iotdm_spec::notifications::device_info_changed::{Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::notifications::{device_info, push};
use crate::world::World;

pub(crate) fn device_info_changed(world: &mut World, id: &str) {
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::DeviceInfoChanged,
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        device_info: device_info(device, device.status, device.status_detail),
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
