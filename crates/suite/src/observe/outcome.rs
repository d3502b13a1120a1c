//! From grades to the events of a report: every requirement of a party is a case.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iotdm_spec::catalogue::{self, ClauseRef};
use iotdm_spec::model::{Party, Strength};
use iotdm_spec::requirement::{self, Requirement};

use crate::events::{CaseFinished, CaseInfo, Event, RunStarted, Summary};
use crate::target::Target;
use crate::verdict::{Cited, Exit, Verdict};

/// The requirements that bind a party, as cases, in the order of the reference. What is only
/// allowed is never judged.
pub(super) fn requirements(party: Party, wanted: impl Fn(&Requirement) -> bool) -> Vec<Arc<CaseInfo>> {
    let clauses = catalogue::clauses();
    let bound = requirement::all().iter().filter(|r| r.binds == party && r.strength != Strength::May && wanted(r));
    let case = |r: &Requirement| {
        let clause = clauses.iter().find(|clause| clause.clause() == r.clause)?;
        let statement = r.text.trim_end_matches('.').to_owned();
        Some(case(clause, r.id.clone(), statement, vec![Cited::of(r)]))
    };
    bound.filter_map(case).collect()
}

/// A case of our own, on something that no single requirement says.
pub(super) fn own_case(id: &'static str) -> Option<Arc<CaseInfo>> {
    let (clause, slug) = (id.split('/').next()?, id.rsplit('/').next()?);
    Some(case(&catalogue::clause(clause)?, id.to_owned(), slug.replace('-', " "), Vec::new()))
}

fn case(clause: &ClauseRef, id: String, statement: String, verifies: Vec<Cited>) -> Arc<CaseInfo> {
    Arc::new(CaseInfo {
        id,
        clause: clause.clause(),
        clause_title: clause.title(),
        clause_name: clause.name(),
        chapter: clause.chapter(),
        statement,
        derived: false,
        verifies,
        because: None,
        place: None,
    })
}

/// A run that has begun.
pub(super) struct Run<'a> {
    cases: Vec<Arc<CaseInfo>>,
    begun: Instant,
    on: &'a mut dyn FnMut(Event),
}

/// How a run went that could not be finished, or showed nothing.
pub(super) enum Ending {
    /// The cases have verdicts; what is told, if anything, puts the whole run in doubt.
    Judged {
        /// What the environment did wrong.
        trouble: Option<String>,
        /// Why nothing was shown, should nothing be.
        silence: String,
        /// Whether the party was there at all: without that nothing counts as passed.
        contact: bool,
    },
    /// It could not be carried out: the environment's fault or ours.
    Aborted(String),
}

impl<'a> Run<'a> {
    /// Tells that the run starts.
    pub(super) fn begin(
        party: Party,
        target: &Target,
        cases: Vec<Arc<CaseInfo>>,
        on: &'a mut dyn FnMut(Event),
    ) -> Self {
        on(Event::RunStarted(RunStarted { under_test: party, target: target.summary(), cases: cases.clone() }));
        Self { cases, begun: Instant::now(), on }
    }

    /// Tells every case's verdict, and how the run ends.
    pub(super) fn end(self, verdict: impl Fn(&CaseInfo) -> Verdict, ending: Ending) -> Summary {
        let judged: Vec<(Arc<CaseInfo>, Verdict)> = match &ending {
            Ending::Judged { .. } => self.cases.iter().map(|case| (case.clone(), verdict(case))).collect(),
            Ending::Aborted(_) => Vec::new(),
        };
        let summary = summary(&judged, self.cases.len(), self.begun.elapsed(), ending);
        for (case, verdict) in judged {
            (self.on)(Event::CaseStarted { case: case.clone() });
            let transcript = verdict.failures().first().map(|failure| failure.transcript.clone()).unwrap_or_default();
            (self.on)(Event::CaseFinished(CaseFinished { case, verdict, duration: Duration::ZERO, transcript }));
        }
        (self.on)(Event::RunFinished { summary: summary.clone() });
        summary
    }
}

