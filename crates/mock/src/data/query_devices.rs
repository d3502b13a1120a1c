//! 1.6.2 Query devices in a batch.

use std::sync::Arc;

use iotdm_spec::data::query_devices::{QueryDevice, QueryDevices, Request, Response, error};
use iotdm_spec::wire::{DeviceSelect, SortOrder};

use super::query_device::{info, services};
use crate::clock::Moment;
use crate::device::Device;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_devices(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryDevices> {
    // The default of pageNo holds only beside a gatewayId.
    if call.gateway_id.is_none() && call.page_no.is_none() {
        return Err(error::GATEWAY_ID_AND_PAGE_NO_NULL);
    }
    let period = Period::of(&call)?;
    //= 1.6.2/rule/first-page-zero
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(25);
    let (skip, take) = crate::gate::page(page_no, page_size);
    //= 1.6.2/rule/sort-by-registration-time
    let ascending = call.sort == Some(SortOrder::Asc);
    let (total, page): (usize, Vec<&Device>) = if is_unfiltered(&call) {
        (world.devices.count_of(&caller.owner), world.devices.page_of(&caller.owner, ascending, skip, take))
    } else {
        let mut found: Vec<&Device> = candidates(world, caller, &call);
        found.retain(|device| is_meant(&call, device) && period.contains(device.created));
        if ascending {
            found.reverse();
        }
        crate::gate::cut(found.into_iter(), skip, take)
    };
    Ok(Response {
        total_count: i64::try_from(total).unwrap_or(i64::MAX),
        page_no,
        page_size,
        devices: page.into_iter().map(|device| row(device, call.select)).collect(),
    })
}

/// Whether the call asks for everything that the application has.
fn is_unfiltered(call: &Request) -> bool {
    let texts = [&call.gateway_id, &call.device_type, &call.location, &call.name, &call.start_time, &call.end_time];
    texts.iter().all(|text| text.is_none()) && call.node_type.is_none() && call.status.is_none()
}

/// The devices among which the filters choose, newest first: those of one gateway are few.
fn candidates<'w>(world: &'w World, caller: &Caller, call: &Request) -> Vec<&'w Device> {
    let Some(gateway) = &call.gateway_id else { return world.devices.newest_of(&caller.owner).collect() };
    let mut ids = world.devices.behind(gateway);
    ids.extend(world.devices.find(gateway).map(|device| Arc::clone(&device.id)));
    let mut devices: Vec<&Device> = ids.iter().filter_map(|id| world.devices.find(id)).collect();
    devices.retain(|device| device.application == caller.owner);
    devices.sort_unstable_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    devices
}

/// Whether every filter but that of time lets the device through; texts match exactly.
fn is_meant(call: &Request, device: &Device) -> bool {
    let equals = |wanted: &Option<String>, has: Option<&str>| wanted.is_none() || wanted.as_deref() == has;
    let attributes = &device.attributes;
    // A gateway is behind itself.
    equals(&call.gateway_id, Some(&device.gateway))
        && equals(&call.device_type, attributes.device_type.as_deref())
        && equals(&call.location, attributes.location.as_deref())
        && equals(&call.name, attributes.name.as_deref())
        && call.node_type.is_none_or(|wanted| device.node_type == wanted)
        && call.status.is_none_or(|wanted| device.status == wanted)
}

/// A time of registration in whole seconds, both bounds inclusive.
struct Period {
    from: Option<i64>,
    to: Option<i64>,
}

impl Period {
    fn of(call: &Request) -> Result<Self, iotdm_spec::Refusal<QueryDevices>> {
        let period = Self { from: bound(call.start_time.as_deref())?, to: bound(call.end_time.as_deref())? };
        match (period.from, period.to) {
            (Some(from), Some(to)) if from > to => Err(error::PARAMETER_INVALID),
            _ => Ok(period),
        }
    }

    fn contains(&self, moment: Moment) -> bool {
        //= 1.6.2/rule/start-time-filter
        //= 1.6.2/rule/end-time-filter
        self.from.is_none_or(|from| moment.seconds() >= from) && self.to.is_none_or(|to| moment.seconds() <= to)
    }
}

/// The gate has judged the form of a time; a day that no calendar has is left.
fn bound(text: Option<&str>) -> Result<Option<i64>, iotdm_spec::Refusal<QueryDevices>> {
    let Some(text) = text else { return Ok(None) };
    let moment: Moment = text.parse().map_err(|_| error::PARAMETER_INVALID)?;
    Ok(Some(moment.seconds()))
}

fn row(device: &Device, select: Option<DeviceSelect>) -> QueryDevice {
    QueryDevice {
        device_id: device.id.to_string(),
        //= 1.6.2/rule/gateway-id-relation
        gateway_id: device.gateway.to_string(),
        node_type: Some(device.node_type),
        create_time: Some(device.created.to_string()),
        last_modified_time: Some(device.modified.to_string()),
        device_info: Some(info(device, select)),
        services: services(device),
        alarm_info: None,
    }
}
