//! Devices: their attributes, status, reported data and commands in flight.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::wire::{AckMode, CodecMode, DeviceStatus, NodeType, StatusDetail, Switch};
use iotdm_spec::{Object, WrittenObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;
use crate::shadow::Shadow;
use crate::state::{Changes, Collection, Entity, HISTORY, Log, SHADOW_CHANGES, Table};
use crate::timers::TimerId;

/// How many history records a device keeps unless it is told otherwise; the oldest go first.
pub(crate) const HISTORY_LIMIT: usize = 20_000;

/// How many request ids of commands a device remembers, to refuse a repeated one.
const RECENT_REQUESTS: usize = 256;

/// The descriptive members of a device; each may be unset.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeviceAttributes")]
pub(crate) struct Attributes {
    /// `name`.
    pub(crate) name: Option<String>,
    /// `description`.
    pub(crate) description: Option<String>,
    /// `manufacturerId`.
    pub(crate) manufacturer_id: Option<String>,
    /// `manufacturerName`.
    pub(crate) manufacturer_name: Option<String>,
    /// `mac`.
    pub(crate) mac: Option<String>,
    /// `location`.
    pub(crate) location: Option<String>,
    /// `deviceType`.
    pub(crate) device_type: Option<String>,
    /// `model`.
    pub(crate) model: Option<String>,
    /// `swVersion`.
    pub(crate) sw_version: Option<String>,
    /// `fwVersion`.
    pub(crate) fw_version: Option<String>,
    /// `hwVersion`.
    pub(crate) hw_version: Option<String>,
    /// `imsi`.
    pub(crate) imsi: Option<String>,
    /// `protocolType`.
    pub(crate) protocol_type: Option<String>,
    /// `bridgeId`.
    pub(crate) bridge_id: Option<String>,
    /// `signalStrength`.
    pub(crate) signal_strength: Option<String>,
    /// `sigVersion`.
    pub(crate) sig_version: Option<String>,
    /// `serialNumber`.
    pub(crate) serial_number: Option<String>,
    /// `batteryLevel`.
    pub(crate) battery_level: Option<String>,
}

/// The MQTT session of a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The door's number of the session.
    pub(crate) id: u64,
    /// What stands in the topics of this session: device id or node id.
    pub(crate) topic_id: String,
    /// Whether it has subscribed to its command topic for JSON.
    pub(crate) listening: bool,
    /// Whether it has subscribed to its command topic for what a codec writes.
    #[serde(default)]
    pub(crate) listening_binary: bool,
}

impl Session {
    /// Whether it has subscribed to the topic on which such a command comes.
    pub(crate) const fn listens(&self, codec: CodecMode) -> bool {
        match codec {
            CodecMode::Json => self.listening,
            CodecMode::Binary => self.listening_binary,
        }
    }
}

/// The latest data of one service.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportedData")]
pub(crate) struct Reported {
    /// The type of the service.
    pub(crate) service_type: String,
    /// The value of each property.
    pub(crate) data: Object,
    /// When it was so.
    pub(crate) event_time: Moment,
}

/// One history record: what one service item of one report said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HistoryRecord")]
pub(crate) struct Record {
    /// When it was so.
    pub(crate) at: Moment,
    /// The service.
    pub(crate) service: Arc<str>,
    /// What it reported.
    // A history is written on every report and seldom read.
    pub(crate) data: WrittenObject,
}

impl Record {
    pub(crate) fn new(at: Moment, service: Arc<str>, data: &Object) -> Self {
        Self { at, service, data: WrittenObject::new(data) }
    }
}

/// A command on its way over an MQTT session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommandInFlight")]
pub(crate) struct InFlight {
    /// What the door gives back with the acknowledgement.
    pub(crate) token: u64,
    /// The service.
    pub(crate) service: String,
    /// The command of the service.
    pub(crate) method: String,
    /// Who is told what becomes of it.
    pub(crate) origin: Origin,
    /// Whether the device's connection has acknowledged it.
    #[serde(default)]
    pub(crate) delivered: bool,
    /// The timer by which it is forgotten, if it is not answered before.
    #[serde(default)]
    pub(crate) forgotten: Option<TimerId>,
}

/// Who is told what becomes of a command on its way.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommandOrigin")]
pub(crate) enum Origin {
    /// An immediate command (1.9.7): the subscribers.
    Immediate(Header),
    /// A cached command (1.9.1) with this id: the command itself.
    Cached(Arc<str>),
}

