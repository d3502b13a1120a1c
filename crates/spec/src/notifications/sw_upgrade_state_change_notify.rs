//! 1.8.15 Software upgrade state changed notification. Lines 3940 to 3986.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::{NotifyType, UpgradeState};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.15",
    name: "sw_upgrade_state_change_notify",
    title: "Software upgrade state changed notification",
    lines: (3940, 3986),
    notify_type: Some(NotifyType::SwUpgradeStateChangeNotify),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3957).required().one_of(&[NotifyType::SwUpgradeStateChangeNotify.as_str()]),
        string("deviceId", "String", 3960).required(),
        string("appId", "String", 3961).required(),
        string("operationId", "String", 3962).required(),
        string("subOperationId", "String", 3963).required(),
        string("swUpgradeState", "String", 3964).required().one_of(UpgradeState::VALUES),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3957.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3960.
    pub device_id: String,
    /// `appId`, line 3961.
    pub app_id: String,
    /// `operationId`, line 3962.
    pub operation_id: String,
    /// `subOperationId`, line 3963.
    pub sub_operation_id: String,
    /// `swUpgradeState`, line 3964.
    pub sw_upgrade_state: UpgradeState,
}

rules! {
    "push-trigger" = Platform Must 3944: "The platform pushes this notification to an application that has subscribed to swUpgradeStateChangeNotify when the state of the upgrade task changes during a device's software upgrade.";
    "answer-push" = Application Must 3948: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-of-device" = Platform Must 3961: "appId is the id of the application that the device belongs to.";
    "state-meaning" = Platform Must 3964: "swUpgradeState is downloading while the device downloads the package, downloaded when it has done so, updating while it upgrades and idle when it is idle.";
}

errata! {
    3953: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3964: "swUpgradeState" => "as tabled", "The firmware notification has step and stepDesc in its place", "A-172";
    3979: "\"subOperationId\": \"***," => "a closed string", "The closing quote is lost", "";
}
