//! The JSON Schema of a dumped world: it takes what is dumped, and refuses what the platform would refuse to load.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boon::{Compiler, SchemaIndex, Schemas};
use iotdm_mock::{DeviceAct, Platform, Progress, PushRetries, world_schema};
use iotdm_spec::Op;
use iotdm_tests::Application;
use iotdm_tests::raw_device::{RawDevice, packet, text};
use serde_json::{Map, Value, json};

/// A validator of others' making.
struct Judge {
    schemas: Schemas,
    world: SchemaIndex,
}

impl Judge {
    fn new() -> Self {
        let (mut schemas, mut compiler, schema) = (Schemas::new(), Compiler::new(), world_schema());
        let name = schema["$id"].as_str().unwrap().to_owned();
        compiler.add_resource(&name, schema).unwrap();
        let world = compiler.compile(&name, &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, world }
    }

    fn judge(&self, document: &Value) -> Result<(), String> {
        self.schemas.validate(document, self.world).map_err(|error| format!("{error:#}"))
    }
}

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn dump(platform: &Platform) -> Value {
    platform.dump_state().unwrap().parse().unwrap()
}

/// A platform on which much is under way.
struct Busy {
    platform: Platform,
    application: Application,
}

impl Busy {
    async fn start() -> Self {
        let platform = Platform::builder()
            .seed(7)
            .frozen_at("20200214T080000Z")
            .unwrap()
            .plain_mqtt(([127, 0, 0, 1], 0).into())
            .push_retries(PushRetries::Faq)
            .start()
            .await
            .unwrap();
        let application = Application::log_in(&platform).await;
        Self { platform, application }
    }

    /// A call that succeeds.
    async fn done(&self, op: Op, path: &[(&str, &str)], body: Value) -> Value {
        let (status, answer) = self.application.call(op, path, body).await;
        assert_eq!(status.as_u16(), op.table().success_status, "{op:?}: {answer}");
        answer
    }

    async fn simulated(&self, product: &str, node: &str) -> String {
        let answer = self.done(Op::RegisterByVerifyCode, &[], json!({ "nodeId": node, "productId": product })).await;
        answer["deviceId"].as_str().unwrap().to_owned()
    }