impl Origin {
    /// Whether it is the cached command with this id.
    pub(crate) fn is_cached(&self, id: &str) -> bool {
        matches!(self, Self::Cached(command) if **command == *id)
    }
}

/// What an immediate command's pushes repeat of its request.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ImmediateCommand")]
pub(crate) struct Header {
    /// `requestId`.
    pub(crate) request_id: String,
    /// The type of the service.
    pub(crate) service_type: String,
    /// Whether the caller wants a confirmation.
    pub(crate) mode: AckMode,
    /// Who asked: the header's `from`, or the caller's address.
    pub(crate) from: String,
}

/// A device.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Device {
    /// Its id: `deviceId`. Other entities name it by this.
    pub(crate) id: Arc<str>,
    /// The application that it belongs to, by its id.
    pub(crate) application: Arc<str>,
    /// Its own id for a direct device, else its gateway's (1.6.1, line 1857).
    pub(crate) gateway: Arc<str>,
    /// Its name for itself: `nodeId`.
    pub(crate) node_id: String,
    /// Whether it is a gateway.
    pub(crate) node_type: NodeType,
    /// Its product, by its id.
    pub(crate) product: Option<Arc<str>>,
    /// What is said of it.
    pub(crate) attributes: Attributes,
    /// Its password or pre-shared key.
    pub(crate) secret: String,
    /// Whether it speaks MQTT; any other device is simulated.
    pub(crate) mqtt: bool,
    /// Whether it is secure: `isSecurity`.
    pub(crate) secure: bool,
    /// Whether it is frozen: its reports are discarded.
    pub(crate) mute: Switch,
    /// When it was registered.
    pub(crate) created: Moment,
    /// When it was last changed.
    pub(crate) modified: Moment,
    /// Whether it has been connected since it was registered, or got another key.
    pub(crate) activated: bool,
    /// Whether it is online.
    pub(crate) status: DeviceStatus,
    /// Why.
    pub(crate) status_detail: StatusDetail,
    /// A link does not outlive its process.
    #[serde(skip)]
    pub(crate) session: Option<Session>,
    /// When it last sent anything.
    pub(crate) last_heard: Moment,
    /// When it went offline or lost its link, the last time: until then it was there, however silent.
    #[serde(default)]
    pub(crate) last_online: Option<Moment>,
    /// Whether a `Silence` timer is running for it.
    pub(crate) watched: bool,
    /// Its latest data, by service.
    pub(crate) services: BTreeMap<String, Reported>,
    /// The commands that it does not take at present, by service.
    pub(crate) muted_commands: BTreeMap<String, Vec<String>>,
    /// Oldest first, by their own time.
    #[serde(skip)]
    pub(crate) history: Log<Record>,
    /// What applications want its properties to be.
    pub(crate) shadow: Shadow,
    /// After so long the history forgets a record; null means never.
    pub(crate) data_aging: Option<Duration>,
    /// What applications set and no answer shows, by wire name: tags, custom fields, the end user…
    pub(crate) settings: Object,
    /// Of the registrations with a verification code and of new keys.
    pub(crate) verify_code: Option<String>,
    /// How often a time to connect began: only the last one counts.
    pub(crate) registrations: u64,
    /// Commands on their way over its MQTT session, by their numbers. None of them outlives a load.
    pub(crate) in_flight: BTreeMap<u16, InFlight>,
    /// The request ids of the latest immediate commands, which may not be repeated.
    recent_requests: VecDeque<String>,
    /// The number that the last command over MQTT had.
    last_mid: u16,
}

/// What a registration knows of a device.
pub(crate) struct NewDevice {
    pub(crate) id: Arc<str>,
    pub(crate) application: Arc<str>,
    pub(crate) gateway: Option<Arc<str>>,
    pub(crate) node_id: String,
    pub(crate) product: Option<Arc<str>>,
    pub(crate) attributes: Attributes,
    pub(crate) secret: String,
    pub(crate) mqtt: bool,
}

impl Device {
    /// A device that has never been online (1.6.1, line 1886).
    pub(crate) fn new(new: NewDevice, now: Moment) -> Self {
        Self {
            gateway: new.gateway.unwrap_or_else(|| Arc::clone(&new.id)),
            id: new.id,
            application: new.application,
            node_id: new.node_id,
            node_type: NodeType::Endpoint,
            product: new.product,
            attributes: new.attributes,
            secret: new.secret,
            mqtt: new.mqtt,
            secure: false,
            mute: Switch::False,
            created: now,
            modified: now,
            activated: false,
            status: DeviceStatus::Inactive,
            status_detail: StatusDetail::NotActive,
            session: None,
            last_heard: now,
            last_online: None,
            watched: false,
            services: BTreeMap::new(),
            muted_commands: BTreeMap::new(),
            history: Log::default(),
            shadow: Shadow::default(),
            data_aging: None,
            settings: Object::new(),
            verify_code: None,
            registrations: 0,
            in_flight: BTreeMap::new(),
            recent_requests: VecDeque::new(),
            last_mid: 0,
        }
    }

