//! The packet journal: what went over the wire is what stands there, and it can be taken out.

use iotdm_mock::{PacketFilter, Platform, hex_dump};
use iotdm_tests::Application;
use iotdm_tests::raw_device::{RawDevice, connect, login, packet, password, publish, text};
use serde_json::Value;

const TIMESTAMP: &str = "2018072417";

/// A device that came, was refused, came again, subscribed, published and left.
async fn house() -> (Platform, String, String) {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let platform = Platform::builder().plain_mqtt(loopback).frozen_at("20200214T080000Z").unwrap();
    let platform = platform.start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (id, secret) = application.register(&platform, "node").await;
    let (other, other_secret) = application.register(&platform, "other").await;
    RawDevice::log_in(&platform, &other, &other_secret).await;
    let mut refused = RawDevice::dial(&platform).await;
    refused.send(&connect(&format!("{id}_0_0_{TIMESTAMP}"), Some(&id), Some("sesame"), 0)).await;
    assert_eq!(refused.end().await, [0x20, 2, 0, 4]);
    let mut raw = RawDevice::log_in(&platform, &id, &secret).await;
    raw.send(&conversation(&id)).await;
    raw.expect(&ANSWERS, "SUBACK, PUBACK, PINGRESP").await;
    raw.end().await;
    (platform, id, secret)
}

fn conversation(id: &str) -> Vec<u8> {
    let topic = text(&format!("/huawei/v1/devices/{id}/command/json"));
    let subscribe = packet(0x82, &[&[0, 2][..], &topic, &[1]].concat());
    [subscribe, publish("/foreign", "{}"), vec![0xc0, 0], vec![0xe0, 0]].concat()
}

const ANSWERS: [u8; 11] = [0x90, 3, 0, 2, 1, 0x40, 2, 0, 1, 0xd0, 0];

async fn query(platform: &Platform, query: &str) -> (u16, String) {
    let url = format!("{}/_mock/journal/packets?{query}", platform.control_url());
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_packet_stands_there_with_its_bytes_and_no_password() {
    let (platform, id, secret) = house().await;
    let packets = platform.journal().packets(&PacketFilter::of_device(&id));
    let bytes = |direction: &str| -> Vec<u8> {
        packets.iter().filter(|c| c.packet.direction == direction).flat_map(|c| c.packet.bytes.clone()).collect()
    };
    let masked = |sent: Vec<u8>, password: &str| {
        let shown = sent.len() - password.len();
        [&sent[..shown], &vec![b'*'; password.len()]].concat()
    };
    let refused = connect(&format!("{id}_0_0_{TIMESTAMP}"), Some(&id), Some("sesame"), 0);
    let sound = login(&id, &secret, TIMESTAMP, 0);
    let all_in = [masked(refused, "sesame"), masked(sound, &password(TIMESTAMP, &secret)), conversation(&id)].concat();
    assert_eq!(bytes("in"), all_in);
    assert_eq!(bytes("out"), [&[0x20, 2, 0, 4, 0x20, 2, 0, 0][..], &ANSWERS].concat());
    let names: Vec<_> = packets.iter().map(|c| c.packet.packet).collect();
    assert_eq!(
        names,
        [
            "CONNECT",
            "CONNACK",
            "CONNECT",
            "CONNACK",
            "SUBSCRIBE",
            "SUBACK",
            "PUBLISH",
            "PUBACK",
            "PINGREQ",
            "PINGRESP",
            "DISCONNECT"
        ]
    );
    assert!(packets[1].packet.note.as_deref().unwrap_or_default().contains("password"), "why: {:?}", packets[1]);
    assert!(packets.iter().all(|c| c.at == platform.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_gives_packets_as_json_and_as_text() {
    let (platform, id, _) = house().await;
    let (status, text) = query(&platform, &format!("device={id}&packet=PUBLISH&direction=in")).await;
    let answer: Value = text.parse().unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["dropped"], 0);
    let [published] = &answer["packets"].as_array().unwrap()[..] else { panic!("{answer}") };
    assert_eq!((&published["device"], &published["packet"]), (&id.as_str().into(), &"PUBLISH".into()));
    assert_eq!(published["at"], "20200214T080000Z");
    assert_eq!(published["bytes"], "320e00082f666f726569676e00017b7d");
    let (seq, session) = (published["seq"].as_u64().unwrap(), published["session"].as_u64().unwrap());

    let (_, after) = query(&platform, &format!("session={session}&since={seq}&format=json")).await;
    assert_eq!(after.parse::<Value>().unwrap()["packets"].as_array().unwrap().len(), 4);
    let (_, later) = query(&platform, "from=20200214T080001Z").await;
    assert_eq!(later.parse::<Value>().unwrap()["packets"].as_array().unwrap().len(), 0);
    let (_, earlier) = query(&platform, "to=20200214T075959Z").await;
    assert_eq!(earlier.parse::<Value>().unwrap()["packets"].as_array().unwrap().len(), 0);

    let (status, dump) = query(&platform, &format!("session={session}&since={seq}&format=text")).await;
    assert_eq!(status, 200);
    let lines: Vec<_> = dump.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "O 2020-02-14T08:00:00.000",
            "000000 40 02 00 01",
            "I 2020-02-14T08:00:00.000",
            "000000 c0 00",
            "O 2020-02-14T08:00:00.000",
            "000000 d0 00",
            "I 2020-02-14T08:00:00.000",
            "000000 e0 00",
        ]
    );
    let filter = PacketFilter { session: Some(session), since: seq, ..PacketFilter::default() };
    assert_eq!(dump, hex_dump(&platform.journal().packets(&filter)));
    for bad in ["direction=up", "since=x", "session=-1", "from=now", "format=pcap", "devices=x"] {
        let (status, text) = query(&platform, bad).await;
        assert_eq!(status, 400, "{bad}");
        assert!(text.parse::<Value>().unwrap()["error"].is_string(), "{text}");
    }
}
