//! From answers to bytes, with rumqttd's writer where it has one.

use super::host::{ConnackCode, PacketKind};
use bytes::{Bytes, BytesMut};
use rumqttd::protocol::v4::V4;
use rumqttd::protocol::{
    self, ConnAck, ConnectReturnCode, PingResp, Protocol, PubAck, PubAckReason, PubComp, PubCompReason, PubRec,
    PubRecReason, QoS, SubAck, SubscribeReasonCode,
};

/// An answer of the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Connack(Option<ConnackCode>),
    Puback(u16),
    Pubrec(u16),
    Pubcomp(u16),
    Suback { id: u16, codes: Vec<u8> },
    Unsuback(u16),
    Pingresp,
}

impl Reply {
    pub(super) fn kind(&self) -> PacketKind {
        match self {
            Self::Connack(_) => PacketKind::Connack,
            Self::Puback(_) => PacketKind::Puback,
            Self::Pubrec(_) => PacketKind::Pubrec,
            Self::Pubcomp(_) => PacketKind::Pubcomp,
            Self::Suback { .. } => PacketKind::Suback,
            Self::Unsuback(_) => PacketKind::Unsuback,
            Self::Pingresp => PacketKind::Pingresp,
        }
    }

    pub(super) fn describe(&self) -> String {
        let name = self.kind().name();
        match self {
            Self::Connack(None) => format!("{name} 0 (accepted)"),
            Self::Connack(Some(code)) => format!("{name} {} ({code:?})", *code as u8),
            Self::Puback(id) | Self::Pubrec(id) | Self::Pubcomp(id) | Self::Unsuback(id) => {
                format!("{name} id {id}")
            }
            Self::Suback { id, codes } => format!("{name} id {id} {codes:02x?}"),
            Self::Pingresp => name.to_owned(),
        }
    }

    pub(super) fn encode(&self) -> Result<Bytes, String> {
        let packet = match self {
            // rumqttd's writer has no arm for UNSUBACK and panics.
            Self::Unsuback(id) => {
                let [high, low] = id.to_be_bytes();
                return Ok(Bytes::copy_from_slice(&[0xb0, 2, high, low]));
            }
            Self::Connack(refusal) => {
                let code = return_code(*refusal);
                protocol::Packet::ConnAck(ConnAck { session_present: false, code }, None)
            }
            Self::Puback(pkid) => {
                let reason = PubAckReason::Success;
                protocol::Packet::PubAck(PubAck { pkid: *pkid, reason }, None)
            }
            Self::Pubrec(pkid) => {
                let reason = PubRecReason::Success;
                protocol::Packet::PubRec(PubRec { pkid: *pkid, reason }, None)
            }
            Self::Pubcomp(pkid) => {
                let reason = PubCompReason::Success;
                protocol::Packet::PubComp(PubComp { pkid: *pkid, reason }, None)
            }
            Self::Suback { id, codes } => {
                let return_codes = codes.iter().map(|code| granted(*code)).collect();
                protocol::Packet::SubAck(SubAck { pkid: *id, return_codes }, None)
            }
            Self::Pingresp => protocol::Packet::PingResp(PingResp),
        };
        write(packet, 8)
    }
}

/// A PUBLISH that a router made, and what can only be read off its bytes.
pub(super) struct Sent {
    pub(super) raw: Bytes,
    pub(super) qos: u8,
    pub(super) id: u16,
}

/// Writes a PUBLISH that a router made.
pub(super) fn publish(publish: protocol::Publish) -> Result<Sent, String> {
    let payload = publish.payload.len();
    let raw = write(protocol::Packet::Publish(publish, None), payload + 64)?;
    let qos = (raw[0] >> 1) & 3;
    let at = raw.len() - payload;
    let id = if qos == 0 { 0 } else { u16::from_be_bytes([raw[at - 2], raw[at - 1]]) };
    Ok(Sent { raw, qos, id })
}

fn write(packet: protocol::Packet, capacity: usize) -> Result<Bytes, String> {
    let mut buffer = BytesMut::with_capacity(capacity);
    V4.write(packet, &mut buffer).map_err(|error| error.to_string())?;
    Ok(buffer.freeze())
}

fn return_code(refusal: Option<ConnackCode>) -> ConnectReturnCode {
    match refusal {
        None => ConnectReturnCode::Success,
        Some(ConnackCode::UnacceptableProtocol) => ConnectReturnCode::RefusedProtocolVersion,
        Some(ConnackCode::IdentifierRejected) => ConnectReturnCode::ClientIdentifierNotValid,
        Some(ConnackCode::ServerUnavailable) => ConnectReturnCode::ServiceUnavailable,
        Some(ConnackCode::BadCredentials) => ConnectReturnCode::BadUserNamePassword,
        Some(ConnackCode::NotAuthorized) => ConnectReturnCode::NotAuthorized,
    }
}

fn granted(code: u8) -> SubscribeReasonCode {
    match code {
        0 => SubscribeReasonCode::Success(QoS::AtMostOnce),
        1 => SubscribeReasonCode::Success(QoS::AtLeastOnce),
        _ => SubscribeReasonCode::Failure,
    }
}
