//! Query device (1.6.1) over keep-alive HTTP with the journal on, beside a bare axum handler that
//! returns the same bytes. Both run in this process, in alternating rounds, under the same clients:
//! only the ratio means anything.
//!
//! `cargo bench -p iotdm-tests --bench query_device`

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use iotdm_mock::Platform;
use iotdm_spec::Op;
use iotdm_tests::Application;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CLIENTS: usize = 8;
const ROUNDS: usize = 5;
const CALLS_A_ROUND: usize = 20_000;
const CALLS_FOR_MEMORY: usize = 200_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(bench());
}

async fn bench() {
    let platform = Platform::builder().plain_http(([127, 0, 0, 1], 0).into()).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, _) = application.register(&platform, "bench").await;
    let (_, answer) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    let request = application.raw_get(&Op::QueryDevice.table().path.replace("{deviceId}", &device));
    let bare = bare(answer.to_string()).await;
    let mock = platform.plain_http().unwrap();

    // One round each to warm up.
    let _ = (load(mock, &request, CALLS_A_ROUND).await, load(bare, &request, CALLS_A_ROUND).await);
    let mut rates = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rates.0.push(load(mock, &request, CALLS_A_ROUND).await);
        rates.1.push(load(bare, &request, CALLS_A_ROUND).await);
    }
    let (mock_rate, bare_rate) = (median(&mut rates.0), median(&mut rates.1));
    println!("query device, {CLIENTS} clients, keep-alive, journal on: {mock_rate:.0} calls/s");
    println!("bare axum handler with the same bytes:               {bare_rate:.0} calls/s");
    println!("ratio: {:.2}", mock_rate / bare_rate);

    let before = resident_kb();
    load(mock, &request, CALLS_FOR_MEMORY).await;
    let after = resident_kb();
    println!("resident memory over {CALLS_FOR_MEMORY} more calls: {before} kB to {after} kB");
    platform.stop().await;
}

/// A handler that does nothing but answer.
async fn bare(body: String) -> SocketAddr {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    let router = Router::new().fallback(move || {
        let (headers, body) = (headers.clone(), body.clone());
        async move { (headers, body) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Calls a second.
async fn load(server: SocketAddr, request: &str, calls: usize) -> f64 {
    let began = Instant::now();
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(client(server, request.to_owned(), calls / CLIENTS))).collect();
    for client in clients {
        client.await.unwrap();
    }
    calls as f64 / began.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
}

async fn client(server: SocketAddr, request: String, calls: usize) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 << 10];
    for _ in 0..calls {
        stream.write_all(request.as_bytes()).await.unwrap();
        read_answer(&mut stream, &mut buffer).await;
    }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server closed");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        let length: usize = text
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse().unwrap())
            })
            .expect("a length");
        if filled >= head + 4 + length {
            return;
        }
    }
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or_default()
}
