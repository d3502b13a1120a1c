//! The JSON document `iotdm-world/1`: a world as lists of its entities. `golden/world.json` is one.
//!
//! What stands in it, member by member, [`Document`] and the types in it say, and the JSON Schema that is
//! derived from them: `golden/world.schema.json`. Another shape gets another number, and is refused by name.
//!
//! Indexes are not in it, nor are MQTT sessions: a device that is ONLINE over MQTT is OFFLINE
//! (LOSS_OF_CONNECTIVITY) once the document is loaded, and what was on its way to it is lost.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Changes, Collection, HISTORY, RECEIVERS, SHADOW_CHANGES, StateError, TIMERS, Table, schema, take};
use crate::application::Applications;
use crate::batch_task::BatchTasks;
use crate::clock::Moment;
use crate::command::cancel_task::CancelTasks;
use crate::command::{Commands, Settings as CommandSettings};
use crate::device::{Devices, Record};
use crate::group::Groups;
use crate::lora_network::{LoraNetwork, Servers};
use crate::mint::Mint;
use crate::package::Packages;
use crate::platform::Furnished;
use crate::product::Products;
use crate::receivers::Receivers;
use crate::shadow::Change as ShadowChange;
use crate::simulated::Simulated;
use crate::subscription::Subscriptions;
use crate::timers::{SetTimer, Timers};
use crate::upgrade::Upgrades;
use crate::world::World;

/// What the document calls its own shape. Another shape gets another number.
pub(crate) const SCHEMA: &str = "iotdm-world/1";

/// What there is one of in a platform.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Settings {
    /// Where ids, tokens and secrets come from: a loaded world goes on where this one was.
    pub(crate) mint: Mint,
    /// The most protected calls in a minute of an application that is added; null means no limit.
    pub(crate) throttle: Option<u32>,
    /// How many history records a device keeps.
    pub(crate) history_limit: usize,
    /// How far a device's timestamp may be off at its login with signature type 1.
    pub(crate) timestamp_tolerance: Duration,
    /// What holds of cached commands.
    pub(crate) commands: CommandSettings,
    /// How many messages were sent to devices over MQTT so far.
    pub(crate) publish_tokens: u64,
    /// What the platform names when it starts: its first applications, products and packages. A file to
    /// start with needs it.
    pub(crate) furnished: Option<Furnished>,
}

impl Settings {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            mint: world.mint.clone(),
            throttle: world.throttle,
            history_limit: world.history_limit,
            timestamp_tolerance: world.timestamp_tolerance,
            commands: world.commands.settings.clone(),
            publish_tokens: world.publish_tokens,
            furnished: world.furnished.clone(),
        }
    }
}

/// Entities of one kind, each with its place in the order.
#[derive(Debug)]
pub(crate) struct Rows<V>(pub(crate) Vec<(u64, V)>);

impl<V> Default for Rows<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Rows<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self((1..).zip(Vec::deserialize(deserializer)?).collect()))
    }
}

/// A list, as it stands in the document.
impl<V: JsonSchema> JsonSchema for Rows<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<V>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<V>::json_schema(generator)
    }
}

/// A record of a device.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{R}OfDevice")]
pub(crate) struct Line<R> {
    /// The device, by its id.
    pub(crate) device: String,
    /// The record.
    pub(crate) record: R,
}

type Of<C> = Rows<<C as Collection>::Item>;

