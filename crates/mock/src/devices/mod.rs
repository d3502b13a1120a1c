//! 1.5.1 to 1.5.9 Device management.

pub(crate) mod delete_device;
pub(crate) mod modify_device;
pub(crate) mod modify_shadow;
pub(crate) mod query_activation;
pub(crate) mod query_shadow;
pub(crate) mod refresh_key;
pub(crate) mod register_by_password;
pub(crate) mod register_by_verify_code;
