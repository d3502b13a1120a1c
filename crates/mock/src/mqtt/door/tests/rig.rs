//! A host that writes everything down, a door with it, and a device made of bytes.

use crate::mqtt::door::{
    Admission, CloseReason, ConnackCode, ConnectAttempt, Door, DoorConfig, DoorHandle, Host, Inbound, PacketRecord,
    Refused, RouterPool, SessionId,
};
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

pub const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Connect(SessionId, String),
    /// A CONNACK 0 in the journal.
    Accepted(SessionId),
    Published(SessionId, Inbound),
    Delivered(SessionId, u64),
    Active(SessionId),
    Closed(SessionId, CloseReason),
    TurnedAway(String),
}

/// Client identifiers are `device` or `device:anything`; `refuse-N` is refused with code N.
#[derive(Default)]
pub struct Notebook {
    pub events: Mutex<Vec<Event>>,
    pub attempts: Mutex<Vec<ConnectAttempt>>,
    pub packets: Mutex<Vec<PacketRecord>>,
    pub door: OnceLock<DoorHandle>,
    /// How long the host takes over the end of a session.
    pub hesitation: Mutex<Duration>,
    /// Whether the host gives up each session that it has just admitted.
    pub fickle: std::sync::atomic::AtomicBool,
    bell: Notify,
}

