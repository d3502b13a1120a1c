//! 1.8.17 Firmware upgrade state changed notification. Lines 4050 to 4100.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::{NotifyType, UpgradeState, UpgradeStep};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.17",
    name: "fw_upgrade_state_change_notify",
    title: "Firmware upgrade state changed notification",
    lines: (4050, 4100),
    notify_type: Some(NotifyType::FwUpgradeStateChangeNotify),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 4067).required().one_of(&[NotifyType::FwUpgradeStateChangeNotify.as_str()]),
        string("deviceId", "String", 4070).required(),
        string("appId", "String", 4071).required(),
        string("operationId", "String", 4072).required(),
        string("subOperationId", "String", 4073).required(),
        string("step", "String", 4074).required().one_of(UpgradeStep::VALUES),
        string("stepDesc", "String", 4075).required().one_of(UpgradeState::VALUES),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 4067.
    pub notify_type: NotifyType,
    /// `deviceId`, line 4070.
    pub device_id: String,
    /// `appId`, line 4071.
    pub app_id: String,
    /// `operationId`, line 4072.
    pub operation_id: String,
    /// `subOperationId`, line 4073.
    pub sub_operation_id: String,
    /// `step`, line 4074.
    pub step: UpgradeStep,
    /// `stepDesc`, line 4075.
    pub step_desc: UpgradeState,
}

rules! {
    "push-trigger" = Platform Must 4054: "The platform pushes this notification to an application that has subscribed to fwUpgradeStateChangeNotify when the state of the upgrade task changes during a device's firmware upgrade.";
    "answer-push" = Application Must 4058: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-of-device" = Platform Must 4071: "appId is the id of the application that the device belongs to.";
    "state-meaning" = Platform Must 4075: "step and stepDesc are 1 and downloading while the device downloads the package, 2 and downloaded when it has done so, 3 and updating while it upgrades, 0 and idle when it is idle.";
}

errata! {
    4063: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    4074: "0, 1, 2, 3" => "the strings \"0\" to \"3\"", "The type cell says String and the sample quotes the value", "A-172";
    4075: "software package" => "firmware package", "Copied from 1.8.15", "";
    4075: "1: downloading, each word with its number before it" => "stepDesc is the word alone; the number is the step", "The sample (line 4094) shows the bare word", "A-172";
}
