//! 1.6.2 Query devices in a batch. Lines 2002 to 2236.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, boolean, header,
    integer, object, query, string,
};
use crate::wire::{DeviceSelect, DeviceStatus, NodeType, SortOrder, StatusDetail, Switch};

pub use crate::data::query_device::AlarmInfo;
pub use crate::data::query_device::DeviceInfoQuery;
pub use crate::data::query_device::DeviceService;

clause!(QueryDevices);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.6.2",
    name: "query_devices",
    title: "Query devices in a batch",
    chapter: Chapter::Data,
    lines: (2002, 2236),
    method: Method::Get,
    path: "/iocm/app/dm/v1.4.0/devices",
    uri_line: 2012,
    success_status: 200,
    success_line: 2044,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2018).required()),
        header(string("Authorization", "String", 2019).required()),
        query(string("appId", "String", 2020)),
        query(string("gatewayId", "String", 2021).conditional("not both this and pageNo may be missing")),
        query(
            string("nodeType", "String", 2022)
                .one_of(&[NodeType::Endpoint.as_str(), NodeType::Gateway.as_str(), NodeType::Unknow.as_str()])
                .tolerating(&[NodeType::Unknown.as_str()]),
        ),
        query(string("deviceType", "String", 2023)),
        query(string("location", "String", 2024)),
        query(string("name", "String", 2025)),
        query(
            integer("pageNo", "Integer", 2026)
                .conditional("not both this and gatewayId may be missing")
                .min(0)
                .default(Fallback::Integer(0))
                .refused_by(error::APPLICATION_INPUT_INVALID.row()),
        ),
        query(
            integer("pageSize", "Integer", 2027)
                .min(1)
                .max(250)
                .default(Fallback::Integer(25))
                .refused_by(error::APPLICATION_INPUT_INVALID.row()),
        ),
        query(string("status", "String", 2030).one_of(DeviceStatus::VALUES)),
        query(string("startTime", "String", 2033).format(Format::UtcTime)),
        query(string("endTime", "String", 2035).format(Format::UtcTime)),
        query(string("sort", "String", 2037).default(Fallback::Text("DESC")).one_of(SortOrder::VALUES)),
        query(string("select", "String", 2040).one_of(DeviceSelect::VALUES)),
    ],
    response: &[
        integer("totalCount", "Long", 2047),
        integer("pageNo", "Long", 2048),
        integer("pageSize", "Long", 2049),
        array("devices", &Kind::Object, "List<QueryDeviceDTO4Cloud2NA>", 2050).members(QUERY_DEVICE),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::PARAMETER_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfoQueryDTO).
pub(crate) const DEVICE_INFO_QUERY: &[Field] = &[
    string("nodeId", "String(256)", 2069).max_len(256),
    string("name", "String(256)", 2070).max_len(256),
    string("description", "String(2048)", 2071).max_len(2048),
    string("manufacturerId", "String(256)", 2072).max_len(256),
    string("manufacturerName", "String(256)", 2073).max_len(256),
    string("mac", "String(256)", 2074).max_len(256),
    string("location", "String(2048)", 2075).max_len(2048),
    string("deviceType", "String(256)", 2078).max_len(256),
    string("model", "String(256)", 2079).max_len(256),
    string("swVersion", "String(256)", 2080).max_len(256),
    string("fwVersion", "String(256)", 2081).max_len(256),
    string("hwVersion", "String(256)", 2082).max_len(256),
    string("imsi", "String", 2083),
    string("protocolType", "String(256)", 2084).max_len(256),
    string("radiusIp", "String", 2085),
    string("bridgeId", "String(256)", 2086).max_len(256),
    string("status", "String", 2087).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 2090).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 2094).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 2099).one_of(Switch::VALUES),
    string("isSecurity", "String", 2102).one_of(Switch::VALUES),
    string("signalStrength", "String(256)", 2105).max_len(256),
    string("sigVersion", "String(256)", 2106).max_len(256),
    string("serialNumber", "String(256)", 2107).max_len(256),
    string("batteryLevel", "String(256)", 2108).max_len(256),
];

/// Members of `serviceInfo` (ServiceInfo).
pub(crate) const SERVICE_INFO: &[Field] = &[array("muteCmds", &Kind::String, "List<String>", 2127)];

