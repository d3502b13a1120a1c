//! 2 What the platform's owner orders to go wrong on the wire of one device, so that a device's
//! software meets on purpose, and as often as wanted, what a network and a platform do to it by chance.
//!
//! By the control plane (`$C` is its URL, `$D` a device id or node id):
//!
//! ```text
//! # The next CONNECT of the device is refused with return code 3, whatever its password:
//! $ curl -d '{"fault": "refuse_connect", "code": 3}' $C/_mock/devices/$D/faults
//! {"id":1,"fault":"refuse_connect","code":3,"times":1,"struck":0}
//!
//! # Every fault strikes once, or as often as "times" says; 0 and "always" mean until it is removed:
//! $ curl -d '{"fault": "withhold_connack", "times": 2}'            $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "drop_after_packets", "packets": 3}'        $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "delay_puback", "ms": 500, "times": 0}'     $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "withhold_puback", "times": "always"}'      $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "duplicate_command"}'                       $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "corrupt", "packet": "PUBLISH", "seed": 7}' $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "fragment", "times": 0}'                    $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "close_mid_packet", "packet": "SUBACK"}'    $C/_mock/devices/$D/faults
//! $ curl -d '{"fault": "certificate", "kind": "expired"}'          $C/_mock/devices/$D/faults
//!
//! $ curl $C/_mock/devices/$D/faults              # what was ordered and how often it struck
//! {"faults":[{"id":1,"fault":"refuse_connect","code":3,"times":1,"struck":1}, ...]}
//! $ curl -X DELETE $C/_mock/devices/$D/faults/2  # or .../faults, for all of them
//! {"removed":1}
//! $ curl -X POST $C/_mock/mqtt/restart           # ends all sessions, listens on the same ports again
//! {"closed":4}
//!
//! $ curl -d '{"fault": "refuse_conect", "code": 3}' $C/_mock/devices/$D/faults
//! {"error":"no fault is called \"refuse_conect\": did you mean \"refuse_connect\"?"}
//! ```
//!
//! The journal says of every strike that it was ordered: at the packet, or in a note, always as
//! `fault 1 (refuse_connect, strike 1)`. Of faults that could strike at the same point the one that
//! was ordered first does. A fault is about a connection, so what is ordered for a sub-device, which has
//! none, never strikes: order it for its gateway. The milliseconds are real ones, also while the platform's clock is frozen.

mod order;
mod register;

use std::net::IpAddr;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::door::{ConnackCode, PacketKind};

pub use order::{FaultOrder, Times};
pub(crate) use register::{Faults, Unorderable};
pub use register::{OrderedFault, Strike};

/// The longest that a PUBACK can be delayed.
const LONGEST_DELAY_MS: u64 = 600_000;

/// What is to go wrong between the platform and one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum DeviceFault {
    /// A CONNECT that names the device is refused, whatever else is right or wrong with it. An earlier
    /// session of the device goes on.
    RefuseConnect {
        /// With this return code: 1 to 5.
        code: ConnackCode,
    },
    /// A CONNECT that names the device is never answered. The connection stays open until the device
    /// gives up; to the platform nobody came, and an earlier session of the device goes on.
    WithholdConnack,
    /// The connection is closed after the device's so manieth packet, which is still answered. In a
    /// session that is under way already the next packet is the first, else its CONNECT is.
    DropAfterPackets {
        /// How many packets the device gets through; at least 1.
        packets: NonZeroU32,
    },
    /// A PUBACK waits. Those after it wait with it, since they may not overtake it. What the device
    /// published takes effect at once.
    DelayPuback {
        /// For how long, in milliseconds; ten minutes at most.
        ms: u64,
    },
    /// A PUBACK is not sent. What the device published takes effect nevertheless.
    WithholdPuback,
    /// A command is sent twice, the second time with DUP and the same packet identifier. Commands
    /// that the device gets at QoS 0 are passed over: there is no DUP without an identifier.
    DuplicateCommand,
    /// One bit of a packet to the device is flipped.
    Corrupt {
        /// Chooses the bit: the same seed and the same packets give the same flips.
        #[serde(default)]
        seed: u64,
        /// Only in packets of this kind; none means any.
        #[serde(default)]
        packet: Option<PacketKind>,
    },
    /// A packet to the device is sent in single bytes, each in a write, and a TLS record, of its own.
    Fragment {
        /// Only packets of this kind; none means any.
        #[serde(default)]
        packet: Option<PacketKind>,
    },
    /// The connection is closed when half of a packet to the device has been sent.
    CloseMidPacket {
        /// Only packets of this kind; none means any.
        #[serde(default)]
        packet: Option<PacketKind>,
    },
    /// The device is shown a bad certificate at its next TLS handshake.
    ///
    /// A handshake begins before the device has said who it is. If the client names the device in its
    /// SNI (by device id or node id), that handshake is the device's. Otherwise the next handshake from
    /// `peer` is taken for the device's, so let no other device of that address connect meanwhile.
    Certificate {
        /// What is bad about it.
        kind: BadCertificate,
        /// The address that the device connects from. If none is given, it is the one that the device
        /// has a session from when the fault is ordered; if it has none then, any.
        #[serde(default)]
        peer: Option<IpAddr>,
    },
}

