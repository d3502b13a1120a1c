//! What the door asks of the platform behind it, and the words in which the two talk.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;

/// One life of one connection, from its first packet on. Unique in the process, never reused, and
/// growing: of two sessions the one with the higher id sent its CONNECT later.
pub type SessionId = u64;

/// The platform behind the door.
///
/// The door calls it from the sessions' tasks without holding a lock of its own, so an implementation
/// may take its own lock and call [`Door::publish`](super::Door::publish) and
/// [`Door::close`](super::Door::close) while it holds it. Calls about one session come one after the
/// other, in the order of its packets; calls about different sessions come in parallel.
pub trait Host: Send + Sync + 'static {
    /// Judges a CONNECT that is well-formed. Called once for each; cheap and synchronous.
    ///
    /// If a device has sessions that are judged at the same time, the one with the highest id
    /// survives, whatever the order of these calls. For each `Ok` there is one [`Host::closed`]. The
    /// older session's comes before the newer one's CONNACK is sent.
    fn connect(&self, session: SessionId, attempt: &ConnectAttempt) -> Result<Admission, Refused>;

    /// Whether an admitted session still stands. Asked once, when it has taken the device's seat and
    /// before its CONNACK 0: what the host gave up between its `Ok` and that moment could not be closed
    /// yet. From then on [`Door::close`](super::Door::close) reaches it.
    fn holds(&self, session: SessionId) -> bool;

    /// Whether the session may subscribe to a (valid) filter. `false` becomes 0x80 in the SUBACK.
    fn may_subscribe(&self, session: SessionId, filter: &str) -> bool;

    /// The session has subscribed to a filter that it may subscribe to; the SUBACK is on its way, and a
    /// message that is published from here on follows it.
    fn subscribed(&self, _session: SessionId, _filter: &str) {}

    /// The session has given up a filter.
    fn unsubscribed(&self, _session: SessionId, _filter: &str) {}

    /// A device published a message. Called once for each, before its PUBACK or PUBREC is sent.
    fn published(&self, session: SessionId, message: &Inbound);

    /// A downlink message arrived: acknowledged at QoS 1, or written to the socket at QoS 0.
    fn delivered(&self, session: SessionId, token: u64);

    /// The session sent a packet that no other method tells of. PINGREQ and DISCONNECT don't count.
    fn active(&self, session: SessionId);

    /// An admitted session is over. Called exactly once for each, and last.
    fn closed(&self, session: SessionId, why: &CloseReason);

    /// A packet passed, in either direction. Inbound packets are told before they have consequences.
    fn packet(&self, record: PacketRecord);

    /// A connection ended before it sent a packet: no TLS, no CONNECT in time, or no room for it.
    fn turned_away(&self, _peer: SocketAddr, _why: &str) {}

    /// Somebody who is not let in does not keep MQTT 3.1.1: the first packet cannot be read, is no
    /// CONNECT, or is one that the standard forbids or another version's. Told after the packet.
    fn misspoke(&self, _session: SessionId, _what: &str) {}

    /// A fault that was ordered struck a connection, and no packet tells of it.
    fn struck(&self, _what: &str) {}
}

/// What a CONNECT says.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectAttempt {
    /// The client identifier; may be empty, then `clean_session` is set.
    pub client_id: String,
    /// The user name, if the packet has one.
    pub username: Option<String>,
    /// The password, if the packet has one. Any bytes.
    pub password: Option<Bytes>,
    /// Whether a clean session is asked for. The door keeps no other kind.
    pub clean_session: bool,
    /// The keep-alive in seconds, 0 for none.
    pub keep_alive: u16,
    /// Whether the packet has a will. The door ignores it.
    pub will: bool,
    /// The other end.
    pub peer: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl fmt::Debug for ConnectAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectAttempt")
            .field("client_id", &self.client_id)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("clean_session", &self.clean_session)
            .field("keep_alive", &self.keep_alive)
            .field("will", &self.will)
            .field("peer", &self.peer)
            .field("tls", &self.tls)
            .finish()
    }
}

/// The platform lets a session in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Whose session it is: the address of downlink messages. A device has one session at most.
    pub device: String,
}

/// The platform doesn't let a session in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What the client is told; none leaves it without any answer.
    pub code: Option<ConnackCode>,
    /// What the journal is told.
    pub reason: String,
}

/// The return codes of a CONNACK that refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum ConnackCode {
    /// The protocol name or level isn't MQTT 3.1.1's.
    UnacceptableProtocol = 1,
    /// The client identifier isn't acceptable.
    IdentifierRejected = 2,
    /// The platform can't serve the client now.
    ServerUnavailable = 3,
    /// User name or password are wrong.
    BadCredentials = 4,
    /// The client isn't authorised to connect.
    NotAuthorized = 5,
}

impl TryFrom<u8> for ConnackCode {
    type Error = String;

    fn try_from(code: u8) -> Result<Self, String> {
        match code {
            1 => Ok(Self::UnacceptableProtocol),
            2 => Ok(Self::IdentifierRejected),
            3 => Ok(Self::ServerUnavailable),
            4 => Ok(Self::BadCredentials),
            5 => Ok(Self::NotAuthorized),
            _ => Err(format!("a CONNACK refuses with 1 to 5, not {code}")),
        }
    }
}