/// Members of `services` (List<DeviceService>).
pub(crate) const DEVICE_SERVICE: &[Field] = &[
    string("serviceId", "String(256)", 2117).max_len(256),
    string("serviceType", "String(256)", 2118).max_len(256),
    object("serviceInfo", "ServiceInfo", 2119).members(SERVICE_INFO),
    object("data", "ObjectNode(2097152)", 2120),
    string("eventTime", "String(256)", 2121).max_len(256).format(Format::UtcTime),
];

/// Members of `alarmInfo` (AlarmInfoDTO).
pub(crate) const ALARM_INFO: &[Field] = &[
    string("alarmSeverity", "String", 2132),
    boolean("alarmStatus", "Boolean", 2133),
    string("alarmTime", "String", 2134).format(Format::UtcTime),
];

/// Members of `devices` (List<QueryDeviceDTO4Cloud2NA>).
pub(crate) const QUERY_DEVICE: &[Field] = &[
    string("deviceId", "String(256)", 2055).max_len(256),
    string("gatewayId", "String(256)", 2056).max_len(256),
    string("nodeType", "Enum", 2057).one_of(&[
        NodeType::Endpoint.as_str(),
        NodeType::Gateway.as_str(),
        NodeType::Unknow.as_str(),
    ]),
    string("createTime", "String(256)", 2058).max_len(256).format(Format::UtcTime),
    string("lastModifiedTime", "String(256)", 2060).max_len(256).format(Format::UtcTime),
    object("deviceInfo", "DeviceInfoQueryDTO", 2062).members(DEVICE_INFO_QUERY),
    array("services", &Kind::Object, "List<DeviceService>", 2063).members(DEVICE_SERVICE),
    object("alarmInfo", "AlarmInfoDTO", 2064).members(ALARM_INFO),
];

errors! { QueryDevices:
    APPLICATION_INPUT_INVALID = 400, "100216", "The application input is invalid.", 2222;
    GATEWAY_ID_AND_PAGE_NO_NULL = 400, "100218", "The gatewayId and pageNo can't be both null.", 2223;
    PARAMETER_INVALID = 400, "100405", "The request parameter is invalid.", 2224;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 2227;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2228;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2229;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2230;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 2231;
    INTERNAL = 500, "50252", "Internal server error.", 2232;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 2020.
    pub app_id: Option<String>,
    /// `gatewayId`, line 2021.
    pub gateway_id: Option<String>,
    /// `nodeType`, line 2022.
    pub node_type: Option<NodeType>,
    /// `deviceType`, line 2023.
    pub device_type: Option<String>,
    /// `location`, line 2024.
    pub location: Option<String>,
    /// `name`, line 2025.
    pub name: Option<String>,
    /// `pageNo`, line 2026.
    pub page_no: Option<i64>,
    /// `pageSize`, line 2027.
    pub page_size: Option<i64>,
    /// `status`, line 2030.
    pub status: Option<DeviceStatus>,
    /// `startTime`, line 2033.
    pub start_time: Option<String>,
    /// `endTime`, line 2035.
    pub end_time: Option<String>,
    /// `sort`, line 2037.
    pub sort: Option<SortOrder>,
    /// `select`, line 2040.
    pub select: Option<DeviceSelect>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 2047.
    pub total_count: i64,
    /// `pageNo`, line 2048.
    pub page_no: i64,
    /// `pageSize`, line 2049.
    pub page_size: i64,
    /// `devices`, line 2050.
    pub devices: Vec<QueryDevice>,
}

/// `devices`: List<QueryDeviceDTO4Cloud2NA>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct QueryDevice {
    /// `deviceId`, line 2055.
    pub device_id: String,
    /// `gatewayId`, line 2056.
    pub gateway_id: String,
    /// `nodeType`, line 2057.
    pub node_type: Option<NodeType>,
    /// `createTime`, line 2058.
    pub create_time: Option<String>,
    /// `lastModifiedTime`, line 2060.
    pub last_modified_time: Option<String>,
    /// `deviceInfo`, line 2062.
    pub device_info: Option<DeviceInfoQuery>,
    /// `services`, line 2063.
    pub services: Vec<DeviceService>,
    /// `alarmInfo`, line 2064.
    pub alarm_info: Option<AlarmInfo>,
}

