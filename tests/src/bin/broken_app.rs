//! An application that breaks the reference: `iotdm check app -- broken_app` fails on
//! `1.8.1/rule/answer-push` (a push is answered with 500), `1.2.1/rule/content-type-others` (JSON is
//! sent as text/plain), `1.5.2/req/deviceInfo.nodeId` (left out) and `1.6.1/rule/bearer` (a token
//! that a later login has made worthless).

mod app;

use app::{App, read, receive};
use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let app = App::new();
    let (callback, mut pushes) = receive(StatusCode::INTERNAL_SERVER_ERROR).await;
    let superseded = app.log_in().await;
    let token = app.log_in().await;
    let subscription = json!({"notifyType": "deviceAdded", "callbackUrl": callback});
    let path = "/iocm/app/sub/v1.2.0/subscriptions";
    app.call(Method::POST, path, &token, "application/json", &subscription).await;
    let path = "/iocm/app/reg/v2.0.0/deviceCredentials";
    let nameless = json!({"deviceInfo": {}, "productId": read("IOTDM_PRODUCT_ID")});
    app.call(Method::POST, path, &token, "application/json", &nameless).await;
    let device = json!({"deviceInfo": {"nodeId": format!("node-{}", std::process::id())},
        "productId": read("IOTDM_PRODUCT_ID")});
    let (_, device) = app.call(Method::POST, path, &token, "text/plain", &device).await;
    pushes.recv().await.expect("a push");
    let path = format!("/iocm/app/dm/v1.4.0/devices/{}", device["deviceId"].as_str().expect("a device id"));
    let kind = "application/json";
    app.call(Method::GET, &path, &superseded, kind, &Value::Null).await;
    // A moment for the platform to read the answer to its push, which is on its way.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}
