//! 1.8.18 Firmware upgrade result notification. Lines 4102 to 4159.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::{NotifyType, UpgradeResult};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.18",
    name: "fw_upgrade_result_notify",
    title: "Firmware upgrade result notification",
    lines: (4102, 4159),
    notify_type: Some(NotifyType::FwUpgradeResultNotify),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 4119).required().one_of(&[NotifyType::FwUpgradeResultNotify.as_str()]),
        string("deviceId", "String", 4120).required(),
        string("appId", "String", 4121).required(),
        string("operationId", "String", 4122).required(),
        string("subOperationId", "String", 4123).required(),
        string("curVersion", "String", 4124).required().min_len(0),
        string("targetVersion", "String", 4125).required(),
        string("sourceVersion", "String", 4126).required().min_len(0),
        string("status", "String", 4127).required().one_of(UpgradeResult::VALUES),
        string("statusDesc", "String", 4130).required(),
        string("upgradeTime", "String", 4131).required(),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 4119.
    pub notify_type: NotifyType,
    /// `deviceId`, line 4120.
    pub device_id: String,
    /// `appId`, line 4121.
    pub app_id: String,
    /// `operationId`, line 4122.
    pub operation_id: String,
    /// `subOperationId`, line 4123.
    pub sub_operation_id: String,
    /// `curVersion`, line 4124.
    pub cur_version: String,
    /// `targetVersion`, line 4125.
    pub target_version: String,
    /// `sourceVersion`, line 4126.
    pub source_version: String,
    /// `status`, line 4127.
    pub status: UpgradeResult,
    /// `statusDesc`, line 4130.
    pub status_desc: String,
    /// `upgradeTime`, line 4131.
    pub upgrade_time: String,
}

rules! {
    "push-trigger" = Platform Must 4106: "The platform pushes this notification to an application that has subscribed to fwUpgradeResultNotify when a device's firmware upgrade task has finished.";
    "answer-push" = Application Must 4110: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-of-device" = Platform Must 4121: "appId is the id of the application that the device belongs to.";
    "result-meaning" = Platform Must 4130: "statusDesc describes the result: for SUCCESS that the device was upgraded, for FAIL that the upgrade failed.";
}

errata! {
    4115: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    4124: "curVersion and sourceVersion (line 4126) are required" => "present, empty when the device never told its version", "The platform cannot say what it does not know", "A-173";
    4127: "status is required, the sample (lines 4144 to 4154) leaves it out" => "always present", "The table wins", "A-174";
    4130: "SUCCESS and FAIL listed under statusDesc" => "free text that describes the status", "The value list belongs to status", "A-174";
    4131: "a duration without a unit" => "seconds, as a decimal string", "No unit is stated", "A-175";
    4153: "\"upgradeTime\": \"*****\", as the last member" => "no comma", "The sample is not valid JSON", "";
}
