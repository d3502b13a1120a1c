//! 1.11.4 Query the device groups. Lines 5553 to 5633.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, InputRefusals, Kind, Method, Operation, array, header, integer, query, string,
};
use crate::universal;

clause!(QueryGroups);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.4",
    name: "query_groups",
    title: "Query the device groups",
    chapter: Chapter::Groups,
    lines: (5553, 5633),
    method: Method::Get,
    path: "/iocm/app/devgroup/v1.3.0/devGroups",
    uri_line: 5562,
    success_status: 200,
    success_line: 5579,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5568).required()),
        header(string("Authorization", "String", 5569).required()),
        query(string("accessAppId", "String", 5570)),
        query(integer("pageNo", "Integer", 5571).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 5574).min(1).max(500).default(Fallback::Integer(1))),
        query(string("name", "String", 5575)),
    ],
    response: &[
        integer("totalCount", "long", 5582),
        integer("pageNo", "long", 5583),
        integer("pageSize", "long", 5584),
        array("list", &Kind::Object, "List<QueryDevGroupDTOCloud2NA>", 5585).members(QUERY_DEV_GROUP_DTO_CLOUD),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

/// Members of `list` (List<QueryDevGroupDTOCloud2NA>).
pub(crate) const QUERY_DEV_GROUP_DTO_CLOUD: &[Field] = &[
    string("name", "String(50)", 5590).max_len(50),
    string("description", "String(1024)", 5591).max_len(1024),
    string("id", "String(50)", 5592).max_len(50),
    string("appId", "String(50)", 5593).max_len(50),
    integer("maxDevNum", "Integer(>=0)", 5594).min(0),
    integer("curDevNum", "Integer", 5595),
    string("creator", "String(1-50)", 5596).len(1, 50),
];

errors! { QueryGroups:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5623;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized.", 5626;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5627;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5628;
    INTERNAL = 500, "50252", "Internal server error.", 5629;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `accessAppId`, line 5570.
    pub access_app_id: Option<String>,
    /// `pageNo`, line 5571.
    pub page_no: Option<i64>,
    /// `pageSize`, line 5574.
    pub page_size: Option<i64>,
    /// `name`, line 5575.
    pub name: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 5582.
    pub total_count: i64,
    /// `pageNo`, line 5583.
    pub page_no: i64,
    /// `pageSize`, line 5584.
    pub page_size: i64,
    /// `list`, line 5585.
    pub list: Vec<QueryDevGroupDTOCloud>,
}

/// `list`: List<QueryDevGroupDTOCloud2NA>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct QueryDevGroupDTOCloud {
    /// `name`, line 5590.
    pub name: Option<String>,
    /// `description`, line 5591.
    pub description: Option<String>,
    /// `id`, line 5592.
    pub id: Option<String>,
    /// `appId`, line 5593.
    pub app_id: String,
    /// `maxDevNum`, line 5594.
    pub max_dev_num: Option<i64>,
    /// `curDevNum`, line 5595.
    pub cur_dev_num: Option<i64>,
    /// `creator`, line 5596.
    pub creator: Option<String>,
}

rules! {
    "query-all" = Application May 5557: "An application may query the list of all groups created so far.";
    "first-page-zero" = Platform Must 5571: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 5582: "totalCount is the number of all groups and not only of those on the page.";
    "name-letters-digits" = Platform Must 5590: "The group name that the platform returns consists of upper-case and lower-case letters and digits only.";
    "zero-unlimited" = Platform Must 5594: "With maxDevNum 0 the platform does not limit the number of devices in the group.";
    "cur-dev-num" = Platform Must 5595: "curDevNum is the number of devices that the group has at present.";
    "creator-is-user" = Platform Must 5596: "creator is the name of the user who created the group.";
}

errata! {
    5574: "default 1" => "1, literally", "an odd default, but stated so in 1.6.3 too", "A-242";
    5585: "List <querydevgroup DTOCloud2NA></querydevgroup" => "List<QueryDevGroupDTOCloud2NA>", "the type was taken for a markup tag", "";
    5611: "\"totalCount\": \"*******\" (also pageNo and pageSize in the next lines)" => "JSON numbers", "masked sample; the table has long", "A-25";
    5615: "\"object\"" => "an object as in the table", "placeholder in the sample", "";
}
