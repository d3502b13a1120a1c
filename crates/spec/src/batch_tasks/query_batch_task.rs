//! 1.10.2 Query a batch task. Lines 5125 to 5257.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object, path,
    query, string,
};
use crate::wire::{BatchTargetType, BatchTaskOrigin, BatchTaskSelect, BatchTaskStatus, BatchTaskType};

pub use crate::commands::create_command::CommandItem;

clause!(QueryBatchTask);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.10.2",
    name: "query_batch_task",
    title: "Query a batch task",
    chapter: Chapter::BatchTasks,
    lines: (5125, 5257),
    method: Method::Get,
    path: "/iocm/app/batchtask/v1.1.0/tasks/{taskId}",
    uri_line: 5134,
    success_status: 200,
    success_line: 5150,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5140).required()),
        header(string("Authorization", "String", 5141).required()),
        path(string("taskId", "String", 5144).required()),
        query(string("appId", "String", 5145)),
        query(string("select", "String", 5146).one_of(BatchTaskSelect::VALUES)),
    ],
    response: &[
        string("appId", "String", 5153),
        string("taskId", "String", 5154),
        string("taskName", "String", 5155),
        string("operator", "String", 5156),
        string("taskFrom", "String", 5157).one_of(BatchTaskOrigin::VALUES),
        string("taskType", "String", 5158).one_of(BatchTaskType::VALUES),
        string("status", "String", 5159).one_of(BatchTaskStatus::VALUES),
        string("startTime", "String", 5160).format(Format::UtcTime),
        integer("timeout", "Integer", 5161),
        integer("progress", "Integer", 5162).min(0).max(1000),
        integer("totalCnt", "Integer", 5163),
        integer("successCnt", "Integer", 5164),
        integer("failCnt", "Integer", 5165),
        integer("timeoutCnt", "Integer", 5166),
        integer("expiredCnt", "Integer", 5167),
        integer("completeCnt", "Integer", 5168),
        integer("successRate", "Integer", 5171).min(0).max(1000),
        object("param", "ObjectNode", 5172).members(PARAM),
        array("tags", &Kind::Object, "List<TagDTO2>", 5173).members(TAG),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        missing: error::ILLEGAL_REQUEST.row(),
        ..InputRefusals::all(error::COMMAND_INPUT_INVALID.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `command` (CommandDTO).
pub(crate) const COMMAND: &[Field] = &[
    string("serviceId", "String(1-64)", 5193).len(1, 64),
    string("method", "String(1-128", 5194).len(1, 128),
    object("paras", "ObjectNode", 5197),
];

/// Members of `param` (ObjectNode).
pub(crate) const PARAM: &[Field] = &[
    string("type", "String", 5178).one_of(BatchTargetType::VALUES),
    array("deviceList", &Kind::String, "List<String>", 5179),
    string("deviceType", "String", 5180),
    string("manufacturerId", "String", 5181),
    string("model", "String", 5182),
    string("deviceLocation", "String", 5183),
    array("groupList", &Kind::String, "List<String>", 5184),
    object("command", "CommandDTO", 5185).members(COMMAND),
    string("callbackUrl", "String", 5186),
    integer("maxRetransmit", "Integer(0~3", 5187).min(0).max(3),
    string("groupTag", "String", 5188),
];

/// Members of `tags` (List<TagDTO2>).
pub(crate) const TAG: &[Field] =
    &[string("tagName", "String(1-128)", 5202).len(1, 128), string("tagValue", "String(1-1024)", 5203).len(1, 1024)];

errors! { QueryBatchTask:
    ILLEGAL_REQUEST = 400, "100019", "Illegal request.", 5246;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid", 5247;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5248;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized", 5249;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5250;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5251;
    TASK_NOT_EXISTED = 404, "105005", "The batchTask is not existed.", 5252;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5253;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `taskId`, line 5144.
    pub task_id: String,
    /// `appId`, line 5145.
    pub app_id: Option<String>,
    /// `select`, line 5146.
    pub select: Option<BatchTaskSelect>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `appId`, line 5153.
    pub app_id: String,
    /// `taskId`, line 5154.
    pub task_id: String,
    /// `taskName`, line 5155.
    pub task_name: Option<String>,
    /// `operator`, line 5156.
    pub operator: Option<String>,
    /// `taskFrom`, line 5157.
    pub task_from: Option<BatchTaskOrigin>,
    /// `taskType`, line 5158.
    pub task_type: Option<BatchTaskType>,
    /// `status`, line 5159.
    pub status: BatchTaskStatus,
    /// `startTime`, line 5160.
    pub start_time: Option<String>,
    /// `timeout`, line 5161.
    pub timeout: i64,
    /// `progress`, line 5162.
    pub progress: Option<i64>,
    /// `totalCnt`, line 5163.
    pub total_cnt: Option<i64>,
    /// `successCnt`, line 5164.
    pub success_cnt: Option<i64>,
    /// `failCnt`, line 5165.
    pub fail_cnt: Option<i64>,
    /// `timeoutCnt`, line 5166.
    pub timeout_cnt: Option<i64>,
    /// `expiredCnt`, line 5167.
    pub expired_cnt: Option<i64>,
    /// `completeCnt`, line 5168.
    pub complete_cnt: Option<i64>,
    /// `successRate`, line 5171.
    pub success_rate: Option<i64>,
    /// `param`, line 5172.
    pub param: Option<ParamItem>,
    /// `tags`, line 5173; null unless they were selected.
    pub tags: Option<Vec<Tag>>,
}

/// `param`: ObjectNode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ParamItem {
    /// `type`, line 5178.
    #[serde(rename = "type")]
    pub kind: Option<BatchTargetType>,
    /// `deviceList`, line 5179.
    pub device_list: Vec<String>,
    /// `deviceType`, line 5180.
    pub device_type: Option<String>,
    /// `manufacturerId`, line 5181.
    pub manufacturer_id: Option<String>,
    /// `model`, line 5182.
    pub model: Option<String>,
    /// `deviceLocation`, line 5183.
    pub device_location: Option<String>,
    /// `groupList`, line 5184.
    pub group_list: Vec<String>,
    /// `command`, line 5185.
    pub command: Option<CommandItem>,
    /// `callbackUrl`, line 5186.
    pub callback_url: String,
    /// `maxRetransmit`, line 5187.
    pub max_retransmit: Option<i64>,
    /// `groupTag`, line 5188.
    pub group_tag: Option<String>,
}

/// `tags`: List<TagDTO2>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Tag {
    /// `tagName`, line 5202.
    pub tag_name: Option<String>,
    /// `tagValue`, line 5203.
    pub tag_value: Option<String>,
}

