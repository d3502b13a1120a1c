//! 1.12.4 Create a software upgrade task. Lines 6130 to 6236.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, body, boolean, header,
    integer, object, string,
};
use crate::wire::ExecuteType;

clause!(CreateSoftwareUpgrade);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.4",
    name: "create_software_upgrade",
    title: "Create a software upgrade task",
    chapter: Chapter::Upgrades,
    lines: (6130, 6236),
    method: Method::Post,
    path: "/iodm/northbound/v1.5.0/operations/softwareUpgrade",
    uri_line: 6143,
    success_status: 200,
    success_line: 6175,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6149).required()),
        header(string("Authorization", "String", 6150).required()),
        body(string("fileId", "String", 6151).required()),
        body(object("targets", "OperateDevices", 6152).required().members(OPERATE_DEVICES)),
        body(object("policy", "OperatePolicy", 6153).members(OPERATE_POLICY)),
    ],
    response: &[string("operationId", "String", 6178)],
    errors: error::TABLE,
    input: InputRefusals::all(error::BAD_REQUEST.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `targets` (OperateDevices).
pub(crate) const OPERATE_DEVICES: &[Field] = &[
    array("deviceGroups", &Kind::String, "List<string>", 6158)
        .conditional("either this or devices")
        .max_len(256)
        .overfull(error::TARGET_LIMIT_REACHED.row()),
    string("deviceType", "String(256)", 6159).conditional("deviceGroups is given").max_len(256),
    string("model", "String(256)", 6160).conditional("deviceGroups is given").max_len(256),
    string("manufacturerName", "String(256)", 6161).conditional("deviceGroups is given").max_len(256),
    array("devices", &Kind::String, "List<string>", 6162)
        .conditional("either this or deviceGroups")
        .max_len(256)
        .overfull(error::TARGET_LIMIT_REACHED.row()),
];

/// Members of `policy` (OperatePolicy).
pub(crate) const OPERATE_POLICY: &[Field] = &[
    string("executeType", "String", 6167)
        .required()
        .default(Fallback::Text("now"))
        .one_of(ExecuteType::VALUES)
        .refused_by(error::EXECUTE_TYPE_INVALID.row()),
    string("startTime", "String", 6168)
        .conditional("executeType is custom")
        .format(Format::UtcTime)
        .refused_by(error::START_OR_END_TIME_INVALID.row()),
    string("endTime", "String", 6169)
        .conditional("executeType is custom")
        .format(Format::UtcTime)
        .refused_by(error::START_OR_END_TIME_INVALID.row()),
    boolean("retryType", "Boolean", 6170).default(Fallback::Flag(false)),
    integer("retryTimes", "Integer[1,5]", 6171)
        .conditional("retryType is true")
        .min(1)
        .max(5)
        .refused_by(error::RETRY_TIMES_INVALID.row()),
];

errors! { CreateSoftwareUpgrade:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6212;
    TARGET_VERSION_MISMATCH = 400, "123016", "The parameter is error, targetversion not match with device.", 6213;
    MANUFACTURER_NAME_NULL = 400, "123019", "manufacturerName is null.", 6214;
    DEVICE_TYPE_NULL = 400, "123020", "deviceType is null", 6217;
    MODEL_NULL = 400, "123021", "model is null.", 6218;
    TARGETS_NULL = 400, "123022", "deviceGroups and devices cannot be null together", 6219;
    TARGETS_AMBIGUOUS = 400, "123023", "deviceGroups and devices cannot be exist together", 6220;
    TARGET_LIMIT_REACHED = 400, "123024", "The number of deviceGroups or devices reached upper limit", 6221;
    EXECUTE_TYPE_INVALID = 400, "123025", "executeType is error or can not to be null.", 6222;
    START_OR_END_TIME_INVALID = 400, "123026", "startTime or endTime is null or error.", 6223;
    RETRY_TIMES_INVALID = 400, "123028", "retryTimes is null or beyond the limit.", 6224;
    START_AFTER_END = 400, "123032", "startTime can not be later than the endTime.", 6225;
    START_IN_THE_PAST = 400, "123033", "startTime can not be earlier than the now.", 6228;
    WINDOW_TOO_SHORT = 400, "123034", "endtime must be greater than 5 minutes.", 6229;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6230;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6231;
    DEVICE_OR_PACKAGE_NOT_FOUND = 404, "123002", "Device or package file not found.", 6232;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `fileId`, line 6151.
    pub file_id: String,
    /// `targets`, line 6152.
    pub targets: OperateDevices,
    /// `policy`, line 6153.
    pub policy: Option<OperatePolicy>,
}

/// `targets`: OperateDevices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperateDevices {
    /// `deviceGroups`, line 6158.
    pub device_groups: Option<Vec<String>>,
    /// `deviceType`, line 6159.
    pub device_type: Option<String>,
    /// `model`, line 6160.
    pub model: Option<String>,
    /// `manufacturerName`, line 6161.
    pub manufacturer_name: Option<String>,
    /// `devices`, line 6162.
    pub devices: Option<Vec<String>>,
}

