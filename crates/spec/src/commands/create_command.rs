//! 1.9.1 Create a device command. Lines 4163 to 4301.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Method, Operation, body, header, integer, object, query,
    string,
};
use crate::wire::CommandStatus;

clause!(CreateCommand);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.1",
    name: "create_command",
    title: "Create a device command",
    chapter: Chapter::Commands,
    lines: (4163, 4301),
    method: Method::Post,
    path: "/iocm/app/cmd/v1.4.0/deviceCommands",
    uri_line: 4179,
    success_status: 201,
    success_line: 4205,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4183).required()),
        header(string("Authorization", "String", 4184).required()),
        query(string("appId", "String(1-64)", 4185).len(1, 64)),
        body(string("deviceId", "String(64)", 4186).required().max_len(64)),
        body(object("command", "CommandDTO", 4187).required().members(COMMAND)),
        body(string("callbackUrl", "String(1024)", 4188).max_len(1024).format(Format::CallbackUrl)),
        body(integer("expireTime", "Integer(>=0)", 4191).min(0).default(Fallback::Integer(172800))),
        body(integer("maxRetransmit", "Integer(0~3)", 4194).min(0).max(3)),
    ],
    response: &[
        string("commandId", "String(1-64", 4208).len(1, 64),
        string("appId", "String(1-64)", 4209).len(1, 64),
        string("deviceId", "String(1-64)", 4210).len(1, 64),
        object("command", "CommandDTO", 4211).members(COMMAND_2),
        string("callbackUrl", "String(1024)", 4212).max_len(1024),
        integer("expireTime", "Integer(>=0)", 4213).min(0).default(Fallback::Integer(172800)),
        string("status", "String", 4214).one_of(CommandStatus::VALUES).tolerating(&["PENDDING"]),
        string("creationTime", "String(20)", 4215).max_len(20).format(Format::UtcTime),
        string("executeTime", "String(20)", 4216).max_len(20).format(Format::UtcTime),
        string("platformIssuedTime", "String(20)", 4217).max_len(20).format(Format::UtcTime),
        string("deliveredTime", "String(20)", 4218).max_len(20).format(Format::UtcTime),
        integer("issuedTimes", "Integer(>=0", 4219).min(0),
        integer("maxRetransmit", "Integer(0~3)", 4222).min(0).max(3),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 4199).required().len(1, 64),
    string("method", "String(1-128)", 4200).required().len(1, 128),
    object("paras", "ObjectNode", 4201).required(),
];

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND_2: &[Field] = &[
    string("serviceId", "String(1-64)", 4199).len(1, 64),
    string("method", "String(1-128)", 4200).len(1, 128),
    object("paras", "ObjectNode", 4201),
];

errors! { CreateCommand:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 4277;
    NOT_AUTHORIZED_200 = 200, "100217", "The application hasn't been authorized.", 4278;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 4279;
    DEVICE_NOT_ONLINE = 200, "100428", "The device is not online.", 4280;
    SERVICE_NOT_EXISTED = 200, "100431", "The serviceType is not exist.", 4281;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 4282;
    COMMAND_LIMIT_REACHED = 400, "100223", "Command counts has reached the upLimit.", 4285;
    NOT_AUTHORIZED_403 = 403, "100217", "The application hasn't been authorized.", 4286;
    DEVICE_ZOMBIE = 403, "100612", "Device is zombie.", 4287;
    THROTTLED = 403, "1010009", "app throttle exceed.", 4288;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 4289;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 4290;
    DATABASE_ABNORMAL = 500, "100023", "The data in dataBase is abnomal.", 4291;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 4292;
    IOTWS_ADDRESS_FAILED = 500, "101016", "Get iotws address failed.", 4293;
    CALLBACK_URL_LOOKUP_FAILED = 500, "101017", "Get newCallbackUrl from oss failed.", 4294;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 4297;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 4185.
    pub app_id: Option<String>,
    /// `deviceId`, line 4186.
    pub device_id: String,
    /// `command`, line 4187.
    pub command: Command,
    /// `callbackUrl`, line 4188.
    pub callback_url: Option<String>,
    /// `expireTime`, line 4191.
    pub expire_time: Option<i64>,
    /// `maxRetransmit`, line 4194.
    pub max_retransmit: Option<i64>,
}

/// `command`: CommandDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Command {
    /// `serviceId`, line 4199.
    pub service_id: String,
    /// `method`, line 4200.
    pub method: String,
    /// `paras`, line 4201.
    pub paras: Object,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `commandId`, line 4208.
    pub command_id: String,
    /// `appId`, line 4209.
    pub app_id: String,
    /// `deviceId`, line 4210.
    pub device_id: String,
    /// `command`, line 4211.
    pub command: Option<CommandItem>,
    /// `callbackUrl`, line 4212.
    pub callback_url: Option<String>,
    /// `expireTime`, line 4213.
    pub expire_time: Option<i64>,
    /// `status`, line 4214.
    pub status: CommandStatus,
    /// `creationTime`, line 4215.
    pub creation_time: Option<String>,
    /// `executeTime`, line 4216.
    pub execute_time: Option<String>,
    /// `platformIssuedTime`, line 4217.
    pub platform_issued_time: Option<String>,
    /// `deliveredTime`, line 4218.
    pub delivered_time: Option<String>,
    /// `issuedTimes`, line 4219.
    pub issued_times: Option<i64>,
    /// `maxRetransmit`, line 4222.
    pub max_retransmit: Option<i64>,
}

