//! Devices that are right and devices that are wrong, as the journal would show them.

use iotdm_spec::model::Party;
use iotdm_spec::requirement;
use serde_json::{Value, json};

use super::scene::Story;
use super::*;
use crate::observe::feed;
use crate::target::{Command, Product};

const DATA: &str = "/huawei/v1/devices/dev-1/data/json";
const COMMAND: &str = "/huawei/v1/devices/dev-1/command/json";

/// A journal in the making.
#[derive(Default)]
struct Journal(Vec<Value>);

impl Journal {
    fn add(mut self, mut entry: Value) -> Self {
        entry["seq"] = json!(self.0.len() + 1);
        entry["at"] = json!("20200214T080910Z");
        self.0.push(entry);
        self
    }

    fn connect(self, session: u64, client_id: &str, password: &str) -> Self {
        let user = client_id.rsplitn(4, '_').nth(3).unwrap_or("dev-1");
        self.add(json!({"kind": "connect", "session": session, "clientId": client_id, "username": user,
            "password": password, "accepted": password == "right", "device": "dev-1", "reason": null}))
    }

    fn packet(self, session: u64, direction: &str, name: &str, bytes: &[u8]) -> Self {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add(json!({"kind": "packet", "device": "dev-1", "session": session, "direction": direction,
            "packet": name, "line": name, "note": null, "bytes": hex}))
    }

    fn publish(self, session: u64, direction: &str, topic: &str, payload: &str) -> Self {
        let length = 2 + topic.len() + payload.len();
        let mut bytes = vec![0x30, (length % 128) as u8 | 0x80, (length / 128) as u8, 0, topic.len() as u8];
        bytes.extend(topic.as_bytes());
        bytes.extend(payload.as_bytes());
        self.packet(session, direction, "PUBLISH", &bytes)
    }

    fn subscribe(self, session: u64, topic: &str, code: u8) -> Self {
        let mut bytes = vec![0x82, (5 + topic.len()) as u8, 0, 1, 0, topic.len() as u8];
        bytes.extend(topic.as_bytes());
        bytes.push(1);
        self.packet(session, "in", "SUBSCRIBE", &bytes).packet(session, "out", "SUBACK", &[0x90, 3, 0, 1, code])
    }

    fn report(self, payload: Value) -> Self {
        self.publish(1, "in", DATA, &payload.to_string())
    }

    fn command(self, cmd: &str, mid: i64) -> Self {
        let payload = json!({"msgType": "cloudReq", "serviceId": "Light", "cmd": cmd, "paras": {}, "mid": mid});
        self.publish(1, "out", COMMAND, &payload.to_string())
    }

    fn last(&self) -> u64 {
        self.0.len() as u64
    }

    fn grade(self, story: &Story) -> Grades {
        grade(story, &feed::read(&Value::Array(self.0)))
    }
}

fn story() -> Story {
    let command = Command { name: "SET_LEVEL".to_owned(), para: "value".to_owned(), value: json!(42) };
    let product = Product {
        id: "p".to_owned(),
        service: "Light".to_owned(),
        writable: "brightness".to_owned(),
        value: json!(42),
        command: Some(command),
        second: None,
    };
    Story {
        device_id: "dev-1".to_owned(),
        node_id: "node_1".to_owned(),
        product: Some(product),
        takes_commands: true,
        ..Story::default()
    }
}

fn light(brightness: &Value) -> Value {
    json!({"msgType": "deviceReq", "data": [
        {"serviceId": "Light", "serviceData": {"brightness": brightness}, "eventTime": "20200214T080909Z"}]})
}

/// A device in whose session nothing is wrong.
fn right() -> (Journal, Story) {
    let mut story = story();
    let journal = Journal::default()
        .connect(1, "dev-1_0_1_2020021408", "right")
        .subscribe(1, COMMAND, 1)
        .report(light(&json!(7)))
        .command("SET_LEVEL", 1)
        .report(json!({"msgType": "deviceRsp", "mid": 1, "errcode": 0, "body": {"value": 7}}));
    story.unknown = Some((2, journal.last()));
    let journal =
        journal.command("WHATEVER", 2).report(json!({"msgType": "deviceRsp", "mid": 2, "errcode": 1, "hasMore": 0}));
    story.cut = Some(journal.last());
    let journal = journal.connect(2, "dev-1_0_0_2020021408", "right").subscribe(2, COMMAND, 1);
    (journal, story)
}

