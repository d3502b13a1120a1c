//! 1.12.5 Create a firmware upgrade task. Lines 6238 to 6341.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, body, boolean, header,
    integer, object, string,
};
use crate::wire::ExecuteType;

pub use crate::upgrades::create_software_upgrade::OperateDevices;
pub use crate::upgrades::create_software_upgrade::OperatePolicy;

clause!(CreateFirmwareUpgrade);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.5",
    name: "create_firmware_upgrade",
    title: "Create a firmware upgrade task",
    chapter: Chapter::Upgrades,
    lines: (6238, 6341),
    method: Method::Post,
    path: "/iodm/northbound/v1.5.0/operations/firmwareUpgrade",
    uri_line: 6253,
    success_status: 200,
    success_line: 6285,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6259).required()),
        header(string("Authorization", "String", 6260).required()),
        body(string("fileId", "String", 6261).required()),
        body(object("targets", "OperateDevices", 6262).required().members(OPERATE_DEVICES)),
        body(object("policy", "OperatePolicy", 6263).members(OPERATE_POLICY)),
    ],
    response: &[string("operationId", "String", 6288)],
    errors: error::TABLE,
    input: InputRefusals::all(error::BAD_REQUEST.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `targets` (OperateDevices).
pub(crate) const OPERATE_DEVICES: &[Field] = &[
    array("deviceGroups", &Kind::String, "List<string>", 6268)
        .conditional("either this or devices")
        .max_len(256)
        .overfull(error::TARGET_LIMIT_REACHED.row()),
    string("deviceType", "String(256)", 6269).conditional("deviceGroups is given").max_len(256),
    string("model", "String(256)", 6270).conditional("deviceGroups is given").max_len(256),
    string("manufacturerName", "String(256)", 6271).conditional("deviceGroups is given").max_len(256),
    array("devices", &Kind::String, "List<string>", 6272)
        .conditional("either this or deviceGroups")
        .max_len(256)
        .overfull(error::TARGET_LIMIT_REACHED.row()),
];

/// Members of `policy` (OperatePolicy).
pub(crate) const OPERATE_POLICY: &[Field] = &[
    string("executeType", "String", 6277)
        .required()
        .default(Fallback::Text("now"))
        .one_of(ExecuteType::VALUES)
        .refused_by(error::EXECUTE_TYPE_INVALID.row()),
    string("startTime", "String", 6278)
        .conditional("executeType is custom")
        .format(Format::UtcTime)
        .refused_by(error::START_OR_END_TIME_INVALID.row()),
    string("endTime", "String", 6279)
        .conditional("executeType is custom")
        .format(Format::UtcTime)
        .refused_by(error::START_OR_END_TIME_INVALID.row()),
    boolean("retryType", "Boolean", 6280).default(Fallback::Flag(false)),
    integer("retryTimes", "Integer[1,5", 6281)
        .conditional("retryType is true")
        .min(1)
        .max(5)
        .refused_by(error::RETRY_TIMES_INVALID.row()),
];

errors! { CreateFirmwareUpgrade:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6316;
    TARGET_VERSION_MISMATCH = 400, "123016", "The parameter is error, targetversion not match with device.", 6317;
    MANUFACTURER_NAME_NULL = 400, "123019", "manufacturerName is null.", 6318;
    DEVICE_TYPE_NULL = 400, "123020", "deviceType is null", 6319;
    MODEL_NULL = 400, "123021", "model is null.", 6320;
    TARGETS_NULL = 400, "123022", "deviceGroups and devices cannot be null together", 6321;
    TARGETS_AMBIGUOUS = 400, "123023", "deviceGroups and devices cannot be exist together", 6324;
    TARGET_LIMIT_REACHED = 400, "123024", "The number of deviceGroups or devices reached upper limit", 6325;
    EXECUTE_TYPE_INVALID = 400, "123025", "executeType is error or can not to be null.", 6326;
    START_OR_END_TIME_INVALID = 400, "123026", "startTime or endTime is null or error.", 6327;
    RETRY_TIMES_INVALID = 400, "123028", "retryTimes is null or beyond the limit.", 6328;
    START_AFTER_END = 400, "123032", "startTime can not be later than the endTime.", 6329;
    START_IN_THE_PAST = 400, "123033", "startTime can not be earlier than the now.", 6330;
    WINDOW_TOO_SHORT = 400, "123034", "endtime must be greater than 5 minutes.", 6331;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6334;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6336;
    DEVICE_OR_PACKAGE_NOT_FOUND = 404, "123002", "Device or package file not found.", 6337;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `fileId`, line 6261.
    pub file_id: String,
    /// `targets`, line 6262.
    pub targets: OperateDevices,
    /// `policy`, line 6263.
    pub policy: Option<OperatePolicy>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `operationId`, line 6288.
    pub operation_id: String,
}

rules! {
    "upgrade-many" = Application May 6242: "An application may have the firmware of several devices upgraded with one task.";
    "package-uploaded" = Application Must 6242: "The target package has been uploaded to the platform before the upgrade.";
    "lwm2m-only" = Platform Must 6246: "The platform upgrades the firmware of devices connected over LWM2M only.";
    "groups-or-devices" = Application Must 6268: "The application names the targets either by deviceGroups or by devices: exactly one of the two is given.";
    "groups-by-name" = Application Must 6268: "deviceGroups holds the names of device groups.";
    "devices-by-id" = Application Must 6272: "devices holds device ids.";
    "execute-types" = Platform Must 6277: "A task with executeType now runs at once, with device_online when the device comes online, with custom at the time that the policy gives.";
    "start-time" = Platform Must 6278: "The platform runs a custom task at startTime.";
    "times-in-utc" = Application Must 6278: "The application gives startTime and endTime in UTC and converts them from its local time itself.";
    "end-time" = Platform Must 6279: "The platform stops a custom task at endTime.";
    "retry-on-failure" = Platform Must 6280: "The platform tries a failed upgrade again, retryTimes times, when retryType is true, and does not when it is false or absent.";
    "target-matches-package" = Application Must 6317: "deviceType, manufacturerName and model agree with those of the package that fileId names.";
    "start-not-after-end" = Application Must 6329: "startTime is not later than endTime.";
    "start-not-past" = Application Must 6330: "startTime is not earlier than the present time.";
    "five-minutes" = Application Must 6331: "endTime is more than 5 minutes later than startTime.";
}

errata! {
    6268: "List <strin g></strin" => "List<String>", "the type was taken for a markup tag", "";
    6272: "List <strin g></strin" => "List<String>", "the type was taken for a markup tag", "";
    6277: "required, with a default of now" => "no policy at all means now; a policy without executeType is 400/123025", "a mandatory parameter needs no default; the row 123025 rejects a policy without it", "A-259";
    6281: "Integer[1,5" => "Integer[1,5]", "closing bracket lost", "";
    6285: "200ok" => "200 OK", "blank lost", "";
    6299: "request sample that stops after fileId" => "targets and policy follow, as in 1.12.4", "cut off in the text", "A-263";
    6327: "a stray character after the text of 123026" => "nothing", "OCR noise", "";
    6330: "00 after the text of 123033" => "nothing", "OCR noise; the advice is lost", "A-263";
    6331: "endtime must be greater than 5 minutes." => "endTime more than 5 minutes after startTime", "incomplete sentence; the rest of the row says so", "A-260";
    6331: "a word repeated after the text of 123034" => "nothing", "OCR noise", "A-263";
    6337: "404/123002 Device or package file not found., advice: check fileId" => "unknown fileId, unknown device, or groups that resolve to nothing", "the text names the device too", "A-257";
}
