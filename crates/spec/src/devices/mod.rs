//! 1.5.1 to 1.5.9 Device management.

pub mod delete_device;
pub mod delete_sub_device;
pub mod modify_device;
pub mod modify_shadow;
pub mod query_activation;
pub mod query_shadow;
pub mod refresh_key;
pub mod register_by_password;
pub mod register_by_verify_code;
