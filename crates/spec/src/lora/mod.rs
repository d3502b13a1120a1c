//! 1.5.10 to 1.5.15 LoRa gateways and nodes.

pub mod delete_gateway;
pub mod delete_node;
pub mod query_gateway;
pub mod query_node;
pub mod register_gateway;
pub mod register_node;
