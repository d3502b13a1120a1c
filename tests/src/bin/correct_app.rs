//! An application that keeps the reference: `iotdm check app -- correct_app` passes.

mod app;

use app::{App, read, receive};
use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

const JSON: &str = "application/json";

#[tokio::main]
async fn main() {
    let app = App::new();
    let (callback, mut pushes) = receive(StatusCode::OK).await;
    let token = app.log_in().await;
    let subscription = json!({"notifyType": "deviceAdded", "callbackUrl": callback});
    let (status, _) = app.call(Method::POST, "/iocm/app/sub/v1.2.0/subscriptions", &token, JSON, &subscription).await;
    assert_eq!(status, 201, "the subscription");
    let device = json!({"deviceInfo": {"nodeId": format!("node-{}", std::process::id())}, "mqttConnect": true,
        "productId": read("IOTDM_PRODUCT_ID")});
    let (status, device) =
        app.call(Method::POST, "/iocm/app/reg/v2.0.0/deviceCredentials", &token, JSON, &device).await;
    assert_eq!(status, 200, "the registration: {device}");
    let id = device["deviceId"].as_str().expect("a device id");
    let push = pushes.recv().await.expect("a push");
    assert!(push.contains(id), "the push is about the device: {push}");
    let path = format!("/iocm/app/dm/v1.4.0/devices/{id}");
    let (status, _) = app.call(Method::GET, &path, &token, JSON, &Value::Null).await;
    assert_eq!(status, 200, "the query");
    // A moment for the platform to read the answer to its push, which is on its way.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let (status, _) = app.call(Method::DELETE, &path, &token, JSON, &Value::Null).await;
    assert_eq!(status, 204, "the deletion");
}
