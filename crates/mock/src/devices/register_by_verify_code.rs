//! 1.5.1 Register a device (verification code).

use std::sync::Arc;

use iotdm_spec::devices::register_by_verify_code::{DeviceInfo, RegisterByVerifyCode, Request, Response, error};
use serde_json::Value;

use crate::device::{Device, NewDevice};
use crate::notifications::device_added::device_added;
use crate::registration::{self, Description, Quota};
use crate::routes::Answer;
use crate::simulated;
use crate::world::{Caller, World};

pub(crate) fn register_by_verify_code(
    world: &mut World,
    caller: &Caller,
    call: Request,
) -> Answer<RegisterByVerifyCode> {
    // A series of which the model is missing names no product.
    if call.product_id.is_none()
        && call.device_info.as_ref().is_some_and(|info| info.model.as_deref().is_none_or(str::is_empty))
    {
        return Err(error::INPUT_INVALID);
    }
    let description = description(call.device_info, call.device_name);
    let product = match &call.product_id {
        Some(id) => Some(world.product_for(caller, id).ok_or(error::PRODUCT_NOT_EXISTED)?),
        None => description.product(world, caller),
    };
    let (product, mut attributes) = description.attributes(product);
    attributes.imsi = call.imsi;
    if let Some(other) = world.devices.by_node_id(&call.node_id) {
        // Two rows for one cause: which is meant tells whether the other device was ever there.
        return Err(if other.activated { error::DEVICE_ALREADY_BOUND } else { error::NODE_ID_DUPLICATED });
    }
    if call.verify_code.as_ref().is_some_and(|code| !world.devices.may_use_code(code, None)) {
        return Err(error::VERIFY_CODE_INVALID);
    }
    match registration::exceeded(world, caller) {
        Some(Quota::Licence) => return Err(error::LICENSE_NOT_EXISTED),
        Some(Quota::Licences) => return Err(error::LICENSE_EXHAUSTED),
        Some(Quota::Devices) => return Err(error::DEVICE_LIMIT_REACHED),
        None => {}
    }
    let secure = call.is_secure.unwrap_or(false);
    if !secure && registration::non_secure_full(world, &caller.owner) {
        return Err(error::NON_SECURE_LIMIT_REACHED);
    }
    //= 1.5.1/rule/device-id-assigned
    let id: Arc<str> = world.mint.uuid().into();
    //= 1.5.1/rule/psk-echo
    let psk = call.psk.unwrap_or_else(|| world.mint.psk());
    //= 1.5.1/rule/verify-code-echo
    let verify_code = call.verify_code.unwrap_or_else(|| registration::verify_code(world));
    let new = NewDevice {
        id: Arc::clone(&id),
        //= 1.5.1/rule/device-belongs-to-app
        application: Arc::clone(&caller.owner),
        gateway: None,
        node_id: call.node_id,
        product,
        attributes,
        // A device of this registration speaks LWM2M or CoAP: it has no password for MQTT.
        secret: world.mint.secret(),
        mqtt: false,
    };
    let mut device = Device::new(new, world.now);
    device.verify_code = Some(verify_code.clone());
    device.secure = secure;
    device.keep_setting("psk", Some(Value::from(psk.as_str())));
    device.keep_setting("endUser", call.end_user_id.map(Value::from));
    world.devices.add(device);
    //= 1.5.1/rule/timeout-zero-never-expires
    let timeout = call.timeout.unwrap_or(0);
    registration::expire_after(world, &id, timeout);
    device_added(world, &id);
    simulated::plan(world, &id);
    Ok(Response { device_id: id.to_string(), psk, timeout, verify_code })
}

/// The call's own words for what 1.5.2 says too; the name is spelt differently here.
fn description(info: Option<DeviceInfo>, name: Option<String>) -> Description {
    let Some(info) = info else { return Description { name, ..Description::default() } };
    Description {
        name,
        manufacturer_id: info.manufacturer_id,
        manufacturer_name: info.manufacturer_name,
        device_type: info.device_type,
        model: info.model,
        protocol_type: info.protocol_type,
    }
}
