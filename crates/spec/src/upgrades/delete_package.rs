//! 1.12.3 Delete a version package. Lines 6082 to 6128.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, string};

clause!(DeletePackage);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.3",
    name: "delete_package",
    title: "Delete a version package",
    chapter: Chapter::Upgrades,
    lines: (6082, 6128),
    method: Method::Delete,
    path: "/iodm/northbound/v1.5.0/category/{fileId}",
    uri_line: 6091,
    success_status: 200,
    success_line: 6105,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6097).required()),
        header(string("Authorization", "String", 6100).required()),
        path(string("fileId", "String", 6101).required()),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(error::BAD_REQUEST.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeletePackage:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6120;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6121;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6122;
    DEVICE_OR_PACKAGE_NOT_FOUND = 404, "123002", "Device or package file not found.", 6123;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `fileId`, line 6101.
    pub file_id: String,
}

rules! {
    "delete-unneeded" = Application May 6086: "An application may delete from the platform, by its id, a package that need not be kept any more.";
    "file-id-from-list" = Application Must 6086: "The application gets the package id from querying the list of packages (1.12.1) before this call.";
}

errata! {}
