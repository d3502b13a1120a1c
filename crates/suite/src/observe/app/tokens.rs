//! 1.4 and the two headers: who calls, and with which token.

use std::collections::BTreeMap;

use iotdm_spec::catalogue::Op;
use iotdm_spec::model::ErrorRow;
use iotdm_spec::requirement::{parameter_id, rule_id};
use iotdm_spec::security::{login, refresh_token};

use super::calls::Asked;
use crate::observe::grades::{Flaw, Grades};
use crate::steps::scope::parse_utc;

const LOGIN_FIRST: &str = "1.4.1/rule/login-first";
const HEADERS: &str = "1.4.1/rule/headers-on-other-calls";
const APP_KEY_IS_APP_ID: &str = "1.4.1/rule/app-key-equals-app-id";
const BEARER: &str = "1.4.1/rule/authorization-bearer";
const CONCURRENT: &str = "1.4.1/rule/no-concurrent-login";
const APP_KEY: &str = "1.2.1/rule/app-key-header";
const AUTHORIZATION: &str = "1.2.1/rule/authorization-header";
const EXPIRES: &str = "1.2.1/rule/token-expires";
const BEFORE_EXPIRY: [&str; 2] = ["1.4.2/rule/refresh-before-expiry", "1.3/rule/refresh-before-expiry"];
const REFRESH_SOURCE: &str = "1.4.2/rule/refresh-token-source";

/// How many seconds an access token lives, by the contract (1.4.1).
fn life() -> i64 {
    let expires_in = Op::Login.table().response.iter().find(|field| field.name == "expiresIn");
    expires_in.and_then(|field| field.max).unwrap_or(i64::MAX)
}

/// What is known of the tokens of one application.
#[derive(Default)]
struct Session {
    /// When the last token was given out, and by which entry.
    last: Option<(i64, u64)>,
    /// Whether the last token was used since.
    used: bool,
    /// Calls with an expired token since then.
    expired: usize,
}

