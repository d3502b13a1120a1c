//! 1.6.1 Query a device.

use iotdm_spec::data::query_device::{
    DeviceInfoQuery, DeviceService, QueryDevice, Request, Response, ServiceInfo, error,
};
use iotdm_spec::wire::{DeviceSelect, Switch};

use crate::device::Device;
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_device(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryDevice> {
    match world.look_up(caller, &call.device_id) {
        Lookup::Own(device) => Ok(describe(device, call.select)),
        Lookup::Foreign => Err(error::DEVICE_DATA_NOT_EXISTED),
        Lookup::Unknown => Err(error::DEVICE_NOT_EXISTED),
    }
}

fn describe(device: &Device, select: Option<DeviceSelect>) -> Response {
    Response {
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        node_type: Some(device.node_type),
        create_time: Some(device.created.to_string()),
        last_modified_time: Some(device.modified.to_string()),
        device_info: Some(info(device, select)),
        services: services(device),
        alarm_info: None,
    }
}

/// Also an item of 1.6.2 has it.
pub(super) fn info(device: &Device, select: Option<DeviceSelect>) -> DeviceInfoQuery {
    let a = device.attributes.clone();
    DeviceInfoQuery {
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
        // Only on demand.
        imsi: a.imsi.filter(|_| select == Some(DeviceSelect::Imsi)),
        protocol_type: a.protocol_type,
        radius_ip: None,
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

/// Also an item of 1.6.2 has them.
pub(super) fn services(device: &Device) -> Vec<DeviceService> {
    device
        .services
        .iter()
        .map(|(id, reported)| DeviceService {
            service_id: id.clone(),
            service_type: Some(reported.service_type.clone()),
            service_info: device.muted_commands.get(id).map(|muted| ServiceInfo { mute_cmds: muted.clone() }),
            data: reported.data.clone(),
            event_time: Some(reported.event_time.to_string()),
        })
        .collect()
}
