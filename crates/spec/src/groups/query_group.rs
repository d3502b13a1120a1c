//! 1.11.5 Query one device group. Lines 5635 to 5702.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, integer, path, query, string};
use crate::universal;

clause!(QueryGroup);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.5",
    name: "query_group",
    title: "Query one device group",
    chapter: Chapter::Groups,
    lines: (5635, 5702),
    method: Method::Get,
    path: "/iocm/app/devgroup/v1.3.0/devGroups/{devGroupId}",
    uri_line: 5644,
    success_status: 200,
    success_line: 5657,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5650).required()),
        header(string("Authorization", "String", 5651).required()),
        path(string("devGroupId", "String", 5652).required()),
        query(string("accessAppId", "String", 5653)),
    ],
    response: &[
        string("name", "String(50)", 5660).max_len(50),
        string("description", "String(1024)", 5661).max_len(1024),
        string("id", "String(50)", 5662).max_len(50),
        string("appId", "String(50)", 5663).max_len(50),
        integer("maxDevNum", "Integer(>=0)", 5664).min(0),
        integer("curDevNum", "Integer", 5665),
        string("creator", "String(1-50)", 5668).len(1, 50),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryGroup:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5693;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 5694;
    GROUP_NOT_EXISTED = 200, "100603", "The device group is not existed.", 5695;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5696;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5699;
    INTERNAL = 500, "50252", "Internal server error.", 5700;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `devGroupId`, line 5652.
    pub dev_group_id: String,
    /// `accessAppId`, line 5653.
    pub access_app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `name`, line 5660.
    pub name: Option<String>,
    /// `description`, line 5661.
    pub description: Option<String>,
    /// `id`, line 5662.
    pub id: Option<String>,
    /// `appId`, line 5663.
    pub app_id: String,
    /// `maxDevNum`, line 5664.
    pub max_dev_num: Option<i64>,
    /// `curDevNum`, line 5665.
    pub cur_dev_num: Option<i64>,
    /// `creator`, line 5668.
    pub creator: Option<String>,
}

rules! {
    "query-one" = Application May 5639: "An application may query the information of one group to see how the group is used.";
    "group-id-from-create" = Application Must 5652: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
    "name-letters-digits" = Platform Must 5660: "The group name that the platform returns consists of upper-case and lower-case letters and digits only.";
    "cur-dev-num" = Platform Must 5665: "curDevNum is the number of devices that the group has at present.";
    "creator-is-user" = Platform Must 5668: "creator is the name of the user who created the group.";
}

errata! {
    5686: "\"maxDevNum\": \"******\"" => "a JSON number", "masked sample; the table has an integer", "A-25";
    5687: "\"curDevNum\": \"******\"" => "a JSON number", "masked sample; the table has an integer", "A-25";
    5688: "comma after the last member" => "no comma", "invalid JSON in the sample", "";
    5695: "200/100603 The device group is not existed" => "HTTP 200 with an error body, literally", "a missing group is answered with a success status, but five tables agree", "A-239";
}
