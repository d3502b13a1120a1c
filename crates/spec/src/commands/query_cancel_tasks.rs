//! 1.9.6 Query tasks that cancel device commands. Lines 4740 to 4938.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object,
    query, string,
};
use crate::wire::{CancelTaskStatus, CancelledCommandStatus};

pub use crate::commands::create_cancel_task::DeviceCommandResp;
pub use crate::commands::query_commands::Pagination;

clause!(QueryCancelTasks);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.6",
    name: "query_cancel_tasks",
    title: "Query tasks that cancel device commands",
    chapter: Chapter::Commands,
    lines: (4740, 4938),
    method: Method::Get,
    path: "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks",
    uri_line: 4749,
    success_status: 200,
    success_line: 4768,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4753).required()),
        header(string("Authorization", "String", 4754).required()),
        query(integer("pageNo", "Integer(>=0)", 4755).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer[1,1000]", 4756).min(1).max(1000).default(Fallback::Integer(1000))),
        query(string("taskId", "String", 4757)),
        query(string("deviceId", "String", 4758)),
        query(string("status", "String", 4759)),
        query(string("startTime", "String", 4762).format(Format::UtcTime)),
        query(string("endTime", "String", 4763).format(Format::UtcTime)),
        query(string("appId", "String", 4764)),
    ],
    response: &[
        object("pagination", "Pagination", 4771).members(PAGINATION),
        array("data", &Kind::Object, "List<DeviceCommandCancelTaskResp>", 4772)
            .members(DEVICE_COMMAND_CANCEL_TASK_RESP),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `pagination` (Pagination).
pub(crate) const PAGINATION: &[Field] =
    &[integer("pageNo", "long", 4777), integer("pageSize", "long", 4778), integer("totalSize", "long", 4779)];

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 4829).len(1, 64),
    string("method", "String(1-128)", 4830).len(1, 128),
    object("paras", "ObjectNode", 4833),
];

/// Members of `deviceCommands` (List<DeviceCommandResp>).
pub(crate) const DEVICE_COMMAND_RESP: &[Field] = &[
    string("commandId", "String(1-64)", 4799).len(1, 64),
    string("appId", "String(1-64)", 4800).len(1, 64),
    string("deviceId", "String(1-64)", 4801).len(1, 64),
    object("command", "CommandDTO", 4802).members(COMMAND),
    string("callbackUrl", "String(1024)", 4803).max_len(1024),
    integer("expireTime", "Integer(>=0)", 4804).min(0).default(Fallback::Integer(172800)),
    string("status", "String", 4807).one_of(CancelledCommandStatus::VALUES).tolerating(&["PENDING", "PENDDING"]),
    object("result", "ObjectNode", 4814),
    string("creationTime", "String(20)", 4815).max_len(20).format(Format::UtcTime),
    string("executeTime", "String(20)", 4817).max_len(20).format(Format::UtcTime),
    string("platformIssuedTime", "String(20)", 4819).max_len(20).format(Format::UtcTime),
    string("deliveredTime", "String(20)", 4821).max_len(20).format(Format::UtcTime),
    integer("issuedTimes", "Integer(>=0)", 4823).min(0),
    integer("maxRetransmit", "Integer(0~3)", 4824).min(0).max(3),
];

/// Members of `data` (List<DeviceCommandCancelTaskResp>).
pub(crate) const DEVICE_COMMAND_CANCEL_TASK_RESP: &[Field] = &[
    string("taskId", "String(1-64)", 4784).len(1, 64),
    string("appId", "String(1-64)", 4785).len(1, 64),
    string("deviceId", "String(1-64)", 4786).len(1, 64),
    string("status", "String", 4787).one_of(CancelTaskStatus::VALUES).tolerating(&["WAITING"]),
    integer("totalCount", "Integer", 4793),
    array("deviceCommands", &Kind::Object, "List<DeviceCommandResp>", 4794).members(DEVICE_COMMAND_RESP),
];

errors! { QueryCancelTasks:
    APPLICATION_NOT_EXISTED_200 = 200, "100203", "The application is not existed.", 4922;
    NOT_AUTHORIZED_200 = 200, "100217", "The application hasn't been authorized.", 4923;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 4924;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 4927;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 4928;
    NOT_AUTHORIZED_403 = 403, "100217", "The application hasn't been authorized.", 4929;
    THROTTLED = 403, "1010009", "app throttle exceed.", 4930;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 4931;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 4932;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 4933;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 4934;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `pageNo`, line 4755.
    pub page_no: Option<i64>,
    /// `pageSize`, line 4756.
    pub page_size: Option<i64>,
    /// `taskId`, line 4757.
    pub task_id: Option<String>,
    /// `deviceId`, line 4758.
    pub device_id: Option<String>,
    /// `status`, line 4759.
    pub status: Option<String>,
    /// `startTime`, line 4762.
    pub start_time: Option<String>,
    /// `endTime`, line 4763.
    pub end_time: Option<String>,
    /// `appId`, line 4764.
    pub app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `pagination`, line 4771.
    pub pagination: Option<Pagination>,
    /// `data`, line 4772.
    pub data: Vec<DeviceCommandCancelTaskResp>,
}

