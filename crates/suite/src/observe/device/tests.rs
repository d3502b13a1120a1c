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

    /// A packet of somebody who is not let in, or not yet.
    fn stranger(self, session: u64, name: &str, line: &str, bytes: &[u8]) -> Self {
        let mut journal = self.packet(session, "in", name, bytes);
        let entry = journal.0.last_mut().unwrap();
        (entry["device"], entry["line"]) = (Value::Null, json!(line));
        journal
    }

    /// What the platform notes of a session of the device.
    fn note(self, session: u64, text: &str, deviation: Option<(&str, Option<&str>, bool)>) -> Self {
        let told = |(requirement, path, tolerated): (&str, Option<&str>, bool)| json!({"requirement": requirement, "kind": "x", "path": path, "text": text, "tolerated": tolerated});
        let deviations: Vec<Value> = deviation.map(told).into_iter().collect();
        self.add(json!({"kind": "note", "text": text, "device": "dev-1", "session": session,
            "deviations": deviations}))
    }

    fn publish(self, session: u64, direction: &str, topic: &str, payload: &str) -> Self {
        self.publish_at(0, session, direction, topic, payload)
    }

    /// With the packet's number 1, where there is one.
    fn publish_at(self, qos: u8, session: u64, direction: &str, topic: &str, payload: &str) -> Self {
        let id: &[u8] = if qos > 0 { &[0, 1] } else { &[] };
        let length = 2 + topic.len() + id.len() + payload.len();
        let first = 0x30 | qos << 1;
        let mut bytes = vec![first, (length % 128) as u8 | 0x80, (length / 128) as u8, 0, topic.len() as u8];
        bytes.extend(topic.as_bytes());
        bytes.extend(id);
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

    /// A command without a receipt.
    fn unreceived(self, cmd: &str, mid: i64) -> Self {
        let payload = json!({"msgType": "cloudReq", "serviceId": "Light", "cmd": cmd, "paras": {}, "mid": mid});
        self.publish_at(1, 1, "out", COMMAND, &payload.to_string())
    }

    fn command(self, cmd: &str, mid: i64) -> Self {
        self.unreceived(cmd, mid).packet(1, "in", "PUBACK", &[0x40, 2, 0, 1])
    }

    fn answer(self, mid: i64) -> Self {
        self.report(json!({"msgType": "deviceRsp", "mid": mid, "errcode": 0, "body": {"value": 7}}))
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
        codec: None,
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
        .answer(1)
        .command("SET_LEVEL", 2)
        .answer(2);
    story.sent = 2;
    story.unknown = Some((3, journal.last()));
    let journal = journal
        .command("WHATEVER", 3)
        .report(json!({"msgType": "deviceRsp", "mid": 3, "errcode": 1, "hasMore": 0}))
        .packet(1, "in", "PINGREQ", &[0xc0, 0]);
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
    let called_a_report = answer(json!({"msgType": "deviceReq", "mid": 5, "errcode": 0}));
    assert_eq!(called_a_report.broken(), ["2.5/req/msgType"]);
}

#[test]
fn what_a_device_does_not_survive_only_warns() {
    let (journal, mut story) = right();
    let until_the_cut = Journal(journal.0[..usize::try_from(story.cut.unwrap()).unwrap()].to_vec());
    let grades = until_the_cut.grade(&story);
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![session::COMES_BACK]));
    let (journal, _) = right();
    let mut early = Journal(journal.0[..13].to_vec());
    assert_eq!(early.0[12]["packet"], "PUBLISH");
    early.0.truncate(12);
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

/// A session that has subscribed and reported.
fn start() -> Journal {
    Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(1, COMMAND, 1).report(light(&json!(7)))
}

/// A device of the embedded mock: nobody else is there, and its product has no codec.
fn at_home() -> Story {
    let mut story = Story { alone: true, ..story() };
    story.product.as_mut().unwrap().codec = Some(false);
    story
}

