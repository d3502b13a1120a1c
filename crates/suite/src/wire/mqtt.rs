//! A device's connection to the target, on the record.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, Incoming, MqttOptions, Outgoing, QoS, StateError,
    SubscribeReasonCode, TlsConfiguration, Transport,
};
use rustls::ClientConfig;
use tokio::task::JoinHandle;

use super::inbox::Inbox;
use super::transcript::{Transcript, body_text};
use crate::events::EntryKind;

/// The largest packet that the suite sends or takes.
const LARGEST_PACKET: usize = 1024 * 1024;
/// Long enough not to disturb any case.
const KEEP_ALIVE: Duration = Duration::from_secs(120);

/// What a device says in its CONNECT.
#[derive(Debug, Clone)]
pub struct Login {
    /// The client id.
    pub client_id: String,
    /// User name and password; none sends neither.
    pub credentials: Option<(String, String)>,
    /// Whether it will acknowledge what it gets.
    pub acknowledges: bool,
}

/// Why a connection was not accepted.
#[derive(Debug, Clone)]
pub enum Rejected {
    /// The target answered the CONNECT with a refusal, or closed the connection.
    Refused(String),
    /// There is nobody to talk to, or TLS fails.
    Unreachable(String),
}

/// Something that came in, or that has gone out for certain.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A message of the platform.
    Message(Message),
    /// The answer to a SUBSCRIBE: whether each filter was granted.
    Subscribed(Vec<bool>),
    /// The answer to a PUBLISH of QoS 1.
    Acknowledged,
    /// A PUBLISH is written.
    Written,
    /// The connection has ended; why, in words.
    Closed(String),
}

/// A message of the platform.
#[derive(Debug, Clone)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// The payload as text.
    pub payload: String,
}

/// An accepted connection; the socket is closed when it is dropped.
#[derive(Debug)]
pub struct Link {
    client: AsyncClient,
    /// What came in.
    pub inbox: Arc<Inbox<Happening>>,
    transcript: Transcript,
    task: JoinHandle<()>,
}

/// How connections are made.
#[derive(Clone)]
pub struct Dialer {
    host: String,
    port: u16,
    transport: Transport,
}

impl Dialer {
    /// Connects to `address` (host:port), with TLS unless `plain`.
    ///
    /// # Errors
    /// If the address or the certificate is none.
    pub fn new(address: &str, ca_pem: Option<&str>, plain: bool) -> Result<Self, String> {
        super::install_crypto();
        let (host, port) = address.rsplit_once(':').ok_or_else(|| format!("{address} is not host:port"))?;
        let port = port.parse().map_err(|e| format!("{address} has no port: {e}"))?;
        let transport = match ca_pem {
            _ if plain => Transport::tcp(),
            Some(pem) => Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(trusting(pem)?))),
            None => Transport::tls_with_default_config(),
        };
        Ok(Self { host: host.to_owned(), port, transport })
    }

    /// The same address without TLS; none if there is no TLS to begin with.
    #[must_use]
    pub fn without_tls(&self) -> Option<Self> {
        let plain = matches!(self.transport, Transport::Tcp);
        (!plain).then(|| Self { transport: Transport::tcp(), ..self.clone() })
    }

    /// Connects and logs in.
    ///
    /// # Errors
    /// If the target refuses, or cannot be reached.
    pub async fn connect(&self, login: &Login, transcript: &Transcript, patience: Duration) -> Result<Link, Rejected> {
        transcript.add(EntryKind::MqttOut, &connect_text(login));
        let (client, mut events) = AsyncClient::new(self.options(login), 16);
        events.network_options.set_connection_timeout(patience.as_secs().max(1));
        let first = tokio::time::timeout(patience, events.poll()).await;
        match first {
            Ok(Ok(_)) => transcript.add(EntryKind::MqttIn, "CONNACK accepted"),
            Ok(Err(error)) => return Err(rejected(&error, transcript)),
            Err(_) => {
                transcript.add(EntryKind::MqttIn, "no CONNACK in time");
                return Err(Rejected::Unreachable("no CONNACK in time".to_owned()));
            }
        }
        let inbox = Arc::new(Inbox::default());
        let task = tokio::spawn(listen(events, inbox.clone(), transcript.clone()));
        Ok(Link { client, inbox, transcript: transcript.clone(), task })
    }

    fn options(&self, login: &Login) -> MqttOptions {
        let mut options = MqttOptions::new(login.client_id.clone(), self.host.clone(), self.port);
        options.set_transport(self.transport.clone());
        options.set_keep_alive(KEEP_ALIVE);
        options.set_clean_session(true);
        options.set_manual_acks(!login.acknowledges);
        options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
        if let Some((user, password)) = &login.credentials {
            options.set_credentials(user.clone(), password.clone());
        }
        options
    }
}

fn trusting(pem: &str) -> Result<ClientConfig, String> {
    Ok(ClientConfig::builder().with_root_certificates(super::roots(pem)?).with_no_client_auth())
}

fn connect_text(login: &Login) -> String {
    let user = login.credentials.as_ref().map_or("none", |(user, _)| user.as_str());
    let password = if login.credentials.is_some() { "***" } else { "none" };
    format!("CONNECT client id {}, user name {user}, password {password}", login.client_id)
}

