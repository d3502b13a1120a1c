//! The arrows that must never exist, checked on the sources and manifests.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

/// Fails with every line of `paths` that contains one of `forbidden`.
fn forbid(paths: &[PathBuf], forbidden: &[&str], why: &str) {
    assert!(!paths.is_empty(), "nothing to check: {why}");
    let mut offences = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if forbidden.iter().any(|word| code.contains(word)) {
                offences.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(offences.is_empty(), "{why}\n{}", offences.join("\n"));
}

fn manifest(name: &str) -> Vec<PathBuf> {
    vec![root().join("crates").join(name).join("Cargo.toml")]
}

#[test]
fn the_contract_knows_nobody() {
    let others = ["iotdm-", "tokio", "axum", "rumqtt", "reqwest"];
    let text = fs::read_to_string(root().join("crates/spec/Cargo.toml")).unwrap();
    let dependencies = text.split("[dependencies]").nth(1).unwrap();
    assert!(
        !others.iter().any(|other| dependencies.contains(other)),
        "the contract depends on no other crate of ours, nor on I/O"
    );
    let sources: Vec<_> = files(&root().join("crates/spec/src"), "rs")
        .into_iter()
        .filter(|p| !p.ends_with("reference.rs") && !p.ends_with("tests.rs"))
        .collect();
    forbid(
        &sources,
        &["std::fs", "std::net", "std::time", "SystemTime"],
        "the contract does no I/O and reads no clock",
    );
}

#[test]
fn mock_and_suite_meet_only_on_the_wire() {
    forbid(&manifest("mock"), &["iotdm-suite"], "the mock must not know the suite");
    forbid(&manifest("suite"), &["iotdm-mock"], "the suite must not know the mock");
}

/// What of the mock meets the outside: sockets, files, the system's clock, randomness. All the rest is
/// state and rules.
const SHELLS: &[&str] = &[
    "builder.rs",
    "clock.rs",
    "control",
    "core.rs",
    "host.rs",
    "http.rs",
    "http",
    "journal.rs",
    "journal",
    "lib.rs",
    "mint.rs",
    "mqtt/door",
    "mqtt/faults",
    "platform.rs",
    "profile",
    "pusher",
    "state/beginning.rs",
    "state/store.rs",
    "tls.rs",
];

#[test]
fn handlers_do_no_io() {
    let folder = root().join("crates/mock/src");
    let is_shell = |path: &Path| SHELLS.iter().any(|shell| path.starts_with(folder.join(shell)));
    let rules: Vec<_> = files(&folder, "rs").into_iter().filter(|path| !is_shell(path)).collect();
    assert!(rules.len() > 100, "the rules of the mock are here");
    let forbidden = ["axum", "rumqttd", "tokio", "SystemTime", "Instant::now", "rand::", "std::net", "std::fs"];
    forbid(&rules, &forbidden, "a handler touches neither sockets, tasks, the system's clock nor randomness");
}

#[test]
fn reports_see_only_events_and_verdicts() {
    let reports = files(&root().join("crates/suite/src/report"), "rs");
    forbid(
        &reports,
        &["crate::runner", "crate::steps", "crate::wire", "crate::sweeps"],
        "a report sees only events and verdicts",
    );
}

/// A case says what must happen by the contract's names; statuses and texts belong to the contract.
#[test]
fn cases_hold_no_wire_facts() {
    let cases = files(&root().join("spec-cases"), "yaml");
    let texts: Vec<String> = iotdm_spec::Op::ALL
        .iter()
        .flat_map(|op| op.table().errors)
        .map(|row| row.desc.trim_end_matches('.').to_owned())
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    forbid(&cases, &texts, "a case holds no error text");
    forbid(
        &cases,
        &["error_code", "http_status", "status: 2", "status: 4", "status: 5"],
        "a case holds no status number",
    );
    for path in &cases {
        let text = fs::read_to_string(path).unwrap();
        for case in text.split("  - name:").skip(1) {
            let control = case.contains("control:");
            assert!(
                !control || case.contains("control]") || case.contains("control,"),
                "{}: a case uses the control plane without needing it:{case}",
                path.display()
            );
        }
    }
}

/// `//= 1.5.2/rule/secret-echo` at a line of the mock cites a requirement that the contract has.
#[test]
fn citations_lead_somewhere() {
    let mut cited = 0;
    for path in files(&root().join("crates/mock/src"), "rs") {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let Some(id) = line.trim().strip_prefix("//= ") else { continue };
            cited += 1;
            let found = iotdm_spec::requirement::find(id);
            assert!(found.is_some(), "{}:{}: the contract has no {id}", path.display(), number + 1);
        }
    }
    assert!(cited > 0, "the mock cites nothing");
}
