//! 1.5.13 Delete a LoRa gateway.

use std::sync::Arc;

use iotdm_spec::lora::delete_gateway::{DeleteGateway, Request, error};

use crate::devices::delete_device::remove_with_sub_devices;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn delete_gateway(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteGateway> {
    let (device, registration) = world.lora_device(caller, &call.device_id, true).ok_or(error::GATEWAY_NOT_EXISTED)?;
    let server = world.lora.server(&registration.server).ok_or(error::LORA_SERVER_NOT_EXISTED)?;
    if !server.online {
        return Err(error::LORA_SERVER_OFFLINE);
    }
    let id = Arc::clone(&device.id);
    //= 1.5.13/rule/gateway-deleted
    // What hangs behind it goes with it, as with any other device (1.5.5).
    remove_with_sub_devices(world, &id, true);
    Ok(())
}