rules! {
    "after-creation" = Application May 5129: "After creating a batch task an application may query its information, such as the status of the task and how far its sub-tasks are.";
    "sub-task-per-device" = Platform Must 5129: "A sub-task is what one device carries out within the batch task, so that the platform counts sub-tasks by device.";
    "task-id-from-create" = Application Must 5144: "taskId is the id that creating the batch task (1.10.1) returned.";
    "select-optional-values" = Platform Must 5146: "The platform adds to its answer the optional values that select names; tag is the only one that can be named.";
    "task-from" = Platform Must 5157: "The platform answers taskFrom Portal for a task created on the console and Northbound for one created through the API.";
    "start-time-is-creation" = Platform Must 5160: "startTime is the UTC time at which the platform created the task.";
    "timeout-seconds" = Platform Must 5161: "The platform reports timeout in seconds.";
    "progress-per-mille" = Platform Must 5162: "The platform reports progress in thousandths, rounded down.";
    "expired-count" = Platform Must 5167: "expiredCnt counts the tasks that lapsed without having been carried out.";
    "complete-count-sum" = Platform Must 5168: "completeCnt is the sum of the succeeded, the failed and the timed-out tasks.";
    "success-rate-per-mille" = Platform Must 5171: "The platform reports successRate in thousandths, rounded down.";
    "param-by-task-type" = Platform Must 5172: "What the platform returns in param depends on the type of the task.";
    "device-list-returned" = Platform Must 5179: "The platform returns deviceList when type is DeviceList.";
    "device-type-returned" = Platform Must 5180: "The platform returns deviceType when type is DeviceType.";
    "device-type-in-profile" = Platform Must 5180: "The deviceType that the platform returns is the one that the profile defines.";
    "manufacturer-returned" = Platform Must 5181: "The platform returns manufacturerId when type is DeviceType.";
    "manufacturer-in-profile" = Platform Must 5181: "The manufacturerId that the platform returns is the one that the profile defines.";
    "model-returned" = Platform Must 5182: "The platform returns model when type is DeviceType.";
    "model-in-profile" = Platform Must 5182: "The model that the platform returns is the one that the profile defines.";
    "device-location-returned" = Platform Must 5183: "The platform returns deviceLocation when type is DeviceArea.";
    "group-list-returned" = Platform Must 5184: "The platform returns groupList, a list of group names, when type is GroupList.";
    "callback-results" = Platform Must 5186: "The platform pushes the results of the command to callbackUrl.";
    "max-retransmit" = Platform Must 5187: "The platform retransmits a command at most maxRetransmit times.";
    "service-in-profile" = Platform Must 5193: "The serviceId of the command in the answer is a service that the profile defines.";
    "method-in-profile" = Platform Must 5194: "The method of the command in the answer is a command name that the profile defines.";
    "paras-keys" = Platform Must 5197: "Each key of the paras of the command in the answer is a parameter name (paraName) of that command in the profile.";
    "paras-format-agreed" = Application Must 5197: "The concrete format of paras is agreed between application and device.";
}

