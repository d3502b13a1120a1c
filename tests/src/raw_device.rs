//! A device made of bytes: what a client library would not send can be sent, and every answer is seen.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use iotdm_mock::Platform;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::DEADLINE;

/// The password of 2.2, worked out by ourselves.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn password(timestamp: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(timestamp.as_bytes()).expect("a key of any length");
    mac.update(secret.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A string as MQTT writes it.
///
/// # Panics
/// If it is longer than 65,535 bytes.
#[must_use]
pub fn text(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.len()).expect("a string of MQTT").to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A packet of fewer than 16,384 bytes.
///
/// # Panics
/// If it is longer.
#[must_use]
pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let (low, high) = (body.len() & 0x7f, body.len() >> 7);
    let byte = |part: usize| u8::try_from(part).expect("a short packet");
    let mut packet = if high == 0 { vec![first, byte(low)] } else { vec![first, byte(low) | 0x80, byte(high)] };
    packet.extend_from_slice(body);
    packet
}

/// A clean CONNECT.
#[must_use]
pub fn connect(client_id: &str, username: Option<&str>, password: Option<&str>, keep_alive: u16) -> Vec<u8> {
    let flags = 2 | if username.is_some() { 0x80 } else { 0 } | if password.is_some() { 0x40 } else { 0 };
    let [high, low] = keep_alive.to_be_bytes();
    let mut body = [&text("MQTT")[..], &[4, flags, high, low], &text(client_id)].concat();
    for part in [username, password].into_iter().flatten() {
        body.extend(text(part));
    }
    packet(0x10, &body)
}

/// A sound CONNECT of a device with signature type 0.
#[must_use]
pub fn login(device: &str, secret: &str, timestamp: &str, keep_alive: u16) -> Vec<u8> {
    let client_id = format!("{device}_0_0_{timestamp}");
    connect(&client_id, Some(device), Some(&password(timestamp, secret)), keep_alive)
}

/// A PUBLISH at QoS 1 with packet identifier 1.
#[must_use]
pub fn publish(topic: &str, payload: &str) -> Vec<u8> {
    packet(0x32, &[&text(topic)[..], &[0, 1], payload.as_bytes()].concat())
}

/// A connection to the plain MQTT port of a platform.
pub struct RawDevice(TcpStream);

impl RawDevice {
    /// Connects; the platform must have been built with `plain_mqtt`.
    ///
    /// # Panics
    /// If there is no such port.
    pub async fn dial(platform: &Platform) -> Self {
        let address = platform.plain_mqtt().expect("a plain MQTT port");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Connects and logs in.
    ///
    /// # Panics
    /// If the platform refuses.
    pub async fn log_in(platform: &Platform, device: &str, secret: &str) -> Self {
        let mut raw = Self::dial(platform).await;
        raw.send(&login(device, secret, "2018072417", 0)).await;
        assert_eq!(raw.answer(4).await, [0x20, 2, 0, 0], "CONNACK 0");
        raw
    }

    /// Writes bytes.
    ///
    /// # Panics
    /// If the connection has ended.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("written");
    }

    /// Reads so many bytes, or fewer if the connection ends before.
    ///
    /// # Panics
    /// If nothing comes in time.
    pub async fn answer(&mut self, length: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.0).take(length);
        // A reset is an end too; what was read before it stays.
        let _ = timeout(DEADLINE, limited.read_to_end(&mut bytes)).await.expect("an answer or the end in time");
        bytes
    }

    /// Expects an answer.
    ///
    /// # Panics
    /// If another one comes, or none.
    pub async fn expect(&mut self, bytes: &[u8], what: &str) {
        assert_eq!(self.answer(bytes.len() as u64).await, bytes, "{what}");
    }

    /// Waits for the end of the connection; gives what came before it.
    ///
    /// # Panics
    /// If it doesn't end in time.
    pub async fn end(&mut self) -> Vec<u8> {
        self.answer(u64::MAX).await
    }

    /// Whether the connection is alive: a ping is answered.
    pub async fn is_alive(&mut self) -> bool {
        self.is_alive_behind(0).await
    }

    /// Whether a ping is answered, after so many bytes of other answers.
    pub async fn is_alive_behind(&mut self, other: u64) -> bool {
        self.0.write_all(&[0xc0, 0]).await.is_ok() && self.answer(other + 2).await.ends_with(&[0xd0, 0])
    }

    /// Looks again and again until something holds.
    ///
    /// # Panics
    /// If it doesn't in time.
    pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
        let waiting = async {
            while !holds().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("waited until {what}"));
    }
}
