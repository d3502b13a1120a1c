//! Random sequences of calls against a small model of the platform: every answer is the one that the
//! model foresees, and at the end every entity is seen in queries exactly as the model has it. What
//! breaks is shrunk to the shortest sequence that still breaks.

use std::collections::{BTreeMap, BTreeSet};

use iotdm_mock::Platform;
use iotdm_spec::Op;
use iotdm_spec::model::ErrorRow;
use iotdm_spec::{devices, groups, subscriptions};
use iotdm_tests::{Answer, Application};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::{Value, json};

/// How many sequences are tried; `IOTDM_SEQUENCES` asks for more.
const SEQUENCES: u32 = 60;
/// The longest sequence.
const LONGEST: usize = 40;

/// One call. Numbers choose among what there is; with nothing there, an unknown id is used.
#[derive(Debug, Clone)]
enum Action {
    Register {
        node: u8,
    },
    Rename {
        device: u8,
        name: u8,
    },
    Delete {
        device: u8,
    },
    CreateGroup {
        name: u8,
        limit: u8,
        members: Vec<u8>,
    },
    ModifyGroup {
        group: u8,
        name: u8,
        limit: Option<u8>,
    },
    AddMembers {
        group: u8,
        members: Vec<u8>,
    },
    RemoveMembers {
        group: u8,
        members: Vec<u8>,
    },
    DeleteGroup {
        group: u8,
    },
    Subscribe {
        kind: u8,
        url: u8,
    },
    Unsubscribe {
        subscription: u8,
    },
    Wish {
        device: u8,
        level: u8,
    },
    /// The world is dumped and loaded again.
    Reload,
}

/// An action, and which of two applications does it.
#[derive(Debug, Clone)]
struct Step {
    second: bool,
    action: Action,
}

fn step() -> impl Strategy<Value = Step> {
    let few = || 0..6_u8;
    let some = || prop::collection::vec(0..6_u8, 0..3);
    let action = prop_oneof![
        4 => few().prop_map(|node| Action::Register { node }),
        2 => (few(), few()).prop_map(|(device, name)| Action::Rename { device, name }),
        2 => few().prop_map(|device| Action::Delete { device }),
        3 => (few(), 0..3_u8, some()).prop_map(|(name, limit, members)| Action::CreateGroup { name, limit, members }),
        2 => (few(), few(), prop::option::of(0..3_u8))
            .prop_map(|(group, name, limit)| Action::ModifyGroup { group, name, limit }),
        3 => (few(), some()).prop_map(|(group, members)| Action::AddMembers { group, members }),
        2 => (few(), some()).prop_map(|(group, members)| Action::RemoveMembers { group, members }),
        1 => few().prop_map(|group| Action::DeleteGroup { group }),
        2 => (0..3_u8, 0..3_u8).prop_map(|(kind, url)| Action::Subscribe { kind, url }),
        1 => few().prop_map(|subscription| Action::Unsubscribe { subscription }),
        2 => (few(), 0..101_u8).prop_map(|(device, level)| Action::Wish { device, level }),
        1 => Just(Action::Reload),
    ];
    (prop::bool::weighted(0.2), action).prop_map(|(second, action)| Step { second, action })
}

#[derive(Debug, Default, Clone)]
struct DeviceModel {
    node: String,
    name: Option<String>,
    group: Option<String>,
    wish: Option<u8>,
}

#[derive(Debug, Clone)]
struct GroupModel {
    name: String,
    limit: usize,
}

/// What one application has, by id.
#[derive(Debug, Default, Clone)]
struct Model {
    devices: BTreeMap<String, DeviceModel>,
    groups: BTreeMap<String, GroupModel>,
    subscriptions: BTreeMap<String, (&'static str, String)>,
}

impl Model {
    fn members(&self, group: &str) -> BTreeSet<String> {
        let of = |(id, device): (&String, &DeviceModel)| (device.group.as_deref() == Some(group)).then(|| id.clone());
        self.devices.iter().filter_map(of).collect()
    }

    fn choose<V>(map: &BTreeMap<String, V>, number: u8) -> String {
        let unknown = || "00000000-0000-4000-8000-000000000000".to_owned();
        map.keys().nth(usize::from(number) % map.len().max(1)).cloned().unwrap_or_else(unknown)
    }

