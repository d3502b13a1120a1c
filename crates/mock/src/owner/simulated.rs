//! Driving simulated devices by hand, and their autopilots.

use std::fmt;
use std::sync::Arc;

use iotdm_spec::wire::{DeviceStatus, StatusDetail};
use iotdm_spec::{Object, nearest};
use serde_json::Value;

use super::OwnerError;
use crate::clock::Moment;
use crate::mqtt::report_data;
use crate::platform::Platform;
use crate::simulated::autopilot::Autopilot;
use crate::simulated::inbox::{DeviceAct, Entry, Inbox, What};
use crate::simulated::{self, is_simulated};
use crate::upgrade::Progress;
use crate::world::World;

/// Why a simulated device does not do what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPlayed {
    /// The device speaks MQTT: it comes by itself.
    SpeaksMqtt(String),
    /// The device has never been online.
    NeverOnline(String),
    /// A detail that does not go with the status OFFLINE.
    NoOfflineDetail(StatusDetail),
    /// Nothing of a report was taken; why.
    NotTaken(String),
    /// Nothing in the inbox is meant by this.
    NothingWaits {
        /// What was asked for.
        wanted: String,
        /// What was probably meant.
        near: Option<String>,
        /// What waits, in words.
        waiting: Vec<String>,
    },
    /// The act does not go with the entry.
    WrongAct {
        /// The entry, in words.
        entry: String,
        /// What can be done with it.
        acts: &'static str,
    },
    /// No product has this id.
    UnknownProduct(String),
    /// An autopilot that cannot fly; why.
    BadAutopilot(String),
}

impl fmt::Display for NotPlayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SpeaksMqtt(id) => write!(
                f,
                "the device {id:?} speaks MQTT: connect it by MQTT; only devices that don't are driven from here"
            ),
            Self::NeverOnline(id) => {
                write!(f, "the device {id:?} has not come online yet: POST /_mock/devices/{id}/online first")
            }
            Self::NoOfflineDetail(detail) => write!(f, "the statusDetail {detail} does not go with the status OFFLINE"),
            Self::NotTaken(why) => write!(f, "nothing of the report was taken: {why}"),
            Self::NothingWaits { wanted, near, waiting } => {
                write!(f, "nothing in the device's inbox is called {wanted:?}")?;
                if let Some(near) = near {
                    write!(f, ": did you mean {near:?}?")?;
                }
                match waiting.as_slice() {
                    [] => write!(f, "; it is empty"),
                    some => write!(f, "; there wait {}", some.join(", ")),
                }
            }
            Self::WrongAct { entry, acts } => write!(f, "{entry}: the device can {acts}"),
            Self::UnknownProduct(id) => write!(f, "no product has the id {id:?}"),
            Self::BadAutopilot(why) => write!(f, "no autopilot: {why}"),
        }
    }
}

/// Something that has arrived at a simulated device and waits for its driver.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxEntry {
    /// Its number.
    pub entry: u64,
    /// When it arrived.
    pub arrived: Moment,
    /// What it is.
    pub what: Arrived,
}

/// What can arrive at a simulated device.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrived {
    /// A command (1.9.1).
    Command {
        /// Its id.
        command_id: String,
        /// The service that it is for.
        service_id: String,
        /// What it is called.
        method: String,
        /// Its parameters.
        paras: Object,
        /// Whether the device has acknowledged it.
        acknowledged: bool,
    },
    /// What is desired of a service (1.5.8).
    Shadow {
        /// The service.
        service_id: String,
        /// The properties and their desired values.
        desired: Object,
    },
    /// An upgrade (1.12.4, 1.12.5).
    Upgrade {
        /// The operation's id.
        operation_id: String,
        /// How far the device is with it.
        progress: Option<Progress>,
    },
}

/// What a device can do with an entry, in words.
const fn acts(what: &What) -> &'static str {
    match what {
        What::Command { .. } => "acknowledge, answer or ignore it",
        What::Shadow { .. } => "accept, refuse or ignore it",
        What::Upgrade { .. } => "tell its progress, or ignore it",
    }
}

fn in_words(entry: &Entry) -> String {
    format!("{} {} ({})", entry.what.kind(), entry.what.id(), entry.number)
}

