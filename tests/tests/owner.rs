//! What only the platform's owner can do, as a Rust API and over the control plane.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use iotdm_mock::{Access, ApplicationChange, Credentials, Event, LoraServerChange, OwnerError, Platform};
use iotdm_spec::model::ErrorRow;
use iotdm_spec::{Op, devices, lora, security};
use iotdm_tests::{Application, DEADLINE, install_crypto};
use reqwest::{Client, StatusCode};
use rumqttc::{Event as Mqtt, MqttOptions, Packet};
use serde_json::{Value, json};

const START: &str = "20200214T080000Z";

async fn platform() -> Platform {
    install_crypto();
    let builder = Platform::builder().seed(7).plain_mqtt(([127, 0, 0, 1], 0).into());
    builder.frozen_at(START).unwrap().start().await.unwrap()
}

/// One call of the control plane.
async fn control(platform: &Platform, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.request(method.parse().unwrap(), format!("{}/_mock{path}", platform.control_url()));
    let request = if body.is_null() { request } else { request.json(&body) };
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

fn is_row(answer: &(StatusCode, Value), row: ErrorRow) -> bool {
    answer.0.as_u16() == row.http_status && answer.1["error_code"] == row.code
}

fn gateway(platform: &Platform, owner: Option<&str>, eui: &str) -> Value {
    json!({
        "ownerAppId": owner,
        "loraServerId": platform.lora().server,
        "productId": platform.lora().gateway_product,
        "gatewayEUI": eui,
        "name": "gateway",
    })
}

/// Connects a device; the link ends when the platform ends it.
fn connect(platform: &Platform, device: &str, secret: &str) -> rumqttc::Connection {
    let timestamp = "2020021408";
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(timestamp.as_bytes()).unwrap();
    mac.update(secret.as_bytes());
    let password: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mqtt = platform.plain_mqtt().unwrap();
    let mut options = MqttOptions::new(format!("{device}_0_0_{timestamp}"), mqtt.ip().to_string(), mqtt.port());
    options.set_credentials(device, password);
    rumqttc::Client::new(options, 10).1
}

/// Whether a session is admitted, and then whether it ends within the deadline.
async fn session_ends(mut connection: rumqttc::Connection, end: impl FnOnce()) -> bool {
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for event in connection.iter() {
            let over = event.is_err();
            let admitted = matches!(event, Ok(Mqtt::Incoming(Packet::ConnAck(_))));
            let told = !(over || admitted) || sender.send(admitted).is_ok();
            if over || !told {
                return;
            }
        }
    });
    let mut next = async || tokio::time::timeout(DEADLINE, events.recv()).await.ok().flatten();
    assert_eq!(next().await, Some(true), "the device is admitted");
    end();
    next().await == Some(false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_the_platform_back_to_its_start() {
    let platform = platform().await;
    let application = Application::log_in(&platform).await;
    let (device, secret) = application.register(&platform, "node").await;
    let extra = platform.create_application();
    platform.force_next(Op::QueryDevice, devices::delete_device::error::INTERNAL.row());
    platform.advance(Duration::from_secs(600));
    let connection = connect(&platform, &device, &secret);
    assert!(session_ends(connection, || platform.reset()).await, "its session ends");

    assert_eq!((platform.now().to_string().as_str(), platform.is_frozen()), (START, true), "the clock");
    let stale = application.call(Op::QueryDevices, &[("pageNo", "0")], Value::Null).await;
    assert!(stale.1["error_code"].is_string(), "its token is worth nothing: {stale:?}");
    // The same application, with the same secret, gets the same ids for the same calls.
    let application = Application::log_in(&platform).await;
    let unknown = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert!(is_row(&unknown, devices::delete_device::error::DEVICE_NOT_EXISTED.row()), "{unknown:?}");
    assert_eq!(application.register(&platform, "node").await, (device, secret));
    let known: Vec<String> = platform.list_applications().into_iter().map(|application| application.id).collect();
    assert!(known.len() == 3 && !known.contains(&extra.id));
    let noted = |event: &Event| matches!(event, Event::Note(note) if note.text.contains("reset"));
    assert!(platform.journal().entries().iter().any(|entry| noted(&entry.event)), "the journal stays");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_application_leaves_nothing_behind() {
    let platform = platform().await;
    let (status, created) = control(&platform, "POST", "/applications", json!({ "device_limit": 2 })).await;
    assert_eq!(status, 200, "{created}");
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    let credentials = Credentials { id: text("id"), secret: text("secret") };
    let application = Application::log_in_as(&platform, credentials.clone()).await;
    let body = json!({ "deviceInfo": { "nodeId": "node" }, "mqttConnect": true });
    let (_, device) = application.call(Op::RegisterByPassword, &[], body.clone()).await;
    let (id, secret) = (device["deviceId"].as_str().unwrap(), device["secret"].as_str().unwrap());
    application.call(Op::CreateGroup, &[], json!({ "name": "group", "deviceIds": [id] })).await;
    let (_, list) = control(&platform, "GET", "/applications", Value::Null).await;
    let entry = list["applications"].as_array().unwrap().iter().find(|entry| entry["id"] == text("id")).unwrap();
    assert_eq!((&entry["devices"], &entry["device_limit"]), (&json!(1), &json!(2)), "{entry}");
    assert!(!list.to_string().contains(&text("secret")), "the secret is told once");

    let connection = connect(&platform, id, secret);
    assert!(session_ends(connection, || platform.delete_application(&credentials.id).unwrap()).await);
    let body_of_login = json!({ "appId": credentials.id, "secret": credentials.secret });
    let refused = application.call(Op::Login, &[], body_of_login).await;
    assert!(is_row(&refused, security::login::error::CREDENTIALS_WRONG.row()), "{refused:?}");
    // Its node ids are free again.
    let other = Application::log_in(&platform).await;
    let (status, answer) = other.call(Op::RegisterByPassword, &[], body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!platform.list_applications().iter().any(|application| application.id == credentials.id));
    let again = platform.delete_application(&credentials.id);
    assert_eq!(again, Err(OwnerError::UnknownApplication(credentials.id)));
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_permits_what_it_says() {
    let platform = platform().await;
    let (owner, to) = (platform.stranger().id.clone(), platform.application().id.clone());
    let application = Application::log_in(&platform).await;
    platform.grant(&owner, &to, Access::Edit).unwrap();
    let registered =
        application.call(Op::RegisterGateway, &[], gateway(&platform, Some(&owner), "00aa000000000001")).await;
    assert_eq!(registered.0, 201, "{registered:?}");
    let id = registered.1["deviceId"].as_str().unwrap();
    let acts = async |op, body| {
        application.call(op, &[("deviceId", id), ("appId", &owner), ("ownerAppId", &owner)], body).await
    };

    platform.grant(&owner, &to, Access::Read).unwrap();
    assert_eq!(acts(Op::QueryGateway, Value::Null).await.0, 200);
    assert_eq!(acts(Op::QueryDevice, Value::Null).await.0, 200);
    let refused = acts(Op::DeleteGateway, Value::Null).await;
    assert!(is_row(&refused, lora::delete_gateway::error::NO_EDIT_PERMISSION.row()), "{refused:?}");
    // Where the table has no row for it, the grant is as good as missing.
    let refused = acts(Op::ModifyDevice, json!({ "name": "x" })).await;
    assert!(is_row(&refused, devices::modify_device::error::NOT_AUTHORIZED.row()), "{refused:?}");

    platform.grant(&owner, &to, Access::Nothing).unwrap();
    let refused = acts(Op::QueryGateway, Value::Null).await;
    assert!(is_row(&refused, lora::query_gateway::error::NO_EDIT_PERMISSION.row()), "{refused:?}");
    platform.revoke(&owner, &to).unwrap();
    let refused = acts(Op::QueryGateway, Value::Null).await;
    assert!(is_row(&refused, lora::query_gateway::error::NOT_AUTHORIZED.row()), "{refused:?}");
    assert!(matches!(platform.revoke(&owner, &to), Err(OwnerError::NoGrant { .. })));
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_only_goes_forward() {
    let platform = platform().await;
    let (status, answer) =
        control(&platform, "POST", "/clock", json!({ "set": "20200214T075959Z", "frozen": false })).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("only goes forward"), "{answer}");
    assert!(platform.is_frozen(), "all or nothing");
    let (_, answer) =
        control(&platform, "POST", "/clock", json!({ "set": "20200214T090000Z", "advance_seconds": 60 })).await;
    assert_eq!(answer, json!({ "now": "20200214T090100Z", "frozen": true }));
    assert!(matches!(platform.set_clock(START.parse().unwrap()), Err(OwnerError::ClockGoesForward { .. })));
    let later = "20200214T100000Z".parse().unwrap();
    assert_eq!(platform.set_clock(later), Ok(later));
    let (status, _) = control(&platform, "POST", "/clock", json!({ "advance_seconds": u64::MAX })).await;
    assert_eq!(status, 400);
    let (_, answer) = control(&platform, "POST", "/reset", Value::Null).await;
    assert_eq!(answer["now"], START);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lora_server_fails_in_its_own_words() {
    let platform = platform().await;
    let application = Application::log_in(&platform).await;
    let server = platform.add_lora_server();
    let change = LoraServerChange { fails: Some(Some("no channel plan".to_owned())), ..LoraServerChange::default() };
    platform.change_lora_server(&server, &change).unwrap();
    let mut wanted = gateway(&platform, None, "00aa000000000002");
    wanted["loraServerId"] = json!(server);
    let failed = application.call(Op::RegisterGateway, &[], wanted.clone()).await;
    let row = lora::register_gateway::error::LORA_SERVER_FAILED.row();
    assert!(is_row(&failed, row), "{failed:?}");
    assert_eq!(failed.1["error_desc"], format!("{}no channel plan", row.beginning().unwrap()));
    // Ordered, the row is what is printed.
    platform.force_next(Op::RegisterGateway, row);
    let ordered = application.call(Op::RegisterGateway, &[], wanted.clone()).await;
    assert_eq!(ordered.1["error_desc"], row.desc);

    platform
        .change_lora_server(&server, &LoraServerChange { fails: Some(None), ..LoraServerChange::default() })
        .unwrap();
    platform.set_lora_server_online(&server, false).unwrap();
    let offline = application.call(Op::RegisterGateway, &[], wanted.clone()).await;
    assert!(is_row(&offline, lora::register_gateway::error::LORA_SERVER_OFFLINE.row()), "{offline:?}");
    let (_, list) = control(&platform, "GET", "/lora-servers", Value::Null).await;
    let state = json!({ "id": server, "online": false, "fails": null });
    assert!(list["servers"].as_array().unwrap().contains(&state), "{list}");
    let (status, _) = control(&platform, "DELETE", &format!("/lora-servers/{server}"), Value::Null).await;
    assert_eq!(status, 200);
    let gone = application.call(Op::RegisterGateway, &[], wanted).await;
    assert!(is_row(&gone, lora::register_gateway::error::LORA_SERVER_NOT_EXISTED.row()), "{gone:?}");
    assert_eq!(platform.set_lora_server_online(&server, true), Err(OwnerError::UnknownLoraServer(server)));
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_has_as_many_devices_as_it_has_licences_for() {
    let platform = platform().await;
    let application = Application::log_in(&platform).await;
    let one = ApplicationChange { licences: Some(Some(1)), ..ApplicationChange::default() };
    platform.change_application(&platform.application().id, &one).unwrap();
    application.register(&platform, "first").await;
    let refused = application.call(Op::RegisterByVerifyCode, &[], json!({ "nodeId": "second" })).await;
    assert!(is_row(&refused, devices::register_by_verify_code::error::LICENSE_EXHAUSTED.row()), "{refused:?}");
    let body = json!({ "deviceInfo": { "nodeId": "second" }, "mqttConnect": true });
    let refused = application.call(Op::RegisterByPassword, &[], body.clone()).await;
    assert!(is_row(&refused, devices::register_by_password::error::LICENSE_NOT_EXISTED.row()), "{refused:?}");
    let lifted = ApplicationChange { licences: Some(None), ..ApplicationChange::default() };
    platform.change_application(&platform.application().id, &lifted).unwrap();
    assert_eq!(application.call(Op::RegisterByPassword, &[], body).await.0, 200);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_says_in_words_what_is_wrong() {
    let platform = platform().await;
    let calls = [
        ("PATCH", "/applications/nobody", json!({ "frozen": true }), 404, "no application"),
        ("DELETE", "/applications/nobody", Value::Null, 404, "no application"),
        ("POST", "/applications", json!({ "limit": 1 }), 400, "unknown member"),
        ("POST", "/grants", json!({ "owner": "nobody", "to": "nobody" }), 404, "no application"),
        ("PATCH", "/lora-servers/none", json!({ "online": true }), 404, "no LoRa server"),
        ("DELETE", "/lora-servers/none", Value::Null, 404, "no LoRa server"),
        ("POST", "/clock", json!({ "set": "yesterday" }), 400, "not a time"),
    ];
    for (method, path, body, status, words) in calls {
        let (given, answer) = control(&platform, method, path, body).await;
        let text = answer["error"].as_str().unwrap_or_default();
        assert!(given == status && text.contains(words), "{method} {path}: {given} {answer}");
    }
    platform.stop().await;
}
