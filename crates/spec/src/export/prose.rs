//! What the reference says about a row or a clause in words, for the descriptions in the exports.

use std::fmt::Write as _;
use std::sync::OnceLock;

use super::contract::condition;
use crate::catalogue::{self, ClauseRef};
use crate::model::{Erratum, Field, Rule};

/// The rules and errata that stand on a line of the reference, in its order.
struct Lines {
    rules: Vec<&'static Rule>,
    errata: Vec<&'static Erratum>,
}

fn lines() -> &'static Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    LINES.get_or_init(|| {
        let clauses = catalogue::clauses();
        // A clause may cite another one's lines; what it says about them, the other says itself.
        let own = |clause: &ClauseRef, line: u32| (clause.lines().0..=clause.lines().1).contains(&line);
        let mut rules: Vec<&Rule> = clauses.iter().flat_map(|c| c.rules().iter().filter(|r| own(c, r.line))).collect();
        let mut errata: Vec<&Erratum> =
            clauses.iter().flat_map(|c| c.errata().iter().filter(|e| own(c, e.line))).collect();
        rules.sort_by_key(|rule| rule.line);
        errata.sort_by_key(|erratum| erratum.line);
        Lines { rules, errata }
    })
}

/// What is said about the row `field` of a table: the rules of its cell, and its condition.
pub(super) fn of_row(field: &Field, table: &[&Field]) -> Option<String> {
    let end = end_of_cell(field, table);
    let rules = lines().rules.iter().filter(|rule| (field.line..end).contains(&rule.line));
    let mut text: Vec<String> = rules.map(|rule| rule.text.to_owned()).collect();
    if let Some(condition) = condition(field.presence) {
        text.push(format!("Conditional: {condition}."));
    }
    (!text.is_empty()).then(|| text.join(" "))
}

/// The rulings that say how the row is to be read.
pub(super) fn rulings_of_row(field: &Field) -> Option<Vec<&'static str>> {
    let errata = lines().errata.iter().filter(|erratum| erratum.line == field.line && !erratum.ruling.is_empty());
    let mut rulings: Vec<_> = errata.map(|erratum| erratum.ruling).collect();
    rulings.dedup();
    (!rulings.is_empty()).then_some(rulings)
}

/// The line after the row's cell: where the next row starts. A last row may be followed by
/// anything, so its cell is taken to be one line.
fn end_of_cell(field: &Field, table: &[&Field]) -> u32 {
    table.iter().map(|row| row.line).filter(|line| *line > field.line).min().unwrap_or(field.line + 1)
}

/// A clause as a paragraph of Markdown: where it stands, and each of its rules with its id.
pub(super) fn of_clause(clause: &ClauseRef) -> String {
    let (first, last) = clause.lines();
    let mut text = format!("Clause {} of the API reference, lines {first} to {last}.", clause.clause());
    if !clause.rules().is_empty() {
        text.push('\n');
    }
    for rule in clause.rules() {
        let id = crate::requirement::rule_id(clause.clause(), rule.slug);
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- ({} {}) {} `{id}`", rule.binds.as_str(), rule.strength.as_str(), rule.text);
    }
    text
}

/// `create_command` as `CreateCommand`, `deviceInfo` as `DeviceInfo`.
pub(super) fn pascal(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

/// `command_status_changed` as `commandStatusChanged`.
pub(super) fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    parts.next().unwrap_or_default().to_owned() + &parts.map(capitalised).collect::<String>()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
