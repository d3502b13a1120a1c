//! The world as a file: what its document looks like, and that documents of this version stay readable.

use std::fs;
use std::path::{Path, PathBuf};

use iotdm_mock::Platform;
use iotdm_spec::Op;
use iotdm_tests::Application;
use serde_json::{Value, json};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/world.json")
}

/// A platform with something of every kind.
async fn furnished() -> Platform {
    let platform = Platform::builder().seed(7).frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    application.register(&platform, "lamp-1").await;
    let body = json!({ "nodeId": "lamp-2", "productId": platform.lwm2m_product_id() });
    let device = registered(&application, &body).await;
    platform.device_online(&device).unwrap();
    platform.device_report(&device, &[json!({ "serviceId": "Light", "serviceData": { "brightness": 40 } })]).unwrap();
    let on = [("deviceId", device.as_str())];
    let wish = json!({ "serviceDesireds": [{ "serviceId": "Light", "desired": { "brightness": 60 } }] });
    application.call(Op::ModifyShadow, &on, wish).await;
    let group = json!({ "name": "lamps", "deviceIds": [device] });
    application.call(Op::CreateGroup, &[], group).await;
    let subscription = json!({ "notifyType": "ruleEvent", "callbackUrl": "http://127.0.0.1:9/" });
    application.call(Op::SubscribeBusinessData, &[], subscription).await;
    let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 7 } });
    let command = json!({ "deviceId": device, "command": command, "expireTime": 600 });
    application.call(Op::CreateCommand, &[], command).await;
    platform.advance(std::time::Duration::from_secs(10));
    platform
}

async fn registered(application: &Application, body: &Value) -> String {
    let (_, answer) = application.call(Op::RegisterByVerifyCode, &[], body.clone()).await;
    answer["deviceId"].as_str().unwrap().to_owned()
}

/// The golden document pins the schema. If this fails because the shape has changed, files that people
/// have kept are not readable any more: then the schema gets another number.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_looks_like_this() {
    let platform = furnished().await;
    let dump = platform.dump_state().unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(golden(), &dump).unwrap();
    }
    let kept = fs::read_to_string(golden()).unwrap();
    let world: Value = serde_json::from_str(&dump).unwrap();
    for list in ["applications", "products", "devices", "groups", "subscriptions", "commands", "timers", "history"] {
        assert!(world[list].as_array().is_some_and(|list| !list.is_empty()), "{list}: {}", world[list]);
    }
    assert!(dump == kept, "a dumped world looks different; UPDATE_GOLDEN=1 shows how. Mind the schema's number.");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_document_is_a_world_to_start_from() {
    let platform = Platform::builder().state_file(golden()).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (_, answer) = application.call(Op::QueryDevices, &[("pageNo", "0"), ("pageSize", "10")], Value::Null).await;
    assert_eq!(answer["totalCount"], 2, "{answer}");
    // It leads back there.
    registered(&application, &json!({ "nodeId": "lamp-3", "productId": platform.lwm2m_product_id() })).await;
    platform.reset();
    let application = Application::log_in(&platform).await;
    let (_, answer) = application.call(Op::QueryDevices, &[("pageNo", "0"), ("pageSize", "10")], Value::Null).await;
    assert_eq!(answer["totalCount"], 2, "{answer}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_world_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let platform = Platform::builder().start().await.unwrap();
    let file = std::env::temp_dir().join(format!("iotdm-saved-{}.json", std::process::id()));
    platform.save_state(&file).unwrap();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    fs::remove_file(&file).unwrap();
    assert_eq!(mode & 0o777, 0o600);
    let error = platform.load_state("{\"schema\": 1}").unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    platform.stop().await;
}

/// What the builder keeps in a directory is there when the next platform opens it.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_keeps_the_world_and_the_clock() {
    let directory = std::env::temp_dir().join(format!("iotdm-kept-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let builder = || Platform::builder().state_dir(&directory);
    let platform = builder().frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    application.register(&platform, "lamp-1").await;
    platform.advance(std::time::Duration::from_secs(90));
    let (credentials, now) = (platform.application().clone(), platform.now());
    platform.stop().await;

    let again = loop {
        // The earlier platform's last task may still hold the directory.
        match builder().start().await {
            Err(error) if error.to_string().contains("in use") => tokio::task::yield_now().await,
            started => break started.unwrap(),
        }
    };
    assert_eq!((again.application(), again.now(), again.is_frozen()), (&credentials, now, true));
    let application = Application::log_in(&again).await;
    let (_, answer) = application.call(Op::QueryDevices, &[("pageNo", "0"), ("pageSize", "10")], Value::Null).await;
    assert_eq!(answer["totalCount"], 1, "{answer}");
    again.reset();
    assert_eq!(again.application(), &credentials);
    Application::log_in(&again).await;
    again.stop().await;
    fs::remove_dir_all(&directory).unwrap();
}
