//! What becomes of speed and memory as the world grows, and as calls go on.

use iotdm_mock::JournalLimits;

use crate::beside_bare::percentile;
use crate::load::{CLIENTS, Work, round};
use crate::scene::Scene;

/// Prints how long calls take with ever more devices in the world, and what a device takes of memory.
pub async fn curve(scale: f64) {
    let mut scene = Scene::start(JournalLimits::default()).await;
    println!("Calls by the number of devices in the world, without TLS, {CLIENTS} clients, journal on");
    println!("(calls/s, and p50 in microseconds)");
    println!(
        "{:>9} {:>18} {:>18} {:>18} {:>18} {:>12}",
        "devices", "query device", "register", "first 250", "last 250", "memory"
    );
    let sizes = [100, 1_000, 10_000, 100_000].map(|size| ((size as f64 * scale) as usize).max(100));
    let prefixes = ["a", "b", "c", "d"];
    let mut memory = Vec::new();
    for (size, prefix) in sizes.into_iter().zip(prefixes) {
        scene.fill(size).await;
        // What the clients of `fill` have taken is theirs; the journal is full from 10,000 on.
        let resident = resident_kb();
        memory.push((size, resident));
        let last = (size / 250).saturating_sub(1);
        let works = [
            scene.query_device(20_000),
            scene.registration(50, prefix),
            scene.list("first", 400, 0, 250.min(size)),
            scene.list("last", 400, last, 250.min(size)),
        ];
        let mut row = format!("{size:>9}");
        for work in &works {
            row += &format!(" {:>18}", cost(&scene, work).await);
        }
        println!("{row} {:>9} kB", resident);
    }
    if let [.., (fewer, before), (more, after)] = memory[..] {
        let each = (after - before) as f64 * 1024.0 / (more - fewer) as f64;
        println!("memory a device, between {fewer} and {more} of them: {each:.0} bytes");
    }
    scene.platform.stop().await;
}

async fn cost(scene: &Scene, work: &Work) -> String {
    let target = scene.plain();
    let _ = round(&target, work).await;
    let mut measured = round(&target, work).await;
    format!("{:.0}, {}", measured.rate, percentile(&mut measured.took, 50).as_micros())
}

/// Prints what memory becomes over a million calls.
pub async fn memory(scale: f64) {
    const PARTS: usize = 10;
    let mut scene = Scene::start(JournalLimits::default()).await;
    scene.fill(1_000).await;
    let calls = ((1_000_000.0 * scale) as usize / PARTS / 4).max(CLIENTS);
    let works = [
        scene.query_device(calls),
        scene.login(calls),
        scene.list("list of 5 devices", calls, 0, 5),
        scene.query_device(calls),
    ];
    println!("Memory over {} calls (query device, login, list of devices), journal on", calls * 4 * PARTS);
    let target = scene.plain();
    let mut at = Vec::new();
    for part in 0..=PARTS {
        at.push(resident_kb());
        println!("  after {:>8} calls  {:>8} kB", part * calls * 4, at[part]);
        if part < PARTS {
            for work in &works {
                let _ = round(&target, work).await;
            }
        }
    }
    // The first part fills the journal.
    println!("from the first tenth to the end: {:+.1} %", (at[PARTS] as f64 / at[1] as f64 - 1.0) * 100.0);
    scene.platform.stop().await;
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or_default()
}
