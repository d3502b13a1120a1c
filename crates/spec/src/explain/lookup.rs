//! From what a person types to what the contract has.

use super::{Explanation, Subject, UnknownQuery};
use crate::catalogue::{self, ClauseRef, Op};
use crate::export::ruled_rows;
use crate::model::{Chapter, ErrorRow, Operation};
use crate::{nearest, requirement};

/// Says what the contract says about `query`.
///
/// # Errors
/// The contract has nothing of that name; the error offers the nearest that it has.
pub fn explain(query: &str) -> Result<Explanation, UnknownQuery> {
    let query = query.trim().trim_matches('`');
    subject(query)
        .map(Explanation::new)
        .ok_or_else(|| UnknownQuery { query: query.to_owned(), nearest: nearest_to(query) })
}

fn subject(query: &str) -> Option<Subject> {
    if query.contains('/') {
        return requirement::find(query).map(Subject::Requirement);
    }
    catalogue::clauses()
        .into_iter()
        .find(|clause| names(clause).iter().any(|name| name.eq_ignore_ascii_case(query)))
        .map(Subject::Clause)
        .or_else(|| code(query))
        .or_else(|| chapter(query))
        .or_else(|| ruling(query))
}

/// Everything that a clause is called.
fn names(clause: &ClauseRef) -> Vec<&'static str> {
    let mut names = vec![clause.clause(), clause.name()];
    if let ClauseRef::Notification(push) = clause {
        names.extend(push.notify_type.map(|kind| kind.as_str()));
    }
    names
}

fn tables() -> impl Iterator<Item = &'static Operation> {
    Op::ALL.iter().map(|op| op.table())
}

fn code(query: &str) -> Option<Subject> {
    let listed: Vec<(&Operation, ErrorRow)> =
        tables().flat_map(|op| op.errors.iter().filter(|row| row.code == query).map(move |row| (op, *row))).collect();
    let ruled: Vec<(&Operation, ErrorRow, &str)> = tables()
        .flat_map(|op| ruled_rows(op).into_iter().map(move |(row, ruling)| (op, row, ruling)))
        .filter(|(_, row, _)| row.code == query)
        .collect();
    let code = listed.first().map(|(_, row)| row.code).or_else(|| ruled.first().map(|(_, row, _)| row.code))?;
    Some(Subject::Code { code, listed, ruled })
}

fn chapter(query: &str) -> Option<Subject> {
    let is_in = |clause: &ClauseRef| {
        clause.chapter().folder().eq_ignore_ascii_case(query)
            || clause.clause().strip_prefix(query).is_some_and(|rest| rest.starts_with('.'))
    };
    let clauses: Vec<ClauseRef> = catalogue::clauses().into_iter().filter(is_in).collect();
    (!clauses.is_empty()).then(|| Subject::Chapter { name: query.to_owned(), clauses })
}

fn ruling(query: &str) -> Option<Subject> {
    let mut errata = Vec::new();
    for clause in catalogue::clauses() {
        errata.extend(clause.errata().iter().filter(|e| cites(e.ruling, query)).map(|erratum| (clause, erratum)));
    }
    let number = errata.first().map(|(_, erratum)| erratum.ruling)?;
    Some(Subject::Ruling { number, errata })
}

fn cites(ruling: &str, query: &str) -> bool {
    !query.is_empty() && ruling.eq_ignore_ascii_case(query)
}

fn nearest_to(query: &str) -> Option<String> {
    match query.split_once('/') {
        Some((clause, rest)) => nearest_requirement(clause, rest),
        None => nearest_name(query),
    }
}

/// The requirement of the clause that ends alike, or is spelled alike; if there is no such clause,
/// the same requirement of the nearest one.
fn nearest_requirement(clause: &str, rest: &str) -> Option<String> {
    let ids = |clause: &str| {
        let prefix = format!("{clause}/");
        requirement::all().iter().map(|r| r.id.as_str()).filter(move |id| id.starts_with(&prefix))
    };
    if ids(clause).next().is_none() {
        let number = nearest_name(clause)?;
        let moved = format!("{number}/{rest}");
        return Some(if requirement::find(&moved).is_some() { moved } else { number });
    }
    let (kind, name) = rest.split_once('/').unwrap_or(("", rest));
    let ends_alike = |id: &&str| {
        let (_, tail) = id.rsplit_once('/').unwrap_or(("", id));
        tail.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(name))
            || tail.ends_with(&format!("-{name}"))
    };
    let alike: Vec<&str> = ids(clause).filter(ends_alike).collect();
    let of_kind = alike.iter().find(|id| id.split('/').nth(1) == Some(kind));
    of_kind
        .or(alike.first())
        .copied()
        .or_else(|| nearest::of(&format!("{clause}/{rest}"), ids(clause)))
        .map_or_else(|| Some(clause.to_owned()), |id| Some(id.to_owned()))
}

fn nearest_name(query: &str) -> Option<String> {
    let mut names: Vec<&str> = catalogue::clauses().iter().flat_map(names).collect();
    names.extend(tables().flat_map(|op| op.errors.iter().map(|row| row.code)));
    names.extend(Chapter::ALL.map(Chapter::folder));
    names.extend(catalogue::clauses().iter().flat_map(|clause| clause.errata().iter().map(|e| e.ruling)));
    nearest::of(query, names.into_iter().filter(|name| !name.is_empty())).map(str::to_owned)
}
