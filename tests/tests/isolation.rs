//! Applications of one platform never see each other's things, and two platforms share nothing.
//!
//! The sweep goes over everything that the mock plays, so an operation that is added is included: its
//! baseline, which succeeds for the owner, is called by a stranger.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iotdm_mock::{Call, Event, JournalLimits, Platform};
use iotdm_spec::Op;
use iotdm_spec::model::{Method, Place};
use iotdm_spec::wire::NotifyType;
use iotdm_suite::case::{Action, Actor, Case, Expect, Refusal};
use iotdm_suite::plan::Demands;
use iotdm_suite::{Catalogue, KnownFailures, RunOptions, Runner, Verdict, run};
use iotdm_tests::{Application, install_crypto};
use serde_json::{Map, Value, json};

/// An id of the usual form that nothing has.
const UNKNOWN: &str = "00000000-0000-4000-8000-${fresh.hex-12}";
/// The variables that a target gives; every other one names a thing that the case has made. Packages are
/// given too, and yet the application's own.
const GIVEN: [&str; 8] = ["application", "authorized", "stranger", "product", "lwm2m", "lora", "fresh", "now"];
/// The two rows of an unknown device: which of them tells that somebody else has it.
const NO_DEVICE: [&str; 2] = ["100403", "100418"];

/// The case that an operation's baseline is accepted, as a start for one of another name: fresh values
/// come from that.
fn baseline(catalogue: &Catalogue, op: Op, name: &str) -> Case {
    let id = format!("{}/derived/accepts-the-baseline", op.table().clause);
    let found = catalogue.cases().iter().find(|case| case.info.id == id);
    let mut case = Case::clone(found.unwrap_or_else(|| panic!("there is no {id}")));
    Arc::make_mut(&mut case.info).id = format!("{}/{name}", op.table().clause);
    case
}

/// The variable of a reference to a thing that the case has made; where it is a URL, it is none.
fn is_own(reference: &str) -> bool {
    let root = reference.split(['.', '[']).next().unwrap_or_default();
    !GIVEN.contains(&root) && !reference.ends_with(".url")
}

/// Puts unknown ids in the place of those that the case has made, and says whether there were any.
fn make_unknown(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let Some((_, rest)) = text.split_once("${") else { return false };
            let own = rest.split_once('}').is_some_and(|(reference, _)| is_own(reference));
            if own {
                UNKNOWN.clone_into(text);
            }
            own
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| make_unknown(item) | any),
        Value::Object(members) => members.values_mut().fold(false, |any, member| make_unknown(member) | any),
        _ => false,
    }
}

struct Sweep {
    platform: Platform,
    catalogue: Catalogue,
    runner: Runner,
}

