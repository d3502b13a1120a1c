//! Bytes that aren't MQTT 3.1.1.

use super::rig::*;
use crate::mqtt::door::CloseReason;

/// Packets that end a session, with a word of the reason.
fn faults() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (connect("d", 0), "second CONNECT"),
        (vec![0x00], "reserved packet type"),
        (vec![0xf0], "reserved packet type"),
        (vec![0x20, 2, 0, 0], "only a server sends"),
        (vec![0xd0, 0], "only a server sends"),
        (vec![0x16, 3, 1], "TLS on a plain port"),
        (b"GET / HTTP/1.1\r\n".to_vec(), "reserved flags"),
        (vec![0xc1, 0], "reserved flags"),
        (vec![0xc0, 1, 0], "bytes behind the header"),
        (vec![0xe0, 1, 0], "bytes behind the header"),
        (vec![0x30, 0x80, 0x80, 0x80, 0x80, 1], "Remaining length"),
        (vec![0x30, 0], "required"),
        (publish(0b0110, 1, "t", b""), "QoS 3"),
        (publish(0b1000, 0, "t", b""), "DUP at QoS 0"),
        (publish(0b0010, 0, "t", b""), "id Zero"),
        (publish(0b0100, 0, "t", b""), "id Zero"),
        (publish(0, 0, "", b""), "empty topic name"),
        (publish(0, 0, "a/+", b""), "wildcard"),
        (publish(0, 0, "a\0", b""), "U+0000"),
        (packet(0x30, &[0, 2, 0xff, 0xff]), "UTF-8"),
        (packet(0x30, &[0, 3, 0xed, 0xa0, 0x80]), "UTF-8"),
        (packet(0x30, &[0, 9, b'a']), "boundary"),
        (packet(0x32, &[0, 1, b'a', 1]), "malformed"),
        (vec![0x40, 2, 0, 0], "identifier 0"),
        (vec![0x40, 3, 0, 1, 0], "bytes behind the header"),
        (vec![0x60, 2, 0, 1], "reserved flags"),
        (vec![0x62, 2, 0, 0], "identifier 0"),
        (packet(0x80, &[0, 1, 0, 1, b'a', 0]), "reserved flags"),
        (subscribe(0, &[("a", 0)]), "identifier 0"),
        (subscribe(1, &[]), "Empty"),
        (subscribe(1, &[("a", 3)]), "QoS"),
        (subscribe(1, &[("a", 0x41)]), "reserved bits"),
        (subscribe(1, &[("a", 0), ("", 0)]), "empty topic filter"),
        (subscribe(1, &[("a/#/b", 0)]), "misplaced #"),
        (subscribe(1, &[("a+", 0)]), "misplaced +"),
        (subscribe(1, &[("\0", 0)]), "U+0000"),
        (packet(0x82, &[0, 1, 0, 1, b'a']), "malformed"),
        (packet(0x82, &[0, 1, 0, 1, 0xff, 0]), "utf-8"),
        (packet(0xa2, &[0, 1]), "without a topic filter"),
        (packet(0xa2, &[0, 0, 0, 1, b'a']), "identifier 0"),
        (packet(0xa2, &[0, 1, 0, 9, b'a']), "boundary"),
        (packet(0xa2, &[0]), "malformed"),
    ]
}

#[tokio::test]
async fn closes_a_session_on_each_fault_and_says_why() {
    let house = house();
    let (mut bystander, innocent) = house.device("bystander").await;
    for (number, (bytes, word)) in faults().into_iter().enumerate() {
        let (mut raw, session) = house.device(&format!("d:{number}")).await;
        // The other end may hang up before it has read everything.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.0, &bytes).await;
        let reason = house.host.wait_closed(session).await;
        let CloseReason::ProtocolError(what) = &reason else { panic!("{word}: {reason:?}") };
        assert!(what.to_lowercase().contains(&word.to_lowercase()), "{what:?} lacks {word:?}");
        let packets = house.host.packets.lock().unwrap().clone();
        let last = packets.iter().rfind(|packet| packet.session == session).unwrap();
        assert_eq!(last.note.as_deref(), Some(what.as_str()));
        raw.expect_end(word).await;
    }
    bystander.send(&[0xc0, 0]).await;
    bystander.expect(&[0xd0, 0], "PINGRESP").await;
    assert!(!house.host.events().iter().any(|e| matches!(e, Event::Closed(id, _) if *id == innocent)));
}

