//! 1.6.5 Query the service capabilities of devices. Lines 2414 to 2599.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Field, InputRefusals, Kind, Method, Operation, array, boolean, header, integer, number, query,
    string,
};

clause!(QueryCapabilities);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.6.5",
    name: "query_capabilities",
    title: "Query the service capabilities of devices",
    chapter: Chapter::Data,
    lines: (2414, 2599),
    method: Method::Get,
    path: "/iocm/app/data/v1.1.0/deviceCapabilities",
    uri_line: 2423,
    success_status: 200,
    success_line: 2512,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 2429).required()),
        header(string("Authorization", "String", 2430).required()),
        query(string("gatewayId", "String", 2431)),
        query(string("appId", "String", 2432)),
        query(string("deviceId", "String", 2433)),
    ],
    response: &[
        array("deviceCapabilities", &Kind::Object, "List<DeviceCapabilityDTO>", 2438).members(DEVICE_CAPABILITY)
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::COMMAND_INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `paras` (List<ServiceCommandPara>).
pub(crate) const SERVICE_COMMAND_PARA: &[Field] = &[
    string("paraName", "String(256)", 2466).max_len(256),
    string("dataType", "String(256)", 2467).max_len(256),
    boolean("required", "Boolean", 2468),
    string("min", "String", 2469),
    string("max", "String", 2470),
    number("step", "Double", 2471),
    integer("maxLength", "Integer", 2472),
    string("unit", "String", 2473),
    array("enumList", &Kind::String, "List<String>", 2474),
];

/// Members of `responses` (List<ServiceCommandResponse>).
pub(crate) const SERVICE_COMMAND_RESPONSE: &[Field] = &[
    string("responseName", "String(256)", 2479).max_len(256),
    array("paras", &Kind::Object, "List<ServiceCommandPara>", 2480).members(SERVICE_COMMAND_PARA),
];

/// Members of `commands` (List<ServiceCommand>).
pub(crate) const SERVICE_COMMAND: &[Field] = &[
    string("commandName", "String(256)", 2459).max_len(256),
    array("paras", &Kind::Object, "List<ServiceCommandPara>", 2460).members(SERVICE_COMMAND_PARA),
    array("responses", &Kind::Object, "List<ServiceCommandResponse>", 2461).members(SERVICE_COMMAND_RESPONSE),
];

/// Members of `properties` (List<ServiceProperty>).
pub(crate) const SERVICE_PROPERTY: &[Field] = &[
    string("propertyName", "String(256)", 2485).max_len(256),
    string("dataType", "String(256)", 2486).max_len(256),
    boolean("required", "Boolean", 2487),
    string("min", "String", 2488),
    string("max", "String", 2489),
    number("step", "Double", 2490),
    integer("maxLength", "Integer", 2491),
    string("method", "String(256)", 2492).max_len(256),
    string("unit", "String", 2496),
    array("enumList", &Kind::String, "List<String>", 2497),
];

/// Members of `serviceCapabilities` (List<ServiceCapabilityDTO>).
pub(crate) const SERVICE_CAPABILITY: &[Field] = &[
    string("serviceId", "String(256)", 2449).max_len(256),
    string("serviceType", "String(256)", 2450).max_len(256),
    string("option", "String(256)", 2451).max_len(256),
    string("description", "String(10240)", 2452).max_len(10240),
    array("commands", &Kind::Object, "List<ServiceCommand>", 2453).members(SERVICE_COMMAND),
    array("properties", &Kind::Object, "List<ServiceProperty>", 2454).members(SERVICE_PROPERTY),
];

/// Members of `deviceCapabilities` (List<DeviceCapabilityDTO>).
pub(crate) const DEVICE_CAPABILITY: &[Field] = &[
    string("deviceId", "String(256)", 2443).max_len(256),
    array("serviceCapabilities", &Kind::Object, "List<ServiceCapabilityDTO>", 2444).members(SERVICE_CAPABILITY),
];

errors! { QueryCapabilities:
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 2589;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 2590;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 2591;
    THROTTLED = 403, "1010009", "app throttle exceed.", 2592;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 2593;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 2594;
    INTERNAL = 500, "50252", "Internal server error.", 2595;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `gatewayId`, line 2431.
    pub gateway_id: Option<String>,
    /// `appId`, line 2432.
    pub app_id: Option<String>,
    /// `deviceId`, line 2433.
    pub device_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceCapabilities`, line 2438.
    pub device_capabilities: Vec<DeviceCapability>,
}

/// `deviceCapabilities`: List<DeviceCapabilityDTO>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceCapability {
    /// `deviceId`, line 2443.
    pub device_id: String,
    /// `serviceCapabilities`, line 2444.
    pub service_capabilities: Vec<ServiceCapability>,
}

/// `serviceCapabilities`: List<ServiceCapabilityDTO>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceCapability {
    /// `serviceId`, line 2449.
    pub service_id: String,
    /// `serviceType`, line 2450.
    pub service_type: Option<String>,
    /// `option`, line 2451.
    pub option: Option<String>,
    /// `description`, line 2452.
    pub description: Option<String>,
    /// `commands`, line 2453.
    pub commands: Vec<ServiceCommand>,
    /// `properties`, line 2454.
    pub properties: Vec<ServiceProperty>,
}

/// `commands`: List<ServiceCommand>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceCommand {
    /// `commandName`, line 2459.
    pub command_name: Option<String>,
    /// `paras`, line 2460.
    pub paras: Vec<ServiceCommandPara>,
    /// `responses`, line 2461.
    pub responses: Vec<ServiceCommandResponse>,
}

/// `paras`: List<ServiceCommandPara>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceCommandPara {
    /// `paraName`, line 2466.
    pub para_name: Option<String>,
    /// `dataType`, line 2467.
    pub data_type: Option<String>,
    /// `required`, line 2468.
    pub required: Option<bool>,
    /// `min`, line 2469.
    pub min: Option<String>,
    /// `max`, line 2470.
    pub max: Option<String>,
    /// `step`, line 2471.
    pub step: Option<f64>,
    /// `maxLength`, line 2472.
    pub max_length: Option<i64>,
    /// `unit`, line 2473.
    pub unit: Option<String>,
    /// `enumList`, line 2474.
    pub enum_list: Vec<String>,
}

/// `responses`: List<ServiceCommandResponse>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceCommandResponse {
    /// `responseName`, line 2479.
    pub response_name: Option<String>,
    /// `paras`, line 2480.
    pub paras: Vec<ServiceCommandPara>,
}

/// `properties`: List<ServiceProperty>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct ServiceProperty {
    /// `propertyName`, line 2485.
    pub property_name: Option<String>,
    /// `dataType`, line 2486.
    pub data_type: Option<String>,
    /// `required`, line 2487.
    pub required: Option<bool>,
    /// `min`, line 2488.
    pub min: Option<String>,
    /// `max`, line 2489.
    pub max: Option<String>,
    /// `step`, line 2490.
    pub step: Option<f64>,
    /// `maxLength`, line 2491.
    pub max_length: Option<i64>,
    /// `method`, line 2492.
    pub method: Option<String>,
    /// `unit`, line 2496.
    pub unit: Option<String>,
    /// `enumList`, line 2497.
    pub enum_list: Vec<String>,
}

rules! {
    "capabilities-from-profile" = Platform Must 2418: "The answer holds the service capabilities that the device's profile defines: the properties that the device can report and the commands that it can be sent.";
    "gateway-id-relation" = Platform Must 2431: "For a directly connected device gatewayId equals its deviceId; for an indirectly connected one it is the deviceId of the gateway it hangs on.";
    "property-method" = Platform Must 2492: "method says how a property can be accessed: R readable, W writable, E observable.";
}

errata! {
    2435: "no status line above the response table" => "200", "Only the sample (2512) states the status.", "A-131";
    2438: "List <devicecapab ilitydto=\"\"></devicecapab>" => "List<DeviceCapabilityDTO>", "OCR took the type for a tag.", "";
    2444: "List <servicecapa bilitydto=\"\"></servicecapa>" => "List<ServiceCapabilityDTO>", "OCR took the type for a tag.", "";
    2453: "list of the names of the commands supported" => "a list of command objects", "The type is List<ServiceCommand>.", "";
    2453: "List <servicecom mand=\"\"></servicecom>" => "List<ServiceCommand>", "OCR took the type for a tag.", "";
    2454: "list of the names of the properties supported" => "a list of property objects", "The type is List<ServiceProperty>.", "";
    2454: "List <serviceprop erty=\"\"></serviceprop>" => "List<ServiceProperty>", "OCR took the type for a tag.", "";
    2460: "List <servicecom mandPara></servicecom" => "List<ServiceCommandPara>", "OCR took the type for a tag.", "";
    2461: "List <servicecom mandResponse></servicecom" => "List<ServiceCommandResponse>", "OCR took the type for a tag.", "";
    2469: "min and max String beside step Double" => "min and max are strings, step is a number", "Odd, but the table wins.", "A-130";
    2474: "List <string></string>" => "List<String>", "OCR took the type for a tag.", "";
    2480: "List <servicecom mandPara></servicecom" => "List<ServiceCommandPara>", "OCR took the type for a tag.", "";
    2492: "R, W and E as three separate values" => "one or more of the letters, such as RW", "The kinds of access do not exclude each other; how they combine is not said.", "";
    2497: "List <string></string>" => "List<String>", "OCR took the type for a tag.", "";
    2535: "\"required\":\"Ture\" (also 2553, 2568)" => "true, a JSON boolean", "Misspelt and quoted; the table says Boolean.", "A-130";
    2538: "\"step\":\"****** (also 2556, 2571)" => "a JSON number", "The sample is masked; the table says Double.", "A-130";
    2539: "\"may! epoth\":11111" => "a garbled copy of the line \"maxLength\" below", "OCR.", "";
    2543: "enumList with objects in it (also 2560, 2576)" => "a list of strings", "The table says List<String>.", "";
    2549: "braces missing in responses, paras and properties (2548-2586)" => "lists of objects", "The sample is not valid JSON.", "";
    2594: "500/100203 beside 403/100203 (2590)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
