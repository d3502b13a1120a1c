//! 1.5.13 Delete a LoRa gateway. Lines 1630 to 1677.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, header, path, query, string};
use crate::universal;

clause!(DeleteGateway);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.13",
    name: "delete_gateway",
    title: "Delete a LoRa gateway",
    chapter: Chapter::Lora,
    lines: (1630, 1677),
    method: Method::Delete,
    path: "/api/v3.0/devices/lora/gateway/{deviceId}",
    uri_line: 1645,
    success_status: 204,
    success_line: 1664,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1651).required()),
        header(string("Authorization", "String", 1652).required()),
        path(string("deviceId", "String", 1653).required()),
        query(string("ownerAppId", "String(36)", 1654).max_len(36)),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteGateway:
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1668;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed. The application does not have edit permission.", 1669;
    LORA_SERVER_OFFLINE = 403, "1200006", "The operation is not allowed. The LoRa Server is not online.", 1670;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1673;
    GATEWAY_NOT_EXISTED = 404, "1200003", "The LoRa gateway does not exist.", 1674;
    LORA_SERVER_NOT_EXISTED = 404, "1200017", "The LoRa Server is not existed.", 1675;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1676;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1677;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 1653.
    pub device_id: String,
    /// `ownerAppId`, line 1654.
    pub owner_app_id: Option<String>,
}

rules! {
    "gateway-deleted" = Platform Must 1634: "The LoRa gateway that the path names is deleted.";
    "owner-app-id-when-authorised" = Application Must 1654: "ownerAppId is given when the LoRa gateway belongs to an application that has authorised the caller.";
}

errata! {
    1660: "Authorization: *******" => "Authorization: Bearer *******", "Line 1652 demands the word Bearer.", "";
    1666: "no heading above the error table" => "error codes", "The heading is lost.", "";
    1669: "blank status cells (1669-1677)" => "the status of the row above", "Merged cells.", "A-98";
}
