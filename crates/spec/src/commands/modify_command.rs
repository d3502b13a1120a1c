//! 1.9.3 Modify (cancel) a device command. Lines 4473 to 4601.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Method, Operation, body, header, integer, object, path,
    query, string,
};
use crate::wire::CommandStatus;

pub use crate::commands::create_command::CommandItem;

clause!(ModifyCommand);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.3",
    name: "modify_command",
    title: "Modify (cancel) a device command",
    chapter: Chapter::Commands,
    lines: (4473, 4601),
    method: Method::Put,
    path: "/iocm/app/cmd/v1.4.0/deviceCommands/{deviceCommandId}",
    uri_line: 4483,
    success_status: 200,
    success_line: 4497,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4489).required()),
        header(string("Authorization", "String", 4490).required()),
        path(string("deviceCommandId", "String", 4491).required()),
        query(string("appId", "String", 4492)),
        body(string("status", "String", 4493).required().one_of(&[CommandStatus::Canceled.as_str()])),
    ],
    response: &[
        string("commandId", "String(1-64", 4500).len(1, 64),
        string("appId", "String(1-64", 4501).len(1, 64),
        string("deviceId", "String(1-64", 4502).len(1, 64),
        object("command", "CommandDTO", 4503).members(COMMAND),
        string("callbackUrl", "String(1024)", 4504).max_len(1024),
        integer("expireTime", "Integer(>=0)", 4505).min(0).default(Fallback::Integer(172800)),
        string("status", "String", 4508).one_of(CommandStatus::VALUES).tolerating(&["PENDDING"]),
        object("result", "ObjectNode", 4517),
        string("creationTime", "String(20)", 4518).max_len(20).format(Format::UtcTime),
        string("executeTime", "String(20)", 4519).max_len(20).format(Format::UtcTime),
        string("platformIssuedTime", "String(20)", 4520).max_len(20).format(Format::UtcTime),
        string("deliveredTime", "String(20)", 4521).max_len(20).format(Format::UtcTime),
        integer("issuedTimes", "Integer(>=0", 4522).min(0),
        integer("maxRetransmit", "Integer(0~3", 4523).min(0).max(3),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 4528).len(1, 64),
    string("method", "String(1-128)", 4529).len(1, 128),
    object("paras", "ObjectNode", 4532),
];

