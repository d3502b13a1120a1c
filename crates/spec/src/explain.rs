//! What the contract says about a clause, a requirement, an error code or a ruling, for a person.
//!
//! `1.5.2`, `1.5.2/err/400-100426`, `100426`, `register_by_password`, `deviceAdded`, `devices`,
//! `A-53`: whatever stands in a report, a log or the reference can be asked for.

mod clause;
mod layout;
mod lookup;
mod overview;
mod requirement;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

pub use lookup::explain;

use crate::catalogue::ClauseRef;
use crate::model::{Erratum, ErrorRow, Operation};
use crate::requirement::{self as requirements, Requirement, Source};

/// What a question turned out to be about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A clause of whatever kind.
    Clause(ClauseRef),
    /// One requirement.
    Requirement(&'static Requirement),
    /// An error code, wherever it is listed.
    Code {
        /// The wire value of `error_code`.
        code: &'static str,
        /// Every row of a table that lists it.
        listed: Vec<(&'static Operation, ErrorRow)>,
        /// The operations that answer it by a ruling, without a row in their table.
        ruled: Vec<(&'static Operation, ErrorRow, &'static str)>,
    },
    /// A chapter, or a part of the reference's numbering such as `1.5`.
    Chapter {
        /// What was asked for.
        name: String,
        /// Its clauses.
        clauses: Vec<ClauseRef>,
    },
    /// A ruling, wherever it changes how the reference is read.
    Ruling {
        /// Its number, such as `A-53`.
        number: &'static str,
        /// What it settles.
        errata: Vec<(ClauseRef, &'static Erratum)>,
    },
}

/// An answer to a question; its `Display` is for people, 96 columns wide.
#[derive(Debug, Clone)]
pub struct Explanation {
    subject: Subject,
    cases: Option<HashMap<String, Vec<String>>>,
}

impl Explanation {
    fn new(subject: Subject) -> Self {
        Self { subject, cases: None }
    }

    /// What the question was about.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The ids of the requirements that the answer speaks of.
    #[must_use]
    pub fn requirements(&self) -> Vec<String> {
        match &self.subject {
            Subject::Clause(clause) => of_clause(clause).map(|r| r.id.clone()).collect(),
            Subject::Requirement(one) => vec![one.id.clone()],
            Subject::Code { listed, .. } => {
                listed.iter().map(|(op, row)| requirements::error_id(op.clause, row)).collect()
            }
            Subject::Chapter { clauses, .. } => clauses.iter().flat_map(of_clause).map(|r| r.id.clone()).collect(),
            Subject::Ruling { .. } => Vec::new(),
        }
    }

    /// Adds which cases verify each requirement. The contract knows no suite: `cases` maps a
    /// requirement's id to the ids of its cases.
    #[must_use]
    pub fn verified_by(mut self, cases: impl Fn(&str) -> Vec<String>) -> Self {
        let known = self.requirements().into_iter().map(|id| {
            let cases = cases(&id);
            (id, cases)
        });
        self.cases = Some(known.collect());
        self
    }

    /// The cases of a requirement; `None` if nobody said which there are.
    fn cases_of(&self, id: &str) -> Option<&[String]> {
        Some(self.cases.as_ref()?.get(id)?)
    }

    /// How many cases verify a requirement, as a remark; empty if nobody said which there are.
    fn case_count(&self, id: &str) -> String {
        match self.cases_of(id).map(<[String]>::len) {
            None => String::new(),
            Some(0) => "no case".to_owned(),
            Some(1) => "1 case".to_owned(),
            Some(count) => format!("{count} cases"),
        }
    }
}

fn of_clause(clause: &ClauseRef) -> impl Iterator<Item = &'static Requirement> + use<> {
    let number = clause.clause();
    requirements::all().iter().filter(move |requirement| requirement.clause == number)
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = match &self.subject {
            Subject::Clause(clause) => clause::page(self, clause),
            Subject::Requirement(one) => requirement::page(self, one),
            Subject::Code { code, listed, ruled } => overview::code(self, code, listed, ruled),
            Subject::Chapter { name, clauses } => overview::chapter(self, name, clauses),
            Subject::Ruling { number, errata } => overview::ruling(number, errata),
        };
        f.write_str(&page)
    }
}

/// Nothing in the contract has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQuery {
    /// What was asked for.
    pub query: String,
    /// What the contract has that is most like it, if anything is.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, nearest } = self;
        match nearest {
            Some(nearest) => write!(f, "the contract has no `{query}`; did you mean `{nearest}`?"),
            None => write!(
                f,
                "the contract has no `{query}`; ask for a clause (1.5.2), a requirement (1.5.2/err/400-100426), an \
                 error code (100426), an operation (register_by_password), a notification (deviceAdded), a chapter \
                 (devices) or a ruling (A-53)"
            ),
        }
    }
}

impl Error for UnknownQuery {}

/// What a requirement comes from, in words.
const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Parameter => "parameter",
        Source::Response => "member of the answer",
        Source::Error => "error row",
        Source::Rule => "prose rule",
    }
}

#[cfg(test)]
mod tests;
