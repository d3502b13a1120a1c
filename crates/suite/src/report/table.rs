//! The table of verdicts by chapter.

use iotdm_spec::model::Chapter;

use super::page::Page;
use super::record::Record;
use super::style::Tone;

/// A verdict's name, the head of its column, its colour.
type Column = (&'static str, &'static str, Tone);

/// The columns after the number of cases; passes and failures always stand, the others only if they
/// count something.
const COLUMNS: [Column; 9] = [
    ("pass", "pass", Tone::Good),
    ("warn", "warn", Tone::Doubtful),
    ("fail", "fail", Tone::Bad),
    ("unexpected pass", "unexpected", Tone::Bad),
    ("known failure", "known", Tone::Doubtful),
    ("not applicable", "n/a", Tone::Plain),
    ("not seen", "not seen", Tone::Plain),
    ("harness error", "error", Tone::Bad),
    (NOT_RUN, "not run", Tone::Bad),
];
const NOT_RUN: &str = "not run";

/// Prints the table.
pub(super) fn write(page: &mut Page, record: &Record) {
    let verdicts = verdicts(record);
    let used = |(name, _, _): &Column| ["pass", "fail"].contains(name) || verdicts.iter().any(|(_, v)| v == name);
    let columns: Vec<Column> = COLUMNS.into_iter().filter(used).collect();
    page.blank();
    let heads: String = columns.iter().map(|(_, head, _)| cell(head, head)).collect();
    page.verbatim(2, Tone::Faint, &format!("{}{heads}", start("chapter", "cases")));
    for chapter in Chapter::ALL {
        let here: Vec<&str> = verdicts.iter().filter(|(c, _)| *c == chapter).map(|(_, verdict)| *verdict).collect();
        if !here.is_empty() {
            row(page, &columns, chapter.folder(), &here);
        }
    }
    let all: Vec<&str> = verdicts.iter().map(|(_, verdict)| *verdict).collect();
    row(page, &columns, "total", &all);
}

/// Every selected case's chapter and how it ended.
fn verdicts(record: &Record) -> Vec<(Chapter, &'static str)> {
    let ended = record.finished().iter().map(|finished| (finished.case.chapter, finished.verdict.name()));
    ended.chain(record.unfinished().iter().map(|case| (case.chapter, NOT_RUN))).collect()
}

fn row(page: &mut Page, columns: &[Column], name: &str, verdicts: &[&str]) {
    let start = format!("  {}", start(name, &verdicts.len().to_string()));
    let cells: Vec<(Tone, String)> = columns
        .iter()
        .map(|(verdict, head, tone)| match verdicts.iter().filter(|v| *v == verdict).count() {
            0 => (Tone::Faint, cell("·", head)),
            number => (*tone, cell(&number.to_string(), head)),
        })
        .collect();
    let mut pieces = vec![(Tone::Plain, start.as_str())];
    pieces.extend(cells.iter().map(|(tone, text)| (*tone, text.as_str())));
    page.pieces(&pieces);
}

fn start(name: &str, cases: &str) -> String {
    format!("{name:<14}{}", cell(cases, "cases"))
}

fn cell(text: &str, head: &str) -> String {
    format!("{text:>width$}", width = head.len().max(5) + 2)
}
