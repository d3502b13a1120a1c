//! 1.5.9 Query a device shadow.

use std::collections::BTreeSet;

use iotdm_spec::devices::query_shadow::{DeviceInfo, Deviceserviceb, QueryShadow, Request, Response, error};
use iotdm_spec::wire::Switch;

use crate::device::Device;
use crate::product::Product;
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_shadow(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryShadow> {
    // The table has one row for both.
    let Lookup::Own(device) = world.look_up(caller, &call.device_id) else {
        return Err(error::DEVICE_DATA_NOT_EXISTED);
    };
    Ok(Response {
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        node_type: Some(device.node_type.as_str().to_owned()),
        create_time: Some(device.created.to_string()),
        last_modified_time: Some(device.modified.to_string()),
        device_info: Some(info(device)),
        services: services(device, world.product_of(&device.id)),
    })
}

/// The services of which something was reported or is desired.
fn services(device: &Device, product: Option<&Product>) -> Vec<Deviceserviceb> {
    let ids: BTreeSet<&String> = device.services.keys().chain(device.shadow.desired.keys()).collect();
    ids.into_iter()
        .map(|id| {
            //= 1.5.8/rule/report-sync
            let reported = device.services.get(id);
            let of_product = || product.and_then(|product| product.service(id)).map(|s| s.service_type.clone());
            Deviceserviceb {
                service_id: id.clone(),
                reported_props: Some(reported.map(|reported| reported.data.clone()).unwrap_or_default()),
                desired_props: Some(device.shadow.desired.get(id).cloned().unwrap_or_default()),
                event_time: reported.map(|reported| reported.event_time.to_string()),
                service_type: reported.map(|reported| reported.service_type.clone()).or_else(of_product),
            }
        })
        .collect()
}

fn info(device: &Device) -> DeviceInfo {
    let a = device.attributes.clone();
    DeviceInfo {
        node_id: Some(device.node_id.clone()),
        name: a.name,
        description: a.description,
        manufacturer_id: a.manufacturer_id,
        manufacturer_name: a.manufacturer_name,
        mac: a.mac,
        location: a.location,
        device_type: a.device_type,
        model: a.model,
        sw_version: a.sw_version,
        fw_version: a.fw_version,
        hw_version: a.hw_version,
        protocol_type: a.protocol_type,
        bridge_id: a.bridge_id,
        status: device.status,
        status_detail: Some(device.status_detail),
        mute: Some(device.mute),
        supported_security: Some(device.supported_security()),
        is_security: Some(if device.secure { Switch::True } else { Switch::False }),
        signal_strength: a.signal_strength,
        sig_version: a.sig_version,
        serial_number: a.serial_number,
        battery_level: a.battery_level,
    }
}
