//! What is desired of LWM2M devices on its way to them (1.5.8; STATE.md section 10).

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{DeviceStatus, Protocol, ShadowSyncStatus, StatusDetail};

use super::inbox::What;
use super::{Due, is_simulated};
use crate::notifications::desired_properties_modify_status_changed::desired_properties_modify_status_changed;
use crate::shadow::Sync;
use crate::timers::Timer;
use crate::world::World;

/// How long the platform waits for a device's answer to a shadow change. The reference gives no time: it
/// is as long as that of a command.
const ANSWER_WITHIN: Duration = Duration::from_secs(180);

/// Whether the shadow of a device is synchronised: only if it speaks LWM2M (1.5.8, line 1112). What is
/// desired of others is stored and stays so.
fn is_synchronised(world: &World, id: &str) -> bool {
    let Some(device) = world.devices.find(id).filter(|device| is_simulated(device)) else { return false };
    let of_product = || world.product_of(id).map(|product| product.protocol.as_str());
    device.attributes.protocol_type.as_deref().or_else(of_product) == Some(Protocol::Lwm2m.as_str())
}

/// Something else is desired of these services of a device than before.
pub(crate) fn wanted(world: &mut World, id: &str, services: Vec<String>) {
    if !is_synchronised(world, id) {
        return;
    }
    let Some(device) = world.devices.find_mut(id) else { return };
    for service in services {
        device.shadow.sync.insert(service, Sync::Waiting);
    }
    //= 1.5.8/rule/desired-online
    if device.status == DeviceStatus::Online {
        shadow_waits(world, id);
    }
}

/// What is desired of a device and not there yet is sent to it (1.5.8).
pub(crate) fn shadow_waits(world: &mut World, id: &str) {
    let Some(device) = world.devices.find(id) else { return };
    let id = Arc::clone(&device.id);
    //= 1.5.8/rule/desired-offline
    let waiting: Vec<Arc<str>> = device.shadow.waiting().map(Arc::from).collect();
    for service in waiting {
        let entry = super::arrived(world, &id, What::Shadow { service: Arc::clone(&service) });
        if let Some(device) = world.devices.find_mut(&id) {
            device.shadow.sync.insert(service.to_string(), Sync::Syncing(entry));
        }
        let due = world.now.plus(ANSWER_WITHIN);
        world.timers.set(due, Timer::Simulated(Due::ShadowTimeout(Arc::clone(&id), service, entry)));
    }
}

/// The device has answered what was sent as this entry: it is in sync, or has refused. Applications hear
/// of it.
pub(crate) fn settled(world: &mut World, id: &Arc<str>, service: &str, entry: u64, accepted: bool) {
    let Some(device) = world.devices.find_mut(id) else { return };
    // Something newer may have been sent since.
    if device.shadow.sync.get(service) != Some(&Sync::Syncing(entry)) {
        return;
    }
    let status = if accepted {
        device.shadow.sync.remove(service);
        ShadowSyncStatus::Delivered
    } else {
        device.shadow.sync.insert(service.to_owned(), Sync::Failed);
        ShadowSyncStatus::Failed
    };
    // No status changed by that, only what stands beside it: nobody is told.
    if device.status_detail == StatusDetail::ConfigurationPending && !device.shadow.is_pending() {
        device.status_detail = StatusDetail::None;
    }
    //= 1.8.14/rule/push-trigger
    desired_properties_modify_status_changed(world, id, service, status);
}

/// A shadow change was not answered in time: it has failed.
pub(super) fn timed_out(world: &mut World, id: &Arc<str>, service: &Arc<str>, entry: u64) {
    settled(world, id, service, entry, false);
    if let Some(player) = world.simulated.find_mut(id) {
        player.inbox.remove(entry);
    }
}

/// The device is not online any more: what it has not got, or has refused, waits for its return.
pub(crate) fn device_left(world: &mut World, id: &str) {
    let Some(device) = world.devices.find_mut(id) else { return };
    if device.shadow.sync.is_empty() {
        return;
    }
    for sync in device.shadow.sync.values_mut() {
        *sync = Sync::Waiting;
    }
    if let Some(player) = world.simulated.find_mut(id) {
        player.inbox.remove_shadow();
    }
}

/// What stands beside the status ONLINE of a device that comes online.
pub(crate) fn detail_online(world: &World, id: &str) -> StatusDetail {
    match world.devices.find(id) {
        Some(device) if device.shadow.is_pending() => StatusDetail::ConfigurationPending,
        _ => StatusDetail::None,
    }
}
