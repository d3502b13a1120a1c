//! All state of one platform. Handlers get it exclusively, change it, and leave their effects in the
//! outbox; nobody here reads a clock, a socket or a random number.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{BindResult, DeviceStatus, StatusDetail};

use crate::application::Applications;
use crate::batch_task::BatchTasks;
use crate::clock::Moment;
use crate::command::Commands;
use crate::deviation::Deviation;
use crate::device::{Device, Devices, HISTORY_LIMIT};
use crate::faults::Faults;
use crate::group::Groups;
use crate::lora_network::LoraNetwork;
use crate::mint::Mint;
use crate::notifications::bind_device::bind_device;
use crate::notifications::device_info_changed::device_info_changed;
use crate::outbox::Effect;
use crate::platform::Furnished;
use crate::product::{Product, Products};
use crate::receivers::Receivers;
use crate::simulated::{Simulated, shadow_sync};
use crate::subscription::Subscriptions;
use crate::timers::{Timer, Timers};
use crate::upgrade::Upgrades;
use crate::{batch_task, command, receivers, registration, simulated, upgrade};

/// After so long a silence a device is ABNORMAL (1.6.1, line 1887).
pub(crate) const ABNORMAL_AFTER: Duration = Duration::from_secs(25 * 3600);
/// After so long a silence a device is OFFLINE (1.6.1, line 1887).
pub(crate) const OFFLINE_AFTER: Duration = Duration::from_secs(49 * 3600);

/// All state of one platform. What of it outlives its process, [`crate::state`] knows.
#[derive(Debug)]
pub(crate) struct World {
    /// The platform's time, set by the shell before it enters.
    pub(crate) now: Moment,
    /// The end of the leap that time is taking; not before `now` while timers fire.
    pub(crate) leap_ends: Moment,
    pub(crate) mint: Mint,
    pub(crate) applications: Applications,
    pub(crate) products: Products,
    pub(crate) devices: Devices,
    pub(crate) groups: Groups,
    pub(crate) lora: LoraNetwork,
    /// Open MQTT sessions, by the door's number.
    pub(crate) sessions: HashMap<u64, Arc<str>>,
    pub(crate) commands: Commands,
    pub(crate) batch_tasks: BatchTasks,
    pub(crate) upgrades: Upgrades,
    pub(crate) simulated: Simulated,
    pub(crate) subscriptions: Subscriptions,
    /// Who is pushed to, and what waits for them.
    pub(crate) receivers: Receivers,
    pub(crate) timers: Timers,
    /// Effects in the order in which they arose.
    pub(crate) outbox: VecDeque<Effect>,
    /// Ordered answers and faults belong to a test, not to the state of a platform.
    pub(crate) faults: Faults,
    /// What a handler has to say to the journal: tolerated, but worth knowing.
    pub(crate) remarks: Vec<String>,
    /// Where what is being handled deviates from the contract, for the journal.
    pub(crate) deviations: Vec<Deviation>,
    /// What completes a refusal whose text ends in a placeholder.
    pub(crate) reason: Option<String>,
    /// How far a device's timestamp may be off with signature type 1.
    pub(crate) timestamp_tolerance: Duration,
    /// The most protected calls in a minute of an application that is added; none means no limit.
    pub(crate) throttle: Option<u32>,
    /// How many history records a device keeps.
    pub(crate) history_limit: usize,
    pub(crate) publish_tokens: u64,
    /// What the platform names when it starts.
    pub(crate) furnished: Option<Furnished>,
}

/// Who calls, and on whose behalf; the gate has judged both.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The application that logged in.
    pub(crate) id: Arc<str>,
    /// The application whose things it acts on: the `appId` parameter, or itself.
    pub(crate) owner: Arc<str>,
}

/// What a device id leads a caller to.
pub(crate) enum Lookup<'w> {
    /// A device of the application on whose behalf it acts.
    Own(&'w Device),
    /// A device of another application.
    Foreign,
    /// No device.
    Unknown,
}

