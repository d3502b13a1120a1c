//! 1.9.2 Query device commands. Lines 4303 to 4471.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object,
    query, string,
};
use crate::wire::CommandStatus;

pub use crate::commands::create_command::CommandItem;

clause!(QueryCommands);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.2",
    name: "query_commands",
    title: "Query device commands",
    chapter: Chapter::Commands,
    lines: (4303, 4471),
    method: Method::Get,
    path: "/iocm/app/cmd/v1.4.0/deviceCommands",
    uri_line: 4312,
    success_status: 200,
    success_line: 4329,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4316).required()),
        header(string("Authorization", "String", 4317).required()),
        query(integer("pageNo", "Integer(>=0)", 4318).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer[1,1000]", 4319).min(1).max(1000).default(Fallback::Integer(1000))),
        query(string("deviceId", "String(64)", 4322).max_len(64)),
        query(string("startTime", "String", 4323).format(Format::UtcTime)),
        query(string("endTime", "String", 4324).format(Format::UtcTime)),
        query(string("appId", "String", 4325)),
    ],
    response: &[
        object("pagination", "Pagination", 4332).members(PAGINATION),
        array("data", &Kind::Object, "List<DeviceCommandResp>", 4333).members(DEVICE_COMMAND_RESP),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `pagination` (Pagination).
pub(crate) const PAGINATION: &[Field] =
    &[integer("pageNo", "long", 4338), integer("pageSize", "long", 4339), integer("totalSize", "long", 4340)];

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 4375).len(1, 64),
    string("method", "String(1-128", 4376).len(1, 128),
    object("paras", "ObjectNode", 4377),
];

/// Members of `data` (List<DeviceCommandResp>).
pub(crate) const DEVICE_COMMAND_RESP: &[Field] = &[
    string("commandId", "String(1-64)", 4345).len(1, 64),
    string("appId", "String(1-64)", 4346).len(1, 64),
    string("deviceId", "String(1-64)", 4347).len(1, 64),
    object("command", "CommandDTO", 4348).members(COMMAND),
    string("callbackUrl", "String(1024)", 4349).max_len(1024),
    integer("expireTime", "Integer(>=0)", 4350).min(0).default(Fallback::Integer(172800)),
    string("status", "String", 4351).one_of(CommandStatus::VALUES).tolerating(&["PENDDING"]),
    object("result", "ObjectNode", 4360),
    string("creationTime", "String(20)", 4361).max_len(20).format(Format::UtcTime),
    string("executeTime", "String(20)", 4362).max_len(20).format(Format::UtcTime),
    string("platformIssuedTime", "String(20)", 4364).max_len(20).format(Format::UtcTime),
    string("deliveredTime", "String(20)", 4368).max_len(20).format(Format::UtcTime),
    integer("issuedTimes", "Integer(>=0)", 4369).min(0),
    integer("maxRetransmit", "Integer(0~3)", 4370).min(0).max(3),
];

errors! { QueryCommands:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 4448;
    NOT_AUTHORIZED_200 = 200, "100217", "The application hasn't been authorized.", 4449;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 4452;
    DEVICE_NOT_ONLINE = 200, "100428", "The device is not online.", 4454;
    SERVICE_NOT_EXISTED = 200, "100431", "The serviceType is not exist.", 4455;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 4456;
    NOT_AUTHORIZED_403 = 403, "100217", "The application hasn't been authorized.", 4457;
    THROTTLED = 403, "1010009", "app throttle exceed.", 4458;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 4461;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 4462;
    DATABASE_ABNORMAL = 500, "100023", "The data in dataBase is abnomal.", 4463;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 4464;
    IOTWS_ADDRESS_FAILED = 500, "101016", "Get iotws address failed.", 4465;
    CALLBACK_URL_LOOKUP_FAILED = 500, "101017", "Get newCallbackUrl from oss failed.", 4466;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 4467;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `pageNo`, line 4318.
    pub page_no: Option<i64>,
    /// `pageSize`, line 4319.
    pub page_size: Option<i64>,
    /// `deviceId`, line 4322.
    pub device_id: Option<String>,
    /// `startTime`, line 4323.
    pub start_time: Option<String>,
    /// `endTime`, line 4324.
    pub end_time: Option<String>,
    /// `appId`, line 4325.
    pub app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `pagination`, line 4332.
    pub pagination: Option<Pagination>,
    /// `data`, line 4333.
    pub data: Vec<DeviceCommandResp>,
}

/// `pagination`: Pagination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Pagination {
    /// `pageNo`, line 4338.
    pub page_no: i64,
    /// `pageSize`, line 4339.
    pub page_size: i64,
    /// `totalSize`, line 4340.
    pub total_size: Option<i64>,
}