fn greeting(name: &str, level: u8) -> Vec<u8> {
    let mut bytes = vec![0x10, (name.len() + 8) as u8, 0, name.len() as u8];
    bytes.extend(name.as_bytes());
    bytes.extend([level, 2, 0, 0, 0, 0]);
    bytes
}

#[test]
fn who_speaks_another_version_is_told_so() {
    let turned_away =
        |name: &str, level| Journal::default().stranger(1, "CONNECT", "CONNECT of another", &greeting(name, level));
    for (name, level) in [("MQTT", 5), ("MQIsdp", 3)] {
        let grades = turned_away(name, level).grade(&at_home());
        assert_eq!((grades.broken(), grades.doubted()), (vec!["2.1/rule/standard-headers"], vec![]));
        assert!(turned_away(name, level).grade(&story()).broken().is_empty(), "somebody else, perhaps");
        let second_try = turned_away(name, level).connect(2, "dev-1_0_1_2020021408", "right");
        let grades = second_try.grade(&Story { takes_commands: false, ..at_home() });
        assert_eq!((grades.broken(), grades.doubted()), (vec![], vec!["2.1/rule/standard-headers"]));
    }
    let empty_id = Journal::default().stranger(1, "CONNECT", "CONNECT", &greeting("MQTT", 4));
    assert!(empty_id.grade(&at_home()).broken().is_empty(), "the platform has nothing against it");
    let mut refused = Journal::default().stranger(1, "CONNECT", "CONNECT", &greeting("MQTT", 4)).note(
        1,
        "no client id",
        Some(("2.1/rule/standard-headers", None, false)),
    );
    refused.0[1]["device"] = Value::Null;
    assert_eq!(refused.grade(&at_home()).broken(), ["2.1/rule/standard-headers"]);
}

#[test]
fn packets_at_the_wrong_time_are_not_as_the_standard_says() {
    let ping = Journal::default().stranger(1, "PINGREQ", "PINGREQ", &[0xc0, 0]);
    assert_eq!(ping.grade(&at_home()).broken(), ["2.1/rule/standard-headers"]);
    let second = start().packet(1, "in", "CONNECT", &greeting("MQTT", 4));
    assert_eq!(second.grade(&at_home()).broken(), ["2.1/rule/standard-headers"]);
    let too_large = start().packet(1, "in", "PUBLISH", &[0x30, 0x80, 0x80, 0x80, 1]);
    let grades = too_large.grade(&at_home());
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
}

#[test]
fn a_mid_answers_one_command() {
    let mids = ["2.4/rule/mid-echo", "2.5/rule/mid-echo"];
    let two = |first: i64, second: i64| {
        start().command("SET_LEVEL", 1).answer(first).command("SET_LEVEL", 2).answer(second).grade(&story())
    };
    assert_eq!(two(1, 2).broken(), Vec::<&str>::new());
    assert_eq!(two(1, 1).broken(), mids, "a mid that never changes");
    assert_eq!(two(0, 1).broken(), mids, "the mid of the command before");
    let late = start().command("A", 1).command("B", 2).answer(2).answer(1).grade(&story());
    assert_eq!(late.broken(), Vec::<&str>::new(), "in any order");
    let redelivered = start().command("A", 1).command("A", 1).answer(1).answer(1).grade(&story());
    assert_eq!(redelivered.broken(), Vec::<&str>::new(), "a command that came twice is answered twice");
    let once = start().command("A", 1).answer(1).command("A", 1).grade(&story());
    assert_eq!((once.broken(), once.doubted()), (vec![], vec![]), "or once");
    let rsp = json!({"msgType": "deviceRsp", "mid": 1, "errcode": 0}).to_string();
    let resent = start()
        .command("A", 1)
        .publish_at(1, 1, "in", DATA, &rsp)
        .connect(2, "dev-1_0_1_2020021408", "right")
        .subscribe(2, COMMAND, 1)
        .publish_at(1, 2, "in", DATA, &rsp)
        .publish_at(0b101, 2, "in", DATA, &rsp);
    assert_eq!(resent.grade(&story()).broken(), Vec::<&str>::new(), "an answer without a receipt is sent again");
}

