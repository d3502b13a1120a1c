//! 1.8.4 A device reported data of one service.

use std::sync::Arc;

use iotdm_spec::notifications::device_data_changed::{DeviceServiceData, Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::notifications::push;
use crate::world::World;

pub(crate) fn device_data_changed(world: &mut World, id: &str, service: DeviceServiceData) {
    // By far the most frequent push: where nobody wants it, it is not made.
    if world.subscriptions.of_type(NotifyType::DeviceDataChanged).next().is_none() {
        return;
    }
    let request_id = world.mint.hex(32);
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::DeviceDataChanged,
        request_id: Some(request_id),
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        service,
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
