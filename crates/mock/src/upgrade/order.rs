//! What 1.12.4 and 1.12.5 have in common: from the call to the operation, judged in the order of.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::clause::Clause;
use iotdm_spec::upgrades::create_firmware_upgrade::CreateFirmwareUpgrade;
use iotdm_spec::upgrades::create_software_upgrade::{CreateSoftwareUpgrade, OperateDevices, OperatePolicy};
use iotdm_spec::wire::{ExecuteType, FileType, OperateType};

use super::is_upgradable;
use super::operation::{NewOperation, Operation, Policy, Targets, Window};
use crate::clock::Moment;
use crate::deviation::{Deviation, DeviationKind, rule_of};
use crate::package::{Package, Series};
use crate::world::{Caller, Lookup, World};

/// A custom operation runs longer than this.
const SHORTEST_WINDOW: Duration = Duration::from_secs(300);
/// So much earlier than now a start may be.
const TOLERANCE: Duration = Duration::from_secs(60);

/// An upgrade that an application wants.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) kind: OperateType,
    pub(crate) file_id: String,
    pub(crate) targets: OperateDevices,
    pub(crate) policy: Option<OperatePolicy>,
}

/// Why it can't have it; each clause has its own row for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Neither groups nor devices are named.
    NoTargets,
    /// Both are.
    BothTargets,
    /// Groups without a device type.
    NoDeviceType,
    /// Groups without a model.
    NoModel,
    /// Groups without a manufacturer.
    NoManufacturerName,
    /// A time of a custom operation is missing.
    NoTime,
    /// An operation with retries does not say how many.
    NoRetryTimes,
    /// It ends before it starts.
    StartAfterEnd,
    /// It starts in the past.
    StartInThePast,
    /// It is too short.
    WindowTooShort,
    /// The package, a device or the devices of the groups are not there.
    NotFound,
    /// The package is not for such devices, or not of this kind.
    Mismatch,
}

/// The operation that an application wants.
pub(crate) fn plan(world: &mut World, caller: &Caller, order: Order) -> Result<Operation, Fault> {
    let targets = targets(order.targets)?;
    let policy = policy(order.policy, world.now)?;
    let Some(package) = world.upgrades.packages.find(&caller.owner, &order.file_id).cloned() else {
        no_package(world, order.kind);
        return Err(Fault::NotFound);
    };
    let devices = devices(world, caller, &targets)?;
    check_match(world, &targets, &devices, &package, order.kind)?;
    let id: Arc<str> = world.mint.hex(24).into();
    let devices = devices.into_iter().map(|device| (world.mint.hex(24).into(), device)).collect();
    let new = NewOperation { id, kind: order.kind, targets, policy, devices };
    Ok(Operation::new(new, &package, world.now))
}

/// One row answers for packages, devices and groups that are not there; the journal tells them apart.
fn no_package(world: &mut World, kind: OperateType) {
    let clause = match kind {
        OperateType::SoftwareUpgrade => CreateSoftwareUpgrade::TABLE.clause,
        OperateType::FirmwareUpgrade => CreateFirmwareUpgrade::TABLE.clause,
    };
    let rule = ["package-uploaded", "file-id-from-list"].into_iter().find_map(|slug| rule_of(clause, slug));
    let deviation = |id| Deviation::new(id, DeviationKind::ForbiddenCall, "there is no such package").at("fileId");
    world.deviations.extend(rule.map(deviation));
}

fn targets(given: OperateDevices) -> Result<Targets, Fault> {
    // An empty list is as good as none.
    let groups = given.device_groups.unwrap_or_default();
    let devices = given.devices.unwrap_or_default();
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (device_type, model, manufacturer_name) =
        (some(given.device_type), some(given.model), some(given.manufacturer_name));
    match (groups.is_empty(), devices.is_empty()) {
        (true, true) => return Err(Fault::NoTargets),
        (false, false) => return Err(Fault::BothTargets),
        (true, false) => {}
        (false, true) if manufacturer_name.is_none() => return Err(Fault::NoManufacturerName),
        (false, true) if device_type.is_none() => return Err(Fault::NoDeviceType),
        (false, true) if model.is_none() => return Err(Fault::NoModel),
        (false, true) => {}
    }
    Ok(Targets { groups, device_type, model, manufacturer_name, devices })
}

