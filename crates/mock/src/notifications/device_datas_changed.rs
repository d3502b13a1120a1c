//! 1.8.5 A device reported data of several services at once.

use std::sync::Arc;

use iotdm_spec::notifications::device_datas_changed::{DeviceServiceData, Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::notifications::push;
use crate::world::World;

pub(crate) fn device_datas_changed(world: &mut World, id: &str, services: Vec<DeviceServiceData>) {
    let request_id = world.mint.hex(32);
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::DeviceDatasChanged,
        request_id,
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        services,
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
