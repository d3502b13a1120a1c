//! 2 The MQTT interface of devices: what its packets and messages mean. The transport is [`door`].

pub(crate) mod connect;
pub(crate) mod door;
pub(crate) mod faults;
pub(crate) mod receive_command;
pub(crate) mod report_data;
pub(crate) mod respond_command;
pub(crate) mod topics;
