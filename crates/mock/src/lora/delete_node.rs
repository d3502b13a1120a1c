//! 1.5.15 Delete a LoRa node.

use std::sync::Arc;

use iotdm_spec::lora::delete_node::{DeleteNode, Request, error};

use crate::devices::delete_device::remove_with_sub_devices;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn delete_node(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteNode> {
    let (device, registration) = world.lora_device(caller, &call.device_id, false).ok_or(error::NODE_NOT_EXISTED)?;
    let server = world.lora.server(&registration.server).ok_or(error::LORA_SERVER_NOT_EXISTED)?;
    if !server.online {
        return Err(error::LORA_SERVER_OFFLINE);
    }
    let id = Arc::clone(&device.id);
    //= 1.5.15/rule/node-deleted
    remove_with_sub_devices(world, &id, true);
    Ok(())
}
