//! Upgrades of software and firmware (1.12): what becomes of an operation once it is there.

mod course;
mod operation;
mod order;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use iotdm_spec::wire::{OperateType, Protocol, UpgradeState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{Attributes, Device};
use crate::world::World;

pub(crate) use course::{package_removed, start};
pub(crate) use operation::{Operation, SubOperation};
pub(crate) use order::{Fault, Order, plan};
pub(crate) use store::Upgrades;

/// What of an upgrade can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeDue")]
pub(crate) enum Due {
    /// The time of the custom operation with this id comes.
    WindowOpens(Arc<str>),
    /// The time of the custom operation with this id is over.
    WindowCloses(Arc<str>),
    /// Nothing was heard of a device's upgrade since this piece of news: the ids of operation and device,
    /// the number of the news.
    Silent(Arc<str>, Arc<str>, u64),
}

pub(crate) fn fire(world: &mut World, due: Due) {
    match due {
        Due::WindowOpens(operation) => course::open(world, &operation),
        Due::WindowCloses(operation) => course::stop(world, &operation),
        Due::Silent(operation, device, news) => course::timed_out(world, &operation, &device, news),
    }
}

/// How far a device is with an upgrade (1.8.15, 1.8.17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeProgress")]
pub enum Progress {
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
    /// It could not, and names its status error code (1.8.16, line 4016).
    FailedWith {
        /// The code.
        code: String,
        /// Why, in its own words.
        reason: String,
    },
}

/// A device tells how far it is with an operation's upgrade. One that it is not at is none of its business.
pub(crate) fn progressed(world: &mut World, operation: &Arc<str>, device: &Arc<str>, progress: Progress) {
    let running = world.upgrades.running_on(device).filter(|running| running.id == *operation);
    let Some(kind) = running.map(|running| running.kind) else { return };
    course::heard_of(world, device, kind, &progress);
    match progress {
        Progress::Downloading => course::step(world, operation, device, UpgradeState::Downloading),
        Progress::Downloaded => course::step(world, operation, device, UpgradeState::Downloaded),
        Progress::Updating => course::step(world, operation, device, UpgradeState::Updating),
        Progress::Succeeded => course::succeeded(world, operation, device),
        Progress::Failed(reason) => course::failed(world, operation, device, None, reason),
        Progress::FailedWith { code, reason } => course::failed(world, operation, device, Some(code), reason),
    }
}

/// The device can be reached: an upgrade that waits for it begins.
pub(crate) fn device_reachable(world: &mut World, device: &str) {
    course::begin_next(world, device);
}

/// The device is gone: its upgrades end.
pub(crate) fn device_removed(world: &mut World, device: &Device) {
    course::device_removed(world, device);
}

/// Whether the platform can upgrade a device: only over LWM2M.
pub(crate) fn is_upgradable(device: &Device) -> bool {
    //= 1.12.4/rule/lwm2m-only
    //= 1.12.5/rule/lwm2m-only
    !device.mqtt && device.attributes.protocol_type.as_deref() == Some(Protocol::Lwm2m.as_str())
}

/// The version that a kind of upgrade changes.
pub(crate) const fn version_of(attributes: &Attributes, kind: OperateType) -> Option<&String> {
    match kind {
        OperateType::SoftwareUpgrade => attributes.sw_version.as_ref(),
        OperateType::FirmwareUpgrade => attributes.fw_version.as_ref(),
    }
}
