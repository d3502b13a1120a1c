//! 2.2 MQTT CONNECT authentication. Lines 6751 to 6778.

use serde::{Deserialize, Serialize};

use crate::model::{Direction, Packet, string};

/// The clause's table.
pub static MESSAGE: Packet = Packet {
    clause: "2.2",
    name: "connect",
    title: "MQTT CONNECT authentication",
    lines: (6751, 6778),
    topic: None,
    direction: Direction::DeviceToPlatform,
    fields: &[
        string("clientId", "String(256)", 6764).required().max_len(256),
        string("Username", "String(256)", 6770).required().max_len(256),
        string("Password", "String(256)", 6771).required().max_len(256),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// The payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `clientId`, line 6764.
    pub client_id: String,
    /// `Username`, line 6770.
    #[serde(rename = "Username")]
    pub username: String,
    /// `Password`, line 6771.
    #[serde(rename = "Password")]
    pub password: String,
}

rules! {
    "connect-per-standard" = Platform Must 6755: "The platform accepts the CONNECT packet of devices as the MQTT standard specifies it.";
    "connected-after-authentication" = Platform Must 6755: "The platform sets up the MQTT connection of a device once its authentication has passed.";
    "mqtts-only" = Platform Must 6759: "The platform lets devices in over MQTTS (MQTT over TLS) only.";
    "tls-certificate" = Device Must 6759: "A device that connects has to use the TLS certificate from the Agent Lite folder of the development resources.";
    "client-id-parts" = Device Must 6764: "The clientId of a one-device-one-secret device is made of four parts joined by underscores: device id, authentication type, password signature type, timestamp.";
    "client-id-device-id" = Device Must 6764: "The first part of the clientId is the deviceId returned at registration when the device connects by deviceId, and the nodeId given at registration when it connects by nodeId.";
    "auth-type" = Device Must 6765: "The authentication type in the clientId is one character: 0 to connect by deviceId, 2 to connect by nodeId.";
    "sign-type" = Device Must 6766: "The password signature type in the clientId is one character: 0 for HMACSHA256 without a check of the timestamp, 1 for HMACSHA256 with a check of the timestamp.";
    "timestamp-format" = Device Must 6769: "The timestamp in the clientId is the UTC time at which the device connects, down to the hour, as ten digits YYYYMMDDHH (2018072417 for 2018-07-24 17:56:20 UTC).";
    "username" = Device Must 6770: "The user name of a one-device-one-secret device is the deviceId returned at registration when it connects by deviceId, and the nodeId given at registration when it connects by nodeId.";
    "password-hmac" = Device Must 6771: "The password is the HMACSHA256 of the device's secret with the timestamp as the key.";
    "password-secret" = Device Must 6771: "The secret that goes into the password is the one that the platform returned when the device was registered.";
    "client-id-complete" = Device Must 6773: "The clientId has to contain every one of its four parts.";
    "types-from-connect" = Platform Must 6773: "On a CONNECT the platform works out the device's authentication type and password digest algorithm.";
    "timestamp-checked" = Platform Must 6775: "With signature type 1 the platform first checks that the timestamp agrees with its own time and only then whether the password is right.";
    "timestamp-always-present" = Device Must 6776: "With signature type 0 the authentication message has to carry a timestamp all the same.";
    "timestamp-unchecked" = Platform Must 6776: "With signature type 0 the platform does not check whether the timestamp is accurate and judges the password only.";
    "failure-closes" = Platform Must 6778: "When the authentication of a CONNECT fails, the platform returns an error and closes the MQTT connection by itself.";
}

errata! {
    6759: "the device has to carry a TLS certificate" => "the device holds the platform's certificate to verify the server; plain TCP only where it is switched on", "It can hardly be a client certificate: one file from the Agent Lite folder serves every device", "A-284";
    6764: "four parts separated by underscores" => "read from the right: {id}_{0|2}_{0|1}_{digits}", "A nodeId may itself contain underscores", "A-281";
    6764: "the first part of the clientId is called deviceId" => "the deviceId for authentication type 0, the nodeId for type 2", "The same cell puts the nodeId there for a device that connects by nodeId", "";
    6765: "one byte, supported are 0 and 2" => "0 and 2 only; 1 is refused", "1 is skipped in the list", "A-285";
    6769: "YYYYMMDDHH" => "ten digits yyyyMMddHH, 24-hour clock", "Taken as a date pattern, YYYY and DD would be week year and day of year; the example 2018072417 settles it", "";
    6770: "nothing on a user name that differs from the clientId" => "the user name equals the id part of the clientId and fits the authentication type, otherwise the CONNECT is refused", "A mismatch is not treated", "A-282";
    6771: "the secret is encrypted with the timestamp as the key" => "HMAC-SHA256 with the timestamp as the key and the secret as the message", "An HMAC is a digest and encrypts nothing; the key order is as printed", "A-276";
    6771: "the value after encryption" => "the digest as 64 lower-case hexadecimal characters", "The text encoding of the digest is not stated", "A-277";
    6775: "the timestamp is compared with the platform's time for equality" => "within plus or minus one hour of the platform's clock", "Strict equality of the hours would fail at each hour boundary", "A-278";
    6776: "a timestamp has to be there, its accuracy is not checked" => "any non-empty string of digits, used as the HMAC key as it stands", "The form of an unchecked timestamp is left open", "A-279";
    6778: "the platform returns an error" => "a CONNACK with a non-zero return code, or a plain close", "The return code is not stated", "A-280";
}
