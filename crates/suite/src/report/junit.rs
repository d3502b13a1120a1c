//! The report for a CI server: JUnit's XML, one suite a chapter, one case a case.
//!
//! A warning is a success with its text as output, a known failure and a case that does not apply
//! are skipped with their reasons, and what is not the target's fault is an error. A run that
//! executed nothing, or was cut off, has an error of its own: no reader may take it for green.

use std::io::{self, Write};

use iotdm_spec::model::{Chapter, Party};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::case_text;
use super::record::Record;
use super::wrapping::printable;
use crate::events::{CaseFinished, CaseInfo, RunStarted};
use crate::verdict::{Exit, Verdict};

/// Writes the report.
///
/// # Errors
/// If it cannot be written.
pub fn write(record: &Record, out: impl Write) -> io::Result<()> {
    report(record).serialize(out).map_err(io::Error::other)
}

fn report(record: &Record) -> Report {
    let party = record.started().map_or(Party::Platform, |started| started.under_test);
    let mut report = Report::new(format!("iotdm check {}", party_command(party)));
    if let Some(summary) = record.summary() {
        report.set_time(summary.duration);
    }
    if let Some(why) = why_not_green(record) {
        let mut suite = TestSuite::new("run");
        suite.add_test_case(run_error(&why));
        report.add_test_suite(suite);
    }
    let unfinished = record.unfinished();
    for chapter in Chapter::ALL {
        let finished = record.finished().iter().filter(|f| f.case.chapter == chapter);
        let mut cases: Vec<TestCase> = finished.map(|finished| test_case(party, finished)).collect();
        let left = unfinished.iter().filter(|case| case.chapter == chapter);
        cases.extend(left.map(|case| not_run(case, record.cut_off())));
        if !cases.is_empty() {
            let mut suite = TestSuite::new(chapter.folder());
            suite.set_time(record.finished().iter().filter(|f| f.case.chapter == chapter).map(|f| f.duration).sum());
            suite.add_properties(record.started().map(properties).unwrap_or_default());
            suite.add_test_cases(cases);
            report.add_test_suite(suite);
        }
    }
    report
}

const fn party_command(party: Party) -> &'static str {
    match party {
        Party::Platform => "platform",
        Party::Device => "device",
        Party::Application => "app",
    }
}

/// Why the run as a whole says nothing good, although no single case may say so.
fn why_not_green(record: &Record) -> Option<String> {
    let Some(summary) = record.summary() else {
        return Some("the run was cut off before its end".to_owned());
    };
    match (&summary.aborted, summary.exit) {
        (Some(why), _) => Some(why.clone()),
        (None, Exit::NothingRan) => Some("no case was executed".to_owned()),
        (None, Exit::BadInput) => Some("the input is wrong".to_owned()),
        (None, Exit::Passed | Exit::TargetFailed | Exit::Environment) => None,
    }
}

fn run_error(why: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("harness error").set_message(one_line(why)).set_description(why);
    let mut case = TestCase::new("the run comes to an end and executes at least one case", status);
    case.set_classname("run");
    case
}

fn properties(started: &RunStarted) -> Vec<Property> {
    let target = &started.target;
    let mut list =
        vec![Property::new("under_test", started.under_test.as_str()), Property::new("target", &target.name)];
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            list.push(Property::new(name, value));
        }
    };
    add("base_url", &target.base_url);
    add("mqtt", target.mqtt.as_deref().unwrap_or_default());
    add("application", &target.application);
    add("capabilities", &target.capabilities.join(","));
    list
}

fn test_case(party: Party, finished: &CaseFinished) -> TestCase {
    let text = case_text::plain(party, finished);
    let headline = || finished.verdict.failures().first().map_or_else(String::new, |f| one_line(&f.headline));
    let reason = || one_line(finished.verdict.reason().unwrap_or_default());
    let problem = |kind, message: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(finished.verdict.name()).set_message(message).set_description(&text);
        status
    };
    let status = match &finished.verdict {
        Verdict::Pass | Verdict::Warn { .. } => TestCaseStatus::success(),
        Verdict::Fail { .. } => problem(NonSuccessKind::Failure, headline()),
        Verdict::UnexpectedPass { .. } => {
            problem(NonSuccessKind::Failure, format!("passes, but is listed as a known failure: {}", reason()))
        }
        Verdict::HarnessError { .. } => problem(NonSuccessKind::Error, headline()),
        Verdict::NotApplicable { .. } | Verdict::NotSeen { .. } => {
            skipped(&format!("{}: {}", finished.verdict.name(), reason()))
        }
        Verdict::KnownFailure { .. } => {
            let mut status = skipped(&format!("known failure: {}", reason()));
            status.set_description(&text);
            status
        }
    };
    let mut case = described(&finished.case, status);
    case.set_time(finished.duration);
    if matches!(finished.verdict, Verdict::Warn { .. }) {
        case.set_system_out(&text);
    }
    case
}

fn not_run(info: &CaseInfo, why: &str) -> TestCase {
    described(info, skipped(&format!("not run: {}", one_line(why))))
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

/// The name is the whole id, so that it can be pasted behind `--case`.
fn described(info: &CaseInfo, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(&info.id, status);
    case.set_classname(format!("{}.{}", info.chapter.folder(), info.clause_name));
    if let Some(place) = &info.place {
        case.extra.insert("file".into(), place.file.as_str().into());
        case.extra.insert("line".into(), place.line.to_string().into());
    }
    case.add_properties(info.verifies.iter().map(|cited| Property::new("requirement", &cited.id)));
    if let Some(ruling) = &info.because {
        case.add_property(Property::new("ruling", ruling));
    }
    case
}

/// An attribute has one line.
fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