/// `data`: List<DeviceCommandResp>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceCommandResp {
    /// `commandId`, line 4345.
    pub command_id: String,
    /// `appId`, line 4346.
    pub app_id: String,
    /// `deviceId`, line 4347.
    pub device_id: String,
    /// `command`, line 4348.
    pub command: Option<CommandItem>,
    /// `callbackUrl`, line 4349.
    pub callback_url: Option<String>,
    /// `expireTime`, line 4350.
    pub expire_time: Option<i64>,
    /// `status`, line 4351.
    pub status: CommandStatus,
    /// `result`, line 4360.
    pub result: Option<Object>,
    /// `creationTime`, line 4361.
    pub creation_time: Option<String>,
    /// `executeTime`, line 4362.
    pub execute_time: Option<String>,
    /// `platformIssuedTime`, line 4364.
    pub platform_issued_time: Option<String>,
    /// `deliveredTime`, line 4368.
    pub delivered_time: Option<String>,
    /// `issuedTimes`, line 4369.
    pub issued_times: Option<i64>,
    /// `maxRetransmit`, line 4370.
    pub max_retransmit: Option<i64>,
}

rules! {
    "query-scope" = Application May 4307: "An application may query the status and the content of the commands sent: all those of the application within a time span, or all those of one device.";
    "first-page-zero" = Platform Must 4318: "The platform counts pages from 0: page 0 is the first one.";
    "filter-start" = Platform Must 4323: "With startTime the platform returns only commands sent after that time.";
    "times-in-utc" = Application Must 4323: "The application gives startTime and endTime in UTC and converts them from its local time itself.";
    "filter-end" = Platform Must 4324: "With endTime the platform returns only commands sent before that time.";
    "command-id-unique" = Platform Must 4345: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "status-callback" = Platform Must 4349: "The platform notifies callbackUrl when the status of the command changes (execution failed, execution succeeded, timed out, sent, delivered).";
    "expiry" = Platform Must 4350: "A command is valid for expireTime seconds from its creation (172800 seconds, 48 hours, if none was set) and the platform does not send it any more after that.";
    "status-meanings" = Platform Must 4352: "The status that the platform reports is true of the command: PENDING cached and not sent, SENT being sent, DELIVERED arrived at the device, SUCCESSFUL executed, FAILED execution failed, TIMEOUT execution timed out, EXPIRED past its validity, CANCELED revoked.";
    "method-in-profile" = Platform Must 4376: "The method of a command in the answer is a command name that the profile defines.";
    "command-paras-optional" = Platform May 4377: "In a command of the answer the platform always gives serviceId and method, but may leave out paras.";
    "paras-keys" = Platform Must 4377: "Each key of the paras of a command in the answer is a parameter name (paraName) of that command in the profile.";
    "paras-format-agreed" = Application Must 4377: "The concrete format of paras is agreed between application and device.";
    "device-under-app" = Application Must 4452: "A deviceId in the request is one of a device under the application that the call is made for: the one of the header or, if given, the one of the appId parameter.";
    "end-after-start" = Application Must 4456: "endTime is later than startTime.";
}

errata! {
    4323: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4324: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4333: "List <devicecomma ndresp=\"\"></devicecomma>" => "List<DeviceCommandResp>", "the type was taken for a markup tag", "";
    4361: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4362: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4364: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4376: "String(1-128" => "String(1-128)", "closing bracket lost", "";
    4377: "paras is optional" => "may be absent here; required when a command is created (1.9.1)", "differs from line 4201", "A-180";
    4407: "\"paraSi:" => "\"paras\":", "OCR in the sample", "";
    4409: "items of the sample without their closing brackets" => "balanced JSON", "brackets lost in both items of the sample", "";
    4415: "PENDDING" => "PENDING", "misspelt in the sample; the table has PENDING", "A-176";
    4421: "\"issuedTimes\": null" => "0 or null before the first sending (also line 4440)", "the table says Integer(>=0)", "A-186";
    4423: "second item of the sample without its opening brace" => "an object of its own in the list", "line lost in the sample", "";
    4434: "PENDDING" => "PENDING", "misspelt in the sample; the table has PENDING", "A-176";
    4454: "200/100428 The device is not online." => "never emitted by a query", "row copied from 1.9.1", "A-190";
    4455: "200/100431 The serviceType is not exist." => "never emitted by a query", "row copied from 1.9.1", "A-190";
    4456: "advice: startTime, endTime, pageNo and pageSize not empty, pageNo above 0, pageSize above 1" => "all optional, pageNo from 0, pageSize from 1", "contradicts the parameter table", "A-189";
    4464: "advice: check that the header has appId" => "check that the header has app_key", "the row is about the app_key header", "A-06";
}
