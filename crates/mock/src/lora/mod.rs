//! 1.5.10 to 1.5.15 LoRa gateways and nodes.

pub(crate) mod delete_gateway;
pub(crate) mod delete_node;
pub(crate) mod query_gateway;
pub(crate) mod query_node;
pub(crate) mod register_gateway;
pub(crate) mod register_node;
