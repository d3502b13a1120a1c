//! Codecs: how the devices of a product speak on the binary topics (2.1, A-275).
//!
//! The platform's own codecs are programs that the owner uploads; these are declared. A codec is a
//! list of messages, each of constants and fields at fixed offsets (the file `codec.json` beside a
//! profile, or the member `codec` of a product on the control plane):
//!
//! ```json
//! { "messages": [
//!   { "name": "reading", "msgType": "deviceReq",
//!     "constants": [ { "offset": 0, "hex": "01" } ],
//!     "fields": [ { "offset": 1, "type": "uint32", "service": "Meter", "property": "flow" },
//!                 { "offset": 5, "type": "int16", "endianness": "little", "service": "Meter", "property": "temperature" },
//!                 { "offset": 7, "type": "string", "length": 8, "service": "Meter", "property": "serial" } ] },
//!   { "name": "set interval", "msgType": "cloudReq", "service": "Meter", "cmd": "SET_INTERVAL",
//!     "constants": [ { "offset": 0, "hex": "81" } ],
//!     "fields": [ { "offset": 1, "type": "uint16", "member": "mid" },
//!                 { "offset": 3, "type": "uint16", "para": "seconds" } ] },
//!   { "name": "answer", "msgType": "deviceRsp",
//!     "constants": [ { "offset": 0, "hex": "02" } ],
//!     "fields": [ { "offset": 1, "type": "uint16", "member": "mid" },
//!                 { "offset": 3, "type": "uint8", "member": "errcode" },
//!                 { "offset": 4, "type": "uint8", "para": "result" } ] } ] }
//! ```
//!
//! - `type`: `uint8` to `uint64`, `int8` to `int64`, `float32`, `float64`, `string` (UTF-8, filled up
//!   with zero bytes), `bytes` (hexadecimal digits in JSON).
//! - `endianness`: `big` (the default) or `little`.
//! - `length`: of `string` and `bytes`; without it the field takes the rest of the message.
//! - An uplink is the first message whose constants and length it has; no byte may be left over.
//! - A command for which there is no `cloudReq` message goes out as JSON.

mod layout;
mod read;

use iotdm_spec::Object;
use iotdm_spec::mqtt::report_data::{self, ServiceData};
use iotdm_spec::mqtt::respond_command;
use iotdm_spec::wire::MsgType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use layout::Layout;
pub(crate) use read::read;

/// A product's codec.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Codec {
    /// The messages, in the order in which they are tried.
    messages: Vec<Message>,
    /// The declaration that the messages were read from; it is what is shown.
    source: Value,
}

/// A message of a codec.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecMessage")]
struct Message {
    /// What it is called.
    name: String,
    /// What it is for.
    role: Role,
    /// Its bytes.
    layout: Layout,
    /// What each field of the layout means, in the same order.
    targets: Vec<Target>,
}

/// What a message is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecRole")]
enum Role {
    /// A device reports.
    Report,
    /// A device answers a command.
    Answer,
    /// A device is told something.
    Command { service: String, cmd: String },
}

/// What a field stands for in the JSON message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CodecTarget")]
enum Target {
    /// The number by which an answer names its command.
    Mid,
    /// Whether the device did what it was told.
    Errcode,
    /// A property that is reported.
    Property { service: String, property: String },
    /// A parameter of the command or of its answer, by its name.
    Para(String),
}

/// What a field is declared with that stands for no value of the model.
const MID: &str = "mid";
const ERRCODE: &str = "errcode";

impl Codec {
    /// The declaration.
    pub(crate) const fn source(&self) -> &Value {
        &self.source
    }

    /// The JSON message that a device's payload stands for: a report or an answer.
    pub(crate) fn decode(&self, payload: &[u8]) -> Result<Object, String> {
        let mut reasons = Vec::new();
        for message in self.messages.iter().filter(|message| !matches!(message.role, Role::Command { .. })) {
            match message.layout.decode(payload) {
                Ok(values) => return Ok(message.to_json(values)),
                Err(why) => reasons.push(format!("{:?}: {why}", message.name)),
            }
        }
        Err(format!("no message of the codec fits these {} bytes ({})", payload.len(), reasons.join("; ")))
    }

    /// Whether the codec has a message for a command.
    pub(crate) fn carries(&self, service: &str, cmd: &str) -> bool {
        self.messages.iter().any(|message| message.role.is_command(service, cmd))
    }

    /// A command as a payload; none if the codec has no message for it.
    pub(crate) fn encode(&self, service: &str, cmd: &str, mid: u16, paras: &Object) -> Option<Result<Vec<u8>, String>> {
        let message = self.messages.iter().find(|message| message.role.is_command(service, cmd))?;
        let value = |target: &Target| match target {
            Target::Mid => Some(Value::from(mid)),
            Target::Para(name) => paras.get(name).cloned(),
            Target::Errcode | Target::Property { .. } => None,
        };
        let values: Vec<Option<Value>> = message.targets.iter().map(value).collect();
        let names: Vec<&str> = message.targets.iter().map(Target::name).collect();
        let encoded = message.layout.encode(&names, &values);
        Some(encoded.map_err(|why| format!("the codec's message {:?} cannot carry the command: {why}", message.name)))
    }
}

impl Role {
    fn is_command(&self, service: &str, cmd: &str) -> bool {
        matches!(self, Self::Command { service: s, cmd: c } if s == service && c == cmd)
    }
}

impl Target {
    fn name(&self) -> &str {
        match self {
            Self::Mid => MID,
            Self::Errcode => ERRCODE,
            Self::Property { property, .. } => property,
            Self::Para(name) => name,
        }
    }
}

impl Message {
    /// The message of 2.3 or 2.5 that it stands for.
    fn to_json(&self, values: Vec<Value>) -> Object {
        let pairs = self.targets.iter().zip(values);
        let message = match self.role {
            Role::Report => serde_json::to_value(report(pairs)),
            Role::Answer | Role::Command { .. } => serde_json::to_value(answer(pairs)),
        };
        // Strings, numbers and JSON objects always serialise. What the payload does not have is left out.
        match message.map(without_nulls) {
            Ok(Value::Object(object)) => object,
            _ => Object::new(),
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

fn report<'a>(pairs: impl Iterator<Item = (&'a Target, Value)>) -> report_data::Message {
    let mut data: Vec<ServiceData> = Vec::new();
    for (target, value) in pairs {
        let Target::Property { service, property } = target else { continue };
        let index = data.iter().position(|item| &item.service_id == service).unwrap_or_else(|| {
            data.push(ServiceData { service_id: service.clone(), service_data: Object::new(), event_time: None });
            data.len() - 1
        });
        if let Some(item) = data.get_mut(index) {
            item.service_data.insert(property.clone(), value);
        }
    }
    report_data::Message { msg_type: MsgType::DeviceReq, data }
}

fn answer<'a>(pairs: impl Iterator<Item = (&'a Target, Value)>) -> respond_command::Message {
    let mut message = respond_command::Message { msg_type: MsgType::DeviceRsp, mid: 0, errcode: 0, body: None };
    // A codec's mid and errcode are whole numbers of at most four bytes.
    for (target, value) in pairs {
        match target {
            Target::Mid => message.mid = value.as_i64().unwrap_or_default(),
            Target::Errcode => message.errcode = value.as_i64().unwrap_or_default(),
            Target::Para(name) => {
                message.body.get_or_insert_default().insert(name.clone(), value);
            }
            Target::Property { .. } => {}
        }
    }
    message
}

#[cfg(test)]
mod tests;
