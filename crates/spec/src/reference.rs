//! Rereads the reference, where it lies beside the project, and compares it with the tables.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use crate::catalogue::{self, ClauseRef, Op};

/// The text of the reference; `None` (and a word about it, past the capture of passing tests' output)
/// where it is absent.
fn text() -> Option<String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/spec"));
    let file = fs::read_dir(&folder).ok().and_then(|entries| {
        entries.filter_map(Result::ok).map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "txt"))
    });
    let text = file.and_then(|path| fs::read_to_string(path).ok());
    if text.is_none() {
        let _ = std::io::stderr().write_all(
            b"SKIPPED: the API reference is not beside the project (shared/spec), its text was not reread\n",
        );
    }
    text
}

/// The lines of the reference, each squeezed.
fn lines() -> Option<Vec<String>> {
    Some(text()?.lines().map(squeeze).collect())
}

/// Without blanks, and with the letters that the OCR confuses made equal.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == 'I' { 'l' } else { c }).collect()
}

/// Codes that the reference prints cut short, by their line.
const TRUNCATED: [(u32, &str); 3] = [(4922, "10020"), (4927, "10002"), (4928, "10020")];

#[test]
fn error_rows_stand_on_their_lines() {
    let Some(lines) = lines() else { return };
    for op in Op::ALL {
        for row in op.table().errors {
            let line = &lines[row.line as usize - 1];
            let printed = TRUNCATED.iter().find(|(at, _)| *at == row.line).map_or(row.code, |(_, code)| code);
            assert!(line.contains(printed), "{} {}: not on line {}: {line}", op.table().clause, row.code, row.line);
        }
    }
}

#[test]
fn paths_stand_on_their_lines() {
    let Some(lines) = lines() else { return };
    for op in Op::ALL {
        let table = op.table();
        let line = &lines[table.uri_line as usize - 1];
        assert!(
            line.contains(&squeeze(table.path)),
            "{}: {} not on line {}: {line}",
            table.clause,
            table.path,
            table.uri_line
        );
    }
}

/// A line that starts with a three-digit status and a code of five to seven digits is a row of an
/// error table; a status that is blank is inherited, then the code comes first.
fn code_of(line: &str) -> Option<String> {
    let cells: Vec<String> = line.split('\t').map(squeeze).collect();
    let is = |cell: &String, from: usize, to: usize| {
        (from..=to).contains(&cell.len()) && cell.bytes().all(|b| b.is_ascii_digit())
    };
    match cells.as_slice() {
        [status, code, ..] if (is(status, 3, 3) || status.is_empty()) && is(code, 5, 7) => Some(code.clone()),
        [code, ..] if is(code, 6, 7) => Some(code.clone()),
        _ => None,
    }
}

#[test]
fn every_printed_row_is_in_a_table() {
    let Some(raw) = text() else { return };
    let ours: BTreeSet<u32> = Op::ALL.iter().flat_map(|op| op.table().errors).map(|row| row.line).collect();
    let mut seen = 0;
    for (index, line) in raw.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if let Some(code) = code_of(line) {
            seen += 1;
            assert!(ours.contains(&number), "line {number}: code {code} is in no table of ours");
        }
    }
    assert!(seen > 400, "only {seen} rows were recognised: the recognition is broken");
}

#[test]
fn rules_cite_lines_of_the_reference() {
    let Some(lines) = lines() else { return };
    for clause in catalogue::clauses() {
        for rule in clause.rules() {
            let line = lines.get(rule.line as usize - 1);
            assert!(
                line.is_some_and(|l| !l.is_empty()),
                "{} {}: line {} is empty",
                clause.clause(),
                rule.slug,
                rule.line
            );
        }
        if let ClauseRef::Operation(op) = clause {
            assert!(op.errors.iter().all(|row| row.line > op.lines.0 && row.line <= op.lines.1), "{}", op.clause);
        }
    }
}
