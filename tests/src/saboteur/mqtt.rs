//! Devices' connections on their way: TLS ends here, packets are read one by one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use iotdm_spec::mqtt::receive_command;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use super::Shared;
use super::faults::{Fault, MqttFault};

const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const SUBSCRIBE: u8 = 8;
const SUBACK: u8 = 9;
const PINGREQ: u8 = 12;
/// No packet of MQTT 3.1.1: the connection ends here.
const END: u8 = 15;
/// The first byte of a TLS connection.
const HANDSHAKE: u8 = 0x16;

/// The devices that are connected, each by its way back.
#[derive(Debug, Default)]
pub(crate) struct Links {
    next: AtomicU64,
    open: Mutex<HashMap<u64, UnboundedSender<Packet>>>,
}

impl Links {
    fn add(&self, sender: UnboundedSender<Packet>) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sender);
        number
    }

    fn remove(&self, number: u64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    fn to_all_but(&self, number: u64, packet: &Packet) {
        for (_, sender) in
            self.open.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|(n, _)| **n != number)
        {
            // Whoever is just going misses nothing.
            let _ = sender.send(packet.clone());
        }
    }
}

/// A packet: its first byte and what follows the length.
#[derive(Debug, Clone)]
struct Packet {
    first: u8,
    body: Vec<u8>,
}

impl Packet {
    fn new(kind: u8, body: &[u8]) -> Self {
        Self { first: kind << 4, body: body.to_vec() }
    }

    const fn kind(&self) -> u8 {
        self.first >> 4
    }

    const fn quality(&self) -> u8 {
        (self.first >> 1) & 3
    }

    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let first = stream.read_u8().await.ok()?;
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21] {
            let byte = stream.read_u8().await.ok()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        Some(Self { first, body })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.first];
        let mut length = self.body.len();
        loop {
            let byte = u8::try_from(length & 0x7f).unwrap_or_default();
            length >>= 7;
            bytes.push(if length > 0 { byte | 0x80 } else { byte });
            if length == 0 {
                break;
            }
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Topic, packet id and payload of a PUBLISH.
    fn publish(&self) -> Option<(String, Vec<u8>, Vec<u8>)> {
        let length = usize::from(u16::from_be_bytes([*self.body.first()?, *self.body.get(1)?]));
        let topic = String::from_utf8_lossy(self.body.get(2..2 + length)?).into_owned();
        let id = if self.quality() > 0 { 2 } else { 0 };
        let rest = self.body.get(2 + length..)?;
        Some((topic, rest.get(..id)?.to_vec(), rest.get(id..)?.to_vec()))
    }

    fn of_publish(first: u8, topic: &str, id: &[u8], payload: &[u8]) -> Self {
        let mut body = crate::raw_device::text(topic);
        body.extend_from_slice(id);
        body.extend_from_slice(payload);
        Self { first, body }
    }
}

/// An authority of our own (PEM), and the server's side of TLS under it.
pub(crate) fn authority() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let own = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("names");
    let key = KeyPair::generate().expect("a key");
    let certificate = own.signed_by(&key, &issuer).expect("a certificate");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .expect("a certificate of the key");
    (pem, TlsAcceptor::from(Arc::new(config)))
}

pub(crate) fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(greet(stream, acceptor.clone(), shared.clone()));
        }
    });
}

async fn greet(stream: TcpStream, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let mut first = [0];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    if first[0] == HANDSHAKE {
        if let Ok(stream) = acceptor.accept(stream).await {
            carry(stream, &shared).await;
        }
    } else if shared.fault() == Fault::Mqtt(MqttFault::WithoutTls) {
        carry(stream, &shared).await;
    }
}

