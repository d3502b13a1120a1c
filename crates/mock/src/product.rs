//! Products: what a device can report and be told, and the small one that every platform has.

use std::sync::Arc;

use iotdm_spec::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::Codec;

mod built_in;
mod collection;
mod data_type;

pub(crate) use collection::{Products, Series};
pub(crate) use data_type::{DataType, Kind};

use crate::simulated::autopilot::Autopilot;

/// A product model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Product {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application that it belongs to, by its id.
    pub(crate) application: Arc<str>,
    /// `manufacturerId` of its devices.
    pub(crate) manufacturer_id: String,
    /// `manufacturerName` of its devices.
    pub(crate) manufacturer_name: String,
    /// `deviceType` of its devices.
    pub(crate) device_type: String,
    /// `model` of its devices.
    pub(crate) model: String,
    /// `protocolType` of its devices.
    pub(crate) protocol: String,
    /// What its devices can do.
    pub(crate) services: Vec<Service>,
    /// How its devices speak on the binary topics; null if they do not.
    pub(crate) codec: Option<Codec>,
    /// What its simulated devices do by themselves; null means that they are driven by hand.
    #[serde(default)]
    pub(crate) autopilot: Option<Autopilot>,
}

/// A service of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductService")]
pub(crate) struct Service {
    /// Its id: `serviceId`.
    pub(crate) id: String,
    /// Its type: `serviceType`.
    pub(crate) service_type: String,
    /// Master, Mandatory, Optional, or whatever the profile says.
    pub(crate) option: Option<String>,
    /// What is said of it.
    pub(crate) description: Option<String>,
    /// What it reports, and what can be wished of it.
    pub(crate) properties: Vec<Property>,
    /// What it can be told.
    pub(crate) commands: Vec<Command>,
}

/// A property of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductProperty")]
pub(crate) struct Property {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is obligatory.
    pub(crate) required: bool,
    /// What values it has.
    pub(crate) data_type: DataType,
    /// Any of R (readable), W (writable), E (reported).
    pub(crate) method: String,
}

/// A command of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductCommand")]
pub(crate) struct Command {
    /// Its name.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) paras: Vec<Para>,
    /// How it can be answered; an empty list says nothing about answers.
    pub(crate) responses: Vec<CommandResponse>,
}

/// One way in which a device can answer a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductCommandResponse")]
pub(crate) struct CommandResponse {
    /// Its name.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) paras: Vec<Para>,
}

/// A parameter of a command or of its response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductParameter")]
pub(crate) struct Para {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is obligatory.
    pub(crate) required: bool,
    /// What values it has.
    pub(crate) data_type: DataType,
}

impl Service {
    /// Values of the properties that are reported, inside the model.
    pub(crate) fn sample(&self, number: u64) -> Object {
        let reported = self.properties.iter().filter(|property| property.method.contains(['R', 'E']));
        reported.map(|property| (property.name.clone(), property.data_type.sample(number))).collect()
    }

    /// Where reported data leaves the model. It is stored all the same.
    pub(crate) fn faults_of_report(&self, data: &Object) -> Vec<String> {
        let fault = |(name, value)| match self.properties.iter().find(|p| &p.name == name) {
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

    /// The command with this name.
    pub(crate) fn command(&self, name: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.name == name)
    }
}

impl Command {
    /// Where a command's parameters leave the model. They are passed on all the same (1.9.7, line 4946).
    pub(crate) fn faults_of_paras(&self, paras: &Object) -> Vec<String> {
        faults(&format!("command {:?}", self.name), &self.paras, paras)
    }

    /// Where a device's answer leaves the model: it has to be one of the responses. A model without
    /// responses says nothing about answers.
    pub(crate) fn faults_of_response(&self, body: &Object) -> Vec<String> {
        let of =
            |r: &CommandResponse| faults(&format!("response {:?} of command {:?}", r.name, self.name), &r.paras, body);
        let judged: Vec<Vec<String>> = self.responses.iter().map(of).collect();
        judged.into_iter().min_by_key(Vec::len).unwrap_or_default()
    }
}

fn faults(what: &str, model: &[Para], given: &Object) -> Vec<String> {
    let fault = |(name, value)| match model.iter().find(|para| &para.name == name) {
        None => Some(format!("{what} has no parameter {name:?}")),
        Some(para) => para.data_type.fault(value).map(|why| format!("parameter {name:?} of {what}: {why}")),
    };
    let missing = model.iter().filter(|para| para.required && !given.contains_key(&para.name));
    let missing = missing.map(|para| format!("{what} needs the parameter {:?}", para.name));
    given.iter().filter_map(fault).chain(missing).collect()
}

impl Product {
    /// The service with this id.
    pub(crate) fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: serde_json::Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    fn command() -> Command {
        let para = |name: &str, required| Para { name: name.to_owned(), required, data_type: DataType::integer(0, 9) };
        let response = |name: &str, para| CommandResponse { name: name.to_owned(), paras: vec![para] };
        Command {
            name: "SET".to_owned(),
            paras: vec![para("value", true), para("ramp", false)],
            responses: vec![response("OK", para("result", true)), response("NO", para("reason", true))],
        }
    }

    #[test]
    fn a_command_needs_its_required_parameters_only() {
        assert!(command().faults_of_paras(&object(json!({"value": 1}))).is_empty());
        let faults = command().faults_of_paras(&object(json!({"ramp": 10, "other": 1})));
        assert_eq!(faults.len(), 3, "{faults:?}");
    }

    #[test]
    fn an_answer_has_to_be_one_of_the_responses() {
        for body in [json!({"result": 1}), json!({"reason": 2})] {
            assert!(command().faults_of_response(&object(body)).is_empty());
        }
        assert!(!command().faults_of_response(&object(json!({}))).is_empty());
        let silent = Command { responses: Vec::new(), ..command() };
        assert!(silent.faults_of_response(&object(json!({"whatever": 1}))).is_empty());
    }
}
