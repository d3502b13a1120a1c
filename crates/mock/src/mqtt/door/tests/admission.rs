//! CONNECT, CONNACK and SUBSCRIBE.

use super::rig::*;
use crate::mqtt::door::Direction;
use crate::mqtt::door::host::PacketKind;
use std::time::Duration;

async fn refusal(house: &House, connect: &[u8], code: u8) {
    let mut raw = Raw::dial(house.at).await;
    raw.send(connect).await;
    raw.expect(&[0x20, 2, 0, code], "CONNACK").await;
    raw.expect_end("a refusal").await;
}

#[tokio::test]
async fn tells_the_refusing_code_and_hangs_up() {
    let house = house();
    for code in 2..=5 {
        refusal(&house, &connect(&format!("refuse-{code}"), 0), code).await;
    }
    refusal(&house, &connect_with(0, 0, &text("")), 2).await;
    let level_5 = [&text("MQTT")[..], &[5, 2, 0, 0, 0], &text("d")].concat();
    refusal(&house, &packet(0x10, &level_5), 1).await;
    let old = [&text("MQIsdp")[..], &[3, 2, 0, 0], &text("d")].concat();
    refusal(&house, &packet(0x10, &old), 1).await;
    assert_eq!(house.host.events(), [], "no refused session is told of");
    let packets = house.host.packets.lock().unwrap().clone();
    let connack = packets.iter().find(|p| p.kind == PacketKind::Connack).unwrap();
    assert_eq!(connack.note.as_deref(), Some("refuse-2 is not welcome"));
}

#[tokio::test]
async fn shows_a_refusal_to_rumqttc() {
    let house = house();
    let options = rumqttc::MqttOptions::new("refuse-4", "127.0.0.1", house.at.port());
    let (_client, mut events) = rumqttc::AsyncClient::new(options, 10);
    let error = events.poll().await.unwrap_err();
    assert!(
        matches!(error, rumqttc::ConnectionError::ConnectionRefused(rumqttc::ConnectReturnCode::BadUserNamePassword)),
        "{error:?}"
    );
}

#[tokio::test]
async fn tells_the_host_what_connect_says_and_hides_the_password() {
    let house = house();
    let fields = [text("d"), text("will/topic"), text("gone"), text("user"), text("sesame")];
    let mut raw = Raw::dial(house.at).await;
    raw.send(&connect_with(0b1100_0110, 60, &fields.concat())).await;
    raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;

    let attempt = house.host.attempts.lock().unwrap()[0].clone();
    assert_eq!(attempt.username.as_deref(), Some("user"));
    assert_eq!(attempt.password.as_deref(), Some(&b"sesame"[..]));
    assert_eq!((attempt.keep_alive, attempt.clean_session, attempt.will), (60, true, true));
    assert!(!format!("{attempt:?}").contains("sesame"));

    let packets = house.host.packets.lock().unwrap().clone();
    assert_eq!(
        packets[0].decoded,
        r#"CONNECT "d" as "user", password of 6 bytes, keep-alive 60 s, will on "will/topic""#
    );
    assert!(packets[0].raw.ends_with(b"\0\x04user\0\x06******"), "{:?}", packets[0].raw);
    assert_eq!(packets[1].decoded, "CONNACK 0 (accepted)");
    assert_eq!((packets[1].direction, packets[1].device.as_deref()), (Direction::Out, Some("d")));
}

#[tokio::test]
async fn hides_the_password_of_malformed_and_foreign_connects() {
    let house = house();
    let fields = [text("d"), text("user"), text("sesame")].concat();
    let trailing = connect_with(0b1100_0010, 0, &[&fields[..], &[0]].concat());
    let no_user = connect_with(0b0100_0010, 0, &[text("d"), text("sesame")].concat());
    let foreign = packet(0x10, &[&text("MQTT")[..], &[5, 0xc2, 0, 0, 0], &fields].concat());
    for bytes in [trailing, no_user, foreign] {
        let mut raw = Raw::dial(house.at).await;
        raw.send(&bytes).await;
        while raw_ended(&mut raw).await.is_some() {}
    }
    for packet in house.host.packets.lock().unwrap().iter() {
        let raw = String::from_utf8_lossy(&packet.raw);
        assert!(!raw.contains("sesame") && !packet.decoded.contains("sesame"), "{packet:?}");
    }
    assert_eq!(house.host.packets.lock().unwrap().len(), 4, "three CONNECTs and a CONNACK 1");
}

async fn raw_ended(raw: &mut Raw) -> Option<u8> {
    use tokio::io::AsyncReadExt;
    tokio::time::timeout(PATIENCE, raw.0.read_u8()).await.expect("waited for the end").ok()
}

#[tokio::test]
async fn tells_an_empty_password_from_none_and_takes_any_bytes() {
    let house = house();
    let binary = [&text("a")[..], &text("u"), &[0, 2, 0xff, 0xfe]].concat();
    for (flags, payload, username, password) in [
        (0b1100_0010, [text("a"), text(""), text("")].concat(), Some(""), Some(&b""[..])),
        (0b1000_0010, [text("a"), text("")].concat(), Some(""), None),
        (0b0000_0010, text("a"), None, None),
        (0b1100_0010, binary, Some("u"), Some(&b"\xff\xfe"[..])),
    ] {
        let mut raw = Raw::dial(house.at).await;
        raw.send(&connect_with(flags, 0, &payload)).await;
        raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
        let attempt = house.host.attempts.lock().unwrap().pop().unwrap();
        assert_eq!(attempt.username.as_deref(), username);
        assert_eq!(attempt.password.as_deref(), password);
    }
}

#[tokio::test]
async fn grants_and_refuses_filter_by_filter() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    let filters = [("d/a", 0), ("d/b", 1), ("foreign/x", 1), ("foreign/#", 0), ("d/+/c", 2)];
    raw.send(&subscribe(5, &filters[..4])).await;
    raw.expect(&[0x90, 6, 0, 5, 0, 1, 0x80, 0x80], "SUBACK of four").await;
    raw.send(&subscribe(6, &filters[4..])).await;
    raw.expect(&[0x90, 3, 0, 6, 1], "SUBACK of QoS 2, granted as 1").await;
    assert_eq!(house.host.count(&Event::Active(session)), 2);
    assert!(house.door.subscribed("d", "d/b"));
    assert!(house.door.subscribed("d", "d/x/c"));
    assert!(!house.door.subscribed("d", "foreign/x"));
    assert!(!house.door.subscribed("e", "d/b"));

    raw.send(&packet(0xa2, &[&[0, 7][..], &text("d/b"), &text("never")].concat())).await;
    raw.expect(&[0xb0, 2, 0, 7], "UNSUBACK").await;
    assert!(!house.door.subscribed("d", "d/b"));
    raw.send(&[0xc0, 0]).await;
    raw.expect(&[0xd0, 0], "PINGRESP").await;
}

#[tokio::test]
async fn turns_away_who_says_nothing_and_who_is_too_many() {
    let house = house_with(None, |config| {
        config.connect_timeout = Duration::from_millis(50);
        config.max_connections = 1;
    });
    let mut silent = Raw::dial(house.at).await;
    let mut second = Raw::dial(house.at).await;
    second.expect_end("one connection too many").await;
    silent.expect_end("silence").await;
    for why in ["too many connections", "no CONNECT in time"] {
        let wanted = Event::TurnedAway(why.to_owned());
        house.host.wait(why, |event| (*event == wanted).then_some(())).await;
    }
}
