//! 1.12.7 Query the sub-tasks of an upgrade task. Lines 6453 to 6549.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object,
    path, query, string,
};
use crate::wire::{OperateType, SubOperationStatus};

clause!(QueryUpgradeDetails);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.7",
    name: "query_upgrade_details",
    title: "Query the sub-tasks of an upgrade task",
    chapter: Chapter::Upgrades,
    lines: (6453, 6549),
    method: Method::Get,
    path: "/iodm/northbound/v1.5.0/operations/{operationId}/subOperations",
    uri_line: 6462,
    success_status: 200,
    success_line: 6477,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6468).required()),
        header(string("Authorization", "String", 6469).required()),
        path(string("operationId", "String", 6470).required()),
        query(string("subOperationStatus", "String", 6471).one_of(SubOperationStatus::VALUES)),
        query(integer("pageNo", "Integer(>=0)", 6472).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer[1,100]", 6473).min(1).max(100).default(Fallback::Integer(10))),
    ],
    response: &[
        array("data", &Kind::Object, "List<SubOperationInfo>", 6480).members(SUB_OPERATION_INFO),
        integer("pageNo", "Integer(>=0)", 6481).min(0),
        integer("pageSize", "Integer[1,100]", 6482).min(1).max(100),
        integer("totalCount", "Integer(>=0)", 6483).min(0),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        out_of_range: error::PAGE_BEYOND_LIMIT.row(),
        ..InputRefusals::all(error::BAD_REQUEST.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `data` (List<SubOperationInfo>).
pub(crate) const SUB_OPERATION_INFO: &[Field] = &[
    string("subOperationId", "String", 6488),
    string("createTime", "String", 6489).format(Format::UtcTime),
    string("startTime", "String", 6490).format(Format::UtcTime),
    string("stopTime", "String", 6491).format(Format::UtcTime),
    string("operateType", "String", 6492).one_of(OperateType::VALUES),
    string("deviceId", "String", 6493),
    string("status", "String", 6496).one_of(SubOperationStatus::VALUES),
    string("detailInfo", "String", 6502),
    object("extendPara", "Map<string,String>", 6503),
];

/// The detailInfo of a device whose protocol knows no upgrades, as the sample prints it.
pub const NO_PROTOCOL_SERVICE: &str =
    "The task failed to start, unable to find protocol service based on device information";

errors! { QueryUpgradeDetails:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6540;
    PAGE_BEYOND_LIMIT = 400, "123029", "pageNo or pageSize beyond the limit.", 6541;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6542;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6543;
    UPGRADE_NOT_EXISTED = 404, "123009", "The requested task does not exist.", 6544;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `operationId`, line 6470.
    pub operation_id: String,
    /// `subOperationStatus`, line 6471.
    pub sub_operation_status: Option<SubOperationStatus>,
    /// `pageNo`, line 6472.
    pub page_no: Option<i64>,
    /// `pageSize`, line 6473.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `data`, line 6480.
    pub data: Vec<SubOperationInfo>,
    /// `pageNo`, line 6481.
    pub page_no: i64,
    /// `pageSize`, line 6482.
    pub page_size: i64,
    /// `totalCount`, line 6483.
    pub total_count: i64,
}

/// `data`: List<SubOperationInfo>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct SubOperationInfo {
    /// `subOperationId`, line 6488.
    pub sub_operation_id: Option<String>,
    /// `createTime`, line 6489.
    pub create_time: Option<String>,
    /// `startTime`, line 6490.
    pub start_time: Option<String>,
    /// `stopTime`, line 6491.
    pub stop_time: Option<String>,
    /// `operateType`, line 6492.
    pub operate_type: Option<OperateType>,
    /// `deviceId`, line 6493.
    pub device_id: String,
    /// `status`, line 6496.
    pub status: SubOperationStatus,
    /// `detailInfo`, line 6502.
    pub detail_info: Option<String>,
    /// `extendPara`, line 6503.
    pub extend_para: Option<Object>,
}

rules! {
    "sub-task-per-device" = Platform Must 6457: "The platform makes the upgrade of each device of a task one sub-task: there are as many sub-tasks as devices.";
    "query-sub-tasks" = Application May 6457: "An application may query the details of the sub-tasks of one upgrade task.";
    "operation-id-from-create" = Application Must 6470: "operationId is the id that the platform returned when the task was created (1.12.4, 1.12.5).";
    "no-status-all" = Platform Must 6471: "Without subOperationStatus the platform returns all sub-tasks of the task.";
    "first-page-zero" = Platform Must 6472: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 6483: "totalCount is the number of all records of the result and not only of those on the page.";
    "failure-reason" = Platform Must 6502: "detailInfo describes the status of the sub-task and, when it failed, gives the reason.";
    "extend-para-by-type" = Platform May 6503: "The members of extendPara may differ from one type of operation to another.";
}

errata! {
    6480: "List <suboperationinfo></suboperationinfo>" => "List<SubOperationInfo>", "the type was taken for a markup tag", "";
    6499: "fail here, failed for the whole task (line 6386)" => "fail for sub-tasks", "the two tables differ", "A-264";
    6503: "Map <string, String></string," => "Map<String,String>", "the type was taken for a markup tag", "";
    6517: "response sample without most braces" => "objects as in the table", "lines lost in the sample", "";
    6520: "\"date\"" => "\"data\"", "the table wins over the sample", "A-269";
    6521: "members directly inside the list" => "a list of objects", "braces lost in the sample", "";
    6527: "\"FAIL\"" => "\"fail\"", "the table wins over the sample", "A-264";
    6529: "\"extendInfo\"" => "\"extendPara\"", "the table wins over the sample", "A-269";
    6530: "upgradeTime, sourceVersion, curVersion, downloadTime, targetVersion" => "possible members of the extendPara map", "only the sample shows them", "";
    6540: "advice: check the format of fileId" => "check operationId", "copied from 1.12.2; there is no fileId here", "A-267";
}
