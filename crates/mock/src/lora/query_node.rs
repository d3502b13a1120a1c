//! 1.5.14 Query one LoRa node.

use iotdm_spec::lora::query_node::{QueryNode, Request, Response, error};

use crate::lora_network::Kind;
use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_node(world: &mut World, caller: &Caller, call: Request) -> Answer<QueryNode> {
    let (device, registration) = world.lora_device(caller, &call.device_id, false).ok_or(error::NODE_NOT_EXISTED)?;
    let Kind::Node(node) = &registration.kind else { return Err(error::NODE_NOT_EXISTED) };
    let node = node.clone();
    Ok(Response {
        device_id: device.id.to_string(),
        lora_server_id: Some(registration.server.to_string()),
        product_id: device.product.as_deref().map(str::to_owned),
        dev_eui: Some(registration.eui.clone()),
        name: device.attributes.name.clone(),
        auth_code: node.auth_code,
        app_eui: Some(node.app_eui),
        device_class: Some(node.device_class.to_string()),
        join_type: Some(node.join_type.to_string()),
        //= 1.5.14/rule/abp-session-keys
        app_s_key: node.app_s_key,
        dev_addr: node.dev_addr,
        nwk_s_key: node.nwk_s_key,
        //= 1.5.14/rule/otaa-app-key
        app_key: node.app_key,
        description: device.attributes.description.clone(),
    })
}
