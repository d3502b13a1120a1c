//! The lightest device that keeps MQTT 3.1.1: a socket, a buffer, and packets made of bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iotdm_tests::raw_device::{packet, text};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Any connection.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Duplex for T {}

/// A connection with what was read of it and not yet taken.
pub struct Line {
    stream: Box<dyn Duplex>,
    read: Vec<u8>,
    taken: usize,
    /// Whether TLS took up an earlier session.
    pub resumed: bool,
}

/// A packet that came.
pub struct Packet {
    /// Its kind and flags.
    pub first: u8,
    /// What is behind its fixed header.
    pub body: Vec<u8>,
}

/// What a device trusts, and the session that it may take up again: every device has its own.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Trusts one certification authority, given in PEM.
    pub fn new(ca_pem: &str) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(io::Error::other)?;
        roots.add(ca).map_err(io::Error::other)?;
        Ok(Self(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())))
    }

    /// The same trust with sessions of its own.
    pub fn of_another_device(&self) -> Self {
        let mut config = ClientConfig::clone(&self.0);
        config.resumption = Resumption::in_memory_sessions(2);
        Self(Arc::new(config))
    }
}

impl Line {
    /// Connects without TLS.
    pub async fn plain(at: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(at).await?;
        socket.set_nodelay(true)?;
        Ok(Self { stream: Box::new(socket), read: Vec::new(), taken: 0, resumed: false })
    }

    /// Connects with TLS.
    pub async fn tls(at: SocketAddr, trust: &Trust) -> io::Result<Self> {
        let socket = TcpStream::connect(at).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::from(at.ip());
        let stream = TlsConnector::from(Arc::clone(&trust.0)).connect(name, socket).await?;
        let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        Ok(Self { stream: Box::new(stream), read: Vec::new(), taken: 0, resumed })
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Logs in; an error if the answer is no CONNACK 0.
    pub async fn log_in(&mut self, connect: &[u8]) -> io::Result<()> {
        self.send(connect).await?;
        let answer = self.packet().await?;
        match (answer.first, &answer.body[..]) {
            (0x20, [0 | 1, 0]) => Ok(()),
            (0x20, [_, code]) => Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("CONNACK {code}"))),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "no CONNACK")),
        }
    }

    /// The next packet. May be cancelled.
    pub async fn packet(&mut self) -> io::Result<Packet> {
        loop {
            if let Some(packet) = self.cut()? {
                return Ok(packet);
            }
            self.read_some().await?;
        }
    }

    /// Reads what there is.
    async fn read_some(&mut self) -> io::Result<()> {
        self.read.drain(..std::mem::take(&mut self.taken));
        let mut chunk = [0; 4096];
        let read = self.stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read.extend_from_slice(&chunk[..read]);
        Ok(())
    }

    /// The next packet of those that were read.
    pub fn cut(&mut self) -> io::Result<Option<Packet>> {
        let read = &self.read[self.taken..];
        let Some((first, rest)) = read.split_first() else { return Ok(None) };
        let mut length = 0;
        for (at, byte) in rest.iter().enumerate() {
            if at == 4 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a length of more than four bytes"));
            }
            length |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                let Some(body) = rest.get(at + 1..at + 1 + length) else { return Ok(None) };
                let packet = Packet { first: *first, body: body.to_vec() };
                self.taken += 2 + at + length;
                return Ok(Some(packet));
            }
        }
        Ok(None)
    }

    /// How many PUBACKs came; at least one. Anything else that comes is passed over.
    pub async fn acknowledgements(&mut self) -> io::Result<usize> {
        loop {
            let mut count = 0;
            // Four bytes each, and nothing else on these connections: no need to make packets of them.
            while let [0x40, 2, _, _, ..] = self.read[self.taken..] {
                self.taken += 4;
                count += 1;
            }
            if count > 0 {
                return Ok(count);
            }
            if self.read.len() - self.taken >= 4 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "something else than a PUBACK"));
            }
            self.read_some().await?;
        }
    }

    /// Publishes at QoS 1 and waits for the PUBACK. Gives what else came meanwhile.
    pub async fn publish(&mut self, id: u16, topic: &str, payload: &[u8], within: Duration) -> io::Result<Vec<Packet>> {
        self.send(&publish(id, topic, payload)).await?;
        let acknowledged = async {
            let mut others = Vec::new();
            loop {
                let packet = self.packet().await?;
                if packet.first == 0x40 && packet.body == id.to_be_bytes() {
                    return Ok(others);
                }
                others.push(packet);
            }
        };
        timeout(within, acknowledged).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// Says goodbye.
    pub async fn hang_up(mut self) {
        // The other end may have been faster.
        let _ = self.send(&[0xe0, 0]).await;
        let _ = self.stream.shutdown().await;
    }
}

/// A PUBLISH at QoS 1.
pub fn publish(id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    packet(0x32, &[&text(topic)[..], &id.to_be_bytes(), payload].concat())
}

/// A SUBSCRIBE to one filter at QoS 1.
pub fn subscribe(filter: &str) -> Vec<u8> {
    packet(0x82, &[&[0, 1][..], &text(filter), &[1]].concat())
}

/// Where a device reports.
pub fn data_topic(device: &str) -> String {
    format!("/huawei/v1/devices/{device}/data/json")
}

/// Where a device gets its commands.
pub fn command_topic(device: &str) -> String {
    format!("/huawei/v1/devices/{device}/command/json")
}

/// A report that carries a number.
pub fn report(number: usize) -> Vec<u8> {
    let data = format!(r#"{{"serviceId":"Light","serviceData":{{"brightness":80,"colour":"{number}"}}}}"#);
    format!(r#"{{"msgType":"deviceReq","data":[{data}]}}"#).into_bytes()
}
