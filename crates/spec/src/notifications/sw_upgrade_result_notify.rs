//! 1.8.16 Software upgrade result notification. Lines 3988 to 4048.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, string};
use crate::wire::{NotifyType, UpgradeResult};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.16",
    name: "sw_upgrade_result_notify",
    title: "Software upgrade result notification",
    lines: (3988, 4048),
    notify_type: Some(NotifyType::SwUpgradeResultNotify),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 4005).required().one_of(&[NotifyType::SwUpgradeResultNotify.as_str()]),
        string("deviceId", "String", 4006).required(),
        string("appId", "String", 4007).required(),
        string("operationId", "String", 4008).required(),
        string("subOperationId", "String", 4009).required(),
        string("curVersion", "String", 4010).required().min_len(0),
        string("targetVersion", "String", 4011).required(),
        string("sourceVersion", "String", 4012).required().min_len(0),
        string("swUpgradeResult", "String", 4013).required().one_of(UpgradeResult::VALUES),
        string("upgradeTime", "String", 4014).required(),
        string("resultDesc", "String", 4015).required(),
        string("errorCode", "String", 4016).conditional("the upgrade failed"),
        string("description", "String", 4017).conditional("the upgrade failed"),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 4005.
    pub notify_type: NotifyType,
    /// `deviceId`, line 4006.
    pub device_id: String,
    /// `appId`, line 4007.
    pub app_id: String,
    /// `operationId`, line 4008.
    pub operation_id: String,
    /// `subOperationId`, line 4009.
    pub sub_operation_id: String,
    /// `curVersion`, line 4010.
    pub cur_version: String,
    /// `targetVersion`, line 4011.
    pub target_version: String,
    /// `sourceVersion`, line 4012.
    pub source_version: String,
    /// `swUpgradeResult`, line 4013.
    pub sw_upgrade_result: UpgradeResult,
    /// `upgradeTime`, line 4014.
    pub upgrade_time: String,
    /// `resultDesc`, line 4015.
    pub result_desc: String,
    /// `errorCode`, line 4016.
    pub error_code: Option<String>,
    /// `description`, line 4017.
    pub description: Option<String>,
}

rules! {
    "push-trigger" = Platform Must 3992: "The platform pushes this notification to an application that has subscribed to swUpgradeResultNotify when a device's software upgrade task has finished.";
    "answer-push" = Application Must 3996: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "app-id-of-device" = Platform Must 4007: "appId is the id of the application that the device belongs to.";
    "result-meaning" = Platform Must 4013: "swUpgradeResult is SUCCESS when the device was upgraded and FAIL when the upgrade failed.";
    "error-code-from-device" = Platform Must 4016: "errorCode is the status error code that the device reported.";
}

errata! {
    4001: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    4010: "curVersion and sourceVersion (line 4012) are required" => "present, empty when the device never told its version", "The platform cannot say what it does not know", "A-173";
    4014: "a duration without a unit" => "seconds, as a decimal string", "No unit is stated", "A-175";
    4016: "errorCode is required" => "present, null or empty after a success", "A success has no error code", "A-173";
    4017: "description is required" => "present, null or empty after a success", "A success has no cause of an error", "A-173";
    4026: "callbackUrt" => "callbackUrl", "Misread in the sample", "";
    4033: "\"operationId\": \"***, (also line 4034)" => "a closed string", "The closing quote is lost", "";
}
