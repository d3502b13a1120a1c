//! What was found on each requirement, and the verdict that follows from it.

use std::collections::BTreeMap;

use iotdm_spec::model::Strength;
use iotdm_spec::requirement;

use super::feed::Observation;
use super::story;
use crate::events::CaseInfo;
use crate::verdict::{Failure, Verdict};
use crate::wire::transcript::Secrets;

/// The most warnings of one requirement that a report shows.
const MOST_FINDINGS: usize = 5;

/// One thing that is not as it should be.
#[derive(Debug, Clone)]
pub(super) struct Flaw {
    /// What happened, in one line.
    pub(super) headline: String,
    /// What should have come.
    pub(super) expected: String,
    /// What came.
    pub(super) actual: String,
    /// The journal entries that show it.
    pub(super) shown_by: Vec<u64>,
}

impl Flaw {
    /// A flaw that one entry of the journal shows.
    pub(super) fn new(
        by: &Observation,
        headline: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self { headline: headline.into(), expected: expected.into(), actual: actual.into(), shown_by: vec![by.seq] }
    }

    /// Other entries that belong to it.
    pub(super) fn with(mut self, others: impl IntoIterator<Item = u64>) -> Self {
        self.shown_by.extend(others);
        self
    }
}

/// What was found on one requirement.
#[derive(Debug, Default)]
struct Record {
    kept: usize,
    broken: Vec<Flaw>,
    doubtful: Vec<Flaw>,
    unseen: Option<String>,
    aside: Option<String>,
}

/// What was found on each requirement (and on each case of our own), by id.
#[derive(Debug, Default)]
pub(super) struct Grades(BTreeMap<String, Record>);

impl Grades {
    fn of(&mut self, id: &str) -> &mut Record {
        let ours = id.contains("/session/");
        debug_assert!(ours || requirement::find(id).is_some(), "the contract has no {id}");
        self.0.entry(id.to_owned()).or_default()
    }

    /// Something shows that it is kept.
    pub(super) fn keeps(&mut self, id: &str) {
        self.of(id).kept += 1;
    }

    /// Something shows that it is broken.
    pub(super) fn breaks(&mut self, id: &str, flaw: Flaw) {
        self.of(id).broken.push(flaw);
    }

    /// Something is odd, but no failure: a habit that everybody tolerates, or a matter of reading.
    pub(super) fn doubts(&mut self, id: &str, flaw: Flaw) {
        self.of(id).doubtful.push(flaw);
    }

    /// Kept without a flaw, broken with one.
    pub(super) fn judge(&mut self, id: &str, flaw: Option<Flaw>) {
        match flaw {
            Some(flaw) => self.breaks(id, flaw),
            None => self.keeps(id),
        }
    }

    /// Why nothing was seen of it, should nothing be.
    pub(super) fn unseen(&mut self, id: &str, reason: &str) {
        self.of(id).unseen.get_or_insert_with(|| reason.to_owned());
    }

    /// Why it does not apply, should nothing be seen of it.
    pub(super) fn aside(&mut self, id: &str, reason: &str) {
        self.of(id).aside.get_or_insert_with(|| reason.to_owned());
    }

    /// The flaws that break an id.
    #[cfg(test)]
    pub(super) fn flaws(&self, id: &str) -> &[Flaw] {
        self.0.get(id).map_or(&[], |record| &record.broken)
    }

    /// The ids with a flaw that breaks them.
    #[cfg(test)]
    pub(super) fn broken(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, record)| !record.broken.is_empty()).map(|(id, _)| id.as_str()).collect()
    }

    /// The ids with a doubt and without a flaw that breaks them.
    #[cfg(test)]
    pub(super) fn doubted(&self) -> Vec<&str> {
        let doubted = |record: &Record| record.broken.is_empty() && !record.doubtful.is_empty();
        self.0.iter().filter(|(_, record)| doubted(record)).map(|(id, _)| id.as_str()).collect()
    }

    /// Whether something shows that it is kept, and nothing that it is not.
    #[cfg(test)]
    pub(super) fn is_kept(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|r| r.kept > 0 && r.broken.is_empty() && r.doubtful.is_empty())
    }
}

