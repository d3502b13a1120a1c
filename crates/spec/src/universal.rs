//! Error rows that hold for every protected operation, whether its table lists them or not.
//!
//! Authentication and throttling are the gateway's business (1.4.1), yet the tables of the LoRa
//! clauses omit their rows, and eighteen tables have no row for bad input. The rulings
//! say which row then answers; this module is the only place that knows.

use crate::model::{ErrorRow, Operation, Party, Place, Rule, Strength};

/// the answer to bad input where the table has no row for it.
pub const INPUT_INVALID: ErrorRow =
    ErrorRow { name: "INPUT_INVALID", http_status: 400, code: "50400", desc: "The input is invalid.", line: 0 };

/// the answer to any defect of the token or the application id.
pub const TOKEN_INVALID: ErrorRow = ErrorRow {
    name: "TOKEN_INVALID",
    http_status: 403,
    code: "1010005",
    desc: "Invalid access token or appId.",
    line: 0,
};

/// the answer to one call too many.
pub const THROTTLED: ErrorRow =
    ErrorRow { name: "THROTTLED", http_status: 403, code: "1010009", desc: "app throttle exceed.", line: 0 };

/// The answer to a congestion of the platform where the table has no row for it: that of those that have
/// one (1.9.1, line 4297). Only an order of the platform's owner brings it about.
pub const CONGESTION: ErrorRow = ErrorRow {
    name: "CONGESTION",
    http_status: 503,
    code: "100501",
    desc: "Congestion occurs, and the current network has been flow-controlled",
    line: 0,
};

/// the answer to an unknown application where the table has no row for it.
pub const APPLICATION_UNKNOWN: ErrorRow = ErrorRow {
    name: "APPLICATION_UNKNOWN",
    http_status: 403,
    code: "100203",
    desc: "The application is not existed.",
    line: 0,
};

/// the answer to a missing grant where the table has no row for it.
pub const NOT_AUTHORIZED: ErrorRow = ErrorRow {
    name: "NOT_AUTHORIZED",
    http_status: 403,
    code: "100217",
    desc: "The application hasn't been authorized.",
    line: 0,
};

/// the answer to an unknown subscription where the table has no row for it.
pub const RESOURCE_NOT_FOUND: ErrorRow = ErrorRow {
    name: "RESOURCE_NOT_FOUND",
    http_status: 404,
    code: "100225",
    desc: "The resource is not found",
    line: 0,
};

/// the answer to an unknown group where the table has no row for it.
pub const GROUP_NOT_EXISTED: ErrorRow = ErrorRow {
    name: "GROUP_NOT_EXISTED",
    http_status: 200,
    code: "100603",
    desc: "The device group is not existed.",
    line: 0,
};

/// the answer to a path that no operation has; the reference knows only the status.
pub const PATH_UNKNOWN: ErrorRow =
    ErrorRow { name: "PATH_UNKNOWN", http_status: 404, code: "404", desc: "The resource is not found.", line: 275 };

/// the answer to a known path with another method; in the reference's shape, not of it.
pub const METHOD_NOT_ALLOWED: ErrorRow =
    ErrorRow { name: "METHOD_NOT_ALLOWED", http_status: 405, code: "405", desc: "The method is not allowed.", line: 0 };

/// The parameters that name the application on whose things a call acts.
pub const OWNER_PARAMETERS: [&str; 3] = ["appId", "accessAppId", "ownerAppId"];

/// The Content-Type of every answer that may have a body, also of an empty one (line 285, A-21).
pub const CONTENT_TYPE: &str = "application/json; charset=UTF-8";

/// The members of an error of the gateway's own shape, code and text: some deployments answer token and
/// throttle errors in it instead of in the reference's.
pub const GATEWAY_MEMBERS: [&str; 2] = ["resultcode", "resultmsg"];

/// Code of an internal error, which most tables list.
const INTERNAL: &str = "50252";
/// Code of a grant that permits no changes.
const NO_EDIT_PERMISSION: &str = "100249";
/// Codes that name a missing `app_key` header.
const NO_APP_KEY: [&str; 3] = ["100025", "100220", "100229"];

/// The row that answers a request without `app_key`.
#[must_use]
pub fn no_app_key(op: &Operation) -> ErrorRow {
    op.errors.iter().find(|row| NO_APP_KEY.contains(&row.code)).copied().unwrap_or_else(|| token_invalid(op))
}

/// The row that answers a missing, malformed, expired, superseded or foreign token.
#[must_use]
pub fn token_invalid(op: &Operation) -> ErrorRow {
    op.row(TOKEN_INVALID.code).unwrap_or(TOKEN_INVALID)
}

