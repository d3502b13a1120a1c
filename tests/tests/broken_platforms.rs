//! The suite must fail what is broken: a proxy in front of a sound platform spoils its answers, one
//! way at a time, and the catalogue is run against it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode, header};
use iotdm_mock::Platform;
use iotdm_suite::target::Capability;
use iotdm_suite::{Catalogue, Event, Filter, RunOptions, Summary, Target, Verdict, run};
use iotdm_tests::install_crypto;
use serde_json::Value;

/// What is done to an answer: its status, its Content-Type, its body.
#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    content_type: Option<String>,
    body: Value,
}

type Sabotage = fn(&mut Answer);

struct Proxy {
    origin: String,
    client: reqwest::Client,
    sabotage: Sabotage,
}

async fn forward(State(proxy): State<Arc<Proxy>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let url = format!("{}{}", proxy.origin, parts.uri);
    let mut onward = proxy.client.request(parts.method, url).body(to_bytes(body, 1 << 20).await.unwrap());
    for (name, value) in
        parts.headers.iter().filter(|(name, _)| *name != header::HOST && *name != header::CONTENT_LENGTH)
    {
        onward = onward.header(name, value);
    }
    let answer = onward.send().await.unwrap();
    let mut spoilt = Answer {
        status: answer.status(),
        content_type: answer.headers().get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap().to_owned()),
        body: Value::Null,
    };
    let bytes: Bytes = answer.bytes().await.unwrap();
    spoilt.body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (proxy.sabotage)(&mut spoilt);
    let body = if spoilt.body.is_null() { bytes } else { spoilt.body.to_string().into() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = spoilt.status;
    if let Some(content_type) = spoilt.content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    }
    response
}