/// What every failure carries beside its flaw.
pub(super) struct Evidence<'a> {
    /// Everything that was observed.
    pub(super) seen: &'a [Observation],
    /// What must not stand in a report.
    pub(super) secrets: &'a Secrets,
    /// The command that repeats the check.
    pub(super) rerun: &'a str,
}

impl Grades {
    /// The verdict on a case; `otherwise` says why nothing was seen of it, where nobody said so.
    pub(super) fn verdict(&self, case: &CaseInfo, evidence: &Evidence<'_>, otherwise: &Verdict) -> Verdict {
        let Some(record) = self.0.get(&case.id) else {
            return otherwise.clone();
        };
        let failure = |flaw: &Flaw, more: usize| evidence.failure(case, flaw, more);
        let must = requirement::find(&case.id).is_none_or(|r| r.strength == Strength::Must);
        if let Some(first) = record.broken.first().filter(|_| must) {
            return Verdict::Fail { failure: Box::new(failure(first, record.broken.len() - 1)) };
        }
        let flaws: Vec<&Flaw> = record.broken.iter().chain(&record.doubtful).collect();
        if !flaws.is_empty() {
            let findings = flaws.iter().take(MOST_FINDINGS).map(|flaw| failure(flaw, 0)).collect();
            return Verdict::Warn { findings };
        }
        if record.kept > 0 {
            return Verdict::Pass;
        }
        if let Some(reason) = &record.aside {
            return Verdict::NotApplicable { reason: evidence.secrets.hide(reason) };
        }
        let unseen = record.unseen.as_ref().map(|reason| evidence.secrets.hide(reason));
        unseen.map_or_else(|| otherwise.clone(), |reason| Verdict::NotSeen { reason })
    }
}

impl Evidence<'_> {
    fn failure(&self, case: &CaseInfo, flaw: &Flaw, more: usize) -> Failure {
        let mut actual = flaw.actual.clone();
        if more > 0 {
            actual.push_str(&format!("\n(and {more} more of this kind)"));
        }
        let mut failure = Failure::new(
            self.secrets.hide(&flaw.headline),
            self.secrets.hide(&flaw.expected),
            self.secrets.hide(&actual),
        );
        failure.requirements.clone_from(&case.verifies);
        failure.transcript = story::around(self.seen, &flaw.shown_by, self.secrets);
        failure.rerun = self.secrets.hide(self.rerun);
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::outcome::requirements;
    use iotdm_spec::model::Party;

    fn verdict(grades: &Grades, id: &str) -> Verdict {
        let cases = requirements(Party::Application, |_| true);
        let case = cases.iter().find(|case| case.id == id).unwrap();
        let evidence = Evidence { seen: &[], secrets: &Secrets::default(), rerun: "again" };
        let otherwise = Verdict::NotSeen { reason: "nobody did it".to_owned() };
        grades.verdict(case, &evidence, &otherwise)
    }

    fn flaw() -> Flaw {
        Flaw { headline: "h".to_owned(), expected: "e".to_owned(), actual: "a".to_owned(), shown_by: Vec::new() }
    }

    #[test]
    fn the_worst_that_was_found_decides() {
        let (must, should) = ("1.4.1/req/appId", "1.7.1/rule/callback-https-preferred");
        let mut grades = Grades::default();
        assert_eq!(verdict(&grades, must).name(), "not seen");
        grades.aside(must, "cannot be seen");
        assert_eq!(verdict(&grades, must).name(), "not applicable");
        grades.keeps(must);
        assert_eq!(verdict(&grades, must).name(), "pass");
        grades.doubts(must, flaw());
        assert_eq!(verdict(&grades, must).name(), "warn");
        grades.breaks(must, flaw());
        grades.breaks(must, flaw());
        let verdict_of_must = verdict(&grades, must);
        assert_eq!(verdict_of_must.name(), "fail");
        assert!(verdict_of_must.failures()[0].actual.ends_with("(and 1 more of this kind)"));
        assert_eq!(verdict_of_must.failures()[0].requirements[0].id, must);
        grades.breaks(should, flaw());
        assert_eq!(verdict(&grades, should).name(), "warn");
    }
}
