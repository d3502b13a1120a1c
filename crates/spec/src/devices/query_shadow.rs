//! 1.5.9 Query a device shadow. Lines 1186 to 1337.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Field, Format, InputRefusals, Kind, Method, Operation, array, header, object, path, query,
    string,
};
use crate::universal;
use crate::wire::{DeviceStatus, StatusDetail, Switch};

clause!(QueryShadow);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.9",
    name: "query_shadow",
    title: "Query a device shadow",
    chapter: Chapter::Devices,
    lines: (1186, 1337),
    method: Method::Get,
    path: "/iocm/app/shadow/v1.5.0/devices/{deviceId}",
    uri_line: 1199,
    success_status: 200,
    success_line: 1212,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1205).required()),
        header(string("Authorization", "String", 1208).required()),
        path(string("deviceId", "String(36)", 1209).required().max_len(36)),
        query(string("appId", "String", 1210)),
    ],
    response: &[
        string("deviceId", "String(36)", 1215).max_len(36),
        string("gatewayId", "String(36)", 1216).max_len(36),
        string("nodeType", "Enum", 1217),
        string("createTime", "String(256)", 1218).max_len(256).format(Format::UtcTime),
        string("lastModifiedTime", "String(256)", 1220).max_len(256).format(Format::UtcTime),
        object("deviceInfo", "DeviceInfo", 1222).members(DEVICE_INFO),
        array("services", &Kind::Object, "List<deviceserviceb>", 1223).members(DEVICESERVICEB),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfo).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("nodeId", "String(256)", 1228).max_len(256),
    string("name", "String(256)", 1231).max_len(256),
    string("description", "String(2048)", 1232).max_len(2048),
    string("manufacturerId", "String(256)", 1233).max_len(256),
    string("manufacturerName", "String(256)", 1234).max_len(256),
    string("mac", "String(256)", 1235).max_len(256),
    string("location", "String(2048)", 1236).max_len(2048),
    string("deviceType", "String(256)", 1237).max_len(256),
    string("model", "String(256)", 1238).max_len(256),
    string("swVersion", "String(256)", 1239).max_len(256),
    string("fwVersion", "String(256)", 1240).max_len(256),
    string("hwVersion", "String(256)", 1241).max_len(256),
    string("protocolType", "String(256)", 1242).max_len(256),
    string("bridgeId", "String(256)", 1243).max_len(256),
    string("status", "String", 1244).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 1249).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 1253).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 1256).one_of(Switch::VALUES),
    string("isSecurity", "String", 1259).one_of(Switch::VALUES),
    string("signalStrength", "String(256)", 1262).max_len(256),
    string("sigVersion", "String(256)", 1263).max_len(256),
    string("serialNumber", "String(256)", 1264).max_len(256),
    string("batteryLevel", "String(256)", 1265).max_len(256),
];

/// Members of `services` (List<deviceserviceb>).
pub(crate) const DEVICESERVICEB: &[Field] = &[
    string("serviceId", "String(256)", 1274).max_len(256),
    object("reportedProps", "ObjectNode", 1275),
    object("desiredProps", "ObjectNode", 1276),
    string("eventTime", "String(256)", 1277).max_len(256).format(Format::UtcTime),
    string("serviceType", "String(256)", 1278).max_len(256),
];

errors! { QueryShadow:
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 1327;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1328;
    THROTTLED = 403, "1010009", "app throttle exceed.", 1329;
    TOKEN_INVALID = 403, "1010005", "app_key or access_token is invalid.", 1330;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 1331;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 1332;
    INTERNAL = 500, "50252", "Internal server error.", 1333;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1209.
    pub device_id: String,
    /// `appId`, line 1210.
    pub app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1215.
    pub device_id: String,
    /// `gatewayId`, line 1216.
    pub gateway_id: String,
    /// `nodeType`, line 1217.
    pub node_type: Option<String>,
    /// `createTime`, line 1218.
    pub create_time: Option<String>,
    /// `lastModifiedTime`, line 1220.
    pub last_modified_time: Option<String>,
    /// `deviceInfo`, line 1222.
    pub device_info: Option<DeviceInfo>,
    /// `services`, line 1223.
    pub services: Vec<Deviceserviceb>,
}

/// `deviceInfo`: DeviceInfo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceInfo {
    /// `nodeId`, line 1228.
    pub node_id: Option<String>,
    /// `name`, line 1231.
    pub name: Option<String>,
    /// `description`, line 1232.
    pub description: Option<String>,
    /// `manufacturerId`, line 1233.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 1234.
    pub manufacturer_name: Option<String>,
    /// `mac`, line 1235.
    pub mac: Option<String>,
    /// `location`, line 1236.
    pub location: Option<String>,
    /// `deviceType`, line 1237.
    pub device_type: Option<String>,
    /// `model`, line 1238.
    pub model: Option<String>,
    /// `swVersion`, line 1239.
    pub sw_version: Option<String>,
    /// `fwVersion`, line 1240.
    pub fw_version: Option<String>,
    /// `hwVersion`, line 1241.
    pub hw_version: Option<String>,
    /// `protocolType`, line 1242.
    pub protocol_type: Option<String>,
    /// `bridgeId`, line 1243.
    pub bridge_id: Option<String>,
    /// `status`, line 1244.
    pub status: DeviceStatus,
    /// `statusDetail`, line 1249.
    pub status_detail: Option<StatusDetail>,
    /// `mute`, line 1253.
    pub mute: Option<Switch>,
    /// `supportedSecurity`, line 1256.
    pub supported_security: Option<Switch>,
    /// `isSecurity`, line 1259.
    pub is_security: Option<Switch>,
    /// `signalStrength`, line 1262.
    pub signal_strength: Option<String>,
    /// `sigVersion`, line 1263.
    pub sig_version: Option<String>,
    /// `serialNumber`, line 1264.
    pub serial_number: Option<String>,
    /// `batteryLevel`, line 1265.
    pub battery_level: Option<String>,
}

