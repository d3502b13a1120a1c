//! 1.5.4 Modify a device's information. Lines 844 to 961.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, any, array, body, boolean,
    header, integer, object, path, query, string,
};
use crate::wire::{Protocol, Switch};

clause!(ModifyDevice);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.4",
    name: "modify_device",
    title: "Modify a device's information",
    chapter: Chapter::Devices,
    lines: (844, 961),
    method: Method::Put,
    path: "/iocm/app/dm/v1.4.0/devices/{deviceId}",
    uri_line: 853,
    success_status: 204,
    success_line: 913,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 859).required()),
        header(string("Authorization", "String", 860).required()),
        path(string("deviceId", "String", 861).required()),
        query(string("appId", "String", 862)),
        body(array("customFields", &Kind::Object, "List<customField>", 863).members(CUSTOM_FIELD)),
        body(object("deviceConfig", "DeviceConfigDTO", 866).members(DEVICE_CONFIG)),
        body(string("deviceType", "String(1~256)", 867).len(1, 256)),
        body(string("endUser", "String(1~256)", 868).len(1, 256)),
        body(string("location", "String(1~1024)", 869).len(1, 1024)),
        body(string("productId", "String(256)", 870).max_len(256)),
        body(string("manufacturerId", "String(1~256)", 871).len(1, 256)),
        body(string("manufacturerName", "String(1~256)", 872).len(1, 256)),
        body(string("model", "String(1~256)", 873).len(1, 256)),
        body(
            string("mute", "String(1-256)", 874)
                .len(1, 256)
                .one_of(Switch::VALUES)
                .refused_by(error::COMMAND_INPUT_INVALID.row()),
        ),
        body(string("name", "String(1~256)", 876).len(1, 256)),
        body(string("organization", "String(1~256)", 877).len(1, 256)),
        body(string("protocolType", "String(1~256)", 878).len(1, 256).one_of(Protocol::VALUES)),
        body(string("region", "String(1~256)", 879).len(1, 256)),
        body(string("timezone", "String(1~256)", 880).len(1, 256)),
        body(string("imsi", "String(64)", 881).max_len(64)),
        body(string("ip", "String(128)", 884).max_len(128)),
        body(
            boolean("isSecure", "Boolean", 885)
                .default(Fallback::Flag(false))
                .refused_by(error::IS_SECURE_INVALID.row()),
        ),
        body(string("psk", "String(8~32)", 886).len(8, 32).format(Format::Hex)),
        body(array("tags", &Kind::Object, "List<tag2>", 887).members(TAG)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `customFields` (List<customField>).
pub(crate) const CUSTOM_FIELD: &[Field] = &[
    string("fieldName", "String(256)", 892).max_len(256),
    string("fieldType", "String(256)", 893).max_len(256),
    any("fieldValue", "Object", 894),
];

/// Members of `dataConfig` (DataConfigDTO).
pub(crate) const DATA_CONFIG: &[Field] = &[integer("dataAgingTime", "Integer[0,90", 904).min(0).max(90)];

/// Members of `deviceConfig` (DeviceConfigDTO).
pub(crate) const DEVICE_CONFIG: &[Field] = &[object("dataConfig", "DataConfigDTO", 899).members(DATA_CONFIG)];

/// Members of `tags` (List<tag2>).
pub(crate) const TAG: &[Field] = &[
    string("tagName", "String(1-128)", 909).required().len(1, 128),
    string("tagValue", "String(1-1024)", 910).required().len(1, 1024),
    integer("tagType", "Integer", 911),
];

errors! { ModifyDevice:
    APPLICATION_NOT_EXISTED_200 = 200, "100203", "The application is not existed.", 940;
    COMMAND_INPUT_INVALID = 400, "100022", "The input is invalid.", 941;
    IS_SECURE_INVALID = 400, "100440", "The isSecure is invalid.", 942;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 945;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 946;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 947;
    THROTTLED = 403, "1010009", "app throttle exceed.", 948;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 949;
    FROZEN_LIMIT_REACHED = 403, "500004", "The amount of frozen devices has reached the limit.", 950;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 951;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 952;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 955;
    NON_SECURE_LIMIT_REACHED = 500, "100441", "The amount of nonSecure device has reached the limit.", 956;
    INTERNAL = 500, "50252", "Internal server error.", 957;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 861.
    pub device_id: String,
    /// `appId`, line 862.
    pub app_id: Option<String>,
    /// `customFields`, line 863.
    pub custom_fields: Option<Vec<CustomField>>,
    /// `deviceConfig`, line 866.
    pub device_config: Option<DeviceConfig>,
    /// `deviceType`, line 867.
    pub device_type: Option<String>,
    /// `endUser`, line 868.
    pub end_user: Option<String>,
    /// `location`, line 869.
    pub location: Option<String>,
    /// `productId`, line 870.
    pub product_id: Option<String>,
    /// `manufacturerId`, line 871.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 872.
    pub manufacturer_name: Option<String>,
    /// `model`, line 873.
    pub model: Option<String>,
    /// `mute`, line 874.
    pub mute: Option<Switch>,
    /// `name`, line 876.
    pub name: Option<String>,
    /// `organization`, line 877.
    pub organization: Option<String>,
    /// `protocolType`, line 878.
    pub protocol_type: Option<Protocol>,
    /// `region`, line 879.
    pub region: Option<String>,
    /// `timezone`, line 880.
    pub timezone: Option<String>,
    /// `imsi`, line 881.
    pub imsi: Option<String>,
    /// `ip`, line 884.
    pub ip: Option<String>,
    /// `isSecure`, line 885.
    pub is_secure: Option<bool>,
    /// `psk`, line 886.
    pub psk: Option<String>,
    /// `tags`, line 887.
    pub tags: Option<Vec<Tag>>,
}

/// `customFields`: List<customField>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct CustomField {
    /// `fieldName`, line 892.
    pub field_name: Option<String>,
    /// `fieldType`, line 893.
    pub field_type: Option<String>,
    /// `fieldValue`, line 894.
    pub field_value: Option<Value>,
}

