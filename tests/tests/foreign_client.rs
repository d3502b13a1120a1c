//! mosquitto's clients act as the device, over TLS with the platform's CA.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use hmac::{Hmac, KeyInit, Mac};
use iotdm_mock::{Event, Platform};
use iotdm_spec::Op;
use iotdm_spec::wire::NotifyType;
use iotdm_tests::{Application, DEADLINE};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;

/// Whether the clients are there. In CI they must be; elsewhere their absence is said, not hidden.
fn clients_are_here() -> bool {
    let found = |name: &str| {
        std::process::Command::new(name).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let here = found("mosquitto_pub") && found("mosquitto_sub");
    assert!(
        here || std::env::var_os("CI").is_none(),
        "CI must have mosquitto_pub and mosquitto_sub (Debian: mosquitto-clients)"
    );
    if !here {
        // Straight to the terminal: a skip must be seen although the test passes.
        let _ = std::io::stderr()
            .write_all(b"SKIPPED: mosquitto_pub and mosquitto_sub are not installed (Debian: mosquitto-clients)\n");
    }
    here
}

/// A device as mosquitto's command line knows it.
struct Foreign {
    host: String,
    port: String,
    ca: PathBuf,
    device: String,
    password: String,
}

const TIMESTAMP: &str = "2018072417";

impl Foreign {
    fn new(platform: &Platform, device: &str, secret: &str) -> Self {
        let ca = std::env::temp_dir().join(format!("iotdm-foreign-{}-{device}.pem", std::process::id()));
        std::fs::write(&ca, platform.ca_pem()).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(TIMESTAMP.as_bytes()).unwrap();
        mac.update(secret.as_bytes());
        let password = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let (host, port) = (platform.mqtts().ip().to_string(), platform.mqtts().port().to_string());
        Self { host, port, ca, device: device.to_owned(), password }
    }

    fn command(&self, program: &str, password: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", &self.host, "-p", &self.port, "--cafile"]).arg(&self.ca);
        command.args([
            "-i",
            &format!("{}_0_0_{TIMESTAMP}", self.device),
            "-u",
            &self.device,
            "-P",
            password,
            "-q",
            "1",
        ]);
        command.kill_on_drop(true);
        command
    }

    async fn publish(&self, password: &str, topic: &str, message: &str) -> Output {
        let mut command = self.command("mosquitto_pub", password);
        command.args(["-t", topic, "-m", message]);
        tokio::time::timeout(DEADLINE, command.output()).await.expect("mosquitto_pub ends in time").unwrap()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca);
    }
}

/// A callback receiver: every POST is answered 200 and handed on.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let (sender, pushes) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut text = Vec::new();
                let mut chunk = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                    text.extend_from_slice(&chunk[..read]);
                    let Some(end) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
                    if let Ok(body) = serde_json::from_slice(&text[end + 4..]) {
                        let _ = sender.send(body);
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                        text.clear();
                    }
                }
            });
        }
    });
    (url, pushes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_mosquitto_pub_arrives_at_the_callback() {
    if !clients_are_here() {
        return;
    }
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (url, mut pushes) = receiver().await;
    let subscription = json!({ "notifyType": NotifyType::DeviceDataChanged, "callbackUrl": url });
    let (status, _) = application.call(Op::SubscribeBusinessData, &[], subscription).await;
    assert_eq!(status, 201);
    let (device, secret) = application.register(&platform, "foreign-1").await;
    let foreign = Foreign::new(&platform, &device, &secret);
    let report =
        json!({ "msgType": "deviceReq", "data": [{ "serviceId": "Light", "serviceData": { "brightness": 80 } }] });
    let topic = format!("/huawei/v1/devices/{device}/data/json");
    let output = foreign.publish(&foreign.password, &topic, &report.to_string()).await;
    assert!(output.status.success(), "{output:?}");
    let push = tokio::time::timeout(DEADLINE, pushes.recv()).await.expect("a push in time").unwrap();
    assert_eq!(push["notifyType"], "deviceDataChanged");
    assert_eq!(push["deviceId"], device.as_str());
    assert_eq!(push["service"]["data"]["brightness"], 80);
    assert_eq!(platform.journal().published(&device).len(), 1, "the device published once");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_arrives_at_mosquitto_sub() {
    if !clients_are_here() {
        return;
    }
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, secret) = application.register(&platform, "foreign-2").await;
    let foreign = Foreign::new(&platform, &device, &secret);
    let mut command = foreign.command("mosquitto_sub", &foreign.password);
    command.args(["-t", &format!("/huawei/v1/devices/{device}/command/json"), "-C", "1", "-W", "10"]);
    let waiting = command.stdout(Stdio::piped()).spawn().unwrap();
    let subscribed = |event: &Event| matches!(event, Event::Packet(p) if p.packet == "SUBACK");
    platform.journal().wait_for("the SUBACK", DEADLINE, |entry| subscribed(&entry.event)).await.unwrap();
    let body = json!({ "header": { "mode": "NOACK", "method": "SET_LEVEL" }, "body": { "value": 4 } });
    let (status, answer) =
        application.call(Op::SendCommand, &[("deviceId", &device), ("serviceId", "Light")], body).await;
    assert_eq!(status, 202, "{answer}");
    let output = tokio::time::timeout(DEADLINE, waiting.wait_with_output()).await.expect("a command in time").unwrap();
    let message: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(message["msgType"], "cloudReq");
    assert_eq!(message["cmd"], "SET_LEVEL");
    assert_eq!(message["paras"]["value"], 4);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_password_is_refused_by_a_connack() {
    if !clients_are_here() {
        return;
    }
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, secret) = application.register(&platform, "foreign-3").await;
    let foreign = Foreign::new(&platform, &device, &secret);
    let output = foreign.publish("wrong", "/any", "x").await;
    assert_eq!(output.status.code(), Some(4), "mosquitto_pub's exit code is the CONNACK's: {output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad user name or password"), "{output:?}");
    platform.stop().await;
}
