//! Devices that the mock plays itself: whole lives, driven by hand and on autopilot.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use iotdm_mock::{Arrived, Autopilot, DeviceAct, OwnerError, Platform, ShadowAnswer, ShadowHabit};
use iotdm_spec::Op;
use iotdm_spec::wire::{NotifyType, StatusDetail};
use iotdm_tests::{Application, DEADLINE, install_crypto};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A platform whose clock stands still, an application, and everything that is pushed to it.
struct Scene {
    platform: Platform,
    application: Application,
    pushes: UnboundedReceiver<Value>,
    callback: String,
    control: reqwest::Client,
}

const TYPES: [NotifyType; 5] = [
    NotifyType::BindDevice,
    NotifyType::DeviceInfoChanged,
    NotifyType::DeviceDataChanged,
    NotifyType::DeviceDatasChanged,
    NotifyType::DeviceDesiredPropertiesModifyStatusChanged,
];

async fn take(State(pushes): State<UnboundedSender<Value>>, body: Bytes) -> StatusCode {
    pushes.send(serde_json::from_slice(&body).unwrap()).unwrap();
    StatusCode::OK
}

impl Scene {
    async fn new() -> Self {
        install_crypto();
        let platform = Platform::builder().seed(7).frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
        let (sender, pushes) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = format!("http://{}/callback", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let application = Application::log_in(&platform).await;
        for notify_type in TYPES {
            let body = json!({ "notifyType": notify_type.as_str(), "callbackUrl": callback });
            let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body).await;
            assert!(status.is_success(), "{answer}");
        }
        let control = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { platform, application, pushes, control, callback }
    }

    async fn register(&self, product: &str, node_id: &str) -> String {
        let body = json!({ "nodeId": node_id, "productId": product, "timeout": 60 });
        let (status, answer) = self.application.call(Op::RegisterByVerifyCode, &[], body).await;
        assert!(status.is_success(), "{answer}");
        answer["deviceId"].as_str().unwrap().to_owned()
    }

    async fn want(&self, device: &str, brightness: u64) {
        let wish = json!({ "serviceDesireds": [{ "serviceId": "Light", "desired": { "brightness": brightness } }] });
        let (status, answer) = self.application.call(Op::ModifyShadow, &[("deviceId", device)], wish).await;
        assert!(status.is_success(), "{answer}");
    }

    /// Sends a command that is valid for so many seconds, or at once; gives its id.
    async fn command(&self, device: &str, value: u64, expires: u64) -> String {
        let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": value } });
        let body = json!({ "deviceId": device, "command": command, "expireTime": expires });
        let (status, answer) = self.application.call(Op::CreateCommand, &[], body).await;
        assert!(status.is_success(), "{answer}");
        answer["commandId"].as_str().unwrap().to_owned()
    }

    async fn status_of(&self, command: &str) -> String {
        let (_, answer) = self.application.call(Op::QueryCommands, &[], Value::Null).await;
        let commands = answer["data"].as_array().unwrap();
        let found = commands.iter().find(|found| found["commandId"] == command).unwrap();
        found["status"].as_str().unwrap().to_owned()
    }

    fn pass(&self, seconds: u64) {
        self.platform.advance(Duration::from_secs(seconds));
    }

    /// The next push, as its type and the two members that tell it from others of the type.
    async fn pushed(&mut self) -> String {
        let push = tokio::time::timeout(DEADLINE, self.pushes.recv()).await.expect("a push").unwrap();
        let text = |path: &str| push.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let detail = match text("/notifyType").as_str() {
            "bindDevice" => text("/resultCode"),
            "deviceInfoChanged" => format!("{}/{}", text("/deviceInfo/status"), text("/deviceInfo/statusDetail")),
            "deviceDataChanged" => format!("{} {}", text("/service/serviceId"), push["service"]["data"]),
            "deviceDatasChanged" => format!("{} services", push["services"].as_array().map_or(0, Vec::len)),
            "" => text("/result/resultCode"),
            _ => format!("{} {} {}", text("/serviceId"), push["properties"], text("/status")),
        };
        format!("{} {detail}", text("/notifyType"))
    }

    async fn expect(&mut self, pushes: &[&str]) {
        for expected in pushes {
            assert_eq!(self.pushed().await, *expected);
        }
    }

