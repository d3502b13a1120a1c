//! 1.6.1 Query one device. Lines 1830 to 2000.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Field, Format, InputRefusals, Kind, Method, Operation, array, boolean, header, object, path,
    query, string,
};
use crate::wire::{DeviceSelect, DeviceStatus, NodeType, StatusDetail, Switch};

clause!(QueryDevice);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.6.1",
    name: "query_device",
    title: "Query one device",
    chapter: Chapter::Data,
    lines: (1830, 2000),
    method: Method::Get,
    path: "/iocm/app/dm/v1.4.0/devices/{deviceId}",
    uri_line: 1839,
    success_status: 200,
    success_line: 1853,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1845).required()),
        header(string("Authorization", "String", 1846).required()),
        path(string("deviceId", "String", 1849).required()),
        query(string("appId", "String", 1850)),
        query(string("select", "String", 1851).one_of(DeviceSelect::VALUES)),
    ],
    response: &[
        string("deviceId", "String(256)", 1856).max_len(256),
        string("gatewayId", "String(256)", 1857).max_len(256),
        string("nodeType", "Enum", 1858).one_of(&[
            NodeType::Endpoint.as_str(),
            NodeType::Gateway.as_str(),
            NodeType::Unknow.as_str(),
        ]),
        string("createTime", "String(256)", 1859).max_len(256).format(Format::UtcTime),
        string("lastModifiedTime", "String(256)", 1860).max_len(256).format(Format::UtcTime),
        object("deviceInfo", "DeviceInfoQueryDTO", 1862).members(DEVICE_INFO_QUERY),
        array("services", &Kind::Object, "List<DeviceService>", 1863).members(DEVICE_SERVICE),
        object("alarmInfo", "AlarmInfoDTO", 1864).members(ALARM_INFO),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::PARAMETER_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfoQueryDTO).
pub(crate) const DEVICE_INFO_QUERY: &[Field] = &[
    string("nodeId", "String(256)", 1869).max_len(256),
    string("name", "String(256)", 1870).max_len(256),
    string("description", "String(2048)", 1871).max_len(2048),
    string("manufacturerId", "String(256)", 1872).max_len(256),
    string("manufacturerName", "String(256)", 1873).max_len(256),
    string("mac", "String(256)", 1874).max_len(256),
    string("location", "String(2048)", 1875).max_len(2048),
    string("deviceType", "String(256)", 1876).max_len(256),
    string("model", "String(256)", 1877).max_len(256),
    string("swVersion", "String(256)", 1878).max_len(256),
    string("fwVersion", "String(256)", 1879).max_len(256),
    string("hwVersion", "String(256)", 1880).max_len(256),
    string("imsi", "String", 1881),
    string("protocolType", "String(256)", 1882).max_len(256),
    string("radiusIp", "String", 1883),
    string("bridgeId", "String(256)", 1884).max_len(256),
    string("status", "String", 1885).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 1890).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 1894).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 1897).one_of(Switch::VALUES),
    string("isSecurity", "String", 1900).one_of(Switch::VALUES),
    string("signalStrength", "String(256)", 1903).max_len(256),
    string("sigVersion", "String(256)", 1904).max_len(256),
    string("serialNumber", "String(256)", 1905).max_len(256),
    string("batteryLevel", "String(256)", 1906).max_len(256),
];

/// Members of `serviceInfo` (ServiceInfo).
pub(crate) const SERVICE_INFO: &[Field] = &[array("muteCmds", &Kind::String, "List<String>", 1925)];

/// Members of `services` (List<DeviceService>).
pub(crate) const DEVICE_SERVICE: &[Field] = &[
    string("serviceId", "String(256)", 1915).max_len(256),
    string("serviceType", "String(256)", 1916).max_len(256),
    object("serviceInfo", "ServiceInfo", 1917).members(SERVICE_INFO),
    object("data", "ObjectNode(2097152)", 1918),
    string("eventTime", "String(256)", 1919).max_len(256).format(Format::UtcTime),
];

/// Members of `alarmInfo` (AlarmInfoDTO).
pub(crate) const ALARM_INFO: &[Field] = &[
    string("alarmSeverity", "String", 1930),
    boolean("alarmStatus", "Boolean", 1931),
    string("alarmTime", "String", 1932).format(Format::UtcTime),
];

errors! { QueryDevice:
    PARAMETER_INVALID = 400, "100405", "The request parameter is invalid.", 1986;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 1987;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1988;
    THROTTLED = 403, "1010009", "app throttle exceed.", 1989;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 1992;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 1993;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 1994;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 1995;
    INTERNAL = 500, "50252", "Internal server error.", 1996;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1849.
    pub device_id: String,
    /// `appId`, line 1850.
    pub app_id: Option<String>,
    /// `select`, line 1851.
    pub select: Option<DeviceSelect>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1856.
    pub device_id: String,
    /// `gatewayId`, line 1857.
    pub gateway_id: String,
    /// `nodeType`, line 1858.
    pub node_type: Option<NodeType>,
    /// `createTime`, line 1859.
    pub create_time: Option<String>,
    /// `lastModifiedTime`, line 1860.
    pub last_modified_time: Option<String>,
    /// `deviceInfo`, line 1862.
    pub device_info: Option<DeviceInfoQuery>,
    /// `services`, line 1863.
    pub services: Vec<DeviceService>,
    /// `alarmInfo`, line 1864.
    pub alarm_info: Option<AlarmInfo>,
}

