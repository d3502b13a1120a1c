//! What the tests share: an application and a device of the simplest kind.

pub mod browser;
pub mod callbacks;
pub mod golden;
pub mod raw_device;
pub mod receiver;
pub mod saboteur;

use std::time::Duration;

use iotdm_mock::{Credentials, Platform};
use iotdm_spec::Op;
use iotdm_spec::model::Encoding;
use reqwest::{Certificate, Client, StatusCode};
use serde_json::{Value, json};

/// How long a test waits for what must come.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Puts the one crypto provider in place. Call it before the first TLS connection.
pub fn install_crypto() {
    // A second call finds the provider already there, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// An application that has logged in.
pub struct Application {
    client: Client,
    base_url: String,
    credentials: Credentials,
    token: String,
}

/// An answer: status and body, `Null` where there is none.
pub type Answer = (StatusCode, Value);

impl Application {
    /// Logs in at a platform under its first application's name.
    pub async fn log_in(platform: &Platform) -> Self {
        Self::log_in_as(platform, platform.application().clone()).await
    }

    /// Logs in under the given name.
    ///
    /// # Panics
    /// If the platform refuses.
    pub async fn log_in_as(platform: &Platform, credentials: Credentials) -> Self {
        Self::log_in_at(platform.base_url(), platform.ca_pem(), credentials).await
    }

    /// Logs in at a platform of another process.
    ///
    /// # Panics
    /// If the platform refuses.
    pub async fn log_in_at(base_url: &str, ca_pem: &str, credentials: Credentials) -> Self {
        install_crypto();
        let ca = Certificate::from_pem(ca_pem.as_bytes()).expect("the platform's CA is PEM");
        let client = Client::builder().tls_certs_only([ca]).no_proxy().build().expect("a client");
        let base_url = base_url.to_owned();
        let mut application = Self { client, base_url, credentials, token: String::new() };
        let body = json!({ "appId": application.credentials.id, "secret": application.credentials.secret });
        let (status, answer) = application.call(Op::Login, &[], body).await;
        assert_eq!(status, StatusCode::OK, "login: {answer}");
        application.token = answer["accessToken"].as_str().expect("an access token").to_owned();
        application
    }

    /// The id and secret under which it has logged in.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Calls an operation: `path` fills placeholders by name, and what it doesn't fill becomes the
    /// query string.
    ///
    /// # Panics
    /// If there is no answer, or one that is not JSON.
    pub async fn call(&self, op: Op, path: &[(&str, &str)], body: Value) -> Answer {
        let table = op.table();
        let mut url = format!("{}{}", self.base_url, table.path);
        let mut query = Vec::new();
        for (name, value) in path {
            let placeholder = format!("{{{name}}}");
            if url.contains(&placeholder) {
                url = url.replace(&placeholder, value);
            } else {
                query.push(format!("{name}={value}"));
            }
        }
        if !query.is_empty() {
            url = format!("{url}?{}", query.join("&"));
        }
        let method = table.method.as_str().parse().expect("a method");
        let mut request = self.client.request(method, url).header("app_key", &self.credentials.id);
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        request = match (table.encoding, &body) {
            (_, Value::Null) => request,
            (Encoding::Json, body) => request.json(body),
            (Encoding::Form, body) => {
                let items = body.as_object().into_iter().flatten();
                let form: Vec<_> = items.map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect();
                request.header("Content-Type", "application/x-www-form-urlencoded").body(form.join("&"))
            }
        };
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        (status, if text.is_empty() { Value::Null } else { text.parse().expect("JSON") })
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The client, which trusts the platform.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// A request under the application's name, to be completed.
    ///
    /// # Panics
    /// If the method is none.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method.parse().expect("a method"), format!("{}{path}", self.base_url));
        let request = request.header("app_key", &self.credentials.id);
        request.header("Authorization", format!("Bearer {}", self.token))
    }

    /// A GET of a path as it goes over the wire, for clients that write bytes.
    #[must_use]
    pub fn raw_get(&self, path: &str) -> String {
        let Self { credentials, token, .. } = self;
        format!(
            "GET {path} HTTP/1.1\r\nHost: mock\r\napp_key: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
            credentials.id
        )
    }

    /// Registers an MQTT device of the built-in product; gives its id and secret.
    ///
    /// # Panics
    /// If the platform refuses.
    pub async fn register(&self, platform: &Platform, node_id: &str) -> (String, String) {
        self.register_as(platform.product_id(), node_id).await
    }

    /// Registers an MQTT device of a product; gives its id and secret.
    ///
    /// # Panics
    /// If the platform refuses.
    pub async fn register_as(&self, product_id: &str, node_id: &str) -> (String, String) {
        let body = json!({
            "deviceInfo": { "nodeId": node_id },
            "mqttConnect": true,
            "productId": product_id,
        });
        let (status, answer) = self.call(Op::RegisterByPassword, &[], body).await;
        assert_eq!(status, StatusCode::OK, "registration: {answer}");
        let text = |name: &str| answer[name].as_str().expect("a string").to_owned();
        (text("deviceId"), text("secret"))
    }
}
