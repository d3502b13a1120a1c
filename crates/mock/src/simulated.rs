//! Simulated devices of LWM2M and CoAP products, whose wire protocol the reference leaves out: driven by
//! hand through the control plane, or on autopilot.
//!
//! What the platform sends to such a device arrives in its [`inbox`]. Whoever drives it takes entries from
//! there and has the device act on them: the owner by hand ([`crate::owner`]), or the [`autopilot`] by
//! timers. Both go through [`perform`], so one may take over from the other at any time.

pub(crate) mod autopilot;
pub(crate) mod inbox;
pub(crate) mod shadow_sync;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{DeviceStatus, StatusDetail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::state::{Collection, Entity, Table};
use crate::timers::Timer;
use crate::upgrade::Progress;
use crate::world::World;
use crate::{command, upgrade};
use autopilot::Autopilot;
use inbox::{DeviceAct, Inbox, What};

pub(crate) use shadow_sync::shadow_waits;

/// How long the autopilot of a device that installs its firmware waits before it looks again.
const PAUSE: Duration = Duration::from_secs(1);

/// A leap of the clock in which a device would report more often than this makes its reports rarer, so that
/// a leap of years ends, and its pushes have room.
const REPORTS_IN_A_LEAP: u32 = 10_000;

/// What the simulated devices of a platform are about to do, and what waits for their driver.
#[derive(Debug, Default)]
pub(crate) struct Simulated {
    players: Table<Player>,
}

/// Who plays one device, and what it has got.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SimulatedDevice")]
pub(crate) struct Player {
    /// The device, by its id.
    pub(crate) device: Arc<str>,
    /// What has arrived at it.
    pub(crate) inbox: Inbox,
    /// The device's own autopilot, instead of its product's.
    pub(crate) autopilot: Option<Autopilot>,
    /// Taken offline by hand: it does nothing by itself until it is brought back.
    away: bool,
    /// Which plan for its coming online counts.
    coming: u64,
    /// Which chain of reports counts.
    chain: u64,
    /// Whether reports are planned.
    reporting: bool,
    /// How many reports it has sent by itself.
    reports: u64,
}

impl Entity for Player {
    fn key(&self) -> &Arc<str> {
        &self.device
    }
}

impl Collection for Simulated {
    type Item = Player;
    const SECTION: &'static str = "simulated_devices";

    fn table(&mut self) -> &mut Table<Player> {
        &mut self.players
    }

    fn rows(&self) -> &Table<Player> {
        &self.players
    }

    fn restored(rows: Table<Player>) -> Result<Self, String> {
        Ok(Self { players: rows })
    }
}

impl Simulated {
    pub(crate) fn find(&self, device: &str) -> Option<&Player> {
        self.players.get(device)
    }

    pub(crate) fn find_mut(&mut self, device: &str) -> Option<&mut Player> {
        self.players.get_mut(device)
    }

