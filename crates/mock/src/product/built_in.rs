//! The products that every platform starts with: a light with a battery, over MQTT and over LWM2M.

use std::sync::Arc;

use iotdm_spec::lora;
use iotdm_spec::wire::Protocol;

use super::{Command, DataType, Para, Product, Property, Service};
use crate::simulated::autopilot::Autopilot;

/// A service whose id is its type.
fn service(id: &str, properties: Vec<Property>, commands: Vec<Command>) -> Service {
    Service { id: id.to_owned(), service_type: id.to_owned(), option: None, description: None, properties, commands }
}

impl Product {
    /// The product that every platform starts with: a light with a battery, over MQTT.
    pub(crate) fn built_in(id: Arc<str>, application: Arc<str>) -> Self {
        Self::light(id, application, Protocol::Mqtt, "L1")
    }

    /// The same light over LWM2M: its devices are simulated.
    pub(crate) fn built_in_lwm2m(id: Arc<str>, application: Arc<str>) -> Self {
        Self::light(id, application, Protocol::Lwm2m, "N1")
    }

    /// The same light over LWM2M, on autopilot: its devices need no driver.
    pub(crate) fn built_in_autopilot(id: Arc<str>, application: Arc<str>) -> Self {
        Self { autopilot: Some(Autopilot::obliging()), ..Self::light(id, application, Protocol::Lwm2m, "N2") }
    }

    /// What LoRa gateways are registered with: nothing about its one service can be read or set.
    pub(crate) fn built_in_lora_gateway(id: Arc<str>, application: Arc<str>) -> Self {
        let light = Self::built_in(id, application);
        Self {
            device_type: lora::GATEWAY_DEVICE_TYPE.to_owned(),
            model: "G1".to_owned(),
            protocol: lora::PROTOCOL.to_owned(),
            services: vec![service("Radio", Vec::new(), Vec::new())],
            ..light
        }
    }

    /// The light as a LoRa node.
    pub(crate) fn built_in_lora_node(id: Arc<str>, application: Arc<str>) -> Self {
        Self { model: "W1".to_owned(), protocol: lora::PROTOCOL.to_owned(), ..Self::built_in(id, application) }
    }

    fn light(id: Arc<str>, application: Arc<str>, protocol: Protocol, model: &str) -> Self {
        let percent = || DataType::integer(0, 100);
        let property = |name: &str, data_type, method: &str| Property {
            name: name.to_owned(),
            required: false,
            data_type,
            method: method.to_owned(),
        };
        let value = Para { name: "value".to_owned(), required: false, data_type: percent() };
        let set_level = Command { name: "SET_LEVEL".to_owned(), paras: vec![value], responses: Vec::new() };
        let light = vec![
            property("brightness", percent(), "RWE"),
            property("colour", DataType::text(16), "RWE"),
            property("power", DataType::integer(0, 10_000), "RE"),
        ];
        Self {
            id,
            application,
            manufacturer_id: "iotdm".to_owned(),
            manufacturer_name: "iotdm".to_owned(),
            device_type: "Light".to_owned(),
            model: model.to_owned(),
            protocol: protocol.as_str().to_owned(),
            services: vec![
                service("Light", light, vec![set_level]),
                service("Battery", vec![property("batteryLevel", percent(), "RE")], Vec::new()),
            ],
            codec: None,
            autopilot: None,
        }
    }
}
