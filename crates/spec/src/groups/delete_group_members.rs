//! 1.11.8 Delete members from a device group. Lines 5816 to 5887.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Kind, Method, Operation, array, body, header, query, string};

clause!(DeleteGroupMembers);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.8",
    name: "delete_group_members",
    title: "Delete members from a device group",
    chapter: Chapter::Groups,
    lines: (5816, 5887),
    method: Method::Post,
    path: "/iocm/app/dm/v1.1.0/devices/deleteDevGroupTagFromDevices",
    uri_line: 5825,
    success_status: 200,
    success_line: 5839,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5831).required()),
        header(string("Authorization", "String", 5832).required()),
        query(string("accessAppId", "String", 5833)),
        body(string("devGroupId", "String(1-50)", 5834).required().len(1, 50)),
        body(array("deviceIds", &Kind::String, "List<string>(1000)", 5835).required().max_len(1000)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(error::INPUT_INVALID.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteGroupMembers:
    GROUP_FULL = 200, "100601", "The number of device in the group has reach the max.", 5866;
    GROUP_NOT_EXISTED = 200, "100603", "The device group is not existed.", 5867;
    GROUP_PARAMETER_INVALID = 400, "100604", "The device group request parameter is invalid.", 5868;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 5869;
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 5870;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 5871;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5874;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5876;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 5878;
    INTERNAL = 500, "50252", "Internal server error.", 5882;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `accessAppId`, line 5833.
    pub access_app_id: Option<String>,
    /// `devGroupId`, line 5834.
    pub dev_group_id: String,
    /// `deviceIds`, line 5835.
    pub device_ids: Vec<String>,
}

rules! {
    "remove-members" = Application May 5820: "An application may remove from a group one or more devices that do not belong to it any more.";
    "group-id-from-create" = Application Must 5834: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
}

errata! {
    5835: "List <string >(1000)</string" => "List<String>(1000)", "the type was taken for a markup tag", "";
    5856: "comma after the last item" => "no comma", "invalid JSON in the sample", "";
    5866: "200/100601 The number of device in the group has reach the max." => "never emitted", "a removal cannot exceed the limit; row copied from 1.11.7", "A-250";
    5867: "200/100603 The device group is not existed" => "HTTP 200 with an error body, literally", "a missing group is answered with a success status, but five tables agree", "A-239";
    5868: "400/100604, advice also to check whether the group is full" => "a device that is not a member", "advice copied from 1.11.7", "A-249";
    5878: "\"100203 The application is not existed\" in one cell" => "code 100203 with its text", "columns run together", "";
    5879: "CAISCCA." => "existed. (end of the error text of line 5878)", "OCR of the wrapped word", "";
}
