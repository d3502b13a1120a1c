//! 1.9.5 Create a task that cancels device commands. Lines 4609 to 4738.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, body, header, integer,
    object, query, string,
};
use crate::wire::{CancelTaskStatus, CancelledCommandStatus};

pub use crate::commands::create_command::CommandItem;

clause!(CreateCancelTask);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.5",
    name: "create_cancel_task",
    title: "Create a task that cancels device commands",
    chapter: Chapter::Commands,
    lines: (4609, 4738),
    method: Method::Post,
    path: "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks",
    uri_line: 4618,
    success_status: 201,
    success_line: 4631,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4624).required()),
        header(string("Authorization", "String", 4625).required()),
        query(string("appId", "String", 4626)),
        body(string("deviceId", "String(1-64)", 4627).required().len(1, 64)),
    ],
    response: &[
        string("taskId", "String(1-64)", 4634).len(1, 64),
        string("appId", "String(1-64)", 4635).len(1, 64),
        string("deviceId", "String(1-64)", 4636).len(1, 64),
        string("status", "String", 4639).one_of(CancelTaskStatus::VALUES).tolerating(&["WAITING"]),
        integer("totalCount", "Integer", 4645),
        array("deviceCommands", &Kind::Object, "List<DeviceCommandResp>", 4646).members(DEVICE_COMMAND_RESP),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 4671).len(1, 64),
    string("method", "String(1-128)", 4672).len(1, 128),
    object("paras", "ObjectNode", 4673),
];

/// Members of `deviceCommands` (List<DeviceCommandResp>).
pub(crate) const DEVICE_COMMAND_RESP: &[Field] = &[
    string("commandId", "String(1-64)", 4651).len(1, 64),
    string("appId", "String(1-64)", 4652).len(1, 64),
    string("deviceId", "String(1-64)", 4653).len(1, 64),
    object("command", "CommandDTO", 4654).members(COMMAND),
    string("callbackUrl", "String(1024)", 4655).max_len(1024),
    integer("expireTime", "Integer(>=0)", 4656).min(0).default(Fallback::Integer(172800)),
    string("status", "String", 4657).one_of(CancelledCommandStatus::VALUES).tolerating(&["PENDING", "PENDDING"]),
    object("result", "ObjectNode", 4658),
    string("creationTime", "String(20)", 4661).max_len(20).format(Format::UtcTime),
    string("executeTime", "String(20)", 4662).max_len(20).format(Format::UtcTime),
    string("platformIssuedTime", "String(20)", 4663).max_len(20).format(Format::UtcTime),
    string("deliveredTime", "String(20)", 4664).max_len(20).format(Format::UtcTime),
    integer("issuedTimes", "Integer(>=0)", 4665).min(0),
    integer("maxRetransmit", "Integer(0~3)", 4666).min(0).max(3),
];

errors! { CreateCancelTask:
    APPLICATION_NOT_EXISTED_200 = 200, "100203", "The application is not existed.", 4722;
    NOT_AUTHORIZED_200 = 200, "100217", "The application hasn't been authorized.", 4723;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 4726;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 4727;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 4728;
    NOT_AUTHORIZED_403 = 403, "100217", "The application hasn't been authorized.", 4729;
    THROTTLED = 403, "1010009", "app throttle exceed.", 4730;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 4731;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 4732;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 4733;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 4734;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 4626.
    pub app_id: Option<String>,
    /// `deviceId`, line 4627.
    pub device_id: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `taskId`, line 4634.
    pub task_id: String,
    /// `appId`, line 4635.
    pub app_id: String,
    /// `deviceId`, line 4636.
    pub device_id: String,
    /// `status`, line 4639.
    pub status: CancelTaskStatus,
    /// `totalCount`, line 4645.
    pub total_count: i64,
    /// `deviceCommands`, line 4646.
    pub device_commands: Vec<DeviceCommandResp>,
}

