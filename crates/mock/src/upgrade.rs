//! Version packages, and the upgrades of software and firmware that use them (1.12).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::world::World;

/// All packages and upgrades of a platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Upgrades {}

/// What of an upgrade can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {}

pub(crate) fn fire(_world: &mut World, due: Due) {
    match due {}
}

/// How far a device is with an upgrade (1.8.15, 1.8.17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// It has begun to download the package.
    Downloading,
    /// It has the package.
    Downloaded,
    /// It installs the package.
    Updating,
    /// It runs the new version.
    Succeeded,
    /// It could not; why, in its own words.
    Failed(String),
}

/// A device tells how far it is with an operation's upgrade.
pub(crate) fn progressed(_world: &mut World, _operation: &Arc<str>, _device: &Arc<str>, _progress: Progress) {}

/// The device can be reached: an upgrade that waits for it begins.
pub(crate) fn device_reachable(_world: &mut World, _device: &str) {}

/// The device is gone: its upgrades end.
pub(crate) fn device_removed(_world: &mut World, _device: &Device) {}
