//! What a report keeps of a run.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::events::{CaseFinished, CaseInfo, Event, RunStarted, Summary};
use crate::verdict::Verdict;

/// A run as far as it has been heard of. Transcripts are kept of those cases only that have
/// findings, so that a long run does not fill the memory with what nobody reads.
#[derive(Debug, Clone, Default)]
pub struct Record {
    started: Option<RunStarted>,
    finished: Vec<CaseFinished>,
    remarks: Vec<String>,
    summary: Option<Summary>,
}

impl Record {
    /// Takes an event in.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::RunStarted(started) => self.started = Some(started.clone()),
            Event::CaseStarted { .. } => {}
            Event::CaseFinished(finished) => self.finished.push(CaseFinished {
                transcript: transcript_worth_keeping(finished),
                case: finished.case.clone(),
                verdict: finished.verdict.clone(),
                duration: finished.duration,
            }),
            Event::Remark { text } => self.remarks.push(text.clone()),
            Event::RunFinished { summary } => self.summary = Some(summary.clone()),
        }
    }

    /// The run's start; none if it never started.
    #[must_use]
    pub const fn started(&self) -> Option<&RunStarted> {
        self.started.as_ref()
    }

    /// The cases that have ended, in the order of the run.
    #[must_use]
    pub fn finished(&self) -> &[CaseFinished] {
        &self.finished
    }

    /// What whoever reads the end of the run must know.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The run's end; none as long as it goes on, or if it was cut off.
    #[must_use]
    pub const fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// Every selected case.
    #[must_use]
    pub fn cases(&self) -> &[Arc<CaseInfo>] {
        self.started.as_ref().map_or(&[], |started| &started.cases)
    }

    /// The selected cases that have not ended. After the run's end they are those that it never
    /// came to; no report may drop them without a word.
    #[must_use]
    pub fn unfinished(&self) -> Vec<&Arc<CaseInfo>> {
        let ended: HashSet<&str> = self.finished.iter().map(|f| f.case.id.as_str()).collect();
        self.cases().iter().filter(|case| !ended.contains(case.id.as_str())).collect()
    }

    /// Why the cases that have not ended did not.
    #[must_use]
    pub fn cut_off(&self) -> &str {
        let aborted = self.summary.as_ref().and_then(|summary| summary.aborted.as_deref());
        aborted.unwrap_or("the run was cut off before this case ended")
    }

    /// How many different requirements the selected cases cite.
    #[must_use]
    pub fn cited(&self) -> usize {
        let ids: BTreeSet<&str> =
            self.cases().iter().flat_map(|case| &case.verifies).map(|cited| cited.id.as_str()).collect();
        ids.len()
    }
}

fn transcript_worth_keeping(finished: &CaseFinished) -> Vec<crate::events::Entry> {
    match finished.verdict {
        Verdict::Fail { .. } | Verdict::HarnessError { .. } | Verdict::KnownFailure { .. } | Verdict::Warn { .. } => {
            finished.transcript.clone()
        }
        _ => Vec::new(),
    }
}
