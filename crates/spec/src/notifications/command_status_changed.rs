//! 1.8.12 Command status changed notification. Lines 3757 to 3806.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{Field, Notification, object, string};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.12",
    name: "command_status_changed",
    title: "Command status changed notification",
    lines: (3757, 3806),
    notify_type: None,
    success_status: 200,
    fields: &[
        string("deviceId", "String", 3776).required(),
        string("commandId", "string", 3777).required(),
        object("result", "CommandResultForDevice", 3778).required().members(COMMAND_RESULT_FOR_DEVICE),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `result` (CommandResultForDevice).
pub(crate) const COMMAND_RESULT_FOR_DEVICE: &[Field] = &[
    string("resultCode", "String", 3783).required(),
    object("resultDetail", "ObjectNode", 3784).required().nullable(),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `deviceId`, line 3776.
    pub device_id: String,
    /// `commandId`, line 3777.
    pub command_id: String,
    /// `result`, line 3778.
    pub result: CommandResultForDevice,
}

/// `result`: CommandResultForDevice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct CommandResultForDevice {
    /// `resultCode`, line 3783.
    pub result_code: String,
    /// `resultDetail`, line 3784.
    pub result_detail: Option<Object>,
}

rules! {
    "push-trigger" = Platform Must 3761: "The platform pushes this notification to an application that gave a callbackUrl when it created a device command, when the command's status changes (failed, succeeded, timed out, sent or delivered).";
    "answer-push" = Application Must 3765: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "callback-of-command" = Platform Must 3770: "The platform sends this push to the callbackUrl of the command request.";
}

errata! {
    3761: "callbackurl" => "callbackUrl", "The command's parameter is spelled callbackUrl", "";
    3761: "failed, succeeded, timed out, sent, delivered, in prose" => "FAILED, SUCCESSFUL, TIMEOUT, SENT, DELIVERED; PENDING, CANCELED and EXPIRED are not pushed", "The statuses are named in prose only", "A-168";
    3770: "callbackurl" => "callbackUrl", "The command's parameter is spelled callbackUrl", "";
    3776: "deviceId is the first member" => "there is no notifyType", "It is the only notification without one", "A-168";
    3777: "string" => "String", "Lower case in this cell only", "";
    3783: "the status of the command, without values" => "SENT, DELIVERED, SUCCESSFUL, FAILED or TIMEOUT", "The table lists no values; line 3761 names five", "A-168";
    3784: "resultDetail is required" => "present, may be null", "The sample shows null (line 3801)", "A-169";
}
