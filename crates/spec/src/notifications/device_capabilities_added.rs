//! 1.8.7 Device service capabilities added notification. Lines 3495 to 3545.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.7",
    name: "device_capabilities_added",
    title: "Device service capabilities added notification",
    lines: (3495, 3545),
    notify_type: Some(NotifyType::DeviceCapabilitiesAdded),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3514).required().one_of(&[NotifyType::DeviceCapabilitiesAdded.as_str()]),
        string("appId", "String", 3515).required(),
        string("deviceType", "String", 3516).required(),
        string("manufacturerName", "String", 3517).required(),
        string("manufacturerId", "String", 3518).required(),
        string("model", "String", 3519).required(),
        string("protocolType", "String", 3520).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3514.
    pub notify_type: NotifyType,
    /// `appId`, line 3515.
    pub app_id: String,
    /// `deviceType`, line 3516.
    pub device_type: String,
    /// `manufacturerName`, line 3517.
    pub manufacturer_name: String,
    /// `manufacturerId`, line 3518.
    pub manufacturer_id: String,
    /// `model`, line 3519.
    pub model: String,
    /// `protocolType`, line 3520.
    pub protocol_type: String,
}

rules! {
    "push-trigger" = Platform Must 3499: "The platform pushes this notification to an application that has subscribed to deviceCapabilitiesAdded when a device profile is added on the platform.";
    "answer-push" = Application Must 3503: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-authorising" = Platform Must 3515: "appId is the application id that the platform assigned to the authorising application when that was created.";
}

errata! {
    3499: "a device profile is added on the platform" => "a console action; no operation of the reference provokes it", "Profiles are changed on the console only", "A-161";
    3508: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
}
