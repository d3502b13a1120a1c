//! 1.5.5 Delete a device.

use std::sync::Arc;

use iotdm_spec::devices::delete_device::{DeleteDevice, Request, error};

use crate::notifications::device_deleted::device_deleted;
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn delete_device(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteDevice> {
    let id = match world.look_up(caller, &call.device_id) {
        Lookup::Own(device) => Arc::clone(&device.id),
        Lookup::Foreign => return Err(error::DEVICE_DATA_NOT_EXISTED),
        Lookup::Unknown => return Err(error::DEVICE_NOT_EXISTED),
    };
    remove_with_sub_devices(world, &id, call.cascade.unwrap_or(true));
    Ok(())
}

/// Removes a device, and the devices behind it unless they stay as direct ones.
pub(crate) fn remove_with_sub_devices(world: &mut World, id: &str, cascade: bool) {
    for sub_device in world.devices.behind(id) {
        //= 1.5.5/rule/cascade-true
        //= 1.5.5/rule/cascade-false
        if cascade {
            remove(world, &sub_device);
        } else {
            world.devices.make_direct(&sub_device);
        }
    }
    remove(world, id);
}

/// Removes one device, and tells its subscribers.
fn remove(world: &mut World, id: &str) {
    if let Some(device) = world.remove_device(id, "the device was deleted") {
        device_deleted(world, &device);
    }
}
