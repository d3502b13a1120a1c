//! 1.5.1 Register a device (verification code). Lines 548 to 663.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Method, Operation, body, boolean, header, integer,
    object, query, string,
};
use crate::wire::Protocol;

clause!(RegisterByVerifyCode);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.1",
    name: "register_by_verify_code",
    title: "Register a device (verification code)",
    chapter: Chapter::Devices,
    lines: (548, 663),
    method: Method::Post,
    path: "/iocm/app/reg/v1.1.0/deviceCredentials",
    uri_line: 559,
    success_status: 200,
    success_line: 604,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 565).required()),
        header(string("Authorization", "String", 566).required()),
        query(string("appId", "String", 567)),
        body(object("deviceInfo", "DeviceInfoDTO", 568).members(DEVICE_INFO)),
        body(string("endUserId", "String(256)", 569).max_len(256)),
        body(string("imsi", "String(1-64", 571).len(1, 64)),
        body(boolean("isSecure", "Boolean", 572).default(Fallback::Flag(false))),
        body(string("nodeId", "String(256)", 574).required().max_len(256)),
        body(string("psk", "String(8-32)", 579).len(8, 32).format(Format::Hex)),
        body(integer("timeout", "Integer(>=0)", 582).min(0).max(2147483647).default(Fallback::Integer(0))),
        body(string("verifyCode", "String(256)", 585).max_len(256)),
        body(
            string("productId", "String(256)", 587)
                .conditional("either this or the series of manufacturer, deviceType, model and protocolType")
                .max_len(256),
        ),
        body(string("deviceName", "String", 588)),
    ],
    response: &[
        string("deviceId", "String(256)", 607).max_len(256),
        string("psk", "String(32)", 608).max_len(32),
        integer("timeout", "Integer", 609),
        string("verifyCode", "String(256)", 612).max_len(256),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        malformed: error::BAD_REQUEST_MESSAGE.row(),
        ..InputRefusals::all(error::INPUT_INVALID.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfoDTO).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("manufacturerId", "String(256)", 593).conditional("the series as a whole, or productId").max_len(256),
    string("manufacturerName", "String(256)", 596).conditional("the series as a whole, or productId").max_len(256),
    string("deviceType", "String(256)", 597).conditional("the series as a whole, or productId").max_len(256),
    string("model", "String(256)", 599).conditional("the series as a whole, or productId").max_len(256),
    string("protocolType", "String(256)", 600)
        .conditional("the series as a whole, or productId")
        .max_len(256)
        .one_of(&[Protocol::CoAp.as_str(), Protocol::Lwm2m.as_str()]),
];

errors! { RegisterByVerifyCode:
    LICENSE_EXHAUSTED = 200, "103028", "The license pool resources.", 633;
    VERIFY_CODE_INVALID = 400, "100003", "Invalid verify code.", 634;
    BAD_REQUEST_MESSAGE = 400, "100007", "Bad request message.", 637;
    DEVICE_ALREADY_BOUND = 400, "100416", "The device has already been binded.", 638;
    NODE_ID_DUPLICATED = 400, "100426", "The nodeId is duplicated.", 639;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 640;
    APP_ID_MISSING = 401, "100025", "AppId for auth not exist.", 641;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 644;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 647;
    THROTTLED = 403, "1010009", "app throttle exceed.", 648;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 650;
    PRODUCT_NOT_EXISTED = 403, "600002", "The product not existed.", 653;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 654;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 655;
    DEVICE_LIMIT_REACHED = 500, "100412", "The amount of device has reached the limit.", 656;
    NON_SECURE_LIMIT_REACHED = 500, "100441", "The amount of nonSecure device has reached the limit.", 657;
    LICENSE_NOT_EXISTED = 500, "103026", "The license is not exist.", 658;
    INTERNAL = 500, "50252", "Internal server error.", 659;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 567.
    pub app_id: Option<String>,
    /// `deviceInfo`, line 568.
    pub device_info: Option<DeviceInfo>,
    /// `endUserId`, line 569.
    pub end_user_id: Option<String>,
    /// `imsi`, line 571.
    pub imsi: Option<String>,
    /// `isSecure`, line 572.
    pub is_secure: Option<bool>,
    /// `nodeId`, line 574.
    pub node_id: String,
    /// `psk`, line 579.
    pub psk: Option<String>,
    /// `timeout`, line 582.
    pub timeout: Option<i64>,
    /// `verifyCode`, line 585.
    pub verify_code: Option<String>,
    /// `productId`, line 587.
    pub product_id: Option<String>,
    /// `deviceName`, line 588.
    pub device_name: Option<String>,
}

/// `deviceInfo`: DeviceInfoDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceInfo {
    /// `manufacturerId`, line 593.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 596.
    pub manufacturer_name: Option<String>,
    /// `deviceType`, line 597.
    pub device_type: Option<String>,
    /// `model`, line 599.
    pub model: Option<String>,
    /// `protocolType`, line 600.
    pub protocol_type: Option<Protocol>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 607.
    pub device_id: String,
    /// `psk`, line 608.
    pub psk: String,
    /// `timeout`, line 609.
    pub timeout: i64,
    /// `verifyCode`, line 612.
    pub verify_code: String,
}

