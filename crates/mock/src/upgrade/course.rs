//! The course of an operation (STATE.md, U1 to U11): it comes due, each device gets it, reports, and is
//! through with it one way or another.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::upgrades::query_upgrade_details::NO_PROTOCOL_SERVICE;
use iotdm_spec::wire::{DeviceStatus, ExecuteType, OperateType, StatusDetail, UpgradeResult, UpgradeState};

use super::operation::{Operation, Stage};
use super::{Due, Progress, is_upgradable, version_of};
use crate::device::Device;
use crate::notifications::device_info_changed::device_info_changed;
use crate::notifications::fw_upgrade_result_notify::fw_upgrade_result_notify;
use crate::notifications::fw_upgrade_state_change_notify::fw_upgrade_state_change_notify;
use crate::notifications::sw_upgrade_result_notify::sw_upgrade_result_notify;
use crate::notifications::sw_upgrade_state_change_notify::sw_upgrade_state_change_notify;
use crate::notifications::{UpgradeEnd, UpgradeOf};
use crate::simulated;
use crate::timers::Timer;
use crate::world::World;

/// For so long a device that is at an upgrade may be silent about it. The reference names no time.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// For so long an operation that is to run now waits until a device can be reached. The reference names no time.
const REACH: Duration = Duration::from_secs(24 * 3600);

const PACKAGE_GONE: &str = "The package was deleted.";
const DEVICE_GONE: &str = "The device was deleted.";
const UNHEARD_OF: &str = "The device did not report in time.";
const UNREACHED: &str = "The device could not be reached in time.";
const UPGRADED: &str = "The device was upgraded.";

/// An operation was created: it runs at once, or its time is awaited.
pub(crate) fn start(world: &mut World, operation: Operation) {
    let id = Arc::clone(&operation.id);
    let window = operation.policy.window;
    world.upgrades.add(operation);
    match window {
        Some(window) => {
            //= 1.12.4/rule/end-time
            //= 1.12.5/rule/end-time
            world.timers.set(window.end, Timer::Upgrade(Due::WindowCloses(Arc::clone(&id))));
            if window.start <= world.now {
                open(world, &id);
            } else {
                //= 1.12.4/rule/start-time
                //= 1.12.5/rule/start-time
                world.timers.set(window.start, Timer::Upgrade(Due::WindowOpens(id)));
            }
        }
        None => open(world, &id),
    }
}

/// The operation's time has come: every device that can be reached gets it.
pub(super) fn open(world: &mut World, id: &Arc<str>) {
    let now = world.now;
    let Some(operation) = world.upgrades.operation_mut(id).filter(|operation| operation.is_open()) else { return };
    //= 1.12.4/rule/execute-types
    //= 1.12.5/rule/execute-types
    operation.due = true;
    if operation.policy.execute != ExecuteType::DeviceOnline {
        operation.started = Some(now);
    }
    let devices: Vec<_> = operation.sub_operations().iter().map(|sub| Arc::clone(&sub.device)).collect();
    for device in devices {
        if world.devices.find(&device).is_some_and(is_upgradable) {
            watch(world, id, &device);
            if is_online(world, &device) {
                begin_next(world, &device);
            }
        } else {
            // There is no row for such a device; its upgrade fails.
            let end = End { detail: NO_PROTOCOL_SERVICE.to_owned(), ..End::new(Stage::Fail) };
            conclude(world, id, &device, end);
        }
    }
}

/// The operation's time is over: what is not through with it stops, and nobody is told.
pub(super) fn stop(world: &mut World, id: &Arc<str>) {
    let Some(operation) = world.upgrades.operation(id) else { return };
    let open = operation.sub_operations().iter().filter(|sub| sub.stage().is_open());
    let devices: Vec<_> = open.map(|sub| Arc::clone(&sub.device)).collect();
    for device in devices {
        conclude(world, id, &device, End::new(Stage::Stop));
    }
}

fn is_online(world: &World, device: &str) -> bool {
    world.devices.find(device).is_some_and(|device| device.status == DeviceStatus::Online)
}

/// Gives a device that can be reached the oldest upgrade that waits for it; it does one at a time.
pub(super) fn begin_next(world: &mut World, device: &str) {
    let now = world.now;
    if world.upgrades.running_on(device).is_some() {
        return;
    }
    let Some(operation) = world.upgrades.open_of(device).find(|operation| operation.due) else { return };
    let (id, kind) = (Arc::clone(&operation.id), operation.kind);
    let Some(found) = world.devices.find(device) else { return };
    let (device, version) = (Arc::clone(&found.id), version_of(&found.attributes, kind).cloned());
    let Some(operation) = world.upgrades.operation_mut(&id) else { return };
    let there = Arc::clone(&operation.file_id);
    operation.started.get_or_insert(now);
    operation.put(&device, Stage::Processing);
    if let Some(sub) = operation.of_device_mut(&device) {
        sub.started.get_or_insert(now);
        if sub.attempts == 0 {
            sub.source_version = version;
        }
        sub.attempts += 1;
        sub.step = None;
    }
    if world.upgrades.packages.contains(&there) {
        watch(world, &id, &device);
        simulated::upgrade_arrived(world, &device, &id);
    } else {
        let end = End { detail: PACKAGE_GONE.to_owned(), ..End::new(Stage::Fail) };
        conclude(world, &id, &device, end);
    }
}

