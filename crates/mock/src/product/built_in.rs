//! The products that every platform starts with: a light with a battery, over MQTT and over LWM2M.

use std::sync::Arc;

use iotdm_spec::wire::Protocol;

use super::{Command, DataType, Para, Product, Property, Service};

impl Product {
    /// The product that every platform starts with: a light with a battery, over MQTT.
    pub(crate) fn built_in(id: Arc<str>, application: Arc<str>) -> Self {
        Self::light(id, application, Protocol::Mqtt, "L1")
    }

    /// The same light over LWM2M: its devices are simulated.
    pub(crate) fn built_in_lwm2m(id: Arc<str>, application: Arc<str>) -> Self {
        Self::light(id, application, Protocol::Lwm2m, "N1")
    }

    fn light(id: Arc<str>, application: Arc<str>, protocol: Protocol, model: &str) -> Self {
        let percent = || DataType::integer(0, 100);
        let property = |name: &str, data_type, method: &str| Property {
            name: name.to_owned(),
            required: false,
            data_type,
            method: method.to_owned(),
        };
        let service = |id: &str, properties, commands| Service {
            id: id.to_owned(),
            service_type: id.to_owned(),
            option: None,
            description: None,
            properties,
            commands,
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
        }
    }
}
