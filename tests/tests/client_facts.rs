//! What real clients send, though the reference has it otherwise: the mock works with all of it.

use iotdm_mock::Platform;
use iotdm_spec::Op;
use iotdm_tests::{Answer, Application};
use serde_json::{Value, json};

struct Scene {
    platform: Platform,
    application: Application,
    device: String,
}

impl Scene {
    async fn new() -> Self {
        let platform = Platform::builder().start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let device = application.register(&platform, "client-facts").await.0;
        Self { platform, application, device }
    }

    /// A request as a client writes it.
    async fn raw(&self, method: &str, path: &str, body: &'static str) -> Answer {
        let request = self.application.request(method, path).header("Content-Type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, text.parse().unwrap_or(Value::Null))
    }
}

fn taken(op: Op, (status, body): &Answer) {
    assert_eq!(status.as_u16(), op.table().success_status, "{op:?}: {body}");
    assert!(body.get("error_code").is_none(), "{op:?}: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_management_subscription_may_spell_its_callback_in_lower_case() {
    let scene = Scene::new().await;
    let body = json!({"notifyType": "swUpgradeResultNotify", "callbackurl": "http://127.0.0.1:9/x"});
    taken(Op::SubscribeManagementData, &scene.application.call(Op::SubscribeManagementData, &[], body).await);
    let call = scene.platform.journal().calls("subscribe_management_data").pop().unwrap();
    assert!(!call.deviations.is_empty(), "the other spelling is noted: {call:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_may_travel_as_strings_and_absent_members_as_null() {
    let scene = Scene::new().await;
    let command = json!({
        "deviceId": scene.device, "expireTime": "0", "maxRetransmit": null, "nobodyKnows": 1,
        "command": {"serviceId": "Light", "method": "SET_LEVEL", "paras": {"value": 7}}, "callbackUrl": null,
    });
    let (status, answer) = scene.application.call(Op::CreateCommand, &[], command).await;
    // It is read as the number 0: an immediate command, which a device that never connected cannot get.
    let row = iotdm_spec::commands::create_command::error::DEVICE_NOT_ONLINE.row();
    assert_eq!((status.as_u16(), &answer["error_code"]), (row.http_status, &json!(row.code)), "{answer}");
    let call = scene.platform.journal().calls("create_command").pop().unwrap();
    assert!(call.deviations.len() >= 2, "the string and the unknown member are noted: {call:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slashes_may_be_escaped_and_queries_sloppy() {
    let scene = Scene::new().await;
    let subscription = r#"{"notifyType":"deviceAdded","callbackUrl":"http:\/\/127.0.0.1:9\/x","ownerFlag":null}"#;
    let path = Op::SubscribeBusinessData.table().path;
    taken(Op::SubscribeBusinessData, &scene.raw("POST", path, subscription).await);
    let devices = Op::QueryDevices.table().path;
    for query in ["?&pageNo=0", "?pageNo=0&", "?pageNo=0&&pageSize=", "?pageNo=0&unheardOf=1"] {
        taken(Op::QueryDevices, &scene.raw("GET", &format!("{devices}{query}"), "").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_may_end_in_a_slash() {
    let scene = Scene::new().await;
    let task = json!({
        "appId": scene.platform.application().id, "taskName": "slash", "taskType": "DeviceCmd", "timeout": 10,
        "param": {"type": "DeviceList", "deviceList": [scene.device],
                  "command": {"serviceId": "Light", "method": "SET_LEVEL", "paras": {"value": 7}}},
    });
    let path = format!("{}/", Op::CreateBatchTask.table().path);
    let answer = scene.application.request("POST", &path).json(&task).send().await.unwrap();
    let status = answer.status();
    taken(Op::CreateBatchTask, &(status, answer.json().await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheme_of_a_token_may_be_written_in_any_way() {
    let scene = Scene::new().await;
    let token = scene.application.token().to_owned();
    let url = format!("{}{}?pageNo=0", scene.platform.base_url(), Op::QueryDevices.table().path);
    for scheme in ["Bearer  ", "bearer ", "BEARER ", "Bearer "] {
        let request = scene.application.client().get(&url).header("app_key", &scene.platform.application().id);
        let answer = request.header("Authorization", format!("{scheme}{token}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{scheme:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_may_write_its_fields_in_any_case() {
    let scene = Scene::new().await;
    let credentials = scene.platform.application();
    let url = format!("{}{}", scene.platform.base_url(), Op::Login.table().path);
    let form = format!("appId={}&Secret={}", credentials.id, credentials.secret);
    let request = scene.application.client().post(&url).header("Content-Type", "application/x-www-form-urlencoded");
    let answer = request.body(form).send().await.unwrap();
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    taken(Op::Login, &(status, body.clone()));
    // JSON types that clients insist on.
    assert!(body["expiresIn"].is_number() && body["tokenType"] == "Bearer ", "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_content_type_and_none_has_a_body_that_should_not() {
    let scene = Scene::new().await;
    let wish = json!({"serviceDesireds": [{"serviceId": "Light", "desired": {"brightness": 1}}]});
    let path = Op::ModifyShadow.table().path.replace("{deviceId}", &scene.device);
    let answer = scene.application.request("PUT", &path).json(&wish).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], iotdm_spec::universal::CONTENT_TYPE);
    assert_eq!(answer.text().await.unwrap(), "", "where the reference shows no body, none is sent");
}
