//! The engine against two targets that are not worth the name: one that says yes to everything, and
//! one that says no. A case that passes against both judges nothing.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use iotdm_spec::catalogue::Op;
use iotdm_spec::model::ErrorRow;
use iotdm_spec::{route, sample, universal};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::target::Credentials;

/// What a target says to every call but a login.
#[derive(Clone, Copy)]
enum Character {
    Yes,
    No,
    /// It does not even let anybody log in.
    Stranger,
    /// It is busy: every protected call is one too many.
    Busy,
    /// It answers what is no JSON.
    Rude,
}

async fn answer(State(character): State<Character>, method: Method, uri: Uri, _: Bytes) -> impl IntoResponse {
    let json = |status: u16, body: Value| {
        let status = StatusCode::from_u16(status).unwrap();
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string())
    };
    let refusal = |row: ErrorRow| json(row.http_status, json!({"error_code": row.code, "error_desc": row.desc}));
    let route::Route::Found { op, .. } = route::find(method.as_str(), uri.path()) else {
        return json(404, json!({}));
    };
    let table = op.table();
    match (op, character) {
        (Op::Login, Character::Stranger) => refusal(iotdm_spec::security::login::error::CREDENTIALS_WRONG.row()),
        (Op::Login, _) | (_, Character::Yes) => {
            json(table.success_status, Value::Object(sample::fullest(table.response)))
        }
        (_, Character::No | Character::Stranger) => refusal(universal::token_invalid(table)),
        (_, Character::Busy) => refusal(universal::throttled(table)),
        (_, Character::Rude) => {
            let status = StatusCode::from_u16(table.success_status).unwrap();
            (status, [(header::CONTENT_TYPE, "text/html")], "<html>".to_owned())
        }
    }
}

async fn target(character: Character) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(answer).with_state(character);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let credentials = |id: &str| Credentials { id: id.to_owned(), secret: format!("secret of {id}") };
    let mut target = Target::new("fake", url, credentials("application"));
    target.stranger = Some(credentials("stranger"));
    target.authorized = Some(credentials("authorized"));
    target.tolerance.push = Duration::from_millis(50);
    target.tolerance.silence = Duration::from_millis(20);
    target.with_evident_capabilities()
}

async fn verdicts(character: Character) -> (BTreeMap<String, Verdict>, Summary) {
    let catalogue = patient_no_more();
    let mut verdicts = BTreeMap::new();
    let target = target(character).await;
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |event| {
        if let Event::CaseFinished(finished) = event {
            verdicts.insert(finished.case.id.clone(), finished.verdict);
        }
    })
    .await;
    (verdicts, summary)
}

/// The catalogue without what polls: a fake target never changes its mind.
fn patient_no_more() -> Catalogue {
    use crate::case::Action;
    let catalogue = Catalogue::embedded(None).unwrap();
    let mut cases = Vec::new();
    for case in catalogue.cases() {
        let mut case = Case::clone(case);
        for step in &mut case.steps {
            if let Action::Eventually(_, within) = &mut step.action {
                *within = Duration::ZERO;
            }
        }
        cases.push(Arc::new(case));
    }
    Catalogue::from_cases(cases)
}

