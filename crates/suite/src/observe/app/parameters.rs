//! The parameters of a call by the tables of its operation.

use iotdm_spec::check::{self, Finding, Problem};
use iotdm_spec::model::{Field, Place};
use iotdm_spec::requirement::{self, parameter_id};
use iotdm_spec::{nearest, secrets};
use serde_json::{Map, Value};

use super::calls::Asked;
use crate::observe::device::present;
use crate::observe::grades::Grades;

/// The kind of deviation that is a member which is not there.
const MISSING: &str = "missing";

/// Grades path, query and body.
pub(super) fn grade(asked: &Asked<'_>, grades: &mut Grades) {
    part(asked, Place::Path, &asked.path, grades);
    part(asked, Place::Query, &asked.query, grades);
    // A body that cannot be read is another fault: its parameters are not missing one by one.
    if let Some(body) = &asked.body {
        part(asked, Place::Body, body, grades);
        secret_members(asked, grades);
    }
}

fn part(asked: &Asked<'_>, place: Place, object: &Map<String, Value>, grades: &mut Grades) {
    let fields: Vec<Field> = asked.table.params.iter().filter(|p| p.place == place).map(|p| p.field).collect();
    let (_, findings) = check::object(&fields, object);
    // The journal masks what is secret: its length and form can't be told from it.
    let findings: Vec<Finding> =
        findings.into_iter().filter(|f| f.problem == Problem::Missing || !is_secret(&f.path)).collect();
    for finding in &findings {
        judge(asked, place, object, finding, grades);
    }
    let mut there = Vec::new();
    present(&fields, object, "", &mut there);
    there.sort_unstable();
    there.dedup();
    for path in there.iter().filter(|path| !findings.iter().any(|f| bare(&f.path) == path.as_str())) {
        grades.keeps(&parameter_id(asked.table.clause, path));
    }
}

fn judge(asked: &Asked<'_>, place: Place, object: &Map<String, Value>, finding: &Finding, grades: &mut Grades) {
    let text = format!("{finding} ({})", place.as_str());
    // The journal masks what is secret; one of another platform may not.
    let mut shown = Value::Object(object.clone());
    secrets::mask(&mut shown);
    let shown = shown.to_string();
    let id = parameter_id(asked.table.clause, bare(&finding.path));
    match finding.problem {
        // The platform tolerates it, and real clients do it.
        Problem::Stringly => grades.doubts(&id, asked.flaw(text, "the type of the table", shown)),
        // A ruling allows it, or real clients do it.
        Problem::Alias { .. } | Problem::OtherSpelling { .. } | Problem::BeyondTable { .. } => {
            grades.doubts(&id, asked.flaw(text, "as the table says", shown));
        }
        // As good as absent.
        Problem::Null => {}
        Problem::Unknown => unknown(asked, &finding.path, &text, &shown, grades),
        _ => {
            let expected = requirement::find(&id).map_or_else(|| "as the table says".to_owned(), |r| r.text.clone());
            grades.breaks(&id, asked.flaw(text, expected, shown));
        }
    }
}

/// An unknown member harms nobody, unless it is meant for one that the table has.
fn unknown(asked: &Asked<'_>, path: &str, text: &str, shown: &str, grades: &mut Grades) {
    let mut known = Vec::new();
    let fields = asked.table.params.iter().filter(|p| p.place != Place::Header).map(|p| &p.field);
    requirement::visit(fields, "", &mut |path, _, _| known.push(path.to_owned()));
    let Some(meant) = nearest::of(path, known.iter().map(String::as_str)) else { return };
    if asked.parameter(meant).is_none() {
        let expected = format!("did the application mean `{meant}`?");
        grades.doubts(&parameter_id(asked.table.clause, meant), asked.flaw(text, expected, shown));
    }
}

/// What only the platform saw: whether a secret has the right form.
fn secret_members(asked: &Asked<'_>, grades: &mut Grades) {
    for deviation in asked.call.deviations.iter().filter(|deviation| !deviation.tolerated) {
        let id = &deviation.requirement;
        let known = requirement::find(id).is_some_and(|r| r.clause == asked.table.clause);
        // What is missing as a whole we have seen ourselves.
        let there = id.rsplit('/').next().is_some_and(|path| asked.parameter(path).is_some());
        if known && is_secret(id) && (deviation.kind != MISSING || there) {
            grades.breaks(id, asked.flaw(deviation.text.clone(), "as the table says", "(masked)"));
        }
    }
}

/// Whether a dotted path, or an id that ends with one, names a secret.
fn is_secret(path: &str) -> bool {
    secrets::is_secret(path.rsplit(['.', '/']).next().unwrap_or(path))
}

/// An item that is wrong as a whole is its array's fault.
fn bare(path: &str) -> &str {
    path.strip_suffix("[]").unwrap_or(path)
}
