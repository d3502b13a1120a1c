//! Which cases apply to a target, and why the others do not.

use std::collections::BTreeSet;

use crate::case::{Action, Call, Case};
use crate::target::{Capability, Target};

/// What the user of a run asked for: whatever of it is missing is an error, not a skip.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Cases that were asked for by their whole id.
    pub cases: BTreeSet<String>,
    /// Capabilities that the target must have.
    pub capabilities: BTreeSet<Capability>,
}

/// Whether a case runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It runs.
    Run,
    /// It does not apply; why.
    NotApplicable(String),
    /// It was asked for, but cannot run; why.
    Missing(String),
}

/// Decides whether a case runs against a target.
#[must_use]
pub fn decide(case: &Case, target: &Target, demands: &Demands) -> Decision {
    let Some((reason, capability)) = obstacle(case, target) else {
        return Decision::Run;
    };
    let demanded = demands.cases.contains(&case.info.id)
        || capability.is_some_and(|capability| demands.capabilities.contains(&capability));
    if demanded { Decision::Missing(reason) } else { Decision::NotApplicable(reason) }
}

fn obstacle(case: &Case, target: &Target) -> Option<(String, Option<Capability>)> {
    for capability in &case.needs {
        let name = capability.as_str();
        if !target.capabilities.contains(capability) {
            return Some((format!("the target does not offer `{name}`"), Some(*capability)));
        }
        if let Err(missing) = target.prerequisite(*capability) {
            return Some((missing, Some(*capability)));
        }
    }
    let unplayed = case.steps.iter().filter_map(|step| called(&step.action)).find(|call| !target.plays(call.op))?;
    Some((format!("the target does not play `{}`", unplayed.op.table().name), None))
}

fn called(action: &Action) -> Option<&Call> {
    match action {
        Action::Call(call) | Action::Eventually(call, _) => Some(call),
        _ => None,
    }
}
