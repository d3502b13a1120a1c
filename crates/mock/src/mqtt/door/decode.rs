//! From bytes to packets. rumqttd frames and reads; what it lets pass and MQTT 3.1.1 doesn't is
//! checked here, on the raw bytes.

use super::connect::{self, Greeting};
use super::host::PacketKind;
use super::topic;
use bytes::{Bytes, BytesMut};
use rumqttd::protocol::v4::{self, V4};
use rumqttd::protocol::{self, Protocol};
use std::borrow::Cow;

/// What is wrong with some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) Cow<'static, str>);

impl Fault {
    pub(super) fn of(what: &'static str) -> Self {
        Self(Cow::Borrowed(what))
    }
}

/// Why no packet can be cut off.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Uncut {
    /// The bytes are not MQTT 3.1.1.
    Bad(Fault),
    /// They may well be, but are more than we take. The standard allows 268,435,455.
    TooLarge(String),
}

/// A packet that a client may send.
pub(super) enum Packet {
    Connect(Greeting),
    Publish(Publish),
    Puback(u16),
    Pubrec(u16),
    Pubrel(u16),
    Pubcomp(u16),
    Subscribe { id: u16, filters: Vec<(String, u8)> },
    Unsubscribe { id: u16, filters: Vec<String> },
    Pingreq,
    Disconnect,
}

/// A PUBLISH with everything that rumqttd's own keeps private.
pub(super) struct Publish {
    pub(super) id: u16,
    pub(super) message: super::host::Inbound,
}

/// One packet, read.
pub(super) struct Frame {
    pub(super) kind: PacketKind,
    /// A copy of the bytes that shares memory with nothing but the packet's payload; no password.
    pub(super) raw: Bytes,
    pub(super) packet: Result<Packet, Fault>,
}

/// Cuts the next packet off, if it is whole. Judges the first byte as soon as it is there.
pub(super) fn cut(buffer: &mut BytesMut, max_packet: usize) -> Result<Option<BytesMut>, Uncut> {
    let Some(&first) = buffer.first() else {
        return Ok(None);
    };
    check_first(first).map_err(Uncut::Bad)?;
    match v4::check(buffer.iter(), max_packet) {
        Ok(header) => Ok(Some(buffer.split_to(header.frame_length()))),
        Err(protocol::Error::InsufficientBytes(_)) => Ok(None),
        Err(protocol::Error::PayloadSizeLimitExceeded(length)) => {
            let what = format!("a packet of {length} bytes, larger than this platform takes ({max_packet})");
            Err(Uncut::TooLarge(what))
        }
        Err(error) => Err(Uncut::Bad(Fault(error.to_string().into()))),
    }
}

fn check_first(first: u8) -> Result<(), Fault> {
    let wanted = match first >> 4 {
        3 => return check_publish_flags(first),
        6 | 8 | 10 => 0b0010,
        1 | 4 | 5 | 7 | 12 | 14 => 0,
        2 | 9 | 11 | 13 => return Err(Fault::of("a packet that only a server sends")),
        _ => return Err(Fault::of("a reserved packet type")),
    };
    if first & 0x0f == wanted {
        return Ok(());
    }
    if first == 0x16 {
        return Err(Fault::of("reserved flags: this looks like TLS on a plain port"));
    }
    Err(Fault::of("reserved flags in the fixed header"))
}

fn check_publish_flags(first: u8) -> Result<(), Fault> {
    match (first >> 1) & 3 {
        3 => Err(Fault::of("QoS 3")),
        0 if first & 0b1000 != 0 => Err(Fault::of("DUP at QoS 0")),
        _ => Ok(()),
    }
}

/// Reads a packet that [`cut`] has cut off.
pub(super) fn read(frame: BytesMut) -> Frame {
    let raw = Bytes::copy_from_slice(&frame);
    let kind = PacketKind::of(raw.first().copied().unwrap_or(0));
    // The fixed header ends with the first length byte whose top bit is clear.
    let start = 2 + raw.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count();
    if kind == PacketKind::Connect {
        let reading = connect::read(&raw, start.min(raw.len()));
        let mut masked = BytesMut::from(&raw[..]);
        masked[reading.secret].fill(b'*');
        return Frame { kind, raw: masked.freeze(), packet: reading.greeting.map(Packet::Connect) };
    }
    let packet = read_other(kind, frame, &raw, start);
    Frame { kind, raw, packet }
}

