//! 1.8.6 Device service capabilities changed notification. Lines 3445 to 3493.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.6",
    name: "device_capabilities_changed",
    title: "Device service capabilities changed notification",
    lines: (3445, 3493),
    notify_type: Some(NotifyType::DeviceCapabilitiesChanged),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3462).required().one_of(&[NotifyType::DeviceCapabilitiesChanged.as_str()]),
        string("appId", "String", 3463).required(),
        string("deviceType", "String", 3464).required(),
        string("manufacturerName", "String", 3465).required(),
        string("manufacturerId", "String", 3468).required(),
        string("model", "String", 3469).required(),
        string("protocolType", "String", 3470).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3462.
    pub notify_type: NotifyType,
    /// `appId`, line 3463.
    pub app_id: String,
    /// `deviceType`, line 3464.
    pub device_type: String,
    /// `manufacturerName`, line 3465.
    pub manufacturer_name: String,
    /// `manufacturerId`, line 3468.
    pub manufacturer_id: String,
    /// `model`, line 3469.
    pub model: String,
    /// `protocolType`, line 3470.
    pub protocol_type: String,
}

rules! {
    "push-trigger" = Platform Must 3449: "The platform pushes this notification to an application that has subscribed to deviceCapabilitiesChanged when services and properties in a device profile on the platform are modified.";
    "answer-push" = Application Must 3453: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-authorising" = Platform Must 3463: "appId is the application id that the platform assigned to the authorising application when that was created.";
}

errata! {
    3449: "a device profile is modified on the platform" => "a console action; no operation of the reference provokes it", "Profiles are changed on the console only", "A-161";
    3458: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
}
