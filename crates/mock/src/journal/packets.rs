//! The MQTT packets of a journal: picked by what they are, and written for Wireshark.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::{Entry, Event, Journal, Packet};
use crate::clock::Moment;

/// Which packets are wanted. Everything that is set must hold; nothing set means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PacketFilter {
    /// Of the sessions of this device, its CONNECTs that were refused included.
    pub device: Option<String>,
    /// Of this session, by the door's number.
    pub session: Option<u64>,
    /// `in` from the device, `out` to it.
    pub direction: Option<String>,
    /// The packet's name, such as `PUBLISH`.
    pub packet: Option<String>,
    /// After the entry with this number.
    pub since: u64,
    /// Not before this time.
    pub from: Option<Moment>,
    /// Not after this time.
    pub to: Option<Moment>,
}

/// A packet and when it passed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Captured {
    /// The entry's number in the journal.
    pub seq: u64,
    /// The platform's time.
    #[serde(serialize_with = "super::entry::wire_form")]
    pub at: Moment,
    /// The packet.
    #[serde(flatten)]
    pub packet: Packet,
}

impl PacketFilter {
    /// Everything that a device and the platform said to each other.
    #[must_use]
    pub fn of_device(device: impl Into<String>) -> Self {
        Self { device: Some(device.into()), ..Self::default() }
    }

    fn takes(&self, entry: &Entry, packet: &Packet, sessions: Option<&HashSet<u64>>) -> bool {
        let is = |wanted: &Option<String>, given: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(given))
        };
        entry.seq > self.since
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at <= to)
            && self.session.is_none_or(|session| packet.session == session)
            && is(&self.direction, packet.direction)
            && is(&self.packet, packet.packet)
            && sessions.is_none_or(|sessions| sessions.contains(&packet.session))
    }
}

impl Journal {
    /// The kept packets that are wanted, oldest first.
    #[must_use]
    pub fn packets(&self, filter: &PacketFilter) -> Vec<Captured> {
        let kept = self.kept();
        let sessions =
            filter.device.as_deref().map(|device| sessions_of(device, kept.entries.iter().map(AsRef::as_ref)));
        let pick = |entry: &Arc<Entry>| match &entry.event {
            Event::Packet(packet) if filter.takes(entry, packet, sessions.as_ref()) => {
                Some(Captured { seq: entry.seq, at: entry.at, packet: packet.clone() })
            }
            _ => None,
        };
        kept.entries.iter().filter_map(pick).collect()
    }

    /// How many packets were dropped to keep the journal within its limits.
    #[must_use]
    pub fn dropped_packets(&self) -> u64 {
        self.kept().dropped.packet
    }
}

/// The sessions of a device. A CONNECT is noted before anybody knows whose it is, so the packet itself
/// doesn't tell.
pub(super) fn sessions_of<'a>(device: &str, entries: impl Iterator<Item = &'a Entry>) -> HashSet<u64> {
    let pick = |entry: &Entry| match &entry.event {
        Event::Packet(packet) if packet.device.as_deref() == Some(device) => Some(packet.session),
        Event::Connect(connect) if connect.device.as_deref() == Some(device) => Some(connect.session),
        _ => None,
    };
    entries.filter_map(pick).collect()
}

const HEAD: &str = "\
# MQTT packets. Every packet has a comment, a line with its direction (I from the device, O to it) and
# its time (UTC), and its bytes in hexadecimal digits, 16 a line behind their offset. Passwords are
# overwritten with asterisks (2a). To look at one session with Wireshark:
#
#   text2pcap -D -t '%Y-%m-%dT%H:%M:%S.%f' -T 50000,1883 packets.txt packets.pcap
#
# (older versions want the format to end with the point).
";

/// Writes packets in the form that Wireshark's `text2pcap` reads.
#[must_use]
pub fn hex_dump(packets: &[Captured]) -> String {
    let mut text = HEAD.to_owned();
    for captured in packets {
        // Writing to a String cannot fail.
        let _ = dump(&mut text, captured);
    }
    text
}

