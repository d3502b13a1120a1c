//! Sessions and the status of a device: whatever happens to its links, the door, the world, the REST
//! interface and the pushes tell the same story.

use std::sync::Arc;
use std::time::Duration;

use iotdm_mock::{Event, Platform};
use iotdm_spec::Op;
use iotdm_spec::wire::NotifyType;
use iotdm_tests::callbacks::Callbacks;
use iotdm_tests::raw_device::{RawDevice, login, packet, publish, text};
use iotdm_tests::{Application, DEADLINE};
use serde_json::{Value, json};

/// A platform with an application that hears of every change of a device.
struct House {
    platform: Platform,
    application: Application,
    callbacks: Callbacks,
}

impl House {
    async fn open() -> Self {
        let loopback = "127.0.0.1:0".parse().unwrap();
        let platform = Platform::builder().plain_mqtt(loopback).start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let callbacks = Callbacks::open().await;
        for kind in [NotifyType::BindDevice, NotifyType::DeviceInfoChanged, NotifyType::DeviceDeleted] {
            let subscription = json!({ "notifyType": kind, "callbackUrl": callbacks.url });
            let (status, answer) = application.call(Op::SubscribeBusinessData, &[], subscription).await;
            assert_eq!(status, 201, "{answer}");
        }
        Self { platform, application, callbacks }
    }

    /// Status and status detail, as REST tells them.
    async fn status(&self, id: &str) -> String {
        let (_, device) = self.application.call(Op::QueryDevice, &[("deviceId", id)], Value::Null).await;
        let part = |name: &str| device["deviceInfo"][name].as_str().unwrap_or("?").to_owned();
        format!("{} {}", part("status"), part("statusDetail"))
    }

    /// The next push must tell this status, and REST must agree.
    async fn expect(&mut self, id: &str, status: &str) {
        let push = self.callbacks.next().await;
        assert_eq!(push["notifyType"], "deviceInfoChanged", "{push}");
        assert_eq!(told(&push), status, "{push}");
        assert_eq!(self.status(id).await, status);
    }

    async fn first_login(&mut self, id: &str, secret: &str) -> RawDevice {
        let raw = RawDevice::log_in(&self.platform, id, secret).await;
        let push = self.callbacks.next().await;
        assert_eq!(push["notifyType"], "bindDevice", "it comes first: {push}");
        self.expect(id, "ONLINE NONE").await;
        raw
    }

    async fn sessions(&self) -> u64 {
        let answer = reqwest::get(format!("{}/_mock/", self.platform.control_url())).await.unwrap();
        answer.text().await.unwrap().parse::<Value>().unwrap()["sessions"].as_u64().unwrap()
    }

    /// Whether so many sessions are told to be over.
    fn are_over(&self, count: usize) -> bool {
        let over = |event: &Event| matches!(event, Event::Note(note) if note.text.contains(" is over: "));
        self.platform.journal().entries().iter().filter(|entry| over(&entry.event)).count() >= count
    }
}

