//! 1.8.5 Device data changed in batch notification. Lines 3373 to 3443.

use serde::{Deserialize, Serialize};

use crate::model::{Field, Format, Kind, Notification, array, object, string};
use crate::wire::NotifyType;

pub use crate::notifications::device_data_changed::DeviceServiceData;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.5",
    name: "device_datas_changed",
    title: "Device data changed in batch notification",
    lines: (3373, 3443),
    notify_type: Some(NotifyType::DeviceDatasChanged),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3390).required().one_of(&[NotifyType::DeviceDatasChanged.as_str()]),
        string("requestId", "String", 3391).required(),
        string("deviceId", "String", 3392).required(),
        string("gatewayId", "String", 3395).required(),
        array("services", &Kind::Object, "List<DeviceServiceData>", 3396).required().members(DEVICE_SERVICE_DATA),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `services` (List<DeviceServiceData>).
pub(crate) const DEVICE_SERVICE_DATA: &[Field] = &[
    string("serviceId", "String", 3401).required(),
    string("serviceType", "String", 3402).required(),
    object("data", "ObjectNode", 3403).required(),
    string("eventTime", "String", 3404).required().format(Format::UtcTime),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3390.
    pub notify_type: NotifyType,
    /// `requestId`, line 3391.
    pub request_id: String,
    /// `deviceId`, line 3392.
    pub device_id: String,
    /// `gatewayId`, line 3395.
    pub gateway_id: String,
    /// `services`, line 3396.
    pub services: Vec<DeviceServiceData>,
}

rules! {
    "push-trigger" = Platform Must 3377: "The platform pushes this notification to an application that has subscribed to deviceDatasChanged when a device reports the property data of several services at once.";
    "answer-push" = Application Must 3381: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "request-id-unique" = Platform Must 3391: "requestId is the serial number of the message and identifies this message alone.";
    "gateway-id" = Platform Must 3395: "gatewayId equals the deviceId for a directly connected device and is the deviceId of the associated gateway for an indirectly connected one.";
    "event-time-utc" = Platform Must 3404: "eventTime is the UTC time at which the event was reported.";
}

errata! {
    3377: "the property data of several services at once" => "two or more items in one report: deviceDatasChanged, once", "What happens when both types are subscribed is not stated", "A-156";
    3386: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3396: "the type of services is printed as a markup tag, List <devic eServiceDa ta></devic" => "List<DeviceServiceData>", "The type parameter was taken for markup", "";
    3396: "the list of services" => "items of unknown services are dropped and the remaining ones counted", "Reports that are valid in part are not treated", "A-160";
    3404: "the UTC time at which the event was reported" => "the time of the data, as in 1.8.4 (line 3344: at which the event happened)", "One member, two descriptions", "";
    3418: "\"requestId\": \"***, (also lines 3419 and 3420)" => "a closed string", "The closing quote is lost", "";
    3421: "\"service\": [" => "\"services\": [", "The table says services", "A-159";
    3440: "the sample ends after the second item" => "} ] }", "The closing brackets are lost", "";
}
