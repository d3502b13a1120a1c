//! The journal's own count of its bytes against what the process really takes for them.

#![cfg(target_os = "linux")]

use iotdm_mock::{JournalLimits, Platform};
use iotdm_spec::Op;
use iotdm_tests::Application;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CALLS: usize = 20_000;

/// The resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Sends the request so many times over one connection and waits for the answers.
async fn load(stream: &mut TcpStream, request: &str, answer: usize, calls: usize) {
    let mut buffer = vec![0; answer];
    for _ in 0..calls {
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_exact(&mut buffer).await.unwrap();
    }
}

/// This test has a process of its own, so that nobody else takes memory meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn the_weight_of_entries_is_honest() {
    let limits = JournalLimits { entries: 1_000_000, bytes: 1 << 30, ..JournalLimits::default() };
    let platform = Platform::builder().plain_http(([127, 0, 0, 1], 0).into()).journal(limits).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, _) = application.register(&platform, "node").await;
    application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    let request = application.raw_get(&Op::QueryDevice.table().path.replace("{deviceId}", &device));
    let mut stream = TcpStream::connect(platform.plain_http().unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = vec![0; 64 << 10];
    let answer = stream.read(&mut first).await.unwrap();
    load(&mut stream, &request, answer, 1000).await;

    let (resident_before, counted_before) = (resident(), platform.journal().bytes());
    load(&mut stream, &request, answer, CALLS).await;
    let (took, counted) = (resident() - resident_before, platform.journal().bytes() - counted_before);
    let ratio = took as f64 / counted as f64;
    println!("{CALLS} calls: {counted} bytes counted, {took} taken, ratio {ratio:.2}");
    assert!((0.7..=1.3).contains(&ratio), "{counted} bytes counted, {took} taken: a ratio of {ratio:.2}");
}
