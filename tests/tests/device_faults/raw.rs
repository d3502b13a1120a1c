//! A device made of bytes, for what no MQTT library sends or shows.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use iotdm_tests::DEADLINE;
use iotdm_tests::raw_device::{connect, packet, password, text};

/// The hour of every client id; its password follows from it.
const TIMESTAMP: &str = "2018072417";

/// What a device needs to connect.
#[derive(Debug, Clone)]
pub struct Papers {
    /// The MQTT client id.
    pub client_id: String,
    /// The user name.
    pub username: String,
    /// The password of 2.2.
    pub password: String,
}

impl Papers {
    /// Those of a device that names itself by its device id.
    pub fn of(device: &str, secret: &str) -> Self {
        Self::new(device, 0, secret)
    }

    /// Those of a device that names itself by its node id.
    pub fn by_node_id(node_id: &str, secret: &str) -> Self {
        Self::new(node_id, 2, secret)
    }

    fn new(id: &str, authentication: u8, secret: &str) -> Self {
        let password = password(TIMESTAMP, secret);
        Self { client_id: format!("{id}_{authentication}_0_{TIMESTAMP}"), username: id.to_owned(), password }
    }

    /// The CONNECT, without keep-alive.
    pub fn connect(&self) -> Vec<u8> {
        connect(&self.client_id, Some(&self.username), Some(&self.password), 0)
    }
}

/// A PUBLISH at QoS 1.
pub fn publish(id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    packet(0x32, &[&text(topic)[..], &id.to_be_bytes(), payload].concat())
}

/// A SUBSCRIBE to one topic, with identifier 9.
pub fn subscribe(filter: &str, qos: u8) -> Vec<u8> {
    packet(0x82, &[&[0, 9][..], &text(filter), &[qos]].concat())
}

/// The PUBACK of an identifier.
pub fn puback(id: u16) -> [u8; 4] {
    let [high, low] = id.to_be_bytes();
    [0x40, 2, high, low]
}

/// What a platform answers to a CONNECT that it accepts.
pub const ACCEPTED: [u8; 4] = [0x20, 2, 0, 0];
/// A PINGREQ.
pub const PINGREQ: [u8; 2] = [0xc0, 0];
/// A PINGRESP.
pub const PINGRESP: [u8; 2] = [0xd0, 0];

/// The connection of a device.
pub struct RawDevice(pub TcpStream);

impl RawDevice {
    /// Connects by TCP.
    pub async fn dial(at: SocketAddr) -> Self {
        Self(TcpStream::connect(at).await.expect("a connection"))
    }

    /// Connects and is let in.
    pub async fn connect(at: SocketAddr, papers: &Papers) -> Self {
        let mut device = Self::dial(at).await;
        device.send(&papers.connect()).await;
        device.expect(&ACCEPTED, "CONNACK 0").await;
        device
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("a connection to write to");
    }

    /// Waits for exactly these bytes.
    pub async fn expect(&mut self, bytes: &[u8], what: &str) {
        assert_eq!(self.take(bytes.len(), what).await, bytes, "{what}");
    }

    /// Waits for so many bytes.
    pub async fn take(&mut self, count: usize, what: &str) -> Vec<u8> {
        let mut got = vec![0; count];
        let read = timeout(DEADLINE, self.0.read_exact(&mut got)).await;
        read.unwrap_or_else(|_| panic!("waited for {what}")).unwrap_or_else(|e| panic!("{what}: {e}"));
        got
    }

    /// Waits for a packet of fewer than 128 bytes, or as long as a second length byte says.
    pub async fn packet(&mut self, what: &str) -> Vec<u8> {
        let mut packet = self.take(2, what).await;
        let mut length = usize::from(packet[1] & 0x7f);
        if packet[1] & 0x80 != 0 {
            let more = self.take(1, what).await;
            length += usize::from(more[0]) << 7;
            packet.extend(more);
        }
        packet.extend(self.take(length, what).await);
        packet
    }

    /// Says that nothing more will be sent, and waits for the end, with nothing before it.
    pub async fn hang_up_unanswered(&mut self, why: &str) {
        self.0.shutdown().await.expect("a connection to shut down");
        self.expect_end(why).await;
    }

    /// Waits for the end of the connection, with nothing before it.
    pub async fn expect_end(&mut self, why: &str) {
        let mut rest = Vec::new();
        let end = timeout(DEADLINE, self.0.read_to_end(&mut rest)).await;
        let end = end.unwrap_or_else(|_| panic!("waited for the end: {why}"));
        assert!(rest.is_empty(), "{why}: got {rest:?} before the end {end:?}");
    }
}