/// `deviceCommands`: List<DeviceCommandResp>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceCommandResp {
    /// `commandId`, line 4651.
    pub command_id: String,
    /// `appId`, line 4652.
    pub app_id: String,
    /// `deviceId`, line 4653.
    pub device_id: String,
    /// `command`, line 4654.
    pub command: Option<CommandItem>,
    /// `callbackUrl`, line 4655.
    pub callback_url: Option<String>,
    /// `expireTime`, line 4656.
    pub expire_time: Option<i64>,
    /// `status`, line 4657.
    pub status: CancelledCommandStatus,
    /// `result`, line 4658.
    pub result: Option<Object>,
    /// `creationTime`, line 4661.
    pub creation_time: Option<String>,
    /// `executeTime`, line 4662.
    pub execute_time: Option<String>,
    /// `platformIssuedTime`, line 4663.
    pub platform_issued_time: Option<String>,
    /// `deliveredTime`, line 4664.
    pub delivered_time: Option<String>,
    /// `issuedTimes`, line 4665.
    pub issued_times: Option<i64>,
    /// `maxRetransmit`, line 4666.
    pub max_retransmit: Option<i64>,
}

rules! {
    "cancel-all-unsent" = Platform Must 4613: "The task revokes all commands of the given device that the platform has not sent yet (PENDING).";
    "sent-not-cancelable" = Platform Must 4613: "The platform does not revoke a command that has already been sent successfully.";
    "task-covers-device" = Platform Must 4627: "One task covers every command directed to the device that it names.";
    "task-status-meanings" = Platform Must 4640: "The status that the platform reports of a cancel task is true of it: WAITTING waiting to run, RUNNING being carried out, SUCCESS carried out with success, FAILED carried out without success, PART_SUCCESS carried out with partial success.";
    "total-is-canceled" = Platform Must 4645: "totalCount is the number of commands that the task revokes.";
    "command-id-unique" = Platform Must 4651: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "status-callback" = Platform Must 4655: "The platform notifies callbackUrl when the status of the command changes (execution failed, execution succeeded, timed out, sent, delivered).";
    "expiry" = Platform Must 4656: "A command is valid for expireTime seconds from its creation (172800 seconds, 48 hours, if none was set) and the platform does not send it any more after that.";
    "status-meanings" = Platform Must 4657: "The status that the platform reports of each command of a task is true of it: DEFAULT not sent, SUCCESSFUL executed, FAILED execution failed, TIMEOUT execution timed out, EXPIRED past its validity, CANCELED revoked.";
    "method-in-profile" = Platform Must 4672: "The method of a command in the answer is a command name that the profile defines.";
    "paras-keys" = Platform Must 4673: "Each key of the paras of a command in the answer is a parameter name (paraName) of that command in the profile.";
    "paras-format-agreed" = Application Must 4673: "The concrete format of paras is agreed between application and device.";
    "device-under-app" = Application Must 4726: "A deviceId in the request is one of a device under the application that the call is made for: the one of the header or, if given, the one of the appId parameter.";
}

errata! {
    4627: "revokes all commands sent to the device" => "revokes all that are still PENDING", "line 4613 excludes commands already sent", "";
    4640: "WAITTING" => "WAITTING literally (WAITING also accepted)", "misspelt, but table and sample agree", "A-197";
    4646: "List <devicecomm andresp=\"\"></devicecomm>" => "List<DeviceCommandResp>", "the type was taken for a markup tag", "";
    4655: "description of callbackUrl without its first character" => "notification address for changes of the command status", "first character lost", "";
    4657: "DEFAULT" => "the PENDING of 1.9.1 to 1.9.3; both accepted", "the table has DEFAULT for not sent, the sample PENDDING", "A-198";
    4692: "response sample without an opening brace" => "one JSON object as in the table", "brace lost in the sample", "";
    4698: "members directly inside the list" => "a list of objects", "braces lost in the sample", "";
    4709: "PENDDING" => "DEFAULT (PENDING also accepted)", "the table wins over the sample; misspelt besides (A-176)", "A-198";
    4715: "\"issuedTimes\": null" => "0 or null before the first sending", "the table says Integer(>=0)", "A-186";
    4733: "advice: check that the header has appId" => "check that the header has app_key", "the row is about the app_key header", "A-06";
}
