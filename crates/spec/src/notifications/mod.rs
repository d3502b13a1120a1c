//! 1.8 Pushes from the platform to applications.

pub mod bind_device;
pub mod command_rsp;
pub mod command_status_changed;
pub mod desired_properties_modify_status_changed;
pub mod device_added;
pub mod device_capabilities_added;
pub mod device_capabilities_changed;
pub mod device_capabilities_deleted;
pub mod device_data_changed;
pub mod device_datas_changed;
pub mod device_deleted;
pub mod device_info_changed;
pub mod fw_upgrade_result_notify;
pub mod fw_upgrade_state_change_notify;
pub mod message_confirm;
pub mod rule_event;
pub mod sw_upgrade_result_notify;
pub mod sw_upgrade_state_change_notify;
