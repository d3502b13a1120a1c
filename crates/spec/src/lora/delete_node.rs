//! 1.5.15 Delete a LoRa node. Lines 1779 to 1824.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(DeleteNode);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.15",
    name: "delete_node",
    title: "Delete a LoRa node",
    chapter: Chapter::Lora,
    lines: (1779, 1824),
    method: Method::Delete,
    path: "/api/v3.0/devices/lora/node/{deviceId}",
    uri_line: 1792,
    success_status: 204,
    success_line: 1811,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1798).required()),
        header(string("Authorization", "String", 1799).required()),
        path(string("deviceId", "String", 1800).required()),
        query(string("ownerAppId", "String(36)", 1801).max_len(36)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteNode:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1815;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed.The application does not have edit permission.", 1816;
    LORA_SERVER_OFFLINE = 403, "1200006", "The operation is not allowed. The LoRa Server is not online.", 1819;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1820;
    NODE_NOT_EXISTED = 404, "1200002", "The LoRa node does not exist.", 1821;
    LORA_SERVER_NOT_EXISTED = 404, "1200017", "The LoRa Server is not existed.", 1822;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1823;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1824;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1800.
    pub device_id: String,
    /// `ownerAppId`, line 1801.
    pub owner_app_id: Option<String>,
}

rules! {
    "node-deleted" = Platform Must 1783: "The LoRa node that the path names is deleted.";
    "owner-app-id-when-authorised" = Application Must 1801: "ownerAppId is given when the LoRa node belongs to an application that has authorised the caller.";
}

errata! {
    1805: "$\\label{lem:decomposition} \\begin{tabular}{ll} DELETE & thtps://{host}:{port}/... \\end{tabular}$" => "DELETE https://{host}:{port}/api/v3.0/devices/lora/node/{deviceId}?ownerAppId={ownerAppId}", "OCR took the sample for a formula.", "";
    1807: "Authorization: *******" => "Authorization: Bearer *******", "Line 1799 demands the word Bearer.", "";
    1813: "no heading above the error table" => "error codes", "The heading is lost.", "";
    1816: "allowed.The" => "allowed. The", "The blank is lost; 1418 has it.", "A-19";
    1819: "blank status cells (1816-1824)" => "the status of the row above", "Merged cells, broken across the page.", "A-98";
}
