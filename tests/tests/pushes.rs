//! Pushes to applications' callbacks: receivers of every temper, retries, bounds, TLS.

use std::sync::Arc;
use std::time::Duration;

use iotdm_mock::{Event, Platform, PushLimits, PushRetries, Pushed};
use iotdm_spec::Op;
use iotdm_spec::notifications::device_added::NOTIFICATION;
use iotdm_spec::wire::NotifyType;
use iotdm_tests::receiver::{Receiver, Temper};
use iotdm_tests::{Application, DEADLINE, install_crypto};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

const START: &str = "20200214T080000Z";

async fn subscribe(application: &Application, notify_type: NotifyType, url: &str) {
    let body = json!({ "notifyType": notify_type, "callbackUrl": url });
    let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body).await;
    assert_eq!(status, 201, "{answer}");
}

/// Changes a device's name, which is pushed to who has subscribed to deviceInfoChanged.
async fn rename(application: &Application, device: &str, name: &str) {
    let (status, answer) = application.call(Op::ModifyDevice, &[("deviceId", device)], json!({ "name": name })).await;
    assert_eq!(status, 204, "{answer}");
}

/// Waits until the journal has so many attempts at pushes to a URL.
async fn attempts(platform: &Platform, url: &str, count: usize) -> Vec<Pushed> {
    let seen = |_: &Pushed| platform.journal().pushes_to(url).len() >= count;
    let awaited = format!("attempt {count} at pushes to {url}");
    platform.journal().await_push_where(&awaited, DEADLINE, seen).await.unwrap();
    platform.journal().pushes_to(url)
}