/// `data`: List<DeviceCommandCancelTaskResp>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceCommandCancelTaskResp {
    /// `taskId`, line 4784.
    pub task_id: String,
    /// `appId`, line 4785.
    pub app_id: String,
    /// `deviceId`, line 4786.
    pub device_id: String,
    /// `status`, line 4787.
    pub status: CancelTaskStatus,
    /// `totalCount`, line 4793.
    pub total_count: i64,
    /// `deviceCommands`, line 4794.
    pub device_commands: Vec<DeviceCommandResp>,
}

rules! {
    "query-tasks" = Application May 4744: "An application may query details and status of one or several cancel tasks by conditions.";
    "first-page-zero" = Platform Must 4755: "The platform counts pages from 0: page 0 is the first one.";
    "filter-start" = Platform Must 4762: "With startTime the platform returns only cancel tasks created after that time.";
    "times-in-utc" = Application Must 4762: "The application gives startTime and endTime in UTC and converts them from its local time itself.";
    "filter-end" = Platform Must 4763: "With endTime the platform returns only cancel tasks created before that time.";
    "total-size-whole-result" = Platform Must 4779: "totalSize counts the records of the whole result and not those of the page; as printed they are the commands in the cancel tasks found.";
    "task-status-meanings" = Platform Must 4788: "The status that the platform reports of a cancel task is true of it: WAITTING waiting to run, RUNNING being carried out, SUCCESS carried out with success, FAILED carried out without success, PART_SUCCESS carried out with partial success.";
    "total-is-canceled" = Platform Must 4793: "totalCount is the number of commands that the task revokes.";
    "command-id-unique" = Platform Must 4799: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "status-callback" = Platform Must 4803: "The platform notifies callbackUrl when the status of the command changes (execution failed, execution succeeded, timed out, sent, delivered).";
    "expiry" = Platform Must 4804: "A command is valid for expireTime seconds from its creation (172800 seconds, 48 hours, if none was set) and the platform does not send it any more after that.";
    "status-meanings" = Platform Must 4808: "The status that the platform reports of each command of a task is true of it: DEFAULT not sent, SUCCESSFUL executed, FAILED execution failed, TIMEOUT execution timed out, EXPIRED past its validity, CANCELED revoked.";
    "method-in-profile" = Platform Must 4830: "The method of a command in the answer is a command name that the profile defines.";
    "paras-keys" = Platform Must 4833: "Each key of the paras of a command in the answer is a parameter name (paraName) of that command in the profile.";
    "paras-format-agreed" = Application Must 4833: "The concrete format of paras is agreed between application and device.";
    "device-under-app" = Application Must 4924: "A deviceId in the request is one of a device under the application that the call is made for: the one of the header or, if given, the one of the appId parameter.";
}

errata! {
    4763: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4772: "List <devicecomm andCancelTaskRe sp></devicecomm" => "List<DeviceCommandCancelTaskResp>", "the type was taken for a markup tag", "";
    4772: "data described as a list of device commands" => "list of cancel tasks", "description copied from 1.9.2; the type says otherwise", "";
    4779: "number of commands in the cancel tasks found" => "number of cancel tasks found; any integer from 0 is accepted", "every other list counts its entries", "A-201";
    4788: "WAITTING" => "WAITTING literally (WAITING also accepted)", "misspelt, but table and sample agree", "A-197";
    4794: "List <devicecom mandResp></devicecom" => "List<DeviceCommandResp>", "the type was taken for a markup tag", "";
    4794: "deviceCommands described as a list of cancel tasks" => "list of the revoked commands", "the type is a list of commands; description copied", "";
    4803: "description of callbackUrl without its first character" => "notification address for changes of the command status", "first character lost", "";
    4808: "DEFAULT" => "the PENDING of 1.9.1 to 1.9.3; both accepted", "the table has DEFAULT for not sent, the sample PENDDING", "A-198";
    4815: "20151212T1212T2Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4817: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4819: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4821: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    4850: "response sample without most braces" => "objects as in the tables", "lines lost in the sample", "";
    4856: "members directly inside the lists" => "lists of objects", "braces lost in the sample", "";
    4872: "\"expireTime\": null" => "the effective value, 172800 by default; null is tolerated", "the text names a default of 48 hours", "A-179";
    4873: "PENDDING" => "DEFAULT (PENDING also accepted)", "the table wins over the sample; misspelt besides (A-176)", "A-198";
    4879: "\"issuedTimes\": null" => "0 or null before the first sending", "the table says Integer(>=0)", "A-186";
    4894: "appid" => "appId", "OCR in the sample", "";
    4897: "serviceId directly followed by paraName1, no method and no paras" => "command with serviceId, method and paras with the parameters", "lines lost in the sample", "";
    4903: "\"expireTime\": null" => "the effective value, 172800 by default; null is tolerated", "the text names a default of 48 hours", "A-179";
    4904: "PENDDING" => "DEFAULT (PENDING also accepted)", "the table wins over the sample; misspelt besides (A-176)", "A-198";
    4922: "200/10020" => "200/100203", "truncated code; the text is that of 100203", "A-202";
    4924: "\"in\" before the first advice" => "a bullet", "bullet read as text", "";
    4927: "400/10002" => "400/100022", "truncated code; the text is that of 100022", "A-202";
    4928: "403/10020" => "403/100203", "truncated code; the text is that of 100203", "A-202";
    4933: "advice: check that the header has appId" => "check that the header has app_key", "the row is about the app_key header", "A-06";
}