    /// The player of a device, which begins here if there was none.
    pub(crate) fn player(&mut self, device: &Arc<str>) -> &mut Player {
        self.players.get_or_insert(device, || Player { device: Arc::clone(device), ..Player::default() })
    }
}

/// What a simulated device does later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SimulatedDue")]
pub(crate) enum Due {
    /// The device with this id comes online for the first time; by which plan.
    ComeOnline(Arc<str>, u64),
    /// The device with this id reports; of which chain.
    Report(Arc<str>, u64),
    /// The device with this id acts on an entry of its inbox: the number of the entry, and on which of its
    /// turns.
    Act(Arc<str>, u64, u64),
    /// A shadow change has had no answer: the id of the device, the service, the number of the entry as
    /// which it was sent.
    ShadowTimeout(Arc<str>, Arc<str>, u64),
}

pub(crate) fn fire(world: &mut World, due: Due) {
    match due {
        Due::ComeOnline(device, plan) => come_online(world, &device, plan),
        Due::Report(device, chain) => report(world, &device, chain),
        Due::Act(device, entry, turn) => take_turn(world, &device, entry, turn),
        Due::ShadowTimeout(device, service, entry) => shadow_sync::timed_out(world, &device, &service, entry),
    }
}

/// Whether the mock plays the device itself: everything that does not speak MQTT.
pub(crate) const fn is_simulated(device: &Device) -> bool {
    !device.mqtt
}

/// Whether what is sent to a simulated device gets there. An ABNORMAL one is silent, and may still listen.
fn is_in_reach(world: &World, id: &str) -> bool {
    let away = world.simulated.find(id).is_some_and(|player| player.away);
    !away
        && world.devices.find(id).is_some_and(|device| {
            is_simulated(device) && matches!(device.status, DeviceStatus::Online | DeviceStatus::Abnormal)
        })
}

/// A command was sent to a simulated device.
pub(crate) fn command_arrived(world: &mut World, device: &Arc<str>, command: &Arc<str>) {
    // Sent again, a command is no other one: it waits where it is.
    let has_it = |player: &Player| player.inbox.iter().any(|entry| entry.what.is_command(command));
    if !is_in_reach(world, device) || world.simulated.find(device).is_some_and(has_it) {
        return;
    }
    arrived(world, device, What::Command { id: Arc::clone(command), acknowledged: false });
}

/// An upgrade was sent to a simulated device.
pub(crate) fn upgrade_arrived(world: &mut World, device: &Arc<str>, operation: &Arc<str>) {
    if !is_in_reach(world, device) {
        return;
    }
    arrived(world, device, What::Upgrade { operation: Arc::clone(operation), progress: None });
}

/// Puts something into a device's inbox; gives the entry's number.
fn arrived(world: &mut World, device: &Arc<str>, what: What) -> u64 {
    let now = world.now;
    let entry = world.simulated.player(device).inbox.put(now, what);
    plan_turn(world, device, entry);
    entry
}

/// The device does something about an entry of its inbox, which it must fit; it is heard from by that.
pub(crate) fn perform(world: &mut World, id: &Arc<str>, entry: u64, act: DeviceAct) {
    let Some(inbox) = world.simulated.find_mut(id).map(|player| &mut player.inbox) else { return };
    let Some(what) = inbox.find(entry).map(|entry| entry.what.clone()) else { return };
    match &act {
        DeviceAct::Acknowledge => inbox.acknowledge(entry),
        DeviceAct::Progress(progress) if !progress.is_final() => inbox.progress(entry, progress.clone()),
        _ => inbox.remove(entry),
    }
    if matches!(act, DeviceAct::Ignore) {
        return;
    }
    // Of its upgrade a device tells in a way of its own: while it installs its firmware it is not there.
    if !matches!(act, DeviceAct::Progress(_)) {
        world.sign_of_life(id);
    }
    match (what, act) {
        (What::Command { id: command, .. }, DeviceAct::Acknowledge) => command::acknowledged(world, &command),
        (What::Command { id: command, .. }, DeviceAct::Answer { executed, result }) => {
            command::answered(world, &command, executed, result);
        }
        (What::Shadow { service }, DeviceAct::Accept) => shadow_sync::settled(world, id, &service, entry, true),
        (What::Shadow { service }, DeviceAct::Refuse) => shadow_sync::settled(world, id, &service, entry, false),
        (What::Upgrade { operation, .. }, DeviceAct::Progress(progress)) => {
            upgrade::progressed(world, &operation, id, progress);
        }
        _ => {}
    }
    plan_turn(world, id, entry);
}

/// Whether the platform does not wait any more for what a device has in its inbox.
pub(crate) fn is_over(world: &World, device: &str, what: &What) -> bool {
    match what {
        What::Command { id, .. } => world.commands.find(id).is_none_or(command::Command::is_over),
        What::Shadow { .. } => false,
        What::Upgrade { operation, .. } => {
            world.upgrades.running_on(device).is_none_or(|running| running.id != *operation)
        }
    }
}

impl Progress {
    /// Whether nothing comes after it.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed(_) | Self::FailedWith { .. })
    }
}

/// The autopilot that flies a device: its own, or its product's.
pub(crate) fn autopilot_of<'w>(world: &'w World, id: &str) -> Option<&'w Autopilot> {
    let own = world.simulated.find(id).and_then(|player| player.autopilot.as_ref());
    own.or_else(|| world.product_of(id)?.autopilot.as_ref())
}

/// The device was registered, has got a new key or another autopilot: what it does by itself is planned anew.
pub(crate) fn plan(world: &mut World, id: &str) {
    let Some(device) = world.devices.find(id).filter(|device| is_simulated(device)) else { return };
    let (id, activated) = (Arc::clone(&device.id), device.activated);
    let Some(pilot) = autopilot_of(world, &id).cloned() else {
        if let Some(player) = world.simulated.find_mut(&id) {
            // Timers of an earlier autopilot find that they don't count any more.
            player.coming += 1;
            player.stop_reporting();
        }
        return;
    };
    let now = world.now;
    let player = world.simulated.player(&id);
    player.coming += 1;
    player.stop_reporting();
    let plan = player.coming;
    let may_report = activated && !player.away;
    if let Some(after) = pilot.online_after.filter(|_| !activated) {
        world
            .timers
            .set(now.plus(Duration::from_secs(after)), Timer::Simulated(Due::ComeOnline(Arc::clone(&id), plan)));
    }
    if may_report {
        begin_reporting(world, &id, &pilot);
    }
    plan_turns(world, &id);
}

fn come_online(world: &mut World, id: &str, plan: u64) {
    let counts = world.simulated.find(id).is_some_and(|player| player.coming == plan);
    let waits = world.devices.find(id).is_some_and(|device| !device.activated);
    if counts && waits {
        world.comes_online(id);
    }
}

