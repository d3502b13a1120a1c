//! 1.8.11 Device command response notification. Lines 3693 to 3755.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Field, Notification, object, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.11",
    name: "command_rsp",
    title: "Device command response notification",
    lines: (3693, 3755),
    notify_type: Some(NotifyType::CommandRsp),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3714).required().one_of(&[NotifyType::CommandRsp.as_str()]),
        object("header", "Header", 3715).required().members(HEADER),
        object("body", "ObjectNode", 3716).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `header` (Header).
pub(crate) const HEADER: &[Field] = &[
    string("requestId", "String(1-128)", 3721).required().len(1, 128),
    string("from", "String(1-128)", 3722).required().len(1, 128),
    string("to", "String(1-128)", 3725).required().len(1, 128),
    string("deviceId", "String", 3726).required(),
    string("serviceType", "String", 3727).required(),
    string("method", "String(1-128)", 3728).required().len(1, 128),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3714.
    pub notify_type: NotifyType,
    /// `header`, line 3715.
    pub header: Header,
    /// `body`, line 3716.
    pub body: Object,
}

/// `header`: Header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Header {
    /// `requestId`, line 3721.
    pub request_id: String,
    /// `from`, line 3722.
    pub from: String,
    /// `to`, line 3725.
    pub to: String,
    /// `deviceId`, line 3726.
    pub device_id: String,
    /// `serviceType`, line 3727.
    pub service_type: String,
    /// `method`, line 3728.
    pub method: String,
}

rules! {
    "push-trigger" = Platform Must 3697: "The platform pushes this notification to an application that has subscribed to commandRsp when the platform has sent a command to a device and receives the device's response (carried out or failed, with the content that the device has to return).";
    "mqtt-only" = Platform Must 3699: "This notification applies only to devices that are connected by MQTT, such as those with the AgentLite SDK.";
    "answer-push" = Application Must 3703: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "body-content" = Platform Must 3716: "body is the content of the message with which the device answered the command.";
    "request-id-unique" = Platform Must 3721: "requestId is the serial number of the message and identifies this message alone.";
    "from-address" = Platform Must 3722: "header.from is the address of the message's publisher.";
    "to-address" = Platform Must 3725: "header.to is the receiver's address and equals the From of the subscription request, such as the userId of the application.";
    "service-type" = Platform Must 3727: "header.serviceType is the type of the service that the command belongs to.";
    "method-response" = Platform Must 3728: "header.method holds the response command, such as INVITE-RSP.";
}

errata! {
    3708: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3722: "Uask" => "the address forms of 1.8.10: /devices/{deviceId} or /devices/{deviceId}/services/{serviceId}", "Debris at the page break", "A-167";
    3725: "To is the From of the subscription request" => "the header.from of the command request (1.9.7), otherwise /users/{appId}", "No subscription request has a From", "A-165";
    3728: "INVITE-RSP here, \"method\": \"MUTE_COMMANDS\" in the sample (line 3746)" => "the command name with or without -RSP", "Table and sample differ", "A-166";
    3741: "requestid" => "requestId", "The table says requestId", "";
    3742: "\"from\": \"***, (also lines 3743 and 3744)" => "a closed string", "The closing quote is lost", "";
    3748: "\"body\": {" => "the body of the device's deviceRsp, {} where it gave none; errcode is not mapped", "How a deviceRsp is mapped is not stated", "A-166";
}