/// `deviceInfo`: DeviceInfoQueryDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceInfoQuery {
    /// `nodeId`, line 1869.
    pub node_id: Option<String>,
    /// `name`, line 1870.
    pub name: Option<String>,
    /// `description`, line 1871.
    pub description: Option<String>,
    /// `manufacturerId`, line 1872.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 1873.
    pub manufacturer_name: Option<String>,
    /// `mac`, line 1874.
    pub mac: Option<String>,
    /// `location`, line 1875.
    pub location: Option<String>,
    /// `deviceType`, line 1876.
    pub device_type: Option<String>,
    /// `model`, line 1877.
    pub model: Option<String>,
    /// `swVersion`, line 1878.
    pub sw_version: Option<String>,
    /// `fwVersion`, line 1879.
    pub fw_version: Option<String>,
    /// `hwVersion`, line 1880.
    pub hw_version: Option<String>,
    /// `imsi`, line 1881.
    pub imsi: Option<String>,
    /// `protocolType`, line 1882.
    pub protocol_type: Option<String>,
    /// `radiusIp`, line 1883.
    pub radius_ip: Option<String>,
    /// `bridgeId`, line 1884.
    pub bridge_id: Option<String>,
    /// `status`, line 1885.
    pub status: DeviceStatus,
    /// `statusDetail`, line 1890.
    pub status_detail: Option<StatusDetail>,
    /// `mute`, line 1894.
    pub mute: Option<Switch>,
    /// `supportedSecurity`, line 1897.
    pub supported_security: Option<Switch>,
    /// `isSecurity`, line 1900.
    pub is_security: Option<Switch>,
    /// `signalStrength`, line 1903.
    pub signal_strength: Option<String>,
    /// `sigVersion`, line 1904.
    pub sig_version: Option<String>,
    /// `serialNumber`, line 1905.
    pub serial_number: Option<String>,
    /// `batteryLevel`, line 1906.
    pub battery_level: Option<String>,
}

/// `services`: List<DeviceService>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceService {
    /// `serviceId`, line 1915.
    pub service_id: String,
    /// `serviceType`, line 1916.
    pub service_type: Option<String>,
    /// `serviceInfo`, line 1917.
    pub service_info: Option<ServiceInfo>,
    /// `data`, line 1918.
    pub data: Object,
    /// `eventTime`, line 1919.
    pub event_time: Option<String>,
}

/// `serviceInfo`: ServiceInfo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceInfo {
    /// `muteCmds`, line 1925.
    pub mute_cmds: Vec<String>,
}

/// `alarmInfo`: AlarmInfoDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct AlarmInfo {
    /// `alarmSeverity`, line 1930.
    pub alarm_severity: Option<String>,
    /// `alarmStatus`, line 1931.
    pub alarm_status: Option<bool>,
    /// `alarmTime`, line 1932.
    pub alarm_time: Option<String>,
}

rules! {
    "data-collection-scope" = Platform Must 1828: "Applications can query the basic data of devices and view the data that devices reported by hour, day, month and the like.";
    "select-imsi" = Application May 1851: "With select=imsi the application asks for the IMSI to be in the answer.";
    "gateway-id-relation" = Platform Must 1857: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "local-time-conversion" = Application Must 1859: "Times are UTC (createTime, lastModifiedTime, eventTime, alarmTime), and an application that wants to show local time converts them itself.";
    "device-type-camel-case" = Application Must 1876: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 1886: "Until a device has connected for the first time its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 1887: "A device that has neither reported data nor sent a message for more than 25 hours (default) has the status ABNORMAL.";
    "offline-after-49h" = Platform Must 1887: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-matches-status" = Platform Must 1890: "statusDetail has one of the values that belong to the value of status.";
    "status-detail-online" = Platform Must 1891: "With status ONLINE statusDetail is NONE, CONFIGURATION_PENDING, UE_REACHABILITY or AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 1892: "With status OFFLINE statusDetail is NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY or TIME_OUT.";
    "status-detail-inactive" = Platform Must 1893: "With status INACTIVE statusDetail is NONE or NOT_ACTIVE.";
    "mute-freezes" = Platform Must 1894: "mute says whether the device is frozen, that is whether the platform manages and stores the data that the device reports: TRUE is frozen, FALSE is not.";
    "supported-security-meaning" = Platform Must 1897: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 1900: "isSecurity is TRUE when the secure mode is in use on the device at present and FALSE when it is not.";
    "status-pair" = Device Must 1910: "A device that reports its state to the platform reports status and statusDetail as a pair.";
    "status-detail-display-only" = Application Should 1910: "An application uses statusDetail for display only, not for decisions in its logic.";
    "device-of-this-app" = Application Must 1994: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    1858: "UNKNOW" => "UNKNOW literally; UNKNOWN is accepted too", "1.8.1 (3042) spells the same value UNKNOWN.", "A-104";
    1860: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    1863: "List <deviceservi ce=\"\"></deviceservi>" => "List<DeviceService>", "OCR took the type for a tag.", "";
    1891: "lists of statusDetail for ONLINE, OFFLINE and INACTIVE, none for ABNORMAL (1891-1893)" => "NONE for ABNORMAL", "ABNORMAL is left out.", "A-108";
    1919: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    1925: "List <string></string>" => "List<String>", "OCR took the type for a tag.", "";
    1932: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    1950: "\"nodeType\": \"xxxxx\"" => "one of the three listed values", "The sample is masked.", "";
    1956: "\"deviceType\": \"gateway\"" => "a name in upper camel case", "The sample contradicts the description (1876).", "";
    1967: "serviceS" => "services", "The table (1863) says services.", "A-110";
    1971: "\"data\"{" => "\"data\": {", "The colon is lost.", "";
    1981: "a list services that is never closed" => "] before the last brace", "The sample is not valid JSON.", "";
    1995: "500/100203 beside 403/100203 (1987)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