    fn device(&self, number: u8) -> String {
        Self::choose(&self.devices, number)
    }

    fn group(&self, number: u8) -> String {
        Self::choose(&self.groups, number)
    }

    fn name_is_taken(&self, name: &str, by_other_than: &str) -> bool {
        self.groups.iter().any(|(id, group)| id != by_other_than && group.name == name)
    }
}

/// The platform, two applications, and what the model has of each.
struct Play<'a> {
    platform: &'a Platform,
    product: &'a str,
    sides: [(Application, Model); 2],
    /// Node ids are the platform's.
    nodes: BTreeSet<String>,
}

const KINDS: [&str; 3] = ["deviceAdded", "deviceDataChanged", "deviceDeleted"];

fn refused(answer: &Answer, row: ErrorRow) -> TestCaseResult {
    let (status, body) = answer;
    prop_assert_eq!(status.as_u16(), row.http_status, "{}", body);
    prop_assert_eq!(body, &json!({"error_code": row.code, "error_desc": row.desc}));
    Ok(())
}

fn succeeded(op: Op, answer: &Answer) -> TestCaseResult {
    prop_assert!(answer.1.get("error_code").is_none(), "{:?}: {}", op, answer.1);
    prop_assert_eq!(answer.0.as_u16(), op.table().success_status);
    Ok(())
}

fn text(answer: &Answer, member: &str) -> Result<String, TestCaseError> {
    let found = answer.1[member].as_str().map(str::to_owned);
    found.ok_or_else(|| TestCaseError::fail(format!("no {member} in {}", answer.1)))
}

impl Play<'_> {
    async fn take(&mut self, step: &Step) -> TestCaseResult {
        let (application, model) = &mut self.sides[usize::from(step.second)];
        match &step.action {
            Action::Register { node } => {
                let node = format!("node-{node}");
                let body = json!({"deviceInfo": {"nodeId": node}, "productId": self.product});
                let answer = application.call(Op::RegisterByPassword, &[], body).await;
                // The product is the first application's: another one does not know it.
                if step.second {
                    return refused(&answer, devices::register_by_password::error::PRODUCT_NOT_EXISTED.row());
                }
                if !self.nodes.insert(node.clone()) {
                    return refused(&answer, devices::register_by_password::error::NODE_ID_DUPLICATED.row());
                }
                succeeded(Op::RegisterByPassword, &answer)?;
                model.devices.insert(text(&answer, "deviceId")?, DeviceModel { node, ..DeviceModel::default() });
            }
            Action::Rename { device, name } => {
                let (id, name) = (model.device(*device), format!("name-{name}"));
                let answer = application.call(Op::ModifyDevice, &[("deviceId", &id)], json!({"name": name})).await;
                let Some(device) = model.devices.get_mut(&id) else {
                    return refused(&answer, devices::modify_device::error::DEVICE_NOT_EXISTED.row());
                };
                succeeded(Op::ModifyDevice, &answer)?;
                device.name = Some(name);
            }
            Action::Delete { device } => {
                let id = model.device(*device);
                let answer = application.call(Op::DeleteDevice, &[("deviceId", &id)], Value::Null).await;
                let Some(device) = model.devices.remove(&id) else {
                    return refused(&answer, devices::delete_device::error::DEVICE_NOT_EXISTED.row());
                };
                succeeded(Op::DeleteDevice, &answer)?;
                self.nodes.remove(&device.node);
            }
            Action::Wish { device, level } => {
                let id = model.device(*device);
                let body = json!({"serviceDesireds": [{"serviceId": "Light", "desired": {"brightness": level}}]});
                let answer = application.call(Op::ModifyShadow, &[("deviceId", &id)], body).await;
                let Some(device) = model.devices.get_mut(&id) else {
                    return refused(&answer, devices::modify_shadow::error::DEVICE_NOT_EXISTED.row());
                };
                succeeded(Op::ModifyShadow, &answer)?;
                device.wish = Some(*level);
            }
            Action::Subscribe { kind, url } => {
                let (kind, url) = (KINDS[usize::from(*kind)], format!("http://127.0.0.1:9/{url}"));
                let body = json!({"notifyType": kind, "callbackUrl": url});
                let answer = application.call(Op::SubscribeBusinessData, &[], body).await;
                if model.subscriptions.values().any(|(k, u)| *k == kind && *u == url) {
                    return refused(&answer, subscriptions::subscribe_business_data::error::RESOURCE_CONFLICTED.row());
                }
                succeeded(Op::SubscribeBusinessData, &answer)?;
                model.subscriptions.insert(text(&answer, "subscriptionId")?, (kind, url));
            }
            Action::Unsubscribe { subscription } => {
                let id = Model::choose(&model.subscriptions, *subscription);
                let answer = application.call(Op::DeleteSubscription, &[("subscriptionId", &id)], Value::Null).await;
                if model.subscriptions.remove(&id).is_none() {
                    return refused(&answer, subscriptions::delete_subscription::error::RESOURCE_NOT_FOUND.row());
                }
                succeeded(Op::DeleteSubscription, &answer)?;
            }
            Action::Reload => reload(self.platform)?,
            action => return groups_step(application, model, action).await,
        }
        Ok(())
    }
}

