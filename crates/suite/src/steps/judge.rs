//! Judges what comes back: success and refusal, each in full, and the tables of pushes and messages.

use iotdm_spec::check::{self, Problem};
use iotdm_spec::model::{ErrorRow, Field, Operation};
use iotdm_spec::universal;
use serde_json::Value;

use crate::case::Refusal;
use crate::case::pattern::{Pattern, shown};
use crate::case::refusal::Otherwise;
use crate::verdict::Failure;
use crate::wire::http::Answer;

/// Something that is not as it should be.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What.
    pub failure: Failure,
    /// Whether it is worth a warning only.
    pub is_warning: bool,
}

impl Finding {
    fn failure(headline: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { failure: Failure::new(headline, expected, actual), is_warning: false }
    }

    fn warning(headline: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::failure(headline, expected, actual) }
    }
}

/// Judges an answer that must be a success.
#[must_use]
pub fn success(op: &Operation, answer: &Answer, wanted: Option<&Pattern>) -> Vec<Finding> {
    // Some refusals travel with the status of a success: the body tells.
    if answer.status != op.success_status || error_code(answer).is_some() {
        let expected = format!("success, that is status {}", op.success_status);
        return vec![Finding::failure(format!("`{}` does not succeed", op.name), expected, in_short(answer))];
    }
    if op.response.is_empty() {
        return Vec::new();
    }
    let mut findings = content_type("the answer", answer.content_type.as_deref());
    let Some(Value::Object(object)) = &answer.json else {
        findings.push(Finding::failure("the answer's body is no JSON object", "a JSON object", in_short(answer)));
        return findings;
    };
    findings.extend(table("the answer", op.response, object));
    let mismatch = wanted.and_then(|pattern| pattern.mismatch("", answer.json.as_ref()));
    findings.extend(mismatch.map(|m| {
        Finding::failure(
            format!("the answer of `{}` is not as expected: {}", op.name, named(&m.path)),
            m.expected,
            m.actual,
        )
    }));
    findings
}

fn named(path: &str) -> String {
    if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") }
}

/// Judges an answer that must be a refusal.
#[must_use]
pub fn refusal(op: &Operation, answer: &Answer, wanted: &Refusal) -> Vec<Finding> {
    let expected = describe(wanted);
    let Some(code) = error_code(answer) else {
        return vec![Finding::failure(format!("`{}` is not refused", op.name), expected, in_short(answer))];
    };
    let mut findings = content_type("the refusal", answer.content_type.as_deref());
    findings.extend(shape(answer));
    let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
    let row = wanted.rows.iter().find(|row| row.http_status == answer.status && row.code == code);
    match row {
        Some(row) => findings.extend(description(row, answer)),
        None => findings.extend(other(op, answer, &code, wanted, expected)),
    }
    findings
}

/// The refusal is right in kind, but not one of the rows: how bad is that?
fn other(op: &Operation, answer: &Answer, code: &str, wanted: &Refusal, expected: String) -> Option<Finding> {
    let headline = format!("`{}` is refused otherwise", op.name);
    let same_status = wanted.rows.iter().any(|row| row.http_status == answer.status);
    match wanted.otherwise {
        Otherwise::Anything => None,
        Otherwise::AnyCode if same_status => None,
        Otherwise::OtherCode if same_status && op.row(code).is_some() => {
            Some(Finding::warning(headline, expected, in_short(answer)))
        }
        _ => Some(Finding::failure(headline, expected, in_short(answer))),
    }
}

/// 1.2.2: a refusal has `error_code` and `error_desc`, both strings.
fn shape(answer: &Answer) -> Vec<Finding> {
    ["error_code", "error_desc"]
        .into_iter()
        .filter_map(|name| {
            let value = answer.json.as_ref()?.get(name);
            if value.is_some_and(Value::is_string) {
                return None;
            }
            let actual = value.map_or_else(|| "absent".to_owned(), shown);
            Some(Finding::failure(format!("the refusal's `{name}` is no string"), "a string", actual))
        })
        .collect()
}

