//! Reads a case file: one clause, its baseline, its cases.

use std::collections::BTreeSet;
use std::sync::Arc;

use iotdm_spec::catalogue::{self, ClauseRef};
use iotdm_spec::model::Strength;
use iotdm_spec::requirement::{self, Requirement};
use serde_json::{Map, Value};

use super::names::Names;
use super::{Action, Call, Case, Step, step};
use crate::events::CaseInfo;
use crate::target::Capability;
use crate::verdict::{Cited, Place, Severity};
use crate::yaml::{self, Document, Fields, FileError, Node};

/// What a case file holds.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The clause.
    pub clause: ClauseRef,
    /// The valid request from which the dull cases are derived.
    pub baseline: Option<Baseline>,
    /// The cases, in written order.
    pub cases: Vec<Case>,
}

/// A valid request of an operation, and what has to be done before it.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Where it is written.
    pub place: Place,
    /// What the target must offer.
    pub needs: BTreeSet<Capability>,
    /// What has to be done before.
    pub steps: Vec<Step>,
    /// The parameters.
    pub with: Map<String, Value>,
    /// What is done afterwards in any case, to put right what a success has made.
    pub finally: Vec<Step>,
}

/// Reads a case file, collecting everything that is wrong with it.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn read(file: &str, text: &str) -> Result<CaseFile, Vec<FileError>> {
    let document = yaml::parse(file, text).map_err(|e| vec![e])?;
    let one = |error| vec![error];
    let fields = Fields::read(&document, &document.root, &["clause", "baseline", "cases"]).map_err(one)?;
    let clause = clause(&document, &fields).map_err(one)?;
    let mut errors = Vec::new();
    let baseline = fields.get("baseline").and_then(|node| keep(baseline(&document, node), &mut errors));
    let mut cases: Vec<Case> = Vec::new();
    let nodes = fields.get("cases").map_or(Ok(&[][..]), |node| node.list(&document)).map_err(one)?;
    for node in nodes {
        let Some(case) = keep(case(&document, clause, node), &mut errors) else {
            continue;
        };
        if cases.iter().any(|known| known.info.id == case.info.id) {
            errors.push(document.error(node.at, format!("there are two cases `{}`", case.info.id)));
        }
        cases.push(case);
    }
    if errors.is_empty() { Ok(CaseFile { clause, baseline, cases }) } else { Err(errors) }
}

fn keep<T>(outcome: Result<T, FileError>, errors: &mut Vec<FileError>) -> Option<T> {
    outcome.map_err(|error| errors.push(error)).ok()
}

/// The clause must be the one whose name the file bears: the layout is part of the contract.
fn clause(document: &Document, fields: &Fields<'_>) -> Result<ClauseRef, FileError> {
    let node = fields.need("clause")?;
    let number = node.text(document)?;
    let clause = catalogue::clause(&number).ok_or_else(|| {
        let all = catalogue::clauses();
        let known: Vec<&str> = all.iter().map(ClauseRef::clause).collect();
        document.unknown(node.at, "clause", &number, known)
    })?;
    let wanted = format!("{}/{}.yaml", clause.chapter().folder(), clause.name());
    if document.file().replace('\\', "/").ends_with(&wanted) {
        return Ok(clause);
    }
    Err(document.error(node.at, format!("clause {number} belongs into a file called {wanted}")))
}

fn needs(document: &Document, fields: &Fields<'_>) -> Result<BTreeSet<Capability>, FileError> {
    let Some(node) = fields.get("needs") else {
        return Ok(BTreeSet::new());
    };
    node.list(document)?
        .iter()
        .map(|item| {
            let name = item.text(document)?;
            let known = Capability::ALL.map(Capability::as_str);
            Capability::parse(&name).ok_or_else(|| document.unknown(item.at, "capability", &name, known))
        })
        .collect()
}

/// What the steps use must be declared: a reader sees at the head of a case what it rests on.
fn check_needs(document: &Document, names: &Names, needs: &BTreeSet<Capability>) -> Result<(), FileError> {
    let undeclared = names.used.iter().find(|(capability, _)| !needs.contains(capability));
    let Some((capability, at)) = undeclared else {
        return Ok(());
    };
    let name = capability.as_str();
    Err(document.error(*at, format!("this needs `{name}`")).hint(Some(format!("add `{name}` to the case's `needs`"))))
}