/// The row that answers a call over the throttle.
#[must_use]
pub fn throttled(op: &Operation) -> ErrorRow {
    op.row(THROTTLED.code).unwrap_or(THROTTLED)
}

/// The row that answers a call during a congestion.
#[must_use]
pub fn congested(op: &Operation) -> ErrorRow {
    op.row(CONGESTION.code).unwrap_or(CONGESTION)
}

/// Whether it is the gateway in front of the platform that answers with this row: token and throttle.
#[must_use]
pub fn is_of_the_gateway(row: &ErrorRow) -> bool {
    [TOKEN_INVALID.code, THROTTLED.code].contains(&row.code)
}

/// The row that answers an unknown `appId` parameter: 403 if the table lists one, else 404, else
/// 200; where the table has none at all, the missing grant's row.
#[must_use]
pub fn application_unknown(op: &Operation) -> ErrorRow {
    preferred(op, APPLICATION_UNKNOWN.code, &[403, 404, 200, 500])
        .or_else(|| preferred(op, NOT_AUTHORIZED.code, &[403, 200]))
        .unwrap_or(APPLICATION_UNKNOWN)
}

/// The row that answers an `appId` parameter whose owner has not authorised the caller.
#[must_use]
pub fn not_authorized(op: &Operation) -> ErrorRow {
    preferred(op, NOT_AUTHORIZED.code, &[403, 200]).unwrap_or(NOT_AUTHORIZED)
}

/// The row that answers a change by an application whose grant does not permit it: where the table
/// has none, the grant is as good as missing.
#[must_use]
pub fn no_edit_permission(op: &Operation) -> ErrorRow {
    op.row(NO_EDIT_PERMISSION).unwrap_or_else(|| not_authorized(op))
}

/// The row that answers a fault of the platform itself.
#[must_use]
pub fn internal(op: &Operation) -> Option<ErrorRow> {
    op.row(INTERNAL)
}

fn preferred(op: &Operation, code: &str, statuses: &[u16]) -> Option<ErrorRow> {
    statuses.iter().find_map(|status| op.error(*status, code))
}

impl Operation {
    /// The first row of the table with this code, whatever its status.
    #[must_use]
    pub fn row(&self, code: &str) -> Option<ErrorRow> {
        self.errors.iter().find(|row| row.code == code).copied()
    }

    /// The row of the table with this status and code.
    #[must_use]
    pub fn error(&self, http_status: u16, code: &str) -> Option<ErrorRow> {
        self.errors.iter().find(|row| row.http_status == http_status && row.code == code).copied()
    }

    /// Whether the operation wants `app_key` and `Authorization` (all but 1.4.1 and 1.4.2, A-04).
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.params.iter().any(|p| p.place == Place::Header)
    }
}

/// The rules that every protected clause repeats, with the line on which it does: the two headers,
/// the `appId` parameter and the throttle. They are derived so that no clause file repeats them.
#[must_use]
pub fn rules(op: &Operation) -> Vec<Rule> {
    let parameter =
        |place, name: &str| op.params.iter().find(|p| p.place == place && p.field.name == name).map(|p| p.field.line);
    let rule = |slug, binds, line, text| Rule { slug, binds, strength: Strength::Must, line, text };
    let mut rules = Vec::new();
    if let Some(line) = parameter(Place::Header, "app_key") {
        rules.push(rule(
            "app-key",
            Party::Application,
            line,
            "The app_key header holds the id of the calling application, the one that logged in.",
        ));
    }
    if let Some(line) = parameter(Place::Header, "Authorization") {
        rules.push(rule(
            "bearer",
            Party::Application,
            line,
            "The Authorization header is Bearer, a blank and the access token of the last login or refresh.",
        ));
    }
    // Where it has to be given, the caller's own id is right.
    let optional = |name: &str| {
        let param = op.params.iter().find(|p| p.field.name == name && p.place != Place::Header);
        param.filter(|p| op.is_protected() && !p.field.is_required()).map(|p| p.field.line)
    };
    let texts = [
        ("appId", "appId is given only to act on what belongs to another application that has granted the right to."),
        (
            "accessAppId",
            "accessAppId is given only to act on what belongs to another application that has granted the right to.",
        ),
    ];
    if let Some((line, text)) = texts.iter().find_map(|(name, text)| Some((optional(name)?, *text))) {
        rules.push(rule("app-id-of-an-authorizing-application", Party::Application, line, text));
    }
    if let Some(row) = op.row(THROTTLED.code) {
        rules.push(rule(
            "throttle",
            Party::Platform,
            row.line,
            "An application that calls more often than the limit, by default 100 times in 60 s, is refused.",
        ));
    }
    rules
}
