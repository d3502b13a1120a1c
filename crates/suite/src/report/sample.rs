//! A made-up run for the tests of the reports: six cases, one of each kind that a run against a
//! platform has.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::model::{Chapter, Party};

use super::Record;
use crate::events::{CaseFinished, CaseInfo, Entry, EntryKind, Event, RunStarted, Summary, TargetSummary};
use crate::verdict::{Cited, Exit, Failure, Place, Verdict};

/// The events of the run.
pub(super) fn events() -> Vec<Event> {
    let finished = [pass(), not_applicable(), warn(), fail(), known_failure(), harness_error()];
    let mut events = vec![started(finished.iter().map(|f| f.case.clone()).collect())];
    for finished in finished {
        events.push(Event::CaseStarted { case: finished.case.clone() });
        events.push(Event::CaseFinished(finished));
    }
    events.push(Event::RunFinished {
        summary: Summary {
            selected: 6,
            passed: 1,
            warned: 1,
            failed: 1,
            not_applicable: 1,
            known_failures: 1,
            harness_errors: 1,
            requirements: 5,
            duration: Duration::from_millis(2_841),
            ..summary(Exit::TargetFailed)
        },
    });
    events
}

/// A record of events.
pub(super) fn record(events: &[Event]) -> Record {
    let mut record = Record::default();
    events.iter().for_each(|event| record.hear(event));
    record
}

/// A run that could not start.
pub(super) fn aborted() -> Vec<Event> {
    let why = "https://127.0.0.1:8743 cannot be reached: connection refused";
    let summary = Summary { selected: 1, aborted: Some(why.to_owned()), ..summary(Exit::Environment) };
    vec![started(vec![pass().case]), Event::RunFinished { summary }]
}

pub(super) fn summary(exit: Exit) -> Summary {
    Summary {
        selected: 0,
        passed: 0,
        warned: 0,
        failed: 0,
        not_applicable: 0,
        not_seen: 0,
        known_failures: 0,
        unexpected_passes: 0,
        harness_errors: 0,
        requirements: 0,
        duration: Duration::ZERO,
        aborted: None,
        exit,
    }
}

pub(super) fn started(cases: Vec<Arc<CaseInfo>>) -> Event {
    let target = TargetSummary {
        name: "embedded mock".to_owned(),
        base_url: "https://127.0.0.1:8743".to_owned(),
        mqtt: Some("127.0.0.1:8883".to_owned()),
        application: "app-6f1c".to_owned(),
        capabilities: ["mqtt", "callbacks", "product"].map(str::to_owned).to_vec(),
    };
    Event::RunStarted(RunStarted { under_test: Party::Platform, target, cases })
}

pub(super) fn pass() -> CaseFinished {
    let case = CaseInfo { verifies: vec![login()], ..case("1.4.1", "answers a right secret with a token") };
    let text = "this transcript of a passed case stands in no report";
    let transcript = vec![Entry { at: 0, kind: EntryKind::Note, text: text.to_owned() }];
    CaseFinished { transcript, ..finished(case, Verdict::Pass, 18) }
}

fn warn() -> CaseFinished {
    let case = CaseInfo {
        because: Some("A-19".to_owned()),
        verifies: vec![cited(
            "1.5.2/err/400-100416",
            "answers 400 with error_code 100416 \"The device has been bound.\"",
            741,
        )],
        ..case("1.5.2", "refuses a bound node id")
    };
    let mut finding =
        Failure::new("the refusal's text differs", "The device has been bound.", "device is bound already");
    complete(&mut finding, &case, Vec::new());
    finished(case, Verdict::Warn { findings: vec![finding] }, 33)
}

/// The platform does not echo the secret; a long source line and a long body are wrapped.
pub(super) fn fail() -> CaseFinished {
    let source = "          answer: {secret: \"***\", deviceId: {matches: \"^[0-9a-f-]{36}$\"}, timeout: 180, psk: {present: true}}";
    let place = Place { line: 14, column: 20, width: 6, source: source.to_owned(), ..place("1.5.2") };
    let case = CaseInfo {
        verifies: vec![
            cited(
                "1.5.2/rule/secret-echo",
                "A secret given in the request comes back unchanged; without one the platform generates one.",
                695,
            ),
            cited("1.5.2/res/secret", "answer member `secret`: string, at most 32 characters, optional", 719),
        ],
        ..case("1.5.2", "echoes a given secret")
    };
    let mut failure =
        Failure::new("the answer of `register_by_password` is not as expected: `secret`", "\"***\"", "absent");
    complete(&mut failure, &case, conversation());
    failure.place = Some(place);
    CaseFinished { transcript: conversation(), ..finished(case, Verdict::Fail { failure: Box::new(failure) }, 41) }
}