/// The whole of a platform: what `GET /_mock/state` gives, and what `PUT /_mock/state` and `iotdm mock --load FILE` take.
/// Every list of entities is in the order in which they came, and may be left out. Ids lead from one entity to
/// another, and have to lead somewhere. Secrets and tokens are in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "A world of iotdm's mock platform", extend("$id" = schema::ID))]
pub(crate) struct Document {
    /// What the document calls its own shape.
    // Checked before anything else.
    #[serde(rename = "schema")]
    #[schemars(extend("const" = SCHEMA))]
    _schema: String,
    /// The platform's time.
    now: Moment,
    /// What there is one of.
    settings: Settings,
    /// Who may call, with secret, tokens, grants and limits.
    #[serde(default)]
    applications: Of<Applications>,
    /// What kinds of devices there are.
    #[serde(default)]
    products: Of<Products>,
    /// The devices, with secret, latest data and desired properties.
    #[serde(default)]
    devices: Of<Devices>,
    /// Device groups (1.11).
    #[serde(default)]
    groups: Of<Groups>,
    /// The LoRa servers that are attached to the platform.
    #[serde(default)]
    lora_servers: Of<Servers>,
    /// What was registered with LoRa servers (1.5.10, 1.5.11).
    #[serde(default)]
    lora_registrations: Of<LoraNetwork>,
    /// Who wants to hear of what (1.7).
    #[serde(default)]
    subscriptions: Of<Subscriptions>,
    /// Cached commands (1.9.1).
    #[serde(default)]
    commands: Of<Commands>,
    /// Tasks that revoke commands (1.9.5).
    #[serde(default)]
    cancel_tasks: Of<CancelTasks>,
    /// Batch tasks (1.10).
    #[serde(default)]
    batch_tasks: Of<BatchTasks>,
    /// Version packages (1.12.1).
    #[serde(default)]
    packages: Of<Packages>,
    /// Upgrades of software and firmware (1.12).
    #[serde(default)]
    upgrades: Of<Upgrades>,
    /// Who plays the devices that do not speak MQTT, and what has arrived at them.
    #[serde(default)]
    simulated_devices: Of<Simulated>,
    /// Callbacks, and the pushes that wait for them.
    #[serde(default)]
    receivers: Receivers,
    /// What is due when; of one moment, the smaller number fires first.
    #[serde(default)]
    timers: Vec<SetTimer>,
    /// What devices reported.
    #[serde(default)]
    history: Rows<Line<Record>>,
    /// What applications wished of devices.
    #[serde(default)]
    shadow_changes: Rows<Line<ShadowChange>>,
}

impl Document {
    /// No entities.
    pub(crate) fn empty(now: Moment, settings: Settings) -> Self {
        Self {
            _schema: SCHEMA.to_owned(),
            now,
            settings,
            applications: Rows::default(),
            products: Rows::default(),
            devices: Rows::default(),
            groups: Rows::default(),
            lora_servers: Rows::default(),
            lora_registrations: Rows::default(),
            subscriptions: Rows::default(),
            commands: Rows::default(),
            cancel_tasks: Rows::default(),
            batch_tasks: Rows::default(),
            packages: Rows::default(),
            upgrades: Rows::default(),
            simulated_devices: Rows::default(),
            receivers: Receivers::default(),
            timers: Vec::new(),
            history: Rows::default(),
            shadow_changes: Rows::default(),
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, where.
    pub(crate) fn read(json: &[u8]) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        let head: Head = serde_json::from_slice(json).map_err(StateError::new)?;
        if head.schema.as_deref() != Some(SCHEMA) {
            return Err(StateError::schema(head.schema.as_deref()));
        }
        let mut unknown = None;
        let mut track = serde_path_to_error::Track::new();
        let mut text = serde_json::Deserializer::from_slice(json);
        let read = serde_ignored::deserialize(serde_path_to_error::Deserializer::new(&mut text, &mut track), |path| {
            unknown.get_or_insert_with(|| schema::unknown(&path));
        });
        // A member that is missing may be the one that nobody knows.
        match (unknown, read) {
            (Some(reason), _) => Err(StateError::new(reason)),
            (None, read) => read.map_err(|error| StateError::new(format!("{}: {error}", track.path()))),
        }
    }

    /// Takes a row as it was kept.
    ///
    /// # Errors
    /// If it is not what it should be.
    pub(crate) fn put(&mut self, section: &str, key: &str, number: u64, body: &str) -> Result<(), StateError> {
        fn row<'de, V: Deserialize<'de>>(rows: &mut Rows<V>, number: u64, body: &'de str) -> serde_json::Result<()> {
            rows.0.push((number, serde_json::from_str(body)?));
            Ok(())
        }
        fn line<'de, R>(rows: &mut Rows<Line<R>>, key: &str, number: u64, body: &'de str) -> serde_json::Result<()>
        where
            R: Deserialize<'de>,
        {
            rows.0.push((number, Line { device: key.to_owned(), record: serde_json::from_str(body)? }));
            Ok(())
        }
        let taken = match section {
            Applications::SECTION => row(&mut self.applications, number, body),
            Products::SECTION => row(&mut self.products, number, body),
            Devices::SECTION => row(&mut self.devices, number, body),
            Groups::SECTION => row(&mut self.groups, number, body),
            Servers::SECTION => row(&mut self.lora_servers, number, body),
            LoraNetwork::SECTION => row(&mut self.lora_registrations, number, body),
            Subscriptions::SECTION => row(&mut self.subscriptions, number, body),
            Commands::SECTION => row(&mut self.commands, number, body),
            CancelTasks::SECTION => row(&mut self.cancel_tasks, number, body),
            BatchTasks::SECTION => row(&mut self.batch_tasks, number, body),
            Packages::SECTION => row(&mut self.packages, number, body),
            Upgrades::SECTION => row(&mut self.upgrades, number, body),
            Simulated::SECTION => row(&mut self.simulated_devices, number, body),
            RECEIVERS => serde_json::from_str(body).map(|receivers| self.receivers = receivers),
            TIMERS => serde_json::from_str(body).map(|timer| self.timers.push(timer)),
            HISTORY => line(&mut self.history, key, number, body),
            SHADOW_CHANGES => line(&mut self.shadow_changes, key, number, body),
            other => {
                return Err(StateError::new(format!("there is a row of {other:?}, which this version does not know")));
            }
        };
        taken.map_err(|error| StateError::new(format!("row {number} of {section:?}, {key:?}: {error}")))
    }

