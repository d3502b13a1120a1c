//! 1.5.10 Register a LoRa gateway.

use iotdm_spec::Refusal;
use iotdm_spec::lora::register_gateway::{RegisterGateway, Request, Response, error};

use crate::lora_network::{Kind, Obstacle, Registration, Wanted};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn register_gateway(world: &mut World, caller: &Caller, call: Request) -> Answer<RegisterGateway> {
    let registration = Registration {
        server: call.lora_server_id.as_str().into(),
        eui: call.gateway_eui.clone(),
        kind: Kind::Gateway { seq: call.gateway_seq.clone() },
    };
    let wanted = Wanted { product: call.product_id.clone(), name: call.name.clone(), description: None, registration };
    //= 1.5.10/rule/device-id-assigned
    let id = world.register_lora(caller, wanted).map_err(refusal)?;
    Ok(Response {
        device_id: id.to_string(),
        lora_server_id: Some(call.lora_server_id),
        product_id: Some(call.product_id),
        gateway_eui: Some(call.gateway_eui),
        name: Some(call.name),
        gateway_seq: call.gateway_seq,
    })
}

fn refusal(obstacle: Obstacle) -> Refusal<RegisterGateway> {
    match obstacle {
        Obstacle::ServerUnknown => error::LORA_SERVER_NOT_EXISTED,
        Obstacle::ProductUnknown => error::PRODUCT_NOT_EXISTED,
        Obstacle::ServerOffline => error::LORA_SERVER_OFFLINE,
        Obstacle::Protocol => error::PROTOCOL_NOT_LORAWAN,
        Obstacle::DeviceType => error::DEVICE_TYPE_NOT_LORA_GATEWAY,
        Obstacle::Exists => error::GATEWAY_EXISTS,
        Obstacle::EuiDuplicated => error::GATEWAY_EUI_DUPLICATED,
        Obstacle::Quota => error::GATEWAY_REGISTRATION_FAILED,
        Obstacle::ServerFailed => error::LORA_SERVER_FAILED,
    }
}
