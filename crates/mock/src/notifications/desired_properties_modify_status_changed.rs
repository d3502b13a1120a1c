//! 1.8.14 What is desired of a device has reached it, or has failed to.

use std::sync::Arc;

use iotdm_spec::notifications::desired_properties_modify_status_changed::{Message, NOTIFICATION};
use iotdm_spec::wire::{NotifyType, ShadowSyncStatus};

use crate::notifications::push;
use crate::world::World;

pub(crate) fn desired_properties_modify_status_changed(
    world: &mut World,
    id: &str,
    service: &str,
    status: ShadowSyncStatus,
) {
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::DeviceDesiredPropertiesModifyStatusChanged,
        device_id: device.id.to_string(),
        service_id: service.to_owned(),
        // What the service is wanted to be, as a whole.
        //= 1.8.14/rule/properties-of-shadow
        properties: device.shadow.desired.get(service).cloned().unwrap_or_default(),
        status,
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
