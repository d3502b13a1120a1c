//! 1.8.10 Device message confirmation notification. Lines 3633 to 3691.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Field, Format, Notification, object, string};
use crate::wire::{ConfirmStatus, NotifyType};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.10",
    name: "message_confirm",
    title: "Device message confirmation notification",
    lines: (3633, 3691),
    notify_type: Some(NotifyType::MessageConfirm),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3654).required().one_of(&[NotifyType::MessageConfirm.as_str()]),
        object("header", "Header", 3655).required().members(HEADER),
        object("body", "ObjectNode", 3656).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `header` (Header).
pub(crate) const HEADER: &[Field] = &[
    string("requestId", "String(1-128)", 3661).required().len(1, 128),
    string("from", "String(1-128)", 3662).required().len(1, 128),
    string("to", "String(1-128)", 3663).required().len(1, 128),
    string("status", "String(1-32)", 3664).required().len(1, 32).one_of(ConfirmStatus::VALUES),
    string("timestamp", "String(1-32)", 3665).required().len(1, 32).format(Format::UtcTime),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3654.
    pub notify_type: NotifyType,
    /// `header`, line 3655.
    pub header: Header,
    /// `body`, line 3656.
    pub body: Object,
}

/// `header`: Header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Header {
    /// `requestId`, line 3661.
    pub request_id: String,
    /// `from`, line 3662.
    pub from: String,
    /// `to`, line 3663.
    pub to: String,
    /// `status`, line 3664.
    pub status: ConfirmStatus,
    /// `timestamp`, line 3665.
    pub timestamp: String,
}

rules! {
    "push-trigger" = Platform Must 3637: "The platform pushes this notification to an application that has subscribed to messageConfirm when the platform has sent a command to a device and receives the device's confirmation (such as delivered or executed).";
    "mqtt-only" = Platform Must 3639: "This notification applies only to devices that are connected by MQTT, such as those with the AgentLite SDK.";
    "answer-push" = Application Must 3643: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "body-content" = Platform May 3656: "The content of body depends on the business, and a confirmation may carry changes of state and the like in it.";
    "request-id-unique" = Platform Must 3661: "requestId is the serial number of the message and identifies this message alone.";
    "from-address" = Platform Must 3662: "header.from is the publisher's address: /devices/{deviceId} for a request of the device, /devices/{deviceId}/services/{serviceId} for a request of one of its services.";
    "to-address" = Platform Must 3663: "header.to is the receiver's address and equals the From of the subscription request, such as the userId of the application.";
    "timestamp-utc" = Platform Must 3665: "header.timestamp is the UTC time at which the message was sent.";
}

errata! {
    3637: "the device's confirmation of a command" => "delivered: the PUBLISH was acknowledged or written; executed: a deviceRsp with errcode 0; none for mode NOACK", "The MQTT chapter has no confirmation message besides deviceRsp", "A-164";
    3648: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3662: "two forms of the address" => "/devices/{deviceId}/services/{serviceId} is the one sent", "Which one a confirmation carries is not stated", "A-165";
    3663: "To is the From of the subscription request" => "the header.from of the command request (1.9.7), otherwise /users/{appId}", "No subscription request has a From", "A-165";
    3682: "20151212T1212ZZ" => "20151212T121212Z", "It does not fit the stated pattern", "A-22";
}
