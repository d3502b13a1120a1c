//! 2.1 and 2.2 to the bit: who is let in, with which return code everybody else is sent away, and
//! what a session may do.

use iotdm_mock::{Event, Platform};
use iotdm_spec::Op;
use iotdm_tests::Application;
use iotdm_tests::raw_device::{RawDevice, connect, login, packet, password, publish, text};
use serde_json::{Value, json};

const NOW: &str = "20200214T083000Z";
const HOUR: &str = "2020021408";

struct House {
    platform: Platform,
    application: Application,
}

impl House {
    async fn open() -> Self {
        let loopback = "127.0.0.1:0".parse().unwrap();
        let platform = Platform::builder().plain_mqtt(loopback).frozen_at(NOW).unwrap().start().await.unwrap();
        let application = Application::log_in(&platform).await;
        Self { platform, application }
    }

    /// Sends a CONNECT; gives the return code, and the end of the link after any but 0 is certain.
    async fn code(&self, bytes: &[u8]) -> u8 {
        let mut raw = RawDevice::dial(&self.platform).await;
        raw.send(bytes).await;
        let connack = raw.answer(4).await;
        let [0x20, 2, 0, code] = connack[..] else { panic!("not a CONNACK without a session: {connack:02x?}") };
        if code > 0 {
            assert!(raw.end().await.is_empty(), "nothing follows a refusal");
        }
        code
    }

