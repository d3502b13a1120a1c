//! 1.8.8 Device service capabilities deleted notification. Lines 3547 to 3595.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.8",
    name: "device_capabilities_deleted",
    title: "Device service capabilities deleted notification",
    lines: (3547, 3595),
    notify_type: Some(NotifyType::DeviceCapabilitiesDeleted),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3566).required().one_of(&[NotifyType::DeviceCapabilitiesDeleted.as_str()]),
        string("appId", "String", 3567).required(),
        string("deviceType", "String", 3568).required(),
        string("manufacturerName", "String", 3569).required(),
        string("manufacturerId", "String", 3570).required(),
        string("model", "String", 3571).required(),
        string("protocolType", "String", 3572).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3566.
    pub notify_type: NotifyType,
    /// `appId`, line 3567.
    pub app_id: String,
    /// `deviceType`, line 3568.
    pub device_type: String,
    /// `manufacturerName`, line 3569.
    pub manufacturer_name: String,
    /// `manufacturerId`, line 3570.
    pub manufacturer_id: String,
    /// `model`, line 3571.
    pub model: String,
    /// `protocolType`, line 3572.
    pub protocol_type: String,
}

rules! {
    "push-trigger" = Platform Must 3551: "The platform pushes this notification to an application that has subscribed to deviceCapabilitiesDeleted when a device profile is deleted on the platform.";
    "answer-push" = Application Must 3555: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-authorising" = Platform Must 3567: "appId is the application id that the platform assigned to the authorising application when that was created.";
}

errata! {
    3551: "a device profile is deleted on the platform" => "a console action; no operation of the reference provokes it", "Profiles are changed on the console only", "A-161";
    3560: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3586: "\"appid\"" => "\"appId\"", "The table says appId", "A-162";
    3587: "\"deviceTyp \"" => "\"deviceType\"", "The table says deviceType", "A-162";
    3589: "\"manufacturerId \"" => "\"manufacturerId\"", "A stray blank inside the quotes", "A-162";
}
