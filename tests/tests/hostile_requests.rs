//! Whatever is thrown at an operation, the answer is one that its table knows: never a panic, a hang,
//! or a server error of our own making.

use iotdm_mock::Platform;
use iotdm_spec::model::{Format, Kind, Operation, Place};
use iotdm_spec::{Op, check, universal};
use iotdm_tests::{Application, DEADLINE};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// A JSON value of any kind, small enough to be read.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,8}", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// A body that the table nearly knows: each member right, wrong, or absent.
fn nearly_right(op: &'static Operation) -> impl Strategy<Value = Value> {
    let members: Vec<_> = op
        .params
        .iter()
        .filter(|param| param.place == Place::Body)
        .map(|param| {
            let right = iotdm_spec::sample::value(&param.field);
            let choice = prop_oneof![3 => Just(Some(right)), 2 => any_json().prop_map(Some), 1 => Just(None)];
            choice.prop_map(|value| (param.field.name.to_owned(), value))
        })
        .collect();
    members.prop_map(|members| {
        Value::Object(members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect::<Map<_, _>>())
    })
}

#[derive(Debug, Clone)]
struct Thrown {
    op: Op,
    path_value: String,
    query: String,
    body: Vec<u8>,
    content_type: Option<&'static str>,
}

fn thrown() -> impl Strategy<Value = Thrown> {
    let op = prop::sample::select(Op::ALL);
    op.prop_flat_map(|op| {
        let body = prop_oneof![
            4 => nearly_right(op.table()).prop_map(|body| body.to_string().into_bytes()),
            1 => any_json().prop_map(|body| body.to_string().into_bytes()),
            1 => prop::collection::vec(any::<u8>(), 0..200),
        ];
        let content_type = prop::sample::select(vec![
            Some("application/json"),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            None,
        ]);
        (Just(op), "[a-zA-Z0-9][a-zA-Z0-9%._~-]{0,40}", query(op.table()), body, content_type).prop_map(
            |(op, path_value, query, body, content_type)| Thrown { op, path_value, query, body, content_type },
        )
    })
}

fn query(op: &'static Operation) -> impl Strategy<Value = String> {
    let names: Vec<&str> =
        op.params.iter().filter(|p| p.place == Place::Query).map(|p| p.field.name).chain(["unheardOf", ""]).collect();
    prop::collection::vec((prop::sample::select(names), "[-a-zA-Z0-9%+._]{0,30}"), 0..4).prop_map(|items| {
        items.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    })
}

/// What the table, and the rows that hold everywhere, allow as an answer.
fn is_known(op: &Operation, status: u16, body: &Value) -> bool {
    let Some(code) = body.get("error_code") else { return status == op.success_status };
    let everywhere = [
        universal::token_invalid(op),
        universal::no_app_key(op),
        universal::application_unknown(op),
        universal::not_authorized(op),
        universal::INPUT_INVALID,
        universal::PATH_UNKNOWN,
        universal::GROUP_NOT_EXISTED,
    ];
    // The table of 1.7.3 lacks the row that its neighbours have.
    let unlisted = (op.clause == "1.7.3").then_some(universal::RESOURCE_NOT_FOUND);
    let mut rows = op.errors.iter().chain(&everywhere).chain(&unlisted);
    code.as_str().is_some_and(|code| status < 500 && rows.any(|row| row.http_status == status && row.code == code))
}

/// Runs so many cases, the same every time.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
}

/// The expression that the exports have for a callback makes nothing that the contract refuses, but for
/// addresses that there are not.
#[test]
fn what_the_exported_form_of_a_callback_makes_is_one() {
    let pattern = Format::CallbackUrl.pattern();
    let made = proptest::string::string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap();
    runner(1000)
        .run(&made, |url| {
            prop_assume!(!url.contains("://["));
            prop_assert!(check::matches(Format::CallbackUrl, &url), "{url:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_answer_is_one_that_the_table_knows() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let platform = runtime.block_on(Platform::builder().seed(3).start()).unwrap();
    let application = runtime.block_on(Application::log_in(&platform));
    let mut runner = runner(1500);
    runner
        .run(&thrown(), |thrown| {
            // A login would end the session that the other calls live on.
            prop_assume!(thrown.op.table().is_protected());
            let answer = runtime.block_on(throw(&application, &thrown));
            let (status, content_type, body) = answer.map_err(TestCaseError::fail)?;
            prop_assert!(
                status == 204 || content_type.starts_with("application/json"),
                "Content-Type {content_type:?}"
            );
            prop_assert!(is_known(thrown.op.table(), status, &body), "{status} {body}");
            Ok(())
        })
        .unwrap();
}

async fn throw(application: &Application, thrown: &Thrown) -> Result<(u16, String, Value), String> {
    let table = thrown.op.table();
    let segments = table.path.split('/').map(|s| if s.starts_with('{') { thrown.path_value.as_str() } else { s });
    let path = format!("{}?{}", segments.collect::<Vec<_>>().join("/"), thrown.query);
    let mut request = application.request(table.method.as_str(), &path).body(thrown.body.clone()).timeout(DEADLINE);
    if let Some(content_type) = thrown.content_type {
        request = request.header("Content-Type", content_type);
    }
    let answer = request.send().await.map_err(|e| format!("no answer: {e:?}"))?;
    let status = answer.status().as_u16();
    let content_type = answer.headers().get("content-type").map_or("", |v| v.to_str().unwrap_or_default()).to_owned();
    let text = answer.text().await.map_err(|e| e.to_string())?;
    let body = if text.is_empty() { json!({}) } else { text.parse().map_err(|e| format!("not JSON: {e}: {text}"))? };
    Ok((status, content_type, body))
}

#[test]
fn nearly_right_bodies_are_sometimes_right() {
    // The strategy is worth something only if its samples are admissible.
    for op in Op::ALL.iter().copied() {
        for param in op.table().params.iter().filter(|p| p.place == Place::Body && !matches!(p.field.kind, Kind::Any)) {
            assert!(!iotdm_spec::sample::value(&param.field).is_null(), "{}", param.field.name);
        }
    }
}