fn summary(judged: &[(Arc<CaseInfo>, Verdict)], selected: usize, duration: Duration, ending: Ending) -> Summary {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (_, verdict) in judged {
        *counts.entry(verdict.name()).or_default() += 1;
    }
    let of = |name: &str| counts.get(name).copied().unwrap_or_default();
    let executed = judged.iter().filter(|(_, verdict)| verdict.was_executed());
    let (exit, aborted) = match ending {
        Ending::Aborted(why) => (Exit::Environment, Some(why)),
        Ending::Judged { silence, .. } if executed.clone().count() == 0 => (Exit::NothingRan, Some(silence)),
        Ending::Judged { trouble, .. } if judged.iter().any(|(_, v)| v.fails_the_run()) => {
            (Exit::TargetFailed, trouble)
        }
        Ending::Judged { trouble: Some(trouble), .. } => (Exit::Environment, Some(trouble)),
        Ending::Judged { silence, contact: false, .. } => (Exit::NothingRan, Some(silence)),
        Ending::Judged { .. } => (Exit::Passed, None),
    };
    Summary {
        selected,
        passed: of("pass"),
        warned: of("warn"),
        failed: of("fail"),
        not_applicable: of("not applicable"),
        not_seen: of("not seen"),
        known_failures: of("known failure"),
        unexpected_passes: of("unexpected pass"),
        harness_errors: of("harness error"),
        requirements: executed.filter(|(case, _)| !case.verifies.is_empty()).count(),
        duration,
        aborted,
        exit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Credentials;
    use crate::verdict::Failure;

    fn run(verdict: impl Fn(&CaseInfo) -> Verdict, ending: Ending) -> (Summary, usize) {
        let target = Target::new("t", "https://h", Credentials { id: "a".to_owned(), secret: "s".to_owned() });
        let mut events = 0;
        let mut on = |_: Event| events += 1;
        let cases = requirements(Party::Device, |r| r.clause == "2.5");
        let summary = Run::begin(Party::Device, &target, cases, &mut on).end(verdict, ending);
        (summary, events)
    }

    fn judged() -> Ending {
        Ending::Judged { trouble: None, silence: "nothing came".to_owned(), contact: true }
    }

    #[test]
    fn a_party_that_shows_nothing_does_not_pass() {
        let (summary, events) = run(|_| Verdict::NotSeen { reason: "no".to_owned() }, judged());
        assert_eq!(summary.exit, Exit::NothingRan);
        assert_eq!(summary.aborted.as_deref(), Some("nothing came"));
        assert_eq!(events, 2 + 2 * summary.selected);
    }

    #[test]
    fn the_exit_follows_the_worst_verdict() {
        let fails = |case: &CaseInfo| match case.id.as_str() {
            "2.5/req/mid" => Verdict::Fail { failure: Box::new(Failure::new("h", "e", "a")) },
            _ => Verdict::Pass,
        };
        assert_eq!(run(fails, judged()).0.exit, Exit::TargetFailed);
        assert_eq!(run(|_| Verdict::Pass, judged()).0.exit, Exit::Passed);
        let doubtful = Ending::Judged { trouble: Some("gaps".to_owned()), silence: String::new(), contact: true };
        assert_eq!(run(|_| Verdict::Pass, doubtful).0.exit, Exit::Environment);
        let never_in = Ending::Judged { trouble: None, silence: "never let in".to_owned(), contact: false };
        assert_eq!(run(|_| Verdict::Pass, never_in).0.exit, Exit::NothingRan);
        let (summary, events) = run(|_| Verdict::Pass, Ending::Aborted("no contact".to_owned()));
        assert_eq!((summary.exit, events), (Exit::Environment, 2));
    }

    #[test]
    fn our_own_cases_name_their_clause() {
        let case = own_case("2.5/session/answers-a-command").unwrap();
        assert_eq!((case.clause, case.statement.as_str()), ("2.5", "answers a command"));
    }
}
