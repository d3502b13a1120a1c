//! 1.11.3 Modify a device group. Lines 5471 to 5551.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Format, InputRefusals, Method, Operation, body, header, integer, path, query, string,
};

clause!(ModifyGroup);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.3",
    name: "modify_group",
    title: "Modify a device group",
    chapter: Chapter::Groups,
    lines: (5471, 5551),
    method: Method::Put,
    path: "/iocm/app/devgroup/v1.3.0/devGroups/{devGroupId}",
    uri_line: 5480,
    success_status: 200,
    success_line: 5498,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5486).required()),
        header(string("Authorization", "String", 5487).required()),
        query(string("accessAppId", "String", 5490)),
        path(string("devGroupId", "String(50)", 5491).required().max_len(50)),
        body(string("name", "String(1-50)", 5492).required().len(1, 50).format(Format::Alphanumeric)),
        body(string("description", "String(1024)", 5493).max_len(1024)),
        body(integer("maxDevNum", "Integer(>=0)", 5494).min(0).default(Fallback::Integer(0))),
    ],
    response: &[
        string("name", "String(50)", 5501).max_len(50),
        string("description", "String(1024)", 5502).max_len(1024),
        string("id", "String(50)", 5503).max_len(50),
        string("appId", "String(50)", 5504).max_len(50),
        integer("maxDevNum", "Integer(>=0)", 5505).min(0),
        integer("curDevNum", "Integer", 5506),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { ModifyGroup:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5539;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 5540;
    GROUP_FULL = 200, "100601", "The number of device in the group has reach the max.", 5541;
    GROUP_NAME_USED = 200, "100602", "The device group name has been used.", 5542;
    GROUP_NOT_EXISTED = 200, "100603", "The device group is not existed.", 5543;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 5544;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5545;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5546;
    INTERNAL = 500, "50252", "Internal server error.", 5549;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `accessAppId`, line 5490.
    pub access_app_id: Option<String>,
    /// `devGroupId`, line 5491.
    pub dev_group_id: String,
    /// `name`, line 5492.
    pub name: String,
    /// `description`, line 5493.
    pub description: Option<String>,
    /// `maxDevNum`, line 5494.
    pub max_dev_num: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `name`, line 5501.
    pub name: Option<String>,
    /// `description`, line 5502.
    pub description: Option<String>,
    /// `id`, line 5503.
    pub id: Option<String>,
    /// `appId`, line 5504.
    pub app_id: String,
    /// `maxDevNum`, line 5505.
    pub max_dev_num: Option<i64>,
    /// `curDevNum`, line 5506.
    pub cur_dev_num: Option<i64>,
}

rules! {
    "modify-info" = Application May 5475: "An application may change the information of a given group, such as its name and its limit of devices.";
    "group-id-from-create" = Application Must 5491: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
    "name-letters-digits" = Application Must 5492: "A group name consists of upper-case and lower-case letters and digits only.";
    "zero-unlimited" = Platform Must 5494: "With maxDevNum 0 the platform does not limit the number of devices in the group.";
    "cur-dev-num" = Platform Must 5506: "curDevNum is the number of devices that the group has at present.";
    "group-fits" = Application Must 5541: "The number of devices in the group is within its maxDevNum.";
    "group-name-unused" = Application Must 5542: "The name is not that of another group that exists already.";
}

errata! {
    5494: "default 0" => "absent leaves the limit unchanged", "the PUT changes only what it carries", "A-240";
    5519: "\"maxDevNum\": \"*******\"" => "a JSON number", "masked sample; the table has an integer", "A-25";
    5532: "appid" => "appId", "OCR in the sample", "";
    5533: "\"maxDevNum\": \"******\"" => "a JSON number", "masked sample; the table has an integer", "A-25";
    5534: "\"curDevNum\": \"*******\"" => "a JSON number", "masked sample; the table has an integer", "A-25";
    5542: "200/100602 The device group name has been used." => "not for a group that keeps its own name", "the name is required in every PUT", "A-241";
    5543: "200/100603 The device group is not existed" => "HTTP 200 with an error body, literally", "a missing group is answered with a success status, but five tables agree", "A-239";
}