/// `policy`: OperatePolicy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct OperatePolicy {
    /// `executeType`, line 6167.
    pub execute_type: ExecuteType,
    /// `startTime`, line 6168.
    pub start_time: Option<String>,
    /// `endTime`, line 6169.
    pub end_time: Option<String>,
    /// `retryType`, line 6170.
    pub retry_type: Option<bool>,
    /// `retryTimes`, line 6171.
    pub retry_times: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `operationId`, line 6178.
    pub operation_id: String,
}

rules! {
    "upgrade-many" = Application May 6134: "An application may have the software of several devices upgraded with one task.";
    "package-uploaded" = Application Must 6134: "The target package has been uploaded to the platform before the upgrade.";
    "lwm2m-only" = Platform Must 6138: "The platform upgrades the software of devices connected over LWM2M only.";
    "groups-or-devices" = Application Must 6158: "The application names the targets either by deviceGroups or by devices: exactly one of the two is given.";
    "groups-by-name" = Application Must 6158: "deviceGroups holds the names of device groups.";
    "devices-by-id" = Application Must 6162: "devices holds device ids.";
    "execute-types" = Platform Must 6167: "A task with executeType now runs at once, with device_online when the device comes online, with custom at the time that the policy gives.";
    "start-time" = Platform Must 6168: "The platform runs a custom task at startTime.";
    "times-in-utc" = Application Must 6168: "The application gives startTime and endTime in UTC and converts them from its local time itself.";
    "end-time" = Platform Must 6169: "The platform stops a custom task at endTime.";
    "retry-on-failure" = Platform Must 6170: "The platform tries a failed upgrade again, retryTimes times, when retryType is true, and does not when it is false or absent.";
    "target-matches-package" = Application Must 6213: "deviceType, manufacturerName and model agree with those of the package that fileId names.";
    "start-not-after-end" = Application Must 6225: "startTime is not later than endTime.";
    "start-not-past" = Application Must 6228: "startTime is not earlier than the present time.";
    "five-minutes" = Application Must 6229: "endTime is more than 5 minutes later than startTime.";
}

errata! {
    6158: "List <strin g></strin" => "List<String>", "the type was taken for a markup tag", "";
    6162: "List <strin g></strin" => "List<String>", "the type was taken for a markup tag", "";
    6167: "required, with a default of now" => "no policy at all means now; a policy without executeType is 400/123025", "a mandatory parameter needs no default; the row 123025 rejects a policy without it", "A-259";
    6175: "200ok" => "200 OK", "blank lost", "";
    6223: "a stray character after the text of 123026" => "nothing", "OCR noise", "";
    6228: "00 after the text of 123033" => "nothing", "OCR noise; the advice is lost", "A-263";
    6229: "endtime must be greater than 5 minutes." => "endTime more than 5 minutes after startTime", "incomplete sentence; the rest of the row says so", "A-260";
    6229: "a word repeated after the text of 123034" => "nothing", "OCR noise", "A-263";
    6232: "404/123002 Device or package file not found., advice: check fileId" => "unknown fileId, unknown device, or groups that resolve to nothing", "the text names the device too", "A-257";
}
