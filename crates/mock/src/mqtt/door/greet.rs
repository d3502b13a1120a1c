//! From an accepted socket to a CONNACK.

use super::connect::{Connect, Greeting};
use super::decode::{self, Packet, Uncut};
use super::describe;
use super::encode::Reply;
use super::entrance::{Core, raised};
use super::host::{CloseReason, ConnackCode, ConnectAttempt, Direction, Refused, SessionId};
use super::scribe::Scribe;
use super::seats::{Seat, Seating};
use super::session::{self, Session};
use super::wire::{Turn, Wire};
use bytes::BytesMut;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

/// For how long a connection that we close waits for the other end to hang up too.
pub(super) const LINGER: Duration = Duration::from_millis(500);
/// For how long a new session waits until the older one of the device is over.
const HANDOVER: Duration = Duration::from_secs(5);

static SESSIONS: AtomicU64 = AtomicU64::new(1);

/// Someone at the door.
pub(super) struct Visitor {
    pub(super) core: Arc<Core>,
    pub(super) peer: SocketAddr,
    pub(super) tls: bool,
    pub(super) stopping: watch::Receiver<bool>,
    /// The bad certificate that it was shown, in words for the journal.
    pub(super) shown: Option<String>,
}

impl Visitor {
    pub(super) async fn serve(mut self, socket: TcpStream, tls: Option<TlsAcceptor>) {
        let patience = self.core.connect_timeout;
        let Some(acceptor) = tls else {
            return self.listen(socket, Instant::now() + patience).await;
        };
        let mut stopping = self.stopping.clone();
        let stream = tokio::select! {
            () = raised(&mut stopping) => return,
            stream = self.shake_hands(socket, &acceptor) => stream,
        };
        match stream {
            Ok(stream) => self.listen(stream, Instant::now() + patience).await,
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => self.turn_away("no TLS handshake in time"),
            Err(error) => self.turn_away(&format!("TLS: {error}")),
        }
    }

    fn turn_away(&self, why: &str) {
        self.core.host.turned_away(self.peer, why);
    }

    /// Somebody who comes without a socket.
    #[cfg(test)]
    pub(super) fn in_memory(door: &super::Door, peer: SocketAddr) -> Self {
        let (core, stopping) = door.inside();
        Self { core, peer, tls: false, stopping, shown: None }
    }

    /// Waits for the first packet.
    pub(super) async fn listen<S: AsyncRead + AsyncWrite>(self, stream: S, deadline: Instant) {
        let mut wire = Wire::new(stream, self.tls);
        let mut stopping = self.stopping.clone();
        let first = tokio::select! {
            () = raised(&mut stopping) => return,
            first = timeout_at(deadline, first_packet(&mut wire, self.core.max_packet)) => first,
        };
        match first {
            Ok(First::Packet(packet)) => self.answer(wire, packet).await,
            Ok(First::Uncut(uncut)) => {
                let scribe = self.scribe();
                match uncut {
                    Uncut::Bad(fault) => {
                        scribe.garbage(wire.head(), &fault);
                        self.core.host.misspoke(scribe.session, &fault.0);
                    }
                    Uncut::TooLarge(what) => scribe.too_large(wire.head(), &what),
                }
                wire.finish(LINGER).await;
            }
            Ok(First::Lost(how)) => self.turn_away(&how),
            Err(_) => {
                self.turn_away("no CONNECT in time");
                wire.finish(LINGER).await;
            }
        }
    }

    fn scribe(&self) -> Scribe {
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        Scribe { core: self.core.clone(), session, device: None, peer: self.peer }
    }

    async fn answer<S: AsyncRead + AsyncWrite>(self, mut wire: Wire<S>, packet: BytesMut) {
        let mut scribe = self.scribe();
        let frame = decode::read(packet);
        let fault = match &frame.packet {
            Ok(Packet::Connect(_)) => None,
            Ok(_) => Some("the first packet isn't CONNECT".to_owned()),
            Err(fault) => Some(fault.0.to_string()),
        };
        let note = fault.clone().or_else(|| self.shown.as_ref().map(|shown| format!("it came in although {shown}")));
        scribe.note(Direction::In, frame.kind, describe::frame(&frame), frame.raw.clone(), note);
        if let Some(fault) = fault {
            self.core.host.misspoke(scribe.session, &fault);
        }
        let Ok(Packet::Connect(greeting)) = frame.packet else {
            return wire.finish(LINGER).await;
        };
        match self.judge(&greeting, &scribe) {
            Err(refused) => {
                let Refused { code, reason } = refused;
                let Some(code) = code else {
                    scribe.struck(&format!("{reason}: the CONNECT is not answered"));
                    return self.keep_silent(wire).await;
                };
                scribe.reply(&mut wire, &Reply::Connack(Some(code)), Some(reason)).ok();
                wire.finish(LINGER).await;
            }
            Ok((connect, device)) => {
                let stay = Stay::begin(&self.core, scribe.session, &device, self.peer.ip());
                scribe.device = Some(stay.seat.device.clone());
                self.seat(wire, stay, scribe, connect.keep_alive).await;
            }
        }
    }

