//! 1.10.3 Query the sub-tasks of a batch task. Lines 5259 to 5361.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, InputRefusals, Kind, Method, Operation, array, header, integer, object, query,
    string,
};
use crate::wire::SubTaskStatus;

clause!(QuerySubTasks);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.10.3",
    name: "query_sub_tasks",
    title: "Query the sub-tasks of a batch task",
    chapter: Chapter::BatchTasks,
    lines: (5259, 5361),
    method: Method::Get,
    path: "/iocm/app/batchtask/v1.1.0/taskDetails",
    uri_line: 5268,
    success_status: 200,
    success_line: 5286,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5274).required()),
        header(string("Authorization", "String", 5275).required()),
        query(string("appId", "String", 5276)),
        query(string("taskId", "String", 5277).required()),
        query(string("status", "String", 5278).one_of(SubTaskStatus::VALUES)),
        query(string("deviceId", "String", 5279)),
        query(string("commandId", "String", 5280)),
        query(integer("pageNo", "Integer", 5281).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 5282).min(1).max(250).default(Fallback::Integer(25))),
    ],
    response: &[
        integer("pageNo", "Long", 5289),
        integer("pageSize", "Long", 5290),
        integer("totalCount", "Long", 5291),
        array("taskDetails", &Kind::Object, "List<QueryTaskDetailDTOCloud2NA>", 5292)
            .members(QUERY_TASK_DETAIL_DTO_CLOUD),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `param` (ObjectNode).
pub(crate) const PARAM: &[Field] = &[string("deviceId", "String", 5305), string("commandId", "String", 5306)];

/// Members of `taskDetails` (List<QueryTaskDetailDTOCloud2NA>).
pub(crate) const QUERY_TASK_DETAIL_DTO_CLOUD: &[Field] = &[
    string("status", "String", 5297).one_of(SubTaskStatus::VALUES),
    string("output", "String", 5298),
    string("error", "String", 5299),
    object("param", "ObjectNode", 5300).members(PARAM),
];

errors! { QuerySubTasks:
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid", 5350;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5351;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized", 5352;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5353;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5354;
    TASK_NOT_EXISTED = 404, "105005", "The batchTask is not existed.", 5355;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5358;
    INTERNAL = 500, "50252", "Internal server error.", 5359;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 5276.
    pub app_id: Option<String>,
    /// `taskId`, line 5277.
    pub task_id: String,
    /// `status`, line 5278.
    pub status: Option<SubTaskStatus>,
    /// `deviceId`, line 5279.
    pub device_id: Option<String>,
    /// `commandId`, line 5280.
    pub command_id: Option<String>,
    /// `pageNo`, line 5281.
    pub page_no: Option<i64>,
    /// `pageSize`, line 5282.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `pageNo`, line 5289.
    pub page_no: i64,
    /// `pageSize`, line 5290.
    pub page_size: i64,
    /// `totalCount`, line 5291.
    pub total_count: i64,
    /// `taskDetails`, line 5292.
    pub task_details: Vec<QueryTaskDetailDTOCloud>,
}

/// `taskDetails`: List<QueryTaskDetailDTOCloud2NA>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct QueryTaskDetailDTOCloud {
    /// `status`, line 5297.
    pub status: SubTaskStatus,
    /// `output`, line 5298.
    pub output: Option<String>,
    /// `error`, line 5299.
    pub error: Option<String>,
    /// `param`, line 5300.
    pub param: Option<ParamItem>,
}

/// `param`: ObjectNode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ParamItem {
    /// `deviceId`, line 5305.
    pub device_id: String,
    /// `commandId`, line 5306.
    pub command_id: String,
}

/// What `output` holds as JSON text, line 5335.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// `requestId`, line 5335: the command's id.
    pub request_id: String,
    /// `commandResult`, line 5335: what the device answered; null until then.
    pub command_result: Option<Object>,
}

/// What `error` holds as JSON text, line 5299.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// `error_code`, line 5299.
    pub error_code: String,
    /// `error_desc`, line 5299.
    pub error_desc: String,
}

rules! {
    "after-creation" = Application May 5263: "After creating a batch task an application may query the details of its sub-tasks, such as their status and content.";
    "transport" = Application May 5269: "The application may make the call over HTTP or over HTTPS.";
    "command-id-unique" = Platform Must 5280: "The platform assigns each command, when it is sent, a commandId that identifies this one command only.";
    "first-page-zero" = Platform Must 5281: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 5291: "totalCount is the number of all tasks found and not only of those on the page.";
    "error-format" = Platform Must 5299: "error is text of the form {\"error_code\": \"...\", \"error_desc\": \"...\"} in which the platform gives the cause of the error of the task.";
    "param-by-task-type" = Platform Must 5300: "What the platform returns in param depends on the type of the task.";
}

errata! {
    5269: "HTTP/HTTPS" => "HTTPS by default, plain HTTP only when asked for", "all other operations say HTTPS", "A-01";
    5278: "Pending/WaitResult/Success/Fail/Timeout" => "an expired sub-task is shown as Timeout with an error", "1.10.2 counts expired tasks (line 5167), but there is no such status", "A-231";
    5291: "number of all tasks found" => "number of all matching sub-tasks", "tasks here are sub-tasks", "A-28";
    5292: "List <querytaskde tailDTOCloud2NA ></querytaskde" => "List<QueryTaskDetailDTOCloud2NA>", "the type was taken for a markup tag", "";
    5298: "String" => "a string (JSON text) or null", "the sample (line 5335) shows JSON inside a string; error (line 5299) likewise", "A-230";
    5299: "{\\\"error_code\\\": \\\"****\\\", \\\"error_desc\\\":\\\"*****\\\"}" => "{\"error_code\": \"****\", \"error_desc\": \"*****\"} as the content of the string, or null", "printed with the escapes of JSON", "A-230";
    5335: "\"output\": \"{\\\"requestId\\\":\\\"*****\\\",\\\"commandResult\\\":null\\\"," => "\"output\": \"{\\\"requestId\\\":\\\"*****\\\",\\\"commandResult\\\":null}\",", "closing brace garbled in the sample", "A-230";
    5337: "a second copy of status, output, error and param inside param (lines 5337 to 5344)" => "one item with status, output, error and param {deviceId, commandId}", "OCR repeated a part of the sample", "";
    5342: "\"deviceId\": \"******\"" => "\"deviceId\": \"******\",", "comma lost in the sample", "";
    5346: "}" => "] and }", "closing bracket of taskDetails lost in the sample", "";
    5351: "100203 with status 403 and 500 (line 5358)" => "403; the row with 500 only by injection", "one code with two statuses and the same text", "A-14";
}
