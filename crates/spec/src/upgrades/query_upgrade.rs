//! 1.12.6 Query one upgrade task. Lines 6343 to 6451.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, boolean, header,
    integer, object, path, string,
};
use crate::wire::{ExecuteType, OperateType, OperationStatus};

clause!(QueryUpgrade);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.6",
    name: "query_upgrade",
    title: "Query one upgrade task",
    chapter: Chapter::Upgrades,
    lines: (6343, 6451),
    method: Method::Get,
    path: "/iodm/northbound/v1.5.0/operations/{operationId}",
    uri_line: 6352,
    success_status: 200,
    success_line: 6366,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6358).required()),
        header(string("Authorization", "String", 6361).required()),
        path(string("operationId", "String", 6362).required()),
    ],
    response: &[
        string("operationId", "String", 6369),
        string("createTime", "String", 6370).format(Format::UtcTime),
        string("startTime", "String", 6372).format(Format::UtcTime),
        string("stopTime", "String", 6374).format(Format::UtcTime),
        string("operateType", "String", 6376).one_of(OperateType::VALUES),
        object("targets", "OperateDevices", 6379).members(OPERATE_DEVICES),
        object("policy", "OperatePolicy", 6380).members(OPERATE_POLICY),
        string("status", "String", 6383).one_of(OperationStatus::VALUES),
        object("staResult", "OperationStaResult", 6389).members(OPERATION_STA_RESULT),
        object("extendPara", "Map<string,String>", 6390),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::BAD_REQUEST.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `targets` (OperateDevices).
pub(crate) const OPERATE_DEVICES: &[Field] = &[
    array("deviceGroups", &Kind::String, "List<string>", 6395).max_len(256),
    string("deviceType", "String", 6396),
    string("model", "String", 6397),
    string("manufacturerName", "String", 6398),
    array("devices", &Kind::String, "List<string>", 6399).max_len(256),
];

/// Members of `policy` (OperatePolicy).
pub(crate) const OPERATE_POLICY: &[Field] = &[
    string("executeType", "String", 6404).default(Fallback::Text("now")).one_of(ExecuteType::VALUES),
    string("startTime", "String", 6410).format(Format::UtcTime),
    string("endTime", "String", 6412).format(Format::UtcTime),
    boolean("retryType", "Boolean", 6413).default(Fallback::Flag(false)),
    integer("retryTimes", "Integer", 6414).min(1).max(5),
];

/// Members of `staResult` (OperationStaResult).
pub(crate) const OPERATION_STA_RESULT: &[Field] = &[
    integer("total", "Integer(64)", 6419),
    integer("wait", "Integer(64)", 6420),
    integer("processing", "Integer(64)", 6421),
    integer("success", "Integer(64)", 6422),
    integer("fail", "Integer(64)", 6423),
    integer("stop", "Integer(64)", 6424),
    integer("timeout", "Integer(64)", 6425),
];

errors! { QueryUpgrade:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6443;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6444;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6445;
    UPGRADE_NOT_EXISTED = 404, "123009", "The requested task does not exist.", 6446;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `operationId`, line 6362.
    pub operation_id: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `operationId`, line 6369.
    pub operation_id: String,
    /// `createTime`, line 6370.
    pub create_time: Option<String>,
    /// `startTime`, line 6372.
    pub start_time: Option<String>,
    /// `stopTime`, line 6374.
    pub stop_time: Option<String>,
    /// `operateType`, line 6376.
    pub operate_type: Option<OperateType>,
    /// `targets`, line 6379.
    pub targets: Option<OperateDevices>,
    /// `policy`, line 6380.
    pub policy: Option<OperatePolicy>,
    /// `status`, line 6383.
    pub status: OperationStatus,
    /// `staResult`, line 6389.
    pub sta_result: Option<OperationStaResult>,
    /// `extendPara`, line 6390.
    pub extend_para: Option<Object>,
}

/// `targets`: OperateDevices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperateDevices {
    /// `deviceGroups`, line 6395.
    pub device_groups: Vec<String>,
    /// `deviceType`, line 6396.
    pub device_type: Option<String>,
    /// `model`, line 6397.
    pub model: Option<String>,
    /// `manufacturerName`, line 6398.
    pub manufacturer_name: Option<String>,
    /// `devices`, line 6399.
    pub devices: Vec<String>,
}

/// `policy`: OperatePolicy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperatePolicy {
    /// `executeType`, line 6404.
    pub execute_type: Option<ExecuteType>,
    /// `startTime`, line 6410.
    pub start_time: Option<String>,
    /// `endTime`, line 6412.
    pub end_time: Option<String>,
    /// `retryType`, line 6413.
    pub retry_type: Option<bool>,
    /// `retryTimes`, line 6414.
    pub retry_times: Option<i64>,
}

/// `staResult`: OperationStaResult.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperationStaResult {
    /// `total`, line 6419.
    pub total: Option<i64>,
    /// `wait`, line 6420.
    pub wait: Option<i64>,
    /// `processing`, line 6421.
    pub processing: Option<i64>,
    /// `success`, line 6422.
    pub success: Option<i64>,
    /// `fail`, line 6423.
    pub fail: Option<i64>,
    /// `stop`, line 6424.
    pub stop: Option<i64>,
    /// `timeout`, line 6425.
    pub timeout: i64,
}

rules! {
    "query-task" = Application May 6347: "Once a software or firmware upgrade task has been created, an application may query its configuration and its progress.";
    "operation-id-from-create" = Application Must 6362: "operationId is the id that the platform returned when the task was created (1.12.4, 1.12.5).";
    "extend-para-by-type" = Platform May 6390: "The members of extendPara may differ from one type of operation to another.";
    "groups-or-devices" = Platform Must 6395: "The platform returns the targets either as deviceGroups or as devices, not as both.";
    "groups-by-name" = Platform Must 6395: "The deviceGroups that the platform returns are names of device groups.";
    "group-details" = Platform Must 6396: "The platform returns deviceType, model and manufacturerName when the targets are deviceGroups.";
    "execute-types" = Platform Must 6405: "A task with executeType now runs at once, with device_online when the device comes online, with custom at the time that the policy gives.";
    "custom-times" = Platform Must 6410: "The platform returns startTime and endTime of the policy when executeType is custom.";
    "retry-on-failure" = Platform Must 6413: "retryType says whether the platform tries a failed upgrade again; by default it does not.";
    "retry-times" = Platform Must 6414: "The platform returns retryTimes when retryType is true.";
    "sta-result-counts" = Platform Must 6419: "staResult counts the devices of the task: total all of them, wait the waiting, processing those being operated, success the successful, fail the failed, stop the stopped, timeout those failed by timeout.";
}

errata! {
    6372: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6386: "failed" => "failed for an operation, fail for a sub-operation (line 6499)", "the two tables differ", "A-264";
    6390: "Map <string, String></string," => "Map<String,String>", "the type was taken for a markup tag", "";
    6395: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    6399: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    6410: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6412: "20151212T1212T2Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6419: "Integer(64) (also the six lines below)" => "an integer without a bound", "a length has no meaning on an integer", "";
    6422: "a stray character inside \"operated successfully\"" => "number of devices operated successfully", "typing error", "";
    6437: "response sample without braces that breaks off after createTime" => "members as in the table", "cut off in the text", "";
    6443: "advice: check the format of fileId" => "check operationId", "copied from 1.12.2; there is no fileId here", "A-267";
}
