//! 1.6.3 Query the history of a device's data. Lines 2238 to 2336.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::WrittenObject;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object,
    query, string,
};

clause!(QueryHistory);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.6.3",
    name: "query_history",
    title: "Query the history of a device's data",
    chapter: Chapter::Data,
    lines: (2238, 2336),
    method: Method::Get,
    path: "/iocm/app/data/v1.2.0/deviceDataHistory",
    uri_line: 2247,
    success_status: 200,
    success_line: 2267,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2253).required()),
        header(string("Authorization", "String", 2254).required()),
        query(string("appId", "String", 2255)),
        query(
            string("deviceId", "String", 2256)
                .required_unless("gatewayId")
                .refused_by(error::DEVICE_ID_AND_GATEWAY_ID_NULL.row()),
        ),
        query(
            string("gatewayId", "String", 2257)
                .required_unless("deviceId")
                .refused_by(error::DEVICE_ID_AND_GATEWAY_ID_NULL.row()),
        ),
        query(integer("pageNo", "Integer", 2258).ruled_min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 2259).ruled_min(1).max(2000).default(Fallback::Integer(1))),
        query(string("startTime", "String", 2260).format(Format::UtcTime)),
        query(string("endTime", "String", 2263).format(Format::UtcTime)),
    ],
    response: &[
        integer("totalCount", "Long", 2270),
        integer("pageNo", "Long", 2271),
        integer("pageSize", "Long", 2272),
        array("deviceDataHistoryDTOs", &Kind::Object, "List<DeviceDataHistoryDTO>", 2273).members(DEVICE_DATA_HISTORY),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::APPLICATION_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceDataHistoryDTOs` (List<DeviceDataHistoryDTO>).
pub(crate) const DEVICE_DATA_HISTORY: &[Field] = &[
    string("serviceId", "String(256)", 2278).max_len(256),
    string("deviceId", "String(256)", 2279).max_len(256),
    string("gatewayId", "String(256)", 2280).max_len(256),
    string("appId", "String(256)", 2281).max_len(256),
    object("data", "JsonObject", 2282),
    string("timestamp", "String(256)", 2283).max_len(256).format(Format::UtcTime),
];

errors! { QueryHistory:
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 2322;
    APPLICATION_INPUT_INVALID = 400, "100216", "The application input is invalid.", 2323;
    DEVICE_ID_AND_GATEWAY_ID_NULL = 400, "100419", "The deviceId and gatewayId can't be both null.", 2324;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 2327;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2328;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2329;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2330;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 2331;
    INTERNAL = 500, "50252", "Internal server error.", 2332;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 2255.
    pub app_id: Option<String>,
    /// `deviceId`, line 2256.
    pub device_id: Option<String>,
    /// `gatewayId`, line 2257.
    pub gateway_id: Option<String>,
    /// `pageNo`, line 2258.
    pub page_no: Option<i64>,
    /// `pageSize`, line 2259.
    pub page_size: Option<i64>,
    /// `startTime`, line 2260.
    pub start_time: Option<String>,
    /// `endTime`, line 2263.
    pub end_time: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 2270.
    pub total_count: i64,
    /// `pageNo`, line 2271.
    pub page_no: i64,
    /// `pageSize`, line 2272.
    pub page_size: i64,
    /// `deviceDataHistoryDTOs`, line 2273.
    #[serde(rename = "deviceDataHistoryDTOs")]
    pub device_data_history_dtos: Vec<DeviceDataHistory>,
}

/// `deviceDataHistoryDTOs`: List<DeviceDataHistoryDTO>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceDataHistory {
    /// `serviceId`, line 2278.
    pub service_id: Arc<str>,
    /// `deviceId`, line 2279.
    pub device_id: Arc<str>,
    /// `gatewayId`, line 2280.
    pub gateway_id: Arc<str>,
    /// `appId`, line 2281.
    pub app_id: Arc<str>,
    /// `data`, line 2282.
    pub data: WrittenObject,
    /// `timestamp`, line 2283.
    pub timestamp: String,
}

rules! {
    "reports-kept" = Platform Must 2242: "The platform keeps the service data that devices report and returns them here.";
    "gateway-id-relation" = Platform Must 2257: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "first-page-zero" = Platform Must 2258: "Pages count from 0, and page 0 is the first one.";
    "query-in-pages" = Application Should 2258: "The application sets pageNo and pageSize and queries page by page.";
    "answer-below-16mb" = Application Should 2259: "The application chooses pageSize by the average size of a report so that one answer does not exceed 16 MB.";
    "client-timeout" = Application Should 2259: "The application chooses its timeout by the size of one answer and the network's bandwidth.";
    "start-time-filter" = Platform Must 2260: "With startTime only data produced after it are returned.";
    "filter-times-utc" = Application Must 2260: "startTime and endTime are given in UTC, which the application converts from its local time zone.";
    "end-time-filter" = Platform Must 2263: "With endTime only data produced before it are returned.";
    "timestamp-of-report" = Platform Must 2283: "timestamp is the UTC time at which the data were reported.";
    "device-of-this-app" = Application Must 2322: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    2257: "deviceId (2256) and gatewayId both required" => "only a request without both is refused (400/100419); one of them is enough", "Row 100419 (2324) speaks of both being null.", "A-118";
    2260: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2273: "List <devicedata historydto=\"\"></devicedata>" => "List<DeviceDataHistoryDTO>", "OCR took the type for a tag.", "";
    2283: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2304: "\"totalCount\":\"****\", pageNo and pageSize likewise (2304-2306)" => "JSON numbers", "The sample is masked; the table says Long.", "A-25";
    2309: "a sample record without deviceId (2308-2314)" => "deviceId is always there", "The table lists it (2279).", "A-121";
    2312: "\"data\":\"*****\"" => "a JSON object", "The sample is masked; the table says JsonObject.", "";
    2322: "200/100418" => "HTTP status 200 with an error body", "Printed literally so.", "A-124";
    2331: "500/100203 beside 403/100203 (2327)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