/// Runs one clause's cases against a spoilt platform; gives the summary and the failed ids.
async fn run_spoilt(sabotage: Sabotage, clause: &str) -> (Summary, Vec<String>) {
    install_crypto();
    let platform = Platform::builder().plain_http(([127, 0, 0, 1], 0).into()).start().await.unwrap();
    let origin = format!("http://{}", platform.plain_http().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut target: Target = iotdm::embedded::target(&platform);
    target.base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state(Arc::new(Proxy { origin, client, sabotage }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let catalogue = Catalogue::embedded(target.plays.as_deref()).unwrap();
    let selected = catalogue.select(&Filter { clauses: vec![clause.to_owned()], ..Filter::default() });
    let mut failed = Vec::new();
    let summary = run(&selected, &target, RunOptions::default(), &mut |event| {
        if let Event::CaseFinished(finished) = event
            && matches!(finished.verdict, Verdict::Fail { .. })
        {
            failed.push(finished.case.id.clone());
        }
    })
    .await;
    platform.stop().await;
    (summary, failed)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unspoilt_platform_passes_through_the_proxy() {
    let (summary, failed) = run_spoilt(|_| {}, "1.5.7").await;
    assert!(failed.is_empty() && summary.passed > 5, "{failed:?} {summary:?}");
}

/// Many a deployment throttles, and that is not broken: what a throttle turns away is called again.
#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_fails_no_case_that_is_not_about_it() {
    install_crypto();
    let platform = Platform::builder().throttle(4).frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let mut target: Target = iotdm::embedded::target(&platform);
    target.control = None;
    target.capabilities.remove(&Capability::Control);
    target.tolerance.throttle = Duration::from_millis(100);
    let catalogue = Catalogue::embedded(None).unwrap();
    let selected = catalogue.select(&Filter { clauses: vec!["1.5.7".to_owned()], ..Filter::default() });
    let (mut remarks, mut failures) = (Vec::new(), Vec::new());
    let options = RunOptions { concurrency: 2, ..RunOptions::default() };
    let mut tell = |event: Event| match event {
        Event::Remark { text } => remarks.push(text),
        Event::CaseFinished(finished) => {
            failures.extend(finished.verdict.failures().iter().map(|f| format!("{}: {f}", finished.case.id)));
        }
        _ => {}
    };
    // The platform's minute is over in no time, as seen from here.
    let minutes = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            platform.advance(Duration::from_secs(31));
        }
    };
    let summary = tokio::select! {
        summary = run(&selected, &target, options, &mut tell) => summary,
        () = minutes => unreachable!(),
    };
    assert_eq!((summary.failed, summary.harness_errors), (0, 0), "{failures:?}");
    assert!(summary.passed > 5, "{summary:?}");
    assert!(remarks.len() == 1 && remarks[0].contains("every one was repeated"), "{remarks:?}");
    platform.stop().await;
}

/// A door to a platform's MQTTS port that closes at once on whoever comes without TLS, without a word.
async fn silent_door(mqtts: SocketAddr) -> String {
    const HANDSHAKE: u8 = 0x16;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut first = [0];
                if client.peek(&mut first).await.is_ok() && first[0] == HANDSHAKE {
                    let mut server = tokio::net::TcpStream::connect(mqtts).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    address
}

/// A wrong CA is the target file's fault, also after the case that connects without TLS: there a server closes.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_ca_fails_no_case_of_devices() {
    install_crypto();
    let plain = ([127, 0, 0, 1], 0).into();
    let platform = Platform::builder().plain_http(plain).start().await.unwrap();
    let other = Platform::builder().start().await.unwrap();
    let mut target: Target = iotdm::embedded::target(&platform);
    target.base_url = format!("http://{}", platform.plain_http().unwrap());
    target.mqtt = Some(silent_door(platform.mqtts()).await);
    target.ca_pem = Some(other.ca_pem().to_owned());
    let catalogue = Catalogue::embedded(None).unwrap();
    let filter = Filter { clauses: vec!["2.2".to_owned(), "2.3".to_owned()], ..Filter::default() };
    let mut failed = Vec::new();
    let options = RunOptions { concurrency: 1, ..RunOptions::default() };
    let summary = run(&catalogue.select(&filter), &target, options, &mut |event| {
        if let Event::CaseFinished(finished) = event
            && finished.verdict.fails_the_run()
        {
            failed.push(finished.case.id.clone());
        }
    })
    .await;
    assert!(failed.is_empty() && summary.harness_errors > 5, "{failed:?} {summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_error_code_is_seen_by_every_case_that_expects_a_refusal() {
    let spoil: Sabotage = |answer| {
        if let Some(code) = answer.body.get_mut("error_code") {
            *code = Value::from("999999");
        }
    };
    let (summary, failed) = run_spoilt(spoil, "1.5.7").await;
    let refusing = failed.iter().filter(|id| id.contains("refuses")).count();
    assert!(refusing >= 5, "only {failed:?} of {summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_code_that_is_a_number_is_seen() {
    let spoil: Sabotage = |answer| {
        if let Some(code) = answer.body.get_mut("error_code") {
            *code = Value::from(code.as_str().and_then(|code| code.parse::<u64>().ok()));
        }
    };
    let (_, failed) = run_spoilt(spoil, "1.5.7").await;
    assert!(failed.len() >= 5, "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_status_of_a_success_is_seen() {
    let spoil: Sabotage = |answer| {
        // The login stays sound, or nothing could be tried at all.
        if answer.status == StatusCode::OK && answer.body.get("activated").is_some() {
            answer.status = StatusCode::CREATED;
        }
    };
    let (_, failed) = run_spoilt(spoil, "1.5.7").await;
    assert!(!failed.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_content_type_is_seen() {
    let spoil: Sabotage = |answer| answer.content_type = None;
    let (summary, _) = run_spoilt(spoil, "1.5.7").await;
    assert!(summary.exit.code() != 0, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boolean_that_travels_as_a_string_is_seen() {
    let spoil: Sabotage = |answer| {
        if let Some(activated) = answer.body.get_mut("activated") {
            *activated = Value::from(activated.to_string());
        }
    };
    let (summary, failed) = run_spoilt(spoil, "1.5.7").await;
    assert!(!failed.is_empty() || summary.warned > 0, "{summary:?}");
}