    /// Whether it is connected by itself rather than behind a gateway.
    pub(crate) fn is_direct(&self) -> bool {
        self.gateway == self.id
    }

    /// Whether it supports the secure mode, as far as the platform knows: it does if it uses it. What a
    /// device could do, nothing tells (1.6.1, line 1897).
    pub(crate) const fn supported_security(&self) -> Switch {
        if self.secure { Switch::True } else { Switch::False }
    }

    /// The next command id of its connection, 1 to 65535, wrapping; none if all are in flight.
    fn next_mid(&mut self, in_flight: &HashSet<u16>) -> Option<u16> {
        for _ in 0..u16::MAX {
            self.last_mid = self.last_mid.checked_add(1).unwrap_or(1);
            if !in_flight.contains(&self.last_mid) && !self.in_flight.contains_key(&self.last_mid) {
                return Some(self.last_mid);
            }
        }
        None
    }

    /// Whether a command with this request id came not long ago.
    pub(crate) fn knows_request(&self, request_id: &str) -> bool {
        self.recent_requests.iter().any(|recent| recent == request_id)
    }

    /// Takes note of a command's request id, which must not be used again for a while.
    pub(crate) fn note_request(&mut self, request_id: &str) {
        if self.recent_requests.len() == RECENT_REQUESTS {
            self.recent_requests.pop_front();
        }
        self.recent_requests.push_back(request_id.to_owned());
    }

    /// Keeps a setting that no answer shows; an absent one stays as it is.
    pub(crate) fn keep_setting(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.settings.insert(name.to_owned(), value);
        }
    }

    /// The records that have not aged out.
    pub(crate) fn recorded(&self, now: Moment) -> impl DoubleEndedIterator<Item = &Record> {
        let aged = |life| self.history.partition_point(|record| now.since(record.at) > life);
        self.history.range(self.data_aging.map_or(0, aged)..)
    }

    /// Drops the records that have aged out.
    pub(crate) fn forget_aged(&mut self, now: Moment) {
        let Some(life) = self.data_aging else { return };
        while self.history.front().is_some_and(|record| now.since(record.at) > life) {
            self.history.remove_first();
        }
    }

    /// Puts a record back that was kept elsewhere.
    pub(crate) fn recall(&mut self, number: u64, record: Record) {
        let at = self.history.partition_point(|earlier| earlier.at <= record.at);
        self.history.restore(at, number, record);
    }

    /// Stores a record and keeps `limit` at most; history stays in the order of the records' own times.
    pub(crate) fn remember(&mut self, record: Record, limit: usize) {
        // Nearly all come in order: then nothing is searched, and nothing is moved.
        if self.history.back().is_none_or(|last| last.at <= record.at) {
            self.history.push(record);
        } else {
            let at = self.history.partition_point(|earlier| earlier.at <= record.at);
            self.history.insert(at, record);
        }
        while self.history.len() > limit {
            self.history.remove_first();
        }
    }
}

/// Ids of devices by the moment of their registration; of one moment, the smaller id counts as the newer.
/// A page deep in it costs no more than the first one, and a new device nearly always goes to the end.
#[derive(Debug, Default)]
struct ByAge(VecDeque<(Moment, Reverse<Arc<str>>)>);

impl ByAge {
    fn place(&self, device: &Device) -> Result<usize, usize> {
        self.0.binary_search_by(|(created, Reverse(id))| {
            (created, Reverse(id)).cmp(&(&device.created, Reverse(&device.id)))
        })
    }

    fn insert(&mut self, device: &Device) {
        let Err(place) = self.place(device) else { return };
        self.0.insert(place, (device.created, Reverse(Arc::clone(&device.id))));
    }

    fn remove(&mut self, device: &Device) {
        if let Ok(place) = self.place(device) {
            self.0.remove(place);
        }
    }

    fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator {
        self.0.iter().rev().map(|(_, Reverse(id))| id)
    }
}