#[test]
fn nothing_is_wrong_with_a_device_that_is_right() {
    let (journal, story) = right();
    let grades = journal.grade(&story);
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
    let open = ["2.2/rule/tls-certificate", "2.1/rule/choose-topics", "2.5/rule/body-by-model"];
    let bound = requirement::all().iter().filter(|r| r.binds == Party::Device && r.chapter == Chapter::Mqtt);
    for r in bound.filter(|r| r.strength != iotdm_spec::model::Strength::May && !open.contains(&r.id.as_str())) {
        assert!(grades.is_kept(&r.id), "{} should have been seen", r.id);
    }
    for own in OWN.iter().chain([&connects::ACCESS]) {
        assert!(grades.is_kept(own), "{own} should have been seen");
    }
}

#[test]
fn what_real_devices_do_is_at_most_odd() {
    let pretty = "{\n\t\"identifier\": \"x\",\n\t\"hasMore\": 0,\n\t\"data\": [{\"serviceId\": \"Light\",\
                  \"serviceData\": {\"brightness\": 1, \"colour\": \"red\"}}],\n\t\"msgType\": \"deviceReq\"\n}";
    let node_data = "/huawei/v1/devices/node_1/data/";
    let grades = Journal::default()
        .connect(1, "node_1_2_0_1571293200", "right")
        .subscribe(1, "/huawei/v1/devices/node_1/command/json", 0)
        .publish(1, "in", &format!("{node_data}json"), pretty)
        .publish(1, "in", &format!("{node_data}binary"), "raw text")
        .grade(&story());
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
    let months_from_zero = Journal::default().connect(1, "dev-1_0_0_20200114", "right").grade(&story());
    assert_eq!(months_from_zero.doubted(), ["2.2/rule/timestamp-format"]);
}