    /// The world of these parts, with every index. No device has a session in it.
    ///
    /// # Errors
    /// If an id leads nowhere, or two entities can't be there together.
    pub(crate) fn into_world(self) -> Result<World, StateError> {
        let Settings { mint, throttle, history_limit, timestamp_tolerance, commands, publish_tokens, furnished } =
            self.settings;
        let mut world = World::new(mint, self.now);
        world.throttle = throttle;
        world.history_limit = history_limit;
        world.timestamp_tolerance = timestamp_tolerance;
        world.publish_tokens = publish_tokens;
        world.furnished = furnished;
        world.applications = restored(self.applications)?;
        world.products = restored(self.products)?;
        world.devices = restored(self.devices)?;
        world.groups = restored(self.groups)?;
        world.lora = restored(self.lora_registrations)?;
        world.lora.servers = restored(self.lora_servers)?;
        world.subscriptions = restored(self.subscriptions)?;
        world.commands = restored(self.commands)?;
        world.commands.cancel_tasks = restored(self.cancel_tasks)?;
        world.commands.settings = commands;
        world.batch_tasks = restored(self.batch_tasks)?;
        world.upgrades = restored(self.upgrades)?;
        world.upgrades.packages = restored(self.packages)?;
        world.simulated = restored(self.simulated_devices)?;
        world.receivers = self.receivers;
        world.timers = Timers::default();
        self.timers.into_iter().for_each(|timer| world.timers.restore(timer));
        for (place, (number, line)) in self.history.0.into_iter().enumerate() {
            let device = world.devices.find_mut(&line.device);
            device.ok_or_else(|| nowhere(HISTORY, place, &line.device))?.recall(number, line.record);
        }
        for (place, (number, line)) in self.shadow_changes.0.into_iter().enumerate() {
            let device = world.devices.find_mut(&line.device);
            let changes = &mut device.ok_or_else(|| nowhere(SHADOW_CHANGES, place, &line.device))?.shadow.changes;
            changes.restore(changes.len(), number, line.record);
        }
        super::check::check(&world)?;
        Ok(world)
    }
}

fn nowhere(section: &str, place: usize, device: &str) -> StateError {
    StateError::new(format!("{section}[{place}].device: there is no device {device:?}"))
}