/// `command`: CommandDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct CommandItem {
    /// `serviceId`, line 4199.
    pub service_id: String,
    /// `method`, line 4200.
    pub method: Option<String>,
    /// `paras`, line 4201.
    pub paras: Option<Object>,
}

rules! {
    "profile-commands" = Application May 4167: "An application may send a device the commands that the profile of the device defines, to configure or change its service properties.";
    "immediate-mode" = Platform Must 4171: "In immediate mode the platform sends a command to the device as soon as it has received it; promptness is guaranteed, serial order is not.";
    "cached-mode" = Platform Must 4172: "In cached mode the platform keeps commands and sends them one by one when the device can be reached, the next only after the response (the automatic ACK of the module) to the one before; serial order is guaranteed, promptness is not.";
    "lwm2m-coap-only" = Application Must 4174: "The call is for devices connected over LWM2M or CoAP, such as NB-IoT devices.";
    "status-callback" = Platform Must 4188: "The platform notifies callbackUrl when the status of the command changes (execution failed, execution succeeded, timed out, sent, delivered).";
    "expiry" = Platform Must 4191: "A command is valid for expireTime seconds from its creation (172800 seconds, 48 hours, if none was set) and the platform does not send it any more after that.";
    "expire-zero-immediate" = Platform Must 4192: "With expireTime 0 the platform sends the command at once, whatever delivery mode is configured on it.";
    "expire-zero-timeout" = Platform Must 4192: "A command with expireTime 0 that never reaches its device, because the device sleeps or the link has aged, ends as timed out.";
    "expire-nonzero-cached" = Platform Must 4193: "With an expireTime other than 0 the platform keeps the command cached (PENDING) for that time and sends it only when the device comes online or reports data.";
    "max-retransmit" = Platform Must 4194: "The platform retransmits a command at most maxRetransmit times.";
    "service-in-profile" = Application Must 4199: "serviceId is a service that the profile defines.";
    "method-in-profile" = Application Must 4200: "method is a command name that the profile defines.";
    "paras-keys" = Application Must 4201: "Each key of paras is the name (paraName) of a parameter of the command in the product model, and its value lies in the range that the model gives.";
    "command-id-unique" = Platform Must 4208: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "status-meanings" = Platform Must 4214: "The status that the platform reports is true of the command: PENDING cached and not sent, SENT being sent, DELIVERED arrived at the device, SUCCESSFUL executed, FAILED execution failed, TIMEOUT execution timed out, EXPIRED past its validity, CANCELED revoked.";
    "device-under-app" = Application Must 4279: "A deviceId in the request is one of a device under the application that the call is made for: the one of the header or, if given, the one of the appId parameter.";
    "profile-uploaded" = Application Must 4281: "The profile of the device is on the platform before the call and contains the serviceId of the command.";
    "pending-limit" = Platform Must 4285: "The platform refuses a further command when the number of commands in status PENDING has reached its limit, 20 by default.";
    "pending-limit-way-out" = Application Should 4285: "At the PENDING limit the application should let the device report data, so that the cached commands are sent, or set the PENDING commands that are not needed any more to CANCELED (1.9.3).";
    "zombie-device" = Platform Must 4287: "The platform refuses a command for a device whose last time online is longer ago than a threshold, 7 days by default.";
    "zombie-resend" = Application Should 4287: "After the refusal for a zombie device the application should send the command again once the device is online.";
    "congestion-retry" = Application Should 4297: "After a congestion answer the application should send the command again later.";
}

errata! {
    4201: "paras is required" => "required here only ({} is valid); optional in 1.9.2 and 1.10.1", "the tables of the clauses differ", "A-180";
    4208: "String(1-64" => "String(1-64)", "closing bracket lost", "";
    4219: "Integer(>=0" => "Integer(>=0)", "closing bracket lost", "";
    4244: "\"maxRetransmit\": *******" => "an integer", "masked sample without a value", "A-25";
    4253: "response sample without an opening brace" => "one JSON object as in the table", "brace lost in the sample", "";
    4254: "\"******," => "\"******\",", "quote lost in the sample", "";
    4262: "}" => "two closing brackets and a comma", "brackets lost in the sample", "";
    4264: "\"expireTime\": null" => "the effective value, 172800 by default; null is tolerated", "the text names a default of 48 hours", "A-179";
    4265: "PENDDING" => "PENDING", "misspelt in the sample; the table has PENDING", "A-176";
    4270: "\"issuedTimes\": null" => "0 or null before the first sending", "the table says Integer(>=0)", "A-186";
    4280: "200/100428 The device is not online." => "only for a device that never connected, with expireTime 0; otherwise 201 and later TIMEOUT", "line 4192 lets the command be created and time out for sleeping devices and aged links", "A-177";
    4285: "\"from PENDING not-yet CANCELED\" (wrong character for \"to\")" => "from PENDING to CANCELED", "typing error", "";
    4285: "an interface named \"modify device command V4\"" => "the call of 1.9.3", "named differently here", "";
    4292: "advice: check that the header has appId" => "check that the header has app_key", "the row is about the app_key header", "A-06";
    4294: "newCallbackUr I" => "newCallbackUrl", "capital I for l, word split", "";
}
