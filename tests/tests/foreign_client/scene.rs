//! What every client meets: a platform, a device that is registered there, and an application that
//! watches and gives orders.

use std::path::PathBuf;

use iotdm_mock::{Event, Platform};
use iotdm_spec::Op;
use iotdm_spec::wire::NotifyType;
use iotdm_tests::callbacks::Callbacks;
use iotdm_tests::raw_device::password;
use iotdm_tests::{Application, DEADLINE};
use serde_json::{Value, json};

/// The timestamp of the client id.
pub const TIMESTAMP: &str = "2018072417";

/// By which of its names a device logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    DeviceId,
    NodeId,
}

impl Name {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::DeviceId => "device_id",
            Self::NodeId => "node_id",
        }
    }
}

pub struct Scene {
    pub platform: Platform,
    application: Application,
    callbacks: Callbacks,
    /// The device's id, for REST.
    pub device: String,
    /// The name by which it logs in, which stands in its topics too.
    pub name: String,
    pub client_id: String,
    pub password: String,
    pub ca: PathBuf,
}

impl Scene {
    pub async fn set(name: Name) -> Self {
        let platform = Platform::builder().start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let callbacks = Callbacks::open().await;
        let body = json!({ "notifyType": NotifyType::CommandRsp, "callbackUrl": callbacks.url });
        let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body).await;
        assert_eq!(status, 201, "{answer}");
        let node = "foreign_1";
        let (device, secret) = application.register(&platform, node).await;
        let (name, auth) = match name {
            Name::DeviceId => (device.clone(), 0),
            Name::NodeId => (node.to_owned(), 2),
        };
        let ca = std::env::temp_dir().join(format!("iotdm-foreign-{}-{device}.pem", std::process::id()));
        std::fs::write(&ca, platform.ca_pem()).unwrap();
        let client_id = format!("{name}_{auth}_0_{TIMESTAMP}");
        let password = password(TIMESTAMP, &secret);
        Self { platform, application, callbacks, device, name, client_id, password, ca }
    }

    pub fn host(&self) -> String {
        self.platform.mqtts().ip().to_string()
    }

    pub fn port(&self) -> u16 {
        self.platform.mqtts().port()
    }

    pub fn data_topic(&self) -> String {
        format!("/huawei/v1/devices/{}/data/json", self.name)
    }

    pub fn command_topic(&self) -> String {
        format!("/huawei/v1/devices/{}/command/json", self.name)
    }

    /// Waits for something in the journal.
    pub async fn wait(&self, what: &str, seen: impl Fn(&Event) -> bool) {
        self.platform.journal().wait_for(what, DEADLINE, |entry| seen(&entry.event)).await.unwrap();
    }

    /// Waits until the device's own command topic is subscribed to: the answer is one QoS, and no refusal.
    pub async fn subscribed(&self) {
        let granted =
            |event: &Event| matches!(event, Event::Packet(p) if p.packet == "SUBACK" && p.line.ends_with("[01]"));
        self.wait("the SUBACK", granted).await;
    }

    /// Waits until a younger session has taken over.
    pub async fn taken_over(&self) {
        let over = |event: &Event| matches!(event, Event::Note(note) if note.text.contains("took over"));
        self.wait("the takeover", over).await;
    }

    /// What REST says of the device's brightness.
    pub async fn brightness(&self) -> Value {
        let (status, answer) = self.application.call(Op::QueryDevice, &[("deviceId", &self.device)], Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        answer["services"][0]["data"]["brightness"].clone()
    }

    /// Sends a command.
    pub async fn order(&self) {
        let body = json!({ "header": { "mode": "ACK", "method": "SET_LEVEL" }, "body": { "value": 4 } });
        let path = [("deviceId", self.device.as_str()), ("serviceId", "Light")];
        let (status, answer) = self.application.call(Op::SendCommand, &path, body).await;
        assert_eq!(status, 202, "{answer}");
    }

    /// Judges a command as it arrived, and makes the answer.
    pub fn answer_to(command: &Value) -> Value {
        assert_eq!(command["msgType"], "cloudReq", "{command}");
        assert_eq!(command["cmd"], "SET_LEVEL", "{command}");
        assert_eq!(command["paras"]["value"], 4, "{command}");
        json!({ "msgType": "deviceRsp", "mid": command["mid"], "errcode": 0, "body": { "value": 4 } })
    }

    /// Waits for the push that carries the device's answer.
    pub async fn answered(&mut self) {
        let push = self.callbacks.next().await;
        assert_eq!(push["notifyType"], "commandRsp", "{push}");
        assert_eq!(push["body"]["value"], 4, "{push}");
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca);
    }
}

/// A report of a brightness.
pub fn report(brightness: u8) -> Value {
    json!({ "msgType": "deviceReq", "data": [{ "serviceId": "Light", "serviceData": { "brightness": brightness } }] })
}