fn only_logs_in(case: &Case) -> bool {
    use crate::case::Action;
    case.steps.iter().all(|step| match &step.action {
        Action::Call(call) => call.op == Op::Login,
        Action::Let(_) => true,
        _ => false,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_case_passes_against_both_yes_and_no() {
    let (yes, _) = verdicts(Character::Yes).await;
    let (no, _) = verdicts(Character::No).await;
    let passed = |id: &str| matches!(yes[id], Verdict::Pass) && matches!(no[id], Verdict::Pass);
    // Both fakes let everybody log in: without a token there is nothing to judge.
    let catalogue = Catalogue::embedded(None).unwrap();
    let cases = catalogue.cases().iter().filter(|case| !only_logs_in(case));
    let vacuous: Vec<&str> = cases.map(|case| case.info.id.as_str()).filter(|id| passed(id)).collect();
    assert!(vacuous.is_empty(), "these cases pass whatever the target says: {vacuous:#?}");
    let judged = yes.values().filter(|v| v.was_executed()).count();
    assert!(judged > 150, "only {judged} cases were executed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_logins_and_refusals_of_any_kind_passes_against_a_rude_target() {
    let (verdicts, summary) = verdicts(Character::Rude).await;
    assert_eq!(summary.exit, Exit::TargetFailed);
    let passed: Vec<&String> = verdicts.iter().filter(|(_, v)| matches!(v, Verdict::Pass)).map(|(id, _)| id).collect();
    for id in passed {
        // Answers without a body are judged by their status, which the rude target gets right.
        let allowed = [
            "1.4.1/",
            "1.2.1/",
            "1.2.2/",
            "1.5.5/derived/accepts",
            "1.7.2/derived/accepts",
            "1.7.5/derived/accepts",
            "1.7.6/derived/accepts",
        ];
        assert!(allowed.iter().any(|start| id.starts_with(start)), "{id} passes against a rude target");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_that_no_case_wants_fails_none() {
    let mut target = target(Character::Busy).await;
    target.tolerance.throttle = Duration::from_millis(10);
    let filter = crate::Filter { clauses: vec!["1.5.7".to_owned()], ..Default::default() };
    let catalogue = patient_no_more().select(&filter);
    let (mut remarks, mut told) = (Vec::new(), String::new());
    let options = RunOptions { cases: Some("my cases".into()), ..RunOptions::default() };
    let mut again = Vec::new();
    let summary = run(&catalogue, &target, options, &mut |event| match event {
        Event::Remark { text } => remarks.push(text),
        Event::CaseFinished(finished) => {
            again.extend(finished.verdict.failures().iter().map(|failure| failure.rerun.clone()));
            told.extend(finished.verdict.failures().iter().map(ToString::to_string));
        }
        _ => {}
    })
    .await;
    assert_eq!((summary.failed, summary.exit), (0, Exit::Environment), "{told}");
    assert!(summary.harness_errors > 5 && told.contains("--throttle 0"), "{told}");
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(again.iter().all(|command| command.ends_with(" --cases 'my cases'")), "{again:?}");
    assert!(remarks[0].contains("throttle") && remarks[0].contains("not judged"), "{remarks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_that_is_none_starts_no_run() {
    let mut target = target(Character::Yes).await;
    target.control = Some(target.base_url.clone());
    let catalogue = Catalogue::embedded(None).unwrap();
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!(summary.exit, Exit::Environment);
    assert!(summary.aborted.as_deref().is_some_and(|why| why.contains("is no control plane")), "{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_no_fault_of_the_target() {
    let (verdicts, summary) = verdicts(Character::Stranger).await;
    assert!(verdicts.is_empty());
    assert_eq!(summary.exit, Exit::Environment);
    assert!(summary.aborted.unwrap().contains("refuses id or secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_no_fault_of_the_target() {
    let credentials = Credentials { id: "a".to_owned(), secret: "b".to_owned() };
    let target = Target::new("nobody", "http://127.0.0.1:9", credentials);
    let catalogue = Catalogue::embedded(None).unwrap();
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!(summary.exit, Exit::Environment);
    assert!(summary.aborted.unwrap().contains("no answer from http://127.0.0.1:9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_in_the_order_that_was_announced() {
    let catalogue = patient_no_more();
    let target = target(Character::No).await;
    let (mut announced, mut finished, mut ended) = (Vec::new(), Vec::new(), 0);
    run(&catalogue, &target, RunOptions::default(), &mut |event| match event {
        Event::RunStarted(started) => announced = started.cases.iter().map(|case| case.id.clone()).collect(),
        Event::CaseStarted { .. } | Event::Remark { .. } => {}
        Event::CaseFinished(case) => finished.push(case.case.id.clone()),
        Event::RunFinished { .. } => ended += 1,
    })
    .await;
    assert_eq!(announced, finished);
    assert_eq!(ended, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_cases_is_no_success() {
    let target = target(Character::Yes).await;
    let summary = run(&Catalogue::default(), &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!(summary.exit, Exit::NothingRan);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_was_asked_for_is_not_skipped() {
    let target = target(Character::Yes).await;
    let id = "2.2/accepts-a-login-with-the-device-id".to_owned();
    let filter = crate::Filter { ids: vec![id], ..Default::default() };
    let catalogue = Catalogue::embedded(None).unwrap().select(&filter);
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!((summary.harness_errors, summary.exit), (1, Exit::Environment));
}