/// The text is advice: a difference beyond blanks, case and the final full stop is a warning.
fn description(row: &ErrorRow, answer: &Answer) -> Option<Finding> {
    let given = answer.json.as_ref()?.get("error_desc")?.as_str()?;
    // A text that ends in a placeholder is only the beginning of one.
    let same = match row.beginning() {
        Some(beginning) => plain(given).starts_with(&plain(beginning)),
        None => plain(given) == plain(row.desc),
    };
    (!same).then(|| Finding::warning("the refusal's text differs", row.desc, given))
}

fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// Whether the answer is the throttle's, in the reference's shape or the gateway's.
#[must_use]
pub fn is_throttled(op: &Operation, answer: &Answer) -> bool {
    let row = universal::throttled(op);
    let is = |code: Option<&Value>| code.is_some_and(|code| code.as_str() == Some(row.code));
    let gateways = || answer.json.as_ref().and_then(|json| json.get(universal::GATEWAY_MEMBERS[0]));
    op.is_protected() && answer.status == row.http_status && (is(error_code(answer)) || is(gateways()))
}

fn error_code(answer: &Answer) -> Option<&Value> {
    answer.json.as_ref()?.get("error_code").filter(|code| !code.is_null())
}

/// Every push is a POST.
#[must_use]
pub fn method(what: &str, given: &str) -> Option<Finding> {
    (given != "POST").then(|| Finding::failure(format!("{what} is no POST"), "POST", given))
}

/// A push whose body is no JSON.
#[must_use]
pub fn no_json_push(method: &str, push: &Answer) -> Vec<Finding> {
    let actual = format!("{method} with {:?}", push.body);
    vec![Finding::failure("a push is no JSON", "a POST with a JSON object", actual)]
}

/// Every answer and every push is `application/json`.
#[must_use]
pub fn content_type(what: &str, given: Option<&str>) -> Vec<Finding> {
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Vec::new();
    }
    let actual = given.unwrap_or("no Content-Type");
    vec![Finding::failure(format!("{what} is not declared as JSON"), "Content-Type: application/json", actual)]
}

/// Judges an object that the platform made by its table.
#[must_use]
pub fn table(what: &str, fields: &[Field], object: &serde_json::Map<String, Value>) -> Vec<Finding> {
    let (_, findings) = check::object(fields, object);
    findings
        .into_iter()
        // What the platform says has the table's types: the leniency is for what it is told.
        .filter(|finding| finding.problem.breaks() || finding.problem == Problem::Stringly)
        .filter(|finding| !tolerated(&finding.path, &finding.problem, object))
        .map(|finding| {
            let headline = format!("{what} breaks its table: {finding}");
            let value =
                crate::case::template::at_path(&Value::Object(object.clone()), &finding.path.replace("[]", "[0]"))
                    .map_or_else(|| "absent".to_owned(), shown);
            Finding::failure(headline, format!("`{}` as in the table", finding.path), value)
        })
        .collect()
}

/// What a ruling lets pass: `Bearer` without its blank, `UNKNOWN` in either spelling.
fn tolerated(path: &str, problem: &Problem, object: &serde_json::Map<String, Value>) -> bool {
    let Problem::NotListed { values } = problem else {
        return false;
    };
    let Some(text) = object.get(path).and_then(Value::as_str) else {
        return false;
    };
    let unknown = ["UNKNOW", "UNKNOWN"];
    values.iter().any(|v| v.trim() == text.trim())
        || (unknown.contains(&text) && values.iter().any(|v| unknown.contains(v)))
}

