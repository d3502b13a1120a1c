//! 1.5.2 Register a device (password).

use std::sync::Arc;

use iotdm_spec::devices::register_by_password::{DeviceInfo, RegisterByPassword, Request, Response, error};

use crate::device::{Device, NewDevice};
use crate::notifications::device_added::device_added;
use crate::registration::{self, Description, Quota};
use crate::routes::Answer;
use crate::simulated;
use crate::world::{Caller, World};

pub(crate) fn register_by_password(world: &mut World, caller: &Caller, call: Request) -> Answer<RegisterByPassword> {
    let description = description(&call.device_info);
    let product = match &call.product_id {
        Some(id) => Some(world.product_for(caller, id).ok_or(error::PRODUCT_NOT_EXISTED)?),
        None => description.product(world, caller),
    };
    let (product, attributes) = description.attributes(product);
    if world.devices.by_node_id(&call.device_info.node_id).is_some() {
        return Err(error::NODE_ID_DUPLICATED);
    }
    match registration::exceeded(world, caller) {
        // The table has one row for both: there is no licence for this device.
        Some(Quota::Licence | Quota::Licences) => return Err(error::LICENSE_NOT_EXISTED),
        Some(Quota::Devices) => return Err(error::DEVICE_LIMIT_REACHED),
        None => {}
    }
    let id: Arc<str> = world.mint.uuid().into();
    //= 1.5.2/rule/secret-echo
    let secret = call.secret.unwrap_or_else(|| world.mint.secret());
    let psk = world.mint.psk();
    let device = NewDevice {
        id: Arc::clone(&id),
        application: Arc::clone(&caller.owner),
        gateway: None,
        node_id: call.device_info.node_id,
        product,
        attributes,
        secret: secret.clone(),
        // Absent means true: this registration is for MQTT devices only.
        mqtt: call.mqtt_connect.unwrap_or(true),
    };
    world.devices.add(Device::new(device, world.now));
    device_added(world, &id);
    simulated::plan(world, &id);
    Ok(Response { device_id: id.to_string(), psk, secret })
}

/// What the call says of the device.
fn description(info: &DeviceInfo) -> Description {
    let info = info.clone();
    Description {
        name: info.name,
        manufacturer_id: info.manufacturer_id,
        manufacturer_name: info.manufacturer_name,
        device_type: info.device_type,
        model: info.model,
        protocol_type: info.protocol_type,
    }
}