fn names(pushes: &[Pushed]) -> Vec<String> {
    pushes.iter().map(|push| push.json()["deviceInfo"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_one_post_with_compact_json_in_the_order_of_the_contract() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::Answers(200)).await;
    subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/callback?a=b")).await;
    let (device, _) = application.register(&platform, "node").await;
    let push = platform.journal().await_push("device_added", &device, DEADLINE).await.unwrap();
    assert_eq!((push.status, push.attempt, push.retry_at, push.clause), (Some(200), 1, None, "1.8.1"));
    let received = receiver.await_count(1).await;
    assert_eq!(received.len(), 1);
    let head = &received[0].head;
    assert!(head.starts_with("post /callback?a=b http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(!head.contains("authorization") && !head.contains("app_key"), "{head}");
    let body = &received[0].body;
    assert!(
        body.starts_with(&format!(r#"{{"notifyType":"deviceAdded","deviceId":"{device}","gatewayId":""#)),
        "{body}"
    );
    // Every member is there, null where it has no value, in the order of the table.
    let value: Value = serde_json::from_str(body).unwrap();
    let info = NOTIFICATION.fields.iter().find(|field| field.name == "deviceInfo").unwrap();
    let expected: Vec<&str> = info.members.iter().map(|field| field.name).collect();
    let actual: Vec<&String> = value["deviceInfo"].as_object().unwrap().keys().collect();
    assert_eq!(actual, expected);
    assert_eq!(value.to_string(), *body, "compact");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_receivers_delay_nobody() {
    // Who is silent stays so for the whole test.
    let platform = Platform::builder().push_time_out(Duration::from_secs(3600)).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let mut broken = Vec::new();
    for temper in [Temper::Silent, Temper::Closes, Temper::Writes(b"What?\n\n"), Temper::Endless] {
        let receiver = Receiver::start(temper).await;
        subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
        broken.push(receiver);
    }
    let good = Receiver::start(Temper::Answers(200)).await;
    // Another path of a host on which one path is stuck goes on as well.
    subscribe(&application, NotifyType::DeviceAdded, &good.url("/one")).await;
    subscribe(&application, NotifyType::DeviceAdded, &good.url("/two")).await;
    for n in 0..30 {
        application.register(&platform, &format!("node-{n}")).await;
    }
    good.await_count(60).await;
    // The other broken ones have had all of theirs, each in its way.
    for receiver in &broken[1..] {
        attempts(&platform, &receiver.url("/"), 30).await;
    }
    assert_eq!(broken[0].received().len(), 1, "one at a time to who doesn't answer");
    let silent = platform.pushes().receivers.into_iter().find(|r| r.url == broken[0].url("/")).unwrap();
    assert_eq!((silent.waiting, silent.in_flight), (30, 1));
    assert_eq!(platform.stop().await, 30, "what the silent one never took is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_says_how_each_receiver_failed() {
    let platform = Platform::builder().push_time_out(Duration::from_secs(2)).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let cases = [
        (Temper::Silent, None, "no answer within 2s"),
        (Temper::Closes, None, "connection closed"),
        (Temper::Writes(b"What?\r\n\r\n"), None, "invalid HTTP"),
        (Temper::Answers(302), Some(302), "redirects are not followed"),
        (Temper::Answers(500), Some(500), "answered 500"),
        (Temper::Endless, Some(200), ""),
        (Temper::Answers(204), Some(204), ""),
    ];
    let mut receivers = Vec::new();
    for (temper, status, reason) in cases {
        let receiver = Receiver::start(temper).await;
        subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
        receivers.push((receiver, status, reason));
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    subscribe(&application, NotifyType::DeviceAdded, &format!("http://{closed}/")).await;
    application.register(&platform, "node").await;
    for (receiver, status, reason) in &receivers {
        let pushes = attempts(&platform, &receiver.url("/"), 1).await;
        let push = &pushes[0];
        assert_eq!((push.status, push.is_delivered()), (*status, reason.is_empty()), "{push:?}");
        assert!(push.error.as_deref().unwrap_or_default().contains(reason), "{push:?}");
        let deviation = push.deviations.first().map(|deviation| deviation.requirement == "1.8.1/rule/answer-push");
        assert_eq!(deviation, (!reason.is_empty()).then_some(true), "{push:?}");
    }
    let refused = attempts(&platform, &format!("http://{closed}/"), 1).await;
    assert!(refused[0].error.as_ref().unwrap().contains("refused"), "{refused:?}");
    assert!(receivers[0].0.received().len() == 1, "without the profile nothing is repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_stay_near_home_unless_told_otherwise() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::Answers(200)).await;
    let port = receiver.address.port();
    let refused = [
        format!("http://192.0.2.1:{port}/"),
        format!("http://[::ffff:192.0.2.1]:{port}/"),
        "http://169.254.169.254:80/".to_owned(),
    ];
    for url in &refused {
        subscribe(&application, NotifyType::DeviceAdded, url).await;
    }
    subscribe(&application, NotifyType::DeviceAdded, &format!("http://localhost:{port}/")).await;
    application.register(&platform, "node").await;
    receiver.await_count(1).await;
    assert!(platform.pushes_settled(DEADLINE).await);
    let pushes = platform.journal().pushes("device_added");
    let sent: Vec<&str> = pushes.iter().filter(|push| push.is_delivered()).map(|push| push.url.as_str()).collect();
    assert_eq!(sent, [format!("http://localhost:{port}/")]);
    let others: Vec<_> = pushes.iter().filter(|push| !push.is_delivered()).collect();
    assert_eq!(others.len(), refused.len());
    for push in others {
        assert!(push.error.as_ref().unwrap().starts_with("not sent: "), "{push:?}");
        assert!(push.deviations.is_empty(), "{push:?}");
    }
    // What hides a host behind a user's name is no address at all.
    for url in [format!("http://127.0.0.1@192.0.2.1:{port}/"), format!("http://me:hunter2@127.0.0.1:{port}/")] {
        let body = json!({ "notifyType": "deviceAdded", "callbackUrl": url });
        let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body).await;
        assert_eq!((status.as_u16(), &answer["error_code"]), (400, &json!("100222")), "{url}");
    }
    let journal = json!(platform.journal().entries()).to_string();
    assert!(journal.contains("***@127.0.0.1") && !journal.contains("hunter2"), "a journal shows no password");

    let open = Platform::builder().callbacks_anywhere().push_time_out(Duration::from_millis(50)).start().await.unwrap();
    let application = Application::log_in(&open).await;
    subscribe(&application, NotifyType::DeviceAdded, &refused[0]).await;
    application.register(&open, "node").await;
    let pushes = attempts(&open, &refused[0], 1).await;
    assert!(!pushes[0].error.as_ref().unwrap().starts_with("not sent"), "{pushes:?}");
}

/// A CA, and server certificates that it has signed.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A server that shows the CA's own certificate, as plain `openssl req -x509` makes one.
    fn itself(&self) -> Arc<rustls::ServerConfig> {
        let certificate = CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap();
        let key = PrivateKeyDer::Pkcs8(self.issuer.key().serialize_der().into());
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate], key).unwrap())
    }

    fn server(&self, name: &str, last_year: i32) -> Arc<rustls::ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn https_receivers_need_a_certificate_of_the_given_ca() {
    install_crypto();
    let (ours, another) = (Authority::new("ours"), Authority::new("another"));
    let platform = Platform::builder().callback_ca(&ours.pem).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let cases = [
        (ours.server("127.0.0.1", 2999), ""),
        (another.server("127.0.0.1", 2999), "is not signed by the CA that was given"),
        (ours.server("127.0.0.1", 2002), "has expired: renew it"),
        (ours.server("receiver.test", 2999), "is for another host than callbackUrl names"),
        (ours.itself(), "shows the certificate of a CA as its own"),
    ];
    let mut receivers = Vec::new();
    for (config, reason) in cases {
        let receiver = Receiver::start_tls(Temper::Answers(200), config).await;
        subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
        receivers.push((receiver, reason));
    }
    application.register(&platform, "node").await;
    for (receiver, reason) in receivers {
        let pushes = attempts(&platform, &receiver.url("/"), 1).await;
        assert_eq!(pushes[0].is_delivered(), reason.is_empty(), "{pushes:?}");
        assert!(pushes[0].error.as_deref().unwrap_or_default().contains(reason), "{pushes:?}");
        assert!(pushes[0].sent, "the receiver can do something about it: {pushes:?}");
        assert_eq!(receiver.received().len(), usize::from(reason.is_empty()));
    }

    let without = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&without).await;
    let mut receivers = Vec::new();
    for config in [ours.server("127.0.0.1", 2999), ours.itself()] {
        let receiver = Receiver::start_tls(Temper::Answers(200), config).await;
        subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
        receivers.push(receiver);
    }
    application.register(&without, "node").await;
    for receiver in receivers {
        let pushes = attempts(&without, &receiver.url("/"), 1).await;
        let error = pushes[0].error.as_ref().unwrap();
        assert!(error.starts_with("not sent: no CA of HTTPS receivers was given"), "{error}");
        assert!(error.contains("--callback-ca"), "{error}");
        assert!(pushes[0].deviations.is_empty() && !pushes[0].sent, "it is not the receiver's fault: {pushes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_push_is_repeated_for_ten_minutes_of_the_platforms_time() {
    let platform = Platform::builder().frozen_at(START).unwrap().push_retries(PushRetries::Faq).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::Answers(503)).await;
    let url = receiver.url("/");
    subscribe(&application, NotifyType::DeviceAdded, &url).await;
    application.register(&platform, "node").await;
    for (count, wait) in [10, 20, 40, 80, 160, 290].into_iter().enumerate() {
        let pushes = attempts(&platform, &url, count + 1).await;
        let last = pushes.last().unwrap();
        assert_eq!((last.attempt as usize, last.status), (count + 1, Some(503)));
        let due = last.retry_at.expect("it is tried again");
        assert_eq!(due.since(platform.now()).as_secs(), wait);
        platform.advance(Duration::from_secs(wait - 1));
        assert!(platform.pushes_settled(DEADLINE).await);
        assert_eq!(platform.journal().pushes_to(&url).len(), count + 1, "not yet");
        platform.advance(Duration::from_secs(1));
    }
    let pushes = attempts(&platform, &url, 7).await;
    assert_eq!(pushes[6].retry_at, None, "its ten minutes are over");
    platform.advance(Duration::from_secs(3600));
    assert!(platform.pushes_settled(DEADLINE).await);
    assert_eq!(receiver.received().len(), 7);
    assert_eq!(platform.pushes().waiting, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_push_overtakes_a_cached_one_about_the_same_device() {
    let platform = Platform::builder().frozen_at(START).unwrap().push_retries(PushRetries::Faq).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (one, _) = application.register(&platform, "one").await;
    let (other, _) = application.register(&platform, "other").await;
    let receiver = Receiver::start(Temper::in_turn(&[503])).await;
    let url = receiver.url("/");
    subscribe(&application, NotifyType::DeviceInfoChanged, &url).await;
    rename(&application, &one, "first").await;
    attempts(&platform, &url, 1).await;
    for name in ["second", "third"] {
        rename(&application, &one, name).await;
    }
    rename(&application, &other, "other").await;
    receiver.await_count(2).await;
    assert!(platform.pushes_settled(DEADLINE).await);
    assert_eq!(names(&platform.journal().pushes_about(&other)), ["other"], "other devices go on");
    assert_eq!(names(&platform.journal().pushes_about(&one)), ["first"]);
    platform.advance(Duration::from_secs(10));
    receiver.await_count(5).await;
    assert!(platform.pushes_settled(DEADLINE).await);
    assert_eq!(names(&platform.journal().pushes_about(&one)), ["first", "first", "second", "third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_failures_make_a_url_invalid_until_a_probe_succeeds() {
    let platform = Platform::builder().frozen_at(START).unwrap().push_retries(PushRetries::Faq).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::in_turn(&[504; 11])).await;
    let url = receiver.url("/");
    subscribe(&application, NotifyType::DeviceAdded, &url).await;
    for n in 0..10 {
        application.register(&platform, &format!("node-{n}")).await;
    }
    attempts(&platform, &url, 10).await;
    let state = platform.pushes();
    let seen = &state.receivers[0];
    assert_eq!((seen.failures, seen.invalid, seen.cached, seen.waiting), (10, true, 10, 10));
    platform.advance(Duration::from_secs(59));
    assert!(platform.pushes_settled(DEADLINE).await);
    assert_eq!(receiver.received().len(), 10, "an invalid URL is left alone");
    platform.advance(Duration::from_secs(1));
    let pushes = attempts(&platform, &url, 11).await;
    assert_eq!((pushes[10].attempt, pushes[10].status), (2, Some(504)), "a probe, which fails");
    platform.advance(Duration::from_secs(60));
    receiver.await_count(11 + 10).await;
    assert!(platform.pushes_settled(DEADLINE).await);
    let state = platform.pushes();
    assert_eq!((state.receivers[0].failures, state.receivers[0].invalid, state.waiting), (0, false, 0));
    let notes: Vec<String> = platform
        .journal()
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Note(note) if note.text.contains(&url) => Some(note.text),
            _ => None,
        })
        .collect();
    assert_eq!(
        notes,
        [format!("the callback {url} is invalid: 10 failures in a row"), format!("the callback {url} is valid again")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_shows_pushes_and_chooses_the_profile() {
    let platform = Platform::builder().frozen_at(START).unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::in_turn(&[503])).await;
    subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let control = format!("{}/_mock/pushes", platform.control_url());
    let change = |body: Value| client.post(&control).json(&body).send();
    assert_eq!(change(json!({ "retries": "often" })).await.unwrap().status(), 400);
    assert_eq!(change(json!({ "retries": "faq" })).await.unwrap().status(), 200);
    application.register(&platform, "node").await;
    attempts(&platform, &receiver.url("/"), 1).await;
    let state: Value = client.get(&control).send().await.unwrap().json().await.unwrap();
    assert_eq!((&state["retries"], &state["waiting"], &state["in_flight"]), (&json!("faq"), &json!(1), &json!(0)));
    let seen = json!({
        "url": receiver.url("/"), "waiting": 1, "in_flight": 0, "cached": 1, "failures": 1,
        "invalid": false, "next_probe": null, "dropped": 0,
    });
    assert_eq!(state["receivers"], json!([seen]));
    // What is cached goes once more when the profile goes.
    assert_eq!(change(json!({ "retries": "none" })).await.unwrap().status(), 200);
    let pushes = attempts(&platform, &receiver.url("/"), 2).await;
    assert_eq!((pushes[1].attempt, pushes[1].is_delivered()), (2, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_drops_the_newest_and_says_how_many() {
    let limits = PushLimits { waiting: 3, ..PushLimits::default() };
    let platform = Platform::builder().push_limits(limits).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let permits = Arc::new(Semaphore::new(0));
    let receiver = Receiver::start(Temper::AnswersWhenLet(Arc::clone(&permits))).await;
    subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
    for n in 0..8 {
        application.register(&platform, &format!("node-{n}")).await;
    }
    let state = platform.pushes();
    assert_eq!((state.waiting, state.dropped, state.receivers[0].dropped), (3, 5, 5));
    let dropped = platform.journal().pushes_to(&receiver.url("/"));
    assert_eq!(dropped.len(), 1, "once a burst");
    assert!(dropped[0].error.as_ref().unwrap().starts_with("dropped: ") && dropped[0].attempt == 0);
    permits.add_permits(3);
    assert_eq!(receiver.await_count(3).await.len(), 3);
    let counted = |event: &Event| matches!(event, Event::Note(note) if note.text.starts_with("5 pushes to "));
    platform.journal().wait_for("the count", DEADLINE, |entry| counted(&entry.event)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_used_again() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let receiver = Receiver::start(Temper::Answers(200)).await;
    subscribe(&application, NotifyType::DeviceAdded, &receiver.url("/")).await;
    for n in 0..50 {
        application.register(&platform, &format!("node-{n}")).await;
    }
    let received = receiver.await_count(50).await;
    let connections = received.iter().map(|post| post.connection).max().unwrap();
    assert!(connections <= 16, "{connections} connections for 50 pushes");
    assert_eq!(platform.stop().await, 0);
}

/// The next test must not hear of this one's world.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_gives_up_what_is_under_way_and_what_waits() {
    let time_out = Duration::from_secs(3600);
    let platform = Platform::builder().seed(3).push_time_out(time_out).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let permits = Arc::new(Semaphore::new(0));
    let receiver = Receiver::start(Temper::AnswersWhenLet(Arc::clone(&permits))).await;
    let (device, _) = application.register(&platform, "node").await;
    subscribe(&application, NotifyType::DeviceInfoChanged, &receiver.url("/")).await;
    rename(&application, &device, "first").await;
    rename(&application, &device, "second").await;
    receiver.await_count(1).await;
    let before = platform.pushes();
    assert_eq!((before.in_flight, before.waiting), (1, 2), "the second waits for the first");
    platform.reset();
    assert!(platform.pushes_settled(DEADLINE).await, "nothing is under way any more");
    permits.add_permits(10);
    // The new world's pushes are its own.
    let application = Application::log_in(&platform).await;
    let (device, _) = application.register(&platform, "node").await;
    subscribe(&application, NotifyType::DeviceInfoChanged, &receiver.url("/")).await;
    rename(&application, &device, "third").await;
    let received = receiver.await_count(2).await;
    let names: Vec<Value> = received.iter().map(|push| serde_json::from_str(&push.body).unwrap()).collect();
    let names: Vec<_> = names.iter().map(|push: &Value| push["deviceInfo"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["first", "third"]);
}

/// Who has unsubscribed, and has been told so, closes its receiver (1.7.5, 1.7.6).
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_deleted_subscription_is_called_off() {
    for retries in [PushRetries::None, PushRetries::Faq] {
        let platform = Platform::builder().frozen_at(START).unwrap().push_retries(retries).start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let (device, _) = application.register(&platform, "node").await;
        let permits = Arc::new(Semaphore::new(0));
        let receiver = Receiver::start(Temper::AnswersWhenLet(Arc::clone(&permits))).await;
        let failing = Receiver::start(Temper::Answers(503)).await;
        let deaf = receiver.url("/");
        subscribe(&application, NotifyType::DeviceInfoChanged, &deaf).await;
        subscribe(&application, NotifyType::DeviceInfoChanged, &failing.url("/")).await;
        for name in ["a", "b", "c"] {
            rename(&application, &device, name).await;
        }
        receiver.await_count(1).await;
        attempts(&platform, &failing.url("/"), 1).await;
        let (status, answer) = application.call(Op::DeleteSubscriptions, &[], Value::Null).await;
        assert_eq!(status, 204, "{answer}");
        permits.add_permits(10);
        assert!(platform.pushes_settled(DEADLINE).await);
        platform.advance(Duration::from_secs(3600));
        assert!(platform.pushes_settled(DEADLINE).await);
        assert_eq!(platform.pushes().waiting, 0);
        assert_eq!(names(&platform.journal().pushes_to(&deaf)), ["a"], "only what was under way");
        let failed = names(&platform.journal().pushes_to(&failing.url("/")));
        let expected: &[&str] = if retries == PushRetries::None { &["a", "b", "c"] } else { &["a"] };
        assert!(expected.starts_with(&failed.iter().map(String::as_str).collect::<Vec<_>>()), "{failed:?}");
    }
}

/// Two applications that do not see each other may listen at one address.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_laid_to_the_application_that_it_tells() {
    let platform = Platform::builder().start().await.unwrap();
    let receiver = Receiver::start(Temper::Answers(200)).await;
    let stranger = Application::log_in_as(&platform, platform.create_application()).await;
    let application = Application::log_in(&platform).await;
    for subscriber in [&stranger, &application] {
        subscribe(subscriber, NotifyType::DeviceAdded, &receiver.url("/")).await;
    }
    let (device, _) = application.register(&platform, "node").await;
    let push = platform.journal().await_push("device_added", &device, DEADLINE).await.unwrap();
    assert_eq!(push.application.as_ref(), Some(&application.credentials().id));
    assert_eq!(platform.journal().pushes_to(&receiver.url("/")).len(), 1);
}

/// An application may not do by its callback what only the platform's owner can do.
#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_is_no_callback() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let reset = format!("{}/_mock/reset", platform.control_url());
    subscribe(&application, NotifyType::DeviceAdded, &reset).await;
    let (device, _) = application.register(&platform, "node").await;
    let push = attempts(&platform, &reset, 1).await.remove(0);
    assert!(!push.sent && push.error.as_ref().unwrap().contains("control plane"), "{push:?}");
    let (status, _) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(status, 200, "the world is still there");
}
