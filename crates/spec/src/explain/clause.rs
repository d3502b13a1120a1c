//! A clause on one page.

use super::layout::{Page, count, remarks};
use super::{Explanation, of_clause};
use crate::catalogue::{self, ClauseRef};
use crate::export::ruled_rows;
use crate::model::{Direction, Erratum, ErrorRow, Field, Operation, Party, Rule};
use crate::requirement::{self, describe, error_id, parameter_id, response_id, rule_id};

pub(super) fn page(answer: &Explanation, clause: &ClauseRef) -> String {
    let mut page = Page::default();
    let (first, last) = clause.lines();
    page.line_with(&format!("{} {}", clause.clause(), clause.title()), &format!("lines {first} to {last}"));
    page.line_with(&essence(clause), clause.name());
    page.paragraph(0, &counts(answer, clause));
    let number = clause.clause();
    match clause {
        ClauseRef::Operation(op) => operation(&mut page, answer, op),
        ClauseRef::Notification(push) => {
            table(&mut page, answer, "Members", push.fields, |path| parameter_id(number, path));
        }
        ClauseRef::Packet(packet) => {
            table(&mut page, answer, "Members", packet.fields, |path| parameter_id(number, path));
        }
        ClauseRef::Prose(_) => {}
    }
    rules(&mut page, answer, number, clause.rules());
    errata(&mut page, clause.errata());
    page.done()
}

/// What a clause is, in a line.
pub(super) fn essence(clause: &ClauseRef) -> String {
    match clause {
        ClauseRef::Operation(op) => format!("{} {} -> {}", op.method, op.path, op.success_status),
        ClauseRef::Notification(push) => {
            let kind = push.notify_type.map_or("push without notifyType", |kind| kind.as_str());
            format!("{kind}, pushed to a callback URL -> {}", push.success_status)
        }
        ClauseRef::Packet(packet) => {
            let way = match packet.direction {
                Direction::DeviceToPlatform => "device to platform",
                Direction::PlatformToDevice => "platform to device",
            };
            format!("{}, {way}", packet.topic.map_or("MQTT packet", |topic| topic.pattern))
        }
        ClauseRef::Prose(prose) => match prose.recipe_of.and_then(catalogue::clause) {
            Some(used) => format!("a recipe that uses {} {}", used.clause(), used.name()),
            None => "prose".to_owned(),
        },
    }
}

fn counts(answer: &Explanation, clause: &ClauseRef) -> String {
    let rows = |fields: &[Field]| {
        let mut rows = 0;
        requirement::visit(fields, "", &mut |_, _, _| rows += 1);
        rows
    };
    let mut parts = match clause {
        ClauseRef::Operation(op) => vec![
            count(op.params.iter().map(|p| rows(&[p.field])).sum(), "parameter", "parameters"),
            count(rows(op.response), "member in the answer", "members in the answer"),
            count(op.errors.len(), "error row", "error rows"),
        ],
        ClauseRef::Notification(push) => vec![count(rows(push.fields), "member", "members")],
        ClauseRef::Packet(packet) => vec![count(rows(packet.fields), "member", "members")],
        ClauseRef::Prose(_) => Vec::new(),
    };
    parts.push(rules_by_party(clause.rules()));
    if answer.cases.is_some() {
        let all: Vec<_> = of_clause(clause).collect();
        let bare = all.iter().filter(|r| answer.cases_of(&r.id).is_none_or(<[String]>::is_empty)).count();
        parts.push(format!("{} of {} requirements verified", all.len() - bare, all.len()));
    }
    parts.join(", ")
}

fn rules_by_party(rules: &[Rule]) -> String {
    let of = |party: Party| {
        let bound = rules.iter().filter(|rule| rule.binds == party).count();
        (bound > 0).then(|| format!("{bound} {}", party.as_str()))
    };
    let parties: Vec<String> =
        [Party::Platform, Party::Device, Party::Application].into_iter().filter_map(of).collect();
    let all = count(rules.len(), "rule", "rules");
    if parties.is_empty() { all } else { format!("{all} ({})", parties.join(", ")) }
}

fn operation(page: &mut Page, answer: &Explanation, op: &Operation) {
    for (place, title) in [("header", "Headers"), ("path", "Path"), ("query", "Query"), ("body", "Body")] {
        let fields: Vec<Field> =
            op.params.iter().filter(|param| param.place.as_str() == place).map(|param| param.field).collect();
        table(page, answer, title, &fields, |path| parameter_id(op.clause, path));
    }
    table(page, answer, &format!("Answer {}", op.success_status), op.response, |path| response_id(op.clause, path));
    let ruled = ruled_rows(op);
    if !op.errors.is_empty() || !ruled.is_empty() {
        page.heading_with("Errors", "line");
    }
    for row in op.errors {
        let cases = answer.case_count(&error_id(op.clause, row));
        error(page, row, &remarks(&[&cases, &row.line.to_string()]));
    }
    for (row, ruling) in &ruled {
        error(page, row, &format!("not in the table: {ruling}"));
    }
}

fn error(page: &mut Page, row: &ErrorRow, remark: &str) {
    page.row(&format!("  {} {:<8} ", row.http_status, row.code), row.desc, remark);
}

fn table(page: &mut Page, answer: &Explanation, title: &str, fields: &[Field], id: impl Fn(&str) -> String) {
    if fields.is_empty() {
        return;
    }
    page.heading_with(title, "line");
    let mut rows = Vec::new();
    requirement::visit(fields, "", &mut |path, parent, field| {
        let depth = if parent.is_empty() { 0 } else { parent.split('.').count() };
        let label = format!("  {}{}  ", "  ".repeat(depth), field.name);
        let remark = remarks(&[&answer.case_count(&id(path)), &field.line.to_string()]);
        rows.push((label, summary(path, field, title.starts_with("Answer")), remark));
    });
    let width = rows.iter().map(|(label, ..)| label.chars().count()).max().unwrap_or_default().min(38);
    for (label, text, remark) in rows {
        page.row(&format!("{label:<width$}"), &text, &remark);
    }
}

/// What a row says, without its name. Answers have no column for what is obligatory.
fn summary(path: &str, field: &Field, is_answer: bool) -> String {
    let sentence = describe(path, field, "");
    let text = sentence.split_once(" is ").map_or(sentence.as_str(), |(_, text)| text);
    let text = text.trim_start_matches("an ").trim_start_matches("a ");
    let text = if is_answer { text.trim_start_matches("optional ") } else { text };
    text.to_owned()
}

fn rules(page: &mut Page, answer: &Explanation, clause: &str, rules: &[Rule]) {
    if !rules.is_empty() {
        page.heading_with("Rules", "line");
    }
    for rule in rules {
        let cases = answer.case_count(&rule_id(clause, rule.slug));
        let who = format!("{} {}", rule.binds.as_str(), rule.strength.as_str());
        page.line_with(&format!("  {} ({who})", rule.slug), &remarks(&[&cases, &rule.line.to_string()]));
        page.paragraph(6, rule.text);
    }
}

fn errata(page: &mut Page, errata: &[Erratum]) {
    if !errata.is_empty() {
        page.heading_with("Not to be taken literally", "ruling");
    }
    for erratum in errata {
        self::erratum(page, &format!("line {}", erratum.line), erratum);
    }
}

/// A place where what is printed cannot be meant literally.
pub(super) fn erratum(page: &mut Page, place: &str, erratum: &Erratum) {
    page.line_with(&format!("  {place}"), erratum.ruling);
    page.row("      printed  ", erratum.printed, "");
    page.row("      read as  ", erratum.read, "");
    page.row("      because  ", erratum.why, "");
}