fn policy(given: Option<OperatePolicy>, now: Moment) -> Result<Policy, Fault> {
    let Some(given) = given else {
        // Without a policy it runs now.
        return Ok(Policy { execute: ExecuteType::Now, window: None, retries: 0 });
    };
    let is_custom = given.execute_type == ExecuteType::Custom;
    let times = if is_custom { Some(times(&given)?) } else { None };
    let retries = match (given.retry_type.unwrap_or(false), given.retry_times) {
        (true, None) => return Err(Fault::NoRetryTimes),
        (true, Some(times)) => u32::try_from(times).map_err(|_| Fault::NoRetryTimes)?,
        (false, _) => 0,
    };
    let window = times.map(|times| window(times, now)).transpose()?;
    Ok(Policy { execute: given.execute_type, window, retries })
}

fn times(given: &OperatePolicy) -> Result<Window, Fault> {
    let time = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok()).ok_or(Fault::NoTime);
    Ok(Window { start: time(&given.start_time)?, end: time(&given.end_time)? })
}

fn window(window: Window, now: Moment) -> Result<Window, Fault> {
    if window.start > window.end {
        return Err(Fault::StartAfterEnd);
    }
    // Times on the wire are in whole seconds, and so is what a caller can know of the platform's.
    if Moment(now.seconds() * 1000).since(window.start) > TOLERANCE {
        return Err(Fault::StartInThePast);
    }
    if window.end.since(window.start) <= SHORTEST_WINDOW {
        return Err(Fault::WindowTooShort);
    }
    Ok(window)
}

/// The devices that the targets come to, each once: those named, or those of the series in the groups named.
fn devices(world: &World, caller: &Caller, targets: &Targets) -> Result<Vec<Arc<str>>, Fault> {
    let mut seen = BTreeSet::new();
    let mut devices = Vec::new();
    for id in &targets.devices {
        let Lookup::Own(device) = world.look_up(caller, id) else { return Err(Fault::NotFound) };
        if seen.insert(Arc::clone(&device.id)) {
            devices.push(Arc::clone(&device.id));
        }
    }
    let series = series(targets);
    for name in &targets.groups {
        let group = world.groups.by_name(&caller.owner, name).ok_or(Fault::NotFound)?;
        for id in group.newest_members() {
            let belongs = world.devices.find(id).is_some_and(|device| series.as_ref().is_some_and(|s| s.is_of(device)));
            if belongs && seen.insert(Arc::clone(id)) {
                devices.push(Arc::clone(id));
            }
        }
    }
    if devices.is_empty() { Err(Fault::NotFound) } else { Ok(devices) }
}

/// The series that the targets name.
fn series(targets: &Targets) -> Option<Series> {
    Some(Series {
        device_type: targets.device_type.clone()?,
        model: targets.model.clone()?,
        manufacturer_name: targets.manufacturer_name.clone()?,
    })
}

/// The package must be of the kind, and for devices like these. Of devices that are named one by one only
/// those are judged that can be upgraded at all: the others fail each for itself.
fn check_match(
    world: &World,
    targets: &Targets,
    devices: &[Arc<str>],
    package: &Package,
    kind: OperateType,
) -> Result<(), Fault> {
    let wanted = match kind {
        OperateType::SoftwareUpgrade => FileType::SoftwarePackage,
        OperateType::FirmwareUpgrade => FileType::FirmwarePackage,
    };
    if package.kind != wanted {
        return Err(Fault::Mismatch);
    }
    let fits = if targets.groups.is_empty() {
        let mut found = devices.iter().filter_map(|id| world.devices.find(id));
        !found.any(|device| is_upgradable(device) && package.series.is_denied_by(device))
    } else {
        series(targets).is_some_and(|series| series == package.series)
    };
    if fits { Ok(()) } else { Err(Fault::Mismatch) }
}