/// Sets the time in which there must be news of a device's upgrade, if there is one.
fn watch(world: &mut World, id: &Arc<str>, device: &Arc<str>) {
    let Some(operation) = world.upgrades.operation(id) else { return };
    let Some(sub) = operation.of_device(device) else { return };
    let span = match sub.stage() {
        Stage::Processing => PATIENCE,
        Stage::Wait if operation.policy.execute == ExecuteType::Now => REACH,
        _ => return,
    };
    let due = Due::Silent(Arc::clone(id), Arc::clone(device), sub.news);
    world.timers.set(world.now.plus(span), Timer::Upgrade(due));
}

/// There were no news of a device's upgrade for too long.
pub(super) fn timed_out(world: &mut World, id: &Arc<str>, device: &Arc<str>, news: u64) {
    let Some(sub) = world.upgrades.operation(id).and_then(|operation| operation.of_device(device)) else { return };
    if sub.news != news {
        return;
    }
    match sub.stage() {
        Stage::Processing if retries(world, id, device) => {}
        Stage::Processing => {
            conclude(world, id, device, End { detail: UNHEARD_OF.to_owned(), ..End::new(Stage::TimedOut) });
        }
        _ => conclude(world, id, device, End { detail: UNREACHED.to_owned(), ..End::new(Stage::TimedOut) }),
    }
}

/// A device that reports is online; one that installs its firmware can't be.
pub(super) fn heard_of(world: &mut World, device: &Arc<str>, kind: OperateType, progress: &Progress) {
    let now = world.now;
    let Some(found) = world.devices.find_mut(device).filter(|device| device.activated) else { return };
    if kind == OperateType::FirmwareUpgrade && *progress == Progress::Updating {
        found.last_heard = now;
        world.become_status(device, DeviceStatus::Offline, StatusDetail::FirmwareUpdating);
    } else {
        world.heard_from(device);
    }
}

/// A device is one step further. One that it has passed already is no news.
pub(super) fn step(world: &mut World, id: &Arc<str>, device: &Arc<str>, state: UpgradeState) {
    let now = world.now;
    let Some(sub) = running(world, id, device).filter(|sub| sub.step.is_none_or(|step| step < state)) else { return };
    sub.step = Some(state);
    sub.news += 1;
    match state {
        UpgradeState::Downloading => sub.download_began = Some(now),
        UpgradeState::Downloaded => sub.download_seconds = sub.download_began.map(|began| now.since(began).as_secs()),
        UpgradeState::Updating | UpgradeState::Idle => {}
    }
    watch(world, id, device);
    state_changed(world, id, device, state);
}

fn running<'w>(world: &'w mut World, id: &str, device: &str) -> Option<&'w mut super::SubOperation> {
    let sub = world.upgrades.operation_mut(id)?.of_device_mut(device)?;
    (sub.stage() == Stage::Processing).then_some(sub)
}

/// A device runs the new version.
pub(super) fn succeeded(world: &mut World, id: &Arc<str>, device: &Arc<str>) {
    if running(world, id, device).is_none() {
        return;
    }
    state_changed(world, id, device, UpgradeState::Idle);
    let now = world.now;
    let Some(operation) = world.upgrades.operation(id) else { return };
    if let Some(found) = world.devices.find_mut(device) {
        let version = match operation.kind {
            OperateType::SoftwareUpgrade => &mut found.attributes.sw_version,
            OperateType::FirmwareUpgrade => &mut found.attributes.fw_version,
        };
        *version = Some(operation.version.clone());
        found.modified = now;
    }
    conclude(world, id, device, End::new(Stage::Success));
}

/// A device could not: it tries again, or that was it.
pub(super) fn failed(world: &mut World, id: &Arc<str>, device: &Arc<str>, code: Option<String>, reason: String) {
    if running(world, id, device).is_none() {
        return;
    }
    state_changed(world, id, device, UpgradeState::Idle);
    if !retries(world, id, device) {
        conclude(world, id, device, End { code, detail: reason, ..End::new(Stage::Fail) });
    }
}

/// Lets a failed upgrade begin anew, if its policy has attempts left. The reference names no pause:
/// it does so at once, or as soon as the device can be reached.
fn retries(world: &mut World, id: &Arc<str>, device: &Arc<str>) -> bool {
    let Some(operation) = world.upgrades.operation_mut(id) else { return false };
    let attempts = operation.of_device(device).map_or(0, |sub| sub.attempts);
    //= 1.12.4/rule/retry-on-failure
    //= 1.12.5/rule/retry-on-failure
    if attempts > operation.policy.retries {
        return false;
    }
    operation.put(device, Stage::Wait);
    if let Some(sub) = operation.of_device_mut(device) {
        sub.step = None;
        sub.download_began = None;
        sub.download_seconds = None;
    }
    watch(world, id, device);
    if is_online(world, device) {
        begin_next(world, device);
    }
    true
}

