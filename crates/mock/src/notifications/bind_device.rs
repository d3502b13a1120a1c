//! 1.8.2 A device was bound, or its registration expired.

use std::sync::Arc;

use iotdm_spec::notifications::bind_device::{Message, NOTIFICATION};
use iotdm_spec::wire::{BindResult, NotifyType};

use crate::notifications::{device_info, push};
use crate::world::World;

pub(crate) fn bind_device(world: &mut World, id: &str, result: BindResult) {
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::BindDevice,
        device_id: device.id.to_string(),
        result_code: result,
        device_info: Some(device_info(device, device.status, device.status_detail)),
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