/// The entry that is meant by its number, its id, or its kind: then the oldest that the act can be about,
/// and of which the platform still waits to hear.
fn meant<'i>(
    inbox: Option<&'i Inbox>,
    wanted: &str,
    act: &DeviceAct,
    is_over: impl Fn(&What) -> bool,
) -> Result<&'i Entry, NotPlayed> {
    let entries = || inbox.into_iter().flat_map(Inbox::iter);
    let is_new = |entry: &&Entry| {
        let told = matches!((&entry.what, act), (What::Command { acknowledged: true, .. }, DeviceAct::Acknowledge));
        !told && !is_over(&entry.what)
    };
    let of_kind = || entries().filter(|entry| entry.what.kind() == wanted);
    let found = entries()
        .find(|entry| entry.number.to_string() == wanted || **entry.what.id() == *wanted)
        .or_else(|| of_kind().find(is_new))
        .or_else(|| of_kind().next());
    let Some(entry) = found else {
        let kinds = ["command", "shadow", "upgrade"];
        let near = if kinds.contains(&wanted) { None } else { nearest::of(wanted, kinds) };
        return Err(NotPlayed::NothingWaits {
            wanted: wanted.to_owned(),
            near: near.map(str::to_owned),
            waiting: entries().map(in_words).collect(),
        });
    };
    if entry.what.takes(act) {
        Ok(entry)
    } else {
        Err(NotPlayed::WrongAct { entry: in_words(entry), acts: acts(&entry.what) })
    }
}

/// Whether a detail goes with the status OFFLINE (1.6.1, line 1889).
const fn goes_with_offline(detail: StatusDetail) -> bool {
    !matches!(
        detail,
        StatusDetail::ConfigurationPending | StatusDetail::UeReachability | StatusDetail::AvailabilityAfterDdnFailure
    )
}

impl World {
    /// The simulated device that is meant, and whether it has ever been online.
    fn simulated_device(&self, id: &str) -> Result<(Arc<str>, bool), OwnerError> {
        let device = self.devices.find(id).ok_or_else(|| OwnerError::UnknownDevice(id.to_owned()))?;
        if !is_simulated(device) {
            return Err(NotPlayed::SpeaksMqtt(id.to_owned()).into());
        }
        Ok((Arc::clone(&device.id), device.activated))
    }

    fn active_device(&self, id: &str) -> Result<Arc<str>, OwnerError> {
        match self.simulated_device(id)? {
            (id, true) => Ok(id),
            (_, false) => Err(NotPlayed::NeverOnline(id.to_owned()).into()),
        }
    }

    /// The device comes online, or tells that it still is.
    pub(crate) fn device_online(&mut self, id: &str) -> Result<(), OwnerError> {
        let (id, _) = self.simulated_device(id)?;
        self.comes_online(&id);
        Ok(())
    }

    /// The device goes offline: until it comes back nothing reaches it, and its autopilot rests.
    pub(crate) fn device_offline(&mut self, id: &str, detail: StatusDetail) -> Result<(), OwnerError> {
        if !goes_with_offline(detail) {
            return Err(NotPlayed::NoOfflineDetail(detail).into());
        }
        let id = self.active_device(id)?;
        simulated::taken_away(self, &id);
        self.become_status(&id, DeviceStatus::Offline, detail);
        Ok(())
    }

    /// The device reports; gives what of it leaves the model or could not be understood.
    pub(crate) fn device_report(&mut self, id: &str, items: &[Value]) -> Result<Vec<String>, OwnerError> {
        let id = self.active_device(id)?;
        let taken = self.hear(&id, |world| {
            let taken = report_data::report(world, &id, items);
            let reported = taken.as_ref().is_ok_and(|taken| taken.stored > 0);
            (taken, reported)
        });
        let taken = taken.map_err(NotPlayed::NotTaken)?;
        if taken.stored == 0 {
            let why = if taken.complaints.is_empty() { "it is empty".to_owned() } else { taken.complaints.join("; ") };
            return Err(NotPlayed::NotTaken(why).into());
        }
        Ok(taken.complaints)
    }

    /// What waits for the device's driver, oldest first, and how much had to make room for newer entries.
    pub(crate) fn device_inbox(&self, id: &str) -> Result<(Vec<InboxEntry>, u64), OwnerError> {
        let (id, _) = self.simulated_device(id)?;
        let Some(inbox) = self.simulated.find(&id).map(|player| &player.inbox) else { return Ok((Vec::new(), 0)) };
        let entries = inbox.iter().map(|entry| InboxEntry {
            entry: entry.number,
            arrived: entry.at,
            what: self.show(&id, &entry.what),
        });
        Ok((entries.collect(), inbox.dropped()))
    }

    fn show(&self, device: &str, what: &What) -> Arrived {
        match what {
            What::Command { id, acknowledged } => {
                // An old command may have been forgotten while it waited here.
                let command = self.commands.find(id);
                Arrived::Command {
                    command_id: id.to_string(),
                    service_id: command.map(|command| command.service.clone()).unwrap_or_default(),
                    method: command.map(|command| command.method.clone()).unwrap_or_default(),
                    paras: command.map(|command| command.paras.clone()).unwrap_or_default(),
                    acknowledged: *acknowledged,
                }
            }
            What::Shadow { service } => Arrived::Shadow {
                service_id: service.to_string(),
                desired: self
                    .devices
                    .find(device)
                    .and_then(|device| device.shadow.desired.get(&**service).cloned())
                    .unwrap_or_default(),
            },
            What::Upgrade { operation, progress } => {
                Arrived::Upgrade { operation_id: operation.to_string(), progress: progress.clone() }
            }
        }
    }

