//! The command as a person meets it: what it prints, how it ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed assumption is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
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
    assert_eq!(bad.status.code(), Some(2));
    assert_eq!(stderr(&bad), format!("iotdm: certificate: {path}: no certificate in PEM form was found\n"));
    let absent = output(&["mock", "--cert", "/no/such.pem", "--key", "/no/such.pem"]);
    assert_eq!(absent.status.code(), Some(2));
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
    assert_eq!(bad.status.code(), Some(2));
    assert_eq!(stderr(&bad), format!("iotdm: {}: no certificate in PEM form was found\n", none.display()));
    let both = output(&["check", "app", "--target", "t.yaml", "--callback-ca", "ca.pem", "--", "true"]);
    assert_eq!(both.status.code(), Some(2));
    assert!(stderr(&both).contains("'--callback-ca <FILE>'"), "{}", stderr(&both));
}

/// A folder that goes when the test is over.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("iotdm-cli-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A file in it with this text; its path.
    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The pair of commands that README has for platforms, with files that are named from where one stands.
#[test]
fn the_target_file_of_a_mock_can_be_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("pair");
    std::fs::create_dir(folder.0.join("sub")).unwrap();
    // The control plane is the owner's: it lifts the throttle, moves the clock, and says so.
    let mut starting = iotdm(&["mock", "--port", "0", "--mqtt-port", "0", "--control-port", "0"]);
    starting.args(["--target-file", "sub/t.yaml", "--ca-file", "sub/ca.pem"]).current_dir(&folder.0);
    let mut child = starting.stdout(Stdio::piped()).spawn().unwrap();
    let mut mock = Mock { lines: BufReader::new(child.stdout.take().unwrap()), child };
    let control = Mock::value(&mock.greeting(), "control").split('/').take(4).collect::<Vec<_>>().join("/");
    let mode = std::fs::metadata(folder.path("sub/t.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "three secrets stand in it");
    let run = |more: &[&str]| {
        let mut command = iotdm(&["check", "platform", "--target", "sub/t.yaml"]);
        command.args(more).current_dir(&folder.0).output().unwrap()
    };
    let output = run(&["--clause", "1.5.7"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}{}", stderr(&output));
    let words: Vec<&str> = shown.split_whitespace().collect();
    let shown = words.join(" ");
    assert!(shown.contains("moved the target's clock") && shown.contains(&format!("{control}/reset")), "{shown}");
    assert!(!shown.contains("throttle turned away"), "{shown}");
    let mut stream = std::net::TcpStream::connect(control.split('/').nth(2).unwrap()).unwrap();
    let request = "GET /_mock/applications HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let applications: serde_json::Value = serde_json::from_str(body).unwrap();
    for one in applications["applications"].as_array().unwrap() {
        assert_eq!(one["throttle"], 100, "the throttle is put back: {one}");
    }
}

/// The control plane of another mock would make the target fail.
#[test]
fn a_control_plane_of_another_is_the_environments_fault() {
    let folder = Folder::new("foreign");
    let (mut one, mut other) =
        (Mock::start(&["--seed", "5", "--target-file", &folder.path("t.yaml")]), Mock::start(&["--seed", "5"]));
    one.greeting();
    let foreign = Mock::value(&other.greeting(), "control").split("/_mock").next().unwrap().to_owned();
    let text = std::fs::read_to_string(folder.path("t.yaml")).unwrap();
    let with = |control: &str| {
        let lines = text
            .lines()
            .map(|line| if line.starts_with("control:") { format!("control: {control}") } else { line.to_owned() });
        folder.file("wrong.yaml", &lines.collect::<Vec<_>>().join("\n"));
        output(&["check", "platform", "--target", &folder.path("wrong.yaml"), "--clause", "1.5.7"])
    };
    let wrong = with(&foreign);
    let shown = String::from_utf8_lossy(&wrong.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(wrong.status.code(), Some(3), "{shown}");
    assert!(shown.contains("is not the control plane of the target"), "{shown}");
    let nobody = with("http://127.0.0.1:9");
    assert_eq!(nobody.status.code(), Some(3), "{}", String::from_utf8_lossy(&nobody.stdout));
}

#[test]
fn files_that_are_no_use_are_told_by_name_before_anything_runs() {
    let folder = Folder::new("useless");
    let nothing = folder.file("nothing.pem", "nothing of the kind");
    let ports = ["mock", "--port", "0", "--mqtt-port", "0", "--control-port", "0"];
    for option in ["--callback-ca", "--device-ca"] {
        let refused = output(&[&ports[..], &[option, &nothing]].concat());
        assert_eq!(refused.status.code(), Some(2), "{option}");
        assert_eq!(stderr(&refused), format!("iotdm: {nothing}: no certificate in PEM form was found\n"), "{option}");
    }
    let report = output(&["check", "platform", "--clause", "1.5.7", "--junit", "/no/such/folder/x.xml"]);
    assert_eq!(report.status.code(), Some(3));
    assert!(stderr(&report).starts_with("iotdm: /no/such/folder/x.xml: "), "{}", stderr(&report));
    assert!(report.stdout.is_empty(), "it is said before the run");
}

#[test]
fn a_list_of_known_failures_may_be_empty() {
    let folder = Folder::new("known");
    let known = folder.file("known.yaml", "# nothing is known to fail\n");
    let passed = output(&["check", "platform", "--case", "1.5.7/derived/refuses-no-token", "--known", &known]);
    assert!(passed.status.success(), "{}", stderr(&passed));
}

#[test]
fn explain_says_which_cases_rest_on_a_ruling() {
    let explained = output(&["explain", "a-73"]);
    let shown = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(explained.status.success(), "{}", stderr(&explained));
    assert!(shown.starts_with("ruling A-73,") && shown.lines().any(|line| line.starts_with("  1.")), "{shown}");
    let unknown = output(&["explain", "A-9999"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert_eq!(stderr(&unknown), "iotdm: no erratum of the contract and no case cites a ruling A-9999\n");
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
