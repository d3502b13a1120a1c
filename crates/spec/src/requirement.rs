//! Requirements: everything in the contract that a person can quote by an id.
//!
//! Ids of parameters, response fields and error rows are computed from the tables; those of prose
//! rules carry the rule's slug. `1.5.2/req/deviceInfo.nodeId`, `1.5.2/res/secret`,
//! `1.5.2/err/400-100426`, `1.5.2/rule/secret-echo`, `2.4/req/mid`.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalogue::{self, ClauseRef};
use crate::model::{Chapter, ErrorRow, Field, Format, Kind, Party, Presence, Rule, Strength};

/// What kind of line in the contract a requirement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A request parameter, or a member of a push or an MQTT message.
    Parameter,
    /// A member of an answer.
    Response,
    /// A row of an error table.
    Error,
    /// A prose rule.
    Rule,
}

/// One requirement.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// The quotable id.
    pub id: String,
    /// The clause it stands in.
    pub clause: &'static str,
    /// The chapter of the clause.
    pub chapter: Chapter,
    /// What it comes from.
    pub source: Source,
    /// What it says, in one English sentence.
    pub text: String,
    /// The line of the reference.
    pub line: u32,
    /// How strongly it binds.
    pub strength: Strength,
    /// Whom it binds.
    pub binds: Party,
}

/// Every requirement, in the order of the reference.
pub fn all() -> &'static [Requirement] {
    static ALL: OnceLock<Vec<Requirement>> = OnceLock::new();
    ALL.get_or_init(|| catalogue::clauses().iter().flat_map(of_clause).collect())
}

/// The requirement with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Requirement> {
    static BY_ID: OnceLock<HashMap<&'static str, &'static Requirement>> = OnceLock::new();
    BY_ID.get_or_init(|| all().iter().map(|r| (r.id.as_str(), r)).collect()).get(id).copied()
}

/// The id of a request parameter (or message member) by its dotted path.
#[must_use]
pub fn parameter_id(clause: &str, path: &str) -> String {
    format!("{clause}/req/{path}")
}

/// The id of a response field by its dotted path.
#[must_use]
pub fn response_id(clause: &str, path: &str) -> String {
    format!("{clause}/res/{path}")
}

/// The id of an error row.
#[must_use]
pub fn error_id(clause: &str, row: &ErrorRow) -> String {
    format!("{clause}/err/{}-{}", row.http_status, row.code)
}

/// The id of a prose rule.
#[must_use]
pub fn rule_id(clause: &str, slug: &str) -> String {
    format!("{clause}/rule/{slug}")
}

/// Visits every row of a table, depth first, with its dotted path (`tags[]`-style items) and that
/// of its parent.
pub fn visit<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    parent: &str,
    see: &mut impl FnMut(&str, &str, &'a Field),
) {
    for field in fields {
        let path = if parent.is_empty() { field.name.to_owned() } else { format!("{parent}.{}", field.name) };
        see(&path, parent, field);
        let inner = if matches!(field.kind, Kind::Array(_)) { format!("{path}[]") } else { path };
        visit(field.members, &inner, see);
    }
}