errors! { ModifyCommand:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 4578;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 4581;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 4582;
    DEVICE_NOT_ONLINE = 200, "100428", "The device is not online.", 4583;
    SERVICE_NOT_EXISTED = 200, "100431", "The serviceType is not exist.", 4584;
    COMMAND_NOT_EXISTED = 200, "100434", "The device command is not existed.", 4585;
    COMMAND_NOT_PENDING = 200, "100435", "The device command already canceled, expired or executed, Cannot cancel.", 4586;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 4587;
    THROTTLED = 403, "1010009", "app throttle exceed.", 4588;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 4591;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 4592;
    DATABASE_ABNORMAL = 500, "100023", "The data in dataBase is abnomal.", 4593;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 4594;
    IOTWS_ADDRESS_FAILED = 500, "101016", "Get iotws address failed.", 4595;
    CALLBACK_URL_LOOKUP_FAILED = 500, "101017", "Get newCallbackUrl from oss failed.", 4596;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 4597;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceCommandId`, line 4491.
    pub device_command_id: String,
    /// `appId`, line 4492.
    pub app_id: Option<String>,
    /// `status`, line 4493.
    pub status: CommandStatus,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `commandId`, line 4500.
    pub command_id: String,
    /// `appId`, line 4501.
    pub app_id: String,
    /// `deviceId`, line 4502.
    pub device_id: String,
    /// `command`, line 4503.
    pub command: Option<CommandItem>,
    /// `callbackUrl`, line 4504.
    pub callback_url: Option<String>,
    /// `expireTime`, line 4505.
    pub expire_time: Option<i64>,
    /// `status`, line 4508.
    pub status: CommandStatus,
    /// `result`, line 4517.
    pub result: Option<Object>,
    /// `creationTime`, line 4518.
    pub creation_time: Option<String>,
    /// `executeTime`, line 4519.
    pub execute_time: Option<String>,
    /// `platformIssuedTime`, line 4520.
    pub platform_issued_time: Option<String>,
    /// `deliveredTime`, line 4521.
    pub delivered_time: Option<String>,
    /// `issuedTimes`, line 4522.
    pub issued_times: Option<i64>,
    /// `maxRetransmit`, line 4523.
    pub max_retransmit: Option<i64>,
}

rules! {
    "modify-unsent" = Application May 4477: "An application may change the status of a command that the platform has not sent to the device yet, because of queueing, an offline device or the like.";
    "only-pending" = Platform Must 4477: "The platform lets only a command that is still PENDING be modified.";
    "only-to-canceled" = Platform Must 4477: "The only change that the platform supports is to CANCELED, which revokes the execution of the command.";
    "command-id-from-create" = Application Must 4491: "deviceCommandId is the id that creating the command (1.9.1) returned.";
    "command-id-unique" = Platform Must 4500: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "status-callback" = Platform Must 4504: "The platform notifies callbackUrl when the status of the command changes (execution failed, execution succeeded, timed out, sent, delivered).";
    "expiry" = Platform Must 4505: "A command is valid for expireTime seconds from its creation (172800 seconds, 48 hours, if none was set) and the platform does not send it any more after that.";
    "status-meanings" = Platform Must 4509: "The status that the platform reports is true of the command: PENDING cached and not sent, SENT being sent, DELIVERED arrived at the device, SUCCESSFUL executed, FAILED execution failed, TIMEOUT execution timed out, EXPIRED past its validity, CANCELED revoked.";
    "method-in-profile" = Platform Must 4529: "The method of a command in the answer is a command name that the profile defines.";
    "paras-keys" = Platform Must 4532: "Each key of the paras of a command in the answer is a parameter name (paraName) of that command in the profile.";
    "paras-format-agreed" = Application Must 4532: "The concrete format of paras is agreed between application and device.";
    "finished-not-cancelable" = Platform Must 4586: "The platform refuses to cancel a command that is already canceled, expired or executed.";
}

errata! {
    4500: "String(1-64" => "String(1-64)", "closing bracket lost", "";
    4501: "String(1-64" => "String(1-64)", "closing bracket lost", "";
    4502: "String(1-64" => "String(1-64)", "closing bracket lost", "";
    4522: "Integer(>=0" => "Integer(>=0)", "closing bracket lost", "";
    4523: "Integer(0~3" => "Integer(0~3)", "closing bracket lost", "";
    4552: "response sample without an opening brace" => "one JSON object as in the table", "brace lost in the sample", "";
    4561: "}" => "two closing brackets and a comma", "brackets lost in the sample", "";
    4563: "\"expireTime\": null" => "the effective value, 172800 by default; null is tolerated", "the text names a default of 48 hours", "A-179";
    4564: "\"status\": \"PENDDING\"" => "CANCELED", "the call has just canceled the command; misspelt besides (A-176)", "A-193";
    4569: "a line with a lone full stop" => "nothing", "OCR noise in the sample", "";
    4571: "\"issuedTimes\": null" => "0 or null before the first sending", "the table says Integer(>=0)", "A-186";
    4582: "200/100418 The deviceData is not existed." => "never emitted", "the request names no device; row copied from 1.9.1", "A-196";
    4583: "200/100428 The device is not online." => "never emitted", "row copied from 1.9.1", "A-196";
    4584: "200/100431 The serviceType is not exist." => "never emitted", "row copied from 1.9.1", "A-196";
    4586: "already canceled, expired or executed" => "any status other than PENDING, SENT and DELIVERED included", "line 4477 allows PENDING only", "A-194";
    4594: "advice: check that the header has appId" => "check that the header has app_key", "the row is about the app_key header", "A-06";
    4596: "newCallbackUr I" => "newCallbackUrl", "capital I for l, word split", "";
}
