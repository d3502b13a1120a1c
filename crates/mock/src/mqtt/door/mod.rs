//! Chapter 2, the transport: the MQTT 3.1.1 door through which devices come in.
//!
//! The door owns the listeners, TLS, the packets and the sessions, and knows nothing of the platform:
//! whatever needs a judgement or has a consequence goes through the [`Host`] trait.
//!
//! # What stands where
//!
//! - `entrance` accepts connections and is the platform's handle; `greet` brings a connection up to its
//!   CONNACK; `session` and `inbound` are its life after that; `seats` holds who sits where.
//! - `spoil` is where the faults that were ordered strike, see [`crate::mqtt::faults`]; `restart` closes
//!   everything and opens it again.
//! - `wire` moves bytes, `decode`, `connect` and `topic` judge them more strictly than rumqttd's codec
//!   does, `encode` and `describe` write answers and the journal's lines, which `scribe` hands over.
//! - `router` and `link` keep rumqttd at arm's length.
//!
//! # What rumqttd does here
//!
//! Uplink doesn't touch it: a PUBLISH of a device goes straight to [`Host::published`]. Downlink does.
//! A session whose first SUBSCRIBE is granted becomes a clean in-process link of a rumqttd router, named
//! by instance and device, so that the router itself replaces the link of an older session. The link
//! subscribes to `i{instance}.{device}.{qos}/#`, once for each QoS that was granted. A downlink
//! message is published into the router below that, and what comes back has rumqttd's QoS, packet
//! identifier and in-flight window of 100; acknowledgements go back to it, in order.
//!
//! The filters of the device itself stay in `seats`. [`Door::publish`] must say at once whether anybody
//! listens, the standard wants one copy at the highest matching QoS where rumqttd sends one for each
//! matching filter, and rumqttd never frees a filter: two for a device is what it can bear, and a
//! number of filters that devices choose is not.
//!
//! # Three traps of rumqttd that the shape avoids
//!
//! - A link that is slow loses messages when the router's log wraps. A link never has more in the
//!   router than one segment holds; the rest waits in its seat, which is bounded.
//! - A link that is very slow is unscheduled and must be woken, and waking a link that the router has
//!   removed kills the router. The same bound keeps a link below that mark, so nothing is ever woken.
//! - A router can't be stopped. Routers are pooled for the process and instances lease a place.

mod connect;
mod decode;
mod describe;
mod encode;
mod entrance;
mod greet;
mod host;
mod inbound;
mod link;
mod restart;
mod router;
mod scribe;
mod seats;
mod session;
mod spoil;
mod topic;
mod wire;

#[cfg(test)]
mod tests;

pub use entrance::{Door, DoorConfig, DoorHandle};
pub use host::{
    Admission, CloseReason, ConnackCode, ConnectAttempt, Direction, Host, Inbound, PacketKind, PacketRecord, Refused,
    SessionId,
};
pub use router::RouterPool;
