//! Firmware that breaks one rule, checked: exactly that rule fails, or warns, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use iotdm_mock::Platform;
use iotdm_suite::events::Event;
use iotdm_suite::observe::{self, DeviceBriefing, DeviceOptions, Patience, Progress};
use iotdm_suite::verdict::{Exit, Verdict};
use iotdm_tests::raw_device::{connect, login, packet, password, publish, text};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

const TIMESTAMP: &str = "2018072417";
const NOTHING: &[&str] = &[];

type Bytes = Vec<u8>;

/// What a device does. As it is by default, nothing is wrong with it.
struct Firmware {
    /// Its CONNECT.
    hello: fn(&DeviceBriefing) -> Bytes,
    /// What it sends when it is let in.
    start: fn(&DeviceBriefing) -> Vec<Bytes>,
    /// Its answer to a command; `first` tells the first one from the others.
    answer: fn(command: &Value, first: bool) -> Option<Value>,
    /// It sends PUBACKs.
    receipts: bool,
    /// Sessions that it opens beforehand, and whether it leaves each before the next.
    beforehand: (usize, bool),
}

impl Default for Firmware {
    fn default() -> Self {
        Self {
            hello: |me| login(&me.device_id, &me.secret, TIMESTAMP, 0),
            start: |me| vec![subscribe(&me.command_topic), publish(&me.data_topic, &light(&json!({"brightness": 7})))],
            answer: |command, _| Some(rsp(&command["mid"], command)),
            receipts: true,
            beforehand: (0, false),
        }
    }
}

fn rsp(mid: &Value, command: &Value) -> Value {
    let errcode = i32::from(command["cmd"] != "SET_LEVEL");
    json!({"msgType": "deviceRsp", "mid": mid, "errcode": errcode})
}

fn light(data: &Value) -> String {
    json!({"msgType": "deviceReq", "data": [{"serviceId": "Light", "serviceData": data}]}).to_string()
}

fn subscribe(topic: &str) -> Bytes {
    packet(0x82, &[&[0, 2][..], &text(topic), &[1]].concat())
}

/// A CONNECT of another version.
fn foreign(name: &str, level: u8, rest: &[u8]) -> Bytes {
    packet(0x10, &[&text(name)[..], &[level, 2, 0, 0], rest].concat())
}

fn reports(data: &Value) -> impl Fn(&DeviceBriefing) -> Vec<Bytes> {
    let report = light(data);
    move |me| vec![subscribe(&me.command_topic), publish(&me.data_topic, &report)]
}