#[test]
fn the_end_of_a_program_is_told() {
    let ended = |journal: Journal, well: bool, story: Story| {
        let words = format!("it ended with exit code {}", u8::from(!well) * 3);
        let seq = journal.last();
        let story = Story {
            end: Some(scene::End { words, well, seq, after_cut: false, ..scene::End::default() }),
            gone: true,
            sent: 1,
            ..story
        };
        let grades = journal.grade(&story);
        let list = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
        (list(grades.broken()), list(grades.doubted()))
    };
    let on_a_command = || start().command("SET_LEVEL", 1);
    let none: Vec<String> = Vec::new();
    let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        ended(on_a_command(), false, at_home()),
        (of(&[session::SURVIVES]), of(&[session::COMES_BACK, session::ANSWERS]))
    );
    assert_eq!(
        ended(on_a_command(), true, at_home()),
        (none.clone(), of(&[session::COMES_BACK, session::SURVIVES, session::ANSWERS]))
    );
    let bare = || Journal::default().connect(1, "dev-1_0_1_2020021408", "right").report(light(&json!(7)));
    let deaf = || Story { takes_commands: false, ..at_home() };
    let sent_none = |story: Story| Story { product: None, ..story };
    assert_eq!(ended(bare().subscribe(1, COMMAND, 1), false, sent_none(deaf())).0, of(&[session::COMES_BACK]));
    let done = {
        let journal = bare();
        let end = scene::End {
            words: "it ended with exit code 0".to_owned(),
            well: true,
            seq: journal.last(),
            ..scene::End::default()
        };
        journal.grade(&Story { end: Some(end), gone: true, ..deaf() })
    };
    assert_eq!((done.broken(), done.doubted()), (vec![], vec![]), "it had nothing to wait for");
    let (journal, story) = right();
    let after_the_cut = scene::End {
        words: "it ended".to_owned(),
        well: false,
        seq: journal.last(),
        after_cut: true,
        ..scene::End::default()
    };
    let grades = journal.grade(&Story { end: Some(after_the_cut), ..story });
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
}

#[test]
fn what_the_platform_knows_of_the_model_counts() {
    let noted = |id: &str, tolerated| start().note(1, "beside the model", Some((id, None, tolerated))).grade(&story());
    assert_eq!(noted("2.3/rule/service-data-by-model", true).doubted(), ["2.3/rule/service-data-by-model"]);
    assert_eq!(noted("2.3/rule/service-data-by-model", false).broken(), ["2.3/rule/service-data-by-model"]);
    assert_eq!(noted("2.5/rule/body-by-model", true).doubted(), ["2.5/rule/body-by-model"]);
    let judged_here = noted("2.1/rule/publish-to-platform-topic", false);
    assert_eq!((judged_here.broken(), judged_here.doubted()), (vec![], vec![]));
}

#[test]
fn the_codec_mode_is_that_of_the_product() {
    let binary = |topic: &str| topic.replace("json", "binary");
    let raw = || {
        Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(1, COMMAND, 1).publish(
            1,
            "in",
            &binary(DATA),
            "raw",
        )
    };
    assert_eq!(raw().grade(&at_home()).broken(), ["2.1/rule/data-codec-mode"]);
    let grades = raw().grade(&story());
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec!["2.1/rule/data-codec-mode"]));
    assert!(raw().report(light(&json!(7))).grade(&at_home()).broken().is_empty(), "beside JSON raw text does no harm");
    let answer = json!({"msgType": "deviceRsp", "mid": 1, "errcode": 0}).to_string();
    let mixed = raw().command("SET_LEVEL", 1).publish(1, "in", DATA, &answer);
    assert_eq!(mixed.grade(&at_home()).broken(), ["2.1/rule/data-codec-mode"], "its answers are no reports");
    let mixed = start().command("SET_LEVEL", 1).publish(1, "in", &binary(DATA), &answer);
    assert_eq!(mixed.grade(&at_home()).broken(), ["2.1/rule/data-codec-mode"], "its reports are no answers");
    let listens = || {
        Journal::default()
            .connect(1, "dev-1_0_1_2020021408", "right")
            .subscribe(1, &binary(COMMAND), 1)
            .report(light(&json!(7)))
    };
    let deaf =
        ["2.1/rule/command-codec-mode", "2.1/rule/subscribe-before-receiving", "2.4/rule/subscribe-before-receiving"];
    assert_eq!(listens().grade(&at_home()).broken(), deaf);
    assert!(listens().grade(&story()).broken().is_empty());
    let lost = listens().note(1, "lost", None).grade(&Story { sent: 1, ..story() });
    assert_eq!((lost.broken(), lost.doubted()), (vec![], deaf.to_vec()));
}