/// Carries packets both ways until one side ends.
async fn carry(device: impl AsyncRead + AsyncWrite + Send + 'static, shared: &Arc<Shared>) {
    let Ok(platform) = TcpStream::connect(shared.mqtt).await else { return };
    let (mut from_device, mut to_device) = tokio::io::split(device);
    let (mut from_platform, mut to_platform) = platform.into_split();
    let (sender, mut outgoing): (_, UnboundedReceiver<Packet>) = unbounded_channel();
    let number = shared.links.add(sender.clone());
    let writer = async move {
        while let Some(packet) = outgoing.recv().await.filter(|packet| packet.kind() != END) {
            if to_device.write_all(&packet.bytes()).await.is_err() || to_device.flush().await.is_err() {
                return;
            }
            // A refusal is the last word.
            if packet.kind() == CONNACK && packet.body.get(1) != Some(&0) {
                return;
            }
        }
    };
    let down = async {
        while let Some(packet) = Packet::read(&mut from_platform).await {
            for packet in downward(shared, number, packet) {
                let _ = sender.send(packet);
            }
        }
        if matches!(shared.fault(), Fault::Mqtt(MqttFault::KeptOpen | MqttFault::EverybodyIn)) {
            std::future::pending::<()>().await;
        }
        // What is still on its way out goes out first.
        let _ = sender.send(Packet::new(END, &[]));
        std::future::pending::<()>().await;
    };
    let up = async {
        while let Some(packet) = Packet::read(&mut from_device).await {
            let Some(packet) = upward(shared, packet, &sender) else { continue };
            if shared.fault() == Fault::Mqtt(MqttFault::ClosedOnPublish) && packet.kind() == PUBLISH {
                return;
            }
            if to_platform.write_all(&packet.bytes()).await.is_err() {
                // The platform is gone; a device that is not told goes on talking.
                answer_alone(&packet, &sender);
            }
        }
    };
    tokio::select! {
        () = writer => {}
        () = down => {}
        () = up => {}
    }
    shared.links.remove(number);
}

fn answer_alone(packet: &Packet, sender: &UnboundedSender<Packet>) {
    let answer = match (packet.kind(), packet.body.get(..2)) {
        (SUBSCRIBE, Some(id)) => Packet::new(SUBACK, &[id[0], id[1], 1]),
        (PUBLISH, _) if packet.quality() > 0 => match packet.publish() {
            Some((_, id, _)) => Packet::new(PUBACK, &id),
            None => return,
        },
        (PINGREQ, _) => Packet::new(PINGREQ + 1, &[]),
        (CONNECT, _) => Packet::new(CONNACK, &[0, 0]),
        _ => return,
    };
    let _ = sender.send(answer);
}

/// What a device sends, on its way to the platform; none if it goes no further.
fn upward(shared: &Shared, packet: Packet, sender: &UnboundedSender<Packet>) -> Option<Packet> {
    match shared.fault() {
        Fault::Mqtt(MqttFault::PublishesSwallowed) if packet.kind() == PUBLISH => {
            answer_alone(&packet, sender);
            None
        }
        _ => Some(packet),
    }
}

/// What the platform sends, on its way to the device.
fn downward(shared: &Shared, number: u64, mut packet: Packet) -> Vec<Packet> {
    let Fault::Mqtt(fault) = shared.fault() else { return vec![packet] };
    match (fault, packet.kind()) {
        (MqttFault::ClosedInstead, CONNACK) if packet.body.get(1) != Some(&0) => return vec![Packet::new(END, &[])],
        (MqttFault::EverybodyIn, CONNACK) => packet.body = vec![0, 0],
        (MqttFault::NobodyIn, CONNACK) => packet.body = vec![0, 5],
        (MqttFault::AllGranted, SUBACK) => packet.body.iter_mut().skip(2).for_each(|code| *code = 1),
        (MqttFault::NoneGranted, SUBACK) => packet.body.iter_mut().skip(2).for_each(|code| *code = 0x80),
        (MqttFault::Unacknowledged, PUBACK | SUBACK) | (MqttFault::CommandsSwallowed, PUBLISH) => return Vec::new(),
        (MqttFault::CommandsDoubled, PUBLISH) => return vec![packet.clone(), packet],
        (MqttFault::EverywhereToo, PUBLISH) => shared.links.to_all_but(number, &packet),
        (MqttFault::OtherTopic, PUBLISH) => {
            if let Some((topic, id, payload)) = packet.publish() {
                packet = Packet::of_publish(packet.first, &format!("{topic}/other"), &id, &payload);
            }
        }
        (MqttFault::CommandsAltered(alteration), PUBLISH) => {
            if let Some((topic, id, payload)) = packet.publish()
                && let Ok(Value::Object(mut body)) = serde_json::from_slice(&payload)
            {
                alteration.alter(receive_command::MESSAGE.fields, &mut body);
                packet = Packet::of_publish(packet.first, &topic, &id, Value::Object(body).to_string().as_bytes());
            }
        }
        _ => {}
    }
    vec![packet]
}
