//! Faults by order at the REST interface, as a client sees them: with reqwest over TLS, and byte by byte
//! over a plain socket.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use iotdm_mock::{ForceOrder, Plan, Platform, RestFault, RestFaultOrder};
use iotdm_spec::model::{ErrorRow, Operation, Place};
use iotdm_spec::{Op, devices, universal};
use iotdm_tests::{Application, DEADLINE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any test waits.
const FOREVER_MS: u64 = 600_000;

/// A platform, an application, a device, and the path on which it is queried.
struct Stage {
    platform: Platform,
    application: Application,
    path: String,
    client: Client,
}

impl Stage {
    async fn set() -> Self {
        let loopback = ([127, 0, 0, 1], 0).into();
        let builder = Platform::builder().seed(11).frozen_at("20260101T000000Z").unwrap();
        let platform = builder.plain_http(loopback).start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let (device, _) = application.register(&platform, "node").await;
        let path = Op::QueryDevice.table().path.replace("{deviceId}", &device);
        let client = Client::builder().no_proxy().build().unwrap();
        Self { platform, application, path, client }
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request =
            self.client.request(method.parse().unwrap(), format!("{}/_mock{path}", self.platform.control_url()));
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Orders a fault over the control plane; gives its number.
    async fn order(&self, fault: Value) -> u64 {
        let (status, answer) = self.control("POST", "/faults", fault).await;
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_u64().unwrap()
    }

    fn struck(&self, id: u64) -> u32 {
        self.platform.rest_faults().into_iter().find(|order| order.id == id).unwrap().struck
    }

    /// Queries the device over TLS; the body's text, or why there is none.
    async fn query(&self) -> Result<(StatusCode, String), reqwest::Error> {
        let answer = self.application.request("GET", &self.path).send().await?;
        let status = answer.status();
        Ok((status, answer.text().await?))
    }

    /// What the device's query answers soundly.
    async fn sound(&self) -> String {
        self.query().await.unwrap().1
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.platform.plain_http().unwrap()).await.unwrap()
    }

    /// Queries the device over a plain socket of its own; the bytes, and how they ended.
    async fn query_bytes(&self) -> (String, Ended) {
        let mut stream = self.connect().await;
        stream.write_all(self.application.raw_get(&self.path).as_bytes()).await.unwrap();
        read_to_end(&mut stream).await
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Closed,
    Reset,
}

async fn read_to_end(stream: &mut TcpStream) -> (String, Ended) {
    let mut bytes = Vec::new();
    let end = timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.expect("an end in time");
    let ended = match end {
        Ok(_) => Ended::Closed,
        Err(e) if e.kind() == ErrorKind::ConnectionReset => Ended::Reset,
        Err(e) => panic!("{e}"),
    };
    (String::from_utf8(bytes).unwrap(), ended)
}

/// Reads until the text so far ends in `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with(end) {
        let read = timeout(DEADLINE, stream.read(&mut buffer)).await.expect("bytes in time").unwrap();
        assert!(read > 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    text
}

fn row_body(row: &ErrorRow) -> String {
    json!({ "error_code": row.code, "error_desc": row.desc }).to_string()
}

/// The dullest call of an operation: its path with the placeholders as values, and no body but the
/// caller's name where no header says it.
async fn dull_call(application: &Application, op: Op) -> (StatusCode, String) {
    let table: &Operation = op.table();
    let values: Vec<_> = table.params.iter().filter(|param| param.place == Place::Path).collect();
    let path: Vec<(&str, &str)> = values.iter().map(|param| (param.field.name, param.field.name)).collect();
    let body = if table.is_protected() { Value::Null } else { json!({ "appId": application.credentials().id }) };
    let (status, answer) = application.call(op, &path, body).await;
    (status, answer.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_every_table_is_forced_for_one_application_and_no_other() {
    let stage = Stage::set().await;
    let (mine, other) =
        (&stage.application, Application::log_in_as(&stage.platform, stage.platform.stranger().clone()).await);
    let mut forced = 0;
    for op in Op::ALL.iter().copied() {
        let table = op.table();
        let natural = dull_call(&other, op).await;
        for row in table.errors {
            let order = json!({
                "operation": table.name,
                "http_status": row.http_status,
                "code": row.code,
                "application": mine.credentials().id,
            });
            let (status, answer) = stage.control("POST", "/force", order).await;
            assert_eq!(status, 200, "{answer}");
            assert_eq!(dull_call(&other, op).await, natural, "{} {}: the other application", table.clause, row.code);
            let (status, body) = dull_call(mine, op).await;
            assert_eq!((status.as_u16(), body), (row.http_status, row_body(row)), "{} {}", table.clause, row.name);
            forced += 1;
        }
        assert_eq!(stage.platform.clear_forced(), 0, "each was forced once, and for no other call");
    }
    println!("{forced} rows of {} tables forced, each seen on the wire", Op::ALL.len());
    assert_eq!(forced, Op::ALL.iter().map(|op| op.table().errors.len()).sum::<usize>());
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_forces_every_row_a_line_each_in_its_order_and_again_after_a_reset() {
    let line = |op: &Op, row: &ErrorRow| {
        let name = op.table().name;
        format!("  - {{operation: {name}, http_status: {}, code: '{}'}}\n", row.http_status, row.code)
    };
    let lines = Op::ALL.iter().flat_map(|op| op.table().errors.iter().map(move |row| line(op, row)));
    let plan = Plan::parse("plan.yaml", &format!("force:\n{}", lines.collect::<String>())).unwrap();
    let platform = Platform::builder().seed(11).plan(plan).start().await.unwrap();
    let all = platform.forced().len();
    // The login is one of those that are forced.
    let rows_of_login = Op::Login.table().errors.len();
    for _ in 0..rows_of_login {
        let id =
            platform.forced().into_iter().find(|order| serde_json::to_value(order).unwrap()["operation"] == "login");
        platform.remove_forced(id.unwrap().id).unwrap();
    }
    let application = Application::log_in(&platform).await;
    for op in Op::ALL.iter().copied().filter(|op| *op != Op::Login) {
        for row in op.table().errors {
            let (status, body) = dull_call(&application, op).await;
            assert_eq!((status.as_u16(), body), (row.http_status, row_body(row)), "{}", op.table().clause);
        }
    }
    assert_eq!(platform.clear_forced(), 0, "every line has struck");
    platform.reset();
    assert_eq!(platform.forced().len(), all, "a reset takes the plan up again");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_and_taken_back_one_or_all() {
    let stage = Stage::set().await;
    let row = devices::delete_device::error::INTERNAL.row();
    let first = stage.platform.force(ForceOrder::new(Op::DeleteDevice, row).times(2)).unwrap().id;
    let mine = stage.application.credentials().id.clone();
    let second = stage.platform.force(ForceOrder::new(Op::DeleteDevice, row).application(&mine)).unwrap().id;
    assert_eq!(dull_call(&stage.application, Op::DeleteDevice).await.1, row_body(&row));
    let (_, list) = stage.control("GET", "/force", Value::Null).await;
    let expected = json!([
        {"id": first, "operation": "delete_device", "http_status": row.http_status, "code": row.code, "times": 2,
         "application": null, "struck": 1},
        {"id": second, "operation": "delete_device", "http_status": row.http_status, "code": row.code, "times": 1,
         "application": mine, "struck": 0},
    ]);
    assert_eq!(list["force"], expected);
    let (status, _) = stage.control("DELETE", &format!("/force/{second}"), Value::Null).await;
    assert_eq!(status, 200);
    let (status, answer) = stage.control("DELETE", &format!("/force/{second}"), Value::Null).await;
    assert_eq!((status.as_u16(), answer["error"].as_str().unwrap().contains("no order")), (404, true), "{answer}");
    let (_, answer) = stage.control("DELETE", "/force", Value::Null).await;
    assert_eq!(answer, json!({"forgotten": 1}));

    let fault = stage.order(json!({"operation": "query_device", "fault": "truncated_json", "times": "always"})).await;
    for _ in 0..3 {
        stage.query().await.unwrap();
    }
    let (_, list) = stage.control("GET", "/faults", Value::Null).await;
    let expected = json!([{"id": fault, "operation": "query_device", "fault": "truncated_json", "times": "always",
                           "application": null, "struck": 3}]);
    assert_eq!(list["faults"], expected);
    stage.control("DELETE", &format!("/faults/{fault}"), Value::Null).await;
    assert!(serde_json::from_str::<Value>(&stage.sound().await).is_ok());
    assert_eq!(stage.control("DELETE", "/faults", Value::Null).await.1, json!({"removed": 0}));
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_is_refused_with_what_could_be_meant() {
    let stage = Stage::set().await;
    for (path, order, status, said) in [
        ("/faults", json!({"fault": "latncy", "ms": 1}), 400, "did you mean `latency`"),
        ("/faults", json!({"fault": "latency", "ms": 1, "tims": 3}), 400, "did you mean `times`"),
        (
            "/faults",
            json!({"fault": "latency", "ms": 1, "operation": "query_devic"}),
            404,
            "did you mean \"query_device\"",
        ),
        ("/faults", json!({"fault": "latency", "ms": 600_001}), 400, "ms: at most"),
        ("/force", json!({"operation": "login", "http_status": 400, "code": "1"}), 404, "no error row 400/1"),
        ("/force", json!({"operation": "login", "http_status": 400, "cod": "1"}), 400, "did you mean `code`"),
    ] {
        let (answered, answer) = stage.control("POST", path, order).await;
        assert_eq!(answered, status, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(said), "{answer}");
    }
    assert!(stage.platform.rest_fault(RestFaultOrder::new(RestFault::Chunked { bytes: 0 })).is_err());
    assert!(stage.platform.rest_faults().is_empty() && stage.platform.forced().is_empty());
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_is_late_by_as_much_as_was_said_and_delays_nobody_else() {
    let stage = Stage::set().await;
    let id = stage.order(json!({"operation": "query_device", "fault": "latency", "ms": 150, "times": 2})).await;
    for _ in 0..2 {
        let began = Instant::now();
        stage.query().await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(150));
    }
    assert_eq!(stage.struck(id), 2);
    stage.order(json!({"operation": "query_device", "fault": "jitter", "min_ms": 120, "max_ms": 130})).await;
    let began = Instant::now();
    stage.query().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(120));

    stage.order(json!({"operation": "query_device", "fault": "latency", "ms": FOREVER_MS})).await;
    tokio::select! {
        _ = stage.query() => panic!("that answer comes too early"),
        () = async {
            // The delayed call has struck, and everybody else is served meanwhile.
            let awaited = |e: &iotdm_mock::Entry| serde_json::to_string(e).unwrap().contains("struck by fault 3: latency");
            stage.platform.journal().wait_for("the strike", DEADLINE, awaited).await.unwrap();
            stage.query().await.unwrap();
            stage.control("GET", "/clock", Value::Null).await;
        } => {}
    }
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_reset_or_closed_in_the_middle() {
    let stage = Stage::set().await;
    let sound = stage.sound().await;

    let id = stage.order(json!({"operation": "query_device", "fault": "connection_reset", "times": 2})).await;
    assert_eq!(stage.query_bytes().await, (String::new(), Ended::Reset));
    assert!(stage.query().await.unwrap_err().is_request());
    assert_eq!(stage.struck(id), 2, "a client that doesn't repeat calls by itself");

    stage.order(json!({"operation": "query_device", "fault": "close_in_headers", "times": 2})).await;
    let (text, ended) = stage.query_bytes().await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n"), "{text:?}");
    assert_eq!(ended, Ended::Closed);
    assert!(stage.query().await.unwrap_err().is_request());

    stage.order(json!({"operation": "query_device", "fault": "close_in_body", "times": 2})).await;
    let (text, ended) = stage.query_bytes().await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", sound.len())), "{head}");
    assert_eq!((body, ended), (&sound[..sound.len() / 2], Ended::Closed));
    assert!(stage.query().await.unwrap_err().is_body_or_decode());

    assert_eq!(stage.sound().await, sound, "and then all is well again");
    stage.platform.stop().await;
}

trait BodyError {
    fn is_body_or_decode(&self) -> bool;
}

impl BodyError for reqwest::Error {
    fn is_body_or_decode(&self) -> bool {
        self.is_body() || self.is_decode()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_broken_in_a_sound_message() {
    let stage = Stage::set().await;
    let sound = stage.sound().await;
    stage.order(json!({"operation": "query_device", "fault": "truncated_json"})).await;
    let (status, text) = stage.query().await.unwrap();
    assert_eq!((status.as_u16(), text.as_str()), (200, &sound[..sound.len() / 2]));
    stage.order(json!({"operation": "query_device", "fault": "malformed_json"})).await;
    let (_, text) = stage.query().await.unwrap();
    assert!(text.len() == sound.len() && serde_json::from_str::<Value>(&text).is_err(), "{text}");
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_length_is_wrong_in_both_directions() {
    let stage = Stage::set().await;
    let sound = stage.sound().await;
    let too_large =
        |hold_ms: u64| json!({"operation": "query_device", "fault": "content_length_too_large", "hold_ms": hold_ms});
    stage.order(too_large(50)).await;
    let (text, ended) = stage.query_bytes().await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", sound.len() + 16)), "{head}");
    assert_eq!((body, ended), (sound.as_str(), Ended::Closed));
    stage.order(too_large(50)).await;
    assert!(stage.query().await.unwrap_err().is_body_or_decode());
    // A client that has no time-out of its own waits as long as the connection stays open.
    stage.order(too_large(FOREVER_MS)).await;
    let mut stream = stage.connect().await;
    stream.write_all(stage.application.raw_get(&stage.path).as_bytes()).await.unwrap();
    read_until(&mut stream, &sound).await;
    let more = timeout(Duration::from_millis(100), stream.read(&mut [0; 16])).await;
    assert!(more.is_err(), "it stays open, and nothing comes: {more:?}");

    stage.order(json!({"operation": "query_device", "fault": "content_length_too_small", "times": 2})).await;
    assert_eq!(stage.query().await.unwrap().1, sound[..sound.len() / 2]);
    let mut stream = stage.connect().await;
    stream.write_all(stage.application.raw_get(&stage.path).as_bytes()).await.unwrap();
    let text = read_until(&mut stream, &sound).await;
    assert!(text.contains(&format!("content-length: {}\r\n", sound.len() / 2)), "{text}");
    // What came too much lies before the next answer, if a client takes this connection again.
    stream.write_all(stage.application.raw_get(&stage.path).as_bytes()).await.unwrap();
    assert!(read_until(&mut stream, &sound).await.starts_with("HTTP/1.1 200"));
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_drop_by_drop_or_in_chunks() {
    let stage = Stage::set().await;
    let sound = stage.sound().await;
    stage.order(json!({"operation": "query_device", "fault": "slow_drip", "bytes": 40, "ms": 20, "times": 2})).await;
    let mut stream = stage.connect().await;
    let began = Instant::now();
    stream.write_all(stage.application.raw_get(&stage.path).as_bytes()).await.unwrap();
    let mut first = [0; 4096];
    let read = stream.read(&mut first).await.unwrap();
    assert_eq!(read, 40, "the first drop");
    let rest = read_until(&mut stream, &sound).await;
    let pauses = u32::try_from((40 + rest.len() - 1) / 40).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(20) * pauses, "{pauses} pauses");
    assert_eq!(stage.query().await.unwrap().1, sound, "over TLS it is whole in the end, too");

    stage.order(json!({"operation": "query_device", "fault": "chunked", "bytes": 10, "times": 2})).await;
    stream.write_all(stage.application.raw_get(&stage.path).as_bytes()).await.unwrap();
    let text = read_until(&mut stream, "\r\n0\r\n\r\n").await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "{head}");
    assert!(body.starts_with(&format!("a\r\n{}\r\na\r\n", &sound[..10])), "{body}");
    assert_eq!(stage.query().await.unwrap().1, sound);
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_sent_ahead_get_their_answers_in_order_whatever_strikes_one() {
    let stage = Stage::set().await;
    let sound = stage.sound().await;
    let list = stage.application.raw_get(&format!("{}?pageNo=0", Op::QueryDevices.table().path));
    let one = stage.application.raw_get(&stage.path);
    stage.order(json!({"operation": "query_device", "fault": "slow_drip", "bytes": 64, "ms": 1})).await;
    let mut stream = stage.connect().await;
    stream.write_all(format!("{list}{one}{list}{one}").as_bytes()).await.unwrap();
    // Whatever comes first is whole before what comes second begins.
    let mut text = String::new();
    while text.matches("HTTP/1.1 200 OK").count() < 4 || !text.ends_with(&sound) {
        text.push_str(&read_until(&mut stream, "}").await);
    }
    let answers: Vec<_> = text.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    for (answer, has) in answers.iter().zip(["totalCount", "", "totalCount", ""]) {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
        assert!(if has.is_empty() { body == sound } else { body.contains(has) }, "{answer}");
    }
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_members_that_are_unheard_of_or_null() {
    let stage = Stage::set().await;
    let sound: Value = stage.sound().await.parse().unwrap();
    let query = async || -> Value { stage.query().await.unwrap().1.parse().unwrap() };
    stage.order(json!({"operation": "query_device", "fault": "extra_members"})).await;
    let mut extra = query().await;
    for object in ["", "/deviceInfo"] {
        let object = extra.pointer_mut(object).unwrap().as_object_mut().unwrap();
        let before = object.len();
        object.retain(|name, _| !name.starts_with("unheardOf"));
        assert_eq!(before - object.len(), 3);
    }
    assert_eq!(extra, sound, "nothing else has changed");

    stage.order(json!({"operation": "query_device", "fault": "null_members"})).await;
    let nulls = query().await;
    assert!(nulls["deviceInfo"]["nodeId"].is_null() && nulls["deviceInfo"].is_object(), "{nulls}");
    for field in Op::QueryDevice.table().response.iter().filter(|f| !f.is_required() && f.members.is_empty()) {
        assert!(nulls.get(field.name).is_some_and(Value::is_null), "{}: {nulls}", field.name);
    }
    // A refusal has no members that could be left out: the fault waits for an answer that has.
    let id = stage.order(json!({"operation": "query_device", "fault": "null_members"})).await;
    let unknown = stage.application.call(Op::QueryDevice, &[("deviceId", "unknown")], Value::Null).await;
    assert!(unknown.1["error_code"].is_string() && stage.struck(id) == 0);
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_say_of_what_type_it_is() {
    let stage = Stage::set().await;
    stage.order(json!({"operation": "query_device", "fault": "no_content_type"})).await;
    let answer = stage.application.request("GET", &stage.path).send().await.unwrap();
    assert!(answer.headers().get("content-type").is_none());
    let answer = stage.application.request("GET", &stage.path).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], universal::CONTENT_TYPE);
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_answers_token_and_throttle_errors_in_its_own_shape() {
    let stage = Stage::set().await;
    let id = stage.order(json!({"fault": "gateway_error"})).await;
    assert!(stage.query().await.unwrap().0.is_success() && stage.struck(id) == 0, "there is no error to reshape");
    let stranger = async |platform: &Platform| {
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}{}", platform.plain_http().unwrap(), stage.path);
        let answer = request.get(url).header("app_key", "x").header("Authorization", "Bearer x").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let row = universal::token_invalid(Op::QueryDevice.table());
    let reshaped = format!(r#"{{"resultcode":"{}","resultmsg":"{}"}}"#, row.code, row.desc);
    assert_eq!(stranger(&stage.platform).await, (row.http_status, reshaped.clone()));
    assert_eq!(stranger(&stage.platform).await, (row.http_status, row_body(&row)), "once only");

    let builder = Platform::builder().gateway_errors().throttle(1).plain_http(([127, 0, 0, 1], 0).into());
    let platform = builder.start().await.unwrap();
    assert_eq!(stranger(&platform).await, (row.http_status, reshaped));
    let application = Application::log_in(&platform).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(application.call(Op::QueryDevice, &[("deviceId", "unknown")], Value::Null).await.1);
    }
    assert!(answers[0]["error_code"].is_string(), "what is no gateway's business keeps its shape");
    let throttled = universal::throttled(Op::QueryDevice.table());
    assert_eq!(answers[1], json!({"resultcode": throttled.code, "resultmsg": throttled.desc}));
    platform.stop().await;
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn congestion_is_answered_with_the_operation_s_row() {
    let stage = Stage::set().await;
    stage.order(json!({"fault": "congestion", "times": "always"})).await;
    let mut own = 0;
    for op in Op::ALL.iter().copied() {
        let row = universal::congested(op.table());
        own += u32::from(op.table().errors.contains(&row));
        let (status, body) = dull_call(&stage.application, op).await;
        assert_eq!((status.as_u16(), body), (503, row_body(&row)), "{}", op.table().clause);
    }
    assert!(own > 0, "some tables have a row of their own");
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_a_rate_are_refused_until_time_passes() {
    let stage = Stage::set().await;
    let mine = stage.application.credentials().id.clone();
    let other = Application::log_in_as(&stage.platform, stage.platform.stranger().clone()).await;
    stage.order(json!({"fault": "throttle", "calls": 2, "seconds": 10, "application": mine})).await;
    let throttled = universal::throttled(Op::QueryDevice.table());
    let refused = async || stage.query().await.unwrap().1 == row_body(&throttled);
    assert_eq!([refused().await, refused().await, refused().await, refused().await], [false, false, true, true]);
    let answer = other.call(Op::QueryDevices, &[("pageNo", "0")], Value::Null).await;
    assert_eq!(answer.0, 200, "the other application: {answer:?}");
    stage.platform.advance(Duration::from_secs(10));
    assert_eq!([refused().await, refused().await, refused().await], [false, false, true]);
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_dies_after_so_many_calls() {
    let stage = Stage::set().await;
    let order = RestFaultOrder::new(RestFault::TokenDies { calls: 2 }).always();
    let id = stage.platform.rest_fault(order.application(&stage.application.credentials().id)).unwrap().id;
    let dead = row_body(&universal::token_invalid(Op::QueryDevice.table()));
    let died = async |application: &Application| {
        let answer = application.request("GET", &stage.path).send().await.unwrap();
        answer.text().await.unwrap() == dead
    };
    for strikes in 1..=2 {
        let application = Application::log_in(&stage.platform).await;
        let calls =
            [died(&application).await, died(&application).await, died(&application).await, died(&application).await];
        assert_eq!((calls, stage.struck(id)), ([false, false, true, true], strikes));
    }
    let last = stage.platform.journal().calls("query_device").pop().unwrap();
    assert_eq!(last.headers.authorization, Some("expired"));
    stage.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_strikes_one_application_and_the_journal_says_so() {
    let stage = Stage::set().await;
    let other = Application::log_in_as(&stage.platform, stage.platform.stranger().clone()).await;
    let mine = stage.application.credentials().id.clone();
    let id = stage.order(json!({"operation": "query_devices", "fault": "malformed_json", "application": mine})).await;
    let (status, answer) = other.call(Op::QueryDevices, &[("pageNo", "0")], Value::Null).await;
    assert_eq!((status.as_u16(), &answer["totalCount"]), (200, &json!(0)));
    let path = format!("{}?pageNo=0", Op::QueryDevices.table().path);
    let text = stage.application.request("GET", &path).send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
    let calls = stage.platform.journal().calls("query_devices");
    let notes: Vec<_> = calls.iter().map(|call| call.notes.clone()).collect();
    assert_eq!(notes, [vec![], vec![format!("struck by fault {id}: malformed_json")]]);
    stage.platform.stop().await;
}