    /// A device with an MQTT session, and commands of both kinds on their way over it.
    async fn commands_in_flight(&self) -> RawDevice {
        let (device, secret) = self.application.register(&self.platform, "lamp-1").await;
        let mut raw = RawDevice::log_in(&self.platform, &device, &secret).await;
        let topic = format!("/huawei/v1/devices/{device}/command/json");
        raw.send(&packet(0x82, &[&[0, 9][..], &text(&topic), &[1]].concat())).await;
        raw.expect(&[0x90, 3, 0, 9, 1], "a SUBACK").await;
        let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 7 } });
        let at_once = json!({ "deviceId": device, "command": command, "expireTime": 0 });
        self.done(Op::CreateCommand, &[], at_once).await;
        let header = json!({ "mode": "ACK", "method": "SET_LEVEL", "requestId": "r-1" });
        let path = [("deviceId", device.as_str()), ("serviceId", "Light")];
        self.done(Op::SendCommand, &path, json!({ "header": header, "body": { "value": 7 } })).await;
        self.platform.mute_commands(&device, "Light", vec!["SET_LEVEL".to_owned()]).unwrap();
        raw
    }

    /// Simulated devices: one by hand, to which everything has been sent, one on autopilot.
    async fn simulated_devices(&self) {
        let platform = &self.platform;
        let device = self.simulated(platform.lwm2m_product_id(), "lamp-2").await;
        let on = [("deviceId", device.as_str())];
        platform.device_online(&device).unwrap();
        let report = json!({ "serviceId": "Light", "serviceData": { "brightness": 40 } });
        platform.device_report(&device, std::slice::from_ref(&report)).unwrap();
        let wish = json!({ "serviceDesireds": [{ "serviceId": "Light", "desired": { "brightness": 60 } }] });
        self.done(Op::ModifyShadow, &on, wish).await;
        self.done(Op::CreateGroup, &[], json!({ "name": "lamps", "deviceIds": [device] })).await;
        let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 7 } });
        let own = json!({ "deviceId": device, "command": command, "expireTime": 600 });
        self.done(Op::CreateCommand, &[], own).await;
        let param = json!({ "type": "DeviceList", "deviceList": [device], "command": command });
        let task = json!({
            "appId": platform.application().id, "taskName": "night", "taskType": "DeviceCmd", "timeout": 10,
            "param": param, "tags": [{ "tagName": "floor", "tagValue": "2" }],
        });
        self.done(Op::CreateBatchTask, &[], task).await;
        // It is there, so the commands are sent to it.
        platform.device_report(&device, &[report]).unwrap();
        let away = self.simulated(platform.lwm2m_product_id(), "lamp-3").await;
        let later = json!({ "deviceId": away, "command": command });
        self.done(Op::CreateCommand, &[], later).await;
        self.done(Op::CreateCancelTask, &[], json!({ "deviceId": away })).await;
        let pilot = self.simulated(platform.autopilot_product_id(), "lamp-4").await;
        let own = json!({ "online_after": 3, "report": { "every": 7 }, "command": { "result": { "level": 1 } } });
        platform.set_device_autopilot(&pilot, Some(serde_json::from_value(own).unwrap())).unwrap();
    }

    /// Upgrades: one in its window, one that has failed, one for which a device is awaited.
    async fn upgrades(&self) {
        let platform = &self.platform;
        for (node, policy) in [
            ("lamp-5", json!({ "executeType": "now" })),
            ("lamp-6", json!({ "executeType": "device_online", "retryType": true, "retryTimes": 2 })),
            (
                "lamp-7",
                json!({ "executeType": "custom", "startTime": "20200214T090000Z", "endTime": "20200214T092000Z" }),
            ),
        ] {
            let device = self.simulated(platform.lwm2m_product_id(), node).await;
            platform.device_online(&device).unwrap();
            let upgrade = json!({
                "fileId": platform.software_package_id(), "targets": { "devices": [device] }, "policy": policy,
            });
            self.done(Op::CreateSoftwareUpgrade, &[], upgrade).await;
        }
        let devices = dump(platform)["devices"].clone();
        let id = |node: &str| {
            let device = devices.as_array().unwrap().iter().find(|device| device["node_id"] == node).unwrap();
            device["id"].as_str().unwrap().to_owned()
        };
        platform.device_acts(&id("lamp-5"), "upgrade", DeviceAct::Progress(Progress::Downloading)).unwrap();
        let reason = "no room".to_owned();
        for step in [Progress::Downloading, Progress::FailedWith { code: "1".to_owned(), reason }] {
            platform.device_acts(&id("lamp-6"), "upgrade", DeviceAct::Progress(step)).unwrap();
        }
    }

    async fn lora(&self) {
        let lora = self.platform.lora();
        let gateway = json!({
            "loraServerId": lora.server, "productId": lora.gateway_product, "gatewayEUI": "00112233aabbccdd",
            "name": "roof",
        });
        self.done(Op::RegisterGateway, &[], gateway).await;
        let node = json!({
            "loraServerId": lora.server, "productId": lora.node_product, "devEUI": "00112233aabbccde", "name": "cellar",
            "appEUI": "00112233445566aa", "joinType": "OTAA", "appKey": "00112233445566778899aabbccddeeff",
        });
        self.done(Op::RegisterNode, &[], node).await;
    }

    /// Everything of it.
    async fn dump(&self) -> Value {
        let wants = |notify_type: &str| json!({ "notifyType": notify_type, "callbackUrl": "http://127.0.0.1:9/" });
        for notify_type in ["deviceDataChanged", "commandRsp"] {
            self.done(Op::SubscribeBusinessData, &[], wants(notify_type)).await;
        }
        let owner = &self.platform.application().id;
        self.platform.import_product(owner, beside("profiles/water_meter")).unwrap();
        let _session = self.commands_in_flight().await;
        self.simulated_devices().await;
        self.upgrades().await;
        self.lora().await;
        assert!(self.platform.pushes_settled(Duration::from_secs(10)).await, "an attempt is still under way");
        dump(&self.platform)
    }
}

