//! Where the faults that were ordered strike: the handshake, and the packets on their way out.
//!
//! Everything in here asks first whether a fault is ordered at all, and a delay is a time at which its
//! own session wakes up: no other session notices.

use super::encode::{Reply, Sent};
use super::entrance::raised;
use super::greet::Visitor;
use super::host::{CloseReason, Direction, PacketKind};
use super::scribe::Scribe;
use super::session::Session;
use super::wire::{Turn, Wire};
use crate::mqtt::faults::{DeviceFault, Point, Strike};
use bytes::{Bytes, BytesMut};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

/// The most PUBACKs that a delay holds back; the oldest leaves early when there would be more.
const MOST_HELD: usize = 4096;
/// DUP in the first byte of a PUBLISH.
const DUP: u8 = 0b1000;

impl Visitor {
    /// Shakes hands. Which certificate is shown is decided when the client's first words are there.
    pub(super) async fn shake_hands(
        &mut self,
        socket: TcpStream,
        acceptor: &TlsAcceptor,
    ) -> io::Result<TlsStream<TcpStream>> {
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no handshake in time");
        let patience = self.core.connect_timeout;
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), socket);
        let start = timeout(patience, hello).await.map_err(late)??;
        // Who says nothing never gets here, so it can't keep a turn from those who do.
        let core = self.core.clone();
        let _turn = core.handshakes.acquire().await.map_err(io::Error::other)?;
        let bad = self.core.faults.at_handshake(start.client_hello().server_name(), self.peer.ip());
        let Some((strike, config)) = bad else {
            return timeout(patience, start.into_stream(acceptor.config().clone())).await.map_err(late)?;
        };
        let shown = format!("it was shown {} by {strike}", strike.fault.in_words());
        self.core.host.struck(&format!("connection from {}: {shown}", self.peer));
        self.shown = Some(shown);
        timeout(patience, start.into_stream(config)).await.map_err(late)?
    }

    /// Leaves the other end without an answer until it hangs up.
    pub(super) async fn keep_silent<S: AsyncRead + AsyncWrite>(self, mut wire: Wire<S>) {
        let mut stopping = self.stopping.clone();
        loop {
            wire.ignore();
            let turn = tokio::select! {
                () = raised(&mut stopping) => return,
                turn = wire.turn() => turn,
            };
            if !matches!(turn, Ok(Turn::Read | Turn::Wrote)) {
                return;
            }
        }
    }
}

impl Scribe {
    fn strike(&self, point: Point) -> Option<Strike> {
        self.core.faults.strike(self.device.as_deref()?, point)
    }

    /// Notes a strike that no packet tells of.
    pub(super) fn struck(&self, what: &str) {
        self.core.host.struck(&format!("session {}: {what}", self.session));
    }

    /// Puts a packet on the wire, whole and sound unless a fault strikes it, and notes what went out.
    /// Gives the position behind it.
    pub(super) fn send<S: AsyncRead + AsyncWrite>(
        &self,
        wire: &mut Wire<S>,
        kind: PacketKind,
        line: String,
        mut raw: Bytes,
        note: Option<String>,
    ) -> Result<u64, CloseReason> {
        let mut notes: Vec<String> = note.into_iter().collect();
        if let Some(strike) = self.strike(Point::Flip(kind)) {
            let (flipped, place) = flip(&raw, &strike);
            raw = flipped;
            notes.push(format!("{strike}: {place} is flipped"));
        }
        let cut = self.strike(Point::Cut(kind));
        if let Some(strike) = &cut {
            let whole = raw.len();
            raw.truncate((whole / 2).max(1));
            notes.push(format!("{strike}: {} of {whole} bytes are sent", raw.len()));
        }
        let position = match self.strike(Point::Split(kind)) {
            Some(strike) => {
                notes.push(format!("{strike}: sent byte by byte"));
                wire.queue_split(&raw)
            }
            None => wire.queue(&raw),
        };
        self.note(Direction::Out, kind, line, raw, (!notes.is_empty()).then(|| notes.join("; ")));
        match cut {
            Some(strike) => Err(CloseReason::ByPlatform(strike.to_string())),
            None => Ok(position),
        }
    }

    /// A packet of the device was answered. Whether its session goes on.
    pub(super) fn stay_after_packet(&self) -> Result<(), CloseReason> {
        let strike = self.strike(Point::Answered(self.session));
        strike.map_or(Ok(()), |strike| Err(CloseReason::ByPlatform(strike.to_string())))
    }
}

impl<S: AsyncRead + AsyncWrite> Session<S> {
    /// Acknowledges a PUBLISH: now, later, or never.
    pub(super) fn puback(&mut self, id: u16) -> Result<(), CloseReason> {
        let line = Reply::Puback(id).describe();
        let strike = self.scribe.strike(Point::Puback);
        let delay = match &strike {
            None if self.held.is_empty() => return self.reply(&Reply::Puback(id)),
            None => Duration::ZERO,
            Some(Strike { fault: DeviceFault::DelayPuback { ms }, .. }) => Duration::from_millis(*ms),
            Some(_) => {
                self.note_strike(strike.as_ref(), &format!("{line} is not sent"));
                return Ok(());
            }
        };
        self.note_strike(strike.as_ref(), &format!("{line} waits {} ms", delay.as_millis()));
        if self.held.len() >= MOST_HELD {
            self.release_first()?;
        }
        self.held.push_back((Instant::now() + delay, id));
        Ok(())
    }

    fn note_strike(&self, strike: Option<&Strike>, what: &str) {
        if let Some(strike) = strike {
            self.scribe.struck(&format!("{strike}: {what}"));
        }
    }

    /// Sends the PUBACKs that have waited long enough, up to the first that hasn't.
    pub(super) fn release_held(&mut self) -> Result<(), CloseReason> {
        while self.held.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            self.release_first()?;
        }
        Ok(())
    }

    fn release_first(&mut self) -> Result<(), CloseReason> {
        match self.held.pop_front() {
            Some((_, id)) => self.reply(&Reply::Puback(id)),
            None => Ok(()),
        }
    }

    /// Sends a command once more, marked as such.
    pub(super) fn repeat(&mut self, sent: &Sent, line: impl FnOnce() -> String) -> Result<(), CloseReason> {
        if sent.qos == 0 {
            return Ok(());
        }
        let Some(strike) = self.scribe.strike(Point::Command) else { return Ok(()) };
        let mut again = BytesMut::from(&sent.raw[..]);
        if let Some(first) = again.first_mut() {
            *first |= DUP;
        }
        let note = Some(format!("{strike}: sent again"));
        self.scribe.send(&mut self.wire, PacketKind::Publish, line(), again.freeze(), note).map(drop)
    }
}

/// Flips the bit that seed and strike choose.
fn flip(raw: &Bytes, strike: &Strike) -> (Bytes, String) {
    let seed = match strike.fault {
        DeviceFault::Corrupt { seed, .. } => seed,
        _ => 0,
    };
    let mut flipped = BytesMut::from(&raw[..]);
    let chosen = scatter(seed ^ scatter(u64::from(strike.count)));
    let length = flipped.len().max(1) as u64;
    let (byte, bit) = (usize::try_from(chosen / 8 % length).unwrap_or(0), chosen % 8);
    if let Some(byte) = flipped.get_mut(byte) {
        *byte ^= 1 << bit;
    }
    (flipped.freeze(), format!("bit {bit} of byte {byte}"))
}

/// The finaliser of SplitMix64: spreads small numbers over all 64 bits.
const fn scatter(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
