//! The control plane is as its document says, and lets in nobody that it shouldn't.

use std::collections::BTreeSet;

use iotdm_mock::{Platform, StartError, control_document};
use iotdm_spec::Op;
use iotdm_tests::Application;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

async fn platform() -> Platform {
    iotdm_tests::install_crypto();
    Platform::builder().seed(7).frozen_at("20200214T080000Z").unwrap().start().await.unwrap()
}

fn request(platform: &Platform, method: &str, path: &str) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().unwrap();
    client.request(method.parse().unwrap(), format!("{}{path}", platform.control_url()))
}

#[test]
fn the_golden_is_what_the_control_plane_says_of_itself() {
    let text = format!("{:#}\n", control_document());
    iotdm_tests::golden::document("control.json", &text, "control_plane", "");
}

/// The operations of the document: path, method and what is said of it.
fn operations(document: &Value) -> Vec<(String, Method, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((path.clone(), method.to_uppercase().parse().unwrap(), operation.clone()));
        }
    }
    // What removes things comes last, and the reset after that.
    operations.sort_by_key(|(path, method, _)| (path.ends_with("/reset"), *method == Method::DELETE));
    operations
}

/// Which members of a value its schema does not know.
fn undocumented(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(choice) = schema["anyOf"].as_array() {
        let each = choice.iter().map(|one| undocumented(one, value, at));
        return each.min_by_key(Vec::len).unwrap_or_default();
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut wrong = Vec::new();
    if schema["type"].as_str().is_some_and(|wanted| wanted != kind) {
        wrong.push(format!("{at} is no {}: {value}", schema["type"]));
    }
    if schema.get("const").is_some_and(|only| only != value)
        || schema["enum"].as_array().is_some_and(|words| !words.contains(value))
    {
        wrong.push(format!("{at} can't be {value}"));
    }
    if let (Some(properties), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
        let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        wrong.extend(needed.filter(|name| !members.contains_key(*name)).map(|name| format!("{at}.{name} is missing")));
        // Entries of the journal have more members than their kind tells.
        let open = properties.contains_key("seq") && !properties.contains_key("line");
        for (name, value) in members {
            match properties.get(name) {
                Some(schema) => wrong.extend(undocumented(schema, value, &format!("{at}.{name}"))),
                None if open => {}
                None => wrong.push(format!("{at}.{name} is not told of")),
            }
        }
    }
    for value in value.as_array().into_iter().flatten() {
        wrong.extend(undocumented(&schema["items"], value, &format!("{at}[]")));
    }
    wrong
}

/// A platform with something of everything, and the names that samples have for it.
struct Furnished {
    platform: Platform,
    device: String,
    simulated: String,
}

impl Furnished {
    async fn new() -> Self {
        let platform = platform().await;
        let application = Application::log_in(&platform).await;
        let (device, _) = application.register(&platform, "lamp").await;
        let body = json!({ "nodeId": "meter", "productId": platform.lwm2m_product_id(), "timeout": 0 });
        let (status, answer) = application.call(Op::RegisterByVerifyCode, &[], body).await;
        assert_eq!(status, 200, "{answer}");
        let simulated = answer["deviceId"].as_str().unwrap().to_owned();
        Self { platform, device, simulated }
    }

    /// The path with real ids.
    fn path(&self, path: &str) -> String {
        let simulated = ["/online", "/offline", "/report", "/inbox", "/inbox/{entry}", "/autopilot"];
        let is_simulated = simulated.iter().any(|end| path.ends_with(end));
        let id = match path.split('/').nth(2).unwrap() {
            "devices" if is_simulated => &self.simulated,
            "devices" => &self.device,
            "products" if is_simulated => self.platform.lwm2m_product_id(),
            "products" => self.platform.product_id(),
            "applications" => &self.platform.authorized().id,
            "lora-servers" => &self.platform.lora().server,
            _ => "1",
        };
        let path = path.replace("{id}", id).replace("{entry}", "command").replace("{number}", "1");
        path.replace("{file_id}", self.platform.firmware_package_id())
    }

    fn named(&self, text: &str) -> String {
        let platform = &self.platform;
        let text = text.replace("$OWNER", &platform.application().id).replace("$TO", &platform.stranger().id);
        text.replace("$LWM2M", platform.lwm2m_product_id()).replace("$APPLICATION", &platform.application().id)
    }
}

/// What can't succeed here: nobody is connected, nothing waits, what was ordered is gone.
const CONFLICTS: [&str; 7] = [
    "DELETE /_mock/devices/{id}/faults/{number}",
    "DELETE /_mock/faults/{id}",
    "DELETE /_mock/force/{id}",
    "POST /_mock/devices/{id}/commands",
    "POST /_mock/devices/{id}/disconnect",
    "POST /_mock/devices/{id}/inbox/{entry}",
    // A whole world is too long for a sample.
    "PUT /_mock/state",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_path_of_the_document_is_served_as_it_says() {
    let house = Furnished::new().await;
    let document: Value =
        request(&house.platform, "GET", "/_mock/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(document, control_document());
    let (mut wrong, mut refused) = (Vec::new(), BTreeSet::new());
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let mut call = request(&house.platform, method.as_str(), &house.path(&path));
        let content = &operation["requestBody"]["content"]["application/json"];
        if let Some(sample) = content.get("example") {
            wrong.extend(undocumented(&content["schema"], sample, &format!("sample of {what}: ")));
            call = call.body(house.named(&sample.to_string()));
        }
        let answer = call.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{what}: {e}: {text}"));
        if status == StatusCode::OK {
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            wrong.extend(undocumented(schema, &body, &what));
            continue;
        }
        let reason = body["error"].as_str().unwrap_or_default();
        assert!(status != StatusCode::METHOD_NOT_ALLOWED && !reason.contains("has no path"), "{what}: {reason}");
        assert!(!reason.contains("the body is not what is wanted"), "{what}: {reason}");
        if !CONFLICTS.contains(&what.as_str()) {
            refused.insert(format!("{what}: {status} {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused.is_empty(), "samples that are refused: {refused:#?}");
    house.platform.stop().await;
}

/// The members that a reader of JSON says it would have taken.
fn expected(reason: &str) -> Option<BTreeSet<String>> {
    let (_, known) = reason.split_once("expected ")?;
    let known: BTreeSet<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    (!known.is_empty()).then_some(known)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_body_has_the_members_that_the_document_says() {
    let house = Furnished::new().await;
    let mut compared = 0;
    for (path, method, operation) in operations(&control_document()) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let variants = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        let told: BTreeSet<String> =
            variants.iter().filter_map(|v| v["properties"].as_object()).flat_map(|p| p.keys().cloned()).collect();
        if told.is_empty() {
            continue;
        }
        let call = request(&house.platform, method.as_str(), &house.path(&path)).body("{\"no such member\": 0}");
        let answer = call.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{method} {path} takes what it does not tell of: {body}");
        let reason = body["error"].as_str().unwrap();
        if let Some(known) = expected(reason) {
            assert_eq!(told, known, "{method} {path}: {reason}");
            compared += 1;
        }
    }
    assert!(compared > 15, "only {compared} bodies were compared");
    house.platform.stop().await;
}

/// What a schema takes, made up.
fn made_up(schema: &Value) -> Value {
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    match (schema["type"].as_str(), schema["properties"].as_object()) {
        (Some("object"), Some(members)) => {
            // Of a common member something real would have to exist.
            let own = members
                .iter()
                .filter(|(name, _)| !["operation", "application", "packet", "peer"].contains(&name.as_str()));
            own.map(|(name, schema)| (name.clone(), made_up(schema))).collect()
        }
        _ => json!(3),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_can_be_ordered_as_the_document_says() {
    let house = Furnished::new().await;
    let document = control_document();
    for path in ["/_mock/faults", "/_mock/devices/{id}/faults"] {
        let schema = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let path = house.path(path);
        let mut told = BTreeSet::new();
        for variant in schema["anyOf"].as_array().unwrap() {
            let order = made_up(variant);
            told.insert(order["fault"].as_str().unwrap().to_owned());
            let answer = request(&house.platform, "POST", &path).json(&order).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert_eq!(status, 200, "{order}: {text}");
        }
        let unknown = request(&house.platform, "POST", &path).json(&json!({ "fault": "xyzzy" })).send().await.unwrap();
        let (_, reason) = words(unknown).await;
        let known = reason.split_once(" are ").unwrap().1.split(", ").map(str::to_owned).collect();
        assert_eq!(told, known, "{reason}");
    }
    house.platform.stop().await;
}

/// What is refused is not allowed by the document either: a flag that says what to do is true, or not there.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_is_false_is_no_act() {
    let house = Furnished::new().await;
    let path = "/_mock/devices/{id}/inbox/{entry}";
    let schema =
        &control_document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
    for act in ["acknowledge", "accept", "refuse", "ignore"] {
        let (done, left) = (json!({ act: true }), json!({ act: false }));
        assert_eq!(undocumented(schema, &done, act), Vec::<String>::new());
        assert!(!undocumented(schema, &left, act).is_empty(), "the document allows {left}");
        let answer = request(&house.platform, "POST", &house.path(path)).json(&left).send().await.unwrap();
        let (status, reason) = words(answer).await;
        assert!(status == 400 && reason.starts_with("exactly one of these is wanted"), "{left}: {status} {reason}");
    }
    house.platform.stop().await;
}

async fn words(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["error"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn off_loopback_it_takes_a_token() {
    iotdm_tests::install_crypto();
    let everywhere = ([0, 0, 0, 0], 0).into();
    let unguarded = Platform::builder().control(everywhere).start().await;
    assert!(matches!(unguarded, Err(StartError::ControlUnguarded(_))), "{unguarded:?}");
    let weak = Platform::builder().control_token("secret").start().await;
    assert!(matches!(weak, Err(StartError::ControlToken(_))), "{weak:?}");

    let token = iotdm_mock::fresh_token();
    let builder = Platform::builder().control(everywhere).control_token(&token);
    assert!(!format!("{builder:?}").contains(&token), "a token is not shown");
    let platform = builder.start().await.unwrap();
    let ask = |path: &str| request(&platform, "GET", path);
    let without = ask("/_mock/clock").send().await.unwrap();
    assert_eq!(without.headers()["www-authenticate"], "Bearer");
    let (status, reason) = words(without).await;
    assert_eq!(status, 401);
    assert!(reason.contains("wants its token"), "{reason}");
    for path in ["/_mock/", "/_mock/openapi.json", "/_mock/journal", "/nowhere"] {
        assert_eq!(ask(path).send().await.unwrap().status(), 401, "{path}");
        let wrong = ask(path).bearer_auth(&token[1..]).send().await.unwrap();
        assert_eq!(wrong.status(), 401, "{path}");
    }
    let page = ask("/_mock/").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200, "the page asks for the token");
    assert_eq!(ask("/_mock/clock").bearer_auth(&token).send().await.unwrap().status(), 200);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_names_and_foreign_pages_are_refused() {
    iotdm_tests::install_crypto();
    let platform = Platform::builder().control_name("mock.example").start().await.unwrap();
    let port = platform.control_url().rsplit(':').next().unwrap().to_owned();
    for (host, fine) in [
        (format!("127.0.0.1:{port}"), true),
        (format!("localhost:{port}"), true),
        ("LOCALHOST".to_owned(), true),
        ("[::1]:80".to_owned(), true),
        ("192.0.2.7".to_owned(), true),
        (format!("Mock.Example:{port}"), true),
        (format!("evil.example:{port}"), false),
        ("127.0.0.1.evil.example".to_owned(), false),
        ("localhost.evil.example".to_owned(), false),
        ("mock.example.evil".to_owned(), false),
    ] {
        let (status, reason) =
            words(request(&platform, "GET", "/_mock/").header("Host", &host).send().await.unwrap()).await;
        assert_eq!(status, if fine { 200 } else { 403 }, "{host}: {reason}");
    }

    let own = platform.control_url();
    for (name, value, fine) in [
        ("Origin", own.as_str(), true),
        ("Origin", "http://evil.example", false),
        ("Origin", "https://127.0.0.1", false),
        ("Origin", "null", false),
        ("Sec-Fetch-Site", "same-origin", true),
        ("Sec-Fetch-Site", "none", true),
        ("Sec-Fetch-Site", "cross-site", false),
        ("Sec-Fetch-Site", "same-site", false),
    ] {
        let call = request(&platform, "POST", "/_mock/clock").body(r#"{"advance_seconds": 1}"#).header(name, value);
        let answer = call.send().await.unwrap();
        assert!(!answer.headers().keys().any(|name| name.as_str().starts_with("access-control")), "no CORS");
        let (status, reason) = words(answer).await;
        assert_eq!(status, if fine { 200 } else { 403 }, "{name}: {value}: {reason}");
    }
    let preflight = request(&platform, "OPTIONS", "/_mock/clock").header("Origin", "http://evil.example");
    assert_eq!(preflight.send().await.unwrap().status(), 403);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_get_a_page_that_needs_nobody() {
    let platform = platform().await;
    let page = request(&platform, "GET", "/_mock/").header("Accept", "text/html,*/*;q=0.8").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text().await.unwrap();
    assert!(text.len() < 40_000, "{} bytes", text.len());
    for foreign in ["http://", "https://", "src=", "innerHTML", "insertAdjacentHTML", "eval("] {
        assert!(!text.contains(foreign), "the page has {foreign}");
    }
    let json: Value = request(&platform, "GET", "/_mock/").send().await.unwrap().json().await.unwrap();
    assert_eq!(json["base_url"], platform.base_url());
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_listed_in_pages_and_searched() {
    let house = Furnished::new().await;
    let application = Application::log_in(&house.platform).await;
    for number in 0..60 {
        application.register(&house.platform, &format!("sensor-{number}")).await;
    }
    let list = async |query: &str| -> Value {
        let answer = request(&house.platform, "GET", &format!("/_mock/devices{query}")).send().await.unwrap();
        answer.json().await.unwrap()
    };
    let (first, second) = (list("").await, list("?page=1").await);
    let ids = |page: &Value| -> BTreeSet<String> {
        page["devices"].as_array().unwrap().iter().map(|d| d["deviceId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((&first["total"], ids(&first).len(), ids(&second).len()), (&json!(62), 50, 12));
    assert!(ids(&first).is_disjoint(&ids(&second)));
    assert_eq!(ids(&list("?page=2").await).len(), 0);
    assert_eq!(ids(&list("?page=18446744073709551615").await).len(), 0);
    let found = list("?search=SENSOR-5").await;
    assert_eq!((&found["total"], &found["complete"]), (&json!(11), &json!(true)), "5 and 50 to 59");
    assert_eq!(ids(&list(&format!("?search={}", house.device)).await), BTreeSet::from([house.device.clone()]));
    let strangers = format!("?application={}", house.platform.stranger().id);
    assert_eq!(list(&strangers).await["total"], 0);
    assert!(list("?pages=1").await["error"].as_str().unwrap().contains("page, search and application"));
    assert_eq!(house.platform.devices(0, "").total, 62);
    house.platform.stop().await;
}

/// Refusals of the control plane are for people: JSON, a status that fits, and no word of Rust.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_in_words() {
    let house = Furnished::new().await;
    let sub_devices = format!("/_mock/devices/{}/sub-devices", house.device);
    let autopilot = format!("/_mock/devices/{}/autopilot", house.simulated);
    let application = format!("/_mock/applications/{}", house.platform.application().id);
    let (long, fitting) =
        (json!({"nodeId": "n".repeat(257)}).to_string(), json!({"nodeId": "n".repeat(256)}).to_string());
    let cases = [
        ("GET", "/_mock/devices/%FF", "", 400, "the path is no UTF-8"),
        ("GET", "/_mock/devices/%E4%B8%AD", "", 404, "no device has the id"),
        ("POST", "/_mock/clock", "[1, null, null]", 400, "the body is a JSON object here, not a list"),
        ("POST", "/_mock/clock", "7", 400, "the body is a JSON object here, not a number"),
        ("POST", "/_mock/clock", "{", 400, "the body is no JSON"),
        ("POST", "/_mock/clock", r#"{"advance_seconds": "x"}"#, 400, "string \"x\", expected a whole number from 0"),
        ("POST", "/_mock/clock", r#"{"advance_seconds": -1}"#, 400, "`-1`, expected a whole number from 0"),
        ("PUT", &autopilot, r#"{"command": [null, "never"]}"#, 400, "`command`: a list, expected an object"),
        (
            "PUT",
            &autopilot,
            r#"{"online_after": true}"#,
            400,
            "`online_after`: boolean `true`, expected a whole number",
        ),
        ("POST", "/_mock/clock", r#"{"advance": 1}"#, 400, "unknown member `advance`"),
        ("POST", "/_mock/clock", r#"{"set": "99991231T235959Z"}"#, 400, "later than any time"),
        ("POST", "/_mock/clock", r#"{"set": "tomorrow"}"#, 400, "not a time of the form"),
        ("PATCH", &application, r#"{"throttle": {}}"#, 400, "expected a whole number from 0"),
        ("POST", &sub_devices, r#"{"nodeId": ""}"#, 400, "a node id has 1 to 256 characters, and this one has 0"),
        ("POST", &sub_devices, &long, 400, "a node id has 1 to 256 characters, and this one has 257"),
        ("POST", &sub_devices, &fitting, 200, "deviceId"),
        ("POST", &sub_devices, &fitting, 409, "is in use"),
        ("POST", &sub_devices, "{}", 400, "missing member `nodeId`"),
    ];
    for (method, path, body, wanted, said) in cases {
        let call = request(&house.platform, method, path).body(body.to_owned());
        let answer = call.send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, "application/json", "{method} {path} {body}");
        let status = answer.status();
        let json: Value = answer.json().await.unwrap();
        assert_eq!(status, wanted, "{method} {path} {body}: {json}");
        let told = json["error"].as_str().map_or_else(|| json.to_string(), str::to_owned);
        assert!(told.contains(said), "{method} {path} {body}: {told}");
        for rust in ["struct", "u64", "u32", "sequence", "elements"] {
            assert!(!told.contains(rust), "{method} {path} {body}: {told}");
        }
    }
    let large = request(&house.platform, "POST", "/_mock/clock").body(vec![b' '; (1 << 20) + 1]);
    let (status, text) = words(large.send().await.unwrap()).await;
    assert_eq!(status, 413);
    assert!(text.contains("longer than 1 MB"), "{text}");
    house.platform.stop().await;
}