/// Dumps the world and loads it again: its dump is the same then.
fn reload(platform: &Platform) -> TestCaseResult {
    let dump = platform.dump_state().map_err(|e| TestCaseError::fail(e.to_string()))?;
    platform.load_state(&dump).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(without_receivers(&dump), world_of(platform));
    Ok(())
}

/// A dumped world without what waits for receivers: their answers come when they come.
fn without_receivers(dump: &str) -> Value {
    let mut world: Value = serde_json::from_str(dump).unwrap_or_default();
    assert!(world["receivers"].take().is_object(), "{dump}");
    world
}

fn world_of(platform: &Platform) -> Value {
    without_receivers(&platform.dump_state().unwrap_or_default())
}

/// The actions upon groups.
async fn groups_step(application: &Application, model: &mut Model, action: &Action) -> TestCaseResult {
    match action {
        Action::CreateGroup { name, limit, members } => {
            let (name, limit) = (format!("group{name}"), usize::from(*limit));
            let ids: BTreeSet<String> = members.iter().map(|member| model.device(*member)).collect();
            let body = json!({"name": name, "maxDevNum": limit, "deviceIds": ids});
            let answer = application.call(Op::CreateGroup, &[], body).await;
            use groups::create_group::error;
            if ids.iter().any(|id| model.devices.get(id).is_none_or(|device| device.group.is_some())) {
                return refused(&answer, error::INPUT_INVALID.row());
            }
            if model.name_is_taken(&name, "") {
                return refused(&answer, error::GROUP_NAME_USED.row());
            }
            if limit > 0 && ids.len() > limit {
                return refused(&answer, error::TOO_MANY_DEVICES.row());
            }
            succeeded(Op::CreateGroup, &answer)?;
            let id = text(&answer, "id")?;
            join(model, &id, &ids);
            model.groups.insert(id, GroupModel { name, limit });
        }
        Action::ModifyGroup { group, name, limit } => {
            let (id, name) = (model.group(*group), format!("group{name}"));
            let mut body = json!({"name": name});
            if let Some(limit) = limit {
                body["maxDevNum"] = json!(limit);
            }
            let answer = application.call(Op::ModifyGroup, &[("devGroupId", &id)], body).await;
            use groups::modify_group::error;
            let (size, taken) = (model.members(&id).len(), model.name_is_taken(&name, &id));
            let Some(group) = model.groups.get_mut(&id) else {
                return refused(&answer, error::GROUP_NOT_EXISTED.row());
            };
            if taken {
                return refused(&answer, error::GROUP_NAME_USED.row());
            }
            let limit = limit.map_or(group.limit, usize::from);
            if limit > 0 && size > limit {
                return refused(&answer, error::GROUP_FULL.row());
            }
            succeeded(Op::ModifyGroup, &answer)?;
            *group = GroupModel { name, limit };
        }
        Action::AddMembers { group, members } => {
            let id = model.group(*group);
            let ids: BTreeSet<String> = members.iter().map(|member| model.device(*member)).collect();
            let body = json!({"devGroupId": id, "deviceIds": ids});
            let answer = application.call(Op::AddGroupMembers, &[], body).await;
            use groups::add_group_members::error;
            if ids.is_empty() {
                return refused(&answer, error::INPUT_INVALID.row());
            }
            let Some(group) = model.groups.get(&id) else {
                return refused(&answer, error::GROUP_NOT_EXISTED.row());
            };
            let fits = |device: &DeviceModel| device.group.as_deref().is_none_or(|other| other == id);
            if !ids.iter().all(|device| model.devices.get(device).is_some_and(fits)) {
                return refused(&answer, error::GROUP_PARAMETER_INVALID.row());
            }
            if group.limit > 0 && model.members(&id).union(&ids).count() > group.limit {
                return refused(&answer, error::GROUP_FULL.row());
            }
            succeeded(Op::AddGroupMembers, &answer)?;
            join(model, &id, &ids);
        }
        Action::RemoveMembers { group, members } => {
            let id = model.group(*group);
            let ids: BTreeSet<String> = members.iter().map(|member| model.device(*member)).collect();
            let body = json!({"devGroupId": id, "deviceIds": ids});
            let answer = application.call(Op::DeleteGroupMembers, &[], body).await;
            use groups::delete_group_members::error;
            if ids.is_empty() {
                return refused(&answer, error::INPUT_INVALID.row());
            }
            if !model.groups.contains_key(&id) {
                return refused(&answer, error::GROUP_NOT_EXISTED.row());
            }
            if !ids.is_subset(&model.members(&id)) {
                return refused(&answer, error::GROUP_PARAMETER_INVALID.row());
            }
            succeeded(Op::DeleteGroupMembers, &answer)?;
            for device in ids {
                model.devices.entry(device).and_modify(|device| device.group = None);
            }
        }
        Action::DeleteGroup { group } => {
            let id = model.group(*group);
            let answer = application.call(Op::DeleteGroup, &[("devGroupId", &id)], Value::Null).await;
            if model.groups.remove(&id).is_none() {
                return refused(&answer, groups::delete_group::error::GROUP_NOT_EXISTED.row());
            }
            succeeded(Op::DeleteGroup, &answer)?;
            for device in model.members(&id) {
                model.devices.entry(device).and_modify(|device| device.group = None);
            }
        }
        other => return Err(TestCaseError::fail(format!("{other:?} is no action upon groups"))),
    }
    Ok(())
}