fn dump(text: &mut String, captured: &Captured) -> std::fmt::Result {
    let Captured { seq, at, packet } = captured;
    let device = packet.device.as_deref().unwrap_or("none");
    write!(text, "\n# {seq}, session {}, device {}, {}", packet.session, line(device), line(&packet.line))?;
    if let Some(note) = &packet.note {
        write!(text, " ({})", line(note))?;
    }
    let direction = if packet.direction == "in" { 'I' } else { 'O' };
    writeln!(text, "\n{direction} {}", at.to_the_millisecond())?;
    for (row, bytes) in packet.bytes.chunks(16).enumerate() {
        write!(text, "{:06x}", row * 16)?;
        for byte in bytes {
            write!(text, " {byte:02x}")?;
        }
        text.push('\n');
    }
    if packet.left_out > 0 {
        writeln!(text, "# {} more bytes were left out", packet.left_out)?;
    }
    Ok(())
}

/// A text as one line, so that a comment ends where it should.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::journal::{Connect, JournalLimits};

    fn packet(session: u64, device: Option<&str>, direction: &'static str, packet: &'static str) -> Event {
        Event::Packet(Packet {
            device: device.map(str::to_owned),
            session,
            peer: "127.0.0.1:5".to_owned(),
            direction,
            packet,
            line: format!("{packet} of\nthe test"),
            note: None,
            bytes: Bytes::from_static(&[0x30; 18]),
            left_out: 0,
        })
    }

    fn judged(session: u64, device: &str) -> Event {
        Event::Connect(Connect {
            session,
            client_id: String::new(),
            username: None,
            password: "wrong",
            accepted: false,
            device: Some(device.to_owned()),
            reason: None,
            deviations: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn journal() -> Journal {
        let journal = Journal::new(JournalLimits::default());
        for (at, event) in [
            packet(1, None, "in", "CONNECT"),
            judged(1, "d"),
            packet(1, None, "out", "CONNACK"),
            packet(2, None, "in", "CONNECT"),
            judged(2, "e"),
            packet(3, None, "in", "CONNECT"),
            packet(3, Some("d"), "out", "CONNACK"),
            packet(3, Some("d"), "in", "PUBLISH"),
        ]
        .into_iter()
        .enumerate()
        {
            journal.add(Moment(at as i64 * 1000), event);
        }
        journal
    }

    #[test]
    fn packets_are_picked_by_what_they_are() {
        let journal = journal();
        let seqs = |filter: &PacketFilter| journal.packets(filter).iter().map(|c| c.seq).collect::<Vec<_>>();
        let all = PacketFilter::default();
        assert_eq!(seqs(&all), [1, 3, 4, 6, 7, 8]);
        assert_eq!(seqs(&PacketFilter::of_device("d")), [1, 3, 6, 7, 8], "refused and first packets too");
        assert_eq!(seqs(&PacketFilter { session: Some(3), ..all.clone() }), [6, 7, 8]);
        assert_eq!(seqs(&PacketFilter { direction: Some("out".to_owned()), ..all.clone() }), [3, 7]);
        assert_eq!(seqs(&PacketFilter { packet: Some("connect".to_owned()), ..all.clone() }), [1, 4, 6]);
        assert_eq!(seqs(&PacketFilter { since: 4, ..all.clone() }), [6, 7, 8]);
        let (from, to) = (Some(Moment(2000)), Some(Moment(5000)));
        assert_eq!(seqs(&PacketFilter { from, to, ..all }), [3, 4, 6]);
    }

    #[test]
    fn the_hex_dump_is_what_text2pcap_reads() {
        let captured = journal().packets(&PacketFilter { since: 7, ..PacketFilter::default() });
        let text = hex_dump(&captured);
        let body: Vec<_> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert_eq!(
            body,
            ["I 1970-01-01T00:00:07.000", "000000 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30", "000010 30 30"]
        );
        assert!(text.contains("# 8, session 3, device d, PUBLISH of the test\n"), "{text}");
    }

    #[test]
    fn dropped_packets_are_counted() {
        let journal = Journal::new(JournalLimits { entries: 3, ..JournalLimits::default() });
        for _ in 0..5 {
            journal.add(Moment(0), packet(1, None, "in", "PUBLISH"));
            journal.add(Moment(0), Event::note(""));
        }
        assert_eq!((journal.dropped(), journal.dropped_packets()), (7, 4));
    }
}
