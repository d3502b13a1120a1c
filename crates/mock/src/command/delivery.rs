//! A command's way to its device: over the MQTT session of the device or its gateway, or to a
//! simulated device. Cached commands go one after the other, immediate ones as they come.

use std::sync::Arc;

use iotdm_spec::wire::{CommandStatus, DeviceStatus};

use super::life::{Due, become_status};
use crate::device::{Device, InFlight, Origin};
use crate::mqtt::receive_command::cloud_req;
use crate::simulated;
use crate::timers::Timer;
use crate::world::World;

/// How a device can be reached now.
enum Route {
    /// Over the session of this device: itself, or its gateway.
    Session(Arc<str>),
    /// By the hand that plays it.
    Simulated,
}

fn route(world: &World, device: &Device) -> Option<Route> {
    let carrier = world.devices.find(&device.gateway)?;
    if simulated::is_simulated(carrier) {
        return (device.status == DeviceStatus::Online).then_some(Route::Simulated);
    }
    // A session that has not subscribed to its command topic would lose the command.
    let listens = carrier.session.as_ref().is_some_and(|session| session.listening);
    listens.then(|| Route::Session(Arc::clone(&carrier.id)))
}

pub(super) fn can_be_reached(world: &World, device: &Device) -> bool {
    route(world, device).is_some()
}

/// The device can be reached: what waits for it, or for a device behind it, is sent.
pub(crate) fn device_reachable(world: &mut World, device: &str) {
    deliver(world, device);
    for sub_device in world.devices.behind(device) {
        deliver(world, &sub_device);
    }
}

/// Sends what waits for a device, if it can be reached: what was lost, and the next in its queue.
pub(super) fn deliver(world: &mut World, device: &str) {
    if !world.commands.waits_for(device) {
        return;
    }
    if !world.devices.find(device).is_some_and(|device| can_be_reached(world, device)) {
        return;
    }
    for command in world.commands.take_lost(device) {
        if world.commands.find(&command).is_some_and(|found| found.may_be_sent_again(world.now)) {
            transmit(world, &command);
        }
    }
    if let Some(next) = world.commands.next_to(device).cloned() {
        send(world, &next);
    }
}

/// Sends a command for the first time.
pub(super) fn send(world: &mut World, id: &Arc<str>) {
    let now = world.now;
    if let Some(command) = world.commands.find_mut(id) {
        command.issued = Some(now);
        command.issued_times = 1;
    }
    become_status(world, id, CommandStatus::Sent);
    hand_over(world, id);
}

/// Sends a command once more.
fn transmit(world: &mut World, id: &Arc<str>) {
    if let Some(command) = world.commands.find_mut(id) {
        command.issued_times += 1;
    }
    hand_over(world, id);
}

/// Hands a command to the device, if there is a way, and starts the clocks of this transmission.
fn hand_over(world: &mut World, id: &Arc<str>) {
    let Some(command) = world.commands.find(id) else { return };
    let (transmission, device) = (command.issued_times, Arc::clone(&command.device));
    let settings = &world.commands.settings;
    let again = world.now.plus(settings.retransmit_after);
    let end = world.now.plus(settings.timeout_after);
    if transmission <= command.max_retransmit {
        world.timers.set(again, Timer::Command(Due::Retransmit(Arc::clone(id), transmission)));
    }
    world.timers.set(end, Timer::Command(Due::TimesOut(Arc::clone(id), transmission)));
    match world.devices.find(&device).and_then(|device| route(world, device)) {
        Some(Route::Session(carrier)) => over_session(world, id, &carrier),
        Some(Route::Simulated) => simulated::command_arrived(world, &device, id),
        None => world.commands.lose(id, world.now),
    }
}

/// Publishes a command on the command topic. Sent again over one session it keeps its command id, so
/// that a late acknowledgement or answer still finds it.
fn over_session(world: &mut World, id: &Arc<str>, carrier: &Arc<str>) {
    let token = world.next_publish_token();
    let now = world.now;
    let Some(command) = world.commands.find_mut(id) else { return };
    let Some(device) = world.devices.find(&command.device) else { return };
    let known = |mid: &u16| device.in_flight.get(mid).is_some_and(|open| open.origin.is_cached(id));
    let known = command.mid.filter(known);
    let Some(mid) = known.or_else(|| world.devices.next_mid(carrier)) else {
        world.commands.lose(id, now);
        return;
    };
    command.mid = Some(mid);
    let Some(device) = world.devices.find_mut(&command.device) else { return };
    let (paras, service, method) = (command.paras.clone(), command.service.clone(), command.method.clone());
    let fresh = || InFlight { token, service, method, origin: Origin::Cached(Arc::clone(id)), forgotten: None };
    let in_flight = device.in_flight.entry(mid).or_insert_with(fresh).clone();
    cloud_req(world, carrier, mid, &in_flight, paras);
}

/// A transmission was not acknowledged in time: the next one goes out, or waits for the device.
pub(super) fn not_acknowledged(world: &mut World, id: &Arc<str>, transmission: i64) {
    let Some(command) = world.commands.find(id) else { return };
    if command.issued_times != transmission || !command.may_be_sent_again(world.now) {
        return;
    }
    if world.devices.find(&command.device).is_some_and(|device| can_be_reached(world, device)) {
        transmit(world, id);
    } else {
        world.commands.lose(id, world.now);
    }
}

/// The session of a device is over: what was on its way over it, also to devices behind it, has no
/// answer any more. A cached command is sent again when the device comes back, while it has
/// transmissions left; its time to be answered runs on.
pub(crate) fn link_lost(world: &mut World, carrier: &str) {
    let now = world.now;
    let mut ids = world.devices.behind(carrier);
    ids.extend(world.devices.find(carrier).map(|device| Arc::clone(&device.id)));
    for id in ids {
        let Some(device) = world.devices.find_mut(&id) else { continue };
        for lost in std::mem::take(&mut device.in_flight).into_values() {
            lost.forgotten.into_iter().for_each(|timer| world.timers.cancel(timer));
            if let Origin::Cached(command) = lost.origin {
                world.commands.lose(&command, now);
            }
        }
    }
}

/// A finished command needs its command id no more.
pub(super) fn forget_mid(world: &mut World, device: &str, id: &Arc<str>, mid: Option<u16>) {
    let Some((device, mid)) = world.devices.find_mut(device).zip(mid) else { return };
    if device.in_flight.get(&mid).is_some_and(|open| open.origin.is_cached(id)) {
        device.in_flight.remove(&mid);
    }
}
