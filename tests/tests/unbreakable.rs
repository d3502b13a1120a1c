//! Every case can fail: for each there is a sabotage of a sound platform under which it does not pass.
//! And the other way round: what a platform may be like by the rulings fails nothing.
//!
//! The short forms run with all other tests. The long forms run the whole catalogue:
//!
//!     cargo test --test unbreakable -- --ignored --nocapture
//!
//! `IOTDM_CASES` (a beginning of case ids) narrows them down, `IOTDM_EVERY_SABOTAGE=1` runs every case
//! under every sabotage, instead of only those that nothing has failed yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use iotdm_spec::catalogue;
use iotdm_suite::Catalogue;
use iotdm_tests::saboteur::{Fault, NotPassed, Sabotage, Saboteur, sabotages, variations};

fn embedded() -> Catalogue {
    Catalogue::embedded(None).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// The cases, by their clauses.
fn ids(catalogue: &Catalogue, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    catalogue.cases().iter().map(|case| case.info.id.clone()).filter(|id| wanted(id)).collect()
}

fn by_clause(ids: &BTreeSet<String>) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut sorted: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for id in ids {
        let clause = id.split('/').next().unwrap_or_default();
        let clause = catalogue::clause(clause).expect("a clause of the catalogue").clause();
        sorted.entry(clause).or_default().insert(id.clone());
    }
    sorted
}

/// Whether a verdict blames the platform.
fn blames(ended: &NotPassed) -> bool {
    ["fail", "warn"].contains(&ended.verdict)
}

/// What does not pass under a sabotage of a fresh platform.
async fn under(sabotage: Sabotage, catalogue: &Catalogue, ids: &BTreeSet<String>) -> Vec<NotPassed> {
    let saboteur = Saboteur::start().await;
    let ended = spoilt(&saboteur, sabotage, catalogue, ids).await;
    saboteur.stop().await;
    ended
}

/// What does not pass under a sabotage.
async fn spoilt(
    saboteur: &Saboteur,
    sabotage: Sabotage,
    catalogue: &Catalogue,
    ids: &BTreeSet<String>,
) -> Vec<NotPassed> {
    let mut ended = Vec::new();
    if sabotage.own {
        for (clause, ids) in by_clause(ids) {
            saboteur.spoil(sabotage.fault, Some(clause));
            ended.extend(saboteur.run(catalogue, &ids).await);
        }
    } else {
        saboteur.spoil(sabotage.fault, None);
        ended = saboteur.run(catalogue, ids).await;
    }
    ended
}

/// Whatever no sabotage fails.
async fn never_failed(catalogue: &Catalogue, all: &BTreeSet<String>) -> BTreeSet<String> {
    let every = std::env::var_os("IOTDM_EVERY_SABOTAGE").is_some();
    let mut never = all.clone();
    for sabotage in sabotages() {
        let tried = if every { all } else { &never };
        if tried.is_empty() {
            break;
        }
        let ended = under(sabotage, catalogue, tried).await;
        let failed: BTreeSet<String> = ended.into_iter().filter(blames).map(|ended| ended.id).collect();
        let whose = if sabotage.own { "own operation" } else { "everything" };
        println!("{:5} of {:5} fail: {} ({:?}, {whose})", failed.len(), tried.len(), sabotage.name, sabotage.fault);
        if std::env::var_os("IOTDM_VERBOSE").is_some() {
            failed.iter().for_each(|id| println!("        {id}"));
        }
        never.retain(|id| !failed.contains(id));
    }
    never
}

/// `golden/unbreakable.txt`: a case a line, and after a colon and a blank why nothing fails it; `#` is a remark.
fn explained() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/unbreakable.txt");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(id, why)| (id.to_owned(), why.to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saboteur_that_spoils_nothing_changes_nothing() {
    let catalogue = embedded();
    let few = ids(&catalogue, |id| ["1.5.7/", "2.4/", "1.8.4/"].iter().any(|clause| id.starts_with(clause)));
    let honest = Sabotage { name: "is sound", fault: Fault::None, own: false };
    let ended = under(honest, &catalogue, &few).await;
    assert!(ended.is_empty(), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_of_one_clause_of_each_kind_can_fail() {
    let catalogue = embedded();
    let mut never = ids(&catalogue, |id| ["1.5.7/", "2.4/", "1.8.9/"].iter().any(|clause| id.starts_with(clause)));
    // One platform for all: a few cases leave little behind.
    let saboteur = Saboteur::start().await;
    for sabotage in sabotages() {
        if never.is_empty() {
            break;
        }
        for failed in spoilt(&saboteur, sabotage, &catalogue, &never).await.into_iter().filter(blames) {
            never.remove(&failed.id);
        }
    }
    saboteur.stop().await;
    assert!(never.is_empty(), "nothing fails {never:#?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: the whole catalogue under every sabotage"]
async fn every_case_can_fail() {
    let catalogue = embedded();
    let beginning = std::env::var("IOTDM_CASES").unwrap_or_default();
    let all = ids(&catalogue, |id| id.starts_with(&beginning));
    let never = never_failed(&catalogue, &all).await;
    println!("{} of {} cases can fail; of the rest:", all.len() - never.len(), all.len());
    never.iter().for_each(|id| println!("{id}"));
    let explained = explained();
    let unexplained: Vec<&String> = never.iter().filter(|id| !explained.contains_key(*id)).collect();
    assert!(
        unexplained.is_empty(),
        "nothing fails these, and golden/unbreakable.txt does not say why: {unexplained:#?}"
    );
    let outdated: Vec<&String> = explained.keys().filter(|id| all.contains(*id) && !never.contains(*id)).collect();
    assert!(outdated.is_empty(), "golden/unbreakable.txt lists what can fail: {outdated:#?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: the whole catalogue under every variation"]
async fn what_the_rulings_allow_fails_nothing() {
    let catalogue = embedded();
    let beginning = std::env::var("IOTDM_CASES").unwrap_or_default();
    let all = ids(&catalogue, |id| id.starts_with(&beginning));
    let mut wrong = Vec::new();
    let sound = Sabotage { name: "is sound", fault: Fault::None, own: false };
    for variation in [sound].into_iter().chain(variations()) {
        let ended = under(variation, &catalogue, &all).await;
        let (warned, failed): (Vec<_>, Vec<_>) = ended.into_iter().partition(|ended| ended.verdict == "warn");
        println!("{:4} failed, {:4} warned: {}", failed.len(), warned.len(), variation.name);
        failed.iter().for_each(|ended| println!("    {} {}: {}", ended.verdict, ended.id, ended.found));
        wrong.extend(failed.into_iter().map(|ended| format!("{}: {}", variation.name, ended.id)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
