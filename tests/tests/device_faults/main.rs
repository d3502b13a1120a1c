//! Faults on the wire of a device, ordered through the control plane or in Rust, as clients see them.

mod certificates;
mod orders;
mod packets;
mod raw;
mod restart;

use std::net::SocketAddr;

use crate::raw::{Papers, RawDevice, puback, publish};
use iotdm_mock::{DeviceFault, Event, FaultOrder, Platform};
use iotdm_tests::{Application, DEADLINE};
use reqwest::Method;
use serde_json::Value;

/// A platform with plain MQTT, and its control plane.
struct Scene {
    platform: Platform,
    application: Application,
    client: reqwest::Client,
}

/// A registered device.
struct Node {
    id: String,
    papers: Papers,
    by_node_id: Papers,
}

impl Scene {
    async fn new() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let platform = Platform::builder().seed(7).plain_mqtt(any).start().await.unwrap();
        let application = Application::log_in(&platform).await;
        Self { platform, application, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn node(&self, node_id: &str) -> Node {
        let (id, secret) = self.application.register(&self.platform, node_id).await;
        let (papers, by_node_id) = (Papers::of(&id, &secret), Papers::by_node_id(node_id, &secret));
        Node { id, papers, by_node_id }
    }

    fn mqtt(&self) -> SocketAddr {
        self.platform.plain_mqtt().unwrap()
    }

    async fn connect(&self, node: &Node) -> RawDevice {
        RawDevice::connect(self.mqtt(), &node.papers).await
    }

    fn order(&self, node: &Node, order: impl Into<FaultOrder>) {
        self.platform.device_fault(&node.id, order).unwrap();
    }

    /// A request to the control plane: status and answer.
    async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.platform.control_url());
        let answer = self.client.request(method, url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.control(Method::POST, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// The text of a note or a packet's note that contains these words.
    async fn journalled(&self, words: &str) -> String {
        let text = |event: &Event| match event {
            Event::Note(note) => Some(note.text.clone()),
            Event::Packet(packet) => packet.note.clone(),
            Event::Connect(connect) => connect.reason.clone(),
            _ => None,
        };
        let has = |event: &Event| text(event).is_some_and(|text| text.contains(words));
        let entry = self.platform.journal().wait_for(words, DEADLINE, |entry| has(&entry.event)).await.unwrap();
        text(&entry.event).unwrap()
    }
}

impl Node {
    fn data(&self) -> String {
        format!("/huawei/v1/devices/{}/data/json", self.id)
    }

    fn commands(&self) -> String {
        format!("/huawei/v1/devices/{}/command/json", self.id)
    }

    /// Publishes and is acknowledged, so often.
    async fn round_trips(&self, device: &mut RawDevice, count: u16) {
        for id in 1..=count {
            device.send(&publish(id, &self.data(), b"{}")).await;
            device.expect(&puback(id), "PUBACK").await;
        }
    }
}

/// A steady device beside one that a fault holds up for good: it must not notice.
async fn goes_on_undisturbed(scene: &Scene, steady: &Node) {
    let mut device = scene.connect(steady).await;
    steady.round_trips(&mut device, 100).await;
}

/// Ten minutes: longer than any test waits.
const FOR_EVER: DeviceFault = DeviceFault::DelayPuback { ms: 600_000 };
