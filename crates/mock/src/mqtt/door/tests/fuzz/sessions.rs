//! Mutated sessions over sockets against a whole platform, with a steady device beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::rig::{PATIENCE, Raw, connect_with, publish, text};
use super::mutate::{Dice, conversation, corpus, mutate};
use super::resident_kb;
use crate::Platform;
use crate::device::{Attributes, Device, NewDevice};
use crate::mqtt::connect::password;

const TIMESTAMP: &str = "2018072417";
/// So many sessions are under way at once.
const AT_ONCE: usize = 8;

fn register(platform: &Platform, name: &str) {
    platform.core.enter(|world| {
        let device = NewDevice {
            id: name.into(),
            application: platform.application().id.as_str().into(),
            gateway: None,
            node_id: name.to_owned(),
            product: Some(platform.product_id().into()),
            attributes: Attributes::default(),
            secret: "secret".to_owned(),
            mqtt: true,
        };
        let device = Device::new(device, world.now);
        world.devices.add(device);
    });
}

fn login(device: &str) -> Vec<u8> {
    let client = format!("{device}_0_0_{TIMESTAMP}");
    connect_with(0xc2, 0, &[text(&client), text(device), text(&password(TIMESTAMP, "secret"))].concat())
}

fn stored(platform: &Platform, device: &str) -> usize {
    platform.core.enter(|world| world.devices.find(device).map_or(0, |device| device.history.len()))
}

/// A session of a device that means well and is misheard, or doesn't.
fn session(dice: &mut Dice, device: &str, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut packets = vec![login(device)];
    packets.extend(conversation(device));
    for _ in 0..=dice.below(4) {
        // Most get past the CONNECT.
        let at = if dice.below(6) == 0 { 0 } else { 1 + dice.below(packets.len() - 1) };
        mutate(dice, corpus, &mut packets[at]);
    }
    packets.concat()
}

/// Says it all, and waits until the platform has hung up. The platform may do so at any time.
async fn have(at: std::net::SocketAddr, talk: &[u8]) -> usize {
    let mut socket = TcpStream::connect(at).await.unwrap();
    let (mut reader, mut writer) = socket.split();
    let saying = async {
        let _ = writer.write_all(talk).await;
        let _ = writer.shutdown().await;
    };
    let mut answers = Vec::new();
    let hearing = reader.read_to_end(&mut answers);
    let heard = timeout(PATIENCE, async { tokio::join!(saying, hearing).1 }).await;
    // A reset is an end too.
    let _ = heard.unwrap_or_else(|_| panic!("the platform doesn't hang up after {talk:02x?}"));
    answers.len()
}

/// Reports until it is told to stop. Every report must be acknowledged, over one connection.
async fn steady(at: std::net::SocketAddr, stop: Arc<AtomicBool>) -> usize {
    let mut raw = Raw::dial(at).await;
    raw.send(&login("steady")).await;
    raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
    let report = br#"{"msgType":"deviceReq","data":[{"serviceId":"Light","serviceData":{"brightness":80}}]}"#;
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let id = u16::try_from(count % 60_000 + 1).unwrap();
        let [high, low] = id.to_be_bytes();
        raw.send(&publish(0b0010, id, "/huawei/v1/devices/steady/data/json", report)).await;
        raw.expect(&[0x40, 2, high, low], "PUBACK of the steady device").await;
        count += 1;
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    count
}

async fn sessions(count: usize, seed: u64) {
    let builder = Platform::builder().plain_mqtt(([127, 0, 0, 1], 0).into()).history(1_000_000);
    let platform = Arc::new(builder.start().await.unwrap());
    let at = platform.plain_mqtt().unwrap();
    register(&platform, "steady");
    let stop = Arc::new(AtomicBool::new(false));
    let bystander = tokio::spawn(steady(at, stop.clone()));
    let (began, memory, logged_in) = (Instant::now(), resident_kb(), Arc::new(AtomicUsize::new(0)));
    let workers = (0..AT_ONCE).map(|worker| {
        let device = format!("fuzz-{worker}");
        register(&platform, &device);
        let logged_in = logged_in.clone();
        tokio::spawn(async move {
            let (mut dice, corpus) = (Dice::new(seed + worker as u64), corpus(&device));
            for _ in (worker..count).step_by(AT_ONCE) {
                let answers = have(at, &session(&mut dice, &device, &corpus)).await;
                logged_in.fetch_add(usize::from(answers > 4), Ordering::Relaxed);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    let acknowledged = bystander.await.unwrap();
    let grown = resident_kb().saturating_sub(memory);
    let logged_in = logged_in.load(Ordering::Relaxed);
    println!(
        "{count} mutated sessions, seed {seed}: {:.1?}; {logged_in} logged in; the steady device reported \
         {acknowledged} times, {} are stored; memory grew by {grown} kB",
        began.elapsed(),
        stored(&platform, "steady")
    );
    assert_eq!(stored(&platform, "steady"), acknowledged, "nothing of the steady device was lost");
    assert!(acknowledged > 0 && logged_in > count / 4, "the fuzz gets beyond the CONNECT");
    let open = || platform.core.door.get().map_or(0, |door| door.sessions());
    let over = timeout(PATIENCE, async {
        while open() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    over.await.expect("no session is left");
    // The journal and the fuzzers' histories fill up, the first to its limit.
    assert!(grown < 160 * 1024, "memory grew by {grown} kB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_mutated_sessions_harm_nobody() {
    sessions(100, 7).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: see the head of the module"]
async fn ten_thousand_mutated_sessions_harm_nobody() {
    sessions(10_000, 1).await;
}
