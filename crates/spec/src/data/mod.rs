//! 1.6 Data collection.

pub mod query_capabilities;
pub mod query_device;
pub mod query_devices;
pub mod query_history;
pub mod query_shadow_history;