impl World {
    pub(crate) fn new(mint: Mint, now: Moment) -> Self {
        let faults = Faults::new(mint.apart("faults"));
        Self {
            now,
            leap_ends: now,
            mint,
            applications: Applications::default(),
            products: Products::default(),
            devices: Devices::default(),
            groups: Groups::default(),
            lora: LoraNetwork::default(),
            sessions: HashMap::new(),
            commands: Commands::default(),
            batch_tasks: BatchTasks::default(),
            upgrades: Upgrades::default(),
            simulated: Simulated::default(),
            subscriptions: Subscriptions::default(),
            receivers: Receivers::default(),
            timers: Timers::default(),
            outbox: VecDeque::new(),
            faults,
            remarks: Vec::new(),
            deviations: Vec::new(),
            reason: None,
            timestamp_tolerance: Duration::from_secs(3600),
            throttle: None,
            history_limit: HISTORY_LIMIT,
            publish_tokens: 0,
            furnished: None,
        }
    }

    /// Lets time pass until `now`: fires what is due, in order, each timer at its own moment.
    pub(crate) fn pass_time(&mut self, now: Moment) {
        self.leap_ends = now;
        while let Some((due, timer)) = self.timers.take_due(now) {
            self.now = self.now.max(due);
            self.fire(timer);
        }
        self.now = self.now.max(now);
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Silence(device) => self.judge_silence(&device),
            Timer::RegistrationExpires(device, which) => registration::expired(self, &device, which),
            Timer::Command(due) => command::fire(self, due),
            Timer::BatchTask(due) => batch_task::fire(self, due),
            Timer::Upgrade(due) => upgrade::fire(self, due),
            Timer::Simulated(due) => simulated::fire(self, due),
            Timer::Push(due) => receivers::fire(self, due),
            Timer::CommandForgotten(device, mid, token) => {
                let Some(device) = self.devices.find_mut(&device) else { return };
                if device.in_flight.get(&mid).is_some_and(|command| command.token == token) {
                    device.in_flight.remove(&mid);
                }
            }
        }
    }

    /// A device sent something: it is online, and its silence begins anew.
    pub(crate) fn heard_from(&mut self, id: &str) {
        self.hear(id, |_| ((), true));
    }

    /// A device said something: it is online, then what it said takes effect. Only then, and only if that
    /// was a report or brings the device back, is it sent what has waited for it (1.9.1, line 4193; D4, D6).
    pub(crate) fn hear<T>(&mut self, id: &str, message: impl FnOnce(&mut Self) -> (T, bool)) -> T {
        let returns = self.is_alive(id);
        let (outcome, reported) = message(self);
        if returns || reported {
            self.can_be_reached(id);
        }
        outcome
    }

    /// Whether it was not online until now.
    fn is_alive(&mut self, id: &str) -> bool {
        let now = self.now;
        let Some(device) = self.devices.find_mut(id) else { return false };
        let returns = device.status != DeviceStatus::Online;
        device.last_heard = now;
        if !device.watched {
            device.watched = true;
            self.timers.set(now.plus(ABNORMAL_AFTER), Timer::Silence(Arc::clone(&device.id)));
        }
        let detail = shadow_sync::detail_online(self, id);
        self.become_status(id, DeviceStatus::Online, detail);
        simulated::is_there(self, id);
        returns
    }

    /// A device sent something that is no report, such as an acknowledgement: what waits for a report goes
    /// on waiting, unless the device comes back by that (1.9.1, line 4193).
    pub(crate) fn sign_of_life(&mut self, id: &str) {
        let now = self.now;
        match self.devices.find_mut(id) {
            Some(device) if device.status == DeviceStatus::Online => device.last_heard = now,
            _ => self.heard_from(id),
        }
    }

    /// A device has got access: the first time that makes it active (A-286; STATE.md D3, D4).
    pub(crate) fn comes_online(&mut self, id: &str) {
        let detail = shadow_sync::detail_online(self, id);
        let Some(device) = self.devices.find_mut(id) else { return };
        if !device.activated {
            device.activated = true;
            device.status = DeviceStatus::Online;
            device.status_detail = detail;
            bind_device(self, id, BindResult::Succeeded);
            device_info_changed(self, id);
        }
        self.heard_from(id);
    }

    /// A device is online or has just reported: what has waited for that is sent (STATE.md D3, D4).
    fn can_be_reached(&mut self, id: &str) {
        simulated::shadow_waits(self, id);
        command::device_reachable(self, id);
        upgrade::device_reachable(self, id);
    }

    /// Takes a device out of the world, with its session, its place in a group and whatever waits for it.
    pub(crate) fn remove_device(&mut self, id: &str, why: &'static str) -> Option<Device> {
        command::link_lost(self, id);
        let device = self.devices.remove(id)?;
        self.groups.leave(id);
        self.lora.forget(id);
        if let Some(session) = &device.session {
            self.sessions.remove(&session.id);
            self.outbox.push_back(Effect::CloseSession { device: Arc::clone(&device.id), why });
        }
        command::device_removed(self, &device);
        upgrade::device_removed(self, &device);
        simulated::device_removed(self, &device);
        Some(device)
    }

    /// 25 hours of silence make a device ABNORMAL, 49 make it OFFLINE.
    fn judge_silence(&mut self, id: &str) {
        let now = self.now;
        let Some(device) = self.devices.find_mut(id) else { return };
        if !device.activated {
            // Its key was refreshed: it is INACTIVE until it connects, however long that takes.
            device.watched = false;
            return;
        }
        let silence = now.since(device.last_heard);
        let (next, status) = if silence >= OFFLINE_AFTER {
            device.watched = false;
            (None, Some(DeviceStatus::Offline))
        } else if silence >= ABNORMAL_AFTER {
            (Some(OFFLINE_AFTER), Some(DeviceStatus::Abnormal))
        } else {
            (Some(ABNORMAL_AFTER), None)
        };
        if let Some(after) = next {
            let due = device.last_heard.plus(after);
            self.timers.set(due, Timer::Silence(Arc::clone(&device.id)));
        }
        // A device that is OFFLINE already is silent as it should be: it becomes nothing else by that, and
        // it keeps the reason for which it went (D7, D8).
        let was = self.devices.find(id).map(|device| device.status);
        match status {
            Some(DeviceStatus::Abnormal) if was != Some(DeviceStatus::Online) => {}
            Some(status) if was != Some(DeviceStatus::Offline) => self.become_status(id, status, StatusDetail::None),
            _ => {}
        }
    }

    /// Gives a device a status, and tells its subscribers if it changed.
    pub(crate) fn become_status(&mut self, id: &str, status: DeviceStatus, detail: StatusDetail) {
        let Some(device) = self.devices.find_mut(id) else { return };
        if device.status == status && (device.status_detail == detail || status == DeviceStatus::Online) {
            return;
        }
        let left = device.status == DeviceStatus::Online;
        if left && status == DeviceStatus::Offline {
            // It went by itself, or lost its link: until now it was there.
            device.last_online = Some(self.now);
        }
        device.status = status;
        device.status_detail = detail;
        if left {
            shadow_sync::device_left(self, id);
        }
        device_info_changed(self, id);
    }

    /// A number for the door to give back with an acknowledgement.
    pub(crate) fn next_publish_token(&mut self) -> u64 {
        self.publish_tokens += 1;
        self.publish_tokens
    }

    /// The device that a caller means.
    pub(crate) fn look_up(&self, caller: &Caller, device: &str) -> Lookup<'_> {
        match self.devices.find(device) {
            Some(device) if device.application == caller.owner => Lookup::Own(device),
            Some(_) => Lookup::Foreign,
            None => Lookup::Unknown,
        }
    }

    /// The product that a caller means: the owner's, or the caller's own.
    pub(crate) fn product_for(&self, caller: &Caller, product: &str) -> Option<&Product> {
        self.products
            .find(product)
            .filter(|product| product.application == caller.owner || product.application == caller.id)
    }

    /// The product of a device, if it has one.
    pub(crate) fn product_of(&self, device: &str) -> Option<&Product> {
        self.products.find(self.devices.find(device)?.product.as_ref()?)
    }
}
