//! One case that did not simply pass, in full: everything that a person needs to act on it.

use iotdm_spec::model::Party;

use super::page::{Page, spoken};
use super::style::{Style, Tone};
use super::wrapping::columns;
use crate::events::{CaseFinished, Entry};
use crate::verdict::{Cited, Failure, Place, Verdict};

/// Of a long transcript (polling makes them) the beginning and the end are shown; the fault is
/// mostly near the end.
const FIRST_ENTRIES: usize = 10;
const LAST_ENTRIES: usize = 40;

/// The case in full as plain text.
pub(super) fn plain(party: Party, finished: &CaseFinished) -> String {
    let mut page = Page::new(Style::PLAIN);
    full(&mut page, party, finished);
    page.into_text()
}

/// The case in full.
pub(super) fn full(page: &mut Page, party: Party, finished: &CaseFinished) {
    head(page, party, finished);
    for failure in finished.verdict.failures() {
        page.blank();
        finding(page, finished, failure);
    }
    if let Some(last) = finished.verdict.failures().last() {
        let entries = if last.transcript.is_empty() { &finished.transcript } else { &last.transcript };
        page.blank();
        transcript(page, entries);
        if !last.rerun.is_empty() {
            page.blank();
            page.pieces(&[(Tone::Faint, "  rerun        "), (Tone::Strong, &last.rerun)]);
        }
    }
}

fn head(page: &mut Page, party: Party, finished: &CaseFinished) {
    let (label, tone) = match finished.verdict {
        Verdict::Fail { .. } => ("FAIL", Tone::Bad),
        Verdict::UnexpectedPass { .. } => ("UNEXPECTED PASS", Tone::Bad),
        Verdict::HarnessError { .. } => ("HARNESS ERROR", Tone::Bad),
        Verdict::Warn { .. } => ("WARN", Tone::Doubtful),
        Verdict::KnownFailure { .. } => ("KNOWN FAILURE", Tone::Doubtful),
        Verdict::NotApplicable { .. } => ("NOT APPLICABLE", Tone::Faint),
        Verdict::NotSeen { .. } => ("NOT SEEN", Tone::Faint),
        Verdict::Pass => ("PASS", Tone::Good),
    };
    let case = &finished.case;
    let time = format!("  ({})", spoken(finished.duration));
    page.pieces(&[(tone, label), (Tone::Plain, "  "), (Tone::Strong, &case.id), (Tone::Faint, &time)]);
    page.paragraph(
        2,
        Tone::Plain,
        &format!("{} {}: the {} {}", case.clause, case.clause_title, party.as_str(), case.statement),
    );
    match &finished.verdict {
        Verdict::HarnessError { .. } => {
            let text =
                format!("The fault is the suite's or the environment's; it says nothing about the {}.", party.as_str());
            page.paragraph(2, Tone::Plain, &text);
        }
        Verdict::UnexpectedPass { reason } => {
            page.blank();
            page.paragraph(2, Tone::Strong, "the case passes, but the list of known failures says that it fails");
            page.entry("  listed as    ", Tone::Plain, reason);
            page.entry("  remedy       ", Tone::Plain, "take the case from the list of known failures");
        }
        verdict => {
            if let Some(reason) = verdict.reason() {
                page.entry("  reason       ", Tone::Plain, reason);
            }
        }
    }
}

fn finding(page: &mut Page, finished: &CaseFinished, failure: &Failure) {
    page.paragraph(2, Tone::Strong, &failure.headline);
    if let Some(place) = failure.place.as_ref().or(finished.case.place.as_ref()) {
        snippet(page, place);
        page.blank();
    }
    page.entry("  expected     ", Tone::Good, &failure.expected);
    page.entry("  actual       ", Tone::Bad, &failure.actual);
    page.blank();
    let cited = if failure.requirements.is_empty() { &finished.case.verifies } else { &failure.requirements };
    for (at, requirement) in cited.iter().enumerate() {
        let margin = if at == 0 { "  requirement  " } else { "               " };
        page.entry(margin, Tone::Plain, &reference(requirement));
        page.paragraph(columns(margin) + 2, Tone::Plain, &requirement.text);
    }
    if let Some(ruling) = &finished.case.because {
        page.entry("  ruling       ", Tone::Plain, &format!("{ruling} (the reference leaves room here)"));
    }
}

/// The id with what it weighs and where it stands.
pub(super) fn reference(requirement: &Cited) -> String {
    format!("{} ({}, line {} of the reference)", requirement.id, requirement.strength, requirement.line)
}

/// The place with its source line and the caret; of a line wider than the page, the part around
/// the caret.
fn snippet(page: &mut Page, place: &Place) {
    if place.source.is_empty() {
        page.verbatim(2, Tone::Plain, &format!("--> {place}"));
        return;
    }
    let room = page.beside(place.line.to_string().len() + 5);
    for line in cropped(place, room).snippet().lines() {
        page.verbatim(2, Tone::Plain, line);
    }
}

fn cropped(place: &Place, room: usize) -> Place {
    let source: Vec<char> = place.source.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let caret = (place.column.max(1) as usize - 1).min(source.len());
    if source.len() <= room {
        return Place { source: source.iter().collect(), ..place.clone() };
    }
    let from = if caret + 1 < room * 2 / 3 { 0 } else { (caret - room / 3).min(source.len() - room + 2) };
    let to = (from + room - 2).min(source.len());
    let before = if from > 0 { "…" } else { "" };
    let after = if to < source.len() { "…" } else { "" };
    let part: String = source[from..to].iter().collect();
    let column = caret - from + before.chars().count() + 1;
    let width = (place.width.max(1) as usize).min(to.saturating_sub(caret).max(1));
    Place {
        source: format!("{before}{part}{after}"),
        column: u32::try_from(column).unwrap_or(1),
        width: u32::try_from(width).unwrap_or(1),
        ..place.clone()
    }
}

fn transcript(page: &mut Page, entries: &[Entry]) {
    if entries.is_empty() {
        page.verbatim(2, Tone::Faint, "transcript   nothing was sent or received");
        return;
    }
    page.verbatim(2, Tone::Faint, "transcript   (time since the case started)");
    let surplus = entries.len().saturating_sub(FIRST_ENTRIES + LAST_ENTRIES);
    for (at, entry) in entries.iter().enumerate() {
        if surplus == 0 || at < FIRST_ENTRIES || at >= FIRST_ENTRIES + surplus {
            let margin = format!("  {:>6} ms  {}  ", entry.at, entry.kind.margin());
            page.entry(&margin, Tone::Plain, &entry.text);
        } else if at == FIRST_ENTRIES {
            page.verbatim(13, Tone::Faint, &format!("({surplus} more entries stand in the JSON report)"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(source: &str, column: u32, width: u32) -> Place {
        Place { file: "f.yaml".to_owned(), line: 7, column, source: source.to_owned(), width }
    }

    #[test]
    fn the_caret_stays_under_its_word_in_a_cropped_line() {
        let source = format!("{}needle{}", "a".repeat(200), "b".repeat(200));
        for (column, word, width) in [(201, "needle", 6), (1, "a", 1), (400, "b", 3)] {
            let cropped = cropped(&place(&source, column, width), 60);
            assert!(cropped.source.chars().count() <= 60, "{}", cropped.source);
            let start = cropped.column as usize - 1;
            let under: String = cropped.source.chars().skip(start).take(word.len()).collect();
            assert_eq!(under, word);
        }
        let short = place("short", 2, 3);
        assert_eq!(cropped(&short, 60), short);
    }
}