fn conversation() -> Vec<Entry> {
    let request = concat!(
        "POST https://127.0.0.1:8743/iocm/app/reg/v2.0.0/deviceCredentials?appId=app-6f1c\n",
        "app_key: app-6f1c\nauthorization: ***\ncontent-type: application/json\n",
        r#"{"deviceInfo":{"nodeId":"iotdm-5f0e-0001","name":"iotdm-5f0e-0001"},"mqttConnect":true,"productId":"5d1c0a7e3b9f","secret":"***"}"#,
    );
    let answer = concat!(
        "200\ncontent-type: application/json\n",
        r#"{"deviceId":"9f0c6e1a-7a1d-4a52-9f3b-0c1d2e3f4a5b","verifyCode":"iotdm-5f0e-0001","timeout":180,"psk":"***"}"#,
    );
    let push = "POST /push/3\ncontent-type: application/json\n{\"notifyType\":\"deviceAdded\",\"deviceId\":\"9f0c6e1a-7a1d-4a52-9f3b-0c1d2e3f4a5b\"}";
    [
        (0, EntryKind::Note, "step 1: call register_by_password"),
        (1, EntryKind::HttpRequest, request),
        (29, EntryKind::HttpAnswer, answer),
        (31, EntryKind::MqttOut, "CONNECT client 9f0c6e1a_0_0_2026112300, password ***"),
        (34, EntryKind::MqttIn, "CONNACK accepted"),
        (38, EntryKind::CallbackIn, push),
    ]
    .map(|(at, kind, text)| Entry { at, kind, text: text.to_owned() })
    .to_vec()
}

fn not_applicable() -> CaseFinished {
    let case = CaseInfo { verifies: vec![login()], ..case("1.4.2", "refuses an expired refresh token") };
    finished(case, Verdict::NotApplicable { reason: "the target does not offer `control`".to_owned() }, 0)
}

fn known_failure() -> CaseFinished {
    let case = CaseInfo {
        derived: true,
        id: "1.7.1/derived/refuses-without-callbackUrl".to_owned(),
        verifies: vec![cited("1.7.1/req/callbackUrl", "body parameter `callbackUrl`: string, required", 1620)],
        ..case("1.7.1", "refuses without callbackUrl")
    };
    let mut failure = Failure::new("`subscribe` is not refused", "a refusal of the input", "status 201 without a body");
    complete(&mut failure, &case, Vec::new());
    let reason = "ticket 4711: accepted until the end of the year".to_owned();
    finished(case, Verdict::KnownFailure { reason, failure: Box::new(failure) }, 12)
}

fn harness_error() -> CaseFinished {
    let case = CaseInfo {
        verifies: vec![cited("2.3/req/serviceId", "message member `serviceId`: string, required", 4410)],
        ..case("2.3", "pushes one reported service")
    };
    let mut failure = Failure::new(
        "the callback receiver cannot listen",
        "a free port on 127.0.0.1",
        "Address already in use (os error 98)",
    );
    complete(&mut failure, &case, Vec::new());
    finished(case, Verdict::HarnessError { failure: Box::new(failure) }, 2)
}

/// A case of a clause; the id follows from the statement.
pub(super) fn case(clause: &'static str, statement: &str) -> CaseInfo {
    let (chapter, clause_name, clause_title) = match clause {
        "1.4.1" => (Chapter::Security, "login", "Logging in"),
        "1.4.2" => (Chapter::Security, "refresh_token", "Refreshing a token"),
        "1.5.2" => (Chapter::Devices, "register_by_password", "Registering a device with a password"),
        "1.7.1" => (Chapter::Subscriptions, "subscribe", "Subscribing to notifications"),
        _ => (Chapter::Mqtt, "report_data", "Reporting data"),
    };
    CaseInfo {
        id: format!("{clause}/{}", statement.replace(' ', "-")),
        clause,
        clause_title,
        clause_name,
        chapter,
        statement: statement.to_owned(),
        derived: false,
        verifies: Vec::new(),
        because: None,
        place: Some(place(clause)),
    }
}

pub(super) fn finished(case: CaseInfo, verdict: Verdict, millis: u64) -> CaseFinished {
    let duration = Duration::from_millis(millis);
    CaseFinished { case: Arc::new(case), verdict, duration, transcript: Vec::new() }
}

fn place(clause: &str) -> Place {
    Place {
        file: format!("spec-cases/{clause}.yaml"),
        line: 9,
        column: 5,
        source: "  - name: the-case".to_owned(),
        width: 4,
    }
}

fn complete(failure: &mut Failure, case: &CaseInfo, transcript: Vec<Entry>) {
    failure.place.clone_from(&case.place);
    failure.requirements.clone_from(&case.verifies);
    failure.transcript = transcript;
    failure.rerun = format!("iotdm check platform --case {}", case.id);
}

fn cited(id: &str, text: &str, line: u32) -> Cited {
    Cited { id: id.to_owned(), text: text.to_owned(), line, strength: "must" }
}

fn login() -> Cited {
    cited("1.4.1/res/accessToken", "answer member `accessToken`: string, required", 402)
}