#[test]
fn the_golden_world_is_one() {
    let world = fs::read_to_string(beside("../golden/world.json")).unwrap().parse().unwrap();
    Judge::new().judge(&world).unwrap_or_else(|error| panic!("{error}"));
    let bare = json!({ "schema": "iotdm-world/1", "now": 0, "settings": world["settings"] });
    Judge::new().judge(&bare).unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dump_is_a_world() {
    let busy = Busy::start().await;
    let world = busy.dump().await;
    let judge = Judge::new();
    judge.judge(&world).unwrap_or_else(|error| panic!("{error}"));
    for (list, _) in world_schema()["properties"].as_object().unwrap() {
        assert_ne!(world[list], json!([]), "{list}: there is something of every kind");
    }
    for (pointer, what) in [
        ("/receivers/by_url/http:~1~1127.0.0.1:9~1/lanes", "pushes that are tried again"),
        ("/devices/0/in_flight/1/origin/Cached", "a cached command on its way"),
        ("/devices/0/in_flight/2/origin/Immediate", "an immediate command on its way"),
    ] {
        assert!(world.pointer(pointer).is_some_and(|there| *there != json!({})), "{what}: {world:#}");
    }
    // What a load makes of it, and time of that.
    busy.platform.load_state(&world.to_string()).unwrap();
    judge.judge(&dump(&busy.platform)).unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..4 {
        busy.platform.advance(Duration::from_secs(20 * 3600));
        judge.judge(&dump(&busy.platform)).unwrap_or_else(|error| panic!("{error}"));
    }
    busy.platform.stop().await;
}

/// Where something stands in a document: the first place of each kind.
fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    find_places(document, "", "", &mut BTreeSet::new(), &mut found);
    found
}