    /// The protocol's own refusals, then the platform's judgement.
    fn judge<'a>(&self, greeting: &'a Greeting, scribe: &Scribe) -> Result<(&'a Connect, String), Refused> {
        let connect = match greeting {
            Greeting::Ours(connect) => connect,
            Greeting::Foreign { name, level } => {
                let reason = "only MQTT 3.1.1 is spoken here".to_owned();
                let what = format!("a CONNECT of protocol {name:?} level {level}: {reason}");
                self.core.host.misspoke(scribe.session, &what);
                return Err(Refused { code: Some(ConnackCode::UnacceptableProtocol), reason });
            }
        };
        if connect.client_id.is_empty() && !connect.clean_session {
            let reason = "an empty client identifier with clean session 0".to_owned();
            self.core.host.misspoke(scribe.session, &reason);
            return Err(Refused { code: Some(ConnackCode::IdentifierRejected), reason });
        }
        let attempt = ConnectAttempt {
            client_id: connect.client_id.clone(),
            username: connect.username.clone(),
            password: connect.password.clone(),
            clean_session: connect.clean_session,
            keep_alive: connect.keep_alive,
            will: connect.will.is_some(),
            peer: self.peer,
            tls: self.tls,
        };
        let admission = self.core.host.connect(scribe.session, &attempt)?;
        Ok((connect, admission.device))
    }

    /// Takes the device's seat, once the older session has left it, and stays.
    async fn seat<S: AsyncRead + AsyncWrite>(self, mut wire: Wire<S>, stay: Stay, scribe: Scribe, keep_alive: u16) {
        let previous = match self.core.seats.take(&stay.seat) {
            Seating::Yours { previous } => previous,
            Seating::Superseded => {
                stay.end(&CloseReason::TakenOver);
                return wire.finish(LINGER).await;
            }
            Seating::Closed => return stay.end(&CloseReason::DoorStopped),
        };
        if let Some(previous) = previous {
            let _ = timeout(HANDOVER, previous.empty()).await;
        }
        let given_up = || CloseReason::ByPlatform("given up before it began".to_owned());
        let unwelcome = stay.seat.asked_to_leave();
        let unwelcome = unwelcome.or_else(|| (!self.core.host.holds(scribe.session)).then(given_up));
        if let Some(reason) = unwelcome {
            stay.end(&reason);
            return wire.finish(LINGER).await;
        }
        let answered = scribe.reply(&mut wire, &Reply::Connack(None), None);
        if let Err(reason) = answered.and_then(|()| scribe.stay_after_packet()) {
            stay.end(&reason);
            return wire.finish(LINGER).await;
        }
        let session = Session::new(self.core, stay.seat.clone(), scribe, wire, keep_alive);
        session::live(session, stay).await;
    }
}

enum First {
    Packet(BytesMut),
    Uncut(Uncut),
    Lost(String),
}

async fn first_packet<S: AsyncRead + AsyncWrite>(wire: &mut Wire<S>, max_packet: usize) -> First {
    loop {
        match wire.cut(max_packet) {
            Ok(Some(packet)) => return First::Packet(packet),
            Ok(None) => {}
            Err(uncut) => return First::Uncut(uncut),
        }
        match wire.turn().await {
            Ok(Turn::End) => return First::Lost("hung up before its CONNECT".to_owned()),
            Ok(_) => {}
            Err(error) => return First::Lost(lost(&error)),
        }
    }
}

/// How a connection was lost, in words. What the TLS library says of an end without close_notify
/// advertises its manual.
pub(super) fn lost(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the other end hung up without ending TLS (no close_notify)".to_owned(),
        _ => error.to_string(),
    }
}

/// An admitted session's stay. However it ends, the host is told, once.
pub(super) struct Stay {
    core: Arc<Core>,
    pub(super) seat: Arc<Seat>,
    over: bool,
}

impl Stay {
    fn begin(core: &Arc<Core>, session: SessionId, device: &str, peer: IpAddr) -> Self {
        Self { core: core.clone(), seat: Seat::new(session, device, peer), over: false }
    }

    pub(super) fn end(mut self, reason: &CloseReason) {
        self.tell(reason);
    }

    fn tell(&mut self, reason: &CloseReason) {
        self.over = true;
        self.core.seats.leave(&self.seat);
        self.core.host.closed(self.seat.session, reason);
        self.seat.vacate();
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if !self.over {
            let reason = self.seat.asked_to_leave();
            let cut = || CloseReason::Internal("the session's task was cut off".to_owned());
            self.tell(&reason.unwrap_or_else(cut));
        }
    }
}