/// All devices of a platform.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    by_id: Table<Device>,
    by_node_id: HashMap<String, Arc<str>>,
    by_verify_code: HashMap<String, Arc<str>>,
    by_gateway: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    by_application: HashMap<Arc<str>, ByAge>,
}

impl Entity for Device {
    const LOGS: &'static [&'static str] = &[HISTORY, SHADOW_CHANGES];

    fn key(&self) -> &Arc<str> {
        &self.id
    }

    fn follow(&mut self, all: bool) {
        self.history.follow(all);
        self.shadow.changes.follow(all);
    }

    fn take_lines(&mut self, changes: &mut Changes) -> serde_json::Result<()> {
        self.history.take_changes(HISTORY, &self.id, changes)?;
        self.shadow.changes.take_changes(SHADOW_CHANGES, &self.id, changes)
    }
}

impl Collection for Devices {
    type Item = Device;
    const SECTION: &'static str = "devices";

    fn table(&mut self) -> &mut Table<Device> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Device> {
        &self.by_id
    }

    fn restored(rows: Table<Device>) -> Result<Self, String> {
        let mut all = Self::default();
        for (_, device) in rows.in_order() {
            if let Some(other) = all.by_node_id.get(&device.node_id) {
                return Err(format!(
                    "the devices {other:?} and {:?} have one node id, {:?}",
                    device.id, device.node_id
                ));
            }
            all.index(device);
        }
        all.by_id = rows;
        Ok(all)
    }
}

impl Devices {
    pub(crate) fn add(&mut self, device: Device) {
        self.index(&device);
        self.by_id.insert(device);
    }

