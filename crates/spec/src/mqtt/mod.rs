//! 2 The MQTT interface of devices.

pub mod connect;
pub mod receive_command;
pub mod report_data;
pub mod respond_command;
pub mod topics;
