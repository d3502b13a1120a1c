//! 1.12.1 Query the version packages. Lines 5891 to 5993.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, Field, Format, InputRefusals, Kind, Method, Operation, array, header, integer, query,
    string,
};
use crate::wire::FileType;

clause!(QueryPackages);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.12.1",
    name: "query_packages",
    title: "Query the version packages",
    chapter: Chapter::Upgrades,
    lines: (5891, 5993),
    method: Method::Get,
    path: "/iodm/northbound/v1.5.0/category",
    uri_line: 5900,
    success_status: 200,
    success_line: 5918,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 5906).required()),
        header(string("Authorization", "String", 5907).required()),
        query(string("fileType", "String(256)", 5908).max_len(256).one_of(FileType::VALUES)),
        query(string("deviceType", "String(256)", 5909).max_len(256)),
        query(string("model", "String(256)", 5910).max_len(256)),
        query(string("manufacturerName", "String(256)", 5911).max_len(256)),
        query(string("version", "String(256)", 5912).max_len(256)),
        query(integer("pageNo", "Integer", 5913).min(0).default(Fallback::Integer(0))),
        query(integer("pageSize", "Integer", 5914).min(1).max(100).default(Fallback::Integer(10))),
    ],
    response: &[
        array("data", &Kind::Object, "List<CategoryInfo>", 5921).members(CATEGORY_INFO),
        integer("pageNo", "Integer", 5922),
        integer("pageSize", "Integer", 5923),
        integer("totalCount", "Integer", 5924),
    ],
    errors: error::TABLE,
    input: InputRefusals {
        out_of_range: error::PAGE_BEYOND_LIMIT.row(),
        ..InputRefusals::all(error::BAD_REQUEST.row())
    },
    rules: RULES,
    errata: ERRATA,
};

/// Members of `data` (List<CategoryInfo>).
pub(crate) const CATEGORY_INFO: &[Field] = &[
    string("fileId", "String", 5929),
    string("name", "String", 5930),
    string("version", "String", 5931),
    string("fileType", "String", 5932).one_of(FileType::VALUES),
    string("deviceType", "String", 5935),
    string("model", "String", 5936),
    string("manufacturerName", "String", 5937),
    string("protocolType", "String", 5938),
    string("description", "String", 5939),
    string("date", "String", 5940).format(Format::Date),
    string("uploadTime", "String", 5941).format(Format::UtcTime),
];

errors! { QueryPackages:
    BAD_REQUEST = 400, "120015", "Bad request error.", 5985;
    PAGE_BEYOND_LIMIT = 400, "123029", "pageNo or pageSize beyond the limit.", 5986;
    THROTTLED = 403, "1010009", "app throttle exceed.", 5987;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 5988;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `fileType`, line 5908.
    pub file_type: Option<FileType>,
    /// `deviceType`, line 5909.
    pub device_type: Option<String>,
    /// `model`, line 5910.
    pub model: Option<String>,
    /// `manufacturerName`, line 5911.
    pub manufacturer_name: Option<String>,
    /// `version`, line 5912.
    pub version: Option<String>,
    /// `pageNo`, line 5913.
    pub page_no: Option<i64>,
    /// `pageSize`, line 5914.
    pub page_size: Option<i64>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `data`, line 5921.
    pub data: Vec<CategoryInfo>,
    /// `pageNo`, line 5922.
    pub page_no: i64,
    /// `pageSize`, line 5923.
    pub page_size: i64,
    /// `totalCount`, line 5924.
    pub total_count: i64,
}

/// `data`: List<CategoryInfo>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct CategoryInfo {
    /// `fileId`, line 5929.
    pub file_id: Option<String>,
    /// `name`, line 5930.
    pub name: Option<String>,
    /// `version`, line 5931.
    pub version: Option<String>,
    /// `fileType`, line 5932.
    pub file_type: Option<FileType>,
    /// `deviceType`, line 5935.
    pub device_type: Option<String>,
    /// `model`, line 5936.
    pub model: Option<String>,
    /// `manufacturerName`, line 5937.
    pub manufacturer_name: Option<String>,
    /// `protocolType`, line 5938.
    pub protocol_type: Option<String>,
    /// `description`, line 5939.
    pub description: Option<String>,
    /// `date`, line 5940.
    pub date: Option<String>,
    /// `uploadTime`, line 5941.
    pub upload_time: Option<String>,
}

rules! {
    "check-before-upgrade" = Application May 5895: "Before an upgrade an application may query the uploaded packages, by conditions, to be sure that the wanted one is on the platform.";
    "first-page-zero" = Platform Must 5913: "The platform counts pages from 0: page 0 is the first one.";
    "total-count-all" = Platform Must 5924: "totalCount is the number of all records of the result and not only of those on the page.";
}

errata! {
    5921: "List <categoryl nfo=\"\"></categoryl>" => "List<CategoryInfo>", "the type was taken for a markup tag", "";
    5940: "date without a format" => "yyyy-MM-dd", "the format is in the samples only", "A-253";
    5948: "manufactureName" => "manufacturerName", "the table wins over the sample", "A-252";
    5958: "response sample that starts in the middle of an item" => "status line, header and first members as in the table", "cut off in the text", "";
    5972: "\" 2017-11-11\"" => "\"2017-11-11\"", "stray blank in the sample", "A-253";
    5986: "description of the error and its explanation in one cell" => "pageNo or pageSize beyond the limit.", "columns run together", "";
}
