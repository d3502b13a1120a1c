//! The whole world at once: taken out, put in.

use std::path::Path;
use std::sync::Arc;

use iotdm_spec::wire::{DeviceStatus, StatusDetail};

use crate::command;
use crate::platform::Platform;
use crate::state::store::write_private;
use crate::state::{Collection, Document, Dump, StateError};
use crate::world::World;

impl World {
    /// The world as its document, with line breaks.
    pub(crate) fn dump(&self) -> Result<String, StateError> {
        serde_json::to_string_pretty(&Dump(self)).map_err(StateError::new)
    }

    /// The world of a document. Nobody is connected in it, and nobody has been told of that.
    pub(crate) fn load(json: &[u8]) -> Result<Self, StateError> {
        let mut world = Document::read(json)?.into_world()?;
        world.lose_links();
        world.outbox.clear();
        world.resume_pushes();
        Ok(world)
    }

    /// No MQTT session outlives its process: who was online has lost its connection.
    pub(crate) fn lose_links(&mut self) {
        let rows = self.devices.rows().in_order();
        let lost = rows.into_iter().filter(|(_, device)| {
            device.mqtt && (device.status == DeviceStatus::Online || !device.in_flight.is_empty())
        });
        let lost: Vec<_> = lost.map(|(_, device)| (Arc::clone(&device.id), device.status)).collect();
        for (device, status) in lost {
            command::link_lost(self, &device);
            if status == DeviceStatus::Online {
                self.become_status(&device, DeviceStatus::Offline, StatusDetail::LossOfConnectivity);
            }
        }
    }
}

impl Platform {
    /// The world as JSON of the schema `iotdm-world/1`, which [`crate::world_schema`] has member by member: every
    /// entity, the timers and the time, but no session, no ordered answer or fault, and no journal. **Secrets
    /// are in it**, or it could not be restored.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn dump_state(&self) -> Result<String, StateError> {
        self.core.enter(|world| world.dump())
    }

    /// Writes what [`Platform::dump_state`] gives into a file that only its owner may read.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save_state(&self, file: impl AsRef<Path>) -> Result<(), StateError> {
        let file = file.as_ref();
        let state = self.dump_state()?;
        write_private(file, &state).map_err(|error| error.in_file(file))
    }

    /// Puts a dumped world in the place of this one. The clock is set to its time, and runs or stands as
    /// before. Sessions end; nobody is told of anything; what is ordered to go wrong stays so. What [`Platform::application`] and its likes name
    /// is still what this platform started with.
    ///
    /// # Errors
    /// What is wrong with it and where; then nothing has changed.
    pub fn load_state(&self, json: &str) -> Result<(), StateError> {
        let next = World::load(json.as_bytes())?;
        self.core.load(next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use iotdm_spec::wire::NotifyType;

    use super::*;
    use crate::clock::Moment;
    use crate::device::{Attributes, Device, InFlight, NewDevice, Origin, Session};
    use crate::mint::Mint;
    use crate::outbox::Effect;
    use crate::subscription::Subscription;

    /// A world in which a device is connected, and its application wants to hear of it.
    fn connected() -> World {
        let mut world = World::new(Mint::seeded(7), Moment(0));
        world.applications.add("a", "secret", None);
        let new = NewDevice {
            id: "d".into(),
            application: "a".into(),
            gateway: None,
            node_id: "n".to_owned(),
            product: None,
            attributes: Attributes::default(),
            secret: "s".to_owned(),
            mqtt: true,
        };
        let mut device = Device::new(new, Moment(0));
        device.status = DeviceStatus::Online;
        device.activated = true;
        device.session = Some(Session { id: 1, topic_id: "d".to_owned(), listening: true, listening_binary: false });
        let command = InFlight {
            token: 1,
            service: "Light".to_owned(),
            method: "SET_LEVEL".to_owned(),
            origin: Origin::Cached("c".into()),
            delivered: false,
            forgotten: None,
        };
        device.in_flight.insert(1, command);
        world.devices.add(device);
        world.subscriptions.add(Subscription {
            id: "s".into(),
            application: "a".into(),
            notify_type: NotifyType::DeviceInfoChanged,
            callback_url: "http://127.0.0.1:9/".into(),
        });
        world
    }

    fn assert_disconnected(world: &World) {
        let device = world.devices.find("d").unwrap();
        assert_eq!(device.status, DeviceStatus::Offline);
        assert_eq!(device.status_detail, StatusDetail::LossOfConnectivity);
        assert!(device.session.is_none() && device.in_flight.is_empty());
    }

    #[test]
    fn who_was_connected_is_not_in_a_loaded_world_and_nobody_is_told() {
        let dump = connected().dump().unwrap();
        let loaded = World::load(dump.as_bytes()).unwrap();
        assert_disconnected(&loaded);
        assert!(loaded.outbox.is_empty(), "{:?}", loaded.outbox);
        let again = loaded.dump().unwrap();
        assert_eq!(World::load(again.as_bytes()).unwrap().dump().unwrap(), again);
    }

    #[test]
    fn who_was_connected_before_a_restart_has_lost_its_connection_and_subscribers_are_told() {
        let mut world = connected();
        world.lose_links();
        assert!(world.outbox.iter().any(|effect| matches!(effect, Effect::Push(_))), "{:?}", world.outbox);
    }

    #[test]
    fn an_id_that_leads_nowhere_is_named_with_its_place() {
        let mut world = connected();
        world.applications.remove("a");
        let error = World::load(world.dump().unwrap().as_bytes()).unwrap_err();
        assert_eq!(error.reason, r#"devices[0].application (of "d"): there is no application "a""#);
    }
}
