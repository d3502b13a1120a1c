//! Cases derived from the contract: for every operation, whatever its tables say and every operation
//! shares, each from the valid baseline request that the clause's case file gives.

mod accepted;
mod defects;
mod exempt;
mod universal;

use std::collections::BTreeSet;
use std::sync::Arc;

use iotdm_spec::catalogue::{ClauseRef, Op};
use iotdm_spec::model::{Field, Kind, Operation, Place};
use iotdm_spec::requirement;
use serde_json::{Map, Value};

use crate::case::reading::{Baseline, describe, is_exclusive};
use crate::case::template::{at_path, put, remove};
use crate::case::{Action, Actor, Call, Case, Expect, Refusal, Step, Token};
use crate::target::Capability;
use crate::verdict::{Cited, Severity};
use exempt::Treatment;

/// Everything that is derived for one operation.
#[must_use]
pub fn derive(op: Op, baseline: &Baseline) -> Vec<Case> {
    let sweep = Sweep { op, table: op.table(), baseline };
    let mut drafts = accepted::drafts(&sweep);
    drafts.extend(defects::drafts(&sweep));
    drafts.extend(universal::drafts(&sweep));
    drafts.into_iter().filter_map(|draft| sweep.finish(draft)).collect()
}

/// What is the matter with a derived request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    Missing,
    Empty,
    TooLong,
    TooShort,
    BelowMinimum,
    AboveMaximum,
    WrongType,
    NotListed,
    BadFormat,
    Body,
    Token,
    Application,
    Resource,
    Throttle,
}

/// A derived case before it is finished.
#[derive(Debug)]
struct Draft {
    name: String,
    path: String,
    defect: Defect,
    verifies: Vec<String>,
    call: Call,
    extra_steps: Vec<Action>,
    finally: Vec<Action>,
    needs: Vec<Capability>,
    because: Option<&'static str>,
    soft: bool,
}

/// One operation, its table and its baseline.
struct Sweep<'a> {
    op: Op,
    table: &'static Operation,
    baseline: &'a Baseline,
}

/// A parameter of the operation, wherever it stands in the request.
#[derive(Debug, Clone)]
struct Parameter {
    /// The path in the request: `header.mode`, `list[0].x`.
    path: String,
    /// The path in the requirement's id: `list[].x`.
    id: String,
    field: &'static Field,
}

