//! 1.9.7 Send a command directly to a device. Lines 4940 to 5021.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Method, Operation, body, header, object, path, query,
    string,
};
use crate::wire::{AckMode, SendStatus};

clause!(SendCommand);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.9.7",
    name: "send_command",
    title: "Send a command directly to a device",
    chapter: Chapter::Commands,
    lines: (4940, 5021),
    method: Method::Post,
    path: "/iocm/app/signaltrans/v1.1.0/devices/{deviceId}/services/{serviceId}/sendCommand",
    uri_line: 4953,
    success_status: 202,
    success_line: 4980,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 4957).required()),
        header(string("Authorization", "String", 4958).required()),
        path(string("deviceId", "String(1-64)", 4959).required().len(1, 64)),
        path(string("serviceId", "String(1-64)", 4960).required().len(1, 64)),
        query(string("appId", "String", 4961)),
        body(object("header", "CommandNA2CloudHeader", 4962).required().members(COMMAND_NA2_CLOUD_HEADER)),
        body(object("body", "ObjectNode", 4965)),
    ],
    response: &[
        string("status", "String(128)", 4983).max_len(128).one_of(SendStatus::VALUES),
        string("timestamp", "String(128)", 4984).max_len(128).format(Format::UtcTime),
        string("requestId", "String(128)", 4985).max_len(128),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `header` (CommandNA2CloudHeader).
pub(crate) const COMMAND_NA2_CLOUD_HEADER: &[Field] = &[
    string("requestId", "String(0-128)", 4970).len(0, 128),
    string("mode", "Enum", 4971).required().default(Fallback::Text("ACK")).one_of(AckMode::VALUES),
    string("from", "String(128)", 4973).max_len(128),
    string("toType", "Enum", 4974).default(Fallback::Text("GATEWAY")),
    string("to", "String(128)", 4975).max_len(128),
    string("method", "String(1-32)", 4976).required().len(1, 32),
];

errors! { SendCommand:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5003;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 5004;
    DEVICE_DATA_NOT_EXISTED = 200, "100418", "The deviceData is not existed.", 5005;
    DEVICE_NOT_ONLINE = 200, "100428", "The device is not online.", 5006;
    COMMAND_MUTED = 200, "100432", "The device command is muted.", 5007;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 5008;
    COMMAND_NAME_INVALID = 400, "102203", "CommandName is invalid.", 5009;
    GATEWAY_NOT_ONLINE = 403, "100450", "The gateway is not online.", 5010;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5011;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5014;
    SERVICE_NOT_EXISTED = 404, "100444", "The serviceType is not exist.", 5015;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 5016;
    DATABASE_ABNORMAL = 500, "100023", "The data in dataBase is abnomal.", 5017;
    INTERNAL = 500, "50252", "Internal server error.", 5018;
    CONGESTION = 503, "100501", "Congestion occurs, and the current network has been flow-controlled", 5019;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 4959.
    pub device_id: String,
    /// `serviceId`, line 4960.
    pub service_id: String,
    /// `appId`, line 4961.
    pub app_id: Option<String>,
    /// `header`, line 4962.
    pub header: CommandNA2CloudHeader,
    /// `body`, line 4965.
    pub body: Option<Object>,
}

/// `header`: CommandNA2CloudHeader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct CommandNA2CloudHeader {
    /// `requestId`, line 4970.
    pub request_id: Option<String>,
    /// `mode`, line 4971.
    pub mode: AckMode,
    /// `from`, line 4973.
    pub from: Option<String>,
    /// `toType`, line 4974.
    pub to_type: Option<String>,
    /// `to`, line 4975.
    pub to: Option<String>,
    /// `method`, line 4976.
    pub method: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `status`, line 4983.
    pub status: SendStatus,
    /// `timestamp`, line 4984.
    pub timestamp: String,
    /// `requestId`, line 4985.
    pub request_id: String,
}

rules! {
    "profile-commands" = Application May 4944: "An application may send a device the commands that the profile of the device defines, to configure or change its service properties.";
    "no-caching" = Platform Must 4946: "The platform does not cache the command but sends it at once; when the device is not online, sending fails.";
    "transparent" = Platform Must 4946: "The platform wraps the content of the command and passes it on unchanged.";
    "paras-format-agreed" = Application Must 4946: "The concrete format of a command is agreed between application server and device.";
    "mqtt-only" = Application Must 4948: "The call is for devices connected over MQTT, such as those with the AgentLite SDK.";
    "service-in-profile" = Application Must 4960: "serviceId is a service that the profile defines.";
    "paras-keys" = Application Must 4965: "Each key of body is the name (paraName) of a parameter of the command in the product model, and its value lies in the range that the model gives.";
    "request-id-unique" = Application Must 4970: "A requestId identifies one command and is not used twice.";
    "mode-ack" = Platform Must 4971: "With mode ACK the platform has the message confirmed, with NOACK no confirmation is needed.";
    "mode-others-invalid" = Platform Must 4972: "The platform treats a mode other than ACK and NOACK as invalid.";
    "from-address" = Application Must 4973: "from is the address of the publisher of the message; in a request that an app started it is /users/{userId}.";
    "method-in-profile" = Application Must 4976: "method is a command name that the profile defines.";
    "status-meanings" = Platform Must 4983: "The status that the platform answers is true of the command: sent it was sent, delivered it was delivered, failed it failed.";
    "request-id-echo" = Platform Must 4985: "The platform answers with the requestId of the request, or with a serial number that it assigns if the request had none.";
    "device-under-app" = Application Must 5005: "A deviceId in the request is one of a device under the application that the call is made for: the one of the header or, if given, the one of the appId parameter.";
}

errata! {
    4971: "required, with a default of ACK" => "required; a missing mode is 400/100022", "the column wins over the default", "A-206";
    4972: "ACK in a row of its own with the rest of the description of mode" => "second value of mode", "the cell is broken over two lines", "";
    4973: "/users/ {userId} Characteristics (userId) Characteristics (userId) MITTERISTICS (userS/ {users/ {us" => "/users/{userId} for an app, or /{serviceName} for a service; any string up to 128 characters is accepted", "garbled by OCR", "A-210";
    4974: "Enum without a list of values, default GATEWAY" => "any value; GATEWAY is the only one named", "the values are not printed", "A-207";
    4976: "String(1-32)" => "32 here, although a command name may have 128 characters in 1.9.1", "lengths differ between the clauses; each table holds for its own", "A-212";
    4987: "heading of the request sample without a sample" => "no sample; only the tables bind", "missing from the text", "";
    5006: "200/100428, advice: check the connection between device and gateway" => "the target device has no session", "two rows for a device that is offline; a directly connected device is its own gateway", "A-204";
    5010: "403/100450 The gateway is not online." => "only for a sub-device whose gateway is offline", "two rows for a device that is offline", "A-204";
    5015: "404/100444 The serviceType is not exist., advice: check toType" => "serviceId of the path is not in the profile", "the English text and the advice name different things", "A-207";
}
