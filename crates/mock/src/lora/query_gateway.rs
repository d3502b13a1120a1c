//! 1.5.12 Query one LoRa gateway.

use iotdm_spec::lora::query_gateway::{QueryGateway, Request, Response, error};

use crate::lora_network::Kind;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_gateway(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryGateway> {
    let (device, registration) = world.lora_device(caller, &call.device_id, true).ok_or(error::GATEWAY_NOT_EXISTED)?;
    let Kind::Gateway { seq } = &registration.kind else { return Err(error::GATEWAY_NOT_EXISTED) };
    Ok(Response {
        device_id: device.id.to_string(),
        lora_server_id: Some(registration.server.to_string()),
        product_id: device.product.as_deref().map(str::to_owned),
        gateway_eui: Some(registration.eui.clone()),
        name: device.attributes.name.clone(),
        gateway_seq: seq.clone(),
    })
}
