//! 1.2.1 Requests. Lines 162 to 253.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.2.1",
    name: "requests",
    title: "Requests",
    chapter: Chapter::General,
    lines: (162, 253),
    recipe_of: None,
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "uri-form" = Application Must 170: "A request URI has the form {URI-scheme}://{Endpoint}/{resource-path}?{query-string}.";
    "https-only" = Platform Must 173: "All APIs are reached by HTTPS at present.";
    "endpoint-host-port" = Application Must 174: "The endpoint is host:port, where host is the server's domain name or IP address and both come from the platform's access information.";
    "resource-path-from-uri-row" = Application Must 175: "The resource path is the one given in the URI row of the API that is called.";
    "query-string-optional" = Application May 176: "A request may carry query parameters, each written name=value.";
    "query-separators" = Application Must 176: "A question mark sets the query off from the resource path, and an ampersand sets one query parameter off from the next.";
    "method-post" = Platform Must 191: "POST adds a resource or carries out a special operation.";
    "method-get" = Platform Must 192: "GET returns the resource that is named.";
    "method-put" = Platform Must 193: "PUT updates the resource that is named.";
    "method-delete" = Platform Must 194: "DELETE removes the resource that is named.";
    "content-type-mandatory" = Application Must 205: "Every request carries a Content-Type header, application/json being its default value.";
    "content-type-login" = Application Must 206: "The login request has the Content-Type application/x-www-form-urlencoded.";
    "content-type-others" = Application Must 207: "Requests to every API but login have the Content-Type application/json.";
    "app-key-header" = Application Must 208: "Requests to every API but login carry the header app_key with the application id that the platform assigned when the application or project was created.";
    "authorization-header" = Application Must 209: "Requests to every API but login carry the header Authorization with the value \"Bearer {accessToken}\", the token being one that login returned.";
    "token-expires" = Application Must 213: "A token is valid for a limited time, and after it has expired the application authenticates again to get a new one.";
    "login-needs-no-auth" = Platform Must 215: "Login needs no authentication: a login request whose only additional header is Content-Type is served.";
    "body-matches-content-type" = Application Must 226: "A request body is in the structured format that the request's Content-Type header names.";
    "body-utf-8" = Application Must 226: "Chinese characters in the request body, where a parameter allows them, are encoded in UTF-8.";
    "no-body-for-get-delete" = Application May 228: "Not every request needs a body; GET and DELETE requests come without one.";
    "login-body-form" = Application Must 238: "The body of login is form-encoded (appId=...&secret=...), not written as the JSON object of the other APIs.";
}

errata! {
    174: "iotapi.cn-north-4.myhuaweicloud.com" => "iot-api.cn-north-4.myhuaweicloud.com", "The same row and lines 178-184 have the hyphen.", "A-02";
    208: "app_key and Authorization obligatory for all APIs but login (also 209)" => "refresh_token (1.4.2) is exempt as well", "The table and the sample of 1.4.2 carry neither header.", "A-04";
    213: "a sentence that stops after \"and get a new\"" => "... and get a new token", "The last word is lost in the OCR.", "";
    248: "productid" => "productId", "The tables (587, 694) and the other samples have the capital I.", "A-41";
}
