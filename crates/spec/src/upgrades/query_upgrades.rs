//! 1.12.8 Query the upgrade tasks. Lines 6551 to 6696.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, boolean, header,
    integer, object, query, string,
};
use crate::wire::{ExecuteType, OperateType, OperationStatus};

pub use crate::upgrades::query_upgrade::OperateDevices;
pub use crate::upgrades::query_upgrade::OperatePolicy;
pub use crate::upgrades::query_upgrade::OperationStaResult;

clause!(QueryUpgrades);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.8",
    name: "query_upgrades",
    title: "Query the upgrade tasks",
    chapter: Chapter::Upgrades,
    lines: (6551, 6696),
    method: Method::Get,
    path: "/iodm/northbound/v1.5.0/operations",
    uri_line: 6560,
    success_status: 200,
    success_line: 6579,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6566).required()),
        header(string("Authorization", "String", 6567).required()),
        query(string("operationType", "String(256)", 6568).max_len(256).one_of(OperateType::VALUES)),
        query(string("operationStatus", "String(256)", 6569).max_len(256).one_of(OperationStatus::VALUES)),
        query(string("deviceType", "String(256)", 6570).max_len(256)),
        query(string("model", "String(256)", 6571).max_len(256)),
        query(string("manufacturerName", "String(256)", 6572).max_len(256)),
        query(string("deviceId", "String(256)", 6573).max_len(256)),
        query(integer("pageNo", "Integer(>=0)", 6574).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer[1,100]", 6575).min(1).max(100).default(Fallback::Integer(10))),
    ],
    response: &[
        array("data", &Kind::Object, "List<OperationInfo>", 6582).members(OPERATION_INFO),
        integer("pageNo", "Integer(>=0)", 6583).min(0),
        integer("pageSize", "Integer[1,100]", 6584).min(1).max(100),
        integer("totalCount", "Integer(>=0)", 6585).min(0),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        out_of_range: error::PAGE_BEYOND_LIMIT.row(),
        ..InputRefusals::all(error::BAD_REQUEST.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `targets` (OperateDevices).
pub(crate) const OPERATE_DEVICES: &[Field] = &[
    array("deviceGroups", &Kind::String, "List<string>", 6616).max_len(256),
    string("deviceType", "String", 6617),
    string("model", "String", 6618),
    string("manufacturerName", "String", 6619),
    array("devices", &Kind::String, "List<string>", 6620).max_len(256),
];

/// Members of `policy` (OperatePolicy).
pub(crate) const OPERATE_POLICY: &[Field] = &[
    string("executeType", "String", 6625).default(Fallback::Text("now")).one_of(ExecuteType::VALUES),
    string("startTime", "String", 6629).format(Format::UtcTime),
    string("endTime", "String", 6630).format(Format::UtcTime),
    boolean("retryType", "Boolean", 6633).default(Fallback::Flag(false)),
    integer("retryTimes", "Integer", 6635).min(1).max(5),
];

/// Members of `staResult` (OperationStaResult).
pub(crate) const OPERATION_STA_RESULT: &[Field] = &[
    integer("total", "Integer(64)", 6640),
    integer("wait", "Integer(64)", 6641),
    integer("processing", "Integer(64)", 6642),
    integer("success", "Integer(64)", 6643),
    integer("fail", "Integer(64)", 6644),
    integer("stop", "Integer(64)", 6645),
    integer("timeout", "Integer(64)", 6646),
];

/// Members of `data` (List<OperationInfo>).
pub(crate) const OPERATION_INFO: &[Field] = &[
    string("operationId", "String", 6590),
    string("createTime", "String", 6591).format(Format::UtcTime),
    string("startTime", "String", 6593).format(Format::UtcTime),
    string("stopTime", "String", 6595).format(Format::UtcTime),
    string("operateType", "String", 6597).one_of(OperateType::VALUES),
    object("targets", "OperateDevices", 6600).members(OPERATE_DEVICES),
    object("policy", "OperatePolicy", 6601).members(OPERATE_POLICY),
    string("status", "String", 6602).one_of(OperationStatus::VALUES),
    object("staResult", "OperationStaResult", 6610).members(OPERATION_STA_RESULT),
    object("extendPara", "Map<string,String>", 6611),
];

errors! { QueryUpgrades:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6687;
    PAGE_BEYOND_LIMIT = 400, "123029", "pageNo or pageSize beyond the limit.", 6688;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6689;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6690;
    UPGRADE_NOT_EXISTED = 404, "123009", "The requested task does not exist.", 6691;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `operationType`, line 6568.
    pub operation_type: Option<OperateType>,
    /// `operationStatus`, line 6569.
    pub operation_status: Option<OperationStatus>,
    /// `deviceType`, line 6570.
    pub device_type: Option<String>,
    /// `model`, line 6571.
    pub model: Option<String>,
    /// `manufacturerName`, line 6572.
    pub manufacturer_name: Option<String>,
    /// `deviceId`, line 6573.
    pub device_id: Option<String>,
    /// `pageNo`, line 6574.
    pub page_no: Option<i64>,
    /// `pageSize`, line 6575.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `data`, line 6582.
    pub data: Vec<OperationInfo>,
    /// `pageNo`, line 6583.
    pub page_no: i64,
    /// `pageSize`, line 6584.
    pub page_size: i64,
    /// `totalCount`, line 6585.
    pub total_count: i64,
}

/// `data`: List<OperationInfo>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperationInfo {
    /// `operationId`, line 6590.
    pub operation_id: String,
    /// `createTime`, line 6591.
    pub create_time: Option<String>,
    /// `startTime`, line 6593.
    pub start_time: Option<String>,
    /// `stopTime`, line 6595.
    pub stop_time: Option<String>,
    /// `operateType`, line 6597.
    pub operate_type: Option<OperateType>,
    /// `targets`, line 6600.
    pub targets: Option<OperateDevices>,
    /// `policy`, line 6601.
    pub policy: Option<OperatePolicy>,
    /// `status`, line 6602.
    pub status: OperationStatus,
    /// `staResult`, line 6610.
    pub sta_result: Option<OperationStaResult>,
    /// `extendPara`, line 6611.
    pub extend_para: Option<Object>,
}

rules! {
    "query-tasks" = Application May 6555: "An application may query the list of the upgrade tasks created so far and their progress, by conditions.";
    "first-page-zero" = Platform Must 6574: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 6585: "totalCount is the number of all records of the result and not only of those on the page.";
    "extend-para-by-type" = Platform May 6611: "The members of extendPara may differ from one type of operation to another.";
    "groups-or-devices" = Platform Must 6616: "The platform returns the targets either as deviceGroups or as devices, not as both.";
    "groups-by-name" = Platform Must 6616: "The deviceGroups that the platform returns are names of device groups.";
    "group-details" = Platform Must 6617: "The platform returns deviceType, model and manufacturerName when the targets are deviceGroups.";
    "execute-types" = Platform Must 6626: "A task with executeType now runs at once, with device_online when the device comes online, with custom at the time that the policy gives.";
    "custom-times" = Platform Must 6629: "The platform returns startTime and endTime of the policy when executeType is custom.";
    "retry-on-failure" = Platform Must 6633: "retryType says whether the platform tries a failed upgrade again; by default it does not.";
    "retry-times" = Platform Must 6635: "The platform returns retryTimes when retryType is true.";
    "sta-result-counts" = Platform Must 6640: "staResult counts the devices of the task: total all of them, wait the waiting, processing those being operated, success the successful, fail the failed, stop the stopped, timeout those failed by timeout.";
}

errata! {
    6568: "operationType in the query, operateType in the answer (line 6597)" => "as tabled in each place", "the two tables differ", "A-270";
    6582: "List <operationin fo=\"\"></operationin>" => "List<OperationInfo>", "the type was taken for a markup tag", "";
    6591: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6593: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6595: "20151212T1212Z" => "20151212T121212Z", "the example does not fit the pattern printed beside it", "A-22";
    6611: "Map <string, String></string," => "Map<String,String>", "the type was taken for a markup tag", "";
    6616: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    6620: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    6640: "Integer(64) (also the six lines below)" => "an integer without a bound", "a length has no meaning on an integer", "";
    6642: "Integer(64) and the description in one cell (also line 6643)" => "type Integer(64) and its description", "columns run together", "";
    6643: "a stray character inside \"operated successfully\"" => "number of devices operated successfully", "typing error", "";
    6678: "\"model\" twice" => "the first one is \"deviceType\"", "the member is there twice in the sample", "";
    6681: "response sample that breaks off in devices" => "members as in the table", "cut off in the text", "";
    6687: "advice: check the format of fileId" => "the paging and filter parameters", "copied from 1.12.2; the call has neither fileId nor operationId", "A-267";
    6691: "404/123009 The requested task does not exist." => "never emitted; an empty list", "the call names no task; copied row", "A-271";
}
