//! PUBLISH from devices.

use super::rig::*;
use crate::mqtt::door::Inbound;

#[tokio::test]
async fn tells_each_message_once_at_every_qos() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    raw.send(&publish(0b0001, 0, "t/0", b"zero")).await;
    raw.send(&publish(0b0010, 1, "t/1", b"one")).await;
    raw.expect(&[0x40, 2, 0, 1], "PUBACK").await;
    raw.send(&publish(0b1010, 1, "t/1", b"one")).await;
    raw.expect(&[0x40, 2, 0, 1], "PUBACK again").await;
    raw.send(&publish(0b0100, 7, "t/2", b"two")).await;
    raw.expect(&[0x50, 2, 0, 7], "PUBREC").await;
    raw.send(&publish(0b1100, 7, "t/2", b"two")).await;
    raw.expect(&[0x50, 2, 0, 7], "PUBREC again").await;
    raw.send(&[0x62, 2, 0, 7]).await;
    raw.expect(&[0x70, 2, 0, 7], "PUBCOMP").await;
    raw.send(&publish(0b0100, 7, "t/2", b"three")).await;
    raw.expect(&[0x50, 2, 0, 7], "PUBREC of the next").await;

    let told: Vec<_> = house.host.published();
    let short: Vec<_> = told.iter().map(|m| (m.topic.as_str(), &m.payload[..], m.qos, m.retain, m.dup)).collect();
    assert_eq!(
        short,
        [
            ("t/0", &b"zero"[..], 0, true, false),
            ("t/1", b"one", 1, false, false),
            ("t/1", b"one", 1, false, true),
            ("t/2", b"two", 2, false, false),
            ("t/2", b"three", 2, false, false),
        ]
    );
    // The repeated PUBLISH and the PUBREL.
    assert_eq!(house.host.count(&Event::Active(session)), 2);
}

#[tokio::test]
async fn takes_topics_that_rumqttd_stumbles_over() {
    let house = house();
    let (mut raw, _) = house.device("d").await;
    for topic in ["ü/x", "$oc/devices", "$share/g/t", "/", "零/一"] {
        raw.send(&publish(0b0010, 1, topic, b"")).await;
        raw.expect(&[0x40, 2, 0, 1], "PUBACK").await;
    }
    let topics: Vec<_> = house.host.published().into_iter().map(|m: Inbound| m.topic).collect();
    assert_eq!(topics, ["ü/x", "$oc/devices", "$share/g/t", "/", "零/一"]);
}

#[tokio::test]
async fn reads_packets_in_pieces_and_in_heaps() {
    let house = house();
    let (mut raw, _) = house.device("d").await;
    let big = publish(0b0010, 3, "big", &[7; 200_000]);
    for piece in big.chunks(33_333) {
        raw.send(piece).await;
    }
    raw.expect(&[0x40, 2, 0, 3], "PUBACK of the big one").await;
    let heap: Vec<u8> = (1..=500).flat_map(|id| publish(0b0010, id, "small", b"x")).collect();
    raw.send(&heap).await;
    for id in 1..=500_u16 {
        let [high, low] = id.to_be_bytes();
        raw.expect(&[0x40, 2, high, low], "PUBACK of a small one").await;
    }
    let told = house.host.published();
    assert_eq!((told.len(), told[0].payload.len()), (501, 200_000));
}