#[test]
fn a_wildcard_that_is_not_granted_is_no_fault() {
    for filter in ["/huawei/v1/devices/dev-1/command/+", "/huawei/v1/devices/dev-1/#"] {
        let grades = Journal::default()
            .connect(1, "dev-1_0_1_2020021408", "right")
            .subscribe(1, filter, 0x80)
            .report(light(&json!(7)))
            .grade(&at_home());
        assert_eq!(grades.broken(), Vec::<&str>::new(), "{filter}");
        let doubted = grades.doubted();
        for id in ["2.1/rule/subscribe-before-receiving", "2.4/rule/subscribe-before-receiving"] {
            assert!(doubted.contains(&id), "{filter}: {doubted:?}");
        }
    }
    let everybody = Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(1, "#", 0x80);
    assert!(everybody.grade(&at_home()).broken().contains(&"2.1/rule/subscribe-before-receiving"));
}

#[test]
fn what_is_expected_is_not_what_came() {
    let journal = Journal::default().connect(1, "dev-1_0_1_2020021408", "right").subscribe(
        1,
        "/huawei/v1/devices/node_1/command/json",
        0x80,
    );
    let grades = journal.grade(&at_home());
    assert!(grades.broken().contains(&"2.4/rule/subscribe-before-receiving"));
    for flaw in grades.flaws("2.4/rule/subscribe-before-receiving") {
        assert_eq!(flaw.expected, format!("a SUBSCRIBE to {COMMAND}"));
    }
}

#[test]
fn another_spelling_of_the_password_only_warns() {
    let mut journal = start();
    journal.0[0]["deviations"] = json!([{"requirement": "2.2/rule/password-hmac", "kind": "old_spelling",
        "path": "Password", "text": "upper case", "tolerated": true}]);
    let grades = journal.grade(&story());
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec!["2.2/rule/password-hmac"]));
}

#[test]
fn habits_of_a_connection_only_warn() {
    let doubted = |journal: Journal| {
        let grades = journal.grade(&story());
        assert_eq!(grades.broken(), Vec::<&str>::new());
        grades.doubted().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let timed_out = |journal: Journal, session| {
        journal.note(session, "nothing was heard", Some(("2.1/rule/standard-headers", Some("keepAlive"), false)))
    };
    assert!(doubted(timed_out(start(), 1)).is_empty(), "a network may be lost once");
    assert_eq!(doubted(timed_out(timed_out(start(), 1), 1)), [link::KEEPS_ALIVE]);
    assert_eq!(doubted(start().unreceived("SET_LEVEL", 1).answer(1)), [link::ACKNOWLEDGES]);
    let again = |journal: Journal, session| journal.connect(session, "dev-1_0_1_2020021408", "right");
    let over = |journal: Journal, session: u64| journal.note(session, &format!("session {session} is over: x"), None);
    let taken_over = (2..8).fold(start(), |journal, session| over(again(journal, session), session - 1));
    assert_eq!(doubted(taken_over), [link::ONE_AT_A_TIME]);
    let renewed = (2..8).fold(start(), |journal, session| again(over(journal, session - 1), session));
    assert_eq!(doubted(renewed), [link::STAYS]);
    let twice = (2..4).fold(start(), |journal, session| again(over(journal, session - 1), session));
    assert!(doubted(twice).is_empty());
}
