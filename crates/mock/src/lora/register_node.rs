//! 1.5.11 Register a LoRa node.

use iotdm_spec::Refusal;
use iotdm_spec::lora::register_node::{RegisterNode, Request, Response, error};
use iotdm_spec::wire::{DeviceClass, JoinType};

use crate::lora_network::{Kind, Node, Obstacle, Registration, Wanted};
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn register_node(world: &mut World, caller: &Caller, call: Request) -> Answer<RegisterNode> {
    let node = node(&call)?;
    let registration = Registration {
        server: call.lora_server_id.as_str().into(),
        eui: call.dev_eui.clone(),
        kind: Kind::Node(node.clone()),
    };
    let wanted = Wanted {
        product: call.product_id.clone(),
        name: call.name.clone(),
        description: call.description.clone(),
        registration,
    };
    //= 1.5.11/rule/device-id-assigned
    let id = world.register_lora(caller, wanted).map_err(refusal)?;
    Ok(Response {
        device_id: id.to_string(),
        lora_server_id: Some(call.lora_server_id),
        product_id: Some(call.product_id),
        dev_eui: Some(call.dev_eui),
        name: Some(call.name),
        auth_code: node.auth_code,
        app_eui: Some(node.app_eui),
        device_class: Some(node.device_class.to_string()),
        join_type: Some(node.join_type.to_string()),
        app_s_key: node.app_s_key,
        dev_addr: node.dev_addr,
        nwk_s_key: node.nwk_s_key,
        app_key: node.app_key,
        description: call.description,
    })
}

/// How the node joins, with the keys that this way needs.
fn node(call: &Request) -> Result<Node, Refusal<RegisterNode>> {
    // The table has no row for a value that is none of LoRaWAN's.
    let join_type = match &call.join_type {
        Some(text) => JoinType::parse(text).ok_or(error::INPUT_INVALID)?,
        None => JoinType::Otaa,
    };
    let device_class = match &call.device_class {
        Some(text) => DeviceClass::parse(text).ok_or(error::INPUT_INVALID)?,
        None => DeviceClass::A,
    };
    match join_type {
        JoinType::Otaa if call.app_key.is_none() => return Err(error::APP_KEY_EMPTY),
        JoinType::Abp if call.app_s_key.is_none() => return Err(error::APP_S_KEY_EMPTY),
        JoinType::Abp if call.nwk_s_key.is_none() => return Err(error::NWK_S_KEY_EMPTY),
        JoinType::Abp if call.dev_addr.is_none() => return Err(error::DEV_ADDR_EMPTY),
        JoinType::Otaa | JoinType::Abp => {}
    }
    Ok(Node {
        auth_code: call.auth_code.clone(),
        app_eui: call.app_eui.clone(),
        device_class,
        join_type,
        app_s_key: call.app_s_key.clone(),
        dev_addr: call.dev_addr.clone(),
        nwk_s_key: call.nwk_s_key.clone(),
        app_key: call.app_key.clone(),
    })
}

fn refusal(obstacle: Obstacle) -> Refusal<RegisterNode> {
    match obstacle {
        Obstacle::ServerUnknown => error::LORA_SERVER_NOT_EXISTED,
        Obstacle::ProductUnknown => error::PRODUCT_NOT_EXISTED,
        Obstacle::ServerOffline => error::LORA_SERVER_OFFLINE,
        Obstacle::Protocol => error::PROTOCOL_NOT_LORAWAN,
        Obstacle::DeviceType => error::DEVICE_TYPE_LORA_GATEWAY,
        Obstacle::Exists => error::NODE_EXISTS,
        Obstacle::EuiDuplicated => error::DEV_EUI_DUPLICATED,
        Obstacle::Quota => error::NODE_REGISTRATION_FAILED,
        Obstacle::ServerFailed => error::LORA_SERVER_FAILED,
    }
}
