//! 1.11.1 Create a device group. Lines 5365 to 5424.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Format, InputRefusals, Kind, Method, Operation, array, body, header, integer, string,
};

clause!(CreateGroup);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.1",
    name: "create_group",
    title: "Create a device group",
    chapter: Chapter::Groups,
    lines: (5365, 5424),
    method: Method::Post,
    path: "/iocm/app/devgroup/v1.3.0/devGroups",
    uri_line: 5378,
    success_status: 200,
    success_line: 5394,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5384).required()),
        header(string("Authorization", "String", 5385).required()),
        body(string("name", "String(1-50)", 5386).required().len(1, 50).format(Format::Alphanumeric)),
        body(string("description", "String(1024)", 5387).max_len(1024)),
        body(string("appId", "String(50)", 5388).max_len(50)),
        body(integer("maxDevNum", "Integer(>=0)", 5389).min(0).default(Fallback::Integer(0))),
        body(array("deviceIds", &Kind::String, "List<string>", 5390)),
    ],
    response: &[
        string("name", "String(50)", 5397).max_len(50),
        string("description", "String(1024)", 5398).max_len(1024),
        string("id", "String(50)", 5399).max_len(50),
        string("appId", "String(50)", 5400).max_len(50),
        integer("maxDevNum", "Integer(>=0)", 5401).min(0),
        integer("curDevNum", "Integer", 5402),
        array("deviceIds", &Kind::String, "List<string>", 5403),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { CreateGroup:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5412;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 5413;
    GROUP_NAME_USED = 200, "100602", "The device group name has been used.", 5414;
    GROUP_LIMIT_REACHED = 200, "100607", "The devGroup has reached the limit.", 5415;
    TOO_MANY_DEVICES = 400, "100609", "Too much devices to add.", 5418;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 5419;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5420;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5421;
    INTERNAL = 500, "50252", "Internal server error.", 5422;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `name`, line 5386.
    pub name: String,
    /// `description`, line 5387.
    pub description: Option<String>,
    /// `appId`, line 5388.
    pub app_id: Option<String>,
    /// `maxDevNum`, line 5389.
    pub max_dev_num: Option<i64>,
    /// `deviceIds`, line 5390.
    pub device_ids: Option<Vec<String>>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `name`, line 5397.
    pub name: Option<String>,
    /// `description`, line 5398.
    pub description: Option<String>,
    /// `id`, line 5399.
    pub id: Option<String>,
    /// `appId`, line 5400.
    pub app_id: String,
    /// `maxDevNum`, line 5401.
    pub max_dev_num: Option<i64>,
    /// `curDevNum`, line 5402.
    pub cur_dev_num: Option<i64>,
    /// `deviceIds`, line 5403.
    pub device_ids: Vec<String>,
}

rules! {
    "group-as-target" = Application May 5369: "An application may sort devices into groups and let a group name the devices of an operation such as a software or firmware upgrade or a batch of commands.";
    "one-group-per-device" = Platform Must 5373: "A device can belong to one group only.";
    "name-letters-digits" = Application Must 5386: "A group name consists of upper-case and lower-case letters and digits only.";
    "zero-unlimited" = Platform Must 5389: "With maxDevNum 0 the platform does not limit the number of devices in the group.";
    "initial-members" = Platform Must 5390: "The platform makes the devices listed in deviceIds members of the new group.";
    "cur-dev-num" = Platform Must 5402: "curDevNum is the number of devices that the group has at present.";
    "group-name-unused" = Application Must 5414: "The name is not that of a group that exists already.";
    "group-quota" = Platform Must 5415: "The platform limits the number of groups to the upper limit of the license.";
    "members-fit" = Application Must 5418: "The number of ids in deviceIds is within maxDevNum.";
}

errata! {
    5389: "default minimum value 0" => "default 0, which means no limit", "default and minimum run together; 1.11.3 says default value 0", "A-233";
    5390: "List <stri ng></stri" => "List<String>", "the type was taken for a markup tag", "";
    5403: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    5407: "request sample that stops after app_key" => "Authorization header and JSON body follow, as in the tables", "missing from the text", "";
    5409: "heading of the response sample without a sample" => "no sample; only the table binds", "missing from the text", "";
}
