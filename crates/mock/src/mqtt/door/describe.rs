//! The journal's one-line form of a packet.

use super::connect::{Connect, Greeting};
use super::decode::{Frame, Packet};
use super::host::Inbound;
use std::fmt::Write;

/// A packet from the device.
pub(super) fn frame(frame: &Frame) -> String {
    let name = frame.kind.name();
    match &frame.packet {
        Err(fault) => format!("{name}, malformed: {}", fault.0),
        Ok(Packet::Connect(Greeting::Ours(connect))) => hello(connect),
        Ok(Packet::Connect(Greeting::Foreign { name: protocol, level })) => {
            format!("{name} of protocol {protocol:?} level {level}")
        }
        Ok(Packet::Publish(publish)) => message(publish.id, &publish.message),
        Ok(Packet::Puback(id) | Packet::Pubrec(id) | Packet::Pubrel(id) | Packet::Pubcomp(id)) => {
            format!("{name} id {id}")
        }
        Ok(Packet::Subscribe { id, filters }) => {
            let mut line = format!("{name} id {id}");
            for (filter, qos) in filters {
                let _ = write!(line, " {filter:?} at QoS {qos}");
            }
            line
        }
        Ok(Packet::Unsubscribe { id, filters }) => {
            let mut line = format!("{name} id {id}");
            for filter in filters {
                let _ = write!(line, " {filter:?}");
            }
            line
        }
        Ok(Packet::Pingreq | Packet::Disconnect) => name.to_owned(),
    }
}

/// A PUBLISH, whichever way it goes.
pub(super) fn message(id: u16, message: &Inbound) -> String {
    let Inbound { topic, payload, qos, retain, dup } = message;
    publish(topic, payload.len(), *qos, id, *retain, *dup)
}

/// A PUBLISH in its parts.
pub(super) fn publish(topic: &str, bytes: usize, qos: u8, id: u16, retain: bool, dup: bool) -> String {
    // There is one for every message, so its memory is asked for once.
    let mut line = String::with_capacity(topic.len() + 64);
    let _ = write!(line, "PUBLISH {topic:?} at QoS {qos}");
    if qos > 0 {
        let _ = write!(line, " id {id}");
    }
    let _ = write!(line, ", {bytes} bytes");
    if retain {
        line.push_str(", retain");
    }
    if dup {
        line.push_str(", dup");
    }
    line
}

fn hello(connect: &Connect) -> String {
    let mut line = format!("CONNECT {:?}", connect.client_id);
    match &connect.username {
        Some(username) => {
            let _ = write!(line, " as {username:?}");
        }
        None => line.push_str(" without a user name"),
    }
    match &connect.password {
        Some(password) => {
            let _ = write!(line, ", password of {} bytes", password.len());
        }
        None => line.push_str(", no password"),
    }
    let _ = write!(line, ", keep-alive {} s", connect.keep_alive);
    if !connect.clean_session {
        line.push_str(", clean session 0");
    }
    if let Some(will) = &connect.will {
        let _ = write!(line, ", will on {will:?}");
    }
    line
}
