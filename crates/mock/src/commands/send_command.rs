//! 1.9.7 Send a command to a device.

use std::sync::Arc;

use iotdm_spec::clause::Clause;
use iotdm_spec::commands::send_command::{Request, Response, SendCommand, error};
use iotdm_spec::wire::SendStatus;

use crate::deviation::{self, beside_model};
use crate::device::{Device, Header, InFlight, Origin};
use crate::mqtt::receive_command::{await_answer, cloud_req, encode};
use crate::routes::Answer;
use crate::world::{Caller, Lookup, World};

pub(crate) fn send_command(world: &mut World, caller: &Caller, call: Request) -> Answer<SendCommand> {
    let Lookup::Own(device) = world.look_up(caller, &call.device_id) else {
        return Err(error::DEVICE_DATA_NOT_EXISTED);
    };
    let id = Arc::clone(&device.id);
    let service = world
        .product_of(&id)
        .and_then(|product| product.service(&call.service_id))
        .ok_or(error::SERVICE_NOT_EXISTED)?;
    let command = service
        .commands
        .iter()
        .find(|command| command.name == call.header.method)
        .ok_or(error::COMMAND_NAME_INVALID)?;
    let service_type = service.service_type.clone();
    let paras = call.body.unwrap_or_default();
    let faults = command.faults_of_paras(&paras);
    if device.muted_commands.get(&call.service_id).is_some_and(|muted| muted.contains(&call.header.method)) {
        return Err(error::COMMAND_MUTED);
    }
    //= 1.9.7/rule/no-caching
    let carrier = carrier(world, device)?;
    let request_id = match call.header.request_id.filter(|id| !id.is_empty()) {
        Some(given) => given,
        None => world.mint.hex(32),
    };
    let now = world.now;
    let command = InFlight {
        token: world.next_publish_token(),
        service: call.service_id,
        method: call.header.method,
        origin: Origin::Immediate(Header {
            request_id: request_id.clone(),
            service_type,
            mode: call.header.mode,
            from: call.header.from.unwrap_or_else(|| format!("/users/{}", caller.id)),
        }),
        forgotten: None,
    };
    // What the product's codec cannot carry cannot be sent, whatever its command id.
    if let Err(why) = encode(world, &carrier, 1, &command, paras.clone()) {
        world.remarks.push(why);
        return Err(error::COMMAND_INPUT_INVALID);
    }
    let mid = world.devices.next_mid(&carrier).ok_or(error::CONGESTION)?;
    let device = world.devices.find_mut(&id).ok_or(error::DEVICE_DATA_NOT_EXISTED)?;
    if !device.note_request(&request_id) {
        return Err(error::COMMAND_INPUT_INVALID);
    }
    //= 1.9.7/rule/transparent
    cloud_req(world, &carrier, mid, &command, paras);
    let beside = |why: String| beside_model(SendCommand::TABLE.clause, "paras-keys", why);
    deviation::add(&mut world.deviations, faults.into_iter().filter_map(beside));
    await_answer(world, &id, mid, command);
    Ok(Response { status: SendStatus::Sent, timestamp: now.to_string(), request_id })
}

/// The device whose session carries the command: itself, or its gateway.
fn carrier(world: &World, device: &Device) -> Result<Arc<str>, iotdm_spec::Refusal<SendCommand>> {
    let online = |id: &str| world.devices.find(id).is_some_and(|device| device.session.is_some());
    match (device.is_direct(), online(&device.gateway)) {
        (_, true) => Ok(Arc::clone(&device.gateway)),
        (true, false) => Err(error::DEVICE_NOT_ONLINE),
        (false, false) => Err(error::GATEWAY_NOT_ONLINE),
    }
}
