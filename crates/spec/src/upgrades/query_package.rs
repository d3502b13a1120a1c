//! 1.12.2 Query one version package. Lines 5995 to 6080.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, header, path, string};
use crate::wire::FileType;

clause!(QueryPackage);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.2",
    name: "query_package",
    title: "Query one version package",
    chapter: Chapter::Upgrades,
    lines: (5995, 6080),
    method: Method::Get,
    path: "/iodm/northbound/v1.5.0/category/{fileId}",
    uri_line: 6004,
    success_status: 200,
    success_line: 6016,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 6010).required()),
        header(string("Authorization", "String", 6011).required()),
        path(string("fileId", "String", 6012).required()),
    ],
    response: &[
        string("fileId", "String", 6019),
        string("name", "String", 6020),
        string("version", "String", 6021),
        string("fileType", "String", 6022).one_of(FileType::VALUES),
        string("deviceType", "String", 6025),
        string("model", "String", 6026),
        string("manufacturerName", "String", 6029),
        string("protocolType", "String", 6030),
        string("description", "String", 6031),
        string("date", "String", 6032).format(Format::Date),
        string("uploadTime", "String", 6033).format(Format::UtcTime),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::BAD_REQUEST.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryPackage:
    BAD_REQUEST = 400, "120015", "Bad request error.", 6069;
    THROTTLED = 403, "1010009", "app throttle exceed.", 6072;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 6074;
    DEVICE_OR_PACKAGE_NOT_FOUND = 404, "123002", "Device or package file not found.", 6075;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `fileId`, line 6012.
    pub file_id: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `fileId`, line 6019.
    pub file_id: Option<String>,
    /// `name`, line 6020.
    pub name: Option<String>,
    /// `version`, line 6021.
    pub version: Option<String>,
    /// `fileType`, line 6022.
    pub file_type: Option<FileType>,
    /// `deviceType`, line 6025.
    pub device_type: Option<String>,
    /// `model`, line 6026.
    pub model: Option<String>,
    /// `manufacturerName`, line 6029.
    pub manufacturer_name: Option<String>,
    /// `protocolType`, line 6030.
    pub protocol_type: Option<String>,
    /// `description`, line 6031.
    pub description: Option<String>,
    /// `date`, line 6032.
    pub date: Option<String>,
    /// `uploadTime`, line 6033.
    pub upload_time: Option<String>,
}

rules! {
    "check-before-upgrade" = Application May 5999: "Before an upgrade an application may query one package by its id to be sure that it is on the platform.";
    "file-id-from-list" = Application Must 5999: "The application gets the package id from querying the list of packages (1.12.1) before this call.";
}

errata! {
    6032: "date without a format" => "yyyy-MM-dd", "the format is in the samples only", "A-253";
    6033: "\"uploadTime String\" in one cell" => "uploadTime, String", "columns run together", "";
    6056: "\"********, (also line 6057)" => "\"********\",", "quote lost in the sample", "";
    6061: "\"2015-2-2 \"" => "\"2015-02-02\"", "stray blank and missing zeros in the sample", "A-253";
}