fn restored<C: Collection>(rows: Of<C>) -> Result<C, StateError> {
    let mut table = Table::default();
    for (place, (number, value)) in rows.0.into_iter().enumerate() {
        let key = std::sync::Arc::clone(super::Entity::key(&value));
        if !table.restore(number, value) {
            return Err(StateError::new(format!("{}[{place}]: the id {key:?} is there twice", C::SECTION)));
        }
    }
    C::restored(table).map_err(|reason| StateError::new(format!("{}: {reason}", C::SECTION)))
}

/// A world as its document.
pub(crate) struct Dump<'w>(pub(crate) &'w World);

impl Serialize for Dump<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn list<M: SerializeMap, C: Collection>(map: &mut M, collection: &C) -> Result<(), M::Error> {
            map.serialize_entry(C::SECTION, collection.rows())
        }
        let world = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("now", &world.now)?;
        map.serialize_entry("settings", &Settings::of(world))?;
        list(&mut map, &world.applications)?;
        list(&mut map, &world.products)?;
        list(&mut map, &world.devices)?;
        list(&mut map, &world.groups)?;
        list(&mut map, &world.lora.servers)?;
        list(&mut map, &world.lora)?;
        list(&mut map, &world.subscriptions)?;
        list(&mut map, &world.commands)?;
        list(&mut map, &world.commands.cancel_tasks)?;
        list(&mut map, &world.batch_tasks)?;
        list(&mut map, &world.upgrades.packages)?;
        list(&mut map, &world.upgrades)?;
        list(&mut map, &world.simulated)?;
        map.serialize_entry(RECEIVERS, &world.receivers)?;
        map.serialize_entry(TIMERS, &world.timers.in_order())?;
        let devices = world.devices.rows().in_order();
        let history = devices.iter().flat_map(|(_, device)| device.history.iter().map(move |record| (device, record)));
        let history: Vec<_> = history.map(|(device, record)| Line { device: device.id.to_string(), record }).collect();
        map.serialize_entry(HISTORY, &history)?;
        let changes =
            devices.iter().flat_map(|(_, device)| device.shadow.changes.iter().map(move |change| (device, change)));
        let changes: Vec<_> = changes.map(|(device, record)| Line { device: device.id.to_string(), record }).collect();
        map.serialize_entry(SHADOW_CHANGES, &changes)?;
        map.end()
    }
}

impl World {
    /// From now on the world notes what changes, beginning with all that is there if `all`.
    pub(crate) fn follow(&mut self, all: bool) {
        self.applications.table().follow(all);
        self.products.table().follow(all);
        self.devices.table().follow(all);
        self.groups.table().follow(all);
        self.lora.servers.table().follow(all);
        self.lora.table().follow(all);
        self.subscriptions.table().follow(all);
        self.commands.table().follow(all);
        self.commands.cancel_tasks.table().follow(all);
        self.batch_tasks.table().follow(all);
        self.upgrades.packages.table().follow(all);
        self.upgrades.table().follow(all);
        self.simulated.table().follow(all);
        self.timers.follow(all);
    }

    /// What has changed since it was last asked, but for what there is one of.
    pub(crate) fn take_changes(&mut self) -> serde_json::Result<Changes> {
        let mut changes = Changes::new();
        take(&mut self.applications, &mut changes)?;
        take(&mut self.products, &mut changes)?;
        take(&mut self.devices, &mut changes)?;
        take(&mut self.groups, &mut changes)?;
        take(&mut self.lora.servers, &mut changes)?;
        take(&mut self.lora, &mut changes)?;
        take(&mut self.subscriptions, &mut changes)?;
        take(&mut self.commands, &mut changes)?;
        take(&mut self.commands.cancel_tasks, &mut changes)?;
        take(&mut self.batch_tasks, &mut changes)?;
        take(&mut self.upgrades.packages, &mut changes)?;
        take(&mut self.upgrades, &mut changes)?;
        take(&mut self.simulated, &mut changes)?;
        self.timers.take_changes(TIMERS, &mut changes)?;
        Ok(changes)
    }
}
