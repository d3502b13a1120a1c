//! The journal judges: what deviates is noted with the requirement's id, found again and exported.

use std::panic::{AssertUnwindSafe, catch_unwind};

use iotdm_mock::{Deviation, DeviationKind, Event, EventKind, JournalFilter, JournalLimits, Platform};
use iotdm_spec::{Op, requirement};
use iotdm_tests::raw_device::{RawDevice, packet, publish, text};
use iotdm_tests::{Application, DEADLINE};
use serde_json::{Value, json};

async fn house() -> (Platform, Application, String, String) {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let platform = Platform::builder().plain_mqtt(loopback).frozen_at("20200214T080000Z").unwrap();
    let platform = platform.start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (id, secret) = application.register(&platform, "node").await;
    (platform, application, id, secret)
}

/// The deviations of the latest call.
fn latest(platform: &Platform) -> Vec<Deviation> {
    let calls = platform.journal().query(&JournalFilter { kind: Some(EventKind::Call), ..JournalFilter::default() });
    let found = calls.last().map(|entry| entry.event.deviations().to_vec()).unwrap_or_default();
    assert!(found.iter().all(|deviation| requirement::find(deviation.requirement).is_some()), "{found:?}");
    found
}

fn told(found: &[Deviation]) -> Vec<(&'static str, DeviationKind, bool)> {
    found.iter().map(|deviation| (deviation.requirement, deviation.kind, deviation.tolerated)).collect()
}