errata! {
    5146: "select names optional values; possible value: tag" => "tags is returned only with select=tag", "the text does not name the member tags", "A-226";
    5161: "timeout in seconds" => "the minutes given at creation (line 5049) times 60", "the same member has two units", "A-216";
    5168: "completed = succeeded + failed + timed out" => "without expiredCnt; the task is Complete when completeCnt + expiredCnt = totalCnt", "the place of the expired ones is not said", "A-225";
    5171: "unit with the character for \"dry\" instead of \"thousand\"" => "thousandths", "OCR", "A-224";
    5173: "List <tagdt O2></tagdt" => "List<TagDTO2>, present only with select=tag", "the type was taken for a markup tag", "A-226";
    5179: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    5184: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    5184: "group names, returned when type is GroupList" => "names for GroupList, ids for GroupIdList, as given at creation", "GroupIdList uses the same member but is left out of the description", "A-221";
    5187: "Integer(0~3" => "Integer(0~3)", "closing bracket lost", "";
    5194: "String(1-128" => "String(1-128)", "closing bracket lost", "";
    5197: "paras in jsonString format" => "a JSON object", "the type cell says ObjectNode", "";
    5197: "\"healthy\" value pair and each \"healthy\" (wrong character)" => "key-value pair and each key", "typing error", "";
    5228: "\"status\": \"000," => "startTime and timeout", "garbled duplicate of status with a lost quote; the table has startTime and timeout between status and progress", "";
    5229: "\"progress\": 100" => "thousandths: 1000 when all is done", "the sample looks like a percentage", "A-224";
    5234: "\"completeCnt\": 10" => "\"expiredCnt\": 10", "duplicate member in the sample; the table has expiredCnt here", "A-224";
    5235: "\"completeCnt\": 100" => "90, the sum of 70, 10 and 10", "by the formula of line 5168", "A-225";
    5236: "\"successRate\": 70" => "700", "the table says thousandths", "A-224";
    5238: "\"fileId\" in param" => "param as given at creation", "old sample; the table has no such member", "A-229";
    5246: "400/100019 beside 400/100022 (line 5247)" => "100019 for a blank id, 100022 for a bad select", "two codes for invalid input", "A-227";
    5248: "100203 with status 403 and 500 (line 5253)" => "403; the row with 500 only by injection", "one code with two statuses and the same text", "A-14";
    5253: "no row 500/50252 follows" => "an internal fault is 500/50252 here too", "the sister operations have the row", "A-228";
}
