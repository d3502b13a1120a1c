//! From what the runner tells to what the JSON report promises. The two are kept apart, so that the
//! runner's structures may change while the format stays.

use iotdm_spec::model::Party;

use super::{Case, Entry, Finding, Place, Report, Requirement, SCHEMA, Summary, Target, Verdict};
use crate::events::{self, CaseFinished, CaseInfo, EntryKind};
use crate::report::Record;
use crate::verdict::{self, Cited, Exit, Failure};

impl Report {
    /// The report of a run.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let started = record.started();
        let mut cases: Vec<Case> = record.finished().iter().map(finished_case).collect();
        cases.extend(
            record
                .unfinished()
                .into_iter()
                .map(|case| Case { reasons: vec![record.cut_off().to_owned()], ..bare_case(case, Verdict::NotRun) }),
        );
        Self {
            schema: SCHEMA,
            under_test: started.map(|started| Party::as_str(started.under_test).to_owned()),
            target: started.map(|started| target(&started.target)),
            summary: record.summary().map(|s| summary(s, record)),
            remarks: record.remarks().to_vec(),
            cases,
        }
    }
}

fn target(target: &events::TargetSummary) -> Target {
    Target {
        name: target.name.clone(),
        base_url: target.base_url.clone(),
        mqtt: target.mqtt.clone(),
        application: target.application.clone(),
        capabilities: target.capabilities.clone(),
    }
}

fn summary(summary: &events::Summary, record: &Record) -> Summary {
    let exit = match summary.exit {
        Exit::Passed => "passed",
        Exit::TargetFailed => "target_failed",
        Exit::BadInput => "bad_input",
        Exit::Environment => "environment",
        Exit::NothingRan => "nothing_ran",
    };
    Summary {
        exit: exit.to_owned(),
        exit_code: summary.exit.code(),
        aborted: summary.aborted.clone(),
        selected: summary.selected,
        passed: summary.passed,
        warned: summary.warned,
        failed: summary.failed,
        not_applicable: summary.not_applicable,
        not_seen: summary.not_seen,
        known_failures: summary.known_failures,
        unexpected_passes: summary.unexpected_passes,
        harness_errors: summary.harness_errors,
        not_run: record.unfinished().len(),
        requirements_verified: summary.requirements,
        requirements_cited: record.cited(),
        duration_ms: milliseconds(summary.duration),
    }
}

fn bare_case(info: &CaseInfo, verdict: Verdict) -> Case {
    Case {
        id: info.id.clone(),
        clause: info.clause.to_owned(),
        clause_title: info.clause_title.to_owned(),
        chapter: info.chapter.folder().to_owned(),
        name: info.statement.clone(),
        derived: info.derived,
        file: info.place.as_ref().map(|place| place.file.clone()),
        line: info.place.as_ref().map(|place| place.line),
        verdict,
        reasons: Vec::new(),
        requirements: info.verifies.iter().map(|cited| cited.id.clone()).collect(),
        ruling: info.because.clone(),
        duration_ms: None,
        failure: None,
        warnings: Vec::new(),
        transcript: Vec::new(),
    }
}

fn finished_case(finished: &CaseFinished) -> Case {
    let (name, failure, warnings) = sorted(&finished.verdict);
    let headlines = finished.verdict.failures().iter().map(|failure| failure.headline.clone());
    let own = failure.map_or(&[][..], |failure| &failure.transcript);
    let entries = match failure {
        Some(_) if finished.transcript.len() > own.len() => &finished.transcript,
        _ => own,
    };
    Case {
        reasons: finished.verdict.reason().map(str::to_owned).into_iter().chain(headlines).collect(),
        duration_ms: Some(milliseconds(finished.duration)),
        failure: failure.map(finding),
        warnings: warnings.iter().map(finding).collect(),
        transcript: entries.iter().map(entry).collect(),
        ..bare_case(&finished.case, name)
    }
}

/// The verdict's name, the failure that broke the case, and the findings that only warn.
fn sorted(verdict: &verdict::Verdict) -> (Verdict, Option<&Failure>, &[Failure]) {
    use verdict::Verdict as V;
    match verdict {
        V::Pass => (Verdict::Pass, None, &[]),
        V::Warn { findings } => (Verdict::Warn, None, findings),
        V::Fail { failure } => (Verdict::Fail, Some(failure), &[]),
        V::NotApplicable { .. } => (Verdict::NotApplicable, None, &[]),
        V::NotSeen { .. } => (Verdict::NotSeen, None, &[]),
        V::KnownFailure { failure, .. } => (Verdict::KnownFailure, Some(failure), &[]),
        V::UnexpectedPass { .. } => (Verdict::UnexpectedPass, None, &[]),
        V::HarnessError { failure } => (Verdict::HarnessError, Some(failure), &[]),
    }
}

fn finding(failure: &Failure) -> Finding {
    Finding {
        headline: failure.headline.clone(),
        expected: failure.expected.clone(),
        actual: failure.actual.clone(),
        place: failure.place.as_ref().map(place),
        requirements: failure.requirements.iter().map(requirement).collect(),
        rerun: failure.rerun.clone(),
    }
}

fn place(place: &verdict::Place) -> Place {
    Place { file: place.file.clone(), line: place.line, column: place.column, source: place.source.clone() }
}

fn requirement(cited: &Cited) -> Requirement {
    Requirement {
        id: cited.id.clone(),
        text: cited.text.clone(),
        line: cited.line,
        strength: cited.strength.to_owned(),
    }
}

fn entry(entry: &events::Entry) -> Entry {
    let kind = match entry.kind {
        EntryKind::HttpRequest => "http-request",
        EntryKind::HttpAnswer => "http-answer",
        EntryKind::MqttOut => "mqtt-out",
        EntryKind::MqttIn => "mqtt-in",
        EntryKind::CallbackIn => "callback-in",
        EntryKind::CallbackOut => "callback-out",
        EntryKind::Note => "note",
    };
    Entry { at_ms: entry.at, kind: kind.to_owned(), text: entry.text.clone() }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
