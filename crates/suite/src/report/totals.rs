//! The totals of a run: the table by chapter, the facts, the failures once more, the verdict.

use iotdm_spec::model::Party;
use iotdm_spec::requirement;

use super::page::{Page, count, spoken};
use super::record::Record;
use super::style::Tone;
use super::table;
use super::terminal::addresses;
use crate::events::{CaseFinished, Summary};
use crate::verdict::{Exit, Verdict};

/// So many failures are listed again above the verdict.
const LISTED: usize = 30;

/// Everything that stands at the very end. Of a run that came to nothing only the reason and the
/// verdict are worth a line.
pub(super) fn write(page: &mut Page, record: &Record) {
    let Some(summary) = record.summary() else {
        return;
    };
    if !record.finished().is_empty() {
        table::write(page, record);
        facts(page, record, summary);
        failed_again(page, record);
    }
    for remark in record.remarks() {
        page.blank();
        page.paragraph(2, Tone::Doubtful, remark);
    }
    page.blank();
    if let Some(why) = &summary.aborted {
        page.paragraph(0, Tone::Plain, why);
        page.blank();
    }
    verdict(page, record, summary);
}

fn facts(page: &mut Page, record: &Record, summary: &Summary) {
    page.blank();
    if let Some(started) = record.started() {
        let target = &started.target;
        page.entry("  target        ", Tone::Plain, &target.name);
        if let Some(addresses) = addresses(target) {
            page.paragraph(16, Tone::Plain, &addresses);
        }
        if !target.capabilities.is_empty() {
            page.paragraph(16, Tone::Plain, &format!("offers {}", target.capabilities.join(", ")));
        }
    }
    let (verified, cited, all) = (summary.requirements, record.cited(), requirement::all().len());
    let text = format!("{verified} verified of {cited} that these cases cite; the contract has {all}");
    page.entry("  requirements  ", Tone::Plain, &text);
    page.entry("  time          ", Tone::Plain, &spoken(summary.duration));
}

/// The failures once more, one line each: after a long log, the list to work through.
fn failed_again(page: &mut Page, record: &Record) {
    let bad = |f: &&CaseFinished| f.verdict.fails_the_run() || matches!(f.verdict, Verdict::HarnessError { .. });
    let failed: Vec<&CaseFinished> = record.finished().iter().filter(bad).collect();
    if failed.is_empty() {
        return;
    }
    page.blank();
    for finished in failed.iter().take(LISTED) {
        let name = format!("  {:<15}  ", finished.verdict.name());
        page.pieces(&[(Tone::Bad, &name), (Tone::Plain, &finished.case.id)]);
    }
    if failed.len() > LISTED {
        page.verbatim(2, Tone::Faint, &format!("and {} more; the full texts stand above", failed.len() - LISTED));
    }
}

fn verdict(page: &mut Page, record: &Record, summary: &Summary) {
    let party = record.started().map_or(Party::Platform, |started| started.under_test).as_str();
    let kept = summary.passed + summary.warned;
    let failed = summary.failed + summary.unexpected_passes;
    let judged = count(kept + failed + summary.known_failures, "judged case");
    let asides = asides(summary);
    let (label, text) = match summary.exit {
        Exit::Passed => ("PASSED", format!("{kept} of {judged} passed{asides}")),
        Exit::TargetFailed => ("FAILED", format!("{failed} of {judged} failed{asides}")),
        Exit::BadInput => ("BAD INPUT", format!("nothing is said about the {party}")),
        Exit::Environment => {
            let lost = summary.harness_errors + record.unfinished().len();
            let cases = count(summary.selected, "case");
            (
                "NOT JUDGED",
                format!("{lost} of {cases}; the fault is the suite's or the environment's, not the {party}'s"),
            )
        }
        Exit::NothingRan if kept > 0 => ("NOT JUDGED", format!("too little was seen of the {party}{asides}")),
        Exit::NothingRan => ("NOTHING RAN", format!("{} selected, none executed", count(summary.selected, "case"))),
    };
    let tone = if summary.exit == Exit::Passed { Tone::Good } else { Tone::Bad };
    page.pieces(&[(tone, label), (Tone::Plain, "  "), (Tone::Strong, &text)]);
}

/// What the verdict alone would hide.
fn asides(summary: &Summary) -> String {
    let parts: Vec<String> = [
        (summary.unexpected_passes, "failed by passing unexpectedly"),
        (summary.warned, "warned"),
        (summary.known_failures, "failed as known"),
        (summary.harness_errors, "not judged"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
