//! 1.5.11 Register a LoRa node. Lines 1429 to 1557.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, Fallback, Format, InputRefusals, Method, Operation, body, header, string};
use crate::universal;

clause!(RegisterNode);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.11",
    name: "register_node",
    title: "Register a LoRa node",
    chapter: Chapter::Lora,
    lines: (1429, 1557),
    method: Method::Post,
    path: "/api/v3.0/devices/lora/node",
    uri_line: 1442,
    success_status: 201,
    success_line: 1512,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 1448).required()),
        header(string("Authorization", "String", 1449).required()),
        body(string("ownerAppId", "String(36)", 1450).max_len(36)),
        body(string("loraServerId", "String", 1451).required()),
        body(string("productId", "String", 1452).required()),
        body(string("devEUI", "String", 1453).required().len(16, 16).format(Format::Hex)),
        body(string("name", "String", 1454).required()),
        body(string("authCode", "String", 1455).len(32, 32).format(Format::Hex)),
        body(string("appEUI", "String", 1456).required().len(16, 16).format(Format::Hex)),
        body(string("deviceClass", "String", 1457).default(Fallback::Text("classA"))),
        body(string("joinType", "String", 1458).default(Fallback::Text("OTAA"))),
        body(string("appSKey", "String", 1459).conditional("joinType is ABP").len(32, 32).format(Format::Hex)),
        body(string("devAddr", "String", 1460).conditional("joinType is ABP").len(8, 8).format(Format::Hex)),
        body(string("nwkSKey", "String", 1463).conditional("joinType is ABP").len(32, 32).format(Format::Hex)),
        body(
            string("appKey", "String", 1464).conditional("joinType is OTAA or absent").len(32, 32).format(Format::Hex),
        ),
        body(string("description", "String", 1465)),
    ],
    response: &[
        string("deviceId", "String", 1468),
        string("loraServerId", "String", 1469),
        string("productId", "String", 1470),
        string("devEUI", "String", 1471).len(16, 16).format(Format::Hex),
        string("name", "String", 1472),
        string("authCode", "String", 1473).len(32, 32).format(Format::Hex),
        string("appEUI", "String", 1474).len(16, 16).format(Format::Hex),
        string("deviceClass", "String", 1475),
        string("joinType", "String", 1476),
        string("appSKey", "String", 1477).len(32, 32).format(Format::Hex),
        string("devAddr", "String", 1478).len(8, 8).format(Format::Hex),
        string("nwkSKey", "String", 1479).len(32, 32).format(Format::Hex),
        string("appKey", "String", 1480).len(32, 32).format(Format::Hex),
        string("description", "String", 1481),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { RegisterNode:
    PRODUCT_NOT_EXISTED = 400, "106018", "the product not exist.", 1538;
    APP_KEY_EMPTY = 400, "1200008", "Invalid input. The appKey cannot be empty.", 1539;
    APP_S_KEY_EMPTY = 400, "1200009", "Invalid input. The appSKey cannot be empty.", 1540;
    NWK_S_KEY_EMPTY = 400, "1200010", "Invalid input. The nwkSKey cannot be empty.", 1541;
    DEV_ADDR_EMPTY = 400, "1200011", "Invalid input. The devAddr cannot be empty.", 1542;
    NODE_EXISTS = 400, "1200012", "The LoRa node already exists.", 1545;
    LORA_SERVER_FAILED = 400, "1200014", "The LoRa Server processing failed:%", 1546;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1547;
    NO_EDIT_PERMISSION = 403, "100249", "The operation is not allowed. The application does not have edit permission.", 1548;
    LORA_SERVER_OFFLINE = 403, "1200006", "The operation is not allowed. The LoRa Server is not online.", 1549;
    PROTOCOL_NOT_LORAWAN = 403, "1200007", "The operation is not allowed. The protocol of the product model is not LoRaWAN.", 1550;
    DEVICE_TYPE_LORA_GATEWAY = 403, "1200016", "The operation is not allowed. The deviceType of the product model cannot be LoRaGateway.", 1551;
    DEV_EUI_DUPLICATED = 403, "1200018", "The operation is not allowed. The devEUI is duplicated.", 1552;
    APPLICATION_NOT_EXISTED = 404, "100203", "The application is not existed.", 1553;
    LORA_SERVER_NOT_EXISTED = 404, "1200017", "The LoRa Server is not existed.", 1554;
    SERVICE_INTERNAL = 500, "100001", "Internal server error.", 1555;
    APP_KEY_MISSING = 500, "100220", "Get AppKey from header failed.", 1556;
    NODE_REGISTRATION_FAILED = 500, "1200000", "Failed to register the LoRa node.", 1557;
    => unlisted:
    INPUT_INVALID = crate::universal::INPUT_INVALID, "A-100";
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `ownerAppId`, line 1450.
    pub owner_app_id: Option<String>,
    /// `loraServerId`, line 1451.
    pub lora_server_id: String,
    /// `productId`, line 1452.
    pub product_id: String,
    /// `devEUI`, line 1453.
    #[serde(rename = "devEUI")]
    pub dev_eui: String,
    /// `name`, line 1454.
    pub name: String,
    /// `authCode`, line 1455.
    pub auth_code: Option<String>,
    /// `appEUI`, line 1456.
    #[serde(rename = "appEUI")]
    pub app_eui: String,
    /// `deviceClass`, line 1457.
    pub device_class: Option<String>,
    /// `joinType`, line 1458.
    pub join_type: Option<String>,
    /// `appSKey`, line 1459.
    pub app_s_key: Option<String>,
    /// `devAddr`, line 1460.
    pub dev_addr: Option<String>,
    /// `nwkSKey`, line 1463.
    pub nwk_s_key: Option<String>,
    /// `appKey`, line 1464.
    pub app_key: Option<String>,
    /// `description`, line 1465.
    pub description: Option<String>,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `deviceId`, line 1468.
    pub device_id: String,
    /// `loraServerId`, line 1469.
    pub lora_server_id: Option<String>,
    /// `productId`, line 1470.
    pub product_id: Option<String>,
    /// `devEUI`, line 1471.
    #[serde(rename = "devEUI")]
    pub dev_eui: Option<String>,
    /// `name`, line 1472.
    pub name: Option<String>,
    /// `authCode`, line 1473.
    pub auth_code: Option<String>,
    /// `appEUI`, line 1474.
    #[serde(rename = "appEUI")]
    pub app_eui: Option<String>,
    /// `deviceClass`, line 1475.
    pub device_class: Option<String>,
    /// `joinType`, line 1476.
    pub join_type: Option<String>,
    /// `appSKey`, line 1477.
    pub app_s_key: Option<String>,
    /// `devAddr`, line 1478.
    pub dev_addr: Option<String>,
    /// `nwkSKey`, line 1479.
    pub nwk_s_key: Option<String>,
    /// `appKey`, line 1480.
    pub app_key: Option<String>,
    /// `description`, line 1481.
    pub description: Option<String>,
}

rules! {
    "lora-server-online-first" = Application Must 1433: "A LoRa node is registered after the loraServer gateway has come online.";
    "owner-app-id-when-authorised" = Application Must 1450: "ownerAppId is given when the LoRa node is added under an application that has authorised the caller.";
    "lora-server-id-assigned" = Platform Must 1451: "The platform assigns the loraServerId by which a LoRa Server is attached.";
    "dev-eui-unique" = Application Must 1453: "A devEUI identifies exactly one LoRa node.";
    "auth-code-source" = Application Must 1455: "authCode is the value that the LoRa service provider generated together with the devEUI.";
    "app-eui-unique" = Application Must 1456: "An appEUI identifies exactly one LoRa application.";
    "abp-session-keys" = Application Must 1459: "With joinType ABP the request carries appSKey, devAddr and nwkSKey.";
    "otaa-app-key" = Application Must 1464: "With joinType OTAA the request carries appKey.";
    "device-id-assigned" = Platform Must 1468: "The platform assigns the deviceId at registration, and no two devices have the same one.";
}

errata! {
    1457: "classA as the only value named" => "classA, classB or classC", "The text gives no closed value list; LoRaWAN has three classes.", "A-100";
    1458: "OTAA as the only value named here, ABP in 1459-1463" => "OTAA or ABP", "The text gives no closed value list.", "A-100";
    1459: "appSKey optional" => "obligatory with joinType ABP", "Error row 1200009.", "A-99";
    1460: "devAddr optional" => "obligatory with joinType ABP", "Error row 1200011.", "A-99";
    1463: "nwkSKey optional" => "obligatory with joinType ABP", "Error row 1200010.", "A-99";
    1464: "appKey optional" => "obligatory with joinType OTAA or without joinType", "Error row 1200008; OTAA is the default (1458).", "A-99";
    1464: "appKey in Cyrillic letters" => "appKey", "OCR.", "";
    1466: "no heading and no status line between the request table and the response table" => "response parameters, status 201", "The heading is lost; only the sample (1512) and the error table (1537) state the status.", "";
    1480: "appKey in Cyrillic letters" => "appKey", "OCR.", "";
    1489: "Authorization: *******" => "Authorization: Bearer *******", "Line 1449 demands the word Bearer.", "";
    1494: "a request sample without devEUI" => "devEUI is obligatory", "The table (1453) has it as required.", "A-101";
    1500: "appSkey" => "appSKey", "OCR; the table's spelling counts.", "A-101";
    1501: "napSkey, and newSkey three times (1502-1504)" => "devAddr and nwkSKey", "OCR; the table's names count.", "A-101";
    1507: "\"des" => "the end of the sample", "OCR repeated and cut the last member.", "A-101";
    1530: "nwkSKey and appKey twice each (1529-1532)" => "once each", "OCR.", "A-101";
    1533: "\"stri" => "\"string\" and the closing brace", "The sample is cut off.", "A-101";
    1536: "no heading above the error table" => "error codes", "The heading is lost.", "";
    1545: "blank status cells (1539-1557)" => "the status of the row above", "Merged cells, broken across the page.", "A-98";
    1546: "The LoRa Server processing failed:%" => "a prefix; the LoRa Server's reason follows", "The placeholder is cut off.", "A-95";
}
