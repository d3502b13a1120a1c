//! 1.8.8 A product left the platform.

use std::sync::Arc;

use iotdm_spec::notifications::device_capabilities_deleted::{Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::notifications::{NO_DEVICE, push};
use crate::product::Product;
use crate::world::World;

pub(crate) fn device_capabilities_deleted(world: &mut World, product: &Product) {
    //= 1.8.8/rule/push-trigger
    let message = Message {
        notify_type: NotifyType::DeviceCapabilitiesDeleted,
        //= 1.8.8/rule/app-id-authorising
        app_id: product.application.to_string(),
        device_type: product.device_type.clone(),
        manufacturer_name: product.manufacturer_name.clone(),
        manufacturer_id: product.manufacturer_id.clone(),
        model: product.model.clone(),
        protocol_type: product.protocol.clone(),
    };
    push(world, &NOTIFICATION, &Arc::from(NO_DEVICE), &product.application, &message);
}
