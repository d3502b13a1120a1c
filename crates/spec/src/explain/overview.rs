//! What stands in several clauses: a code, a chapter, a ruling.

use super::clause::{erratum, essence};
use super::layout::{Page, count, remarks};
use super::{Explanation, of_clause};
use crate::catalogue::ClauseRef;
use crate::model::{Erratum, ErrorRow, Operation};
use crate::requirement::error_id;

pub(super) fn code(
    answer: &Explanation,
    code: &str,
    listed: &[(&Operation, ErrorRow)],
    ruled: &[(&Operation, ErrorRow, &str)],
) -> String {
    let mut page = Page::default();
    page.line(&format!("error_code {code}, listed in {}", count(listed.len(), "row", "rows")));
    let mut texts: Vec<&str> = Vec::new();
    for (_, row) in listed {
        if !texts.contains(&row.desc) {
            texts.push(row.desc);
        }
    }
    for text in texts {
        page.line("");
        page.paragraph(0, text);
        for (op, row) in listed.iter().filter(|(_, row)| row.desc == text) {
            let id = error_id(op.clause, row);
            let remark = remarks(&[&answer.case_count(&id), &row.line.to_string()]);
            page.line_with(&format!("  {:<4} {id:<26} {}", row.http_status, op.name), &remark);
        }
    }
    if let Some((_, row, ruling)) = ruled.first() {
        page.line("");
        page.paragraph(0, &format!("By ruling {ruling}, {} where the table has no row for the case:", row.http_status));
        let names: Vec<String> = ruled.iter().map(|(op, ..)| format!("{} {}", op.clause, op.name)).collect();
        page.paragraph(2, &names.join(", "));
    }
    page.done()
}

pub(super) fn chapter(answer: &Explanation, name: &str, clauses: &[ClauseRef]) -> String {
    let mut page = Page::default();
    page.line(&format!("{name}: {}", count(clauses.len(), "clause", "clauses")));
    for clause in clauses {
        page.line("");
        page.line_with(&format!("  {:<7} {}", clause.clause(), clause.title()), &verified(answer, clause));
        page.line_with(&format!("          {}", essence(clause)), clause.name());
    }
    page.done()
}

fn verified(answer: &Explanation, clause: &ClauseRef) -> String {
    let all: Vec<_> = of_clause(clause).collect();
    let Some(verified) = answer.cases.as_ref().map(|cases| {
        all.iter().filter(|requirement| cases.get(&requirement.id).is_some_and(|cases| !cases.is_empty())).count()
    }) else {
        return count(all.len(), "requirement", "requirements");
    };
    format!("{verified} of {} requirements verified", all.len())
}

pub(super) fn ruling(number: &str, errata: &[(ClauseRef, &Erratum)]) -> String {
    let mut page = Page::default();
    page.line(&format!("ruling {number}, which settles {}", count(errata.len(), "place", "places")));
    for (clause, one) in errata {
        page.line("");
        erratum(&mut page, &format!("{} {}, line {}", clause.clause(), clause.name(), one.line), one);
    }
    page.done()
}
