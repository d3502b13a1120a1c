//! 1.5.1 to 1.5.9 Device management.

pub(crate) mod delete_device;
pub(crate) mod query_activation;
pub(crate) mod register_by_password;