fn of_clause(clause: &ClauseRef) -> Vec<Requirement> {
    let mut list = Vec::new();
    let (name, chapter) = (clause.clause(), clause.chapter());
    let mut add = |id: String, source, text, line, strength, binds| {
        list.push(Requirement { id, clause: name, chapter, source, text, line, strength, binds });
    };
    match clause {
        ClauseRef::Operation(op) => {
            for param in op.params {
                visit([&param.field], "", &mut |path, _, field| {
                    let text = describe(path, field, param.place.as_str());
                    add(
                        parameter_id(name, path),
                        Source::Parameter,
                        text,
                        field.line,
                        Strength::Must,
                        Party::Application,
                    );
                });
            }
            visit(op.response, "", &mut |path, _, field| {
                let text = describe(path, field, "answer");
                add(response_id(name, path), Source::Response, text, field.line, Strength::Must, Party::Platform);
            });
            let mut seen = Vec::new();
            for row in op.errors {
                // A table may print one row twice; the requirement is one.
                if !seen.contains(&(row.http_status, row.code)) {
                    seen.push((row.http_status, row.code));
                    let text = format!("answers {} with error_code {} \"{}\"", row.http_status, row.code, row.desc);
                    add(error_id(name, row), Source::Error, text, row.line, Strength::Must, Party::Platform);
                }
            }
        }
        ClauseRef::Notification(push) => visit(push.fields, "", &mut |path, _, field| {
            let text = describe(path, field, "push");
            add(parameter_id(name, path), Source::Parameter, text, field.line, Strength::Must, Party::Platform);
        }),
        ClauseRef::Packet(message) => {
            let binds = match message.direction {
                crate::model::Direction::DeviceToPlatform => Party::Device,
                crate::model::Direction::PlatformToDevice => Party::Platform,
            };
            visit(message.fields, "", &mut |path, _, field| {
                let text = describe(path, field, "message");
                add(parameter_id(name, path), Source::Parameter, text, field.line, Strength::Must, binds);
            });
        }
        ClauseRef::Prose(_) => {}
    }
    if let ClauseRef::Operation(op) = clause {
        for rule in crate::universal::rules(op) {
            add(rule_id(name, rule.slug), Source::Rule, rule.text.to_owned(), rule.line, rule.strength, rule.binds);
        }
    }
    for Rule { slug, binds, strength, line, text } in clause.rules() {
        add(rule_id(name, slug), Source::Rule, (*text).to_owned(), *line, *strength, *binds);
    }
    list
}

/// A table row as an English sentence.
#[must_use]
pub fn describe(path: &str, field: &Field, place: &str) -> String {
    let mut text = format!("`{path}` ({place}) is ");
    text.push_str(match field.presence {
        Presence::Required | Presence::RequiredUnless(_) => "an obligatory ",
        Presence::Optional => "an optional ",
        Presence::Conditional(_) => "a conditional ",
    });
    text.push_str(field.kind.json_type().unwrap_or("value of any type"));
    if let Some(format) = field.format {
        text.push_str(match format {
            Format::UtcTime => " of the form yyyyMMddTHHmmssZ",
            Format::Date => " of the form yyyy-MM-dd",
            Format::Hex => " of hexadecimal digits",
            Format::CallbackUrl => " that is an http or https URL with a port",
            Format::Alphanumeric => " of letters and digits",
        });
    }
    let unit = if matches!(field.kind, Kind::Array(_)) { "items" } else { "characters" };
    match (field.min_len, field.max_len) {
        (Some(min), Some(max)) if min == max => text.push_str(&format!(", exactly {min} {unit}")),
        (Some(min), Some(max)) => text.push_str(&format!(", {min} to {max} {unit}")),
        (None, Some(max)) => text.push_str(&format!(", at most {max} {unit}")),
        (Some(min), None) => text.push_str(&format!(", at least {min} {unit}")),
        (None, None) => {}
    }
    match (field.min, field.max) {
        (Some(min), Some(max)) => text.push_str(&format!(", from {min} to {max}")),
        (None, Some(max)) => text.push_str(&format!(", at most {max}")),
        (Some(min), None) => text.push_str(&format!(", at least {min}")),
        (None, None) => {}
    }
    if !field.values.is_empty() {
        text.push_str(&format!(", one of {}", field.values.join(", ")));
    }
    match field.default {
        Some(crate::model::Fallback::Text(value)) => text.push_str(&format!(", by default {value}")),
        Some(crate::model::Fallback::Integer(value)) => text.push_str(&format!(", by default {value}")),
        Some(crate::model::Fallback::Flag(value)) => text.push_str(&format!(", by default {value}")),
        None => {}
    }
    match field.presence {
        Presence::Conditional(condition) => text.push_str(&format!("; {condition}")),
        Presence::RequiredUnless(sibling) => text.push_str(&format!("; one of it and `{sibling}` may be missing")),
        Presence::Required | Presence::Optional => {}
    }
    text
}