/// Grades logins, refreshes and the headers of every other call, in order.
pub(super) fn grade(asked: &[Asked<'_>], grades: &mut Grades) {
    let mut sessions: BTreeMap<String, Session> = BTreeMap::new();
    for one in asked {
        if !one.table.is_protected() {
            let id = one.text("appId").unwrap_or_default().to_owned();
            token_request(one, sessions.entry(id).or_default(), grades);
        } else if one.was_served() && !one.is_ordered() {
            let Some(id) = app_key(one, grades) else { continue };
            protected(one, &id, &mut sessions, grades);
        }
    }
}

/// 1.4.1 and 1.4.2.
fn token_request(one: &Asked<'_>, session: &mut Session, grades: &mut Grades) {
    let belongs = rule_id(one.table.clause, "secret-belongs-to-app-id");
    let wrong: ErrorRow = match one.op {
        Op::Login => login::error::CREDENTIALS_WRONG.row(),
        _ => refresh_token::error::CREDENTIALS_WRONG.row(),
    };
    if one.refused_with(&wrong) {
        grades
            .breaks(&belongs, one.flaw("appId and secret do not belong together", "the application's own", wrong.desc));
        return;
    }
    if one.op == Op::RefreshToken && one.refused_with(&refresh_token::error::INPUT_INVALID.row()) {
        let expected = "the refresh token of the last login or refresh, once, within 24 hours";
        grades
            .doubts(REFRESH_SOURCE, one.flaw("the refresh token is not accepted", expected, "an unknown or used one"));
    }
    if !one.succeeded() {
        return;
    }
    grades.keeps(&belongs);
    let now = parse_utc(&one.by.at).unwrap_or_default();
    if one.op == Op::RefreshToken {
        grades.keeps(REFRESH_SOURCE);
        BEFORE_EXPIRY.iter().for_each(|id| grades.keeps(id));
    }
    // Who refreshes with the token of the earlier answer has waited for that answer.
    let is_login = one.op == Op::Login;
    let idle = session.last.filter(|(at, _)| is_login && !session.used && (now - at).abs() <= 1);
    if let Some((_, earlier)) = idle {
        let expected = "one request at a time: each makes the earlier token worthless";
        let flaw = one.flaw("two tokens are requested within a second", expected, "the first was never used");
        grades.doubts(CONCURRENT, flaw.with([earlier]));
    } else if is_login {
        grades.keeps(CONCURRENT);
    }
    if session.expired > 0 {
        grades.keeps(EXPIRES);
    }
    *session = Session { last: Some((now, one.by.seq)), used: false, expired: 0 };
}

/// The application that a call names, if it names one.
fn app_key(one: &Asked<'_>, grades: &mut Grades) -> Option<String> {
    let named = match &one.call.headers {
        Some(headers) => headers.app_key.clone(),
        None => one.call.application.clone(),
    };
    let named = named.filter(|id| !id.is_empty());
    let (parameter, rule) = (parameter_id(one.table.clause, "app_key"), rule_id(one.table.clause, "app-key"));
    let flaw = || one.flaw("there is no app_key header", "app_key: the id of the application", "none");
    for id in [parameter.as_str(), rule.as_str(), APP_KEY, HEADERS] {
        grades.judge(id, named.is_none().then(flaw));
    }
    named
}

/// The ids that speak of a protected call's token.
fn token_ids(one: &Asked<'_>) -> [String; 3] {
    [rule_id(one.table.clause, "bearer"), BEARER.to_owned(), AUTHORIZATION.to_owned()]
}

fn protected(one: &Asked<'_>, app: &str, sessions: &mut BTreeMap<String, Session>, grades: &mut Grades) {
    let parameter = parameter_id(one.table.clause, "Authorization");
    let known = sessions.contains_key(app);
    let others = sessions.keys().filter(|id| !id.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    let session = sessions.entry(app.to_owned()).or_default();
    if !one.is_unauthenticated() {
        grades.keeps(&parameter);
        token_ids(one).iter().for_each(|id| grades.keeps(id));
        grades.keeps(APP_KEY_IS_APP_ID);
        if session.last.is_some() {
            grades.keeps(LOGIN_FIRST);
        }
        session.used = true;
        return;
    }
    let told = one.call.headers.as_ref().and_then(|headers| headers.authorization.as_deref());
    if told == Some("absent") {
        let flaw = || one.flaw("there is no Authorization header", "Authorization: Bearer {accessToken}", "none");
        grades.breaks(&parameter, flaw());
        grades.breaks(HEADERS, flaw());
    }
    if told.is_none_or(|told| told != "absent" && told != "malformed") && !known && !others.is_empty() {
        let flaw = one.flaw("app_key is not the id that logged in", others, app);
        grades.breaks(APP_KEY_IS_APP_ID, flaw);
    }
    let now = parse_utc(&one.by.at).unwrap_or_default();
    let too_old = told.is_none() && session.last.is_some_and(|(at, _)| now - at >= life());
    if told == Some("expired") || too_old {
        expired(one, session, grades);
        return;
    }
    let before = session.last.map(|(_, seq)| seq);
    if session.last.is_none() && !matches!(told, Some("absent" | "malformed")) {
        let flaw = one.flaw("a call comes before the login", "a login first", "no token had been given out");
        grades.breaks(LOGIN_FIRST, flaw);
    }
    for id in token_ids(one) {
        grades.breaks(&id, bad_token(one, told).with(before));
    }
}

/// What is the matter with a token that the platform refused, as far as the journal tells.
fn bad_token(one: &Asked<'_>, told: Option<&str>) -> Flaw {
    let actual = match told {
        Some("absent") => "no Authorization header",
        Some("malformed") => "an Authorization header that does not read `Bearer {accessToken}`",
        Some("superseded") => "a token that a later login or refresh has made worthless",
        Some("unknown") => "a token that the platform never gave to this application",
        Some(_) => "a token that the platform does not accept",
        None => "a header that is missing or garbled, or a superseded or foreign token",
    };
    one.flaw(
        "the platform refuses the token",
        "Authorization: Bearer and the token of the last login or refresh",
        actual,
    )
}

/// To learn from a refusal that a token has expired is odd, but no fault; to go on with it is one.
fn expired(one: &Asked<'_>, session: &mut Session, grades: &mut Grades) {
    session.expired += 1;
    for id in BEFORE_EXPIRY {
        grades.doubts(id, one.flaw("a token is used after it has expired", "a new token in time", "an expired token"));
    }
    if session.expired > 1 {
        let flaw = one.flaw("an expired token is used again and again", "another login", "the same expired token");
        grades.breaks(EXPIRES, flaw);
    }
}
