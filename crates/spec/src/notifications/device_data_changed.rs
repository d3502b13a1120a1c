//! 1.8.4 Device data changed notification. Lines 3313 to 3371.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Field, Format, Notification, object, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.4",
    name: "device_data_changed",
    title: "Device data changed notification",
    lines: (3313, 3371),
    notify_type: Some(NotifyType::DeviceDataChanged),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3332).required().one_of(&[NotifyType::DeviceDataChanged.as_str()]),
        string("requestId", "String(1-128)", 3333).len(1, 128),
        string("deviceId", "String", 3334).required(),
        string("gatewayId", "String", 3335).required(),
        object("service", "DeviceServiceData", 3336).required().members(DEVICE_SERVICE_DATA),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `service` (DeviceServiceData).
pub(crate) const DEVICE_SERVICE_DATA: &[Field] = &[
    string("serviceId", "String", 3341).required(),
    string("serviceType", "String", 3342).required(),
    object("data", "ObjectNode", 3343).required(),
    string("eventTime", "String", 3344).required().format(Format::UtcTime),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3332.
    pub notify_type: NotifyType,
    /// `requestId`, line 3333.
    pub request_id: Option<String>,
    /// `deviceId`, line 3334.
    pub device_id: String,
    /// `gatewayId`, line 3335.
    pub gateway_id: String,
    /// `service`, line 3336.
    pub service: DeviceServiceData,
}

/// `service`: DeviceServiceData.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceServiceData {
    /// `serviceId`, line 3341.
    pub service_id: String,
    /// `serviceType`, line 3342.
    pub service_type: String,
    /// `data`, line 3343.
    pub data: Object,
    /// `eventTime`, line 3344.
    pub event_time: String,
}

rules! {
    "push-trigger" = Platform Must 3317: "The platform pushes this notification to an application that has subscribed to deviceDataChanged when a device reports the property data of a single service.";
    "answer-push" = Application Must 3321: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "request-id-unique" = Platform Must 3333: "requestId is the serial number of the message and identifies this message alone.";
    "gateway-id" = Platform Must 3335: "gatewayId equals the deviceId for a directly connected device and is the deviceId of the associated gateway for an indirectly connected one.";
    "event-time-utc" = Platform Must 3344: "eventTime is the UTC time at which the event happened.";
}

errata! {
    3317: "the property data of a single service" => "one service in a report: deviceDataChanged only; two or more: deviceDatasChanged only", "What happens when both are subscribed is not stated", "A-156";
    3326: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3333: "requestId is optional" => "always sent", "1.8.5 requires the same member", "A-157";
    3342: "the type of the service" => "the serviceType of the profile, or the serviceId where it names none", "The device's report carries no serviceType", "A-158";
    3357: "\"requestld\": \"***, (no closing quote, also lines 3358 and 3359)" => "\"requestId\", a closed string", "Misread in the sample; quotes are lost", "";
    3362: "service!" => "serviceType", "Misread in the sample; the table requires serviceType", "A-157";
}
