//! 1.5.2 Register a device (password). Lines 665 to 771.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Field, Format, InputRefusals, Method, Operation, body, boolean, header, object, query, string,
};
use crate::wire::Protocol;

clause!(RegisterByPassword);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.2",
    name: "register_by_password",
    title: "Register a device (password)",
    chapter: Chapter::Devices,
    lines: (665, 771),
    method: Method::Post,
    path: "/iocm/app/reg/v2.0.0/deviceCredentials",
    uri_line: 676,
    success_status: 200,
    success_line: 714,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 682).required()),
        header(string("Authorization", "String", 683).required()),
        query(string("appId", "String", 684)),
        body(object("deviceInfo", "DeviceInfo", 685).required().members(DEVICE_INFO)),
        body(string("endUserId", "String(256)", 686).max_len(256)),
        body(string("organization", "String(256)", 688).max_len(256)),
        body(string("region", "String(256)", 689).max_len(256)),
        body(string("timezone", "String(256)", 690).max_len(256)),
        body(boolean("mqttConnect", "Boolean", 691)),
        body(
            string("productId", "String(256)", 694)
                .conditional("either this or the series of manufacturer, deviceType, model and protocolType")
                .max_len(256),
        ),
        body(string("secret", "String", 695).len(20, 20).format(Format::Hex)),
    ],
    response: &[
        string("deviceId", "String(256)", 717).max_len(256),
        string("psk", "String(32)", 718).max_len(32),
        string("secret", "String(256)", 719).max_len(256),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        malformed: error::BAD_REQUEST_MESSAGE.row(),
        ..InputRefusals::all(error::INPUT_INVALID.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfo).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("nodeId", "String(256)", 700).required().max_len(256),
    string("manufacturerId", "String(256)", 701).conditional("the series as a whole, or productId").max_len(256),
    string("manufacturerName", "String(256)", 702).conditional("the series as a whole, or productId").max_len(256),
    string("deviceType", "String(256)", 705).conditional("the series as a whole, or productId").max_len(256),
    string("model", "String(256)", 707).conditional("the series as a whole, or productId").max_len(256),
    string("protocolType", "String(256)", 708)
        .conditional("the series as a whole, or productId")
        .max_len(256)
        .one_of(&[Protocol::Mqtt.as_str()]),
    string("name", "String", 710),
];

errors! { RegisterByPassword:
    BAD_REQUEST_MESSAGE = 400, "100007", "Bad request message.", 753;
    NODE_ID_DUPLICATED = 400, "100426", "The nodeId is duplicated.", 754;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 755;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 756;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 757;
    THROTTLED = 403, "1010009", "app throttle exceed.", 758;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 761;
    PRODUCT_NOT_EXISTED = 403, "600002", "The product not existed.", 762;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 763;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 764;
    DEVICE_LIMIT_REACHED = 500, "100412", "The amount of device has reached the limit.", 765;
    LICENSE_NOT_EXISTED = 500, "103026", "The license is not exist.", 766;
    INTERNAL = 500, "50252", "Internal server error.", 767;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 684.
    pub app_id: Option<String>,
    /// `deviceInfo`, line 685.
    pub device_info: DeviceInfo,
    /// `endUserId`, line 686.
    pub end_user_id: Option<String>,
    /// `organization`, line 688.
    pub organization: Option<String>,
    /// `region`, line 689.
    pub region: Option<String>,
    /// `timezone`, line 690.
    pub timezone: Option<String>,
    /// `mqttConnect`, line 691.
    pub mqtt_connect: Option<bool>,
    /// `productId`, line 694.
    pub product_id: Option<String>,
    /// `secret`, line 695.
    pub secret: Option<String>,
}