fn rejected(error: &ConnectionError, transcript: &Transcript) -> Rejected {
    let (text, answered) = match error {
        ConnectionError::ConnectionRefused(code) => (format!("CONNACK refused: {code:?}"), true),
        ConnectionError::MqttState(state) if is_closed(state) => {
            (format!("connection closed without a CONNACK: {state}"), true)
        }
        ConnectionError::NotConnAck(packet) => (format!("not a CONNACK: {packet:?}"), false),
        other => (format!("no connection: {other}"), false),
    };
    transcript.add(EntryKind::MqttIn, &text);
    if answered { Rejected::Refused(text) } else { Rejected::Unreachable(text) }
}

/// Whether the target has closed an established connection, in an orderly way or not: a plain close is
/// an answer to a CONNECT. Before that, while the connection is made, errors are of another kind.
fn is_closed(error: &StateError) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let closes =
        |e: &std::io::Error| [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof].contains(&e.kind());
    match error {
        StateError::ConnectionAborted => true,
        StateError::Io(e) | StateError::Deserialization(rumqttc::mqttbytes::Error::Io(e)) => closes(e),
        _ => false,
    }
}

async fn listen(mut events: EventLoop, inbox: Arc<Inbox<Happening>>, transcript: Transcript) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(packet)) => {
                if let Some(happening) = incoming(packet, &transcript) {
                    inbox.put(happening);
                }
            }
            Ok(Event::Outgoing(Outgoing::Publish(_))) => inbox.put(Happening::Written),
            Ok(Event::Outgoing(Outgoing::Disconnect)) => {
                inbox.put(Happening::Closed("we disconnected".to_owned()));
                return;
            }
            Ok(Event::Outgoing(_)) => {}
            Err(error) => {
                let text = format!("connection closed: {error}");
                transcript.add(EntryKind::MqttIn, &text);
                inbox.put(Happening::Closed(text));
                // Another poll would connect anew.
                return;
            }
        }
    }
}

fn incoming(packet: Incoming, transcript: &Transcript) -> Option<Happening> {
    match packet {
        Incoming::Publish(publish) => {
            let payload = String::from_utf8_lossy(&publish.payload).into_owned();
            let qos = publish.qos as u8;
            let text = format!("PUBLISH {} (QoS {qos})\n{}", publish.topic, body_text(&payload, ""));
            transcript.add(EntryKind::MqttIn, &text);
            Some(Happening::Message(Message { topic: publish.topic, payload }))
        }
        Incoming::SubAck(answer) => {
            transcript.add(EntryKind::MqttIn, &format!("SUBACK {:?}", answer.return_codes));
            let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
            Some(Happening::Subscribed(answer.return_codes.iter().map(granted).collect()))
        }
        Incoming::PubAck(_) => {
            transcript.add(EntryKind::MqttIn, "PUBACK");
            Some(Happening::Acknowledged)
        }
        _ => None,
    }
}

impl Link {
    /// Subscribes; whether it is granted, or why nothing came back.
    ///
    /// # Errors
    /// If no SUBACK comes in time.
    pub async fn subscribe(&self, topic: &str, qos: QoS, patience: Duration) -> Result<bool, String> {
        self.transcript.add(EntryKind::MqttOut, &format!("SUBSCRIBE {topic} (QoS {})", qos as u8));
        self.client.subscribe(topic, qos).await.map_err(|e| e.to_string())?;
        match self.await_any(patience, |h| matches!(h, Happening::Subscribed(_))).await? {
            Happening::Subscribed(granted) => Ok(granted.iter().all(|g| *g)),
            other => Err(closed(&other)),
        }
    }

    /// Publishes; with QoS 1 it waits for the acknowledgement, with QoS 0 until it is written.
    ///
    /// # Errors
    /// If that does not happen in time.
    pub async fn publish(&self, topic: &str, payload: &str, qos: QoS, patience: Duration) -> Result<(), String> {
        let text = format!("PUBLISH {topic} (QoS {})\n{}", qos as u8, body_text(payload, ""));
        self.transcript.add(EntryKind::MqttOut, &text);
        self.client.publish(topic, qos, false, payload).await.map_err(|e| e.to_string())?;
        let written = self.await_any(patience, |h| matches!(h, Happening::Written)).await?;
        if !matches!(written, Happening::Written) {
            return Err(closed(&written));
        }
        if qos == QoS::AtMostOnce {
            return Ok(());
        }
        match self.await_any(patience, |h| matches!(h, Happening::Acknowledged)).await? {
            Happening::Acknowledged => Ok(()),
            other => Err(closed(&other)),
        }
    }

    /// Sends a DISCONNECT and closes.
    pub async fn disconnect(&self, patience: Duration) {
        self.transcript.add(EntryKind::MqttOut, "DISCONNECT");
        if self.client.disconnect().await.is_ok() {
            self.inbox.take(patience, |h| matches!(h, Happening::Closed(_))).await;
        }
    }

    /// Closes the socket without a word.
    pub fn drop_connection(&self) {
        self.transcript.add(EntryKind::MqttOut, "(the socket is closed without a DISCONNECT)");
        self.task.abort();
    }

    async fn await_any(&self, patience: Duration, suits: fn(&Happening) -> bool) -> Result<Happening, String> {
        let wanted = |h: &Happening| suits(h) || matches!(h, Happening::Closed(_));
        self.inbox.take(patience, wanted).await.ok_or_else(|| "nothing in time".to_owned())
    }
}

fn closed(happening: &Happening) -> String {
    match happening {
        Happening::Closed(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}