fn told(push: &Value) -> String {
    let part = |name: &str| push["deviceInfo"][name].as_str().unwrap_or("?").to_owned();
    format!("{} {}", part("status"), part("statusDetail"))
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_a_farewell_from_a_lost_link() {
    let mut house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    assert_eq!(house.status(&id).await, "INACTIVE NOT_ACTIVE");
    let mut raw = house.first_login(&id, &secret).await;
    raw.send(&[0xe0, 0]).await;
    house.expect(&id, "OFFLINE NONE").await;
    let raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    house.expect(&id, "ONLINE NONE").await;
    drop(raw);
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    let mut raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    house.expect(&id, "ONLINE NONE").await;
    raw.send(&[0xf0, 0]).await;
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    let mut raw = RawDevice::dial(&house.platform).await;
    raw.send(&login(&id, &secret, "2018072417", 1)).await;
    raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
    house.expect(&id, "ONLINE NONE").await;
    // Nothing is heard for one and a half keep-alives.
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    let mut raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    house.expect(&id, "ONLINE NONE").await;
    let drop = format!("{}/_mock/devices/{id}/disconnect", house.platform.control_url());
    assert_eq!(reqwest::Client::new().post(drop).send().await.unwrap().status(), 200);
    assert_eq!(house.status(&id).await, "OFFLINE LOSS_OF_CONNECTIVITY", "at once");
    raw.end().await;
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    assert_eq!(house.callbacks.rest(), Vec::<Value>::new(), "and nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn stays_online_over_takeovers() {
    let mut house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let mut older = house.first_login(&id, &secret).await;
    for round in 0..20 {
        let mut newer = RawDevice::dial(&house.platform).await;
        newer.send(&login(&id, &secret, &format!("{round}"), 0)).await;
        newer.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
        assert!(older.end().await.is_empty());
        assert_eq!(house.status(&id).await, "ONLINE NONE");
        older = newer;
    }
    assert!(older.is_alive().await);
    assert_eq!(house.sessions().await, 1);
    older.send(&[0xe0, 0]).await;
    house.expect(&id, "OFFLINE NONE").await;
    assert_eq!(house.callbacks.rest(), Vec::<Value>::new(), "no takeover was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_exactly_one_of_many_logins_at_once() {
    let mut house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let raw = house.first_login(&id, &secret).await;
    const MANY: usize = 60;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..MANY {
        let mut raw = RawDevice::dial(&house.platform).await;
        let bytes = login(&id, &secret, &format!("{number}"), 0);
        racing.spawn(async move {
            raw.send(&bytes).await;
            raw
        });
    }
    let mut devices = racing.join_all().await;
    devices.push(raw);
    RawDevice::until("all but one are over", async || house.are_over(MANY)).await;
    let mut alive = 0;
    for raw in &mut devices {
        // The survivor's CONNACK comes first.
        alive += usize::from(raw.is_alive_behind(4).await);
    }
    assert_eq!((alive, house.sessions().await), (1, 1));
    assert_eq!(house.status(&id).await, "ONLINE NONE");
    drop(devices);
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    assert_eq!(house.callbacks.rest(), Vec::<Value>::new(), "the race was not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaves_no_session_of_a_device_that_is_deleted_while_it_logs_in() {
    let house = Arc::new(House::open().await);
    let mut logins = 0;
    for round in 0..30 {
        let (id, secret) = house.application.register(&house.platform, &format!("node{round}")).await;
        let mut racing = tokio::task::JoinSet::new();
        for number in 0..4 {
            let (house, bytes) = (Arc::clone(&house), login(&id, &secret, &format!("{number}"), 0));
            racing.spawn(async move {
                let mut raw = RawDevice::dial(&house.platform).await;
                raw.send(&bytes).await;
                raw.end().await.first().is_some_and(|first| *first == 0x20)
            });
        }
        tokio::time::sleep(Duration::from_micros(round * 100)).await;
        let (status, _) = house.application.call(Op::DeleteDevice, &[("deviceId", &id)], Value::Null).await;
        assert_eq!(status, 204);
        // Every link ends, whether it came before or after.
        logins += racing.join_all().await.into_iter().filter(|answered| *answered).count();
    }
    assert!(logins > 0, "some were answered");
    RawDevice::until("nobody is left", async || house.sessions().await == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_the_link_of_a_deleted_device_and_tells_nothing_more() {
    let mut house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let mut raw = house.first_login(&id, &secret).await;
    let (status, _) = house.application.call(Op::DeleteDevice, &[("deviceId", &id)], Value::Null).await;
    assert_eq!(status, 204);
    assert!(raw.end().await.is_empty());
    let over = |event: &Event| matches!(event, Event::Note(note) if note.text.contains("was deleted"));
    house.platform.journal().wait_for("the end", DEADLINE, |entry| over(&entry.event)).await.unwrap();
    assert_eq!(house.callbacks.next().await["notifyType"], "deviceDeleted");
    // What would have been pushed for the device comes before what is pushed for the next.
    let (other, secret) = house.application.register(&house.platform, "other").await;
    house.first_login(&other, &secret).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_count_pings_as_activity() {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let platform = Platform::builder().plain_mqtt(loopback).frozen_at("20200214T080000Z").unwrap();
    let platform = platform.start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (id, secret) = application.register(&platform, "node").await;
    let mut raw = RawDevice::log_in(&platform, &id, &secret).await;
    let status = async || {
        // The tokens are long dead by now.
        let application = Application::log_in(&platform).await;
        let (_, device) = application.call(Op::QueryDevice, &[("deviceId", &id)], Value::Null).await;
        device["deviceInfo"]["status"].as_str().unwrap_or("?").to_owned()
    };
    platform.advance(Duration::from_secs(24 * 3600));
    assert!(raw.is_alive().await);
    platform.advance(Duration::from_secs(3600));
    assert_eq!(status().await, "ABNORMAL", "25 hours with nothing but a ping");
    assert!(raw.is_alive().await);
    assert_eq!(status().await, "ABNORMAL");
    // Any other packet counts, whatever is in it (A-109).
    raw.send(&publish("/any/topic", "x")).await;
    raw.expect(&[0x40, 2, 0, 1], "PUBACK").await;
    assert_eq!(status().await, "ONLINE");
    platform.advance(Duration::from_secs(49 * 3600 - 1));
    assert_eq!(status().await, "ABNORMAL");
    platform.advance(Duration::from_secs(1));
    assert_eq!(status().await, "OFFLINE", "the link still stands, and is silent");
    raw.send(&[0x62, 2, 0, 9]).await;
    raw.expect(&[0x70, 2, 0, 9], "PUBCOMP").await;
    assert_eq!(status().await, "ONLINE");
}

/// It is OFFLINE already, for a reason that is known: 49 hours of silence later there is nothing new.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_not_lost_again() {
    let mut house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    drop(house.first_login(&id, &secret).await);
    house.expect(&id, "OFFLINE LOSS_OF_CONNECTIVITY").await;
    for hours in [24, 2, 22, 2] {
        house.platform.advance(Duration::from_secs(hours * 3600));
    }
    house.application = Application::log_in(&house.platform).await;
    assert_eq!(house.status(&id).await, "OFFLINE LOSS_OF_CONNECTIVITY");
    assert!(house.platform.pushes_settled(DEADLINE).await);
    assert_eq!(house.callbacks.rest(), Vec::<Value>::new());
}

/// 1.9.1, line 4193: a cached command is sent when its device comes online or reports.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_report_releases_what_waits_for_an_online_device() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let mut raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    let topic = text(&format!("/huawei/v1/devices/{id}/command/json"));
    raw.send(&packet(0x82, &[&[0, 1][..], &topic, &[1]].concat())).await;
    raw.expect(&[0x90, 3, 0, 1, 1], "SUBACK 1").await;
    let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 7 } });
    let body = json!({ "deviceId": id, "command": command, "expireTime": 1000 });
    let (status, answer) = house.application.call(Op::CreateCommand, &[], body).await;
    assert_eq!(status, 201, "{answer}");
    let status = async || {
        let (_, answer) = house.application.call(Op::QueryCommands, &[("deviceId", &id)], Value::Null).await;
        answer["data"][0]["status"].as_str().unwrap_or("?").to_owned()
    };
    let data = format!("/huawei/v1/devices/{id}/data/json");
    let no_reports = [
        publish("/foo", "x"),
        publish("/huawei/v1/devices/somebody-else/data/json", r#"{"msgType":"deviceReq","data":[]}"#),
        publish(&data, "garbage"),
        publish(&data, r#"{"msgType":"deviceReq","data":[]}"#),
        publish(&data, r#"{"msgType":"deviceReq","data":[{"serviceId":"Gas","serviceData":{"x":1}}]}"#),
        publish(&data, r#"{"msgType":"deviceRsp","mid":99,"errcode":0,"body":{}}"#),
    ];
    for (number, packet) in no_reports.iter().enumerate() {
        raw.send(packet).await;
        raw.expect(&[0x40, 2, 0, 1], "PUBACK").await;
        assert_eq!(status().await, "PENDING", "after {number}");
    }
    raw.send(&publish(&data, r#"{"msgType":"deviceReq","data":[{"serviceId":"Light","serviceData":{"power":1}}]}"#))
        .await;
    raw.expect(&[0x40, 2, 0, 1], "PUBACK").await;
    RawDevice::until("the command is sent", || async { status().await == "SENT" }).await;
}

/// Clients that answer in their callback do so before the acknowledgement goes out.
#[tokio::test(flavor = "multi_thread")]
async fn who_answers_first_has_got_the_command_all_the_same() {
    let mut house = House::open().await;
    for kind in [NotifyType::MessageConfirm, NotifyType::CommandRsp] {
        let subscription = json!({ "notifyType": kind, "callbackUrl": house.callbacks.url });
        let (status, answer) = house.application.call(Op::SubscribeBusinessData, &[], subscription).await;
        assert_eq!(status, 201, "{answer}");
    }
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let mut raw = house.first_login(&id, &secret).await;
    let topic = text(&format!("/huawei/v1/devices/{id}/command/json"));
    raw.send(&packet(0x82, &[&[0, 1][..], &topic, &[1]].concat())).await;
    raw.expect(&[0x90, 3, 0, 1, 1], "SUBACK 1").await;
    let body = json!({ "header": { "mode": "ACK", "method": "SET_LEVEL" }, "body": { "value": 7 } });
    let path = [("deviceId", id.as_str()), ("serviceId", "Light")];
    let (status, answer) = house.application.call(Op::SendCommand, &path, body).await;
    assert_eq!(status, 202, "{answer}");
    let data = format!("/huawei/v1/devices/{id}/data/json");
    raw.send(&publish(&data, r#"{"msgType":"deviceRsp","mid":1,"errcode":0,"body":{"level":7}}"#)).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let push = house.callbacks.next().await;
        let status = push["header"]["status"].as_str().unwrap_or_default().to_owned();
        told.push(format!("{} {status}", push["notifyType"].as_str().unwrap_or("?")));
    }
    assert_eq!(told, ["messageConfirm delivered", "messageConfirm executed", "commandRsp "]);
    // The acknowledgement that follows tells nothing new.
    raw.send(&[0x40, 2, 0, 1]).await;
    let is_puback =
        |event: &Event| matches!(event, Event::Packet(packet) if packet.packet == "PUBACK" && packet.direction == "in");
    let journal = house.platform.journal();
    RawDevice::until("the PUBACK has come", || async { journal.entries().iter().any(|e| is_puback(&e.event)) }).await;
    assert!(house.platform.pushes_settled(DEADLINE).await);
    assert_eq!(house.callbacks.rest(), Vec::<Value>::new());
}