/// `deviceInfo`: DeviceInfo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceInfo {
    /// `nodeId`, line 700.
    pub node_id: String,
    /// `manufacturerId`, line 701.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 702.
    pub manufacturer_name: Option<String>,
    /// `deviceType`, line 705.
    pub device_type: Option<String>,
    /// `model`, line 707.
    pub model: Option<String>,
    /// `protocolType`, line 708.
    pub protocol_type: Option<Protocol>,
    /// `name`, line 710.
    pub name: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 717.
    pub device_id: String,
    /// `psk`, line 718.
    pub psk: String,
    /// `secret`, line 719.
    pub secret: String,
}

rules! {
    "register-before-access" = Application Must 669: "Before a device connects to the platform the application registers it here and gets its device id and password.";
    "access-with-id-and-password" = Device Must 669: "A device presents its device id and password when it connects to the platform and is authenticated by them.";
    "protocol-scope" = Application Must 671: "This API is for devices that use MQTT.";
    "end-user-id-imsi" = Application Must 687: "In an NB-IoT solution endUserId is set to the device's IMSI.";
    "mqtt-connect-true" = Application Must 691: "mqttConnect is true when an MQTT device is registered.";
    "product-or-series" = Application Must 694: "The product model is named by one of two: productId, or the series manufacturerId, manufacturerName, deviceType, model and protocolType taken together.";
    "secret-echo" = Platform Must 695: "A secret given in the request comes back unchanged; without one the platform generates one.";
    "node-id-same-as-reported" = Application Must 700: "nodeId is the same as the identifier that the device reports.";
    "node-id-source" = Application Should 700: "The MAC address, the serial number or the IMEI serves as nodeId.";
    "node-id-qualcomm" = Application Must 700: "When an IMEI is used as nodeId, a device with a Qualcomm chip has urn:imei: followed by the IMEI.";
    "node-id-hisilicon" = Application Must 700: "When an IMEI is used as nodeId, a device with a HiSilicon chip has the bare IMEI.";
    "node-id-other-chips" = Application Must 700: "When an IMEI is used as nodeId, a device with another maker's chip has the form that the module vendor confirms.";
    "device-type-camel-case" = Application Must 705: "deviceType is written in upper camel case, such as MultiSensor.";
    "device-id-assigned" = Platform Must 717: "The platform assigns the deviceId at registration, and no two devices have the same one.";
    "psk-generated" = Platform Must 718: "The returned psk is a random one that the platform generated.";
}

errata! {
    681: "a table head with an empty underlined title and one column too few" => "the columns type and location", "OCR of the table head.", "";
    691: "mqttConnect optional, and yet to be set to true" => "absent counts as true", "The API is for MQTT devices only.", "A-54";
    695: "20-digit hexadecimal number, with a word for digit that can be misread as bit" => "exactly 20 hexadecimal digits", "The word counts digits here.", "A-53";
    707: "the series in the row of model names deviceType and model itself and leaves out protocolType" => "manufacturerId, manufacturerName, deviceType and protocolType", "Every other member of the series lists its four partners; so does model in 1.5.1 (599).", "";
    718: "psk in the answer for an MQTT device" => "always returned, 32 hexadecimal digits", "Irrelevant to MQTT, but listed.", "A-56";
    719: "the device can pass access authentication with the verification code (in the row of secret)" => "the device authenticates with the password", "Copied from verifyCode of 1.5.1 and 1.5.3; this registration has no verification code.", "";
    719: "String(256) for secret" => "the same 20 hexadecimal digits as in the request", "The request (695) demands 20 digits, and the secret is echoed.", "A-53";
    723: "a request sample that begins with Authorization: Bearer ******" => "the request line, Content-Type and app_key stand before it", "The beginning of the sample is lost.", "";
    753: "handling advice for 100007: deviceId has no value" => "body missing or not a JSON object", "deviceId is no parameter of a registration.", "A-47";
    755: "50400 beside 100007 (753), both for invalid input" => "100007: no usable body; 50400: any other violation", "Two general codes.", "A-17";
    764: "500/100203 beside 403/100203 (756)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
