//! Simulated devices of LWM2M and CoAP products, whose wire protocol the reference leaves out: driven by
//! hand through the control plane, or on autopilot.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::world::World;

/// What the simulated devices of a platform are about to do, and what waits for their driver.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Simulated {}

/// What a simulated device does later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {}

pub(crate) fn fire(_world: &mut World, due: Due) {
    match due {}
}

/// Whether the mock plays the device itself: everything that does not speak MQTT.
pub(crate) const fn is_simulated(device: &Device) -> bool {
    !device.mqtt
}

/// What is desired of a device and not there yet is sent to it (1.5.8).
pub(crate) fn shadow_waits(_world: &mut World, _device: &str) {}

/// A command has reached a simulated device.
pub(crate) fn command_arrived(_world: &mut World, _device: &Arc<str>, _command: &Arc<str>) {}

/// An upgrade has reached a simulated device.
pub(crate) fn upgrade_arrived(_world: &mut World, _device: &Arc<str>, _operation: &Arc<str>) {}
