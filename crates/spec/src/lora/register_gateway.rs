//! 1.5.10 Register a LoRa gateway. Lines 1339 to 1427.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Format, InputRefusals, Method, Operation, body, header, string};
use crate::universal;

clause!(RegisterGateway);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.10",
    name: "register_gateway",
    title: "Register a LoRa gateway",
    chapter: Chapter::Lora,
    lines: (1339, 1427),
    method: Method::Post,
    path: "/api/v3.0/devices/lora/gateway",
    uri_line: 1352,
    success_status: 201,
    success_line: 1395,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1358).required()),
        header(string("Authorization", "String", 1359).required()),
        body(string("ownerAppId", "String(36)", 1360).max_len(36)),
        body(string("loraServerId", "String", 1361).required()),
        body(string("productId", "String", 1362).required()),
        body(string("gatewayEUI", "String", 1363).required().len(16, 16).format(Format::Hex)),
        body(string("name", "String", 1364).required()),
        body(string("gatewaySeq", "String", 1365).len(32, 32).format(Format::Hex)),
    ],
    response: &[
        string("deviceId", "String", 1368),
        string("loraServerId", "String", 1369),
        string("productId", "String", 1370),
        string("gatewayEUI", "String", 1371).len(16, 16).format(Format::Hex),
        string("name", "String", 1372),
        string("gatewaySeq", "String", 1373).len(32, 32).format(Format::Hex),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { RegisterGateway:
    PRODUCT_NOT_EXISTED = 400, "106018", "the product not exist.", 1412;
    GATEWAY_EXISTS = 400, "1200013", "The LoRa gateway already exists.", 1415;
    LORA_SERVER_FAILED = 400, "1200014", "The LoRa Server processing failed:%", 1416;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1417;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed. The application does not have edit permission.", 1418;
    LORA_SERVER_OFFLINE = 403, "1200006", "The operation is not allowed. The LoRa Server is not online.", 1419;
    PROTOCOL_NOT_LORAWAN = 403, "1200007", "The operation is not allowed. The protocol of the product model is not LoRaWAN.", 1420;
    DEVICE_TYPE_NOT_LORA_GATEWAY = 403, "1200015", "The operation is not allowed. The deviceType of the product model must be LoRaGateway.", 1421;
    GATEWAY_EUI_DUPLICATED = 403, "1200019", "The operation is not allowed. The gatewayEUI is duplicated.", 1422;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1423;
    LORA_SERVER_NOT_EXISTED = 404, "1200017", "The LoRa Server is not existed.", 1424;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1425;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1426;
    GATEWAY_REGISTRATION_FAILED = 500, "1200001", "Failed to register the LoRa gateway.", 1427;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `ownerAppId`, line 1360.
    pub owner_app_id: Option<String>,
    /// `loraServerId`, line 1361.
    pub lora_server_id: String,
    /// `productId`, line 1362.
    pub product_id: String,
    /// `gatewayEUI`, line 1363.
    #[serde(rename = "gatewayEUI")]
    pub gateway_eui: String,
    /// `name`, line 1364.
    pub name: String,
    /// `gatewaySeq`, line 1365.
    pub gateway_seq: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1368.
    pub device_id: String,
    /// `loraServerId`, line 1369.
    pub lora_server_id: Option<String>,
    /// `productId`, line 1370.
    pub product_id: Option<String>,
    /// `gatewayEUI`, line 1371.
    #[serde(rename = "gatewayEUI")]
    pub gateway_eui: Option<String>,
    /// `name`, line 1372.
    pub name: Option<String>,
    /// `gatewaySeq`, line 1373.
    pub gateway_seq: Option<String>,
}

rules! {
    "lora-server-online-first" = Application Must 1343: "A LoRa gateway is registered after its loraServer gateway has come online.";
    "owner-app-id-when-authorised" = Application Must 1360: "ownerAppId is given when the LoRa gateway is added under an application that has authorised the caller.";
    "lora-server-id-assigned" = Platform Must 1361: "The platform assigns the loraServerId by which a LoRa Server is attached.";
    "gateway-eui-unique" = Application Must 1363: "A gatewayEUI identifies exactly one LoRa gateway.";
    "gateway-seq-source" = Application Must 1365: "gatewaySeq is the value that the LoRa service provider generated together with the gatewayEUI.";
    "device-id-assigned" = Platform Must 1368: "The platform assigns the deviceId at registration, and no two devices have the same one.";
}

errata! {
    1366: "no heading and no status line between the request table and the response table" => "response parameters, status 201", "The heading is lost; only the sample (1395) and the error table (1411) state the status.", "";
    1381: "Authorization: *******" => "Authorization: Bearer *******", "Line 1359 demands the word Bearer.", "";
    1410: "no heading above the error table" => "error codes", "The heading is lost.", "";
    1415: "blank status cells (1415-1427)" => "the status of the row above", "Merged cells, broken across the page.", "A-98";
    1416: "The LoRa Server processing failed:%" => "a prefix; the LoRa Server's reason follows", "The placeholder is cut off.", "A-95";
}
