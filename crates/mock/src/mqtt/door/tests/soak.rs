//! Numbers, and many at once. Run with `--release --ignored --nocapture` for the numbers.

use super::rig::*;
use std::time::Instant;

async fn crowd(devices: usize, messages: u16) {
    let house = std::sync::Arc::new(house());
    let memory = resident();
    let start = Instant::now();
    let mut raws = Vec::new();
    for number in 0..devices {
        raws.push(house.device_quietly(&format!("d{number}")).await);
    }
    let connected = start.elapsed();
    let memory_connected = resident().saturating_sub(memory);
    let start = Instant::now();
    for raw in &mut raws {
        raw.subscribe("t/#", 1).await;
    }
    let subscribed = start.elapsed();
    let memory_subscribed = resident().saturating_sub(memory);
    let start = Instant::now();
    for number in 0..devices {
        assert!(house.door.publish(&format!("d{number}"), "t/x", payload("x"), number as u64));
    }
    for raw in &mut raws {
        let got = raw.packet("a command").await;
        raw.send(&[0x40, 2, got[7], got[8]]).await;
    }
    house.host.wait_delivered(devices as u64 - 1).await;
    let commanded = start.elapsed();
    let start = Instant::now();
    let tasks: Vec<_> = raws.into_iter().map(|raw| tokio::spawn(chatter(raw, messages))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let talked = start.elapsed();
    let rate = devices as f64 * f64::from(messages) / talked.as_secs_f64();
    println!(
        "{devices} devices: connect {connected:?} ({memory_connected} MB), subscribe \
         {subscribed:?} ({memory_subscribed} MB), one command each \
         {commanded:?}, {messages} QoS 1 messages each {talked:?} ({rate:.0}/s)"
    );
}

/// The memory of this process (devices included) in MB, where that can be told.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

async fn chatter(mut raw: Raw, messages: u16) -> Raw {
    let body = [b'x'; 200];
    for first in (1..=messages).step_by(100) {
        let last = messages.min(first + 99);
        let heap: Vec<u8> = (first..=last).flat_map(|id| publish(0b0010, id, "up", &body)).collect();
        raw.send(&heap).await;
        for id in first..=last {
            let [high, low] = id.to_be_bytes();
            raw.expect(&[0x40, 2, high, low], "PUBACK").await;
        }
    }
    raw
}

impl House {
    async fn device_quietly(&self, client_id: &str) -> Raw {
        let mut raw = Raw::dial(self.at).await;
        raw.send(&connect(client_id, 0)).await;
        raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
        raw
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serves_a_small_crowd() {
    crowd(200, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn serves_a_crowd() {
    crowd(1000, 300).await;
    crowd(8000, 20).await;
}
