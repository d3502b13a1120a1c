//! What holds for all packets and all bytes: nothing panics, nothing grows beyond its limit, and how
//! the bytes are cut into pieces on their way doesn't matter.

use super::rig::{connect_with, packet, publish, subscribe, text};
use crate::mqtt::door::connect::Greeting;
use crate::mqtt::door::decode::{self, Packet, Uncut};
use crate::mqtt::door::encode::{self, Reply};
use crate::mqtt::door::host::{ConnackCode, PacketKind};
use crate::mqtt::door::wire::{Turn, Wire};
use crate::mqtt::door::{describe, topic};
use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

const MAX_PACKET: usize = 2000;
/// A fixed header has five bytes at most.
const HEADER: usize = 5;

/// A packet's line in the journal and its bytes: all that there is to it.
type Seen = (String, Bytes);

/// Cuts and reads what is in a buffer.
fn drain(buffer: &mut BytesMut, seen: &mut Vec<Seen>) -> Result<(), Uncut> {
    while let Some(cut) = decode::cut(buffer, MAX_PACKET)? {
        let frame = decode::read(cut);
        seen.push((describe::frame(&frame), frame.raw));
    }
    Ok(())
}

/// A string of MQTT: anything but U+0000.
fn string() -> impl Strategy<Value = String> {
    "[^\0]{0,20}"
}

fn name() -> impl Strategy<Value = String> {
    "[^\0+#]{1,20}"
}

fn filter() -> impl Strategy<Value = String> {
    prop_oneof![name(), name().prop_map(|name| format!("{name}/#")), Just("+/+".to_owned()), Just("#".to_owned())]
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..most)
}

/// What a CONNECT says.
#[derive(Debug, Clone)]
struct Said {
    client_id: String,
    will: Option<(String, Vec<u8>, u8)>,
    username: Option<String>,
    password: Option<Vec<u8>>,
    clean: bool,
    keep_alive: u16,
}

impl Said {
    fn packet(&self) -> Vec<u8> {
        let binary = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        let mut flags = u8::from(self.clean) << 1;
        let mut payload = text(&self.client_id);
        if let Some((topic, message, qos)) = &self.will {
            flags |= 0b100 | qos << 3;
            payload.extend(text(topic));
            payload.extend(binary(message));
        }
        if let Some(username) = &self.username {
            flags |= 0x80;
            payload.extend(text(username));
        }
        if let Some(password) = self.password.as_ref().filter(|_| self.username.is_some()) {
            flags |= 0x40;
            payload.extend(binary(password));
        }
        connect_with(flags, self.keep_alive, &payload)
    }
}

prop_compose! {
    fn said()(
        client_id in string(),
        will in option::of((name(), bytes(30), 0..3_u8)),
        username in option::of(string()),
        password in option::of(bytes(40)),
        clean in any::<bool>(),
        keep_alive in any::<u16>(),
    ) -> Said {
        Said { client_id, will, username, password, clean, keep_alive }
    }
}

prop_compose! {
    fn publication()(topic in name(), payload in bytes(300), qos in 0..3_u8, dup: bool, retain: bool, id in 1..=u16::MAX)
        -> (u8, u16, String, Vec<u8>) {
        let dup = u8::from(dup && qos > 0) << 3;
        (dup | qos << 1 | u8::from(retain), id, topic, payload)
    }
}

/// Any packet that a client may send.
fn any_packet() -> impl Strategy<Value = Vec<u8>> {
    let id = || 1..=u16::MAX;
    let acknowledgement = (prop_oneof![Just(0x40), Just(0x50), Just(0x62), Just(0x70)], id());
    prop_oneof![
        said().prop_map(|said| said.packet()),
        publication().prop_map(|(flags, id, topic, payload)| publish(flags, id, &topic, &payload)),
        acknowledgement.prop_map(|(first, id)| packet(first, &id.to_be_bytes())),
        (id(), vec((filter(), 0..3_u8), 1..5)).prop_map(|(id, filters)| {
            let filters: Vec<_> = filters.iter().map(|(filter, qos)| (filter.as_str(), *qos)).collect();
            subscribe(id, &filters)
        }),
        (id(), vec(filter(), 1..5)).prop_map(|(id, filters)| {
            let filters = filters.iter().flat_map(|filter| text(filter));
            packet(0xa2, &id.to_be_bytes().into_iter().chain(filters).collect::<Vec<_>>())
        }),
        Just(vec![0xc0, 0]),
        Just(vec![0xe0, 0]),
    ]
}

