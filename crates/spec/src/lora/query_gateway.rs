//! 1.5.12 Query one LoRa gateway. Lines 1559 to 1628.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(QueryGateway);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.12",
    name: "query_gateway",
    title: "Query one LoRa gateway",
    chapter: Chapter::Lora,
    lines: (1559, 1628),
    method: Method::Get,
    path: "/api/v3.0/devices/lora/gateway/{deviceId}",
    uri_line: 1572,
    success_status: 200,
    success_line: 1604,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1578).required()),
        header(string("Authorization", "String", 1579).required()),
        path(string("deviceId", "String", 1580).required()),
        query(string("ownerAppId", "String(36)", 1581).max_len(36)),
    ],
    response: &[
        string("deviceId", "String", 1586),
        string("loraServerId", "String", 1587),
        string("productId", "String", 1588),
        string("gatewayEUI", "String", 1589).len(16, 16).format(Format::Hex),
        string("name", "String", 1590),
        string("gatewaySeq", "String", 1591).len(32, 32).format(Format::Hex),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { QueryGateway:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1623;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed.The application does not have edit permission.", 1624;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1625;
    GATEWAY_NOT_EXISTED = 404, "1200003", "The LoRa gateway does not exist.", 1626;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1627;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1628;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1580.
    pub device_id: String,
    /// `ownerAppId`, line 1581.
    pub owner_app_id: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1586.
    pub device_id: String,
    /// `loraServerId`, line 1587.
    pub lora_server_id: Option<String>,
    /// `productId`, line 1588.
    pub product_id: Option<String>,
    /// `gatewayEUI`, line 1589.
    #[serde(rename = "gatewayEUI")]
    pub gateway_eui: Option<String>,
    /// `name`, line 1590.
    pub name: Option<String>,
    /// `gatewaySeq`, line 1591.
    pub gateway_seq: Option<String>,
}

rules! {
    "owner-app-id-when-authorised" = Application Must 1581: "ownerAppId is given when the LoRa gateway belongs to an application that has authorised the caller.";
}

errata! {
    1595: "$\\label{lem:GET https://{host}:port}/... \\\\ Content-Type: application/json$" => "GET https://{host}:{port}/api/v3.0/devices/lora/gateway/{deviceId}?ownerAppId={ownerAppId}, and Content-Type: application/json on a line of its own", "OCR took the sample for a formula.", "";
    1599: "Authorization: *******" => "Authorization: Bearer *******", "Line 1579 demands the word Bearer.", "";
    1624: "allowed.The" => "allowed. The", "The blank is lost; 1418 has it.", "A-19";
    1624: "no edit permission, in a query" => "only when the authorised application has no permission at all", "A query edits nothing; copied from the writing operations.", "A-102";
    1624: "blank status cells (1624-1628)" => "the status of the row above", "Merged cells.", "A-98";
}
