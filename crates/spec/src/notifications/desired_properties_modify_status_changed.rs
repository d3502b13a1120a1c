//! 1.8.14 Device shadow status changed notification. Lines 3892 to 3938.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Notification, object, string};
use crate::wire::{NotifyType, ShadowSyncStatus};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.14",
    name: "desired_properties_modify_status_changed",
    title: "Device shadow status changed notification",
    lines: (3892, 3938),
    notify_type: Some(NotifyType::DeviceDesiredPropertiesModifyStatusChanged),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3909)
            .required()
            .one_of(&[NotifyType::DeviceDesiredPropertiesModifyStatusChanged.as_str()]),
        string("deviceId", "String", 3910).required(),
        string("serviceId", "String", 3911).required(),
        object("properties", "ObjectNode", 3912).required(),
        string("status", "String", 3913).required().one_of(ShadowSyncStatus::VALUES),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3909.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3910.
    pub device_id: String,
    /// `serviceId`, line 3911.
    pub service_id: String,
    /// `properties`, line 3912.
    pub properties: Object,
    /// `status`, line 3913.
    pub status: ShadowSyncStatus,
}

rules! {
    "push-trigger" = Platform Must 3896: "The platform pushes this notification to an application that has subscribed to deviceDesiredPropertiesModifyStatusChanged when the device shadow's synchronisation of data to the device has succeeded or failed.";
    "answer-push" = Application Must 3900: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "properties-of-shadow" = Platform Must 3912: "properties holds the properties of the device shadow's data.";
}

errata! {
    3905: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3912: "the properties of the shadow's data" => "a map from property to the desired value of that service", "The content is not spelled out; the sample shows it", "A-171";
}
