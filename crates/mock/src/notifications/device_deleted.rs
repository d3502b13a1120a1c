//! 1.8.9 A device was deleted.

use iotdm_spec::notifications::device_deleted::{Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::device::Device;
use crate::notifications::push;
use crate::world::World;

pub(crate) fn device_deleted(world: &mut World, device: &Device) {
    let message = Message {
        notify_type: NotifyType::DeviceDeleted,
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
    };
    push(world, &NOTIFICATION, &device.id, &device.application, &message);
}
