//! 1.5.3 Refresh a device's key. Lines 773 to 842.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, InputRefusals, Method, Operation, body, header, integer, path, query, string,
};

clause!(RefreshKey);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.3",
    name: "refresh_key",
    title: "Refresh a device's key",
    chapter: Chapter::Devices,
    lines: (773, 842),
    method: Method::Put,
    path: "/iocm/app/reg/v1.1.0/deviceCredentials/{deviceId}",
    uri_line: 786,
    success_status: 200,
    success_line: 804,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 792).required()),
        header(string("Authorization", "String", 793).required()),
        path(string("deviceId", "String(256)", 794).required().max_len(256)),
        query(string("appId", "String", 795)),
        body(string("nodeId", "String(256)", 796).len(1, 256)),
        body(integer("timeout", "Integer", 799).min(0).max(2147483647).default(Fallback::Integer(180))),
        body(string("verifyCode", "String(256)", 800).max_len(256)),
    ],
    response: &[string("verifyCode", "String(256)", 807).max_len(256), integer("timeout", "Integer", 808)],
    errors: error::TABLE,
    input: InputRefusals {
        malformed: error::BAD_REQUEST_MESSAGE.row(),
        ..InputRefusals::all(error::INPUT_INVALID.row())
    },
    rules: RULES,
    errata: ERRATA,
};

errors! { RefreshKey:
    NOT_AUTHORIZED_200 = 200, "100217", "The application hasn't been authorized.", 819;
    VERIFY_CODE_INVALID = 400, "100003", "Invalid verify code.", 820;
    BAD_REQUEST_MESSAGE = 400, "100007", "Bad request message.", 821;
    NODE_ID_DUPLICATED = 400, "100426", "The nodeId is duplicated.", 822;
    DEVICE_NOT_ACTIVE = 400, "100610", "Device is not active.", 823;
    DEVICE_ONLINE = 400, "100611", "Device is online.", 824;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 825;
    APP_ID_MISSING = 401, "100025", "AppId for auth not exist.", 826;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 829;
    NOT_AUTHORIZED_403 = 403, "100217", "The application hasn't been authorized.", 830;
    THROTTLED = 403, "1010009", "app throttle exceed.", 831;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 832;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 833;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 834;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 835;
    INTERNAL = 500, "50252", "Internal server error.", 838;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 794.
    pub device_id: String,
    /// `appId`, line 795.
    pub app_id: Option<String>,
    /// `nodeId`, line 796.
    pub node_id: Option<String>,
    /// `timeout`, line 799.
    pub timeout: Option<i64>,
    /// `verifyCode`, line 800.
    pub verify_code: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `verifyCode`, line 807.
    pub verify_code: String,
    /// `timeout`, line 808.
    pub timeout: i64,
}

rules! {
    "refresh-on-new-identifier" = Application Must 777: "When the unique identifier of a registered device changes, as on a replacement, the application updates it here and has the device bound anew.";
    "only-offline" = Platform Must 781: "The key is refreshed only while the device is offline.";
    "node-id-only-when-changed" = Application Must 796: "nodeId is given only when the device's nodeId is to be changed.";
    "node-id-source" = Application Should 796: "The MAC address, the serial number or the IMEI serves as nodeId.";
    "node-id-qualcomm" = Application Must 796: "When an IMEI is used as nodeId, a device with a Qualcomm chip has urn:imei: followed by the IMEI.";
    "node-id-hisilicon" = Application Must 796: "When an IMEI is used as nodeId, a device with a HiSilicon chip has the bare IMEI.";
    "node-id-other-chips" = Application Must 796: "When an IMEI is used as nodeId, a device with another maker's chip has the form that the module vendor confirms.";
    "bind-within-timeout" = Device May 799: "Within timeout seconds of the refresh the device can be bound.";
    "timeout-deletes-registration" = Platform Must 799: "The platform deletes the registration of a device that has not been bound within timeout seconds.";
    "timeout-zero-never-expires" = Platform Must 799: "With timeout 0 the verification code never expires.";
    "timeout-zero-advised" = Application Should 799: "The application sets timeout to 0.";
    "timeout-default-configurable" = Platform May 799: "The default of timeout, 180, can be configured otherwise by the platform's operators.";
    "verify-code-echo" = Platform Must 800: "A verifyCode given in the request comes back unchanged; without one the platform generates one.";
    "verify-code-agent-lite" = Application Must 800: "For a device with the Agent Lite SDK verifyCode is the same as nodeId.";
    "access-by-code" = Device May 807: "The device can authenticate itself to the platform with the verification code.";
    "access-within-timeout" = Device Must 808: "The device connects to the platform within the returned timeout, in seconds.";
    "must-be-active" = Platform Must 823: "The key of a device that has never connected and become active is not refreshed (400/100610).";
    "device-of-this-app" = Application Must 834: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    781: "a wrong first character in the Chinese word for key" => "key, as in the clause's title", "Typing error.", "";
    781: "possible only while the device is offline, while error rows exist for INACTIVE (823) and ONLINE (824) only" => "INACTIVE and ONLINE are refused, OFFLINE and ABNORMAL allowed", "The two rows define the forbidden states.", "A-58";
    799: "default 180, against 0 in 1.5.1 (584)" => "180 for this API", "Each table states its own default.", "A-42";
    810: "a heading for the request sample with nothing under it" => "no sample", "The sample is lost.", "";
    814: "{ \"verifyCode\": \"AE10-12424-12414\", \"timeout\": 300" => "the same with the closing brace", "Cut by the OCR; the table wins.", "A-62";
    819: "200/100217 beside 403/100217 (830)" => "403; 200 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-15";
    821: "handling advice for 100007: deviceId has no value; and 50400 (825) beside it" => "100007: body missing or not a JSON object; 50400: any other violation", "deviceId travels in the path; two general codes.", "A-17";
    826: "app_key or x-app-key, for calls by HTTP" => "app_key, and HTTPS", "Every parameter table says app_key; 173 says HTTPS.", "A-05";
    834: "404/100418 beside 404/100403 (833)" => "100403: no such device on the platform; 100418: not a device of this application", "Both rows claim an unknown deviceId.", "A-16";
    835: "500/100203 beside 403/100203 (829), the explanations exchanged against 1.5.1" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