    async fn device(&self, id: &str) -> Value {
        self.application.call(Op::QueryDevice, &[("deviceId", id)], Value::Null).await.1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lets_a_device_in_by_either_id_and_either_signature_type() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "no_2_0_de").await;
    for (name, auth, sign, timestamp) in [
        (id.as_str(), '0', '0', HOUR),
        (&id, '0', '1', HOUR),
        ("no_2_0_de", '2', '0', HOUR),
        ("no_2_0_de", '2', '1', HOUR),
        // An hour too early or too late is near enough (A-278).
        (&id, '0', '1', "2020021407"),
        (&id, '0', '1', "2020021409"),
        // Unchecked, whatever digits it has (A-279).
        (&id, '0', '0', "2018072417"),
        (&id, '0', '0', "0"),
        (&id, '0', '0', "20200214"),
        (&id, '0', '0', "2020021499"),
        ("no_2_0_de", '2', '0', "1581669000"),
    ] {
        let client_id = format!("{name}_{auth}_{sign}_{timestamp}");
        let sound = password(timestamp, &secret);
        assert_eq!(house.code(&connect(&client_id, Some(name), Some(&sound), 0)).await, 0, "{client_id}");
        let upper = sound.to_uppercase();
        assert_eq!(house.code(&connect(&client_id, Some(name), Some(&upper), 0)).await, 0, "upper-case digits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_wrong_credentials_with_4() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let (_, other) = house.application.register(&house.platform, "other").await;
    let sound = password(HOUR, &secret);
    let client = |sign: char, timestamp: &str| format!("{id}_0_{sign}_{timestamp}");
    let base64 = "W9zBRr91Bg5qBCQIlXW5apEAPwidJzmDnewVi5ZOx4Q=";
    let refused: Vec<(String, Option<&str>, Option<String>)> = vec![
        (client('0', HOUR), Some(&id), None),
        (client('0', HOUR), Some(&id), Some(String::new())),
        (client('0', HOUR), Some(&id), Some("wrong".to_owned())),
        (client('0', HOUR), Some(&id), Some(secret.clone())),
        (client('0', HOUR), Some(&id), Some(base64.to_owned())),
        (client('0', HOUR), Some(&id), Some(sound[..63].to_owned())),
        (client('0', HOUR), Some(&id), Some(format!("{sound}0"))),
        (client('0', HOUR), Some(&id), Some(format!(" {sound}"))),
        (client('0', HOUR), Some(&id), Some(password(HOUR, &other))),
        // The secret as the key, as others do it (A-276).
        (client('0', HOUR), Some(&id), Some(password(&secret, HOUR))),
        (client('0', "2020021407"), Some(&id), Some(sound.clone())),
        (client('1', "2020021406"), Some(&id), Some(password("2020021406", &secret))),
        (client('1', "2020021410"), Some(&id), Some(password("2020021410", &secret))),
        (client('1', "2020021499"), Some(&id), Some(password("2020021499", &secret))),
        (client('1', "20200214"), Some(&id), Some(password("20200214", &secret))),
        (client('0', HOUR), None, None),
        (client('0', HOUR), Some(""), Some(sound.clone())),
        (client('0', HOUR), Some("node"), Some(sound.clone())),
        (client('0', HOUR), Some(&id[..id.len() - 1]), Some(sound.clone())),
        (format!("node_2_0_{HOUR}"), Some(&id), Some(sound.clone())),
    ];
    for (client_id, username, password) in &refused {
        let bytes = connect(client_id, *username, password.as_deref(), 0);
        assert_eq!(house.code(&bytes).await, 4, "{client_id} as {username:?} with {password:?}");
    }
    let device = house.device(&id).await;
    assert_eq!(device["deviceInfo"]["status"], "INACTIVE", "who was never let in was never there: {device}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_malformed_client_id_with_2() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let long = "n".repeat(256 - 14);
    house.application.register(&house.platform, &long).await;
    let sound = password(HOUR, &secret);
    for client_id in [
        String::new(),
        id.clone(),
        format!("{id}_0_0"),
        format!("{id}_0_0_"),
        format!("_0_0_{HOUR}"),
        format!("{id}_1_0_{HOUR}"),
        format!("{id}_3_0_{HOUR}"),
        format!("{id}_00_0_{HOUR}"),
        format!("{id}_0_2_{HOUR}"),
        format!("{id}_0__{HOUR}"),
        format!("{id}_0_0_now"),
        format!("{id}_0_0_-1"),
        format!("{id}_0_0_２０２０"),
        format!("{id}-0-0-{HOUR}"),
        // One character more than the table allows.
        format!("{long}_2_0_{HOUR}"),
    ] {
        assert_eq!(house.code(&connect(&client_id, Some(&id), Some(&sound), 0)).await, 2, "{client_id:?}");
    }
    assert_eq!(house.device(&id).await["deviceInfo"]["status"], "INACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_who_may_not_come_by_mqtt_with_5() {
    let house = House::open().await;
    assert_eq!(house.code(&login("nobody", "secret", HOUR, 0)).await, 5, "unregistered");
    let body = json!({ "deviceInfo": { "nodeId": "coap" }, "mqttConnect": false });
    let (_, answer) = house.application.call(Op::RegisterByPassword, &[], body).await;
    let [id, secret] = ["deviceId", "secret"].map(|name| answer[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(house.code(&login(&id, &secret, HOUR, 0)).await, 5, "registered without mqttConnect: {answer}");
    let (id, secret) = house.application.register(&house.platform, "gone").await;
    assert_eq!(house.code(&login(&id, &secret, HOUR, 0)).await, 0);
    // An id of the other kind is nobody's.
    let crossed = format!("gone_0_0_{HOUR}");
    assert_eq!(house.code(&connect(&crossed, Some("gone"), Some(&password(HOUR, &secret)), 0)).await, 5);
    let (status, _) = house.application.call(Op::DeleteDevice, &[("deviceId", &id)], Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(house.code(&login(&id, &secret, HOUR, 0)).await, 5, "deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_what_is_odd_about_a_login_in_the_journal() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let body = [
        &text("MQTT")[..],
        &[4, 0b1100_0100, 0, 0],
        &text(&format!("{id}_0_0_77")),
        &text("will"),
        &text("gone"),
        &text(&id),
        &text(&password("77", &secret).to_uppercase()),
    ];
    assert_eq!(house.code(&packet(0x10, &body.concat())).await, 0);
    let entries = house.platform.journal().entries();
    let notes = entries.iter().find_map(|entry| match &entry.event {
        Event::Connect(connect) => Some(connect.notes.join("; ")),
        _ => None,
    });
    let notes = notes.unwrap();
    for word in ["ten digits", "lower-case", "will", "clean session 0"] {
        assert!(notes.contains(word), "{notes} lacks {word}");
    }
}

fn subscribe(filters: &[(&str, u8)]) -> Vec<u8> {
    let mut body = vec![0, 7];
    for (filter, qos) in filters {
        body.extend(text(filter));
        body.push(*qos);
    }
    packet(0x82, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_the_sessions_own_command_topic_only() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let (other, _) = house.application.register(&house.platform, "other").await;
    let topic = |id: &str, rest: &str| format!("/huawei/v1/devices/{id}/{rest}");
    let own = topic(&id, "command/json");
    let filters = [
        (own.clone(), 0, 0),
        (topic(&id, "command/binary"), 1, 1),
        (own, 2, 1),
        (topic(&other, "command/json"), 1, 0x80),
        // Under the login with the device id, the node id names nobody (A-272).
        (topic("node", "command/json"), 1, 0x80),
        (topic(&id, "data/json"), 0, 0x80),
        (topic("+", "command/json"), 0, 0x80),
        (topic(&id, "command/+"), 0, 0x80),
        (topic(&id, "#"), 0, 0x80),
        ("#".to_owned(), 0, 0x80),
        (format!("$share/g{}", topic(&id, "command/json")), 0, 0x80),
        (topic(&id, "command/json").trim_start_matches('/').to_owned(), 0, 0x80),
    ];
    let asked: Vec<_> = filters.iter().map(|(filter, qos, _)| (filter.as_str(), *qos)).collect();
    let codes: Vec<u8> = filters.iter().map(|(_, _, code)| *code).collect();
    let mut raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    raw.send(&subscribe(&asked)).await;
    let suback = [&[0x90, 2 + 12, 0, 7][..], &codes].concat();
    raw.expect(&suback, "one code for each filter, in order").await;
    let mut by_node = RawDevice::dial(&house.platform).await;
    let client_id = format!("node_2_0_{HOUR}");
    by_node.send(&connect(&client_id, Some("node"), Some(&password(HOUR, &secret)), 0)).await;
    by_node.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
    let both = [(&*topic("node", "command/json"), 1), (&*topic(&id, "command/json"), 1)];
    by_node.send(&subscribe(&both)).await;
    by_node.expect(&[0x90, 4, 0, 7, 1, 0x80], "the node id's topic only").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledges_foreign_topics_and_does_nothing() {
    let house = House::open().await;
    let (id, secret) = house.application.register(&house.platform, "node").await;
    let (other, _) = house.application.register(&house.platform, "other").await;
    let report = r#"{"msgType":"deviceReq","data":[{"serviceId":"Light","serviceData":{"brightness":8}}]}"#;
    let mut raw = RawDevice::log_in(&house.platform, &id, &secret).await;
    for topic in [
        format!("/huawei/v1/devices/{other}/data/json"),
        "/huawei/v1/devices/node/data/json".to_owned(),
        format!("/huawei/v1/devices/{id}/data/JSON"),
        format!("huawei/v1/devices/{id}/data/json"),
        format!("/huawei/v1/devices/{id}/command/json"),
        format!("/huawei/v1/devices/{id}/data/binary"),
        "$SYS/x".to_owned(),
    ] {
        raw.send(&publish(&topic, report)).await;
        raw.expect(&[0x40, 2, 0, 1], &topic).await;
    }
    for id in [&id, &other] {
        let device = house.device(id).await;
        assert_eq!(device["services"].as_array().map_or(0, Vec::len), 0, "{device}");
    }
    raw.send(&publish(&format!("/huawei/v1/devices/{id}/data/json"), report)).await;
    raw.expect(&[0x40, 2, 0, 1], "its own topic").await;
    assert_eq!(house.device(&id).await["services"][0]["data"]["brightness"], 8);
}
