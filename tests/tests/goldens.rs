//! The list of cases, of the platform's requirements that none verifies, and the schema of a dumped world: kept in
//! `golden/`, so that a change of any is seen in review.

use std::collections::BTreeSet;
use std::path::Path;

use iotdm_spec::model::{Party, Strength};
use iotdm_spec::requirement;
use iotdm_suite::Catalogue;

fn catalogue() -> Catalogue {
    Catalogue::embedded(None).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Compares with a golden file, or writes it with UPDATE_GOLDEN=1.
fn golden(name: &str, lines: &[String], advice: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(name);
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), text.lines().collect());
    let gone: Vec<_> = kept.difference(&now).collect();
    let new: Vec<_> = now.difference(&kept).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "golden/{name} has changed; gone: {gone:#?}\nnew: {new:#?}\n{advice}\nTo take it over: UPDATE_GOLDEN=1 cargo test --test goldens"
    );
}

#[test]
fn the_schema_of_a_dumped_world() {
    let text = format!("{:#}\n", iotdm_mock::world_schema());
    let advice = "A world that could be read has to stay readable, or the schema gets another number.\n";
    iotdm_tests::golden::document("world.schema.json", &text, "goldens", advice);
}

#[test]
fn the_index_of_cases() {
    let ids: Vec<String> = catalogue().cases().iter().map(|case| case.info.id.clone()).collect();
    golden("case-index.txt", &ids, "A case that goes should have been wrong, not inconvenient.");
}

#[test]
fn what_no_case_verifies_only_shrinks() {
    let catalogue = catalogue();
    let covered: BTreeSet<&str> =
        catalogue.cases().iter().flat_map(|case| &case.info.verifies).map(|cited| cited.id.as_str()).collect();
    let uncovered: Vec<String> = requirement::all()
        .iter()
        .filter(|r| r.binds == Party::Platform && r.strength != Strength::May && !covered.contains(r.id.as_str()))
        .map(|r| r.id.clone())
        .collect();
    golden("uncovered.txt", &uncovered, "This list should only shrink: write a case that cites what is new in it.");
}