/// A package is gone: the upgrades that are at it fail. Those that wait fail when they begin.
pub(crate) fn package_removed(world: &mut World, application: &str, file_id: &str) {
    let with_it = world.upgrades.newest_of(application).filter(|operation| *operation.file_id == *file_id);
    let subs = with_it.flat_map(|operation| operation.sub_operations().iter().map(move |sub| (&operation.id, sub)));
    let at_it = subs.filter(|(_, sub)| sub.stage() == Stage::Processing);
    let running: Vec<_> = at_it.map(|(id, sub)| (Arc::clone(id), Arc::clone(&sub.device))).collect();
    for (id, device) in running {
        conclude(world, &id, &device, End { detail: PACKAGE_GONE.to_owned(), ..End::new(Stage::Fail) });
    }
}

/// A device is gone: what it is not through with fails.
pub(super) fn device_removed(world: &mut World, device: &Device) {
    let open: Vec<_> = world.upgrades.open_of(&device.id).map(|operation| Arc::clone(&operation.id)).collect();
    for id in open {
        let kind = world.upgrades.operation(&id).map(|operation| operation.kind);
        let version = kind.and_then(|kind| version_of(&device.attributes, kind)).cloned();
        conclude(world, &id, &device.id, End { detail: DEVICE_GONE.to_owned(), version, ..End::new(Stage::Fail) });
    }
}

/// How the upgrade of a device ends.
struct End {
    stage: Stage,
    detail: String,
    code: Option<String>,
    /// What a device ran that is not there any more.
    version: Option<String>,
}

impl End {
    const fn new(stage: Stage) -> Self {
        Self { stage, detail: String::new(), code: None, version: None }
    }
}

/// Ends the upgrade of one device, and with the last one the operation.
fn conclude(world: &mut World, id: &Arc<str>, device: &Arc<str>, end: End) {
    let now = world.now;
    let Some(operation) = world.upgrades.operation_mut(id) else { return };
    operation.put(device, end.stage);
    if let Some(sub) = operation.of_device_mut(device) {
        sub.stopped = Some(now);
        sub.detail = Some(end.detail.clone()).filter(|detail| !detail.is_empty());
    }
    if !operation.is_open() {
        operation.stopped = Some(now);
    }
    world.upgrades.close(device, id);
    if end.stage != Stage::Stop {
        result_reached(world, id, device, &end);
    }
    if end.stage == Stage::Success {
        device_info_changed(world, device);
    }
    if is_online(world, device) {
        begin_next(world, device);
    }
}

/// What all pushes about the upgrade of a device name.
fn named(operation: &Operation, device: &Arc<str>) -> Option<UpgradeOf> {
    Some(UpgradeOf {
        device: Arc::clone(device),
        application: Arc::clone(&operation.application),
        operation: Arc::clone(&operation.id),
        sub_operation: Arc::clone(&operation.of_device(device)?.id),
    })
}

fn state_changed(world: &mut World, id: &str, device: &Arc<str>, state: UpgradeState) {
    let Some(operation) = world.upgrades.operation(id) else { return };
    let (kind, Some(of)) = (operation.kind, named(operation, device)) else { return };
    match kind {
        OperateType::SoftwareUpgrade => sw_upgrade_state_change_notify(world, &of, state),
        OperateType::FirmwareUpgrade => fw_upgrade_state_change_notify(world, &of, state),
    }
}

fn result_reached(world: &mut World, id: &str, device: &Arc<str>, end: &End) {
    let Some(operation) = world.upgrades.operation(id) else { return };
    let (kind, Some(of)) = (operation.kind, named(operation, device)) else { return };
    let Some(sub) = operation.of_device(device) else { return };
    let current = world.devices.find(device).and_then(|device| version_of(&device.attributes, kind));
    let current = current.or(end.version.as_ref());
    let source = if sub.attempts == 0 { current } else { sub.source_version.as_ref() };
    let result = if end.stage == Stage::Success { UpgradeResult::Success } else { UpgradeResult::Fail };
    let end = UpgradeEnd {
        result,
        current_version: current.or(sub.source_version.as_ref()).cloned().unwrap_or_default(),
        target_version: operation.version.clone(),
        source_version: source.cloned().unwrap_or_default(),
        seconds: sub.upgrade_seconds().unwrap_or_default(),
        description: if result == UpgradeResult::Success { UPGRADED.to_owned() } else { end.detail.clone() },
        error_code: end.code.clone(),
    };
    match kind {
        OperateType::SoftwareUpgrade => sw_upgrade_result_notify(world, &of, end),
        OperateType::FirmwareUpgrade => fw_upgrade_result_notify(world, &of, end),
    }
}