fn baseline(document: &Document, node: &Node) -> Result<Baseline, FileError> {
    let fields = Fields::read(document, node, &["needs", "steps", "with", "finally"])?;
    let needs = needs(document, &fields)?;
    let mut names = Names::default();
    let steps = steps(document, fields.get("steps"), &mut names)?;
    let mut with = Map::new();
    if let Some(node) = fields.get("with") {
        names.check(document, node)?;
        node.map(document)?;
        with = node.to_value().as_object().cloned().unwrap_or_default();
    }
    let finally = self::steps(document, fields.get("finally"), &mut names)?;
    check_needs(document, &names, &needs)?;
    Ok(Baseline { place: document.place(node.at), needs, steps, with, finally })
}

fn steps(document: &Document, node: Option<&Node>, names: &mut Names) -> Result<Vec<Step>, FileError> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    node.list(document)?.iter().map(|step| step::read(document, step, names)).collect()
}

fn case(document: &Document, clause: ClauseRef, node: &Node) -> Result<Case, FileError> {
    let known = ["name", "verifies", "needs", "because", "severity", "steps", "finally"];
    let fields = Fields::read(document, node, &known)?;
    let name = fields.need_text("name")?;
    let name_at = fields.need("name")?.at;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
        return Err(document.error(name_at, "a case's name is made of letters, digits, hyphens and full stops"));
    }
    let verified = verifies(document, clause, &fields)?;
    let needs = needs(document, &fields)?;
    let mut names = Names::default();
    let case_steps = steps(document, Some(fields.need("steps")?), &mut names)?;
    let finally = steps(document, fields.get("finally"), &mut names)?;
    check_needs(document, &names, &needs)?;
    let strongest = Severity::of(verified.iter().map(|r| r.strength));
    let severities = [("must", Severity::Must), ("should", Severity::Should)];
    let severity = fields.word("severity", &severities, strongest)?;
    let cited = verified.into_iter().map(Cited::of).collect();
    let mut info = describe(clause, &name, cited, false);
    info.because = fields.text("because")?;
    info.place = Some(document.place(name_at));
    let exclusive = case_steps.iter().chain(&finally).any(is_exclusive);
    Ok(Case { info: Arc::new(info), needs, severity, exclusive, steps: case_steps, finally })
}

/// What is known of a case of this name.
#[must_use]
pub fn describe(clause: ClauseRef, name: &str, verifies: Vec<Cited>, derived: bool) -> CaseInfo {
    let folder = if derived { "derived/" } else { "" };
    CaseInfo {
        id: format!("{}/{folder}{name}", clause.clause()),
        clause: clause.clause(),
        clause_title: clause.title(),
        clause_name: clause.name(),
        chapter: clause.chapter(),
        statement: name.replace('-', " "),
        derived,
        verifies,
        because: None,
        place: None,
    }
}

fn verifies(
    document: &Document,
    clause: ClauseRef,
    fields: &Fields<'_>,
) -> Result<Vec<&'static Requirement>, FileError> {
    let node = fields.need("verifies")?;
    let items = node.list(document)?;
    if items.is_empty() {
        return Err(document.error(node.at, "a case verifies at least one requirement"));
    }
    items
        .iter()
        .map(|item| {
            let id = item.text(document)?;
            let full = format!("{}/{id}", clause.clause());
            let found = requirement::find(&full).or_else(|| requirement::find(&id));
            let found = found.ok_or_else(|| unknown_requirement(document, clause, item, &id))?;
            if found.strength == Strength::May {
                return Err(document.error(item.at, format!("`{id}` is a permission, which nobody can break")));
            }
            Ok(found)
        })
        .collect()
}

fn unknown_requirement(document: &Document, clause: ClauseRef, item: &Node, id: &str) -> FileError {
    let own = format!("{}/", clause.clause());
    let known: Vec<&str> = requirement::all().iter().filter_map(|r| r.id.strip_prefix(own.as_str())).collect();
    let mut error = document.unknown(item.at, "requirement", id, known);
    if error.hint.as_ref().is_some_and(|hint| hint.starts_with("known are")) {
        error.hint = Some(format!("`iotdm explain {}` lists the requirements of the clause", clause.clause()));
    }
    error
}

/// Whether a step disturbs cases that run at the same time: a login of the shared application makes
/// its token worthless for them (one that should be refused does so on a platform that lets it in,
/// which must not be blamed on the others), and the clock and the state of an application are everybody's.
/// So are the few batch tasks that an application may have unfinished (1.10.1, line 5107).
#[must_use]
pub fn is_exclusive(step: &Step) -> bool {
    match &step.action {
        Action::Call(call) | Action::Eventually(call, _) => uses_up_what_all_share(call),
        Action::Control(control) => control.is_shared(),
        _ => false,
    }
}

fn uses_up_what_all_share(call: &Call) -> bool {
    use iotdm_spec::catalogue::Op;
    matches!(call.op, Op::Login | Op::RefreshToken | Op::CreateBatchTask)
}
