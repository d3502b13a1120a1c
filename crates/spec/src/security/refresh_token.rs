//! 1.4.2 Refresh the token. Lines 475 to 542.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, body, integer, string};
use crate::wire::{TokenScope, TokenType};

clause!(RefreshToken);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.4.2",
    name: "refresh_token",
    title: "Refresh the token",
    chapter: Chapter::Security,
    lines: (475, 542),
    method: Method::Post,
    path: "/iocm/app/sec/v1.1.0/refreshToken",
    uri_line: 484,
    success_status: 200,
    success_line: 496,
    encoding: Encoding::Json,
    params: &[
        body(string("appId", "String(256)", 490).required().max_len(256)),
        body(string("secret", "String(256)", 491).required().max_len(256)),
        body(string("refreshToken", "String(256)", 492).required().max_len(256)),
    ],
    response: &[
        string("scope", "String(256)", 499).max_len(256).one_of(TokenScope::VALUES),
        string("tokenType", "String(256)", 500).max_len(256).one_of(TokenType::VALUES),
        integer("expiresIn", "Integer(256)", 501).min(3600).max(3600),
        string("accessToken", "String(256)", 502).max_len(256),
        string("refreshToken", "String(256)", 503).max_len(256),
    ],
    errors: error::TABLE,
    input: InputRefusals { missing: error::PARAMETER_EMPTY.row(), ..InputRefusals::all(error::INPUT_INVALID.row()) },
    rules: RULES,
    errata: ERRATA,
};

errors! { RefreshToken:
    APPLICATION_FROZEN = 400, "100449", "The device is freezed cant operate.", 536;
    PARAMETER_EMPTY = 400, "102202", "Required Parameter is null or empty.", 537;
    INPUT_INVALID = 400, "50400", "The input is invalid.", 540;
    CREDENTIALS_WRONG = 401, "100208", "AppId or secret is not right.", 541;
    INTERNAL = 500, "50252", "Internal server error.", 542;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 490.
    pub app_id: String,
    /// `secret`, line 491.
    pub secret: String,
    /// `refreshToken`, line 492.
    pub refresh_token: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `scope`, line 499.
    pub scope: TokenScope,
    /// `tokenType`, line 500.
    pub token_type: TokenType,
    /// `expiresIn`, line 501.
    pub expires_in: i64,
    /// `accessToken`, line 502.
    pub access_token: String,
    /// `refreshToken`, line 503.
    pub refresh_token: String,
}

rules! {
    "access-token-expires" = Platform Must 479: "The access token that login returned is valid for a limited time only.";
    "refresh-before-expiry" = Application Should 479: "When its access token is about to expire, the application calls this API to get a new one.";
    "secret-belongs-to-app-id" = Application Must 491: "The secret is the one that the platform assigned together with the given appId when the application was created.";
    "refresh-token-source" = Application Must 492: "The refresh token that is sent is one returned by login or by an earlier refresh.";
    "access-token-lifetime" = Platform Must 501: "The new access token is valid for 3600 seconds.";
    "refresh-token-lifetime" = Platform Must 503: "The returned refresh token is valid for 24 hours and serves the next refresh.";
}

errata! {
    489: "a parameter table without app_key and Authorization, against 208-209 and 414" => "neither header is required here", "The clause's own table and sample are the more specific source.", "A-04";
    500: "Bearer with a blank behind it" => "the literal value \"Bearer \" with one trailing blank", "As in 1.4.1.", "A-30";
    501: "Integer(256)" => "an integer, always 3600", "A length bound means nothing on an integer.", "A-31";
    527: "\"expiresIn\": \"*******\"" => "a JSON number", "The sample is masked; the table says Integer.", "A-31";
    536: "The device is freezed cant operate." => "the application's user has no right to operate", "There is no device in this call; the Chinese explanation speaks of the user's permission.", "A-34";
    540: "50400 without a word on what is invalid" => "also the code for an unknown or expired refresh token", "It is the one row that 1.4.1 does not have.", "A-36";
}
