//! 1.5.4 Modify a device's information.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::Refusal;
use iotdm_spec::devices::modify_device::{ModifyDevice, Request, error};
use iotdm_spec::wire::{Protocol, Switch};
use serde_json::Value;

use crate::clock::Moment;
use crate::device::Device;
use crate::notifications::device_info;
use crate::notifications::device_info_changed::device_info_changed;
use crate::product::Product;
use crate::registration::{self, Description};
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

const DAY: u64 = 24 * 3600;

pub(crate) fn modify_device(world: &mut World, caller: &Caller, call: Request) -> Answer<ModifyDevice> {
    let id = match world.look_up(caller, &call.device_id) {
        Lookup::Own(device) => Arc::clone(&device.id),
        Lookup::Foreign => return Err(error::DEVICE_DATA_NOT_EXISTED),
        Lookup::Unknown => return Err(error::DEVICE_NOT_EXISTED),
    };
    // The table has no row for products: an unknown one is an input error.
    let known = |product: &String| world.product_for(caller, product).map(|product| Arc::clone(&product.id));
    let product = match &call.product_id {
        Some(product) => Some(known(product).ok_or(error::COMMAND_INPUT_INVALID)?),
        None => None,
    };
    judge_limits(world, &id, &call)?;
    let product = product.or_else(|| of_series(world, caller, &id, &call));
    let told = product.as_deref().and_then(|id| world.products.find(id)).cloned();
    let now = world.now;
    let device = world.devices.find_mut(&id).ok_or(error::DEVICE_NOT_EXISTED)?;
    let (shown, unshown) = (device_info(device, device.status, device.status_detail), unshown(device));
    if let Some(product) = told.filter(|product| device.product.as_ref() != Some(&product.id)) {
        adopt(device, &product);
    }
    describe(device, &call);
    equip(device, call, product, now);
    let shown_changed = device_info(device, device.status, device.status_detail) != shown;
    if shown_changed || self::unshown(device) != unshown {
        device.modified = now;
    }
    // Once for each call that changes what the push shows.
    if shown_changed {
        device_info_changed(world, &id);
    }
    Ok(())
}

/// The product that a device without one gets by its series, once that is whole: 1.5.4 can supply what the
/// registration left out.
fn of_series(world: &World, caller: &Caller, id: &str, call: &Request) -> Option<Arc<str>> {
    let device = world.devices.find(id).filter(|device| device.product.is_none())?;
    let a = &device.attributes;
    let or = |given: &Option<String>, has: &Option<String>| given.clone().or_else(|| has.clone());
    let protocol_type = call.protocol_type.or_else(|| a.protocol_type.as_deref().and_then(Protocol::parse));
    let series = Description {
        manufacturer_id: or(&call.manufacturer_id, &a.manufacturer_id),
        manufacturer_name: or(&call.manufacturer_name, &a.manufacturer_name),
        device_type: or(&call.device_type, &a.device_type),
        model: or(&call.model, &a.model),
        protocol_type,
        ..Description::default()
    };
    series.product(world, caller).map(|product| Arc::clone(&product.id))
}

/// A device of another product is what that product says, as after a registration; what the call says
/// comes after that.
fn adopt(device: &mut Device, product: &Product) {
    let a = &mut device.attributes;
    a.manufacturer_id = Some(product.manufacturer_id.clone());
    a.manufacturer_name = Some(product.manufacturer_name.clone());
    a.device_type = Some(product.device_type.clone());
    a.model = Some(product.model.clone());
    a.protocol_type = Some(product.protocol.clone());
}

/// Whether the application may have one more frozen device, or one more that is not secure.
fn judge_limits(world: &World, id: &str, call: &Request) -> Result<(), Refusal<ModifyDevice>> {
    let device = world.devices.find(id).ok_or(error::DEVICE_NOT_EXISTED)?;
    let freezes = call.mute == Some(Switch::True) && device.mute == Switch::False;
    if freezes && registration::frozen_full(world, &device.application) {
        return Err(error::FROZEN_LIMIT_REACHED);
    }
    let exposes = call.is_secure == Some(false) && device.secure;
    if exposes && registration::non_secure_full(world, &device.application) {
        return Err(error::NON_SECURE_LIMIT_REACHED);
    }
    Ok(())
}

/// What 1.5.4 can change and the push of 1.8.3 doesn't show.
fn unshown(device: &Device) -> impl PartialEq + use<> {
    (device.product.clone(), device.attributes.imsi.clone(), device.settings.clone(), device.data_aging)
}

/// The members that answers and pushes show. What is absent stays as it is.
fn describe(device: &mut Device, call: &Request) {
    let protocol = call.protocol_type.map(|protocol| protocol.as_str().to_owned());
    let a = &mut device.attributes;
    let members = [
        (&mut a.name, &call.name),
        (&mut a.location, &call.location),
        (&mut a.device_type, &call.device_type),
        (&mut a.manufacturer_id, &call.manufacturer_id),
        (&mut a.manufacturer_name, &call.manufacturer_name),
        (&mut a.model, &call.model),
        (&mut a.imsi, &call.imsi),
        (&mut a.protocol_type, &protocol),
    ];
    for (member, given) in members {
        if given.is_some() {
            member.clone_from(given);
        }
    }
    //= 1.5.4/rule/mute-freezes
    device.mute = call.mute.unwrap_or(device.mute);
    // Its default belongs to a registration: here absent means unchanged.
    device.secure = call.is_secure.unwrap_or(device.secure);
}

/// The product, the ageing of its data, and the members that the platform only keeps.
fn equip(device: &mut Device, call: Request, product: Option<Arc<str>>, now: Moment) {
    if product.is_some() {
        device.product = product;
    }
    let days = call.device_config.and_then(|config| config.data_config).and_then(|config| config.data_aging_time);
    if let Some(days) = days {
        // What has aged already does not come back.
        device.forget_aged(now);
        //= 1.5.4/rule/data-aging-days
        // What 0 days mean is left open: here data don't age then.
        device.data_aging =
            u64::try_from(days).ok().filter(|days| *days > 0).map(|days| Duration::from_secs(days * DAY));
    }
    let texts = [
        ("endUser", call.end_user),
        ("organization", call.organization),
        ("region", call.region),
        ("timezone", call.timezone),
        ("ip", call.ip),
        ("psk", call.psk),
    ];
    for (name, text) in texts {
        device.keep_setting(name, text.map(Value::from));
    }
    // Either list replaces the earlier one.
    device.keep_setting("tags", call.tags.and_then(|tags| serde_json::to_value(tags).ok()));
    device.keep_setting("customFields", call.custom_fields.and_then(|fields| serde_json::to_value(fields).ok()));
}