fn join(model: &mut Model, group: &str, ids: &BTreeSet<String>) {
    for id in ids {
        model.devices.entry(id.clone()).and_modify(|device| device.group = Some(group.to_owned()));
    }
}

/// The whole of a list, page by page.
async fn pages(application: &Application, op: Op, more: &[(&str, &str)], size: usize, list: &str) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let (page, size_text) = ((all.len() / size).to_string(), size.to_string());
        let mut query = vec![("pageNo", page.as_str()), ("pageSize", size_text.as_str())];
        query.extend(more);
        let (_, answer) = application.call(op, &query, Value::Null).await;
        let items = answer[list].as_array().cloned().unwrap_or_else(|| panic!("no {list} in {answer}"));
        let last = items.len() < size;
        all.extend(items);
        if last {
            assert_eq!(answer["totalCount"], all.len(), "{answer}");
            return all;
        }
    }
}

fn ids(items: &[Value], member: &str) -> BTreeSet<String> {
    items.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}

fn keys<V>(map: &BTreeMap<String, V>) -> BTreeSet<String> {
    map.keys().cloned().collect()
}

/// Every entity is seen in queries exactly as the model has it.
async fn compare(application: &Application, model: &Model) -> TestCaseResult {
    let devices = pages(application, Op::QueryDevices, &[], 2, "devices").await;
    prop_assert_eq!(devices.len(), model.devices.len());
    prop_assert_eq!(ids(&devices, "deviceId"), keys(&model.devices));
    for (id, device) in &model.devices {
        let (_, seen) = application.call(Op::QueryDevice, &[("deviceId", id)], Value::Null).await;
        prop_assert_eq!(&seen["deviceInfo"]["nodeId"], &json!(device.node));
        prop_assert_eq!(&seen["deviceInfo"]["name"], &json!(device.name));
        let (_, shadow) = application.call(Op::QueryShadow, &[("deviceId", id)], Value::Null).await;
        let wish = shadow["services"][0]["desiredProps"]["brightness"].clone();
        prop_assert_eq!(wish, json!(device.wish), "{}", shadow);
    }
    let groups = pages(application, Op::QueryGroups, &[], 3, "list").await;
    prop_assert_eq!(ids(&groups, "id"), keys(&model.groups));
    for (id, group) in &model.groups {
        let (_, seen) = application.call(Op::QueryGroup, &[("devGroupId", id)], Value::Null).await;
        let members = model.members(id);
        prop_assert_eq!(&seen["name"], &json!(group.name));
        prop_assert_eq!(&seen["maxDevNum"], &json!(group.limit));
        prop_assert_eq!(&seen["curDevNum"], &json!(members.len()));
        let found = pages(application, Op::QueryGroupMembers, &[("devGroupId", id)], 2, "deviceIds").await;
        let found: BTreeSet<String> = found.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
        prop_assert_eq!(found, members);
    }
    let found = pages(application, Op::QuerySubscriptions, &[], 2, "subscriptions").await;
    prop_assert_eq!(ids(&found, "subscriptionId"), keys(&model.subscriptions));
    for item in &found {
        let (kind, url) = &model.subscriptions[item["subscriptionId"].as_str().unwrap_or_default()];
        prop_assert_eq!(&item["notifyType"], &json!(kind));
        prop_assert_eq!(&item["callbackUrl"], &json!(url));
    }
    Ok(())
}

