//! The command as a person meets it: what it prints, how it ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed assumption is a failed test")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn iotdm(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iotdm"));
    command.args(args).env("NO_COLOR", "1");
    command
}

fn output(args: &[&str]) -> Output {
    iotdm(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running mock that is killed, should the test fail.
struct Mock {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let free = ["mock", "--port", "0", "--mqtt-port", "0", "--control-port", "0"];
        let args: Vec<&str> = free.iter().chain(args).copied().collect();
        let mut child = iotdm(&args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// What it prints until it is ready.
    fn greeting(&mut self) -> String {
        let mut text = String::new();
        while !text.contains("Ctrl-C stops it.") {
            assert!(self.lines.read_line(&mut text).unwrap() > 0, "it ended after {text}");
        }
        text
    }

    fn value(greeting: &str, name: &str) -> String {
        let line =
            greeting.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
        line.trim_start().trim_start_matches(name).trim().to_owned()
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_mock_prints_what_a_client_needs_and_stops_on_ctrl_c() {
    let mut mock = Mock::start(&["--seed", "7"]);
    let greeting = mock.greeting();
    let ca = Mock::value(&greeting, "CA file");
    assert!(std::fs::read_to_string(&ca).unwrap().contains("BEGIN CERTIFICATE"));
    for name in ["REST", "MQTTS", "control", "appId", "secret", "productId"] {
        assert!(!Mock::value(&greeting, name).is_empty(), "{name}");
    }
    assert!(greeting.contains("curl --cacert"), "{greeting}");
    let interrupted = Instant::now();
    mock.interrupt();
    let status = mock.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(interrupted.elapsed() < Duration::from_secs(1), "it took {:?} to stop", interrupted.elapsed());
    assert!(!std::path::Path::new(&ca).exists(), "the folder for temporary files is gone");
    let mut rest = String::new();
    mock.lines.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.trim(), "");
}

#[test]
fn the_same_seed_gives_the_same_credentials() {
    let credentials = |mut mock: Mock| {
        let greeting = mock.greeting();
        ["appId", "secret", "productId"].map(|name| Mock::value(&greeting, name))
    };
    assert_eq!(credentials(Mock::start(&["--seed", "9"])), credentials(Mock::start(&["--seed", "9"])));
}

#[test]
fn a_port_that_is_taken_is_one_clear_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = output(&["mock", "--port", &port, "--mqtt-port", "0", "--control-port", "0"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        stderr(&output),
        format!(
            "iotdm: HTTPS: 127.0.0.1:{port} is taken by another program; choose another port, or 0 for a free one\n"
        )
    );
}

#[test]
fn a_certificate_that_is_none_is_one_clear_line() {
    let file = std::env::temp_dir().join(format!("iotdm-no-certificate-{}.pem", std::process::id()));
    std::fs::write(&file, "nothing of the kind").unwrap();
    let path = file.to_str().unwrap();
    let bad =
        output(&["mock", "--port", "0", "--mqtt-port", "0", "--control-port", "0", "--cert", path, "--key", path]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(bad.status.code(), Some(3));
    assert_eq!(stderr(&bad), format!("iotdm: certificate: {path}: no certificate in PEM form was found\n"));
    let absent = output(&["mock", "--cert", "/no/such.pem", "--key", "/no/such.pem"]);
    assert_eq!(absent.status.code(), Some(3));
    assert!(stderr(&absent).starts_with("iotdm: certificate: /no/such.pem: No such file"), "{}", stderr(&absent));
    assert_eq!(stderr(&absent).lines().count(), 1);
}

#[test]
fn bad_input_gets_the_nearest_match_and_its_own_exit_code() {
    let unknown = output(&["explain", "1.5.22"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("1.5.2"), "{}", stderr(&unknown));
    let document = output(&["export", "opnapi"]);
    assert_eq!(document.status.code(), Some(2));
    assert!(stderr(&document).contains("did you mean openapi?"), "{}", stderr(&document));
    let case = output(&["check", "platform", "--clause", "9.9.9"]);
    assert_eq!(case.status.code(), Some(2));
    let target = output(&["check", "platform", "--target", "/no/such.yaml"]);
    assert_eq!(target.status.code(), Some(2));
    assert!(stderr(&target).contains("/no/such.yaml"), "{}", stderr(&target));
}

#[test]
fn the_schema_of_a_dumped_world_is_a_document_to_export() {
    let exported = output(&["export", "world-schema"]);
    assert!(exported.status.success(), "{}", stderr(&exported));
    assert_eq!(String::from_utf8_lossy(&exported.stdout), format!("{:#}\n", iotdm_mock::world_schema()));
}

#[test]
fn a_platform_that_is_not_there_is_the_environments_fault() {
    let file = std::env::temp_dir().join(format!("iotdm-nobody-{}.yaml", std::process::id()));
    std::fs::write(&file, "base_url: https://127.0.0.1:1\napplication: {id: a, secret: b}\n").unwrap();
    let output = output(&["check", "platform", "--target", file.to_str().unwrap(), "--clause", "1.4.1"]);
    std::fs::remove_file(&file).unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{shown}");
}

/// A mock of our own is given the receivers' CA; another platform has its own.
#[test]
fn an_applications_receivers_have_a_ca() {
    let missing = output(&["check", "app", "--callback-ca", "/no/such/ca.pem", "--", "true"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).starts_with("iotdm: /no/such/ca.pem: "), "{}", stderr(&missing));
    let none = std::env::temp_dir().join(format!("iotdm-no-callback-ca-{}.pem", std::process::id()));
    std::fs::write(&none, "nothing of the kind").unwrap();
    let bad = output(&["check", "app", "--callback-ca", none.to_str().unwrap(), "--", "true"]);
    std::fs::remove_file(&none).unwrap();
    assert_eq!(bad.status.code(), Some(3));
    let told = "iotdm: certificate: of callback receivers: no certificate in PEM form was found\n";
    assert_eq!(stderr(&bad), told);
    let both = output(&["check", "app", "--target", "t.yaml", "--callback-ca", "ca.pem", "--", "true"]);
    assert_eq!(both.status.code(), Some(2));
    assert!(stderr(&both).contains("'--callback-ca <FILE>'"), "{}", stderr(&both));
}

#[test]
fn explain_says_what_a_code_means() {
    let output = output(&["explain", "1.5.2/err/400-100426"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("The nodeId is duplicated."), "{shown}");
    assert!(shown.contains("754"), "the line of the reference: {shown}");
}

#[test]
fn one_clause_alone_passes_against_the_embedded_mock() {
    let folder = std::env::temp_dir().join(format!("iotdm-reports-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (junit, json) = (folder.join("junit.xml"), folder.join("report.json"));
    let output = output(&[
        "check",
        "platform",
        "--clause",
        "1.5.7",
        "--junit",
        junit.to_str().unwrap(),
        "--json",
        json.to_str().unwrap(),
    ]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(std::fs::read_to_string(&junit).unwrap().contains("<testsuite "));
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["schema"], 1);
    assert!(report["cases"].as_array().is_some_and(|cases| !cases.is_empty()));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// README's command names no binary, and the tests bring binaries of their own.
#[test]
fn cargo_run_means_iotdm() {
    let manifest = include_str!("../Cargo.toml");
    assert!(manifest.contains("default-run = \"iotdm\""), "without it `cargo run` asks which binary is meant");
}