impl Sweep<'_> {
    /// Every parameter of query and body whose parent stands in the baseline.
    fn parameters(&self) -> Vec<Parameter> {
        let mut list = Vec::new();
        for param in self.table.params.iter().filter(|p| matches!(p.place, Place::Query | Place::Body)) {
            self.walk(&param.field, "", "", &mut list);
        }
        list
    }

    fn walk(&self, field: &'static Field, parent: &str, id: &str, list: &mut Vec<Parameter>) {
        let join =
            |parent: &str| if parent.is_empty() { field.name.to_owned() } else { format!("{parent}.{}", field.name) };
        let (path, id) = (join(parent), join(id));
        list.push(Parameter { path: path.clone(), id: id.clone(), field });
        let is_list = matches!(field.kind, Kind::Array(_));
        let (path, id) = if is_list { (format!("{path}[0]"), format!("{id}[]")) } else { (path, id) };
        if self.value(&path).is_some_and(Value::is_object) {
            for member in field.members {
                self.walk(member, &path, &id, list);
            }
        }
    }

    /// What the baseline has at a path.
    fn value(&self, path: &str) -> Option<&Value> {
        let (root, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
        at_path(self.baseline.with.get(root)?, rest)
    }

    /// The baseline as it is.
    fn call(&self) -> Call {
        crate::steps::plain_call(self.op, Actor::Application, self.baseline.with.clone())
    }

    /// The baseline with one value changed, or removed.
    fn changed(&self, path: &str, value: Option<Value>) -> Call {
        let mut with = Value::Object(self.baseline.with.clone());
        match value {
            Some(value) => {
                put(&mut with, path, value);
            }
            None => {
                remove(&mut with, path);
            }
        }
        Call { with: with.as_object().cloned().unwrap_or_else(Map::new), ..self.call() }
    }

    fn draft(&self, name: String, path: &str, defect: Defect, call: Call) -> Draft {
        Draft {
            name,
            path: path.to_owned(),
            defect,
            verifies: Vec::new(),
            call,
            extra_steps: Vec::new(),
            finally: Vec::new(),
            needs: Vec::new(),
            because: None,
            soft: false,
        }
    }

    /// Turns a draft into a case, unless a ruling exempts it.
    fn finish(&self, draft: Draft) -> Option<Case> {
        let (because, severity) = match exempt::treatment(self.table.name, &draft.path, draft.defect) {
            Treatment::Skip => return None,
            Treatment::Warn(ruling) => (Some(ruling), Severity::Should),
            Treatment::Judge if draft.soft => (draft.because, Severity::Should),
            Treatment::Judge => (draft.because, Severity::Must),
        };
        let cited: Vec<Cited> = draft.verifies.iter().filter_map(|id| Cited::find(id)).collect();
        let mut info = describe(ClauseRef::Operation(self.table), &draft.name, cited, true);
        info.because = because.map(str::to_owned);
        info.place = Some(self.baseline.place.clone());
        let mut steps = self.baseline.steps.clone();
        let placed = |action| Step { place: Some(self.baseline.place.clone()), action };
        steps.extend(draft.extra_steps.into_iter().chain([Action::Call(draft.call)]).map(placed));
        // What the draft changed comes first: under its throttle, nothing of the baseline could be put right.
        let finally = draft.finally.into_iter().map(placed).chain(self.baseline.finally.iter().cloned()).collect();
        let needs: BTreeSet<Capability> = self.baseline.needs.iter().copied().chain(draft.needs).collect();
        let exclusive = steps.iter().any(is_exclusive);
        Some(Case { info: Arc::new(info), needs, severity, exclusive, steps, finally })
    }

    /// The ids of those of the rows that stand in the operation's table.
    fn listed(&self, refusal: &Refusal) -> Vec<String> {
        let listed = refusal.rows.iter().filter(|row| self.table.error(row.http_status, row.code).is_some());
        listed.map(|row| requirement::error_id(self.table.clause, row)).collect()
    }

    fn parameter_id(&self, id: &str) -> String {
        requirement::parameter_id(self.table.clause, id)
    }
}

/// A call that must be refused.
fn refused(call: Call, refusal: Refusal) -> Call {
    Call { expect: Expect::Refused(refusal), ..call }
}

/// A call with another token.
fn with_token(call: Call, token: Token) -> Call {
    Call { token, ..call }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::reading;

    const FILE: &str = "clause: 1.5.2\nbaseline:\n  needs: [product]\n  with:\n    productId: \"${product.id}\"\n    \
        deviceInfo: {nodeId: \"${fresh.node}\"}\n    mqttConnect: true\ncases: []\n";

    fn cases() -> Vec<Case> {
        let file = reading::read("devices/register_by_password.yaml", FILE).unwrap();
        derive(Op::RegisterByPassword, &file.baseline.unwrap())
    }

    #[test]
    fn derives_what_the_table_says() {
        let ids: Vec<String> = cases().iter().map(|c| c.info.id.clone()).collect();
        for wanted in [
            "accepts-the-baseline",
            "accepts-its-own-appId",
            "accepts-the-longest-region",
            "refuses-without-deviceInfo.nodeId",
            "refuses-an-empty-deviceInfo.nodeId",
            "refuses-deviceInfo.nodeId-longer-than-256",
            "refuses-secret-shorter-than-20",
            "refuses-a-malformed-secret",
            "refuses-text-for-mqttConnect",
            "refuses-text-for-deviceInfo",
            "refuses-an-unlisted-deviceInfo.protocolType",
            "refuses-a-body-that-is-no-json",
            "refuses-no-token",
            "refuses-a-superseded-token",
            "refuses-an-unknown-appId",
        ] {
            assert!(ids.contains(&format!("1.5.2/derived/{wanted}")), "{wanted} is not in {ids:#?}");
        }
        assert!(!ids.iter().any(|id| id.contains("appId-longer")), "{ids:#?}");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
    }

    #[test]
    fn every_derived_case_cites_a_requirement() {
        for case in cases() {
            assert!(!case.info.verifies.is_empty(), "{}", case.info.id);
        }
    }
}
