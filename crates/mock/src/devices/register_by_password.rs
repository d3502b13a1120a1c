//! 1.5.2 Register a device (password).

use std::sync::Arc;

use iotdm_spec::devices::register_by_password::{DeviceInfo, RegisterByPassword, Request, Response, error};

use crate::device::{Attributes, Device, NewDevice};
use crate::notifications::device_added::device_added;
use crate::product::Product;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn register_by_password(world: &mut World, caller: &Caller, call: Request) -> Answer<RegisterByPassword> {
    let product = match &call.product_id {
        Some(id) => Some(world.product_for(caller, id).ok_or(error::PRODUCT_NOT_EXISTED)?),
        None => by_series(world, caller, &call.device_info),
    };
    let (product, attributes) = described(product, &call.device_info);
    if world.devices.by_node_id(&call.device_info.node_id).is_some() {
        return Err(error::NODE_ID_DUPLICATED);
    }
    if let Some(application) = world.applications.find(&caller.owner) {
        if !application.licensed {
            return Err(error::LICENSE_NOT_EXISTED);
        }
        if application.device_limit.is_some_and(|limit| world.devices.count_of(&caller.owner) >= limit) {
            return Err(error::DEVICE_LIMIT_REACHED);
        }
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
    Ok(Response { device_id: id.to_string(), psk, secret })
}

/// The product that the model series names, if it names one.
fn by_series<'w>(world: &'w World, caller: &Caller, info: &DeviceInfo) -> Option<&'w Product> {
    let model = info.model.as_ref()?;
    let agrees = |given: &Option<String>, has: &String| given.as_ref().is_none_or(|given| given == has);
    world.products.values().find(|product| {
        product.application == caller.owner
            && &product.model == model
            && agrees(&info.manufacturer_id, &product.manufacturer_id)
            && agrees(&info.manufacturer_name, &product.manufacturer_name)
            && agrees(&info.device_type, &product.device_type)
    })
}

/// The device's attributes: what the call says, else what its product says.
fn described(product: Option<&Product>, info: &DeviceInfo) -> (Option<Arc<str>>, Attributes) {
    let or = |given: &Option<String>, of: fn(&Product) -> &String| {
        given.clone().or_else(|| product.map(|product| of(product).clone()))
    };
    let attributes = Attributes {
        name: info.name.clone(),
        manufacturer_id: or(&info.manufacturer_id, |p| &p.manufacturer_id),
        manufacturer_name: or(&info.manufacturer_name, |p| &p.manufacturer_name),
        device_type: or(&info.device_type, |p| &p.device_type),
        model: or(&info.model, |p| &p.model),
        protocol_type: or(&info.protocol_type.map(|protocol| protocol.as_str().to_owned()), |p| &p.protocol),
        ..Attributes::default()
    };
    (product.map(|product| Arc::clone(&product.id)), attributes)
}