impl Sweep {
    async fn start() -> Self {
        install_crypto();
        let platform = Platform::builder().start().await.unwrap();
        let target = iotdm::embedded::target(&platform);
        let catalogue = Catalogue::embedded(target.plays.as_deref()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let runner = Runner::start(target, Demands::default(), KnownFailures::default(), None).await;
        Self { platform, catalogue, runner: runner.unwrap_or_else(|why| panic!("{}", why.0)) }
    }

    /// Runs a case, and gives the one call of the operation that the stranger has made in it.
    async fn call_of_stranger(&self, op: Op, case: &Case) -> (Verdict, Call) {
        let since = self.platform.journal().entries().last().map_or(0, |entry| entry.seq);
        let verdict = self.runner.run(case).await.verdict;
        let stranger = Some(self.platform.stranger().id.as_str());
        let calls = self.platform.journal().since(since).into_iter().filter_map(|entry| match entry.event {
            Event::Call(call) if call.application.as_deref() == stranger => Some(call),
            _ => None,
        });
        let mut calls: Vec<Call> = calls.filter(|call| call.operation == Some(op.table().name)).collect();
        assert_eq!(calls.len(), 1, "{}: the stranger calls once: {verdict:?}", case.info.id);
        (verdict, calls.remove(0))
    }

    /// A stranger's call with the ids of things that are not there.
    async fn call_with_unknown_ids(&self, op: Op) -> Option<Call> {
        let mut case = baseline(&self.catalogue, op, "with-unknown-ids");
        let Some(Action::Call(call)) = case.steps.last_mut().map(|step| &mut step.action) else { return None };
        let mut with = Value::Object(std::mem::take(&mut call.with));
        if !make_unknown(&mut with) {
            return None;
        }
        call.with = with.as_object().cloned().unwrap_or_default();
        call.actor = Actor::Stranger;
        Some(self.call_of_stranger(op, &case).await.1)
    }

    /// A stranger's call with the ids of things that are the application's, which then calls itself:
    /// only if nothing has happened does that succeed.
    async fn call_with_foreign_ids(&self, op: Op, refused: bool) -> (Verdict, Call) {
        let mut case = baseline(&self.catalogue, op, "with-foreign-ids");
        let own = case.steps.last().cloned().unwrap();
        if let Some(Action::Call(call)) = case.steps.last_mut().map(|step| &mut step.action) {
            call.actor = Actor::Stranger;
            call.answer = Value::Null;
            call.expect = if refused { Expect::Refused(Refusal::any()) } else { Expect::Success };
        }
        case.steps.push(own);
        self.call_of_stranger(op, &case).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_application_has_is_not_there() {
    let sweep = Sweep::start().await;
    let mut swept = 0;
    for op in Op::ALL.iter().copied().filter(|op| op.table().is_protected()) {
        let table = op.table();
        let Some(unknown) = sweep.call_with_unknown_ids(op).await else {
            let in_path = table.params.iter().any(|param| param.place == Place::Path);
            assert!(!in_path, "{}: the baseline has a path, and in it nothing that the case has made", table.clause);
            continue;
        };
        let (verdict, foreign) = sweep.call_with_foreign_ids(op, unknown.error_code.is_some()).await;
        let clause = table.clause;
        match (unknown.error_code, foreign.error_code) {
            (Some(a), Some(b)) if NO_DEVICE.contains(&a) && NO_DEVICE.contains(&b) => {}
            _ => assert_eq!((foreign.status, &foreign.answer), (unknown.status, &unknown.answer), "{clause}"),
        }
        assert!(matches!(verdict, Verdict::Pass | Verdict::Warn { .. }), "{clause}: {verdict:#?}");
        swept += 1;
    }
    assert!(swept > 20, "only {swept} operations have been swept");
    sweep.platform.stop().await;
}

/// Every id in an answer: a long enough string of a member that is called one.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    let is_id = |name: &str| name.to_ascii_lowercase().trim_end_matches('s').ends_with("id");
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
                let texts = items.iter().filter_map(Value::as_str);
                found.extend(texts.filter(|text| is_id(name) && text.len() >= 20).map(str::to_owned));
                ids(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        _ => {}
    }
}

/// An application that is there all the while, and hears of everything that it may hear of.
struct Bystander {
    application: Application,
    id: String,
    own: BTreeSet<String>,
    callback: &'static str,
}

impl Bystander {
    async fn settle(platform: &Platform) -> Self {
        let credentials = platform.create_application();
        let id = credentials.id.clone();
        let application = Application::log_in_as(platform, credentials).await;
        let mut own = BTreeSet::from([id.clone()]);
        // Nobody listens there: the journal tells what was sent.
        let callback = "http://127.0.0.1:9/bystander";
        for notify_type in NotifyType::ALL {
            let body = json!({ "notifyType": notify_type, "callbackUrl": callback });
            let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body.clone()).await;
            ids(&answer, &mut own);
            if status != 201 {
                let (status, answer) = application.call(Op::SubscribeManagementData, &[], body).await;
                assert_eq!(status, 200, "{notify_type}: {answer}");
            }
        }
        let body = json!({ "deviceInfo": { "nodeId": "bystander" }, "mqttConnect": true });
        let (_, device) = application.call(Op::RegisterByPassword, &[], body).await;
        let body = json!({ "name": "bystander", "deviceIds": [device["deviceId"]] });
        let (_, group) = application.call(Op::CreateGroup, &[], body).await;
        let (_, subscriptions) = application.call(Op::QuerySubscriptions, &[("pageSize", "1000")], Value::Null).await;
        for answer in [device, group, subscriptions] {
            ids(&answer, &mut own);
        }
        Self { application, id, own, callback }
    }

    /// Whatever can be queried without naming anything.
    async fn query_everything(&self) -> Vec<(Op, Value)> {
        let mut answers = Vec::new();
        for op in Op::ALL.iter().copied() {
            let table = op.table();
            let has = |place| table.params.iter().any(|param| param.place == place);
            if table.method != Method::Get || has(Place::Path) {
                continue;
            }
            let paging: Vec<_> = [("pageNo", "0"), ("pageSize", "100")]
                .into_iter()
                .filter(|(name, _)| table.params.iter().any(|param| param.field.name == *name))
                .collect();
            answers.push((op, self.application.call(op, &paging, Value::Null).await.1));
        }
        answers
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bystander_hears_and_sees_nothing_of_the_others() {
    install_crypto();
    let limits = JournalLimits { entries: 2_000_000, bytes: 4 << 30, ..JournalLimits::default() };
    let platform = Platform::builder().journal(limits).start().await.unwrap();
    let target = iotdm::embedded::target(&platform);
    let bystander = Bystander::settle(&platform).await;
    // Everything happens that the suite can think of.
    let catalogue = Catalogue::embedded(target.plays.as_deref()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert!(summary.passed > 100 && summary.aborted.is_none(), "{summary:?}");

    let (mut others, mut heard) = (BTreeSet::new(), 0);
    for entry in platform.journal().entries() {
        match entry.event {
            Event::Call(call) if call.application.as_deref() != Some(&bystander.id) => {
                ids(&serde_json::from_str(&call.answer).unwrap_or_default(), &mut others);
            }
            Event::Push(push) if push.url == bystander.callback => {
                assert!(bystander.own.contains(&push.device), "{} about {}", push.notification, push.device);
                heard += 1;
            }
            _ => {}
        }
    }
    assert!(heard > 0, "it hears of its own device");
    assert!(others.len() > 100, "the others have done something: {}", others.len());
    // The clock has moved, and with it the end of every token.
    let credentials = bystander.application.credentials().clone();
    let bystander = Bystander { application: Application::log_in_as(&platform, credentials).await, ..bystander };
    let answers = bystander.query_everything().await;
    assert!(answers.len() > 3, "{answers:?}");
    for (op, answer) in answers {
        let mut seen = BTreeSet::new();
        ids(&answer, &mut seen);
        let foreign: Vec<_> = seen.intersection(&others).filter(|id| !bystander.own.contains(*id)).collect();
        assert!(foreign.is_empty(), "{}: {foreign:?}", op.table().name);
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_platforms_of_one_process_share_neither_ids_nor_journal_nor_clock() {
    install_crypto();
    let start =
        async |seed| Platform::builder().seed(seed).frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let (one, twin, other) = (start(1).await, start(1).await, start(2).await);
    let application = Application::log_in(&one).await;
    let (device, _) = application.register(&one, "node").await;
    one.advance(Duration::from_secs(60));
    assert_eq!(one.application(), twin.application(), "the same seed");
    assert_ne!(one.application(), other.application(), "another seed");
    for elsewhere in [&twin, &other] {
        assert_eq!(elsewhere.now().to_string(), "20200214T080000Z", "the clock");
        assert!(elsewhere.journal().entries().is_empty(), "the journal");
        let applications = elsewhere.list_applications();
        assert!(applications.iter().all(|application| application.devices == 0), "the devices");
        let application = Application::log_in(elsewhere).await;
        let (_, answer) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
        assert!(answer["error_code"].is_string(), "{answer}");
    }
    for platform in [one, twin, other] {
        platform.stop().await;
    }
}

#[test]
fn references_to_own_things_are_told_from_given_ones() {
    let mut with =
        json!({ "deviceId": "${device.id}", "list": ["${a}", "${product.id}"], "callbackUrl": "${sub.url}" });
    assert!(make_unknown(&mut with));
    assert_eq!(with, json!({ "deviceId": UNKNOWN, "list": [UNKNOWN, "${product.id}"], "callbackUrl": "${sub.url}" }));
    assert!(!make_unknown(&mut Value::Object(Map::new())));
}