#[test]
fn every_part_of_a_client_id_is_judged() {
    let broken = |client_id: &str| {
        let mut grades =
            Journal::default().connect(1, client_id, "right").grade(&Story { takes_commands: false, ..story() });
        grades.keeps("2.2/rule/username");
        grades.broken().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(broken("dev-1"), ["2.2/rule/client-id-complete", "2.2/rule/client-id-parts"]);
    assert_eq!(broken("dev-1_1_0_2020021408"), ["2.2/rule/auth-type"]);
    assert_eq!(broken("dev-1_0_2_2020021408"), ["2.2/rule/sign-type"]);
    assert_eq!(broken("dev-1_0_1_2020021406"), ["2.2/rule/timestamp-format"]);
    assert_eq!(broken("dev-1_0_1_20200214"), ["2.2/rule/timestamp-format"]);
    assert_eq!(
        broken("dev-1_0_0_"),
        ["2.2/rule/client-id-complete", "2.2/rule/timestamp-always-present", "2.2/rule/timestamp-format"]
    );
    assert_eq!(broken("dev-1_2_0_2020021408"), ["2.2/rule/client-id-device-id", "2.2/rule/username"]);
}

#[test]
fn a_wrong_password_is_blamed_on_the_digest() {
    let grades = Journal::default().connect(1, "dev-1_0_0_2020021408", "wrong").grade(&story());
    assert_eq!(grades.broken(), ["2.2/rule/password-hmac"]);
    let grades = Journal::default().connect(1, "dev-1_0_0_2020021408", "absent").grade(&story());
    assert_eq!(grades.broken(), ["2.2/req/Password"]);
}

#[test]
fn a_device_that_asks_for_no_commands_is_told_so() {
    let journal = || Journal::default().connect(1, "dev-1_0_1_2020021408", "right").report(light(&json!(7)));
    let missing = ["2.1/rule/subscribe-before-receiving", "2.4/rule/subscribe-before-receiving"];
    assert_eq!(journal().grade(&story()).broken(), missing);
    assert!(journal().grade(&Story { takes_commands: false, ..story() }).broken().is_empty());
    let foreign = journal().subscribe(1, "/huawei/v1/devices/dev-2/command/json", 0x80).grade(&story());
    let wrong = ["2.1/rule/command-topic-id", "2.1/rule/subscribe-before-receiving", "2.1/rule/subscribe-own-topic"];
    assert_eq!(foreign.broken()[..3], wrong);
}

#[test]
fn topics_and_payloads_are_judged() {
    let start = || Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(1, COMMAND, 1);
    let data = |topic: &str, payload: &str| {
        let grades = start().publish(1, "in", topic, payload).grade(&story());
        grades.broken().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let report = light(&json!(7)).to_string();
    assert_eq!(data("huawei/v1/devices/dev-1/data/json", &report), ["2.1/rule/publish-to-platform-topic"]);
    assert_eq!(data("/huawei/v1/devices/node_1/data/json", &report), ["2.1/rule/data-topic-id"]);
    assert_eq!(data("/huawei/v1/devices/dev-1/data/xml", &report), ["2.1/rule/data-codec-mode"]);
    assert_eq!(data(DATA, "hello"), ["2.1/rule/report-payload-json"]);
    assert_eq!(data(DATA, "[1]"), ["2.1/rule/report-payload-json"]);
    assert_eq!(data(DATA, &light(&json!("7")).to_string()), ["2.3/rule/service-data-by-model"]);
    assert_eq!(data(DATA, r#"{"msgType":"deviceReq","data":[{"serviceData":{}}]}"#), ["2.3/req/data[].serviceId"]);
    assert_eq!(data(DATA, r#"{"msgType":"report","data":[]}"#), ["2.3/req/msgType"]);
    assert_eq!(data(DATA, r#"{"msgType":"deviceReq","data":[3]}"#), ["2.3/req/data"]);
    let local_time = json!({"msgType": "deviceReq", "data": [
        {"serviceId": "Light", "serviceData": {"brightness": 1}, "eventTime": "20200214T160910Z"}]});
    let bad_time = json!({"msgType": "deviceReq", "data": [
        {"serviceId": "Light", "serviceData": {"brightness": 1}, "eventTime": "2020-02-14"}]});
    assert_eq!(start().report(local_time).grade(&story()).doubted(), ["2.3/rule/event-time-utc"]);
    assert_eq!(start().report(bad_time).grade(&story()).doubted(), ["2.3/req/data[].eventTime"]);
}

#[test]
fn answers_are_judged_by_their_commands() {
    let answer = |answer: Value| {
        let start = Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(1, COMMAND, 1);
        start.command("SET_LEVEL", 5).report(answer).grade(&story())
    };
    let wrong_mid = answer(json!({"msgType": "deviceRsp", "mid": 1, "errcode": 0}));
    assert_eq!(wrong_mid.broken(), ["2.4/rule/mid-echo", "2.5/rule/mid-echo"]);
    let strings = answer(json!({"msgType": "deviceRsp", "mid": "5", "errcode": "0", "body": {}}));
    assert_eq!(strings.broken(), ["2.5/req/errcode", "2.5/req/mid"]);
    assert!(strings.is_kept("2.5/rule/mid-echo"));
    let no_kind = answer(json!({"mid": 5, "errcode": 0, "body": []}));
    assert_eq!(no_kind.broken(), ["2.5/req/body", "2.5/req/msgType"]);
    let other_code = answer(json!({"msgType": "deviceRsp", "mid": 5, "errcode": 7}));
    assert_eq!((other_code.broken(), other_code.doubted()), (vec![], vec!["2.5/req/errcode"]));
}

#[test]
fn what_a_device_does_not_survive_only_warns() {
    let (journal, mut story) = right();
    let until_the_cut = Journal(journal.0[..usize::try_from(story.cut.unwrap()).unwrap()].to_vec());
    let grades = until_the_cut.grade(&story);
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![session::COMES_BACK]));
    let (journal, _) = right();
    let mut early = Journal(journal.0[..8].to_vec());
    assert_eq!(early.0[7]["packet"], "PUBLISH");
    early.0.truncate(7);
    (story.cut, story.gone) = (None, true);
    let grades = early.grade(&story);
    assert_eq!(grades.doubted(), [session::SURVIVES]);
    let silent = Journal::default()
        .connect(1, "dev-1_0_1_2020021408", "right")
        .subscribe(1, COMMAND, 1)
        .command("SET_LEVEL", 5)
        .grade(&Story { unknown: None, cut: None, gone: false, ..story });
    assert_eq!((silent.broken(), silent.doubted()), (vec![], vec![session::ANSWERS]));
}

#[test]
fn a_stranger_is_the_device_only_where_nobody_else_is() {
    let stranger = || {
        Journal::default().add(json!({"kind": "connect", "session": 9, "clientId": "mqttjs_1", "username": null,
            "password": "unjudged", "accepted": false, "device": null, "reason": "no"}))
    };
    assert!(stranger().grade(&story()).broken().is_empty());
    let alone = stranger().grade(&Story { alone: true, ..story() });
    assert!(alone.broken().contains(&"2.2/rule/client-id-parts") && alone.broken().contains(&"2.2/req/Username"));
    let garbage = Journal::default()
        .add(json!({"kind": "packet", "device": null, "session": 3, "direction": "in", "packet": "(not a packet)",
            "line": "(not a packet), malformed: x", "note": "x", "bytes": "00"}))
        .grade(&Story { alone: true, ..story() });
    assert_eq!(garbage.broken(), ["2.1/rule/standard-headers"]);
}