fn describe(wanted: &Refusal) -> String {
    let rows: Vec<String> = wanted
        .rows
        .iter()
        .map(|row| format!("status {} with error_code {} \"{}\" ({})", row.http_status, row.code, row.desc, row.name))
        .collect();
    let rows = rows.join("\nor ");
    match wanted.otherwise {
        Otherwise::Anything => "a refusal with an error_code".to_owned(),
        Otherwise::AnyCode => format!("a refusal: {rows}\nor another code with the same status"),
        Otherwise::Nothing | Otherwise::OtherCode => format!("a refusal: {rows}"),
    }
}

/// Status and error, or status and the beginning of the body.
#[must_use]
pub fn in_short(answer: &Answer) -> String {
    let member = |name: &str| answer.json.as_ref().and_then(|json| json.get(name));
    if let Some(code) = error_code(answer) {
        let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
        let text = member("error_desc").and_then(Value::as_str).unwrap_or_default();
        return format!("status {} with error_code {code} \"{text}\"", answer.status);
    }
    let body = answer.json.as_ref().map_or_else(|| answer.body.clone(), shown);
    let short: String = body.chars().take(300).collect();
    if short.is_empty() {
        return format!("status {} without a body", answer.status);
    }
    let dots = if short.len() < body.len() { "…" } else { "" };
    format!("status {} with {short}{dots}", answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iotdm_spec::catalogue::Op;
    use serde_json::json;

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            content_type: Some("application/json".to_owned()),
            body: body.to_string(),
            json: Some(body),
            ..Answer::default()
        }
    }

    fn refused(name: &str) -> Refusal {
        Refusal::named(Op::RegisterByPassword.table(), &[name.to_owned()]).unwrap()
    }

    #[test]
    fn a_refusal_with_the_status_of_a_success_is_no_success() {
        let op = Op::SendCommand.table();
        let given = answer(op.success_status, json!({"error_code": "1", "error_desc": "x"}));
        assert_eq!(success(op, &given, None).len(), 1);
    }

    #[test]
    fn a_refusal_is_judged_by_status_code_shape_and_text() {
        let op = Op::RegisterByPassword.table();
        let row = refused("NODE_ID_DUPLICATED").rows[0];
        let wanted = refused("NODE_ID_DUPLICATED");
        let body = |code: Value, text: &str| json!({"error_code": code, "error_desc": text});
        let right = answer(row.http_status, body(json!(row.code), "the  nodeid is duplicated"));
        assert!(refusal(op, &right, &wanted).is_empty());
        let text = answer(row.http_status, body(json!(row.code), "something else"));
        assert!(refusal(op, &text, &wanted).iter().all(|f| f.is_warning));
        let number: i64 = row.code.parse().unwrap();
        let typed = answer(row.http_status, body(json!(number), row.desc));
        assert!(refusal(op, &typed, &wanted).iter().any(|f| !f.is_warning));
        let status = answer(op.success_status, body(json!(row.code), row.desc));
        assert!(refusal(op, &status, &wanted).iter().any(|f| !f.is_warning));
        let accepted = answer(op.success_status, json!({"deviceId": "d"}));
        assert!(refusal(op, &accepted, &wanted).iter().any(|f| !f.is_warning));
    }

    #[test]
    fn another_listed_code_for_bad_input_is_a_warning() {
        let op = Op::SendCommand.table();
        let wanted = Refusal::input(op, None);
        let status = op.input.invalid.http_status;
        let listed = op.errors.iter().find(|r| r.http_status == status && r.code != op.input.invalid.code).unwrap();
        let given = answer(status, json!({"error_code": listed.code, "error_desc": "x"}));
        assert!(refusal(op, &given, &wanted).iter().all(|f| f.is_warning));
        let given = answer(status, json!({"error_code": "424242", "error_desc": "x"}));
        assert!(refusal(op, &given, &wanted).iter().any(|f| !f.is_warning));
    }

    #[test]
    fn what_the_platform_says_has_the_types_of_the_table() {
        let op = Op::Login.table();
        let body = json!({"tokenType": "Bearer", "expiresIn": "3600"});
        let findings = success(op, &answer(op.success_status, body), None);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].failure.headline.contains("expiresIn"));
    }
}