async fn control(platform: &Platform, query: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{}/_mock/journal{query}", platform.control_url())).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A request, written by hand, with the headers that it says.
async fn send(platform: &Platform, application: &Application, method: &str, path: &str, body: &str) -> Vec<Deviation> {
    application
        .request(method, path)
        .header("Content-Type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    latest(platform)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tolerance_is_noted_with_its_requirement() {
    use DeviationKind as K;
    let (platform, application, id, _) = house().await;
    let device = format!("/iocm/app/dm/v1.4.0/devices/{id}");
    assert_eq!(told(&send(&platform, &application, "GET", &device, "").await), []);
    let slash = send(&platform, &application, "GET", &format!("{device}/?&x=1"), "").await;
    assert_eq!(
        told(&slash),
        [
            ("1.2.1/rule/resource-path-from-uri-row", K::TrailingSlash, true),
            ("1.2.1/rule/query-separators", K::EmptyQueryItem, true),
            ("1.2.1/rule/query-string-optional", K::UnknownMember, true),
        ]
    );
    let register = Op::RegisterByPassword.table().path;
    let body = json!({"deviceInfo": {"nodeId": "n2", "colour": 1, "name": null}, "productId": platform.product_id(),
        "mqttConnect": "true", "appId": application.credentials().id});
    let sloppy = send(&platform, &application, "POST", register, &body.to_string()).await;
    let wanted = [
        ("1.5.2/req/deviceInfo.name", K::ExplicitNull, true),
        ("1.5.2/req/deviceInfo", K::UnknownMember, true),
        ("1.5.2/req/mqttConnect", K::StringlyNumber, true),
    ];
    assert!(wanted.iter().all(|one| told(&sloppy).contains(one)), "{sloppy:?}");
    let missing = send(&platform, &application, "POST", register, r#"{"deviceInfo": {}}"#).await;
    assert_eq!(told(&missing)[0], ("1.5.2/req/deviceInfo.nodeId", K::Missing, false));
    let unreadable = send(&platform, &application, "POST", register, "[1]").await;
    assert_eq!(told(&unreadable), [("1.2.1/rule/body-matches-content-type", K::UnreadableBody, false)]);

    let bare = application.request("POST", register).body(body.to_string()).send().await.unwrap();
    assert_eq!(bare.status(), 400, "the node id is there already");
    assert!(told(&latest(&platform)).contains(&("1.2.1/rule/content-type-others", K::MissingContentType, true)));
    let subscribe = Op::SubscribeManagementData.table().path;
    let body = r#"{"notifyType": "swUpgradeResultNotify", "callbackurl": "http://127.0.0.1:9/x"}"#;
    let alias = send(&platform, &application, "POST", subscribe, body).await;
    assert_eq!(told(&alias), [("1.7.2/req/callbackUrl", K::Alias, true)]);
    let devices = "/iocm/app/dm/v1.4.0/devices?pageNo=0&nodeType=UNKNOWN";
    let spelling = send(&platform, &application, "GET", devices, "").await;
    assert_eq!(told(&spelling), [("1.6.2/req/nodeType", K::OldSpelling, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_forms_are_judged_without_a_token_in_sight() {
    use DeviationKind as K;
    let (platform, application, id, _) = house().await;
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(platform.ca_pem().as_bytes()).unwrap()])
        .no_proxy()
        .build()
        .unwrap();
    let credentials = application.credentials();
    let url = |path: &str| format!("{}{path}", platform.base_url());
    let login = |body: String| client.post(url(Op::Login.table().path)).body(body);
    let form = login(format!("appId={}&Secret={}", credentials.id, credentials.secret));
    let answer: Value = form.header("Content-Type", "text/plain").send().await.unwrap().json().await.unwrap();
    let token = answer["accessToken"].as_str().unwrap().to_owned();
    let found = told(&latest(&platform));
    assert!(found.contains(&("1.2.1/rule/content-type-login", K::WrongContentType, true)), "{found:?}");
    assert!(found.contains(&("1.4.1/req/secret", K::FormFieldCase, true)), "{found:?}");
    assert!(!found.contains(&("1.4.1/rule/no-concurrent-login", K::ForbiddenCall, true)), "the earlier was used");
    login(format!("appId={}&secret={}", credentials.id, credentials.secret)).send().await.unwrap();
    let found = told(&latest(&platform));
    assert!(found.contains(&("1.4.1/rule/no-concurrent-login", K::ForbiddenCall, true)), "{found:?}");

    let path = format!("/iocm/app/dm/v1.4.0/devices/{id}?under={token}");
    let call = |authorization: Option<&str>| {
        let call = client.get(url(&path)).header("app_key", &credentials.id);
        authorization.map_or(call.try_clone().unwrap(), |value| call.header("Authorization", value))
    };
    call(Some(&format!("Bearer {token}"))).send().await.unwrap();
    let stale = told(&latest(&platform));
    assert_eq!(stale, [("1.6.1/rule/bearer", K::StaleToken, false)]);
    call(None).send().await.unwrap();
    assert_eq!(told(&latest(&platform)), [("1.2.1/rule/authorization-header", K::MissingHeader, false)]);
    call(Some("nonsense")).send().await.unwrap();
    assert_eq!(told(&latest(&platform)), [("1.6.1/rule/bearer", K::MalformedHeader, false)]);
    call(Some(&format!("bearer  {token}"))).send().await.unwrap();
    assert_eq!(told(&latest(&platform))[0], ("1.6.1/rule/bearer", K::BearerSpacing, true));
    let with_header = |entry: &&iotdm_mock::Entry| {
        matches!(&entry.event, Event::Call(call)
        if call.headers.authorization == Some("superseded"))
    };
    let entries = platform.journal().entries();
    let shown: Vec<_> = entries.iter().filter(with_header).map(|entry| json!(entry).to_string()).collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.iter().all(|entry| !entry.contains(&token)), "a token in the query is one that is in the header");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_the_reference_forbids_are_noted_though_they_succeed() {
    use DeviationKind as K;
    let (platform, application, id, _) = house().await;
    let command = json!({"deviceId": id, "command": {"serviceId": "Light", "method": "SET_LEVEL",
        "paras": {"value": 7}}});
    let create = Op::CreateCommand.table().path;
    let found = told(&send(&platform, &application, "POST", create, &command.to_string()).await);
    assert!(found.contains(&("1.9.1/rule/lwm2m-coap-only", K::ForbiddenCall, true)), "{found:?}");
    let shadow = Op::ModifyShadow.table().path.replace("{deviceId}", &id);
    let wish = json!({"serviceDesireds": [{"serviceId": "Light", "desired": {"brightness": "bright"}}]});
    let found = told(&send(&platform, &application, "PUT", &shadow, &wish.to_string()).await);
    assert!(found.contains(&("1.5.8/rule/lwm2m-only", K::ForbiddenCall, true)), "{found:?}");
    assert!(found.contains(&("1.5.8/rule/desired-pairs", K::BesideModel, true)), "{found:?}");
    let gone = "/iocm/app/dm/v1.4.0/devices/0f3c1b50-52aa-4c6c-8b1c-1d4f0e7a9f11";
    let found = told(&send(&platform, &application, "GET", gone, "").await);
    assert_eq!(found, [("1.6.1/rule/device-of-this-app", K::ForbiddenCall, false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_line_that_leads_nowhere_says_where_it_may_have_been_meant_to_lead() {
    let (platform, application, id, _) = house().await;
    let advice = async |method: &str, path: String| {
        let found = send(&platform, &application, method, &path, "").await;
        (found[0].kind, found[0].text.clone())
    };
    let (kind, text) = advice("GET", format!("/iocm/app/dm/v1.1.0/devices/{id}")).await;
    assert_eq!(kind, DeviationKind::UnknownPath);
    assert!(text.contains("did you mean GET /iocm/app/dm/v1.4.0/devices/{deviceId} (1.6.1 query_device)?"), "{text}");
    assert!(text.ends_with("the version is v1.4.0, not v1.1.0"), "{text}");
    let (kind, text) = advice("PATCH", format!("/iocm/app/dm/v1.4.0/devices/{id}")).await;
    assert_eq!(kind, DeviationKind::WrongMethod);
    assert!(text.contains("this path knows") && text.contains("DELETE"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_judged_too() {
    use DeviationKind as K;
    let (platform, _, id, secret) = house().await;
    let mut device = RawDevice::log_in(&platform, &id, &secret).await;
    let topic = format!("/huawei/v1/devices/{id}/data/json");
    let reports = [
        r#"{"msgType":"deviceReq","hasMore":0,"data":[{"serviceId":"Light","serviceData":{"power":1},"eventTime":"now"}]}"#,
        r#"{"msgType":"deviceReq","data":[{"serviceId":"Lamp","serviceData":{}}]}"#,
        r#"{"msgType":"deviceRsp","mid":"7","errcode":2}"#,
        "not json",
    ];
    let mut bytes: Vec<u8> = reports.iter().flat_map(|report| publish(&topic, report)).collect();
    bytes.extend(packet(0x82, &[&[0, 2][..], &text("/huawei/v1/devices/other/command/json"), &[1]].concat()));
    bytes.extend([0xe0, 0]);
    device.send(&bytes).await;
    device.end().await;
    let over = |event: &Event| matches!(event, Event::Note(note) if note.text.contains(" is over: "));
    platform.journal().wait_for("the end", DEADLINE, |entry| over(&entry.event)).await.unwrap();
    let notes = JournalFilter { kind: Some(EventKind::Note), ..JournalFilter::deviating() }.of_device(&id);
    let found: Vec<Deviation> =
        platform.journal().query(&notes).iter().flat_map(|entry| entry.event.deviations().to_vec()).collect();
    assert!(found.iter().all(|deviation| requirement::find(deviation.requirement).is_some()), "{found:?}");
    for wanted in [
        ("2.3/req/data[].eventTime", K::WrongForm, true),
        ("2.1/rule/payload-by-agreement", K::UnknownMember, true),
        ("2.3/rule/service-data-by-model", K::BesideModel, false),
        ("2.5/req/mid", K::StringlyNumber, true),
        ("2.5/req/errcode", K::OutOfRange, true),
        ("2.5/rule/mid-echo", K::ForbiddenPacket, false),
        ("2.1/rule/report-payload-json", K::ForbiddenPacket, false),
        ("2.1/rule/subscribe-own-topic", K::ForbiddenPacket, false),
    ] {
        assert!(told(&found).contains(&wanted), "{wanted:?} in {found:#?}");
    }
}

/// Bytes that are not MQTT 3.1.1 are noted alike, whether their sender is let in or not.
#[tokio::test(flavor = "multi_thread")]
async fn bad_packets_are_noted_before_a_device_is_let_in_too() {
    let (platform, _, id, secret) = house().await;
    let hello = |name: &str, level: u8, flags: u8, client_id: &str| {
        packet(0x10, &[&text(name)[..], &[level, flags, 0, 0], &text(client_id)].concat())
    };
    let firsts = [
        (hello("MQTT", 5, 2, "d"), "level 5"),
        (hello("MQIsdp", 3, 2, "d"), "MQIsdp"),
        (hello("MQTT", 4, 3, "d"), "reserved connect flag"),
        (hello("MQTT", 4, 0, ""), "empty client identifier"),
        (vec![0xc0, 0], "isn't CONNECT"),
        (vec![0xf0, 0], "reserved packet type"),
    ];
    for (bytes, word) in &firsts {
        let mut stranger = RawDevice::dial(&platform).await;
        stranger.send(bytes).await;
        stranger.end().await;
        let noted = |entry: &iotdm_mock::Entry| {
            entry.event.deviations().iter().any(|d| {
                (d.requirement, d.kind, d.tolerated) == ("2.1/rule/standard-headers", DeviationKind::BadPacket, false)
                    && d.text.contains(word)
            })
        };
        platform.journal().wait_for(word, DEADLINE, noted).await.unwrap();
    }
    let mut silent = RawDevice::dial(&platform).await;
    silent.send(&iotdm_tests::raw_device::login(&id, &secret, "2018072417", 1)).await;
    silent.end().await;
    let (_, page) = control(&platform, "?kind=note&deviating=true").await;
    let notes = page["entries"].as_array().unwrap();
    assert_eq!(notes.len(), firsts.len() + 1, "{page}");
    assert_eq!(notes.last().unwrap()["deviations"][0]["path"], "keepAlive", "{page}");
    assert_eq!(notes.last().unwrap()["device"], id.as_str(), "{page}");

    let mut generous = RawDevice::log_in(&platform, &id, &secret).await;
    generous.send(&[0x30, 0x80, 0x80, 0x80, 0x01]).await;
    generous.end().await;
    let over = |entry: &iotdm_mock::Entry| matches!(&entry.event, Event::Note(note) if note.text.contains("larger than this platform takes"));
    let entry = platform.journal().wait_for("the end", DEADLINE, over).await.unwrap();
    assert!(entry.event.deviations().is_empty(), "{entry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_counted_and_cleared() {
    let (platform, application, id, _) = house().await;
    let (other, _) = application.register(&platform, "other").await;
    for device in [&id, &other, &id] {
        application.call(Op::QueryDevice, &[("deviceId", device)], Value::Null).await;
    }
    let me = &application.credentials().id;
    let count = async |query: &str| control(&platform, &format!("/count?{query}")).await.1["count"].clone();
    assert_eq!(count("operation=query_device").await, 3);
    assert_eq!(count(&format!("device={id}")).await, 3, "two queries, and the registration by its answer");
    assert_eq!(count(&format!("clause=1.6.1&device={id}&application={me}&status=200")).await, 2);
    assert_eq!(count("operation=query_device&from=20200214T080001Z").await, 0);
    assert_eq!(count("operation=query_device&deviating=true").await, 0);
    let (_, page) = control(&platform, "?kind=call&limit=1").await;
    assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    assert_eq!(page["entries"][0]["operation"], "query_device", "the last one");
    assert_eq!((&page["dropped"], &page["droppedByKind"]["call"]), (&json!(0), &json!(0)));

    for (query, hint) in [
        ("operation=query_devise", "did you mean \\\"query_device\\\"?"),
        ("clause=1.6.11", "there is no clause"),
        ("kind=calls", "did you mean \\\"call\\\"?"),
        ("operatoin=login", "did you mean \\\"operation\\\"?"),
        ("status=abc", "status is a number"),
        ("status=7", "status is an HTTP status"),
        ("from=yesterday", "yyyyMMddTHHmmssZ"),
        ("deviating=yes", "there is no deviating"),
        ("deviation=unknown_membr", "did you mean \\\"unknown_member\\\"?"),
        ("requirement=1.5.2/req/secrat", "did you mean \\\"1.5.2/req/secret\\\"?"),
    ] {
        let (status, answer) = control(&platform, &format!("?{query}")).await;
        assert!(status == 400 && answer["error"].to_string().contains(hint), "{query}: {answer}");
    }

    let journal = platform.journal();
    let filter = JournalFilter::calls("query_device").of_device(&id);
    journal.assert_count(&filter, 2);
    let wrong = filter.clone().answered(404);
    let panic = catch_unwind(AssertUnwindSafe(|| journal.assert_count(&wrong, 1))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("1 entries wanted, 0 found") && message.contains("(status differs)"), "{message}");
    let panic = catch_unwind(AssertUnwindSafe(|| journal.assert_count(&JournalFilter::calls("logn"), 1))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("did you mean \"login\"?"), "{message}");

    let url = format!("{}/_mock/journal", platform.control_url());
    reqwest::Client::new().delete(url).send().await.unwrap();
    assert_eq!(count("kind=call").await, 0);
}

/// HAR 1.2: every member that the format wants is there and has the right type.
#[tokio::test(flavor = "multi_thread")]
async fn the_archive_is_one() {
    let (platform, application, id, secret) = house().await;
    application.call(Op::QueryDevice, &[("deviceId", &id), ("select", "imsi")], Value::Null).await;
    let (status, har) = control(&platform, ".har?kind=call").await;
    assert_eq!(status, 200);
    let log = &har["log"];
    assert!(log["version"] == "1.2" && log["creator"]["name"] == "iotdm" && log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "login, registration, query");
    for entry in entries {
        let number = |value: &Value| value.as_f64().is_some_and(|number| number >= 0.0);
        assert!(entry["startedDateTime"] == "2020-02-14T08:00:00.000Z" && entry["cache"].is_object(), "{entry}");
        let timings = &entry["timings"];
        let parts: f64 = ["send", "wait", "receive"].iter().map(|part| timings[part].as_f64().unwrap()).sum();
        assert!(number(&entry["time"]) && (entry["time"].as_f64().unwrap() - parts).abs() < 1e-6, "{entry}");
        assert!(timings["wait"].as_f64().unwrap() > 0.0, "latencies are measured");
        for side in ["request", "response"] {
            let side = &entry[side];
            assert!(side["httpVersion"] == "HTTP/1.1" && side["cookies"].is_array(), "{side}");
            assert!(side["headersSize"].is_i64() && side["bodySize"].is_u64(), "{side}");
            let headers = side["headers"].as_array().unwrap();
            assert!(headers.iter().all(|header| header["name"].is_string() && header["value"].is_string()));
        }
        let (request, response) = (&entry["request"], &entry["response"]);
        assert!(request["method"].is_string() && request["queryString"].is_array());
        assert!(request["url"].as_str().unwrap().starts_with(platform.base_url()), "{request}");
        assert!(response["status"].is_u64() && response["statusText"].is_string() && response["redirectURL"] == "");
        let content = &response["content"];
        assert!(content["size"].is_u64() && content["mimeType"].is_string() && content["text"].is_string());
        assert!(entry["_iotdm"]["deviations"].is_array() && entry["comment"].is_string());
    }
    assert_eq!(entries[2]["request"]["queryString"], json!([{"name": "select", "value": "imsi"}]));
    assert_eq!(entries[0]["request"]["postData"]["mimeType"], "application/x-www-form-urlencoded");
    let whole = har.to_string();
    assert!(!whole.contains(&secret) && !whole.contains(&application.credentials().secret));
    assert_eq!(platform.journal().har(&JournalFilter::calls("login"))["log"]["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_stays_small_whatever_comes() {
    let limits = JournalLimits { entries: 1000, bytes: 64 << 10, body: 1 << 10 };
    let platform = Platform::builder().journal(limits).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let huge: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("unknown{n}"), json!(n))).collect();
    let register = Op::RegisterByPassword.table().path;
    let found = send(&platform, &application, "POST", register, &Value::Object(huge).to_string()).await;
    assert!(found.len() <= 64, "{}", found.len());
    let Some(Event::Call(call)) = platform.journal().entries().pop().map(|entry| entry.event) else {
        panic!("no call")
    };
    assert!(call.request.len() < 1100 && call.request.ends_with("bytes left out)"), "{}", call.request);
    assert!(call.request_bytes > 100_000);
    for _ in 0..100 {
        send(&platform, &application, "POST", register, &"x".repeat(5000)).await;
    }
    let journal = platform.journal();
    assert!(journal.bytes() <= limits.bytes, "{}", journal.bytes());
    assert!(journal.dropped_by_kind().call > 0 && journal.dropped() == journal.dropped_by_kind().total());
}

/// A reader who begins at the beginning gets the first page, and not the last.
#[tokio::test(flavor = "multi_thread")]
async fn a_given_nought_is_given() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    for node in ["a", "b", "c"] {
        application.register(&platform, node).await;
    }
    let numbers = async |query: &str| -> Vec<u64> {
        let (_, page) = control(&platform, query).await;
        page["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
    };
    let all = numbers("").await;
    assert_eq!(numbers("?since=0&limit=2").await, all[..2]);
    assert_eq!(numbers("?limit=2").await, all[all.len() - 2..]);
    assert_eq!(numbers(&format!("?since={}&limit=2", all[0])).await, all[1..3]);
}