/// A simulated device was heard from: it is there, and does by itself what its autopilot says.
pub(crate) fn is_there(world: &mut World, id: &str) {
    let Some(device) = world.devices.find(id).filter(|device| is_simulated(device)) else { return };
    let id = Arc::clone(&device.id);
    let returns = world.simulated.find_mut(&id).is_some_and(|player| std::mem::take(&mut player.away));
    let reporting = world.simulated.find(&id).is_some_and(|player| player.reporting);
    if !reporting && let Some(pilot) = autopilot_of(world, &id).cloned() {
        begin_reporting(world, &id, &pilot);
    }
    if returns {
        plan_turns(world, &id);
    }
}

/// A simulated device was taken offline by hand.
pub(crate) fn taken_away(world: &mut World, id: &Arc<str>) {
    let player = world.simulated.player(id);
    player.away = true;
    player.stop_reporting();
}

/// The device is gone: so is its player.
pub(crate) fn device_removed(world: &mut World, device: &Device) {
    world.simulated.players.remove(&device.id);
}

impl Player {
    fn stop_reporting(&mut self) {
        self.chain += 1;
        self.reporting = false;
    }
}

fn begin_reporting(world: &mut World, id: &Arc<str>, pilot: &Autopilot) {
    let Some(reporting) = &pilot.report else { return };
    let player = world.simulated.player(id);
    player.chain += 1;
    player.reporting = true;
    let rare = world.leap_ends.since(world.now) / REPORTS_IN_A_LEAP;
    let due = world.now.plus(reporting.period().max(rare));
    let chain = world.simulated.player(id).chain;
    world.timers.set(due, Timer::Simulated(Due::Report(Arc::clone(id), chain)));
}

fn report(world: &mut World, id: &Arc<str>, chain: u64) {
    let Some(player) = world.simulated.find_mut(id).filter(|player| player.chain == chain) else { return };
    // A device that got a new key has to come back first.
    if !world.devices.find(id).is_some_and(|device| device.activated) {
        player.stop_reporting();
        return;
    }
    let turn = player.reports;
    let Some(pilot) = autopilot_of(world, id).cloned() else { return };
    if installs_firmware(world, id) {
        begin_reporting(world, id, &pilot);
        return;
    }
    let items = match (&pilot.report, world.product_of(id)) {
        (Some(reporting), Some(product)) => reporting.items(product, turn),
        _ => Vec::new(),
    };
    begin_reporting(world, id, &pilot);
    world.simulated.player(id).reports += 1;
    // Its chain of reports is also how it tells that it is there: with nothing to report, too.
    world.hear(id, |world| {
        if items.is_empty() {
            return ((), true);
        }
        // The values are inside the model; a frozen device reports, and its reports are discarded.
        let taken = crate::mqtt::report_data::report(world, id, &items);
        ((), taken.is_ok_and(|taken| taken.stored > 0))
    });
}

/// Whether the device is offline because it installs its firmware: until that has ended it says nothing.
fn installs_firmware(world: &World, id: &str) -> bool {
    world.devices.find(id).is_some_and(|device| {
        device.status == DeviceStatus::Offline && device.status_detail == StatusDetail::FirmwareUpdating
    })
}

fn plan_turns(world: &mut World, id: &Arc<str>) {
    let entries = world.simulated.find(id).map(|player| player.inbox.numbers()).unwrap_or_default();
    for entry in entries {
        plan_turn(world, id, entry);
    }
}

/// Sets the time at which the autopilot will act on an entry, if it will.
fn plan_turn(world: &mut World, id: &Arc<str>, number: u64) {
    let Some(entry) = world.simulated.find(id).and_then(|player| player.inbox.find(number)) else { return };
    let next = autopilot_of(world, id).and_then(|pilot| pilot.next_act(&entry.what));
    // Whatever was planned for the entry does not count any more.
    let turn = world.simulated.player(id).inbox.next_turn(number);
    if let (Some((after, _)), Some(turn)) = (next, turn) {
        world.timers.set(world.now.plus(after), Timer::Simulated(Due::Act(Arc::clone(id), number, turn)));
    }
}

fn take_turn(world: &mut World, id: &Arc<str>, number: u64, turn: u64) {
    let there = world.devices.find(id).is_some_and(|device| device.activated);
    let Some(player) = world.simulated.find(id).filter(|player| there && !player.away) else { return };
    let Some(entry) = player.inbox.find(number).filter(|entry| entry.turn == turn) else { return };
    if installs_firmware(world, id) && !matches!(entry.what, What::Upgrade { .. }) {
        let due = world.now.plus(PAUSE);
        world.timers.set(due, Timer::Simulated(Due::Act(Arc::clone(id), number, turn)));
        return;
    }
    if let Some((_, act)) = autopilot_of(world, id).and_then(|pilot| pilot.next_act(&entry.what)) {
        perform(world, id, number, act);
    }
}
