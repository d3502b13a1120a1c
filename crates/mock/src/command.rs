//! Cached commands (1.9.1): their states, their way to the device, and their end.

use std::sync::Arc;

use iotdm_spec::Object;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::world::World;

/// All cached commands of a platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Commands {}

/// What of a command can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {}

pub(crate) fn fire(_world: &mut World, due: Due) {
    match due {}
}

/// The device can be reached: what waits for it is sent, one after the other.
pub(crate) fn device_reachable(_world: &mut World, _device: &str) {}

/// The device is gone: its commands go with it.
pub(crate) fn device_removed(_world: &mut World, _device: &Device) {}

/// The device, or its module, has acknowledged the command.
pub(crate) fn acknowledged(_world: &mut World, _command: &Arc<str>) {}

/// The device has answered the command.
pub(crate) fn answered(_world: &mut World, _command: &Arc<str>, _executed: bool, _result: Object) {}
