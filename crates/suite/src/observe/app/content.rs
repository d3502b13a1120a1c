//! 1.2.1: Content-Type and form of a request's body.

use iotdm_spec::model::{Encoding, Place};

use super::calls::Asked;
use crate::observe::grades::Grades;

const MANDATORY: &str = "1.2.1/rule/content-type-mandatory";
const OF_LOGIN: &str = "1.2.1/rule/content-type-login";
const OF_OTHERS: &str = "1.2.1/rule/content-type-others";
const MATCHES: &str = "1.2.1/rule/body-matches-content-type";
const LOGIN_BODY: &str = "1.2.1/rule/login-body-form";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Grades the body of a call and what the call says of it.
pub(super) fn grade(asked: &Asked<'_>, grades: &mut Grades) {
    content_type(asked, grades);
    let has_body = !asked.call.request.trim().is_empty();
    let is_form = asked.table.encoding == Encoding::Form;
    if !has_body || !asked.table.params.iter().any(|param| param.place == Place::Body) {
        return;
    }
    let shown = asked.call.request.as_str();
    let wanted = if is_form { "a form: appId=...&secret=..." } else { "a JSON object" };
    let flaw = || asked.flaw("the body cannot be read", wanted, shown);
    if is_form {
        grades.judge(LOGIN_BODY, asked.body.is_none().then(flaw));
    } else {
        grades.judge(MATCHES, asked.body.is_none().then(flaw));
    }
}

fn content_type(asked: &Asked<'_>, grades: &mut Grades) {
    let is_form = asked.table.encoding == Encoding::Form;
    let (id, wanted) = if is_form { (OF_LOGIN, FORM) } else { (OF_OTHERS, JSON) };
    let has_body = !asked.call.request.trim().is_empty();
    let Some(headers) = &asked.call.headers else {
        // A journal that does not tell the headers may still tell what it made of them.
        if asked.call.deviations.iter().any(|deviation| deviation.requirement == id) {
            grades.breaks(id, asked.flaw("the Content-Type is not that of the body", wanted, "another one, or none"));
        } else if asked.succeeded() && has_body && !is_form {
            grades.keeps(id);
        }
        return;
    };
    match headers.content_type.as_deref() {
        Some(given) => {
            grades.keeps(MANDATORY);
            let fits = given.trim_start().to_ascii_lowercase().starts_with(wanted);
            let flaw = || asked.flaw("the Content-Type is not the one of this API", wanted, given);
            // Without a body the header says nothing.
            if has_body || fits {
                grades.judge(id, (!fits).then(flaw));
            }
        }
        None => {
            let flaw = || asked.flaw("there is no Content-Type", wanted, "no Content-Type header");
            // Real clients leave it out where there is no body.
            if has_body {
                grades.breaks(id, flaw());
                grades.breaks(MANDATORY, flaw());
            } else {
                grades.doubts(MANDATORY, flaw());
            }
        }
    }
}