    /// The device does something about an entry of its inbox; gives the entry's number.
    pub(crate) fn device_acts(&mut self, id: &str, entry: &str, act: DeviceAct) -> Result<u64, OwnerError> {
        let id = self.active_device(id)?;
        let is_over = |what: &What| simulated::is_over(self, &id, what);
        let number = meant(self.simulated.find(&id).map(|player| &player.inbox), entry, &act, is_over)?.number;
        simulated::perform(self, &id, number, act);
        Ok(number)
    }

    /// Gives a device an autopilot of its own, or its product's again.
    pub(crate) fn set_device_autopilot(&mut self, id: &str, pilot: Option<Autopilot>) -> Result<(), OwnerError> {
        let (id, _) = self.simulated_device(id)?;
        flies(pilot.as_ref())?;
        self.simulated.player(&id).autopilot = pilot;
        simulated::plan(self, &id);
        Ok(())
    }

    /// Puts the simulated devices of a product on autopilot, or has them driven by hand.
    pub(crate) fn set_product_autopilot(&mut self, id: &str, pilot: Option<Autopilot>) -> Result<(), OwnerError> {
        flies(pilot.as_ref())?;
        if !self.products.set_autopilot(id, pilot) {
            return Err(NotPlayed::UnknownProduct(id.to_owned()).into());
        }
        for device in self.devices.with_product(id) {
            let flies_itself = self.simulated.find(&device).is_some_and(|player| player.autopilot.is_some());
            if !flies_itself {
                simulated::plan(self, &device);
            }
        }
        Ok(())
    }
}

fn flies(pilot: Option<&Autopilot>) -> Result<(), NotPlayed> {
    pilot.and_then(Autopilot::fault).map_or(Ok(()), |why| Err(NotPlayed::BadAutopilot(why)))
}

impl Platform {
    /// A simulated device comes online, or tells that it still is.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`], or [`OwnerError::NotPlayed`] as for everything that a simulated
    /// device is told.
    pub fn device_online(&self, id: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.device_online(id))
    }

    /// A simulated device goes offline.
    ///
    /// # Errors
    /// As for [`Platform::device_online`].
    pub fn device_offline(&self, id: &str, detail: StatusDetail) -> Result<(), OwnerError> {
        self.core.enter(|world| world.device_offline(id, detail))
    }

    /// A simulated device reports these items, as 2.3 has them: `serviceId`, `serviceData`, `eventTime`.
    /// Gives what of them leaves the model or could not be understood.
    ///
    /// # Errors
    /// As for [`Platform::device_online`].
    pub fn device_report(&self, id: &str, items: &[Value]) -> Result<Vec<String>, OwnerError> {
        self.core.enter(|world| world.device_report(id, items))
    }

    /// What waits for the driver of a simulated device, oldest first.
    ///
    /// # Errors
    /// As for [`Platform::device_online`].
    pub fn device_inbox(&self, id: &str) -> Result<Vec<InboxEntry>, OwnerError> {
        self.core.enter(|world| world.device_inbox(id)).map(|(entries, _)| entries)
    }

    /// A simulated device does something about an entry of its inbox: one that is named by its number, by
    /// the id of its command or operation, by its service, or by `command`, `shadow`, `upgrade` as the
    /// oldest of its kind. Gives its number.
    ///
    /// # Errors
    /// As for [`Platform::device_online`].
    pub fn device_acts(&self, id: &str, entry: &str, act: DeviceAct) -> Result<u64, OwnerError> {
        self.core.enter(|world| world.device_acts(id, entry, act))
    }

    /// Gives a simulated device an autopilot of its own; none gives it its product's again.
    ///
    /// # Errors
    /// As for [`Platform::device_online`].
    pub fn set_device_autopilot(&self, id: &str, pilot: Option<Autopilot>) -> Result<(), OwnerError> {
        self.core.enter(|world| world.set_device_autopilot(id, pilot))
    }

    /// Puts the simulated devices of a product on autopilot; none leaves them to be driven by hand.
    ///
    /// # Errors
    /// [`OwnerError::NotPlayed`].
    pub fn set_product_autopilot(&self, id: &str, pilot: Option<Autopilot>) -> Result<(), OwnerError> {
        self.core.enter(|world| world.set_product_autopilot(id, pilot))
    }
}
