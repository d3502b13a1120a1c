//! 1.6 Data collection.

pub(crate) mod query_capabilities;
pub(crate) mod query_device;
pub(crate) mod query_devices;
pub(crate) mod query_history;
pub(crate) mod query_shadow_history;