rules! {
    "device-belongs-to-app" = Platform Must 546: "A device that an application added belongs to that application once it has connected to the platform.";
    "register-before-access" = Application Must 552: "Before a device connects to the platform the application registers it here with its unique identifier, such as the IMEI.";
    "access-with-identifier" = Device Must 552: "A device presents its unique identifier when it connects to the platform and is authenticated by it.";
    "protocol-scope" = Application Must 554: "This API is for devices that use LWM2M/CoAP or have the Agent Lite SDK built in.";
    "end-user-id-imsi" = Application Must 570: "In an NB-IoT solution endUserId is set to the device's IMSI.";
    "is-secure-for-encrypted" = Application Must 572: "In an NB-IoT scenario isSecure is true when the device registered is an encrypted one.";
    "node-id-same-as-reported" = Application Must 574: "nodeId is the same as the identifier that the device reports.";
    "node-id-source" = Application Should 574: "The IMEI, the MAC address or the serial number serves as nodeId.";
    "node-id-qualcomm" = Application Must 576: "When an IMEI is used as nodeId, a device with a Qualcomm chip has urn:imei: followed by the IMEI.";
    "node-id-hisilicon" = Application Must 577: "When an IMEI is used as nodeId, a device with a HiSilicon chip has the bare IMEI.";
    "node-id-other-chips" = Application Must 578: "When an IMEI is used as nodeId, a device with another maker's chip has the form that the module vendor confirms.";
    "psk-echo" = Platform Must 579: "A psk given in the request is used and returned unchanged; without one the platform generates a random one.";
    "timeout-deletes-registration" = Platform Must 582: "The platform deletes the registration of a device that has not connected and become active within timeout seconds.";
    "timeout-zero-never-expires" = Platform Must 583: "With timeout 0 the verification code never expires.";
    "timeout-zero-advised" = Application Should 583: "The application sets timeout to 0.";
    "timeout-default-configurable" = Platform May 584: "The default of timeout, 0, can be configured otherwise by the platform's operators.";
    "verify-code-unique" = Application Must 585: "A verification code is globally unique.";
    "verify-code-as-node-id" = Application Should 585: "verifyCode is set to the same value as nodeId.";
    "verify-code-echo" = Platform Must 585: "A verifyCode given in the request comes back unchanged; without one the platform generates one.";
    "verify-code-agent-lite" = Application Must 586: "For a device with the Agent Lite SDK verifyCode is given and is the same as nodeId.";
    "product-or-series" = Application Must 587: "The product model is named by one of two: productId, or the series manufacturerId, manufacturerName, deviceType, model and protocolType taken together.";
    "device-type-camel-case" = Application Must 597: "deviceType is written in upper camel case, such as MultiSensor.";
    "device-id-assigned" = Platform Must 607: "The platform assigns the deviceId at registration, and no two devices have the same one.";
    "access-within-timeout" = Device Must 609: "The device connects to the platform within the returned timeout, in seconds.";
    "agent-lite-access-by-code" = Device Must 612: "A device with the Agent Lite SDK authenticates itself to the platform with the verification code.";
    "non-secure-limit" = Application Should 657: "When the number of non-secure devices has reached its limit (500/100441), the application registers devices as secure ones, with isSecure true.";
}

errata! {
    571: "String(1-64" => "String(1-64)", "The closing bracket is lost.", "";
    588: "deviceName" => "the attribute that 1.5.2 and the responses call name", "The device name has two spellings across clauses.", "A-51";
    599: "model obligatory inside the optional deviceInfo, and yet part of an alternative to productId" => "obligatory only when deviceInfo is present and productId is absent", "Obligatory and either-or contradict each other; 1.5.2 (707) has it optional.", "A-40";
    614: "a heading for the request sample with nothing under it" => "no sample", "The sample is lost.", "";
    633: "The license pool resources." => "the license pool resources are used up", "The English sentence is cut; the Chinese one says the license is used up; answered as printed.", "A-49";
    637: "handling advice for 100007: deviceId has no value" => "body missing or not a JSON object", "deviceId is no parameter of a registration.", "A-47";
    639: "400/100426 beside 400/100416 (638)" => "100426: the existing device was never activated; 100416: it was", "Both rows claim a nodeId that is registered already.", "A-44";
    640: "50400 beside 100007 (637), both for invalid input" => "100007: no usable body; 50400: any other violation", "Two general codes.", "A-17";
    643: "app_key or x-app-key, for calls by HTTP" => "app_key, and HTTPS", "Every parameter table says app_key; 173 says HTTPS.", "A-05";
    655: "500/100203 beside 403/100203 (644)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
