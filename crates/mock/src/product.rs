//! Products: what a device can report and be told, and the small one that every platform has.

use std::sync::Arc;

use iotdm_spec::Object;
use iotdm_spec::check::type_name;
use iotdm_spec::lora;
use iotdm_spec::wire::Protocol;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulated::autopilot::Autopilot;

/// A product model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: Arc<str>,
    /// The application that it belongs to.
    pub(crate) application: Arc<str>,
    pub(crate) manufacturer_id: String,
    pub(crate) manufacturer_name: String,
    pub(crate) device_type: String,
    pub(crate) model: String,
    pub(crate) protocol: String,
    pub(crate) services: Vec<Service>,
    /// What its simulated devices do by themselves; none means that they are driven by hand.
    #[serde(default)]
    pub(crate) autopilot: Option<Autopilot>,
}

/// A service of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) id: String,
    pub(crate) service_type: String,
    pub(crate) properties: Vec<Property>,
    pub(crate) commands: Vec<Command>,
}

/// A property of a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) data_type: DataType,
    /// Any of R (readable), W (writable), E (reported).
    pub(crate) method: String,
}

/// A command of a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) paras: Vec<Para>,
}

/// A parameter of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Para {
    pub(crate) name: String,
    pub(crate) data_type: DataType,
}

/// The data type of a property or parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DataType {
    /// A whole number within bounds.
    Integer {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    },
    /// A string of at most so many characters.
    Text {
        /// The largest length.
        max_len: u32,
    },
}

impl DataType {
    /// What is the matter with a value, in words.
    pub(crate) fn fault(self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
                Some(number) if (min..=max).contains(&number) => None,
                _ => Some(format!("{number} is no whole number from {min} to {max}")),
            },
            (Self::Text { max_len }, Value::String(text)) => {
                (text.chars().count() > max_len as usize).then(|| format!("it has more than {max_len} characters"))
            }
            (Self::Integer { .. }, other) => Some(format!("it is a {}, not a whole number", type_name(other))),
            (Self::Text { .. }, other) => Some(format!("it is a {}, not a string", type_name(other))),
        }
    }
}

impl DataType {
    /// A value inside its bounds, another for the next number as far as there is another.
    pub(crate) fn sample(self, number: u64) -> Value {
        match self {
            Self::Integer { min, max } => {
                let span = u64::try_from(i128::from(max) - i128::from(min) + 1).unwrap_or(u64::MAX).max(1);
                let step = i64::try_from(number % span).unwrap_or(i64::MAX);
                Value::from(min.saturating_add(step).clamp(min, max))
            }
            Self::Text { max_len } => {
                let text = format!("{number}-sample");
                Value::from(text.chars().take(max_len as usize).collect::<String>())
            }
        }
    }
}

impl Service {
    /// Values of the properties that are reported, inside the model.
    pub(crate) fn sample(&self, number: u64) -> Object {
        let reported = self.properties.iter().filter(|property| property.method.contains(['R', 'E']));
        reported.map(|property| (property.name.clone(), property.data_type.sample(number))).collect()
    }

    /// Where reported data leaves the model. It is stored all the same.
    pub(crate) fn faults_of_report(&self, data: &Object) -> Vec<String> {
        let fault = |(name, value): (&String, &Value)| match self.properties.iter().find(|p| &p.name == name) {
            None => Some(format!("property {name:?} is not in the model of service {:?}", self.id)),
            Some(property) if !property.method.contains(['R', 'E']) => {
                Some(format!("property {name:?} of service {:?} is not one that is reported", self.id))
            }
            Some(property) => {
                property.data_type.fault(value).map(|why| format!("property {name:?} of service {:?}: {why}", self.id))
            }
        };
        data.iter().filter_map(fault).collect()
    }
}

impl Command {
    /// Where a command's parameters leave the model. They are passed on all the same (1.9.7, line 4946).
    pub(crate) fn faults_of_paras(&self, paras: &Object) -> Vec<String> {
        let fault = |(name, value): (&String, &Value)| match self.paras.iter().find(|p| &p.name == name) {
            None => Some(format!("command {:?} has no parameter {name:?}", self.name)),
            Some(para) => para.data_type.fault(value).map(|why| format!("parameter {name:?}: {why}")),
        };
        paras.iter().filter_map(fault).collect()
    }
}

impl Product {
    /// The service with this id.
    pub(crate) fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

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
        let device_type = lora::GATEWAY_DEVICE_TYPE.to_owned();
        let radio = || "Radio".to_owned();
        let radio = Service { id: radio(), service_type: radio(), properties: Vec::new(), commands: Vec::new() };
        Self {
            device_type,
            model: "G1".to_owned(),
            protocol: lora::PROTOCOL.to_owned(),
            services: vec![radio],
            ..light
        }
    }

    /// The light as a LoRa node.
    pub(crate) fn built_in_lora_node(id: Arc<str>, application: Arc<str>) -> Self {
        Self { model: "W1".to_owned(), protocol: lora::PROTOCOL.to_owned(), ..Self::built_in(id, application) }
    }

    fn light(id: Arc<str>, application: Arc<str>, protocol: Protocol, model: &str) -> Self {
        let percent = DataType::Integer { min: 0, max: 100 };
        let property = |name: &str, data_type, method: &str| Property {
            name: name.to_owned(),
            data_type,
            method: method.to_owned(),
        };
        Self {
            id,
            application,
            manufacturer_id: "iotdm".to_owned(),
            manufacturer_name: "iotdm".to_owned(),
            device_type: "Light".to_owned(),
            model: model.to_owned(),
            protocol: protocol.as_str().to_owned(),
            services: vec![
                Service {
                    id: "Light".to_owned(),
                    service_type: "Light".to_owned(),
                    properties: vec![
                        property("brightness", percent, "RWE"),
                        property("colour", DataType::Text { max_len: 16 }, "RWE"),
                        property("power", DataType::Integer { min: 0, max: 10_000 }, "RE"),
                    ],
                    commands: vec![Command {
                        name: "SET_LEVEL".to_owned(),
                        paras: vec![Para { name: "value".to_owned(), data_type: percent }],
                    }],
                },
                Service {
                    id: "Battery".to_owned(),
                    service_type: "Battery".to_owned(),
                    properties: vec![property("batteryLevel", percent, "RE")],
                    commands: Vec::new(),
                },
            ],
            autopilot: None,
        }
    }
}
