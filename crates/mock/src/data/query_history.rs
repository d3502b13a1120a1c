//! 1.6.3 Query the history of a device.

use std::sync::Arc;

use iotdm_spec::data::query_history::{DeviceDataHistory, QueryHistory, Request, Response, error};

use crate::clock::Moment;
use crate::device::{Device, Record};
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_history(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryHistory> {
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(1);
    let from = bound(call.start_time.as_deref())?;
    let to = bound(call.end_time.as_deref())?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(error::APPLICATION_INPUT_INVALID);
    }
    // Either id will do, and a direct device is its own gateway; a pair that does not belong
    // together is a device that is not there.
    let wanted = call.device_id.as_deref().or(call.gateway_id.as_deref()).unwrap_or_default();
    let Lookup::Own(device) = world.look_up(caller, wanted) else {
        return Err(error::DEVICE_DATA_NOT_EXISTED);
    };
    if call.gateway_id.as_ref().is_some_and(|gateway| **gateway != *device.gateway) {
        return Err(error::DEVICE_DATA_NOT_EXISTED);
    }
    // Both bounds are inclusive, in whole seconds.
    let matches = device
        .recorded(world.now)
        .rev()
        .filter(|record| from.is_none_or(|from| record.at.seconds() >= from))
        .filter(|record| to.is_none_or(|to| record.at.seconds() <= to));
    let (skip, take) = crate::gate::page(page_no, page_size);
    let (total, page) = crate::gate::cut(matches, skip, take);
    Ok(Response {
        total_count: i64::try_from(total).unwrap_or(i64::MAX),
        page_no,
        page_size,
        device_data_history_dtos: page.into_iter().map(|record| row(device, record)).collect(),
    })
}

/// A time filter in whole seconds. The gate has judged its form; a day that no calendar has is left.
fn bound(text: Option<&str>) -> Result<Option<i64>, iotdm_spec::Refusal<QueryHistory>> {
    let Some(text) = text else { return Ok(None) };
    let moment: Moment = text.parse().map_err(|_| error::APPLICATION_INPUT_INVALID)?;
    Ok(Some(moment.seconds()))
}

fn row(device: &Device, record: &Record) -> DeviceDataHistory {
    DeviceDataHistory {
        service_id: Arc::clone(&record.service),
        device_id: Arc::clone(&device.id),
        gateway_id: Arc::clone(&device.gateway),
        app_id: Arc::clone(&device.application),
        data: record.data.clone(),
        timestamp: record.at.to_string(),
    }
}
