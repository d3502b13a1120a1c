//! 1.5.7 Query the activation of a device.

use iotdm_spec::devices::query_activation::{QueryActivation, Request, Response, error};

use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn query_activation(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryActivation> {
    // The table has one row for both.
    let Lookup::Own(device) = world.look_up(caller, &call.device_id) else {
        return Err(error::DEVICE_NOT_EXISTED);
    };
    Ok(Response { device_id: device.id.to_string(), activated: device.activated, name: device.attributes.name.clone() })
}