/// Bytes that look like packets more often than chance would have it.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let broken = (any_packet(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    let headed = (any::<u8>(), bytes(40)).prop_map(|(first, body)| packet(first, &body));
    let piece = prop_oneof![bytes(40), broken, headed, any_packet()];
    vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// Cuts bytes into pieces of these lengths, over and over.
fn pieces<'a>(mut all: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if all.is_empty() {
            break;
        }
        let (piece, rest) = all.split_at((*length).min(all.len()));
        pieces.push(piece);
        all = rest;
    }
    pieces
}

/// Sends pieces over a connection; gives what was read and the most memory that the reading took.
fn over_a_wire(pieces: &[&[u8]]) -> (Vec<Seen>, Option<Uncut>, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(64);
        let mut wire = Wire::new(near, false);
        let (mut seen, mut most) = (Vec::new(), 0);
        let sender = async {
            for piece in pieces {
                if far.write_all(piece).await.is_err() {
                    break;
                }
            }
            far.shutdown().await.ok();
        };
        let receiver = async {
            loop {
                match wire.cut(MAX_PACKET) {
                    Ok(Some(cut)) => {
                        let frame = decode::read(cut);
                        seen.push((describe::frame(&frame), frame.raw));
                        continue;
                    }
                    Ok(None) => {}
                    Err(fault) => return Some(fault),
                }
                if matches!(wire.turn().await, Ok(Turn::End) | Err(_)) {
                    return None;
                }
                most = most.max(wire.reading_memory());
            }
        };
        // A receiver that stops at a fault doesn't read on: the sender need not finish.
        let fault = tokio::select! {
            biased;
            fault = receiver => fault,
            () = async { sender.await; std::future::pending().await } => None,
        };
        (seen, fault, most)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_connect_is_read_as_it_was_written(said in said()) {
        let written = said.packet();
        let frame = decode::read(BytesMut::from(&written[..]));
        let Ok(Packet::Connect(Greeting::Ours(read))) = &frame.packet else {
            panic!("{said:?}: {}", describe::frame(&frame));
        };
        let password = said.password.as_deref().filter(|_| said.username.is_some());
        prop_assert_eq!(&read.client_id, &said.client_id);
        prop_assert_eq!(&read.username, &said.username);
        prop_assert_eq!(read.password.as_deref(), password);
        prop_assert_eq!(read.will.as_ref(), said.will.as_ref().map(|(topic, ..)| topic));
        prop_assert_eq!((read.clean_session, read.keep_alive), (said.clean, said.keep_alive));
        // The journal's bytes are the packet's but for the password, which comes last.
        let shown = written.len() - password.map_or(0, <[u8]>::len);
        prop_assert_eq!(&frame.raw[..shown], &written[..shown]);
        prop_assert!(frame.raw[shown..].iter().all(|byte| *byte == b'*'));
    }

    #[test]
    fn a_publish_is_read_as_it_was_written((flags, id, topic, payload) in publication()) {
        let frame = decode::read(BytesMut::from(&publish(flags, id, &topic, &payload)[..]));
        let Ok(Packet::Publish(read)) = frame.packet else { panic!("no PUBLISH") };
        let message = read.message;
        prop_assert_eq!(read.id, if message.qos > 0 { id } else { 0 });
        let read = u8::from(message.dup) << 3 | message.qos << 1 | u8::from(message.retain);
        prop_assert_eq!((read, message.topic, &message.payload[..]), (flags, topic, &payload[..]));
    }

    #[test]
    fn what_the_door_writes_can_be_read(topic in name(), payload in bytes(300)) {
        let made = rumqttd::protocol::Publish::new(Bytes::from(topic.clone()), Bytes::from(payload.clone()), false);
        let sent = encode::publish(made).unwrap();
        prop_assert_eq!(&sent.raw[..], &publish(0, 0, &topic, &payload)[..]);
        prop_assert_eq!((sent.qos, sent.id), (0, 0));
    }

    #[test]
    fn answers_have_their_bytes(id in 1..=u16::MAX, codes in vec(prop_oneof![Just(0), Just(1), Just(0x80)], 1..200)) {
        let [high, low] = id.to_be_bytes();
        for (reply, wanted) in [
            (Reply::Puback(id), vec![0x40, 2, high, low]),
            (Reply::Pubrec(id), vec![0x50, 2, high, low]),
            (Reply::Pubcomp(id), vec![0x70, 2, high, low]),
            (Reply::Unsuback(id), vec![0xb0, 2, high, low]),
            (Reply::Pingresp, vec![0xd0, 0]),
            (Reply::Connack(None), vec![0x20, 2, 0, 0]),
            (Reply::Connack(Some(ConnackCode::UnacceptableProtocol)), vec![0x20, 2, 0, 1]),
            (Reply::Connack(Some(ConnackCode::IdentifierRejected)), vec![0x20, 2, 0, 2]),
            (Reply::Connack(Some(ConnackCode::ServerUnavailable)), vec![0x20, 2, 0, 3]),
            (Reply::Connack(Some(ConnackCode::BadCredentials)), vec![0x20, 2, 0, 4]),
            (Reply::Connack(Some(ConnackCode::NotAuthorized)), vec![0x20, 2, 0, 5]),
            (Reply::Suback { id, codes: codes.clone() }, packet(0x90, &[&[high, low][..], &codes].concat())),
        ] {
            prop_assert_eq!(&reply.encode().unwrap()[..], &wanted[..], "{:?}", reply);
            prop_assert_eq!(PacketKind::of(wanted[0]), reply.kind());
        }
    }

    #[test]
    fn a_filter_matches_what_it_names(name in name()) {
        prop_assert!(topic::matches(&name, &name));
        prop_assert_eq!(topic::matches("#", &name), !name.starts_with('$'));
        let below = format!("{name}/#");
        prop_assert!(topic::matches(&below, &name));
    }

    #[test]
    fn sound_packets_are_cut_the_same_in_any_pieces(
        packets in vec(any_packet(), 1..12),
        lengths in vec(1..50_usize, 1..20),
    ) {
        let all = packets.concat();
        let mut whole = Vec::new();
        prop_assert_eq!(drain(&mut BytesMut::from(&all[..]), &mut whole), Ok(()));
        prop_assert_eq!(whole.len(), packets.len());
        prop_assert!(whole.iter().all(|(line, _)| !line.contains("malformed")), "{:?}", whole);
        let (mut buffer, mut in_pieces) = (BytesMut::new(), Vec::new());
        for piece in pieces(&all, &lengths) {
            buffer.extend_from_slice(piece);
            prop_assert_eq!(drain(&mut buffer, &mut in_pieces), Ok(()));
        }
        prop_assert!(buffer.is_empty());
        prop_assert_eq!(&in_pieces, &whole);
        let (wired, fault, _) = over_a_wire(&pieces(&all, &lengths));
        prop_assert_eq!((&wired, fault), (&whole, None));
    }

    #[test]
    fn hostile_bytes_are_cut_the_same_in_any_pieces(all in hostile(), lengths in vec(1..50_usize, 1..20)) {
        let mut whole = Vec::new();
        let end = drain(&mut BytesMut::from(&all[..]), &mut whole);
        let (mut buffer, mut in_pieces, mut end_in_pieces) = (BytesMut::new(), Vec::new(), Ok(()));
        for piece in pieces(&all, &lengths) {
            buffer.extend_from_slice(piece);
            end_in_pieces = drain(&mut buffer, &mut in_pieces);
            if end_in_pieces.is_err() {
                break;
            }
        }
        prop_assert_eq!(&in_pieces, &whole);
        prop_assert_eq!(&end_in_pieces, &end);
        let (wired, fault, most) = over_a_wire(&pieces(&all, &lengths));
        prop_assert_eq!((&wired, fault), (&whole, end.err()));
        prop_assert!(most <= MAX_PACKET + HEADER + 64 * 1024, "{} bytes", most);
    }

    #[test]
    fn a_length_alone_takes_no_memory(first in 0..=u8::MAX, length in vec(any::<u8>(), 4), rest in bytes(100)) {
        let all = [&[first][..], &length, &rest].concat();
        let mut buffer = BytesMut::from(&all[..]);
        let before = buffer.capacity();
        while let Ok(Some(cut)) = decode::cut(&mut buffer, MAX_PACKET) {
            prop_assert!(cut.len() <= MAX_PACKET + HEADER);
            let frame = decode::read(cut);
            prop_assert!(frame.raw.len() <= MAX_PACKET + HEADER);
        }
        prop_assert!(buffer.capacity() <= before, "nothing was reserved for bytes that are not there");
        let (_, _, most) = over_a_wire(&[&all]);
        prop_assert!(most <= 2 * 4096, "{} bytes", most);
    }
}