fn find_places(value: &Value, pointer: &str, kind: &str, seen: &mut BTreeSet<String>, found: &mut Vec<String>) {
    let inside: Vec<(String, String, &Value)> = match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), "[]".to_owned(), item)).collect()
        }
        Value::Object(members) => {
            let name = |name: &String| name.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(member, value)| (name(member), member.clone(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (step, sort, value) in inside {
        let (pointer, kind) = (format!("{pointer}/{step}"), format!("{kind}/{sort}"));
        if seen.insert(kind.clone()) {
            found.push(pointer.clone());
        }
        find_places(value, &pointer, &kind, seen, found);
    }
}

/// A document with something else at a place, or with nothing there.
fn changed(world: &Value, pointer: &str, other: Option<&Value>) -> Value {
    let mut world = world.clone();
    if let Some(other) = other {
        *world.pointer_mut(pointer).unwrap() = other.clone();
        return world;
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match world.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(items) => {
            items.remove(name.parse().unwrap());
        }
        other => panic!("{pointer} stands in {other}"),
    }
    world
}

/// What a schema can't see: that ids lead somewhere, and differ.
const BEYOND: [&str; 3] = ["there is no ", "is there twice", "settings.furnished"];

#[tokio::test(flavor = "multi_thread")]
async fn it_and_the_loader_refuse_the_same() {
    let busy = Busy::start().await;
    let mut world = busy.dump().await;
    // Of the products two are enough, one with a codec and one with an autopilot.
    let rare = |product: &Value| !product["codec"].is_null() || !product["autopilot"].is_null();
    world["products"].as_array_mut().unwrap().retain(rare);
    busy.platform.stop().await;

    let (judge, platform) = (Judge::new(), Platform::builder().start().await.unwrap());
    let found = places(&world);
    let others = [json!(null), json!("no such word"), json!({ "no such member": 0 }), json!(-1), json!(0.5)];
    let (mut differing, mut refused) = (Vec::new(), 0);
    for place in &found {
        // Numbers are right or wrong where numbers stand.
        let count = if world.pointer(place).is_some_and(Value::is_number) { 5 } else { 3 };
        for other in others.iter().take(count).map(Some).chain([None]) {
            let document = changed(&world, place, other);
            let (valid, loaded) = (judge.judge(&document), platform.load_state(&document.to_string()));
            refused += usize::from(valid.is_err());
            let agree = match (&valid, &loaded) {
                (Ok(()), Err(error)) => BEYOND.iter().any(|words| error.reason.contains(words)),
                (valid, loaded) => valid.is_ok() == loaded.is_ok(),
            };
            if !agree {
                let other = other.map_or_else(|| "nothing".to_owned(), Value::to_string);
                differing.push(format!("{place} is {other}: schema {valid:?}, loader {loaded:?}"));
            }
        }
    }
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(found.len() > 400 && refused > 1000, "{} places, {refused} refusals", found.len());
    platform.stop().await;
}

/// What a person who edits a dump gets wrong, and reads then.
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_named_with_its_place() {
    let busy = Busy::start().await;
    let world = busy.dump().await;
    let judge = Judge::new();
    judge.judge(&world).unwrap_or_else(|error| panic!("{error}"));
    let check = |pointer: &str, slip: &dyn Fn(&mut Map<String, Value>), words: &[&str]| {
        let mut document = world.clone();
        slip(document.pointer_mut(pointer).unwrap().as_object_mut().unwrap());
        assert!(judge.judge(&document).is_err(), "{pointer}: the schema takes it");
        let reason = busy.platform.load_state(&document.to_string()).unwrap_err().reason;
        assert!(words.iter().all(|words| reason.contains(words)), "{pointer}: {reason}");
    };
    let renamed = |old: &'static str, new: &'static str| {
        move |members: &mut Map<String, Value>| {
            let value = members.remove(old).unwrap();
            members.insert(new.to_owned(), value);
        }
    };
    let set = |name: &'static str, value: Value| {
        move |members: &mut Map<String, Value>| {
            members.insert(name.to_owned(), value.clone());
        }
    };
    let found = places(&world);
    let around = |end: &str| {
        let place = found.iter().find(|place| place.ends_with(end)).unwrap_or_else(|| panic!("there is no {end}"));
        place.rsplit_once('/').unwrap().0.to_owned()
    };

    // Unknown members: wherever they stand, the nearest that is known there.
    check("", &renamed("timers", "timer"), &["timer: iotdm-world/1 has no such member; did you mean \"timers\"?"]);
    check("/devices/0", &renamed("node_id", "nodeId"), &["devices[0].nodeId: ", "did you mean \"node_id\"?"]);
    check("/applications/0/tokens", &renamed("used", "usd"), &["applications[0].tokens.usd: ", "\"used\"?"]);
    let sent = "/devices/0/in_flight/1";
    check(sent, &renamed("method", "metod"), &["devices[0].in_flight.1.metod: ", "did you mean \"method\"?"]);
    let told = around("/what/Command/acknowledged");
    check(&told, &renamed("acknowledged", "acknowleged"), &["].what.acknowleged: ", "did you mean \"acknowledged\"?"]);
    let retry = around("/Push/Retry/device");
    check(&retry, &renamed("device", "devise"), &["].timer.devise: ", "did you mean \"device\"?"]);
    let light = around("/services/Light/data");
    check(&light, &renamed("data", "dat"), &["].services.Light.dat: ", "did you mean \"data\"?"]);
    check("/devices/0", &set("colour", json!("red")), &["devices[0].colour: iotdm-world/1 has no such member"]);
    let pilot = around("/autopilot/online_after");
    check(&pilot, &set("speed", json!(1)), &["].autopilot", "unknown field `speed`, expected one of `online_after`"]);
    // Wrong types, missing members, words that are none.
    check("/devices/0", &set("mqtt", json!("yes")), &["devices[0].mqtt: invalid type: string \"yes\"", "boolean"]);
    check("", &set("now", json!("20200214T080000Z")), &["now: invalid type: string", "i64"]);
    check("/devices/0", &set("status", json!("AWAY")), &["devices[0].status: unknown variant `AWAY`", "`ABNORMAL`"]);
    let gone = |members: &mut Map<String, Value>| drop(members.remove("secret"));
    check("/devices/0", &gone, &["devices[0]: missing field `secret`"]);
    check("/settings/mint", &set("seed", json!("7")), &["settings.mint.seed: a seed is 64 hexadecimal digits"]);
    busy.platform.stop().await;
}
