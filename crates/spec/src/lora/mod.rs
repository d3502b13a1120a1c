//! 1.5.10 to 1.5.15 LoRa gateways and nodes.

/// The protocol of the products that LoRa gateways and nodes belong to (error row 1200007).
pub const PROTOCOL: &str = "LoRaWAN";
/// The device type that a gateway's product has and a node's has not (error rows 1200015 and 1200016).
pub const GATEWAY_DEVICE_TYPE: &str = "LoRaGateway";

pub mod delete_gateway;
pub mod delete_node;
pub mod query_gateway;
pub mod query_node;
pub mod register_gateway;
pub mod register_node;
