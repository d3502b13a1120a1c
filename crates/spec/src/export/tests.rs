//! The goldens are true, and the exports are sound documents.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;

use super::*;
use crate::catalogue::{NOTIFICATIONS, Op};

/// The first line at which two texts differ, with both versions.
fn first_difference(golden: &str, ours: &str) -> Option<String> {
    let (mut old, mut new) = (golden.lines(), ours.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => {
                let show = |line: Option<&str>| line.map_or("(the end of the text)".to_owned(), str::to_owned);
                return Some(format!("line {number}\n  golden: {}\n  tables: {}", show(a), show(b)));
            }
        }
    }
    None
}

#[test]
fn goldens_say_what_the_tables_say() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden"));
    let mut stale = Vec::new();
    for document in Document::ALL {
        let (path, text) = (folder.join(format!("{}.json", document.name())), document.text());
        if env::var_os("UPDATE_GOLDEN").is_some_and(|wish| wish == "1") {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, text).unwrap();
            continue;
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        if let Some(difference) = first_difference(&golden, &text) {
            stale.push(format!("golden/{}.json, {difference}", document.name()));
        }
    }
    assert!(
        stale.is_empty(),
        "the tables have changed and the exports with them:\n{}\n\n\
         If that is what you want, run\n    UPDATE_GOLDEN=1 cargo test -p iotdm-spec goldens\n\
         and read the difference with `git diff golden`.",
        stale.join("\n")
    );
}

#[test]
fn a_difference_is_shown_where_it_starts() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    let shown = first_difference("a\nb\n", "a\n").unwrap();
    assert!(shown.contains("line 2") && shown.contains("(the end of the text)"), "{shown}");
}

#[test]
fn unknown_documents_meet_a_proposal() {
    assert_eq!(Document::parse("openapi"), Ok(Document::OpenApi));
    assert_eq!(Document::parse("opanapi"), Err(Some("openapi")));
    assert_eq!(Document::parse("zzz"), Err(None));
}

/// Every string under a member of this name, wherever it stands.
fn gather<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name).and_then(Value::as_str));
            members.values().for_each(|member| gather(member, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, name, found)),
        _ => {}
    }
}

#[test]
fn references_lead_somewhere() {
    for document in [openapi(), asyncapi()] {
        let mut references = Vec::new();
        gather(&document, "$ref", &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}

#[test]
fn openapi_has_every_operation_push_and_error_row_once() {
    let document = openapi();
    let mut ids = Vec::new();
    gather(&document, "operationId", &mut ids);
    assert_eq!(ids.len(), Op::ALL.len() + NOTIFICATIONS.len());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "two operations of one id");
    let mut rows = Vec::new();
    gather(&document, "x-requirement", &mut rows);
    let listed: usize = Op::ALL.iter().map(|op| op.table().errors.len()).sum();
    assert_eq!(rows.len(), listed);
}

#[test]
fn a_structure_that_the_reference_tables_once_is_one_schema() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let command = |schema: &str| schemas[schema]["properties"]["command"].to_string();
    assert!(command("CreateCommandRequest").contains("#/components/schemas/"));
    let contents: BTreeSet<String> = schemas.values().map(Value::to_string).collect();
    assert_eq!(contents.len(), schemas.len(), "two schemas of one content");
}