impl From<ConnackCode> for u8 {
    fn from(code: ConnackCode) -> Self {
        code as Self
    }
}

/// A message that a device published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// A valid topic name.
    pub topic: String,
    /// The payload.
    pub payload: Bytes,
    /// 0, 1 or 2.
    pub qos: u8,
    /// Whether the device asked to retain it. The door doesn't.
    pub retain: bool,
    /// Whether the device marked it as sent before.
    pub dup: bool,
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseReason {
    /// The device sent DISCONNECT.
    Disconnected,
    /// The connection broke, or ended without DISCONNECT.
    ConnectionLost(String),
    /// Nothing was heard for one and a half keep-alives.
    KeepaliveTimeout,
    /// The same device opened another session.
    TakenOver,
    /// The device broke MQTT 3.1.1.
    ProtocolError(String),
    /// The device sent a packet that may be sound, but is larger than the door takes.
    TooLarge(String),
    /// The platform closed it.
    ByPlatform(String),
    /// The device doesn't read what it is sent.
    SlowReader,
    /// The door closed.
    DoorStopped,
    /// The door itself failed.
    Internal(String),
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("the device disconnected"),
            Self::ConnectionLost(how) => write!(f, "the connection was lost: {how}"),
            Self::KeepaliveTimeout => f.write_str("nothing was heard for 1.5 keep-alives"),
            Self::TakenOver => f.write_str("a newer session of the device took over"),
            Self::ProtocolError(what) => write!(f, "the device broke the protocol: {what}"),
            Self::TooLarge(what) => write!(f, "the device sent {what}"),
            Self::ByPlatform(why) => write!(f, "the platform closed it: {why}"),
            Self::SlowReader => f.write_str("the device doesn't read what it is sent"),
            Self::DoorStopped => f.write_str("the door was stopped"),
            Self::Internal(what) => write!(f, "the door failed: {what}"),
        }
    }
}

/// Which way a packet went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the device.
    In,
    /// To the device.
    Out,
}

/// The kinds of packet of MQTT 3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)] // The standard documents its names.
pub enum PacketKind {
    Connect,
    Connack,
    Publish,
    Puback,
    Pubrec,
    Pubrel,
    Pubcomp,
    Subscribe,
    Suback,
    Unsubscribe,
    Unsuback,
    Pingreq,
    Pingresp,
    Disconnect,
    /// Not a packet.
    Unknown,
}

impl PacketKind {
    /// The kinds that the door sends.
    pub(crate) const SENT: [Self; 8] = [
        Self::Connack,
        Self::Publish,
        Self::Puback,
        Self::Pubrec,
        Self::Pubcomp,
        Self::Suback,
        Self::Unsuback,
        Self::Pingresp,
    ];

    /// The kind that a packet's first byte announces.
    pub(super) fn of(first: u8) -> Self {
        const KINDS: [PacketKind; 14] = [
            PacketKind::Connect,
            PacketKind::Connack,
            PacketKind::Publish,
            PacketKind::Puback,
            PacketKind::Pubrec,
            PacketKind::Pubrel,
            PacketKind::Pubcomp,
            PacketKind::Subscribe,
            PacketKind::Suback,
            PacketKind::Unsubscribe,
            PacketKind::Unsuback,
            PacketKind::Pingreq,
            PacketKind::Pingresp,
            PacketKind::Disconnect,
        ];
        usize::from(first >> 4)
            .checked_sub(1)
            .and_then(|index| KINDS.get(index).copied())
            .unwrap_or(PacketKind::Unknown)
    }

    /// The name as the standard prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Connack => "CONNACK",
            Self::Publish => "PUBLISH",
            Self::Puback => "PUBACK",
            Self::Pubrec => "PUBREC",
            Self::Pubrel => "PUBREL",
            Self::Pubcomp => "PUBCOMP",
            Self::Subscribe => "SUBSCRIBE",
            Self::Suback => "SUBACK",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::Unsuback => "UNSUBACK",
            Self::Pingreq => "PINGREQ",
            Self::Pingresp => "PINGRESP",
            Self::Disconnect => "DISCONNECT",
            Self::Unknown => "(not a packet)",
        }
    }
}

/// One packet, as the journal keeps it. Bounding the journal is the host's business.
#[derive(Debug, Clone)]
pub struct PacketRecord {
    /// The session it belongs to, also if the session was never admitted.
    pub session: SessionId,
    /// The device, once the session is admitted.
    pub device: Option<std::sync::Arc<str>>,
    /// The other end.
    pub peer: SocketAddr,
    /// Which way it went.
    pub direction: Direction,
    /// Its kind.
    pub kind: PacketKind,
    /// One line in words. Never has a password.
    pub decoded: String,
    /// The bytes, in memory of their own. In a CONNECT the password's are `*`. Of bytes that can't
    /// be cut into packets there are the first five at most.
    pub raw: Bytes,
    /// What the line doesn't say: why it was refused, ignored or fatal.
    pub note: Option<String>,
}
