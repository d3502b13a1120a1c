//! Mutated packets and mutated sessions: nothing panics, nothing leaks, nobody else notices.
//!
//! A short form runs with every `cargo test`; this is the full one, 10,000,000 packets and 10,000 sessions:
//!
//! ```text
//! cargo test --release -p iotdm-mock --lib tests::fuzz -- --ignored --nocapture --test-threads 1
//! ```
//!
//! Seeds are fixed, so what fails once fails again.

mod mutate;
mod sessions;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, timeout};

use self::mutate::{Dice, corpus, mutated};
use super::rig::{PATIENCE, connect, listener};
use crate::mqtt::door::decode::{self, Packet};
use crate::mqtt::door::greet::Visitor;
use crate::mqtt::door::{
    Admission, CloseReason, ConnectAttempt, Door, DoorConfig, Host, Inbound, PacketRecord, Refused, RouterPool,
    SessionId, describe,
};

/// A host that counts.
#[derive(Default)]
struct Counting {
    sessions: AtomicUsize,
    closed: AtomicUsize,
    failed: AtomicUsize,
    published: AtomicUsize,
    packets: AtomicUsize,
}

impl Host for Counting {
    fn connect(&self, _: SessionId, attempt: &ConnectAttempt) -> Result<Admission, Refused> {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        Ok(Admission { device: attempt.client_id.clone() })
    }

    fn holds(&self, _: SessionId) -> bool {
        true
    }

    fn may_subscribe(&self, _: SessionId, filter: &str) -> bool {
        !filter.starts_with('$')
    }

    fn published(&self, _: SessionId, _: &Inbound) {
        self.published.fetch_add(1, Ordering::Relaxed);
    }

    fn delivered(&self, _: SessionId, _: u64) {}

    fn active(&self, _: SessionId) {}

    fn closed(&self, _: SessionId, why: &CloseReason) {
        self.closed.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(usize::from(matches!(why, CloseReason::Internal(_))), Ordering::Relaxed);
    }

    fn packet(&self, _: PacketRecord) {
        self.packets.fetch_add(1, Ordering::Relaxed);
    }
}

/// The memory of this process in kB, where that can be told.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Reads bytes as a session would; whether a session goes on after them.
fn goes_on(bytes: &[u8]) -> bool {
    let mut buffer = BytesMut::from(bytes);
    loop {
        match decode::cut(&mut buffer, 256 * 1024) {
            Err(_) => return false,
            // A part of a packet would swallow what follows.
            Ok(None) => return buffer.is_empty(),
            Ok(Some(cut)) => {
                let frame = decode::read(cut);
                let line = describe::frame(&frame);
                assert!(!line.is_empty());
                if matches!(frame.packet, Err(_) | Ok(Packet::Connect(_) | Packet::Disconnect)) {
                    return false;
                }
            }
        }
    }
}

/// The longest conversation of one session.
const LONGEST: usize = 200;

/// Packets go through the codec one by one, and then through sessions: each session gets what it may go
/// on after, and at last something that ends it.
async fn packets(count: usize, seed: u64) {
    let host = Arc::new(Counting::default());
    let door =
        Door::start(listener(), None, host.clone(), DoorConfig::new(RouterPool::lease(), Arc::default())).unwrap();
    let (mut dice, corpus) = (Dice::new(seed), corpus("5f06b6a5-fuzz"));
    let (mut memory, mut sessions, mut said, mut talk) = (0, 0, 0, Vec::new());
    let began = Instant::now();
    for number in 0..count {
        let bytes = mutated(&mut dice, &corpus);
        let last = !goes_on(&bytes) || said == LONGEST || number + 1 == count;
        talk.extend_from_slice(&bytes);
        said += 1;
        if last {
            // A few names, since a router keeps each device's filters for ever.
            live(&door, &format!("d{}", sessions % 16), &talk).await;
            (sessions, said) = (sessions + 1, 0);
            talk.clear();
        }
        if number == count / 4 {
            memory = resident_kb();
        }
    }
    let grown = resident_kb().saturating_sub(memory);
    let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "{count} mutated packets in {sessions} sessions, seed {seed}: {:.1?}; {} packets were whole, {} messages \
         published; memory grew by {grown} kB in the last three quarters",
        began.elapsed(),
        read(&host.packets),
        read(&host.published)
    );
    assert_eq!((read(&host.sessions), read(&host.closed)), (sessions, sessions), "every session that began is over");
    assert_eq!(read(&host.failed), 0, "the door never failed");
    assert_eq!(door.sessions(), 0, "no seat is taken");
    assert!(read(&host.published) > count / 100, "the fuzz gets as far as the host");
    // Beside other tests of this process the memory says nothing of this one; the long form runs alone.
    let is_long = count > 100_000;
    assert!(grown < 32 * 1024 || !is_long, "memory grew by {grown} kB");
    door.stop().await;
}

/// One session: a sound CONNECT, what follows, and the end. A panic in it is one here.
async fn live(door: &Door, device: &str, talk: &[u8]) {
    let (mut client, server) = duplex(64 * 1024);
    let peer = SocketAddr::from(([127, 0, 0, 1], 1));
    let visitor = Visitor::in_memory(door, peer);
    let session = tokio::spawn(visitor.listen(server, Instant::now() + PATIENCE));
    client.write_all(&connect(device, 0)).await.unwrap();
    let mut connack = [0; 4];
    let answered = timeout(PATIENCE, client.read_exact(&mut connack)).await;
    answered.expect("a CONNACK in time").unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0], "CONNACK 0");
    let (mut reader, mut writer) = tokio::io::split(&mut client);
    let saying = async {
        // The session may be over before everything is said.
        let _ = writer.write_all(talk).await;
        let _ = writer.shutdown().await;
    };
    let mut answers = Vec::new();
    let hearing = reader.read_to_end(&mut answers);
    let both = timeout(PATIENCE, async { tokio::join!(saying, hearing).1 }).await;
    both.unwrap_or_else(|_| panic!("the session goes on after {talk:02x?}")).unwrap();
    drop(client);
    let ended = timeout(Duration::from_secs(60), session).await.expect("the session ends");
    ended.unwrap_or_else(|panic| panic!("{panic} after {talk:02x?}"));
}

#[tokio::test]
async fn a_hundred_thousand_mutated_packets_harm_nobody() {
    packets(100_000, 7).await;
}

#[tokio::test]
#[ignore = "long: see the head of this file"]
async fn ten_million_mutated_packets_harm_nobody() {
    for seed in 1..=10 {
        packets(1_000_000, seed).await;
    }
}
