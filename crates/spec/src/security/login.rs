//! 1.4.1 Authenticate (login). Lines 406 to 473.

use serde::{Deserialize, Serialize};

use crate::model::{Chapter, Encoding, InputRefusals, Method, Operation, body, integer, string};
use crate::wire::{TokenScope, TokenType};

clause!(Login);

/// The clause's table.
pub static OPERATION: Operation = Operation {
    clause: "1.4.1",
    name: "login",
    title: "Authenticate (login)",
    chapter: Chapter::Security,
    lines: (406, 473),
    method: Method::Post,
    path: "/iocm/app/sec/v1.1.0/login",
    uri_line: 421,
    success_status: 200,
    success_line: 432,
    encoding: Encoding::Form,
    params: &[
        // What is too long is nobody's.
        body(string("appId", "String(256)", 427).required().max_len(256).overfull(error::CREDENTIALS_WRONG.row())),
        body(string("secret", "String(256)", 428).required().max_len(256).overfull(error::CREDENTIALS_WRONG.row())),
    ],
    response: &[
        string("scope", "String(256)", 435).max_len(256).one_of(TokenScope::VALUES),
        string("tokenType", "String(256)", 436).max_len(256).one_of(TokenType::VALUES),
        integer("expiresIn", "Integer(256)", 437).min(3600).max(3600),
        string("accessToken", "String(256)", 438).max_len(256),
        string("refreshToken", "String(256)", 439).max_len(256),
    ],
    errors: error::TABLE,
    input: InputRefusals::all(error::PARAMETER_EMPTY.row()),
    rules: RULES,
    errata: ERRATA,
};

errors! { Login:
    APPLICATION_FROZEN = 400, "100449", "The device is freezed cant operate.", 468;
    PARAMETER_EMPTY = 400, "102202", "Required Parameter is null or empty.", 469;
    CREDENTIALS_WRONG = 401, "100208", "AppId or secret is not right.", 472;
    INTERNAL = 500, "50252", "Internal server error.", 473;
}

/// The parameters, wherever they travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Request {
    /// `appId`, line 427.
    pub app_id: String,
    /// `secret`, line 428.
    pub secret: String,
}

/// The answer to a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Response {
    /// `scope`, line 435.
    pub scope: TokenScope,
    /// `tokenType`, line 436.
    pub token_type: TokenType,
    /// `expiresIn`, line 437.
    pub expires_in: i64,
    /// `accessToken`, line 438.
    pub access_token: String,
    /// `refreshToken`, line 439.
    pub refresh_token: String,
}

rules! {
    "login-first" = Application Must 410: "On its first access to the open API the application calls login to authenticate and get an access token.";
    "headers-on-other-calls" = Application Must 414: "The application carries the headers app_key and Authorization in every call of an API other than login.";
    "app-key-equals-app-id" = Application Must 414: "The app_key header has the same value as the appId given to login.";
    "authorization-bearer" = Application Must 414: "The Authorization header reads \"Bearer {accessToken}\" with the access token that login returned.";
    "earlier-tokens-die" = Platform Must 416: "When access tokens are obtained several times, only the last one is valid and the earlier ones become invalid.";
    "no-concurrent-login" = Application Must 416: "An application does not request access tokens concurrently.";
    "secret-belongs-to-app-id" = Application Must 428: "The secret is the one that the platform assigned together with the given appId when the application was created.";
    "access-token-lifetime" = Platform Must 437: "An access token is valid for 3600 seconds.";
    "refresh-token-lifetime" = Platform Must 439: "A refresh token is valid for 24 hours and serves the refresh API.";
    "refresh-before-expiry" = Application May 439: "When its access token is about to expire, the application can get a new one through the refresh API.";
}

errata! {
    414: "every call but login needs app_key and Authorization" => "refresh_token (1.4.2) is exempt as well", "The parameter table and the sample of 1.4.2 carry neither header.", "A-04";
    436: "Bearer with a blank behind it" => "the literal value \"Bearer \" with one trailing blank", "The table and both samples (296, 458) agree on the blank.", "A-30";
    437: "Integer(256)" => "an integer, always 3600", "A length bound means nothing on an integer.", "A-31";
    454: "Content-Type: application/json" => "application/json; charset=UTF-8; any application/json is accepted", "1.2.2 (285) gives the charset as part of the default.", "A-21";
    468: "The device is freezed cant operate." => "the application's user has no right to operate", "There is no device in this call; the Chinese explanation speaks of the user's permission.", "A-34";
}
