//! 1.11.6 Query the members of a device group. Lines 5704 to 5761.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, InputRefusals, Kind, Method, Operation, array, header, integer, query, string,
};
use crate::universal;

clause!(QueryGroupMembers);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.6",
    name: "query_group_members",
    title: "Query the members of a device group",
    chapter: Chapter::Groups,
    lines: (5704, 5761),
    method: Method::Get,
    path: "/iocm/app/dm/v1.2.0/devices/ids",
    uri_line: 5713,
    success_status: 200,
    success_line: 5730,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5719).required()),
        header(string("Authorization", "String", 5720).required()),
        query(string("devGroupId", "String", 5721).required()),
        query(string("appId", "String", 5722).alias("accessAppId")),
        query(integer("pageNo", "Integer", 5725).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer(1000)", 5726).min(1).max(1000).default(Fallback::Integer(10))),
    ],
    response: &[
        integer("totalCount", "long", 5733),
        integer("pageNo", "long", 5734),
        integer("pageSize", "long", 5735),
        array("deviceIds", &Kind::String, "List<string>", 5736),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryGroupMembers:
    SERVICE_ID_NOT_EXISTED = 400, "107001", "The serviceId is not exist.", 5751;
    PROPERTIES_EMPTY = 400, "107002", "The properties is empty in database.", 5752;
    PROPERTY_UNKNOWN = 400, "107003", "The request properties is unknown.", 5753;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5754;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 5755;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5756;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5757;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5758;
    INTERNAL = 500, "50252", "Internal server error.", 5759;
    => unlisted:
    GROUP_NOT_EXISTED = crate::universal::GROUP_NOT_EXISTED, "A-246";
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `devGroupId`, line 5721.
    pub dev_group_id: String,
    /// `appId`, line 5722.
    pub app_id: Option<String>,
    /// `pageNo`, line 5725.
    pub page_no: Option<i64>,
    /// `pageSize`, line 5726.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `totalCount`, line 5733.
    pub total_count: i64,
    /// `pageNo`, line 5734.
    pub page_no: i64,
    /// `pageSize`, line 5735.
    pub page_size: i64,
    /// `deviceIds`, line 5736.
    pub device_ids: Vec<String>,
}

rules! {
    "query-members" = Application May 5708: "An application may query the list of the devices in a given group.";
    "group-id-from-create" = Application Must 5721: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
    "first-page-zero" = Platform Must 5725: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 5733: "totalCount is the number of all devices in the group and not only of those on the page.";
}

errata! {
    5722: "appId is needed when members of a group of an authorised application are created" => "when they are queried", "copied from another call; nothing is created here", "";
    5726: "Integer(1000), range from 1" => "1 to 1000", "the type cell bounds the value", "A-245";
    5736: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    5742: "accessAppId" => "appId (accessAppId is accepted too)", "the sample differs from the table", "A-237";
    5748: "heading of the response sample without a sample" => "no sample; only the table binds", "missing from the text", "";
    5751: "400/107001" => "never emitted; an unknown group is 200/100603", "row copied from another call", "A-246";
    5752: "400/107002" => "never emitted", "row copied from another call", "A-246";
    5753: "400/107003" => "never emitted", "row copied from another call", "A-246";
}
