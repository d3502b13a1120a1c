//! 1.5.5 Delete a device. Lines 963 to 1010.

use serde::{Deserialize, Serialize};

use crate::model::{
    Chapter, Encoding, Fallback, InputRefusals, Method, Operation, boolean, header, path, query, string,
};
use crate::universal;

clause!(DeleteDevice);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.5.5",
    name: "delete_device",
    title: "Delete a device",
    chapter: Chapter::Devices,
    lines: (963, 1010),
    method: Method::Delete,
    path: "/iocm/app/dm/v1.4.0/devices/{deviceId}",
    uri_line: 972,
    success_status: 204,
    success_line: 988,
    encoding: Encoding::Json,
    params: &[
        header(string("app_key", "String", 978).required()),
        header(string("Authorization", "String", 981).required()),
        path(string("deviceId", "String", 982).required()),
        query(string("appId", "String", 983)),
        query(boolean("cascade", "Boolean", 984).default(Fallback::Flag(true))),
    ],
    response: &[],
    errors: error::TABLE,
    input: InputRefusals::all(universal::INPUT_INVALID),
    rules: RULES,
    errata: ERRATA,
};

errors! { DeleteDevice:
    APPLICATION_NOT_EXISTED_403 = 403, "100203", "The application is not existed.", 1001;
    NOT_AUTHORIZED = 403, "100217", "The application hasn't been authorized.", 1002;
    THROTTLED = 403, "1010009", "app throttle exceed.", 1005;
    TOKEN_INVALID = 403, "1010005", "Invalid access token or appId.", 1006;
    DEVICE_NOT_EXISTED = 404, "100403", "The device is not existed.", 1007;
    DEVICE_DATA_NOT_EXISTED = 404, "100418", "The deviceData is not existed.", 1008;
    APPLICATION_NOT_EXISTED_500 = 500, "100203", "The application is not existed.", 1009;
    INTERNAL = 500, "50252", "Internal server error.", 1010;
}

/// A success has no body.
pub type Response = ();

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `deviceId`, line 982.
    pub device_id: String,
    /// `appId`, line 983.
    pub app_id: Option<String>,
    /// `cascade`, line 984.
    pub cascade: Option<bool>,
}

rules! {
    "deleted-device-locked-out" = Platform Must 967: "A deleted device can no longer connect to the platform.";
    "register-again" = Application Must 967: "A deleted device that is to connect again is registered anew first.";
    "cascade-only-with-sub-devices" = Platform Must 984: "cascade takes effect only when indirectly connected devices hang on the device.";
    "cascade-true" = Platform Must 985: "With cascade true the directly connected device and the indirectly connected devices under it are deleted.";
    "cascade-false" = Platform Must 986: "With cascade false only the directly connected device is deleted, and the devices under it stay and become directly connected ones.";
    "device-of-this-app" = Application Must 1008: "The device that deviceId names belongs to the application that app_key or, where given, appId names.";
}

errata! {
    1000: "an error table without a row for an invalid cascade" => "400/50400", "The table has no input-invalid row.", "A-74";
    1008: "404/100418 beside 404/100403 (1007)" => "100403: no such device on the platform; 100418: not a device of this application", "Both rows claim an unknown deviceId.", "A-16";
    1009: "500/100203 beside 403/100203 (1001)" => "403 for an unknown appId; 500 only by fault injection", "One cause with two statuses; the same advice in both rows.", "A-14";
}