impl Firmware {
    /// Lives until the check is over.
    async fn live(self, platform: Arc<Platform>, me: DeviceBriefing) {
        let address = platform.plain_mqtt().unwrap();
        let mut held = Vec::new();
        for _ in 0..self.beforehand.0 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(&(self.hello)(&me)).await.unwrap();
            next(&mut stream).await;
            if self.beforehand.1 {
                stream.write_all(&[0xe0, 0]).await.unwrap();
                // The platform hangs up when it has heard that.
                next(&mut stream).await;
            }
            held.push(stream);
        }
        let mut commands = 0;
        loop {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let mut sound = stream.write_all(&(self.hello)(&me)).await.is_ok();
            while sound && let Some(packet) = next(&mut stream).await {
                for bytes in self.hear(&me, &packet, &mut commands) {
                    sound &= stream.write_all(&bytes).await.is_ok();
                }
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn hear(&self, me: &DeviceBriefing, packet: &(u8, Bytes), commands: &mut usize) -> Vec<Bytes> {
        match packet {
            (0x20, body) if body[1] == 0 => (self.start)(me),
            (first, body) if first >> 4 == 3 => {
                let at = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
                let receipt = self.receipts.then(|| vec![0x40, 2, body[at], body[at + 1]]);
                let command: Value = serde_json::from_slice(&body[at + 2..]).unwrap();
                *commands += 1;
                let answer = (self.answer)(&command, *commands == 1);
                let answer = answer.map(|answer| publish(&me.data_topic, &answer.to_string()));
                receipt.into_iter().chain(answer).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The next packet: its first byte, and what stands behind the fixed header.
async fn next(stream: &mut TcpStream) -> Option<(u8, Bytes)> {
    let first = stream.read_u8().await.ok()?;
    let (mut length, mut place) = (0, 0);
    loop {
        let byte = stream.read_u8().await.ok()?;
        length |= usize::from(byte & 0x7f) << place;
        place += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((first, body))
}

#[derive(Debug, PartialEq, Eq)]
struct Graded {
    exit: Exit,
    failed: Vec<String>,
    warned: Vec<String>,
}

async fn check(firmware: Firmware) -> Graded {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let platform = Arc::new(Platform::builder().plain_mqtt(loopback).start().await.unwrap());
    let patience = Patience {
        connect: Duration::from_secs(60),
        report: Duration::from_millis(4000),
        answer: Duration::from_secs(2),
        unknown: Duration::from_secs(1),
        reconnect: Duration::from_secs(5),
    };
    let options = DeviceOptions { alone: true, patience, ..DeviceOptions::default() };
    let target = iotdm::embedded::target(&platform);
    let (mut firmware, mut life) = (Some(firmware), None);
    let mut tell = |progress: Progress| {
        if let (Progress::Briefing(me), Some(firmware)) = (progress, firmware.take()) {
            life = Some(tokio::spawn(firmware.live(platform.clone(), *me)));
        }
    };
    let mut graded = Graded { exit: Exit::NothingRan, failed: Vec::new(), warned: Vec::new() };
    let mut hear = |event| {
        if let Event::CaseFinished(finished) = event {
            let id = finished.case.id.clone();
            match &finished.verdict {
                Verdict::Fail { .. } => graded.failed.push(id),
                Verdict::Warn { .. } => graded.warned.push(id),
                _ => {}
            }
        }
    };
    let summary = observe::device(&target, options, &mut tell, &mut hear).await;
    graded.exit = summary.exit;
    life.unwrap().abort();
    graded
}

async fn expect(what: &str, firmware: Firmware, failed: &[&str], warned: &[&str]) {
    let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let exit = if failed.is_empty() { Exit::Passed } else { Exit::TargetFailed };
    let wanted = Graded { exit, failed: list(failed), warned: list(warned) };
    assert_eq!(check(firmware).await, wanted, "{what}");
}

const HEADERS: &str = "2.1/rule/standard-headers";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_against_a_right_device() {
    expect("right", Firmware::default(), NOTHING, NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_never_let_in_does_not_pass() {
    let begun = std::time::Instant::now();
    let five = |_: &DeviceBriefing| foreign("MQTT", 5, &[&[0][..], &text("d")].concat());
    expect("MQTT 5", Firmware { hello: five, ..Firmware::default() }, &[HEADERS], NOTHING).await;
    let old = |_: &DeviceBriefing| foreign("MQIsdp", 3, &text("d"));
    expect("MQTT 3.1", Firmware { hello: old, ..Firmware::default() }, &[HEADERS], NOTHING).await;
    let nameless = |_: &DeviceBriefing| packet(0x10, &[&text("MQTT")[..], &[4, 0, 0, 0, 0, 0]].concat());
    expect("no client id", Firmware { hello: nameless, ..Firmware::default() }, &[HEADERS], NOTHING).await;
    assert!(begun.elapsed() < Duration::from_secs(30), "it took {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_at_the_wrong_time_fail() {
    let ping = |me: &DeviceBriefing| [vec![0xc0, 0], login(&me.device_id, &me.secret, TIMESTAMP, 0)].concat();
    expect("PINGREQ first", Firmware { hello: ping, ..Firmware::default() }, &[HEADERS], NOTHING).await;
    let twice = |me: &DeviceBriefing| {
        let mut packets = (Firmware::default().start)(me);
        packets.push(login(&me.device_id, &me.secret, TIMESTAMP, 0));
        packets
    };
    let graded = check(Firmware { start: twice, ..Firmware::default() }).await;
    assert!(graded.failed.iter().any(|id| id == HEADERS), "{graded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mid_of_its_own_fails() {
    let mids = &["2.4/rule/mid-echo", "2.5/rule/mid-echo"];
    let always_one: fn(&Value, bool) -> Option<Value> = |command, _| Some(rsp(&json!(1), command));
    expect("always 1", Firmware { answer: always_one, ..Firmware::default() }, mids, NOTHING).await;
    let before: fn(&Value, bool) -> Option<Value> = |command, first| {
        let mid = command["mid"].as_i64().unwrap();
        Some(rsp(&json!(if first { mid } else { mid - 1 }), command))
    };
    expect("the one before", Firmware { answer: before, ..Firmware::default() }, mids, NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_product_model_warns() {
    let model = &["2.3/rule/service-data-by-model"];
    let start: [fn(&DeviceBriefing) -> Vec<Bytes>; 5] = [
        |me| reports(&json!({"brightness": 99999}))(me),
        |me| reports(&json!({"brightness": -1}))(me),
        |me| reports(&json!({"brightness": 42.5}))(me),
        |me| reports(&json!({"brightness": 7, "colour": 3}))(me),
        |me| reports(&json!({"brightness": 7, "loudness": "red"}))(me),
    ];
    for (index, start) in start.into_iter().enumerate() {
        expect(&format!("model {index}"), Firmware { start, ..Firmware::default() }, NOTHING, model).await;
    }
    // What the platform could not take at all fails.
    let start: fn(&DeviceBriefing) -> Vec<Bytes> = |me| {
        let report = light(&json!({"brightness": 7}));
        let other = report.replace("Light", "Lamp");
        vec![subscribe(&me.command_topic), publish(&me.data_topic, &report), publish(&me.data_topic, &other)]
    };
    expect("service", Firmware { start, ..Firmware::default() }, model, NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_codec_mode_fails() {
    let data: fn(&DeviceBriefing) -> Vec<Bytes> = |me| {
        let topic = me.data_topic.replace("/json", "/binary");
        vec![subscribe(&me.command_topic), publish(&topic, &light(&json!({"brightness": 7})))]
    };
    expect("data", Firmware { start: data, ..Firmware::default() }, &["2.1/rule/data-codec-mode"], NOTHING).await;
    let command: fn(&DeviceBriefing) -> Vec<Bytes> = |me| {
        let topic = me.command_topic.replace("/json", "/binary");
        vec![subscribe(&topic), publish(&me.data_topic, &light(&json!({"brightness": 7})))]
    };
    let failed =
        ["2.1/rule/subscribe-before-receiving", "2.1/rule/command-codec-mode", "2.4/rule/subscribe-before-receiving"];
    expect("command", Firmware { start: command, ..Firmware::default() }, &failed, NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wildcard_for_its_own_commands_warns() {
    let start: fn(&DeviceBriefing) -> Vec<Bytes> = |me| {
        let topic = me.command_topic.replace("/json", "/+");
        vec![subscribe(&topic), publish(&me.data_topic, &light(&json!({"brightness": 7})))]
    };
    let warned =
        ["2.1/rule/subscribe-before-receiving", "2.1/rule/command-codec-mode", "2.4/rule/subscribe-before-receiving"];
    expect("wildcard", Firmware { start, ..Firmware::default() }, NOTHING, &warned).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_calls_itself_a_report_is_an_answer() {
    let answer: fn(&Value, bool) -> Option<Value> = |command, _| {
        let mut answer = rsp(&command["mid"], command);
        answer["msgType"] = json!("deviceReq");
        Some(answer)
    };
    expect("deviceReq", Firmware { answer, ..Firmware::default() }, &["2.5/req/msgType"], NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_is_too_large_for_the_mock_is_no_fault() {
    let start: fn(&DeviceBriefing) -> Vec<Bytes> = |me| {
        let mut packets = (Firmware::default().start)(me);
        // The head of a PUBLISH of two megabytes.
        packets.push(vec![0x30, 0x80, 0x80, 0x80, 0x01]);
        packets
    };
    let graded = check(Firmware { start, ..Firmware::default() }).await;
    assert_eq!(graded.failed, NOTHING);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_and_habits_warn() {
    let upper: fn(&DeviceBriefing) -> Bytes = |me| {
        let client_id = format!("{}_0_0_{TIMESTAMP}", me.device_id);
        let password = password(TIMESTAMP, &me.secret).to_uppercase();
        connect(&client_id, Some(&me.device_id), Some(&password), 0)
    };
    let firmware = Firmware { hello: upper, ..Firmware::default() };
    expect("upper case", firmware, NOTHING, &["2.2/rule/password-hmac"]).await;
    let firmware = Firmware { receipts: false, ..Firmware::default() };
    expect("no PUBACK", firmware, NOTHING, &["2.4/session/acknowledges-commands"]).await;
    let firmware = Firmware { beforehand: (10, false), ..Firmware::default() };
    expect("ten at once", firmware, NOTHING, &["2.2/session/has-one-session-at-a-time"]).await;
    let firmware = Firmware { beforehand: (30, true), ..Firmware::default() };
    expect("comes and goes", firmware, NOTHING, &["2.2/session/stays-connected"]).await;
    // Without a subscription it is waited for, and its connections are given up meanwhile.
    let quiet: fn(&DeviceBriefing) -> Vec<Bytes> =
        |me| vec![publish(&me.data_topic, &light(&json!({"brightness": 7})))];
    let hello: fn(&DeviceBriefing) -> Bytes = |me| login(&me.device_id, &me.secret, TIMESTAMP, 1);
    let failed = ["2.1/rule/subscribe-before-receiving", "2.4/rule/subscribe-before-receiving"];
    let warned = ["2.1/session/keeps-its-connection-alive"];
    expect("no PINGREQ", Firmware { hello, start: quiet, ..Firmware::default() }, &failed, &warned).await;
}