    /// Nothing more was pushed about a device: what another one does now comes next.
    async fn expect_nothing_more(&mut self) {
        let product = self.platform.lwm2m_product_id().to_owned();
        let node = format!("witness-{}", self.platform.journal().entries().len());
        let witness = self.register(&product, &node).await;
        self.platform.device_online(&witness).unwrap();
        self.expect(&["bindDevice succeeded", "deviceInfoChanged ONLINE/NONE"]).await;
    }

    async fn control(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let url = format!("{}/_mock{path}", self.platform.control_url());
        let request = self.control.request(method.parse().unwrap(), url).body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_life_by_hand() {
    let mut scene = Scene::new().await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    scene.want(&device, 40).await;
    assert!(scene.platform.device_inbox(&device).unwrap().is_empty(), "it is not there yet");

    scene.platform.device_online(&device).unwrap();
    scene.expect(&["bindDevice succeeded", "deviceInfoChanged ONLINE/CONFIGURATION_PENDING"]).await;
    scene.pass(61);
    let inbox = scene.platform.device_inbox(&device).unwrap();
    let desired = json!({ "brightness": 40 }).as_object().cloned().unwrap();
    assert_eq!(inbox[0].what, Arrived::Shadow { service_id: "Light".to_owned(), desired });
    scene.platform.device_acts(&device, "shadow", DeviceAct::Accept).unwrap();
    scene.expect(&[r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":40} DELIVERED"#]).await;
    let (_, shown) = scene.application.call(Op::QueryShadow, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(shown["deviceInfo"]["statusDetail"], "NONE", "{shown}");

    let light = json!({ "serviceId": "Light", "serviceData": { "brightness": 40 } });
    let battery = json!({ "serviceId": "Battery", "serviceData": { "batteryLevel": 9 } });
    assert_eq!(scene.platform.device_report(&device, std::slice::from_ref(&light)), Ok(vec![]));
    assert_eq!(scene.platform.device_report(&device, &[light, battery]), Ok(vec![]));
    scene.expect(&[r#"deviceDataChanged Light {"brightness":40}"#, "deviceDatasChanged 2 services"]).await;

    scene.platform.device_offline(&device, StatusDetail::DutyCycle).unwrap();
    scene.expect(&["deviceInfoChanged OFFLINE/DUTY_CYCLE"]).await;
    scene.platform.device_online(&device).unwrap();
    scene.expect(&["deviceInfoChanged ONLINE/NONE"]).await;

    scene.pass(25 * 3600);
    scene.expect(&["deviceInfoChanged ABNORMAL/NONE"]).await;
    scene.pass(24 * 3600);
    scene.expect(&["deviceInfoChanged OFFLINE/NONE"]).await;
    let report = json!({ "serviceId": "Light", "serviceData": { "power": 1 } });
    scene.platform.device_report(&device, &[report]).unwrap();
    scene.expect(&["deviceInfoChanged ONLINE/NONE", r#"deviceDataChanged Light {"power":1}"#]).await;
}

/// An application hears of the report before it hears of what the report has released.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_report_is_sent_after_it() {
    let mut scene = Scene::new().await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    scene.platform.device_online(&device).unwrap();
    scene.platform.device_offline(&device, StatusDetail::None).unwrap();
    scene.expect(&["bindDevice succeeded", "deviceInfoChanged ONLINE/NONE", "deviceInfoChanged OFFLINE/NONE"]).await;
    let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 7 } });
    let (callback, expires) = (scene.callback.clone(), 1000);
    let body = json!({ "deviceId": device, "command": command, "expireTime": expires, "callbackUrl": callback });
    let (status, answer) = scene.application.call(Op::CreateCommand, &[], body).await;
    assert!(status.is_success(), "{answer}");
    let report = json!({ "serviceId": "Light", "serviceData": { "power": 1 } });
    scene.platform.device_report(&device, &[report]).unwrap();
    scene.expect(&["deviceInfoChanged ONLINE/NONE", r#"deviceDataChanged Light {"power":1}"#, " SENT"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_refuses_or_ignores_is_sent_again_when_it_comes_back() {
    let mut scene = Scene::new().await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    scene.platform.device_online(&device).unwrap();
    scene.expect(&["bindDevice succeeded", "deviceInfoChanged ONLINE/NONE"]).await;
    let failed = r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":1} FAILED"#;

    scene.want(&device, 1).await;
    scene.platform.device_acts(&device, "Light", DeviceAct::Refuse).unwrap();
    scene.expect(&[failed]).await;
    let report = json!({ "serviceId": "Light", "serviceData": { "power": 1 } });
    scene.platform.device_report(&device, &[report]).unwrap();
    scene.expect(&[r#"deviceDataChanged Light {"power":1}"#]).await;
    assert!(scene.platform.device_inbox(&device).unwrap().is_empty(), "a report is no return");

    scene.platform.device_offline(&device, StatusDetail::None).unwrap();
    scene.platform.device_online(&device).unwrap();
    scene.expect(&["deviceInfoChanged OFFLINE/NONE", "deviceInfoChanged ONLINE/CONFIGURATION_PENDING"]).await;
    scene.pass(179);
    assert_eq!(scene.platform.device_inbox(&device).unwrap().len(), 1);
    scene.pass(1);
    scene.expect(&[failed]).await;
    assert!(scene.platform.device_inbox(&device).unwrap().is_empty(), "its time is over");

    // What is wanted anew is sent at once, in the place of what was wanted before.
    scene.want(&device, 2).await;
    scene.pass(100);
    scene.want(&device, 3).await;
    assert_eq!(scene.platform.device_inbox(&device).unwrap().len(), 1);
    scene.pass(100);
    scene.platform.device_acts(&device, "shadow", DeviceAct::Accept).unwrap();
    scene.expect(&[r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":3} DELIVERED"#]).await;
    scene.pass(1000);
    scene.expect_nothing_more().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_offline_gets_nothing_and_tells_nothing() {
    let mut scene = Scene::new().await;
    let product = scene.platform.autopilot_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    scene.pass(1);
    scene.expect(&["bindDevice succeeded", "deviceInfoChanged ONLINE/NONE"]).await;
    scene.want(&device, 1).await;
    scene.platform.device_offline(&device, StatusDetail::None).unwrap();
    scene.expect(&["deviceInfoChanged OFFLINE/NONE"]).await;
    assert!(scene.platform.device_inbox(&device).unwrap().is_empty(), "what had arrived waits at the platform again");
    scene.pass(600);
    scene.expect_nothing_more().await;

    scene.platform.device_online(&device).unwrap();
    scene.pass(1);
    let delivered = r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":1} DELIVERED"#;
    scene.expect(&["deviceInfoChanged ONLINE/CONFIGURATION_PENDING", delivered]).await;
    scene.pass(9);
    scene.expect(&[r#"deviceDataChanged Light {"brightness":0,"colour":"0-sample","power":0}"#]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_life_on_autopilot() {
    let mut scene = Scene::new().await;
    let product = scene.platform.autopilot_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    scene.want(&device, 40).await;
    scene.pass(12);
    scene
        .expect(&[
            "bindDevice succeeded",
            "deviceInfoChanged ONLINE/CONFIGURATION_PENDING",
            r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":40} DELIVERED"#,
            r#"deviceDataChanged Light {"brightness":0,"colour":"0-sample","power":0}"#,
        ])
        .await;
    scene.pass(10);
    scene.expect(&[r#"deviceDataChanged Battery {"batteryLevel":1}"#]).await;

    // An autopilot of its own takes its product's place.
    let (status, flown) = scene
        .control("PUT", &format!("/devices/{device}/autopilot"), r#"{"report": {"every": 5, "together": true}}"#)
        .await;
    assert_eq!((status, &flown["report"]["every"]), (200, &json!(5)), "{flown}");
    scene.want(&device, 50).await;
    scene.pass(9);
    scene.expect(&["deviceDatasChanged 2 services"]).await;
    assert_eq!(scene.platform.device_inbox(&device).unwrap().len(), 1, "this autopilot leaves it alone");

    // Its product's deals with what has waited.
    let (status, _) = scene.control("DELETE", &format!("/devices/{device}/autopilot"), "").await;
    assert_eq!(status, 200);
    scene.pass(1);
    scene.expect(&[r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":50} DELIVERED"#]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_by_hand() {
    let scene = Scene::new().await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    let (first, second) = (scene.command(&device, 1, 60).await, scene.command(&device, 2, 60).await);
    let inbox = format!("/devices/{device}/inbox");
    scene.platform.device_online(&device).unwrap();
    let (_, shown) = scene.control("GET", &inbox, "").await;
    let entry = json!({
        "entry": 1, "arrived": "20200214T080000Z", "kind": "command", "commandId": first, "serviceId": "Light",
        "method": "SET_LEVEL", "paras": { "value": 1 }, "acknowledged": false,
    });
    assert_eq!(shown["entries"], json!([entry]), "one after the other");
    let on = |entry: &str| format!("{inbox}/{entry}");
    assert_eq!(scene.control("POST", &on("command"), r#"{"acknowledge": true}"#).await.0, 200);
    assert_eq!(scene.status_of(&first).await, "DELIVERED");
    assert_eq!(scene.status_of(&second).await, "SENT");
    let (_, acknowledged) = scene.control("POST", &on("command"), r#"{"acknowledge": true}"#).await;
    assert_eq!(acknowledged["entry"], 2, "the first is acknowledged already");
    let done = r#"{"answer": {"executed": true, "result": {"level": 1}}}"#;
    assert_eq!(scene.control("POST", &on(&first), done).await.0, 200);
    assert_eq!(scene.control("POST", &on("2"), r#"{"answer": {"executed": false}}"#).await.0, 200);
    assert_eq!(scene.status_of(&first).await, "SUCCESSFUL");
    assert_eq!(scene.status_of(&second).await, "FAILED");
    let third = scene.command(&device, 3, 0).await;
    assert_eq!(scene.control("POST", &on("command"), r#"{"ignore": true}"#).await.0, 200);
    scene.pass(180);
    assert_eq!(scene.status_of(&third).await, "TIMEOUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_on_autopilot() {
    let scene = Scene::new().await;
    let product = scene.platform.autopilot_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    let command = scene.command(&device, 1, 60).await;
    assert_eq!(scene.status_of(&command).await, "PENDING");
    for expected in ["SENT", "DELIVERED", "SUCCESSFUL"] {
        scene.pass(1);
        assert_eq!(scene.status_of(&command).await, expected);
    }
    let refuses = r#"{"command": {"acknowledge_after": null, "answer": "refused", "answer_after": 3}}"#;
    assert_eq!(scene.control("PUT", &format!("/devices/{device}/autopilot"), refuses).await.0, 200);
    let command = scene.command(&device, 2, 0).await;
    scene.pass(2);
    assert_eq!(scene.status_of(&command).await, "SENT");
    scene.pass(1);
    assert_eq!(scene.status_of(&command).await, "FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_by_hand_and_on_autopilot() {
    let mut scene = Scene::new().await;
    for (product, fails) in [
        (scene.platform.autopilot_product_id().to_owned(), false),
        (scene.platform.lwm2m_product_id().to_owned(), true),
    ] {
        let device = scene.register(&product, &format!("n-{fails}")).await;
        scene.platform.device_online(&device).unwrap();
        let new = json!({ "fileType": "firmwarePackage", "name": product, "version": "V2", "product": product });
        let (status, package) = scene.control("POST", "/packages", &new.to_string()).await;
        assert_eq!(status, 200, "{package}");
        let body = json!({
            "fileId": package["fileId"],
            "targets": { "devices": [device] },
            "policy": { "executeType": "now", "retryType": false },
        });
        let (status, answer) = scene.application.call(Op::CreateFirmwareUpgrade, &[], body).await;
        assert!(status.is_success(), "{answer}");
        let operation = answer["operationId"].as_str().unwrap().to_owned();
        if fails {
            for body in [r#"{"progress": "downloading"}"#, r#"{"progress": "failed", "reason": "no room"}"#] {
                let (status, answer) = scene.control("POST", &format!("/devices/{device}/inbox/upgrade"), body).await;
                assert_eq!(status, 200, "{answer}");
            }
        } else {
            scene.pass(4);
        }
        let (_, answer) = scene.application.call(Op::QueryUpgrade, &[("operationId", &operation)], Value::Null).await;
        assert_eq!(answer["status"], if fails { "failed" } else { "success" }, "{answer}");
        assert!(scene.platform.device_inbox(&device).unwrap().is_empty());
    }
    scene
        .expect(&[
            "bindDevice succeeded",
            "deviceInfoChanged ONLINE/NONE",
            "deviceInfoChanged OFFLINE/FIRMWARE_UPDATING",
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_put_on_autopilot() {
    let mut scene = Scene::new().await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    let body = r#"{"online_after": 5, "shadow": {"answer": "refuses"}}"#;
    let (status, _) = scene.control("PUT", &format!("/products/{product}/autopilot"), body).await;
    assert_eq!(status, 200);
    scene.want(&device, 7).await;
    scene.pass(4);
    scene.pass(2);
    scene
        .expect(&[
            "bindDevice succeeded",
            "deviceInfoChanged ONLINE/CONFIGURATION_PENDING",
            r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":7} FAILED"#,
        ])
        .await;
    let ignores = ShadowHabit { answer: ShadowAnswer::Ignores, after: 0 };
    let pilot = Autopilot { shadow: Some(ignores), ..Autopilot::default() };
    scene.platform.set_product_autopilot(&product, Some(pilot)).unwrap();
    scene.want(&device, 8).await;
    scene.pass(180);
    scene.expect(&[r#"deviceDesiredPropertiesModifyStatusChanged Light {"brightness":8} FAILED"#]).await;
    scene.platform.set_product_autopilot(&product, None).unwrap();
    let later = scene.register(&product, "n2").await;
    scene.pass(59);
    assert!(scene.platform.device_report(&later, &[]).is_err(), "nobody brings it online");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_says_what_is_wrong() {
    let scene = Scene::new().await;
    let (mqtt, _) = scene.application.register(&scene.platform, "m1").await;
    let product = scene.platform.lwm2m_product_id().to_owned();
    let device = scene.register(&product, "n1").await;
    let on = |path: &str| format!("/devices/{device}{path}");
    let refusals = [
        ("/devices/nobody/online".to_owned(), "", 404, "no device has the id \"nobody\""),
        (format!("/devices/{mqtt}/online"), "", 409, "speaks MQTT"),
        (format!("/devices/{mqtt}/inbox/command"), r#"{"acknowledge": true}"#, 409, "speaks MQTT"),
        (on("/report"), r#"{"data": []}"#, 409, "has not come online yet"),
        (on("/offline"), "", 409, "has not come online yet"),
    ];
    let active = [
        (on("/report"), r#"{"data": []}"#, 409, "it is empty"),
        (on("/report"), r#"{"data": [{"serviceId": "Lamp", "serviceData": {}}]}"#, 409, "no service \"Lamp\""),
        (on("/offline"), r#"{"statusDetail": "DUTY_CICLE"}"#, 400, "did you mean \"DUTY_CYCLE\"?"),
        (on("/offline"), r#"{"statusDetail": "UE_REACHABILITY"}"#, 400, "does not go with the status OFFLINE"),
        (on("/inbox/shadow"), r#"{"accept": true}"#, 404, "it is empty"),
        (on("/inbox/comand"), r#"{"acknowledge": true}"#, 404, "did you mean \"command\"?"),
        (on("/inbox/command"), r#"{"acknowledge": true, "ignore": true}"#, 400, "exactly one of these"),
        (on("/inbox/upgrade"), r#"{"progress": "downloadin"}"#, 400, "did you mean \"downloading\"?"),
    ];
    for (path, body, status, text) in refusals {
        let (got, answer) = scene.control("POST", &path, body).await;
        assert!(got == status && answer["error"].as_str().unwrap().contains(text), "{path}: {got} {answer}");
    }
    assert_eq!(scene.control("POST", &on("/online"), "").await.0, 200);
    for (path, body, status, text) in active {
        let (got, answer) = scene.control("POST", &path, body).await;
        assert!(got == status && answer["error"].as_str().unwrap().contains(text), "{path}: {got} {answer}");
    }
    scene.want(&device, 1).await;
    let (status, answer) = scene.control("POST", &on("/inbox/1"), r#"{"acknowledge": true}"#).await;
    assert_eq!(status, 409);
    assert_eq!(answer["error"], "shadow Light (1): the device can accept, refuse or ignore it");
    let (status, answer) = scene.control("PUT", &on("/autopilot"), r#"{"report": {"every": 0}}"#).await;
    assert_eq!((status, &answer["error"]), (400, &json!("no autopilot: report.every is at least 1 second")));
    let (status, _) = scene.control("PUT", "/products/none/autopilot", "{}").await;
    assert_eq!(status, 404);
    let (status, answer) = scene.control("GET", &on("/inbox"), "").await;
    let entry = json!({
        "entry": 1, "arrived": "20200214T080000Z", "kind": "shadow",
        "serviceId": "Light", "desired": { "brightness": 1 },
    });
    assert_eq!((status, answer), (200, json!({ "entries": [entry], "dropped": 0 })));
    assert!(matches!(scene.platform.device_inbox(&mqtt), Err(OwnerError::NotPlayed(_))));
}