impl Notebook {
    fn write(&self, event: Event) {
        self.events.lock().unwrap().push(event);
        self.bell.notify_waiters();
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// Waits for an event, past ones included.
    pub async fn wait<T>(&self, what: &str, pick: impl Fn(&Event) -> Option<T>) -> T {
        let found = timeout(PATIENCE, async {
            loop {
                let bell = self.bell.notified();
                tokio::pin!(bell);
                bell.as_mut().enable();
                if let Some(found) = self.events.lock().unwrap().iter().find_map(&pick) {
                    return found;
                }
                bell.await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("waited for {what}; there were {:?}", self.events()))
    }

    pub async fn wait_closed(&self, session: SessionId) -> CloseReason {
        self.wait(&format!("the end of session {session}"), |event| match event {
            Event::Closed(id, reason) if *id == session => Some(reason.clone()),
            _ => None,
        })
        .await
    }

    pub async fn wait_delivered(&self, token: u64) {
        self.wait(&format!("delivery of {token}"), |event| {
            matches!(event, Event::Delivered(_, told) if *told == token).then_some(())
        })
        .await;
    }

    pub async fn session_of(&self, client_id: &str) -> SessionId {
        self.wait(&format!("CONNECT of {client_id}"), |event| match event {
            Event::Connect(session, id) if id == client_id => Some(*session),
            _ => None,
        })
        .await
    }

    pub fn published(&self) -> Vec<Inbound> {
        let pick = |event| match event {
            Event::Published(_, message) => Some(message),
            _ => None,
        };
        self.events().into_iter().filter_map(pick).collect()
    }

    pub fn count(&self, wanted: &Event) -> usize {
        self.events().iter().filter(|event| *event == wanted).count()
    }
}

impl Host for Notebook {
    fn connect(&self, session: SessionId, attempt: &ConnectAttempt) -> Result<Admission, Refused> {
        self.attempts.lock().unwrap().push(attempt.clone());
        let code = match attempt.client_id.as_str() {
            "refuse-2" => ConnackCode::IdentifierRejected,
            "refuse-3" => ConnackCode::ServerUnavailable,
            "refuse-4" => ConnackCode::BadCredentials,
            "refuse-5" => ConnackCode::NotAuthorized,
            id => {
                self.write(Event::Connect(session, id.to_owned()));
                let device = id.split(':').next().unwrap().to_owned();
                return Ok(Admission { device });
            }
        };
        Err(Refused { code: Some(code), reason: format!("{} is not welcome", attempt.client_id) })
    }

    fn holds(&self, _: SessionId) -> bool {
        !self.fickle.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn may_subscribe(&self, _: SessionId, filter: &str) -> bool {
        !filter.contains("foreign")
    }

    fn published(&self, session: SessionId, message: &Inbound) {
        self.write(Event::Published(session, message.clone()));
        // The contract says that the door may be used under the host's own lock.
        let lock = self.events.lock().unwrap();
        if let Some(topic) = message.topic.strip_prefix("echo-to-") {
            let (device, topic) = topic.split_once('/').unwrap();
            let door = self.door.get().unwrap();
            assert!(door.publish(device, topic, message.payload.clone(), 77));
        }
        if message.topic == "close-me" {
            self.door.get().unwrap().close("d", "it asked for it");
        }
        drop(lock);
    }

    fn delivered(&self, session: SessionId, token: u64) {
        self.write(Event::Delivered(session, token));
    }

    fn active(&self, session: SessionId) {
        self.write(Event::Active(session));
    }

    fn closed(&self, session: SessionId, why: &CloseReason) {
        std::thread::sleep(*self.hesitation.lock().unwrap());
        self.write(Event::Closed(session, why.clone()));
    }

    fn packet(&self, record: PacketRecord) {
        if record.decoded.starts_with("CONNACK 0") {
            self.write(Event::Accepted(record.session));
        }
        self.packets.lock().unwrap().push(record);
    }

    fn turned_away(&self, _: SocketAddr, why: &str) {
        self.write(Event::TurnedAway(why.to_owned()));
    }
}

/// A door on a free port of this machine.
pub struct House {
    pub door: Door,
    pub host: Arc<Notebook>,
    pub at: SocketAddr,
}

pub fn listener() -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

pub fn house() -> House {
    house_with(None, |_| {})
}

pub fn house_with(tls: Option<Arc<rustls::ServerConfig>>, change: impl FnOnce(&mut DoorConfig)) -> House {
    let listener = listener();
    let at = listener.local_addr().unwrap();
    let host = Arc::new(Notebook::default());
    let mut config = DoorConfig::new(RouterPool::lease(), Arc::default());
    change(&mut config);
    let door = Door::start(listener, tls, host.clone(), config).unwrap();
    host.door.set(door.handle()).ok().unwrap();
    House { door, host, at }
}

impl House {
    /// A device with a session.
    pub async fn device(&self, client_id: &str) -> (Raw, SessionId) {
        let mut raw = Raw::dial(self.at).await;
        raw.send(&connect(client_id, 0)).await;
        raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
        (raw, self.host.session_of(client_id).await)
    }
}

/// A device made of bytes.
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn dial(at: SocketAddr) -> Self {
        Self(TcpStream::connect(at).await.unwrap())
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    pub async fn expect(&mut self, bytes: &[u8], what: &str) {
        let mut got = vec![0; bytes.len()];
        let read = timeout(PATIENCE, self.0.read_exact(&mut got)).await;
        read.unwrap_or_else(|_| panic!("waited for {what}")).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(got, bytes, "{what}");
    }

    /// The next packet, whole.
    pub async fn packet(&mut self, what: &str) -> Vec<u8> {
        let read = async {
            let mut packet = vec![self.0.read_u8().await?];
            let (mut length, mut shift) = (0, 0);
            loop {
                let byte = self.0.read_u8().await?;
                packet.push(byte);
                length |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let start = packet.len();
            packet.resize(start + length, 0);
            self.0.read_exact(&mut packet[start..]).await?;
            std::io::Result::Ok(packet)
        };
        let read = timeout(PATIENCE, read).await;
        read.unwrap_or_else(|_| panic!("waited for {what}")).unwrap_or_else(|e| panic!("{what}: {e}"))
    }

    /// Expects the connection to end, with nothing more to read.
    pub async fn expect_end(&mut self, why: &str) {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        let end = end.unwrap_or_else(|_| panic!("waited for the end after {why}"));
        assert!(end.is_err() || rest.is_empty(), "{why}: got {rest:?}");
    }

    pub async fn subscribe(&mut self, filter: &str, qos: u8) {
        self.send(&subscribe(9, &[(filter, qos)])).await;
        self.expect(&[0x90, 3, 0, 9, qos], "SUBACK").await;
    }
}

pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = body.len();
    loop {
        let byte = (length & 0x7f) as u8;
        length >>= 7;
        packet.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}

pub fn text(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

pub fn connect(client_id: &str, keep_alive: u16) -> Vec<u8> {
    connect_with(2, keep_alive, &text(client_id))
}

pub fn connect_with(flags: u8, keep_alive: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = keep_alive.to_be_bytes();
    packet(0x10, &[&text("MQTT")[..], &[4, flags, high, low], payload].concat())
}

pub fn publish(flags: u8, id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id = if flags & 0b110 == 0 { &[][..] } else { &id[..] };
    packet(0x30 | flags, &[&text(topic)[..], id, payload].concat())
}

pub fn subscribe(id: u16, filters: &[(&str, u8)]) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    for (filter, qos) in filters {
        body.extend(text(filter));
        body.push(*qos);
    }
    packet(0x82, &body)
}

pub fn payload(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}
