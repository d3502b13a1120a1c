//! The life of an admitted session: one task that reads, writes, delivers and watches two clocks.

use super::decode::{self, Frame, Uncut};
use super::describe;
use super::entrance::Core;
use super::greet::{LINGER, Stay, lost};
use super::host::{CloseReason, PacketKind};
use super::link::{Delivery, Link};
use super::scribe::Scribe;
use super::seats::Seat;
use super::wire::{Turn, Wire};
use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

/// A deadline for those who have none.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

/// An admitted session.
pub(super) struct Session<S> {
    pub(super) core: Arc<Core>,
    pub(super) seat: Arc<Seat>,
    pub(super) scribe: Scribe,
    pub(super) wire: Wire<S>,
    /// Made when the first subscription is granted.
    pub(super) link: Option<Link>,
    /// Identifiers of QoS 2 messages that were told and aren't released.
    pub(super) unreleased: HashSet<u16>,
    /// QoS 0 messages that the socket hasn't taken: the position behind each, and its token.
    unwritten: VecDeque<(u64, u64)>,
    /// One and a half keep-alives.
    patience: Option<Duration>,
    heard: Instant,
    full_since: Option<Instant>,
    /// PUBACKs that a fault delays, and those behind them: when each is due, and its identifier.
    pub(super) held: VecDeque<(Instant, u16)>,
}

/// Lives a session to its end.
pub(super) async fn live<S: AsyncRead + AsyncWrite>(mut session: Session<S>, stay: Stay) {
    let reason = match session.run().await {
        Err(reason) => reason,
        Ok(never) => match never {},
    };
    let Session { wire, link, .. } = session;
    drop(link);
    stay.end(&reason);
    let linger = match reason {
        CloseReason::ConnectionLost(_) => return,
        CloseReason::Disconnected | CloseReason::DoorStopped => Duration::ZERO,
        _ => LINGER,
    };
    wire.finish(linger).await;
}

/// What a session waited for.
enum Event {
    Bell,
    Wire(io::Result<Turn>),
    Delivery(Result<Delivery, String>),
    Clock,
}

impl<S: AsyncRead + AsyncWrite> Session<S> {
    pub(super) fn new(core: Arc<Core>, seat: Arc<Seat>, scribe: Scribe, wire: Wire<S>, keep_alive: u16) -> Self {
        let patience = Duration::from_millis(u64::from(keep_alive) * 1500);
        Self {
            core,
            seat,
            scribe,
            wire,
            link: None,
            unreleased: HashSet::new(),
            unwritten: VecDeque::new(),
            patience: (keep_alive > 0).then_some(patience),
            heard: Instant::now(),
            full_since: None,
            held: VecDeque::new(),
        }
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, CloseReason> {
        let clock = sleep_until(self.alarm());
        tokio::pin!(clock);
        loop {
            self.hear().await?;
            self.feed().await?;
            // The clock is set back only when it strikes too early, which is cheaper.
            let deadline = self.alarm();
            if deadline < clock.deadline() {
                clock.as_mut().reset(deadline);
            }
            let full = self.wire.is_full();
            let event = tokio::select! {
                () = self.seat.bell.notified() => Event::Bell,
                turn = self.wire.turn() => Event::Wire(turn),
                delivery = next_delivery(&mut self.link), if !full => Event::Delivery(delivery),
                () = clock.as_mut() => Event::Clock,
            };
            match event {
                Event::Bell => self.stay_if_welcome()?,
                Event::Wire(turn) => self.after_turn(turn)?,
                Event::Delivery(delivery) => self.deliver(delivery)?,
                Event::Clock => {
                    self.release_held()?;
                    self.check_clocks()?;
                    clock.as_mut().reset(self.alarm());
                }
            }
        }
    }

    /// Handles the packets that are there, as long as there is room for answers.
    async fn hear(&mut self) -> Result<(), CloseReason> {
        while !self.wire.is_full() {
            match self.wire.cut(self.core.max_packet) {
                Ok(None) => return Ok(()),
                Ok(Some(packet)) => {
                    self.heard = Instant::now();
                    let frame: Frame = decode::read(packet);
                    self.handle(frame).await?;
                    self.scribe.stay_after_packet()?;
                    self.stay_if_welcome()?;
                    // A heap of small packets must not keep the thread from the other sessions.
                    tokio::task::coop::consume_budget().await;
                }
                Err(Uncut::Bad(fault)) => {
                    self.scribe.garbage(self.wire.head(), &fault);
                    return Err(CloseReason::ProtocolError(fault.0.into_owned()));
                }
                Err(Uncut::TooLarge(what)) => {
                    self.scribe.too_large(self.wire.head(), &what);
                    return Err(CloseReason::TooLarge(what));
                }
            }
        }
        Ok(())
    }

    /// Gives the router what waits in the seat, as far as it may have it.
    async fn feed(&mut self) -> Result<(), CloseReason> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        while let Some(message) = self.seat.next(|size| link.has_room(size)) {
            link.publish(message).await.map_err(CloseReason::Internal)?;
        }
        Ok(())
    }

    fn stay_if_welcome(&self) -> Result<(), CloseReason> {
        self.seat.asked_to_leave().map_or(Ok(()), Err)
    }

    fn after_turn(&mut self, turn: io::Result<Turn>) -> Result<(), CloseReason> {
        match turn {
            Err(error) => return Err(CloseReason::ConnectionLost(lost(&error))),
            Ok(Turn::End) => {
                let how = "the device hung up without DISCONNECT".to_owned();
                return Err(CloseReason::ConnectionLost(how));
            }
            Ok(Turn::Read) => {}
            Ok(Turn::Wrote) => self.tell_written(),
        }
        Ok(())
    }

    fn tell_written(&mut self) {
        let written = self.wire.written();
        while let Some((position, token)) = self.unwritten.front().copied() {
            if position > written {
                break;
            }
            self.unwritten.pop_front();
            self.core.host.delivered(self.seat.session, token);
        }
    }

    fn deliver(&mut self, delivery: Result<Delivery, String>) -> Result<(), CloseReason> {
        let delivery = delivery.map_err(CloseReason::Internal)?;
        let Delivery { topic, payload_bytes, token, sent } = delivery;
        let line = describe::publish(&topic, payload_bytes, sent.qos, sent.id, false, false);
        let position = self.scribe.send(&mut self.wire, PacketKind::Publish, line, sent.raw.clone(), None)?;
        if sent.qos == 0 {
            self.unwritten.push_back((position, token));
        }
        self.repeat(&sent, || describe::publish(&topic, payload_bytes, sent.qos, sent.id, false, true))
    }

    /// When there is something to do, even if nothing happens.
    fn alarm(&mut self) -> Instant {
        let deadline = self.deadline();
        self.held.front().map_or(deadline, |(due, _)| deadline.min(*due))
    }

    fn deadline(&mut self) -> Instant {
        if self.wire.is_full() {
            return *self.full_since.get_or_insert_with(Instant::now) + self.core.stall_timeout;
        }
        self.full_since = None;
        self.heard + self.patience.unwrap_or(FAR)
    }

    /// While the writing buffer is full nothing is read, so the keep-alive isn't judged then.
    fn check_clocks(&mut self) -> Result<(), CloseReason> {
        if self.deadline() > Instant::now() {
            return Ok(());
        }
        if self.full_since.is_some() {
            return Err(CloseReason::SlowReader);
        }
        if self.patience.is_some() {
            return Err(CloseReason::KeepaliveTimeout);
        }
        self.heard = Instant::now();
        Ok(())
    }
}

async fn next_delivery(link: &mut Option<Link>) -> Result<Delivery, String> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}
