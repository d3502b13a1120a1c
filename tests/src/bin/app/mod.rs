//! An application as small as it can be: an HTTP client, and a receiver of pushes.

use std::env;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use axum_server::tls_rustls::RustlsConfig;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::sync::mpsc;

/// An application's connection to the platform.
pub struct App {
    client: Client,
    base: String,
    /// Its id.
    pub id: String,
}

impl App {
    /// Reads the environment that `iotdm check app` sets.
    pub fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().expect("the first provider of this process");
        let pem = std::fs::read(read("IOTDM_CA")).expect("a readable CA file");
        let roots = reqwest::Certificate::from_pem_bundle(&pem).expect("a certificate");
        let client = Client::builder().no_proxy().tls_certs_only(roots).build().expect("a client");
        Self { client, base: read("IOTDM_BASE_URL"), id: read("IOTDM_APP_ID") }
    }

    /// Logs in: the access token.
    pub async fn log_in(&self) -> String {
        let form = format!("appId={}&secret={}", self.id, read("IOTDM_SECRET"));
        let request = self.client.post(format!("{}/iocm/app/sec/v1.1.0/login", self.base)).body(form);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.send().await.expect("an answer to the login").bytes().await.expect("a body");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        answer["accessToken"].as_str().expect("a token").to_owned()
    }

    /// Calls an operation: status and body.
    pub async fn call(&self, method: Method, path: &str, token: &str, kind: &str, body: &Value) -> (u16, Value) {
        let request = self.client.request(method, format!("{}{path}", self.base)).header("app_key", &self.id);
        let request = request.header("Authorization", format!("Bearer {token}")).header("Content-Type", kind);
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.bytes().await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// The value of an environment variable.
pub fn read(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// Receives pushes and answers each with the same status: the callback URL, and the pushes. With the file of a
/// certificate in RECEIVER_CERT, and that of its key in RECEIVER_KEY, it does so behind TLS.
pub async fn receive(status: StatusCode) -> (String, mpsc::UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let handler = move |body: String| {
        let _ = sender.send(body);
        async move { status }
    };
    let router = Router::new().route("/pushes", post(handler));
    if let Ok(certificate) = env::var("RECEIVER_CERT") {
        let tls = RustlsConfig::from_pem_file(certificate, read("RECEIVER_KEY")).await.expect("a certificate");
        let listener = listener.into_std().expect("a listener");
        let server = axum_server::from_tcp_rustls(listener, tls).expect("a server");
        tokio::spawn(server.serve(router.into_make_service()));
        return (format!("https://{address}/pushes"), receiver);
    }
    tokio::spawn(async { axum::serve(listener, router).await });
    (format!("http://{address}/pushes"), receiver)
}