    fn index(&mut self, device: &Device) {
        self.by_node_id.insert(device.node_id.clone(), Arc::clone(&device.id));
        if let Some(code) = &device.verify_code {
            self.by_verify_code.insert(code.clone(), Arc::clone(&device.id));
        }
        let siblings = self.by_application.entry(Arc::clone(&device.application)).or_default();
        siblings.insert(device);
        if !device.is_direct() {
            self.by_gateway.entry(Arc::clone(&device.gateway)).or_default().insert(Arc::clone(&device.id));
        }
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Device> {
        let device = self.by_id.remove(id)?;
        self.by_node_id.remove(&device.node_id);
        if let Some(code) = &device.verify_code {
            self.by_verify_code.remove(code);
        }
        if let Some(siblings) = self.by_application.get_mut(&device.application) {
            siblings.remove(&device);
            if siblings.0.is_empty() {
                self.by_application.remove(&device.application);
            }
        }
        if let Some(siblings) = self.by_gateway.get_mut(&device.gateway) {
            siblings.remove(id);
        }
        Some(device)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Device> {
        self.by_id.get(id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Device> {
        self.by_id.get_mut(id)
    }

    pub(crate) fn by_node_id(&self, node_id: &str) -> Option<&Device> {
        self.by_node_id.get(node_id).and_then(|id| self.find(id))
    }

    /// Whether a device may have this verification code: one that is not empty and that no other
    /// device has.
    pub(crate) fn may_use_code(&self, code: &str, device: Option<&str>) -> bool {
        !code.is_empty() && self.by_verify_code.get(code).is_none_or(|other| Some(&**other) == device)
    }

    /// Gives a device another identity (1.5.3).
    pub(crate) fn identify(&mut self, id: &str, node_id: String, verify_code: String) {
        let Some(device) = self.by_id.get_mut(id) else { return };
        self.by_node_id.remove(&device.node_id);
        self.by_node_id.insert(node_id.clone(), Arc::clone(&device.id));
        device.node_id = node_id;
        if let Some(earlier) = device.verify_code.take() {
            self.by_verify_code.remove(&earlier);
        }
        self.by_verify_code.insert(verify_code.clone(), Arc::clone(&device.id));
        device.verify_code = Some(verify_code);
    }

    /// The devices of an application, newest first. Which of two devices of one moment comes
    /// first is free, but pages need one order.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &Device> {
        self.by_application.get(application).into_iter().flat_map(ByAge::newest_first).filter_map(|id| self.find(id))
    }

    /// A page of the same list, or of the list turned round. Only the page is looked at.
    pub(crate) fn page_of(&self, application: &str, oldest_first: bool, skip: usize, take: usize) -> Vec<&Device> {
        let Some(siblings) = self.by_application.get(application) else { return Vec::new() };
        let all = siblings.newest_first();
        let ids: Vec<_> =
            if oldest_first { all.rev().skip(skip).take(take).collect() } else { all.skip(skip).take(take).collect() };
        ids.into_iter().filter_map(|id| self.find(id)).collect()
    }

    /// The devices of a product, in the order of their registration.
    pub(crate) fn with_product(&self, product: &str) -> Vec<Arc<str>> {
        let mut devices: Vec<_> =
            self.by_id.values().filter(|device| device.product.as_deref() == Some(product)).collect();
        devices.sort_unstable_by(|a, b| a.created.cmp(&b.created).then_with(|| a.id.cmp(&b.id)));
        devices.into_iter().map(|device| Arc::clone(&device.id)).collect()
    }

    /// The sub-devices behind a gateway.
    pub(crate) fn behind(&self, gateway: &str) -> Vec<Arc<str>> {
        self.by_gateway.get(gateway).map(|ids| ids.iter().cloned().collect()).unwrap_or_default()
    }

    /// The next command id of a device's connection. An answer names nothing else, so it must be free of
    /// the commands to all the devices behind it (2.5).
    pub(crate) fn next_mid(&mut self, carrier: &str) -> Option<u16> {
        let behind = self.by_gateway.get(carrier).into_iter().flatten().filter_map(|id| self.find(id));
        let in_flight = behind.flat_map(|device| device.in_flight.keys().copied()).collect();
        self.find_mut(carrier)?.next_mid(&in_flight)
    }

    /// Makes a sub-device a direct one (1.5.5, line 986).
    pub(crate) fn make_direct(&mut self, id: &str) {
        let Some(device) = self.by_id.get_mut(id) else { return };
        if let Some(siblings) = self.by_gateway.get_mut(&device.gateway) {
            siblings.remove(id);
        }
        device.gateway = Arc::clone(&device.id);
    }

    /// How many devices an application has.
    pub(crate) fn count_of(&self, application: &str) -> usize {
        self.by_application.get(application).map_or(0, |siblings| siblings.0.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, gateway: Option<&str>) -> Device {
        let new = NewDevice {
            id: id.into(),
            application: "a".into(),
            gateway: gateway.map(Into::into),
            node_id: id.to_owned(),
            product: None,
            attributes: Attributes::default(),
            secret: String::new(),
            mqtt: true,
        };
        Device::new(new, Moment(0))
    }

    fn command() -> InFlight {
        let origin = Origin::Cached("c".into());
        InFlight { token: 1, service: String::new(), method: String::new(), origin, delivered: false, forgotten: None }
    }

    #[test]
    fn command_ids_wrap_and_skip_those_in_flight() {
        let mut devices = Devices::default();
        let mut device = device("d", None);
        device.last_mid = u16::MAX - 1;
        device.in_flight.insert(1, command());
        devices.add(device);
        assert_eq!(devices.next_mid("d"), Some(u16::MAX));
        assert_eq!(devices.next_mid("d"), Some(2));
    }

    /// A gateway answers for all the devices behind it, and an answer names only the command id.
    #[test]
    fn two_devices_behind_one_gateway_have_no_open_command_id_in_common() {
        let mut devices = Devices::default();
        devices.add(device("g", None));
        for id in ["a", "b"] {
            let mut behind = device(id, Some("g"));
            let mid = devices.next_mid("g").unwrap();
            behind.in_flight.insert(mid, command());
            devices.add(behind);
        }
        let mids = |id: &str| devices.find(id).unwrap().in_flight.keys().copied().collect::<Vec<_>>();
        assert_eq!((mids("a"), mids("b")), (vec![1], vec![2]));
        devices.find_mut("g").unwrap().last_mid = 0;
        assert_eq!(devices.next_mid("g"), Some(3));
    }

    #[test]
    fn a_page_is_the_same_however_deep_it_is() {
        let mut devices = Devices::default();
        for n in 0..10 {
            let mut device = device(&format!("d{n}"), None);
            device.created = Moment(n / 2);
            devices.add(device);
        }
        devices.remove("d4");
        let ids = |devices: Vec<&Device>| devices.iter().map(|device| device.id.to_string()).collect::<Vec<_>>();
        let all = ids(devices.newest_of("a").collect());
        assert_eq!(all, ["d8", "d9", "d6", "d7", "d5", "d2", "d3", "d0", "d1"]);
        assert_eq!(ids(devices.page_of("a", false, 4, 3)), all[4..7]);
        let turned: Vec<_> = all.iter().rev().cloned().collect();
        assert_eq!(ids(devices.page_of("a", true, 8, 3)), turned[8..]);
        assert_eq!((devices.count_of("a"), devices.page_of("a", true, 9, 3).len()), (9, 0));
    }
}