rules! {
    "gateway-id-or-page-no" = Application Must 2021: "gatewayId and pageNo are not both empty.";
    "first-page-zero" = Platform Must 2026: "Pages count from 0, and page 0 is the first one.";
    "start-time-filter" = Platform Must 2033: "With startTime only devices registered after it are returned.";
    "filter-times-utc" = Application Must 2034: "startTime and endTime are given in UTC, which the application converts from its local time zone.";
    "end-time-filter" = Platform Must 2035: "With endTime only devices registered before it are returned.";
    "sort-by-registration-time" = Platform Must 2038: "ASC returns the devices by rising, DESC by falling registration time.";
    "select-imsi" = Application May 2040: "With select=imsi the application asks for the IMSI to be in the answer.";
    "gateway-id-relation" = Platform Must 2056: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "device-type-camel-case" = Application Must 2078: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 2088: "Until a device has connected for the first time its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 2089: "A device that has neither reported data nor sent a message for more than 25 hours (default) has the status ABNORMAL.";
    "offline-after-49h" = Platform Must 2089: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-matches-status" = Platform Must 2090: "statusDetail has one of the values that belong to the value of status.";
    "status-detail-online" = Platform Must 2091: "With status ONLINE statusDetail is NONE, CONFIGURATION_PENDING, UE_REACHABILITY or AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 2092: "With status OFFLINE statusDetail is NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY or TIME_OUT.";
    "status-detail-inactive" = Platform Must 2093: "With status INACTIVE statusDetail is NONE or NOT_ACTIVE.";
    "mute-freezes" = Platform Must 2094: "mute says whether the device is frozen, that is whether the platform manages and stores the data that the device reports: TRUE is frozen, FALSE is not.";
    "supported-security-meaning" = Platform Must 2099: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 2102: "isSecurity is TRUE when the secure mode is in use on the device at present and FALSE when it is not.";
    "status-pair" = Device Must 2112: "A device that reports its state to the platform reports status and statusDetail as a pair.";
    "status-detail-display-only" = Application Should 2112: "An application uses statusDetail for display only, not for decisions in its logic.";
}

errata! {
    2022: "UNKNOW" => "UNKNOW literally; UNKNOWN is accepted too", "1.8.1 (3042) spells the same value UNKNOWN.", "A-104";
    2026: "default 0, and not to be empty together with gatewayId" => "the default holds only when gatewayId is given; both absent is 400/100218", "A default would leave the error row (2223) without a case.", "A-113";
    2033: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2035: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2050: "List <querydevice DTO4Cloud2NA></querydevice" => "List<QueryDeviceDTO4Cloud2NA>", "OCR took the type for a tag.", "";
    2057: "UNKNOW" => "UNKNOW literally; UNKNOWN is accepted too", "1.8.1 (3042) spells the same value UNKNOWN.", "A-104";
    2058: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2059: "a garbled sentence on local time" => "the end of 2058: you need to convert the time yourself", "The same sentence was read twice.", "";
    2060: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2063: "List <deviceservic e=\"\"></deviceservic>" => "List<DeviceService>", "OCR took the type for a tag.", "";
    2091: "lists of statusDetail for ONLINE, OFFLINE and INACTIVE, none for ABNORMAL (2091-2093)" => "NONE for ABNORMAL", "ABNORMAL is left out.", "A-108";
    2121: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2127: "List <string></string>" => "List<String>", "OCR took the type for a tag.", "";
    2134: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    2151: "\"totalCount\":\"****\", pageNo and pageSize likewise (2151-2153)" => "JSON numbers", "The sample is masked; the table says Long.", "A-25";
    2163: "\"deviceType\":\"gateway\"" => "a name in upper camel case", "The sample contradicts the description (2078).", "";
    2175: "\" air\\_conditioner\",\\\\" => "\"air_conditioner\",", "OCR took the line for a formula.", "";
    2179: "braces missing between the items of services, so that two share one object (2174-2183, 2208-2217)" => "one object per service", "The sample is not valid JSON.", "";
    2197: "\"type\":\"90\"" => "deviceType", "The table has no member type.", "A-110";
    2222: "100216 beside 100405 (2224), both for invalid input" => "100216: paging; 100405: filters", "Two general codes.", "A-114";
    2231: "500/100203 beside 403/100203 (2227)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
