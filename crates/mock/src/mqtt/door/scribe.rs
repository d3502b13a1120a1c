//! The journal's hand: every packet of one connection, noted for the host.

use super::decode::Fault;
use super::encode::Reply;
use super::entrance::Core;
use super::host::{CloseReason, Direction, PacketKind, PacketRecord, SessionId};
use super::wire::Wire;
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// Keeps the journal of one connection.
pub(super) struct Scribe {
    pub(super) core: Arc<Core>,
    pub(super) session: SessionId,
    pub(super) device: Option<Arc<str>>,
    pub(super) peer: SocketAddr,
}

impl Scribe {
    pub(super) fn note(
        &self,
        direction: Direction,
        kind: PacketKind,
        decoded: String,
        raw: Bytes,
        note: Option<String>,
    ) {
        let Self { session, peer, .. } = *self;
        let device = self.device.clone();
        let record = PacketRecord { session, device, peer, direction, kind, decoded, raw, note };
        self.core.host.packet(record);
    }

    /// Notes bytes that aren't a packet.
    pub(super) fn garbage(&self, head: Bytes, fault: &Fault) {
        let kind = head.first().map_or(PacketKind::Unknown, |first| PacketKind::of(*first));
        let decoded = format!("{}, malformed: {}", kind.name(), fault.0);
        self.note(Direction::In, kind, decoded, head, Some(fault.0.to_string()));
    }

    /// Notes the head of a packet that is larger than we take: nothing is said against the packet.
    pub(super) fn too_large(&self, head: Bytes, what: &str) {
        let kind = head.first().map_or(PacketKind::Unknown, |first| PacketKind::of(*first));
        self.note(Direction::In, kind, format!("{}, not read: {what}", kind.name()), head, Some(what.to_owned()));
    }

    /// Notes an answer and puts it on the wire.
    pub(super) fn reply<S: AsyncRead + AsyncWrite>(
        &self,
        wire: &mut Wire<S>,
        reply: &Reply,
        note: Option<String>,
    ) -> Result<(), CloseReason> {
        let raw = reply.encode().map_err(CloseReason::Internal)?;
        self.send(wire, reply.kind(), reply.describe(), raw, note).map(drop)
    }
}
