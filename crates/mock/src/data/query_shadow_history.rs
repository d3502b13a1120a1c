//! 1.6.4 Query the history of a device shadow.

use iotdm_spec::Refusal;
use iotdm_spec::data::query_shadow_history::{DeviceDesiredHistory, QueryShadowHistory, Request, Response, error};

use crate::clock::Moment;
use crate::device::Device;
use crate::routes::Answer;
use crate::shadow::Change;
use crate::world::{Caller, Lookup, World};

/// How many records a page has, if the call doesn't say (1.6.4, line 2361).
const PAGE_SIZE: i64 = 25;

pub(crate) fn query_shadow_history(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryShadowHistory> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(PAGE_SIZE);
    let from = bound(call.start_time.as_deref())?;
    let to = bound(call.end_time.as_deref())?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(error::APPLICATION_INPUT_INVALID);
    }
    let matches = |change: &&Change| {
        call.service_id.as_ref().is_none_or(|service| **service == *change.service)
            && call.property.as_ref().is_none_or(|property| change.desired.contains_key(property))
            // Both bounds are inclusive, in whole seconds.
            && from.is_none_or(|from| change.at.seconds() >= from)
            && to.is_none_or(|to| change.at.seconds() <= to)
    };
    // The table has no row for a device that is not there: it has no records.
    let device = device(world, caller, &call);
    let records: Vec<DeviceDesiredHistory> = device
        .iter()
        .flat_map(|device| device.shadow.changes.iter().rev().filter(matches).map(|change| row(device, change)))
        .collect();
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        total_count: i64::try_from(records.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        device_desired_history_dto: records.into_iter().skip(skip).take(take).collect(),
    })
}

/// The device that both ids name, or the one that is given.
fn device<'w>(world: &'w World, caller: &Caller, call: &Request) -> Option<&'w Device> {
    let wanted = call.device_id.as_deref().or(call.gateway_id.as_deref())?;
    let Lookup::Own(device) = world.look_up(caller, wanted) else { return None };
    call.gateway_id.as_ref().is_none_or(|gateway| **gateway == *device.gateway).then_some(device)
}

/// A time filter in whole seconds. The gate has judged its form; a day that no calendar has is left.
fn bound(text: Option<&str>) -> Result<Option<i64>, Refusal<QueryShadowHistory>> {
    let Some(text) = text else { return Ok(None) };
    let moment: Moment = text.parse().map_err(|_| error::APPLICATION_INPUT_INVALID)?;
    Ok(Some(moment.seconds()))
}

fn row(device: &Device, change: &Change) -> DeviceDesiredHistory {
    DeviceDesiredHistory {
        service_id: change.service.to_string(),
        device_id: device.id.to_string(),
        gateway_id: device.gateway.to_string(),
        app_id: device.application.to_string(),
        desired: Some(change.desired.clone()),
        //= 1.6.4/rule/timestamp-of-configuration
        timestamp: change.at.to_string(),
    }
}
