//! A platform to be called, and the bytes of the calls.

use std::sync::Arc;

use iotdm_mock::{Credentials, JournalLimits, Platform};
use iotdm_spec::Op;
use iotdm_tests::Application;
use rustls::ClientConfig;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::load::{CLIENTS, Target, Work};

/// A platform with an application that has logged in.
pub struct Scene {
    /// The platform.
    pub platform: Platform,
    /// The application.
    pub application: Arc<Application>,
    /// An application that only logs in: a login ends the token of the one before.
    other: Credentials,
    /// The registered devices, oldest first.
    pub devices: Vec<String>,
}

impl Scene {
    /// Starts one.
    pub async fn start(journal: JournalLimits) -> Self {
        let free = ([127, 0, 0, 1], 0).into();
        let platform = Platform::builder().plain_http(free).journal(journal).start().await.expect("a platform");
        let application = Arc::new(Application::log_in(&platform).await);
        let other = platform.create_application();
        Self { platform, application, other, devices: Vec::new() }
    }

    /// Without TLS.
    pub fn plain(&self) -> Target {
        Target::Plain(self.platform.plain_http().expect("a plain port"))
    }

    /// With TLS.
    pub fn tls(&self, trust: &Arc<ClientConfig>) -> Target {
        let at = self.platform.base_url().trim_start_matches("https://").parse().expect("an address");
        Target::Tls(at, Arc::clone(trust))
    }

    /// Registers devices until there are so many.
    pub async fn fill(&mut self, count: usize) {
        let product: Arc<str> = self.platform.product_id().into();
        let from = self.devices.len();
        let mut tasks = JoinSet::new();
        for lane in 0..CLIENTS {
            let (application, product) = (Arc::clone(&self.application), Arc::clone(&product));
            tasks.spawn(async move {
                let mut ids = Vec::new();
                for number in (from + lane..count).step_by(CLIENTS) {
                    ids.push(application.register_as(&product, &format!("fill-{number}")).await.0);
                }
                ids
            });
        }
        while let Some(ids) = tasks.join_next().await {
            self.devices.extend(ids.expect("registrations"));
        }
    }

    /// A device with so many history records.
    pub async fn reporter(&self, records: usize) -> String {
        let body = json!({ "nodeId": "reporter", "productId": self.platform.lwm2m_product_id(), "timeout": 0 });
        let (status, answer) = self.application.call(Op::RegisterByVerifyCode, &[], body).await;
        assert!(status.is_success(), "registration: {answer}");
        let id = answer["deviceId"].as_str().expect("an id").to_owned();
        self.platform.device_online(&id).expect("a simulated device");
        for number in 0..records {
            let item = json!({ "serviceId": "Light", "serviceData": { "brightness": number % 101 } });
            self.platform.device_report(&id, &[item]).expect("a report");
        }
        id
    }

    fn get(&self, op: Op, path: &str, query: &str) -> Vec<u8> {
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        self.application.raw_get(&format!("{}{query}", op.table().path.replace("{deviceId}", path))).into_bytes()
    }

    /// Query device (1.6.1), another each time.
    pub fn query_device(&self, calls: usize) -> Work {
        let requests: Vec<_> = self.devices.iter().map(|id| self.get(Op::QueryDevice, id, "")).collect();
        // A prime, so that neighbours in time are none in the world.
        Work::new("query device (1.6.1)", calls, move |serial| requests[serial * 7_919 % requests.len()].clone())
    }

    /// Login (1.4.1).
    pub fn login(&self, calls: usize) -> Work {
        let body = format!("appId={}&secret={}", self.other.id, self.other.secret);
        let head = "Content-Type: application/x-www-form-urlencoded\r\n";
        let request = post(Op::Login, head, &body);
        Work::new("login (1.4.1)", calls, move |_| request.clone())
    }

    /// Registers a device (1.5.2), another each time.
    pub fn registration(&self, calls: usize, prefix: &'static str) -> Work {
        let (id, token) = (self.application.credentials().id.clone(), self.application.token().to_owned());
        let product = self.platform.product_id().to_owned();
        Work::new("register (1.5.2)", calls, move |serial| {
            let info = format!(r#"{{"nodeId":"{prefix}-{serial}"}}"#);
            let body = format!(r#"{{"deviceInfo":{info},"mqttConnect":true,"productId":"{product}"}}"#);
            let head = format!("app_key: {id}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
            post(Op::RegisterByPassword, &head, &body)
        })
    }

    /// A page of the list of devices (1.6.2).
    pub fn list(&self, name: &'static str, calls: usize, page: usize, size: usize) -> Work {
        let request = self.get(Op::QueryDevices, "", &format!("pageNo={page}&pageSize={size}"));
        Work::new(name, calls, move |_| request.clone())
    }

    /// The history of a device (1.6.3).
    pub fn history(&self, calls: usize, device: &str, records: usize) -> Work {
        let request = self.get(Op::QueryHistory, "", &format!("deviceId={device}&pageNo=0&pageSize={records}"));
        Work::new("history of 2,000 records (1.6.3)", calls, move |_| request.clone())
    }

    /// The answer to a call, as it goes over the wire.
    pub async fn answer(&self, op: Op, path: &[(&str, &str)], body: Value) -> String {
        let (status, answer) = self.application.call(op, path, body).await;
        assert!(status.is_success(), "{answer}");
        answer.to_string()
    }

    /// The answer to the other application's login.
    pub async fn login_answer(&self) -> String {
        let body = json!({ "appId": self.other.id, "secret": self.other.secret });
        self.answer(Op::Login, &[], body).await
    }
}

fn post(op: Op, head: &str, body: &str) -> Vec<u8> {
    let path = op.table().path;
    format!("POST {path} HTTP/1.1\r\nHost: mock\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