/// `services`: List<deviceserviceb>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Deviceserviceb {
    /// `serviceId`, line 1274.
    pub service_id: String,
    /// `reportedProps`, line 1275.
    pub reported_props: Option<Object>,
    /// `desiredProps`, line 1276.
    pub desired_props: Option<Object>,
    /// `eventTime`, line 1277.
    pub event_time: Option<String>,
    /// `serviceType`, line 1278.
    pub service_type: Option<String>,
}

rules! {
    "no-command-when-unreachable" = Application Must 1190: "To a device that is offline or abnormal the application cannot deliver settings as a command.";
    "configure-through-shadow" = Application May 1190: "The application can put settings for an offline or abnormal device on the device's shadow instead.";
    "desired-offline" = Platform Must 1190: "The shadow delivers the settings to the device when the device comes online again.";
    "lwm2m-only" = Application Must 1194: "At present the shadow is only for devices that use LWM2M.";
    "lwm2m-properties-only" = Application Must 1194: "Only properties defined by the LWM2M protocol are modified; properties defined by the user cannot be modified yet.";
    "gateway-id-relation" = Platform Must 1216: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "device-type-camel-case" = Application Must 1237: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 1245: "Until a device has connected for the first time its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 1246: "A device that has neither reported data nor sent a message for more than 25 hours (default) has the status ABNORMAL.";
    "offline-after-49h" = Platform Must 1246: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-matches-status" = Platform Must 1249: "statusDetail has one of the values that belong to the value of status.";
    "status-detail-online" = Platform Must 1250: "With status ONLINE statusDetail is NONE, CONFIGURATION_PENDING, UE_REACHABILITY or AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 1251: "With status OFFLINE statusDetail is NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY or TIME_OUT.";
    "status-detail-inactive" = Platform Must 1252: "With status INACTIVE statusDetail is NONE or NOT_ACTIVE.";
    "mute-freezes" = Platform Must 1253: "mute says whether the device is frozen, that is whether the platform manages and stores the data that the device reports: TRUE is frozen, FALSE is not.";
    "supported-security-meaning" = Platform Must 1256: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 1259: "isSecurity is TRUE when the secure mode is in use on the device at present and FALSE when it is not.";
    "status-pair" = Device Must 1269: "A device that reports its state to the platform reports status and statusDetail as a pair.";
    "status-detail-display-only" = Application Should 1269: "An application uses statusDetail for display only, not for decisions in its logic.";
    "device-of-this-app" = Application Must 1331: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    1194: "the shadow is for LWM2M devices, and only LWM2M properties can be modified" => "shadows are kept for any device with a profile; the limit concerns modifying, not this query", "Copied from 1.5.8; no error row is given for other devices.", "A-80";
    1209: "String(36) for deviceId (also 1215), against String(256) or nothing elsewhere" => "36 characters, a UUID; a longer value is not found", "The smallest limit satisfies all.", "A-87";
    1217: "Enum without values" => "ENDPOINT, GATEWAY, UNKNOW as in 1.6.1", "Only 1858 lists the values.", "A-88";
    1218: "20151212T1212Z" => "20151212T121212Z", "The pattern yyyyMMdd'T'HHmmss'Z' has seconds.", "A-22";
    1219: "a sentence on local time that stops before its last word" => "you need to convert the time yourself", "The last word is lost; the sentence is complete in 1221.", "";
    1223: "List <deviceser viceb=\"\"></deviceser>" => "List<DeviceServiceB>", "OCR took the type for a tag; the table at 1271 is DeviceServiceB.", "";
    1246: "ABNORMAL (default)" => "ABNORMAL; the default is the 25 hours", "A state has no default; the bracket is repeated by mistake.", "";
    1295: "a flat sample with reportedProps twice, no services and stray brackets (1295-1323)" => "services[] with serviceId, reportedProps, desiredProps, eventTime and serviceType", "OCR; the table wins.", "A-89";
    1307: "\"devicelnfo\": \"*******\"" => "deviceInfo, an object", "OCR and masking; the table wins.", "A-89";
    1330: "app_key or access_token is invalid." => "app_key or access_token is invalid.", "The first letter is lost.", "A-85";
    1331: "404/100418 without a row 100403" => "100418 for every unknown device", "It is the only row for unknown devices.", "A-91";
    1332: "500/100203 beside 403/100203 (1327)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