fn read_other(kind: PacketKind, mut frame: BytesMut, raw: &Bytes, start: usize) -> Result<Packet, Fault> {
    let length = raw.len().saturating_sub(start);
    let wanted = match kind {
        PacketKind::Puback | PacketKind::Pubrec | PacketKind::Pubrel | PacketKind::Pubcomp => 2,
        PacketKind::Pingreq | PacketKind::Disconnect => 0,
        _ => length,
    };
    if length != wanted {
        return Err(Fault(format!("{length} bytes behind the header, not {wanted}").into()));
    }
    let packet = V4.read_mut(&mut frame, usize::MAX).map_err(|e| Fault(e.to_string().into()))?;
    match packet {
        protocol::Packet::Publish(publish, _) => read_publish(&publish, raw).map(Packet::Publish),
        protocol::Packet::PubAck(ack, _) => Ok(Packet::Puback(nonzero(ack.pkid)?)),
        protocol::Packet::PubRec(ack, _) => Ok(Packet::Pubrec(nonzero(ack.pkid)?)),
        protocol::Packet::PubRel(ack, _) => Ok(Packet::Pubrel(nonzero(ack.pkid)?)),
        protocol::Packet::PubComp(ack, _) => Ok(Packet::Pubcomp(nonzero(ack.pkid)?)),
        protocol::Packet::Subscribe(subscribe, _) => read_subscribe(subscribe, &raw[start..]),
        protocol::Packet::Unsubscribe(unsubscribe, _) => read_unsubscribe(unsubscribe),
        protocol::Packet::PingReq(_) => Ok(Packet::Pingreq),
        protocol::Packet::Disconnect(..) => Ok(Packet::Disconnect),
        _ => Err(Fault::of("a packet that only a server sends")),
    }
}

fn nonzero(id: u16) -> Result<u16, Fault> {
    if id == 0 { Err(Fault::of("packet identifier 0")) } else { Ok(id) }
}

/// QoS, DUP and the packet identifier are private in rumqttd's type: they come from the bytes.
fn read_publish(publish: &protocol::Publish, raw: &Bytes) -> Result<Publish, Fault> {
    let topic = std::str::from_utf8(&publish.topic).map_err(|_| Fault::of("the topic name isn't UTF-8"))?;
    topic::check_name(topic).map_err(Fault::of)?;
    let qos = (raw[0] >> 1) & 3;
    let payload_at = raw.len() - publish.payload.len();
    let id = match qos {
        0 => 0,
        _ => nonzero(u16::from_be_bytes([raw[payload_at - 2], raw[payload_at - 1]]))?,
    };
    let message = super::host::Inbound {
        topic: topic.to_owned(),
        payload: raw.slice(payload_at..),
        qos,
        retain: publish.retain,
        dup: raw[0] & 0b1000 != 0,
    };
    Ok(Publish { id, message })
}

fn read_subscribe(subscribe: protocol::Subscribe, body: &[u8]) -> Result<Packet, Fault> {
    let id = nonzero(subscribe.pkid)?;
    let mut at = 2;
    let mut filters = Vec::with_capacity(subscribe.filters.len());
    for filter in subscribe.filters {
        topic::check_filter(&filter.path).map_err(Fault::of)?;
        at += 2 + filter.path.len();
        // rumqttd looks at the lower two bits only.
        if body.get(at).is_none_or(|options| options & 0b1111_1100 != 0) {
            return Err(Fault::of("reserved bits in the options of a subscription"));
        }
        at += 1;
        filters.push((filter.path, filter.qos as u8));
    }
    Ok(Packet::Subscribe { id, filters })
}

fn read_unsubscribe(unsubscribe: protocol::Unsubscribe) -> Result<Packet, Fault> {
    let id = nonzero(unsubscribe.pkid)?;
    if unsubscribe.filters.is_empty() {
        return Err(Fault::of("UNSUBSCRIBE without a topic filter"));
    }
    for filter in &unsubscribe.filters {
        topic::check_filter(filter).map_err(Fault::of)?;
    }
    Ok(Packet::Unsubscribe { id, filters: unsubscribe.filters })
}
