//! What the terminal report keeps for the end of a run: warnings, known failures, what did not run;
//! the totals are the last.

use super::case_text::reference;
use super::page::Page;
use super::record::Record;
use super::style::Tone;
use super::totals;
use crate::events::CaseFinished;
use crate::verdict::{Failure, Verdict};

/// Up to so many reasons for skipping, the cases are named under each.
const REASONS_WITH_IDS: usize = 6;

/// So many ids are named before the rest is counted.
const NAMED: usize = 3;

/// Everything that stands after the last case.
pub(super) fn write(page: &mut Page, record: &Record) {
    warnings(page, record);
    known_failures(page, record);
    skipped(page, record);
    totals::write(page, record);
}

fn heading(page: &mut Page, title: &str, number: usize) {
    page.blank();
    page.pieces(&[(Tone::Strong, title), (Tone::Faint, &format!("  {number}"))]);
}

/// Equal findings of several cases are one warning: a platform that words one text differently is
/// not to be told so fifty times.
fn warnings(page: &mut Page, record: &Record) {
    let mut groups: Vec<(&Failure, Vec<&CaseFinished>)> = Vec::new();
    let mut cases = 0;
    for finished in record.finished() {
        let Verdict::Warn { findings } = &finished.verdict else {
            continue;
        };
        cases += 1;
        for finding in findings {
            let equal = |f: &Failure| {
                (&f.headline, &f.expected, &f.actual) == (&finding.headline, &finding.expected, &finding.actual)
            };
            match groups.iter_mut().find(|(first, _)| equal(first)) {
                Some((_, cases)) => cases.push(finished),
                None => groups.push((finding, vec![finished])),
            }
        }
    }
    if groups.is_empty() {
        return;
    }
    heading(page, "WARNINGS", cases);
    for (finding, cases) in groups {
        warning(page, finding, &cases);
    }
}

fn warning(page: &mut Page, finding: &Failure, cases: &[&CaseFinished]) {
    page.blank();
    page.paragraph(2, Tone::Doubtful, &finding.headline);
    page.entry("    expected   ", Tone::Plain, &finding.expected);
    page.entry("    actual     ", Tone::Plain, &finding.actual);
    page.entry(if cases.len() == 1 { "    case       " } else { "    cases      " }, Tone::Plain, &named(cases));
    let Some(first) = cases.first() else {
        return;
    };
    if let Some(place) = finding.place.as_ref().or(first.case.place.as_ref()) {
        page.pieces(&[(Tone::Faint, "    at         "), (Tone::Plain, &place.to_string())]);
    }
    if let Some(requirement) = first.case.verifies.first() {
        page.entry("    see        ", Tone::Plain, &reference(requirement));
    }
    if let Some(ruling) = &first.case.because {
        page.entry("    ruling     ", Tone::Plain, ruling);
    }
    if !finding.rerun.is_empty() {
        page.pieces(&[(Tone::Faint, "    rerun      "), (Tone::Plain, &finding.rerun)]);
    }
}

/// The ids, one a line; of many, the first and how many more.
fn named(cases: &[&CaseFinished]) -> String {
    let mut lines: Vec<String> = cases.iter().take(NAMED).map(|f| f.case.id.clone()).collect();
    if cases.len() > NAMED {
        lines.push(format!("and {} more", cases.len() - NAMED));
    }
    lines.join("\n")
}

fn known_failures(page: &mut Page, record: &Record) {
    let known: Vec<&CaseFinished> =
        record.finished().iter().filter(|f| matches!(f.verdict, Verdict::KnownFailure { .. })).collect();
    if known.is_empty() {
        return;
    }
    heading(page, "KNOWN FAILURES", known.len());
    for finished in known {
        page.blank();
        page.verbatim(2, Tone::Plain, &finished.case.id);
        page.entry("    known      ", Tone::Plain, finished.verdict.reason().unwrap_or_default());
        for failure in finished.verdict.failures() {
            page.entry("    still      ", Tone::Plain, &failure.headline);
        }
    }
}

fn skipped(page: &mut Page, record: &Record) {
    let of = |wanted: fn(&Verdict) -> bool| record.finished().iter().filter(move |f| wanted(&f.verdict));
    by_reason(page, "NOT APPLICABLE", of(|v| matches!(v, Verdict::NotApplicable { .. })));
    by_reason(page, "NOT SEEN", of(|v| matches!(v, Verdict::NotSeen { .. })));
}

fn by_reason<'a>(page: &mut Page, title: &str, cases: impl Iterator<Item = &'a CaseFinished>) {
    let mut groups: Vec<(&str, Vec<&CaseFinished>)> = Vec::new();
    for finished in cases {
        let reason = finished.verdict.reason().unwrap_or_default();
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, cases)) => cases.push(finished),
            None => groups.push((reason, vec![finished])),
        }
    }
    if groups.is_empty() {
        return;
    }
    heading(page, title, groups.iter().map(|(_, cases)| cases.len()).sum());
    // Of many reasons a person wants to know the reasons; the ids stand in the report files.
    let brief = groups.len() > REASONS_WITH_IDS;
    for (reason, cases) in groups {
        page.entry(&format!("  {:>5}  ", cases.len()), Tone::Plain, reason);
        if !brief {
            page.paragraph(9, Tone::Faint, &named(&cases));
        }
    }
}
