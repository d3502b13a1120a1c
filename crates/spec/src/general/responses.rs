//! 1.2.2 Answers. Lines 255 to 312.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.2.2",
    name: "responses",
    title: "Answers",
    chapter: Chapter::General,
    lines: (255, 312),
    recipe_of: None,
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "response-parts" = Platform Must 257: "Every request is answered with a status code, response headers and a response body.";
    "status-list" = Platform Must 261: "The platform answers with the status codes of the list: 200, 201, 202, 204, 400, 401, 403, 404, 409, 500 and 503.";
    "login-200" = Platform Must 263: "A login that succeeds is answered with status 200.";
    "response-content-type" = Platform Must 285: "An answer carries a Content-Type header, by default application/json; charset=UTF-8.";
    "body-matches-content-type" = Platform Must 289: "A response body is in the structured format that its Content-Type header names.";
    "error-body" = Platform Must 303: "A call that fails is answered with a JSON body that has the members error_code and error_desc.";
    "error-members" = Platform Must 312: "error_code holds the error code and error_desc its description, both as listed for the API that was called.";
}

errata! {
    257: "every response has a status code, headers and a body" => "204 has no body, nor has a success for which no response parameters are shown", "204 means no content; 1.5.8 (1136, 1159) shows a 200 without a body.", "A-84";
    266: "OK in Cyrillic letters" => "OK", "OCR; the same letters stand in the tables of 1.5.12 and 1.5.14 (1622, 1771).", "";
    285: "application/json; charset=UTF-8, against application/json in the samples (455, 621)" => "application/json; charset=UTF-8 is sent; any application/json is accepted", "The header table beats the samples.", "A-21";
}