async fn play(steps: &[Step]) -> TestCaseResult {
    let frozen = Platform::builder().seed(11).frozen_at("20200214T080000Z").map_err(TestCaseError::fail)?;
    let platform = frozen.start().await.map_err(|e| TestCaseError::fail(e.to_string()))?;
    let mut play = begin(&platform, &platform).await;
    for step in steps {
        play.take(step).await?;
    }
    for (application, model) in &play.sides {
        compare(application, model).await?;
    }
    platform.stop().await;
    Ok(())
}

/// Plays on a platform, and on another one that has loaded its world in the middle: both end in one world.
async fn play_twins(before: &[Step], after: &[Step]) -> TestCaseResult {
    let failed = |e: &dyn std::fmt::Display| TestCaseError::fail(e.to_string());
    let platform = |seed, time: &str| Platform::builder().seed(seed).frozen_at(time).unwrap().start();
    let first = platform(11, "20200214T080000Z").await.map_err(|e| failed(&e))?;
    let second = platform(12, "20300101T000000Z").await.map_err(|e| failed(&e))?;
    let mut plays = Vec::new();
    plays.push(begin(&first, &first).await);
    for step in before {
        plays[0].take(step).await?;
    }
    first.advance(std::time::Duration::from_secs(90));
    second.load_state(&first.dump_state().map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
    for (application, _) in &mut plays[0].sides {
        *application = Application::log_in_as(&first, application.credentials().clone()).await;
    }
    let mut twin = begin(&second, &first).await;
    twin.nodes.clone_from(&plays[0].nodes);
    for (side, model) in [0, 1].map(|n| (n, std::mem::take(&mut plays[0].sides[n].1))) {
        twin.sides[side].1 = model.clone();
        plays[0].sides[side].1 = model;
    }
    plays.push(twin);
    for play in &mut plays {
        for step in after {
            play.take(step).await?;
        }
        play.platform.advance(std::time::Duration::from_secs(60 * 3600));
    }
    prop_assert_eq!(world_of(&first), world_of(&second));
    drop(plays);
    first.stop().await;
    second.stop().await;
    Ok(())
}

/// Plays on a platform, with the names that another one started with.
async fn begin<'a>(platform: &'a Platform, named: &'a Platform) -> Play<'a> {
    let first = Application::log_in_as(platform, named.application().clone()).await;
    let second = Application::log_in_as(platform, named.stranger().clone()).await;
    let sides = [(first, Model::default()), (second, Model::default())];
    Play { platform, product: named.product_id(), sides, nodes: BTreeSet::new() }
}

/// Runs one property over random sequences, always the same ones.
fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let sequences = std::env::var("IOTDM_SEQUENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(SEQUENCES);
    let config = Config { cases: sequences, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner.run(strategy, property).unwrap();
}

#[test]
fn every_entity_is_seen_as_the_model_has_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let steps = prop::collection::vec(step(), 1..LONGEST);
    check(&steps, |steps| runtime.block_on(play(&steps)));
}

#[test]
fn a_loaded_world_goes_on_like_the_one_that_was_dumped() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let steps = || prop::collection::vec(step(), 1..LONGEST / 2);
    check(&(steps(), steps()), |(before, after)| runtime.block_on(play_twins(&before, &after)));
}
