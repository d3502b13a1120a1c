//! No secret and no token ever stands in a journal, whatever goes over the wire.

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use iotdm_mock::{JournalFilter, JournalLimits, PacketFilter, Platform, hex_dump};
use iotdm_suite::{Catalogue, RunOptions, run};
use iotdm_tests::install_crypto;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Everything that went one way through one connection.
type Stream = Arc<Mutex<Vec<u8>>>;

/// Stands between the suite and the platform, and keeps what goes through.
async fn tap(platform: SocketAddr) -> (String, Arc<Mutex<Vec<Stream>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let streams: Arc<Mutex<Vec<Stream>>> = Arc::default();
    let kept = Arc::clone(&streams);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(platform).await else { continue };
            // Without this, whoever writes head and body apart waits for an acknowledgement in between.
            for end in [&client, &server] {
                end.set_nodelay(true).unwrap();
            }
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            let stream = || {
                let stream = Stream::default();
                kept.lock().unwrap().push(Arc::clone(&stream));
                stream
            };
            tokio::spawn(pump(from_client, to_server, stream()));
            tokio::spawn(pump(from_server, to_client, stream()));
        }
    });
    (url, streams)
}

async fn pump(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, kept: Stream) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(length) = from.read(&mut buffer).await {
        kept.lock().unwrap().extend_from_slice(&buffer[..length]);
        if length == 0 || to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    // The other end learns that it is over; that it has gone already is just as well.
    let _ = to.shutdown().await;
}

/// Where secrets stand on the wire: what comes before each.
const MARKS: [&str; 9] = [
    "\"accessToken\":\"",
    "\"refreshToken\":\"",
    "\"secret\":\"",
    "\"psk\":\"",
    "\"appKey\":\"",
    "\"appSKey\":\"",
    "\"nwkSKey\":\"",
    "secret=",
    "Bearer ",
];

/// The secrets in a text; what a sweep sends in the place of one (nothing, one letter many times) is none.
fn secrets(text: &str) -> BTreeSet<String> {
    let after = |mark: &'static str| text.match_indices(mark).map(move |(at, _)| &text[at + mark.len()..]);
    let word = |rest: &str| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
    let random = |word: &String| word.len() >= 16 && word.chars().collect::<BTreeSet<_>>().len() >= 8;
    MARKS.into_iter().flat_map(after).map(word).filter(random).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_whole_run_stands_in_the_journal() {
    install_crypto();
    let limits = JournalLimits { entries: 2_000_000, bytes: 4 << 30, ..JournalLimits::default() };
    let loopback = "127.0.0.1:0".parse().unwrap();
    let platform = Platform::builder().plain_http(loopback).journal(limits).start().await.unwrap();
    let (url, streams) = tap(platform.plain_http().unwrap()).await;
    let mut target = iotdm::embedded::target(&platform);
    target.base_url = url;
    let catalogue = Catalogue::embedded(target.plays.as_deref()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!(summary.failed, 0, "{summary:?}");

    let mut issued: BTreeSet<String> = BTreeSet::new();
    for stream in streams.lock().unwrap().iter() {
        issued.extend(secrets(&String::from_utf8_lossy(&stream.lock().unwrap())));
    }
    for credentials in [platform.application(), platform.authorized(), platform.stranger()] {
        issued.insert(credentials.secret.clone());
    }
    assert!(issued.len() > 100, "a run issues many secrets: {}", issued.len());

    let journal = platform.journal();
    assert_eq!(journal.dropped(), 0, "the journal must hold the whole run");
    let packets = journal.packets(&PacketFilter::default());
    let whole = [
        json!(journal.entries()).to_string(),
        journal.har(&JournalFilter::default()).to_string(),
        hex_dump(&packets),
        packets.iter().map(|captured| String::from_utf8_lossy(&captured.packet.bytes).into_owned()).collect(),
    ];
    // Word by word: a search for each secret in all of it takes minutes.
    let words: HashSet<&str> = whole.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric())).collect();
    let leaked: Vec<&String> = issued.iter().filter(|secret| words.contains(secret.as_str())).collect();
    let entries = journal.entries();
    let line = |secret: &&String| {
        let entry = entries.iter().find(|entry| json!(entry).to_string().contains(secret.as_str()));
        entry.map(|entry| json!(entry).to_string().chars().take(2000).collect::<String>())
    };
    let first: Vec<_> = leaked.iter().take(3).map(line).collect();
    assert!(leaked.is_empty(), "{} of {} secrets stand in the journal, as in {first:?}", leaked.len(), issued.len());
}

/// Whoever takes one header for another must not find the token in the journal, where others read.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_wrong_header_is_masked() {
    install_crypto();
    let plain = ([127, 0, 0, 1], 0).into();
    let platform = Platform::builder().plain_http(plain).start().await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("http://{}", platform.plain_http().unwrap());
    let login = iotdm_spec::Op::Login.table();
    let own = platform.application();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let body = format!("appId={}&secret={}", own.id, own.secret);
        let answer = client.post(format!("{base}{}", login.path)).body(body).send().await.unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        tokens.push(answer["accessToken"].as_str().unwrap().to_owned());
    }
    let path = iotdm_spec::Op::QueryDevices.table().path;
    let secret = "no-token-of-anybody-0123456789";
    for value in
        tokens.iter().flat_map(|token| [token.clone(), format!("Bearer {token}"), format!("text/x; t={token}")])
    {
        for header in ["app_key", "Content-Type"] {
            client.get(format!("{base}{path}")).header(header, &value).send().await.unwrap();
            client.post(format!("{base}{}", login.path)).header(header, &value).body("{}").send().await.unwrap();
        }
    }
    client.get(format!("{base}{path}")).header("app_key", secret).send().await.unwrap();
    let journal = serde_json::to_string(&platform.journal().entries()).unwrap();
    let har = platform.journal().har(&JournalFilter::default()).to_string();
    for token in &tokens {
        assert!(!journal.contains(token) && !har.contains(token), "a token stands in the journal");
    }
    assert!(journal.contains(secret), "what is no token is shown as it is");
    platform.stop().await;
}
