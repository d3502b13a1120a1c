//! 1.6.4 Query the history of a device shadow. Lines 2338 to 2412.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, object,
    query, string,
};

clause!(QueryShadowHistory);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.6.4",
    name: "query_shadow_history",
    title: "Query the history of a device shadow",
    chapter: Chapter::Data,
    lines: (2338, 2412),
    method: Method::Get,
    path: "/iocm/app/shadow/v1.5.0/deviceDesiredHistory",
    uri_line: 2347,
    success_status: 200,
    success_line: 2369,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2353).required()),
        header(string("Authorization", "String", 2354).required()),
        query(string("appId", "String", 2355)),
        query(
            string("deviceId", "String", 2356)
                .required_unless("gatewayId")
                .refused_by(error::DEVICE_ID_AND_GATEWAY_ID_NULL.row()),
        ),
        query(
            string("gatewayId", "String", 2357)
                .required_unless("deviceId")
                .refused_by(error::DEVICE_ID_AND_GATEWAY_ID_NULL.row()),
        ),
        query(string("serviceId", "String", 2358)),
        query(string("property", "String", 2359)),
        query(integer("pageNo", "Integer", 2360).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 2361).min(1).max(250).default(Fallback::Integer(25))),
        query(string("startTime", "String", 2362).format(Format::UtcTime)),
        query(string("endTime", "String", 2365).format(Format::UtcTime)),
    ],
    response: &[
        integer("totalCount", "Long", 2372),
        integer("pageNo", "Long", 2373),
        integer("pageSize", "Long", 2374),
        array("DeviceDesiredHistoryDTO", &Kind::Object, "List<DeviceDesiredHistoryDTO>", 2375)
            .members(DEVICE_DESIRED_HISTORY),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::APPLICATION_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `DeviceDesiredHistoryDTO` (List<DeviceDesiredHistoryDTO>).
pub(crate) const DEVICE_DESIRED_HISTORY: &[Field] = &[
    string("serviceId", "String(256)", 2380).max_len(256),
    string("deviceId", "String(256)", 2381).max_len(256),
    string("gatewayId", "String(256)", 2382).max_len(256),
    string("appId", "String(256)", 2383).max_len(256),
    object("desired", "JsonObject", 2384),
    string("timestamp", "String(256)", 2385).max_len(256).format(Format::UtcTime),
];

errors! { QueryShadowHistory:
    APPLICATION_NOT_EXISTED_200 = 200, "100203", "The application is not existed.", 2398;
    APPLICATION_INPUT_INVALID = 400, "100216", "The application input is invalid.", 2399;
    DEVICE_ID_AND_GATEWAY_ID_NULL = 400, "100419", "The deviceId and gatewayId can't be both null.", 2400;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 2403;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2404;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2405;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2406;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 2407;
    INTERNAL = 500, "50252", "Internal server error.", 2408;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 2355.
    pub app_id: Option<String>,
    /// `deviceId`, line 2356.
    pub device_id: Option<String>,
    /// `gatewayId`, line 2357.
    pub gateway_id: Option<String>,
    /// `serviceId`, line 2358.
    pub service_id: Option<String>,
    /// `property`, line 2359.
    pub property: Option<String>,
    /// `pageNo`, line 2360.
    pub page_no: Option<i64>,
    /// `pageSize`, line 2361.
    pub page_size: Option<i64>,
    /// `startTime`, line 2362.
    pub start_time: Option<String>,
    /// `endTime`, line 2365.
    pub end_time: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 2372.
    pub total_count: i64,
    /// `pageNo`, line 2373.
    pub page_no: i64,
    /// `pageSize`, line 2374.
    pub page_size: i64,
    /// `DeviceDesiredHistoryDTO`, line 2375.
    #[serde(rename = "DeviceDesiredHistoryDTO")]
    pub device_desired_history_dto: Vec<DeviceDesiredHistory>,
}

/// `DeviceDesiredHistoryDTO`: List<DeviceDesiredHistoryDTO>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceDesiredHistory {
    /// `serviceId`, line 2380.
    pub service_id: String,
    /// `deviceId`, line 2381.
    pub device_id: String,
    /// `gatewayId`, line 2382.
    pub gateway_id: String,
    /// `appId`, line 2383.
    pub app_id: String,
    /// `desired`, line 2384.
    pub desired: Option<Object>,
    /// `timestamp`, line 2385.
    pub timestamp: String,
}

rules! {
    "changes-recorded" = Platform Must 2342: "The platform records every change that an application makes to a shadow's settings through the modify-shadow API and returns the records here.";
    "gateway-id-relation" = Platform Must 2357: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "first-page-zero" = Platform Must 2360: "Pages count from 0, and page 0 is the first one.";
    "start-time-filter" = Platform Must 2362: "With startTime only data produced after it are returned.";
    "filter-times-utc" = Application Must 2362: "startTime and endTime are given in UTC, which the application converts from its local time zone.";
    "end-time-filter" = Platform Must 2365: "With endTime only data produced before it are returned.";
    "timestamp-of-configuration" = Platform Must 2385: "timestamp is the UTC time at which the settings were made.";
}

errata! {
    2357: "deviceId (2356) and gatewayId both required" => "only a request without both is refused (400/100419); one of them is enough", "Row 100419 (2400) speaks of both being null; settled for the sibling 1.6.3.", "A-118";
    2359: "property: service property data" => "the name of a property; records whose desired has it are returned", "The description does not say how the filter works.", "A-127";
    2365: "20151212T1212T2" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds and ends in Z.", "A-22";
    2375: "DeviceDesir edHistoryD TO" => "DeviceDesiredHistoryDTO, with the capital D and in the singular", "The only place that names the list; there is no sample.", "A-125";
    2375: "List <devicedes iredhistorydt=\"\" o=\"\"></devicedes>" => "List<DeviceDesiredHistoryDTO>", "OCR took the type for a tag.", "";
    2393: "a heading for the response sample with nothing under it" => "no sample", "The sample is lost.", "";
    2398: "200/100203 beside 403 (2403) and 500 (2407)" => "403 for an unknown appId; 200 and 500 only by fault injection", "One cause with three statuses; the same advice in all rows.", "A-14";
}
