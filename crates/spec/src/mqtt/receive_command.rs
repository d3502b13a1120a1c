//! 2.4 Device receives a command. Lines 6831 to 6867.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Direction, Packet, Topic, integer, object, string};
use crate::wire::MsgType;

/// The clause's table.
pub static MESSAGE: Packet = Packet {
    clause: "2.4",
    name: "receive_command",
    title: "Device receives a command",
    lines: (6831, 6867),
    topic: Some(Topic {
        pattern: "/huawei/v1/devices/{deviceId}/command/{codecMode}",
        direction: Direction::PlatformToDevice,
        line: 6839,
    }),
    direction: Direction::PlatformToDevice,
    fields: &[
        string("msgType", "String", 6846).required().one_of(&[MsgType::CloudReq.as_str()]),
        string("serviceId", "String", 6847).required(),
        string("cmd", "String", 6848).required(),
        object("paras", "ObjectNode", 6849).required(),
        integer("mid", "Integer", 6852).required().min(1).max(65535),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `msgType`, line 6846.
    pub msg_type: MsgType,
    /// `serviceId`, line 6847.
    pub service_id: String,
    /// `cmd`, line 6848.
    pub cmd: String,
    /// `paras`, line 6849.
    pub paras: Object,
    /// `mid`, line 6852.
    pub mid: i64,
}

rules! {
    "cmd-by-model" = Platform Must 6848: "cmd is the name of a command that the device's product model defines.";
    "paras-by-model" = Platform Must 6849: "paras has the members that the device's product model defines.";
    "mid-assigned" = Platform Must 6852: "The platform itself assigns the mid of each command.";
    "mid-echo" = Device Must 6852: "A device that answers a command returns the command's mid.";
    "subscribe-before-receiving" = Device Must 6857: "A device has to subscribe to the command topic before commands are pushed to it.";
}

errata! {
    6852: "assigned inside the platform, range 1 to 65535" => "a counter for each device that wraps to 1 and is never 0", "How the id is assigned is not stated", "A-291";
}
