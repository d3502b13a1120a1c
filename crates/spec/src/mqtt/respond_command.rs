//! 2.5 Device responds to a command. Lines 6869 to 6906.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Direction, Packet, Topic, integer, object, string};
use crate::wire::MsgType;

/// The clause's table.
pub static MESSAGE: Packet = Packet {
    clause: "2.5",
    name: "respond_command",
    title: "Device responds to a command",
    lines: (6869, 6906),
    topic: Some(Topic {
        pattern: "/huawei/v1/devices/{deviceId}/data/{codecMode}",
        direction: Direction::DeviceToPlatform,
        line: 6881,
    }),
    direction: Direction::DeviceToPlatform,
    fields: &[
        string("msgType", "String", 6888).required().one_of(&[MsgType::DeviceRsp.as_str()]),
        integer("mid", "Integer", 6889).required(),
        integer("errcode", "Integer", 6892).required().min(0).max(1),
        object("body", "ObjectNode", 6893),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `msgType`, line 6888.
    pub msg_type: MsgType,
    /// `mid`, line 6889.
    pub mid: i64,
    /// `errcode`, line 6892.
    pub errcode: i64,
    /// `body`, line 6893.
    pub body: Option<Object>,
}

rules! {
    "subscribe-before-receiving" = Application Must 6877: "An application has to subscribe to commandRsp through the business data subscription (1.7.1) before the devices' answers to commands reach it.";
    "mid-echo" = Device Must 6889: "The mid of an answer is the mid that the platform's command carried.";
    "errcode-meaning" = Device Must 6892: "errcode is 0 when the command was carried out and 1 when carrying it out failed.";
    "body-by-model" = Device Must 6893: "body is the command's answer, with the members that the device's product model defines.";
}

errata! {
    6877: "a superfluous character before the word for having to call the API" => "the application server has to call the API", "Doubled word", "";
    6877: "the application receives the answers only after subscribing to commandRsp" => "without the subscription no push; the status of a command of 1.9.1 is updated all the same", "The effect of an answer without a subscription is not spelled out", "A-293";
    6892: "\"0\" and \"1\", in quotes" => "the JSON numbers 0 and 1", "The type cell says Integer and the sample shows a number", "A-25";
    6892: "only 0 and 1 have a meaning" => "anything but 0 is a failure", "Other values are not treated", "A-292";
}
