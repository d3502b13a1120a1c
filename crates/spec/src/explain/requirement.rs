//! One requirement on one page.

use super::clause::essence;
use super::layout::{Page, count};
use super::{Explanation, source_name};
use crate::catalogue::{self, ClauseRef, Op};
use crate::model::{ErrorRow, Operation};
use crate::requirement::{Requirement, Source, error_id, rule_id, visit};

/// The width of the labels at the left.
const LABEL: usize = 12;

pub(super) fn page(answer: &Explanation, one: &Requirement) -> String {
    let mut page = Page::default();
    page.line_with(&one.id, &format!("{}, line {}", source_name(one.source), one.line));
    page.line("");
    page.paragraph(2, &one.text);
    page.line("");
    entry(&mut page, "binds", &format!("the {} ({})", one.binds.as_str(), one.strength.as_str()));
    if let Some(clause) = catalogue::clause(one.clause) {
        entry(&mut page, "clause", &format!("{} {}, {}", clause.clause(), clause.title(), clause.name()));
        entry(&mut page, "", &essence(&clause));
        if let ClauseRef::Operation(op) = clause {
            error_row(&mut page, op, one);
        }
        neighbours(&mut page, &clause, one);
        errata(&mut page, &clause, one);
    }
    verified(&mut page, answer, one);
    page.done()
}

fn entry(page: &mut Page, label: &str, text: &str) {
    page.row(&format!("  {label:<LABEL$}"), text, "");
}

/// An entry of several lines, the label beside the first.
fn entries(page: &mut Page, label: &str, texts: &[String]) {
    for (number, text) in texts.iter().enumerate() {
        entry(page, if number == 0 { label } else { "" }, text);
    }
}

/// Of an error row: its condition, what it answers in general, where else its code stands.
fn error_row(page: &mut Page, op: &Operation, one: &Requirement) {
    let Some(row) = op.errors.iter().find(|row| one.source == Source::Error && error_id(op.clause, row) == one.id)
    else {
        return;
    };
    entry(page, "condition", row.name);
    entries(page, "answers", &defects(op, row));
    let elsewhere: Vec<String> = Op::ALL
        .iter()
        .flat_map(|op| op.table().errors.iter().map(|row| (op.table(), row)))
        .filter(|(_, other)| other.code == row.code)
        .map(|(op, other)| error_id(op.clause, other))
        .filter(|id| *id != one.id)
        .collect();
    if !elsewhere.is_empty() {
        entry(page, "elsewhere", &elsewhere.join(", "));
    }
}

/// The defects of a request that a row answers.
fn defects(op: &Operation, row: &ErrorRow) -> Vec<String> {
    let input = [
        (op.input.malformed, "a body that is missing or no JSON object"),
        (op.input.missing, "a missing or empty obligatory parameter"),
        (op.input.out_of_range, "a number out of its range"),
        (op.input.invalid, "a parameter of a wrong type, length, form or value"),
    ];
    let mut defects: Vec<String> =
        input.iter().filter(|(other, _)| other == row).map(|(_, defect)| (*defect).to_owned()).collect();
    visit(op.params.iter().map(|param| &param.field), "", &mut |path, _, field| {
        if field.refused_by.as_ref() == Some(row) {
            defects.push(format!("an inadmissible `{path}`"));
        }
    });
    defects
}

/// The rules that stand on the same line, if this isn't one of them itself.
fn neighbours(page: &mut Page, clause: &ClauseRef, one: &Requirement) {
    let rules = clause.rules().iter().filter(|rule| one.source != Source::Rule && rule.line == one.line);
    let texts: Vec<String> =
        rules.map(|rule| format!("{} {}", rule.text, rule_id(clause.clause(), rule.slug))).collect();
    entries(page, "see also", &texts);
}

fn errata(page: &mut Page, clause: &ClauseRef, one: &Requirement) {
    for erratum in clause.errata().iter().filter(|erratum| erratum.line == one.line) {
        entry(page, "printed", erratum.printed);
        entry(page, "read as", erratum.read);
        let ruling = if erratum.ruling.is_empty() { String::new() } else { format!(" (ruling {})", erratum.ruling) };
        entry(page, "because", &format!("{}{ruling}", erratum.why));
    }
}

fn verified(page: &mut Page, answer: &Explanation, one: &Requirement) {
    match answer.cases_of(&one.id) {
        None => {}
        Some([]) => entry(page, "verified by", "no case"),
        Some(cases) => {
            entry(page, "verified by", &count(cases.len(), "case", "cases"));
            entries(page, "", cases);
        }
    }
}
