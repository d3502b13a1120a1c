//! 1.8.9 Device deleted notification. Lines 3597 to 3631.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::NotifyType;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.9",
    name: "device_deleted",
    title: "Device deleted notification",
    lines: (3597, 3631),
    notify_type: Some(NotifyType::DeviceDeleted),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3616).required().one_of(&[NotifyType::DeviceDeleted.as_str()]),
        string("deviceId", "String", 3617).required(),
        string("gatewayId", "String", 3618).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3616.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3617.
    pub device_id: String,
    /// `gatewayId`, line 3618.
    pub gateway_id: String,
}

rules! {
    "push-trigger" = Platform Must 3601: "The platform pushes this notification to an application that has subscribed to deviceDeleted after a device has been deleted from the platform.";
    "answer-push" = Application Must 3605: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "gateway-id" = Platform Must 3618: "gatewayId equals the deviceId for a directly connected device and is the deviceId of the associated gateway for an indirectly connected one.";
}

errata! {
    3601: "after a device has been deleted" => "one notification for each deleted device, none when a registration times out", "Deletions in cascade and by time-out are not treated", "A-163";
    3610: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3628: "a sample without a body" => "a body with notifyType, deviceId and gatewayId", "The table requires all three", "A-163";
}