/// What is bad about a certificate. Everything else about it is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadCertificate {
    /// It was valid until the year 2001.
    Expired,
    /// A certification authority that nobody knows has signed it.
    Untrusted,
    /// It is for another host than the platform.
    WrongName,
}

/// A point of a device's connection at which a fault may strike.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Point {
    /// A CONNECT that names the device is about to be judged.
    Connect,
    /// A PUBACK is due.
    Puback,
    /// A command went out at QoS 1.
    Command,
    /// A packet goes out: its bytes may be flipped,
    Flip(PacketKind),
    /// it may be sent byte by byte,
    Split(PacketKind),
    /// or not to its end.
    Cut(PacketKind),
    /// A packet of this session came in and was answered.
    Answered(u64),
}

impl DeviceFault {
    /// Every fault's name on the control plane.
    pub const NAMES: [&'static str; 10] = [
        "refuse_connect",
        "withhold_connack",
        "drop_after_packets",
        "delay_puback",
        "withhold_puback",
        "duplicate_command",
        "corrupt",
        "fragment",
        "close_mid_packet",
        "certificate",
    ];

    /// The fault's name on the control plane.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        let [refuse, silence, drop, delay, withhold, duplicate, corrupt, fragment, close, certificate] = Self::NAMES;
        match self {
            Self::RefuseConnect { .. } => refuse,
            Self::WithholdConnack => silence,
            Self::DropAfterPackets { .. } => drop,
            Self::DelayPuback { .. } => delay,
            Self::WithholdPuback => withhold,
            Self::DuplicateCommand => duplicate,
            Self::Corrupt { .. } => corrupt,
            Self::Fragment { .. } => fragment,
            Self::CloseMidPacket { .. } => close,
            Self::Certificate { .. } => certificate,
        }
    }

    /// The fault in words, as they follow a verb.
    pub(crate) const fn in_words(&self) -> &'static str {
        match self {
            Self::Certificate { kind: BadCertificate::Expired, .. } => "an expired certificate",
            Self::Certificate { kind: BadCertificate::Untrusted, .. } => "a certificate of an unknown authority",
            Self::Certificate { kind: BadCertificate::WrongName, .. } => "a certificate of another host",
            _ => self.name(),
        }
    }

    /// Orders it so often; 0 means until it is removed.
    #[must_use]
    pub const fn times(self, times: u32) -> FaultOrder {
        let times = match NonZeroU32::new(times) {
            Some(times) => Times::Limited(times),
            None => Times::Always,
        };
        FaultOrder { fault: self, times }
    }

    /// Orders it until it is removed.
    #[must_use]
    pub const fn always(self) -> FaultOrder {
        FaultOrder { fault: self, times: Times::Always }
    }

    fn may_strike(&self, point: Point) -> bool {
        let is = |wanted: &Option<PacketKind>, kind| wanted.is_none_or(|wanted| wanted == kind);
        match (self, point) {
            (Self::RefuseConnect { .. } | Self::WithholdConnack, Point::Connect)
            | (Self::DelayPuback { .. } | Self::WithholdPuback, Point::Puback)
            | (Self::DuplicateCommand, Point::Command)
            | (Self::DropAfterPackets { .. }, Point::Answered(_)) => true,
            (Self::Corrupt { packet, .. }, Point::Flip(kind))
            | (Self::Fragment { packet }, Point::Split(kind))
            | (Self::CloseMidPacket { packet }, Point::Cut(kind)) => is(packet, kind),
            _ => false,
        }
    }

    /// What is wrong with a fault that has the right form.
    fn check(&self) -> Result<(), String> {
        match self {
            Self::DelayPuback { ms } if *ms > LONGEST_DELAY_MS => {
                Err(format!("ms is {LONGEST_DELAY_MS} at most, not {ms}"))
            }
            Self::Corrupt { packet: Some(kind), .. }
            | Self::Fragment { packet: Some(kind) }
            | Self::CloseMidPacket { packet: Some(kind) }
                if !PacketKind::SENT.contains(kind) =>
            {
                let sent = PacketKind::SENT.map(PacketKind::name).join(", ");
                Err(format!("a platform never sends {}; it sends {sent}", kind.name()))
            }
            _ => Ok(()),
        }
    }
}
