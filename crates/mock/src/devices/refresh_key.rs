//! 1.5.3 Refresh a device's key.

use std::sync::Arc;

use iotdm_spec::devices::refresh_key::{RefreshKey, Request, Response, error};
use iotdm_spec::wire::{DeviceStatus, StatusDetail};

use crate::notifications::device_info_changed::device_info_changed;
use crate::registration;
use crate::routes::Answer;
use crate::simulated;
use crate::world::{Caller, Lookup, World};

/// How many seconds a device has to come with its new key, if the call doesn't say (1.5.3, line 799).
const TIMEOUT: i64 = 180;

pub(crate) fn refresh_key(world: &mut World, caller: &Caller, call: Request) -> Answer<RefreshKey> {
    let device = match world.look_up(caller, &call.device_id) {
        Lookup::Own(device) => device,
        Lookup::Foreign => return Err(error::DEVICE_DATA_NOT_EXISTED),
        Lookup::Unknown => return Err(error::DEVICE_NOT_EXISTED),
    };
    // An ABNORMAL device counts as offline: the rows name the two states that are refused.
    match device.status {
        //= 1.5.3/rule/must-be-active
        DeviceStatus::Inactive => return Err(error::DEVICE_NOT_ACTIVE),
        //= 1.5.3/rule/only-offline
        DeviceStatus::Online => return Err(error::DEVICE_ONLINE),
        DeviceStatus::Offline | DeviceStatus::Abnormal => {}
    }
    let id = Arc::clone(&device.id);
    let device_node_id = device.node_id.clone();
    let node_id = call.node_id.unwrap_or_else(|| device_node_id.clone());
    if world.devices.by_node_id(&node_id).is_some_and(|other| other.id != id) {
        return Err(error::NODE_ID_DUPLICATED);
    }
    if call.verify_code.as_ref().is_some_and(|code| !world.devices.may_use_code(code, Some(&id))) {
        return Err(error::VERIFY_CODE_INVALID);
    }
    //= 1.5.3/rule/verify-code-echo
    let verify_code = call.verify_code.unwrap_or_else(|| registration::verify_code(world));
    let is_renamed = node_id != device_node_id;
    registration::end_session(world, &id, "the device's key was refreshed");
    world.devices.identify(&id, node_id, verify_code.clone());
    let now = world.now;
    if let Some(device) = world.devices.find_mut(&id) {
        device.modified = now;
        // It has to be bound anew. Of that nobody is told, only of another node id (D9).
        device.activated = false;
        device.status = DeviceStatus::Inactive;
        device.status_detail = StatusDetail::NotActive;
    }
    if is_renamed {
        device_info_changed(world, &id);
    }
    //= 1.5.3/rule/timeout-zero-never-expires
    let timeout = call.timeout.unwrap_or(TIMEOUT);
    registration::expire_after(world, &id, timeout);
    simulated::plan(world, &id);
    Ok(Response { verify_code, timeout })
}
