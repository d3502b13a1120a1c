//! 1.5.14 Query one LoRa node. Lines 1679 to 1777.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(QueryNode);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.14",
    name: "query_node",
    title: "Query one LoRa node",
    chapter: Chapter::Lora,
    lines: (1679, 1777),
    method: Method::Get,
    path: "/api/v3.0/devices/lora/node/{deviceId}",
    uri_line: 1692,
    success_status: 200,
    success_line: 1728,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1698).required()),
        header(string("Authorization", "String", 1699).required()),
        path(string("deviceId", "String", 1700).required()),
        query(string("ownerAppId", "String(36)", 1703).max_len(36)),
    ],
    response: &[
        string("deviceId", "String", 1706),
        string("loraServerId", "String", 1707),
        string("productId", "String", 1708),
        string("devEUI", "String", 1709).len(16, 16).format(Format::Hex),
        string("name", "String", 1710),
        string("authCode", "String", 1711).len(32, 32).format(Format::Hex),
        string("appEUI", "String", 1712).len(16, 16).format(Format::Hex),
        string("deviceClass", "String", 1713),
        string("joinType", "String", 1714),
        string("appSKey", "String", 1715).len(32, 32).format(Format::Hex),
        string("devAddr", "String", 1716).len(8, 8).format(Format::Hex),
        string("nwkSKey", "String", 1717).len(32, 32).format(Format::Hex),
        string("appKey", "String", 1718).len(32, 32).format(Format::Hex),
        string("description", "String", 1719),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryNode:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1772;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed.The application does not have edit permission.", 1773;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1774;
    NODE_NOT_EXISTED = 404, "1200002", "The LoRa node does not exist.", 1775;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1776;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1777;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1700.
    pub device_id: String,
    /// `ownerAppId`, line 1703.
    pub owner_app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1706.
    pub device_id: String,
    /// `loraServerId`, line 1707.
    pub lora_server_id: Option<String>,
    /// `productId`, line 1708.
    pub product_id: Option<String>,
    /// `devEUI`, line 1709.
    #[serde(rename = "devEUI")]
    pub dev_eui: Option<String>,
    /// `name`, line 1710.
    pub name: Option<String>,
    /// `authCode`, line 1711.
    pub auth_code: Option<String>,
    /// `appEUI`, line 1712.
    #[serde(rename = "appEUI")]
    pub app_eui: Option<String>,
    /// `deviceClass`, line 1713.
    pub device_class: Option<String>,
    /// `joinType`, line 1714.
    pub join_type: Option<String>,
    /// `appSKey`, line 1715.
    pub app_s_key: Option<String>,
    /// `devAddr`, line 1716.
    pub dev_addr: Option<String>,
    /// `nwkSKey`, line 1717.
    pub nwk_s_key: Option<String>,
    /// `appKey`, line 1718.
    pub app_key: Option<String>,
    /// `description`, line 1719.
    pub description: Option<String>,
}

rules! {
    "owner-app-id-when-authorised" = Application Must 1703: "ownerAppId is given when the LoRa node belongs to an application that has authorised the caller.";
    "abp-session-keys" = Platform Must 1715: "For a node whose joinType is ABP the answer has appSKey, devAddr and nwkSKey filled in.";
    "otaa-app-key" = Platform Must 1718: "For a node whose joinType is OTAA the answer has appKey filled in.";
}

errata! {
    1683: "a stray character from the word gateway in \"query a single LoRa node\"" => "query the information of a single LoRa node", "Left over from the clause of the gateway.", "";
    1704: "no heading and no status line between the request table and the response table" => "response parameters, status 200", "The heading is lost; only the sample (1728) and the error table (1771) state the status.", "";
    1718: "appKey in Cyrillic letters" => "appKey", "OCR.", "";
    1724: "Authorization: *********" => "Authorization: Bearer *********", "Line 1699 demands the word Bearer.", "";
    1741: "a sample without name between devEUI and authCode" => "name is there", "The table lists it (1710).", "";
    1743: "a sample without nwkSKey and the closing brace, with appSKey, appKey and description repeated (1743-1765)" => "each member of the table once", "OCR; the table wins.", "A-101";
    1773: "allowed.The" => "allowed. The", "The blank is lost; 1418 has it.", "A-19";
    1773: "no edit permission, in a query" => "only when the authorised application has no permission at all", "A query edits nothing; copied from the writing operations.", "A-102";
    1773: "blank status cells (1773-1777)" => "the status of the row above", "Merged cells.", "A-98";
}