/// The standard allows it, so it is no fault of the device: we only take no more.
#[tokio::test]
async fn closes_a_session_on_a_packet_that_is_larger_than_it_takes() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.0, &publish(0, 0, "t", &[0; 300_000])).await;
    let reason = house.host.wait_closed(session).await;
    assert!(matches!(reason, CloseReason::TooLarge(_)), "{reason:?}");
    assert!(reason.to_string().contains("larger than this platform takes (262144)"), "{reason}");
    let packets = house.host.packets.lock().unwrap().clone();
    let last = packets.iter().rfind(|packet| packet.session == session).unwrap();
    assert!(!last.decoded.contains("malformed"), "{last:?}");
}

#[tokio::test]
async fn closes_without_an_answer_when_the_first_packet_is_wrong() {
    let house = house();
    let firsts = [
        vec![0xc0, 0],
        publish(0, 0, "t", b""),
        subscribe(1, &[("a", 0)]),
        connect_with(3, 0, &text("d")),
        connect_with(0b0001_1110, 0, &[text("d"), text("t"), text("")].concat()),
        connect_with(0b0000_1010, 0, &text("d")),
        connect_with(0b0100_0010, 0, &[text("d"), text("p")].concat()),
        connect_with(2, 0, &[0, 1, 0xff]),
        connect_with(2, 0, &text("a\0")),
        connect_with(2, 0, &[0, 9, b'a']),
        connect_with(0b0000_0110, 0, &[text("d"), text("a/#"), text("")].concat()),
        packet(0x10, &[]),
        packet(0x10, &[0]),
        packet(0x10, &text("MQTT")),
        vec![0x16, 3, 1, 2],
        vec![0xff; 64],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ];
    for (number, bytes) in firsts.into_iter().enumerate() {
        let mut raw = Raw::dial(house.at).await;
        raw.send(&bytes).await;
        raw.expect_end(&format!("first packet {number}")).await;
        let packets = house.host.packets.lock().unwrap();
        assert_eq!(packets.len(), number + 1);
        assert!(packets[number].note.is_some(), "{:?}", packets[number]);
    }
    assert_eq!(house.host.events(), []);
}

/// A small generator (xorshift): the same bytes on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn mutate(dice: &mut Dice, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(bytes.len());
        match dice.roll(4) {
            0 => bytes[at] ^= 1 << dice.roll(8),
            1 => bytes[at] = dice.roll(256) as u8,
            2 => bytes.truncate(at.max(1)),
            _ => bytes.insert(at, dice.roll(256) as u8),
        }
    }
    bytes
}

#[tokio::test]
async fn survives_mutated_packets() {
    let house = house();
    let (mut bystander, _) = house.device("bystander").await;
    bystander.subscribe("t", 1).await;
    let fields = [text("d:m"), text("w"), text("m"), text("user"), text("secret")].concat();
    let seeds = [
        connect_with(0b1100_0110, 60, &fields),
        publish(0b0010, 1, "a/ü", b"payload"),
        publish(0b0100, 2, "a/b", b"payload"),
        subscribe(3, &[("a/#", 1), ("t", 0), ("foreign", 1)]),
        packet(0xa2, &[&[0, 4][..], &text("a/#")].concat()),
        vec![0x40, 2, 0, 1],
        vec![0x62, 2, 0, 2],
        vec![0xc0, 0],
    ];
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for round in 0..600 {
        let mut raw = Raw::dial(house.at).await;
        let mut bytes = Vec::new();
        if round % 3 > 0 {
            bytes.extend(connect("d:f", 0));
        }
        for _ in 0..=dice.roll(4) {
            let seed = seeds[dice.roll(seeds.len())].clone();
            bytes.extend(mutate(&mut dice, seed));
        }
        let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.0, &bytes).await;
        house.door.publish("d", "t", payload("x"), round);
    }
    assert!(house.door.publish("bystander", "t", payload("well?"), 4711));
    let got = bystander.packet("a message after the storm").await;
    assert_eq!(got, publish(0b0010, 1, "t", b"well?"));
    bystander.send(&[0x40, 2, 0, 1]).await;
    house.host.wait_delivered(4711).await;
    let host = house.host.clone();
    tokio::time::timeout(PATIENCE, house.door.stop()).await.expect("waited for stop");
    let events = host.events();
    for event in &events {
        if let Event::Connect(session, _) = event {
            let ends = |e: &&Event| matches!(e, Event::Closed(id, _) if id == session);
            let ends: Vec<_> = events.iter().filter(ends).collect();
            assert_eq!(ends.len(), 1, "session {session}: {ends:?}");
            let internal = matches!(ends[0], Event::Closed(_, CloseReason::Internal(_)));
            assert!(!internal, "session {session}: {ends:?}");
        }
    }
}