/// `deviceConfig`: DeviceConfigDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceConfig {
    /// `dataConfig`, line 899.
    pub data_config: Option<DataConfig>,
}

/// `dataConfig`: DataConfigDTO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DataConfig {
    /// `dataAgingTime`, line 904.
    pub data_aging_time: Option<i64>,
}

/// `tags`: List<tag2>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Tag {
    /// `tagName`, line 909.
    pub tag_name: String,
    /// `tagValue`, line 910.
    pub tag_value: String,
    /// `tagType`, line 911.
    pub tag_type: Option<i64>,
}

rules! {
    "custom-fields" = Application May 863: "An application can set custom fields of its own on a device.";
    "device-type-camel-case" = Application Must 867: "deviceType is written in upper camel case, such as MultiSensor.";
    "end-user-null" = Application May 868: "endUser is optional for a directly connected device and may be null for an indirectly connected one.";
    "mute-freezes" = Platform Must 874: "mute says whether the device is frozen, that is whether the platform manages and stores the data that the device reports: TRUE is frozen, FALSE is not.";
    "timezone-code" = Application Must 880: "timezone is a time zone code such as Asia/Shanghai or America/New_York.";
    "is-secure-for-encrypted" = Application Must 885: "In an NB-IoT scenario isSecure is true when the device is an encrypted one.";
    "data-aging-days" = Platform Must 904: "dataAgingTime is the number of days after which the device's data age out.";
    "device-of-this-app" = Application Must 952: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    848: "a word that elsewhere means the product model, among the things that can be changed" => "the device's model (873)", "The table has the member model and none for a product model other than productId.", "";
    863: "List <cus tomFiel d></cus" => "List<CustomField>", "OCR took the type for a tag; the table at 889 is CustomField.", "";
    874: "String(1-256) with the values TRUE and FALSE" => "a string, exactly TRUE or FALSE", "A closed list against a length range.", "A-65";
    885: "default false" => "absent leaves isSecure unchanged", "The update is partial; the default belongs to registration.", "A-63";
    887: "List <tag 2></tag" => "List<Tag2>", "OCR took the type for a tag; the table at 906 is Tag2.", "";
    894: "Object" => "a value of any JSON type", "It is the value of a field whose type fieldType names.", "";
    896: "${\\sf Device ConfigDTO:}$" => "DeviceConfigDTO:", "OCR took the heading for a formula.", "";
    898: "a table without the location column (also 903)" => "body", "The members of a member of the body.", "A-71";
    904: "Integer[0,90" => "Integer[0,90]", "The closing bracket is lost; the text says 0-90.", "";
    940: "200/100203 beside 403 (946) and 500 (955)" => "403 for an unknown appId; 200 and 500 only by fault injection", "One cause with three statuses; the same advice in all rows.", "A-14";
    941: "100022 beside 50400 (945), the same text" => "50400: breach of the schema; 100022: semantic fault", "Two general codes.", "A-17";
    942: "100440 beside 50400 (945)" => "100440 for an isSecure that is not a boolean", "The row names the parameter.", "A-66";
    952: "404/100418 beside 404/100403 (951)" => "100403: no such device on the platform; 100418: not a device of this application", "Both rows claim an unknown deviceId.", "A-16";
}
