//! 1.5.8 Modify a device shadow. Lines 1099 to 1184.

use serde::{Deserialize, Serialize};

use crate::Object;
use crate::model::{
    Chapter, Encoding, Field, InputRefusals, Kind, Method, Operation, array, body, header, object, path, query, string,
};

clause!(ModifyShadow);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.8",
    name: "modify_shadow",
    title: "Modify a device shadow",
    chapter: Chapter::Devices,
    lines: (1099, 1184),
    method: Method::Put,
    path: "/iocm/app/shadow/v1.5.0/devices/{deviceId}",
    uri_line: 1117,
    success_status: 200,
    success_line: 1136,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1123).required()),
        header(string("Authorization", "String", 1124).required()),
        path(string("deviceId", "String", 1125).required()),
        query(string("appId", "String", 1126)),
        body(
            array("serviceDesireds", &Kind::Object, "List<serviceDesiredDTO>", 1127)
                .required()
                .members(SERVICE_DESIRED),
        ),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `serviceDesireds` (List<serviceDesiredDTO>).
pub(crate) const SERVICE_DESIRED: &[Field] = &[
    string("serviceId", "String(1-256)", 1132).required().len(1, 256),
    object("desired", "ObjectNode", 1133).required(),
];

errors! { ModifyShadow:
    CAPABILITY_NOT_EXISTED = 200, "100425", "The special deviceCapability is not exist.", 1162;
    SERVICE_NOT_EXISTED = 200, "100431", "The serviceType is not exist.", 1163;
    PROPERTIES_EMPTY = 400, "107002", "The properties is empty in database.", 1164;
    PROPERTY_UNKNOWN = 400, "107003", "The request properties is unknown.", 1165;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 1166;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 1169;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1170;
    PROPERTY_NOT_WRITABLE = 403, "100443", "The property is forbidden to write.", 1171;
    THROTTLED = 403, "1010009", "app throttle exceed.", 1172;
    TOKEN_INVALID = 403, "1010005", "app_key or access_token is invalid.", 1173;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 1174;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 1175;
    DATABASE_ABNORMAL = 500, "100023", "The data in dataBase is abnomal.", 1176;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 1179;
    INTERNAL = 500, "50252", "Internal server error.", 1180;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1125.
    pub device_id: String,
    /// `appId`, line 1126.
    pub app_id: Option<String>,
    /// `serviceDesireds`, line 1127.
    pub service_desireds: Vec<ServiceDesired>,
}

/// `serviceDesireds`: List<serviceDesiredDTO>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceDesired {
    /// `serviceId`, line 1132.
    pub service_id: String,
    /// `desired`, line 1133.
    pub desired: Object,
}

rules! {
    "shadow-stores" = Platform Must 1103: "A device's shadow stores the service properties that the device reported last and the application's settings of the service properties that the device's profile defines.";
    "no-command-when-unreachable" = Application Must 1103: "To a device that is offline or abnormal the application cannot deliver settings as a command.";
    "configure-through-shadow" = Application May 1103: "The application can put settings for an offline or abnormal device on the device's shadow instead.";
    "one-shadow-per-device" = Platform Must 1105: "Each device has exactly one shadow, with a desired and a report section.";
    "desired-online" = Platform Must 1107: "Settings in the desired section are delivered at once to a device that is online.";
    "desired-offline" = Platform Must 1107: "Settings in the desired section of a device that is not online are delivered when the device comes online.";
    "report-sync" = Platform Must 1108: "When a device reports data the platform copies them into the report section of its shadow.";
    "lwm2m-only" = Application Must 1112: "At present the shadow is only for devices that use LWM2M.";
    "lwm2m-properties-only" = Application Must 1112: "Only properties defined by the LWM2M protocol are modified; properties defined by the user cannot be modified yet.";
    "desired-pairs" = Application Must 1133: "desired holds pairs of a property name of the product model and a value within the range that the model gives that property.";
    "writable-only" = Platform Must 1134: "Only properties whose access mode in the product model is W (writable) can be set on the shadow.";
    "device-of-this-app" = Application Must 1175: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    1112: "the shadow is for LWM2M devices and LWM2M properties only" => "accepted for any device with a profile", "No error row is given for other devices or properties.", "A-80";
    1127: "List <service DesiredDTO ></service" => "List<ServiceDesiredDTO>", "OCR took the type for a tag; the table at 1129 is ServiceDesiredDTO.", "";
    1133: "jsonString format" => "a JSON object, not a string", "The type is ObjectNode and the sample has an object.", "A-83";
    1133: "a wrong first character in the Chinese word for key-value pair" => "key-value pair (key:value)", "Typing error.", "";
    1136: "200 OK without a response table" => "an empty body", "No response parameters are shown.", "A-84";
    1141: "/iocm/app/shadow/v1.5.0/devices/devices/{deviceId}" => "/iocm/app/shadow/v1.5.0/devices/{deviceId}", "The URI row beats the sample.", "A-79";
    1153: "a list serviceDesireds that is never closed" => "] before the last brace", "The sample lost the bracket.", "";
    1164: "The properties is empty in database, with the advice to check serviceId" => "the service has no properties", "It overlaps with 100431; the English texts are ordered from coarse to fine.", "A-81";
    1165: "The request properties is unknown, with a Chinese text about the device's state" => "a property that the service does not have", "The English text wins.", "A-81";
    1173: "app_key or access_token is invalid." => "app_key or access_token is invalid.", "The first letter is lost.", "A-85";
    1175: "the letters \"in\" before the first item of the advice" => "a bullet", "OCR.", "";
    1175: "404/100418 beside 404/100403 (1174)" => "100403: no such device on the platform; 100418: not a device of this application", "Both rows claim an unknown deviceId.", "A-16";
    1176: "abnomal" => "abnormal", "Typing error; kept in the description as printed.", "";
    1179: "500/100203 beside 403/100203 (1169)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
