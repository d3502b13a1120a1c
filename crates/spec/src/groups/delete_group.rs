//! 1.11.2 Delete a device group. Lines 5426 to 5469.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(DeleteGroup);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.11.2",
    name: "delete_group",
    title: "Delete a device group",
    chapter: Chapter::Groups,
    lines: (5426, 5469),
    method: Method::Delete,
    path: "/iocm/app/devgroup/v1.3.0/devGroups/{devGroupId}",
    uri_line: 5435,
    success_status: 200,
    success_line: 5448,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5441).required()),
        header(string("Authorization", "String", 5442).required()),
        path(string("devGroupId", "String", 5443).required()),
        query(string("accessAppId", "String", 5444)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteGroup:
    APPLICATION_NOT_EXISTED = 200, "100203", "The application is not existed.", 5460;
    NOT_AUTHORIZED = 200, "100217", "The application hasn't been authorized", 5461;
    GROUP_NOT_EXISTED = 200, "100603", "The device group is not existed", 5462;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5465;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5466;
    INTERNAL = 500, "50252", "Internal server error.", 5467;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `devGroupId`, line 5443.
    pub dev_group_id: String,
    /// `accessAppId`, line 5444.
    pub access_app_id: Option<String>,
}

rules! {
    "delete-unneeded" = Application May 5430: "An application may delete a group that it does not need any more, so that the platform does not keep the information of the group any longer.";
    "group-id-from-create" = Application Must 5443: "devGroupId is the id that the platform returned when the group was created (1.11.1).";
}

errata! {
    5462: "200/100603 The device group is not existed" => "HTTP 200 with an error body, literally", "a missing group is answered with a success status, but five tables agree", "A-239";
}
