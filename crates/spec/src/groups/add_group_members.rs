//! 1.11.7 Add members to a device group. Lines 5763 to 5814.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Kind, Method, Operation, array, body, header, query, string};

clause!(AddGroupMembers);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.7",
    name: "add_group_members",
    title: "Add members to a device group",
    chapter: Chapter::Groups,
    lines: (5763, 5814),
    method: Method::Post,
    path: "/iocm/app/dm/v1.1.0/devices/addDevGroupTagToDevices",
    uri_line: 5776,
    success_status: 200,
    success_line: 5790,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5782).required()),
        header(string("Authorization", "String", 5783).required()),
        query(string("accessAppId", "String", 5784)),
        body(string("devGroupId", "String(1-50)", 5785).required().len(1, 50)),
        body(array("deviceIds", &Kind::String, "List<string>(1000)", 5786).required().max_len(1000)),
    ],
    response: &[
        string("devGroupId", "String(1-50)", 5793).len(1, 50),
        array("deviceIds", &Kind::String, "List<string>", 5794),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { AddGroupMembers:
    GROUP_FULL = 200, "100601", "The number of device in the group has reach the max.", 5801;
    GROUP_NOT_EXISTED = 200, "100603", "The device group is not existed.", 5802;
    GROUP_PARAMETER_INVALID = 400, "100604", "The device group request parameter is invalid.", 5805;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 5806;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5807;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 5808;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5809;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5810;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5811;
    INTERNAL = 500, "50252", "Internal server error.", 5812;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `accessAppId`, line 5784.
    pub access_app_id: Option<String>,
    /// `devGroupId`, line 5785.
    pub dev_group_id: String,
    /// `deviceIds`, line 5786.
    pub device_ids: Vec<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `devGroupId`, line 5793.
    pub dev_group_id: String,
    /// `deviceIds`, line 5794.
    pub device_ids: Vec<String>,
}

rules! {
    "add-members" = Application May 5767: "An application may add new or existing devices to a given group.";
    "check-room-first" = Application Should 5767: "Before adding devices the application should query the group (1.11.5) for its present and its largest number of devices, to be sure that there is enough room.";
    "one-group-per-device" = Platform Must 5771: "A device can belong to one group only.";
    "group-id-from-create" = Application Must 5785: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
    "group-fits" = Application Must 5801: "The number of devices in the group is within its maxDevNum.";
}

errata! {
    5786: "List <strin g>(1000)</strin" => "List<String>(1000)", "the type was taken for a markup tag", "";
    5788: "heading \"return parameters\"" => "response parameters", "named differently from the other clauses", "";
    5794: "List <string></string>" => "List<String>", "the type was taken for a markup tag", "";
    5796: "headings of the request and the response sample without samples" => "no samples; only the tables bind", "missing from the text", "";
    5802: "200/100603 The device group is not existed" => "HTTP 200 with an error body, literally", "a missing group is answered with a success status, but five tables agree", "A-239";
    5805: "400/100604, advice also to check the largest number of devices" => "100604 for a bad device id; a full group is 200/100601", "both rows name the limit", "A-247";
}
