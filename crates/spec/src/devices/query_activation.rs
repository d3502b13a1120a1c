//! 1.5.7 Query a device's activation state. Lines 1037 to 1097.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, boolean, header, path, query, string};
use crate::universal;

clause!(QueryActivation);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.7",
    name: "query_activation",
    title: "Query a device's activation state",
    chapter: Chapter::Devices,
    lines: (1037, 1097),
    method: Method::Get,
    path: "/iocm/app/reg/v1.1.0/deviceCredentials/{deviceId}",
    uri_line: 1046,
    success_status: 200,
    success_line: 1059,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1052).required()),
        header(string("Authorization", "String", 1053).required()),
        path(string("deviceId", "String", 1054).required()),
        query(string("appId", "String", 1055)),
    ],
    response: &[
        string("deviceId", "String(256)", 1062).max_len(256),
        boolean("activated", "Boolean", 1063),
        string("name", "String(256)", 1064).max_len(256),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryActivation:
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 1089;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1090;
    THROTTLED = 403, "1010009", "app throttle exceed.", 1091;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 1094;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 1095;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 1096;
    INTERNAL = 500, "50252", "Internal server error.", 1097;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1054.
    pub device_id: String,
    /// `appId`, line 1055.
    pub app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1062.
    pub device_id: String,
    /// `activated`, line 1063.
    pub activated: bool,
    /// `name`, line 1064.
    pub name: Option<String>,
}

rules! {
    "not-activated-before-first-access" = Platform Must 1041: "Between registration and the device's first connection activated is false.";
    "activated-after-first-access" = Platform Must 1041: "From the device's first connection on activated is true, whether the device then is online, offline or abnormal.";
}

errata! {
    1063: "whether the device got its password by the verification code" => "whether the device has ever connected to the platform", "The introduction (1041) ties activation to the first connection; MQTT devices have no verification code.", "A-76";
    1083: "\"activated\": \"*******\"" => "a JSON boolean", "The sample is masked; the table says Boolean.", "A-25";
    1095: "404/100403 without a row 100418" => "100403 also for a device of another application", "It is the only row for unknown devices.", "A-77";
    1096: "500/100203 beside 403/100203 (1089)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
