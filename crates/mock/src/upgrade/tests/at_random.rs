//! Whatever happens in whatever order: the counters add up, what is over stays over, and the whole has
//! the status that its parts give it.

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::upgrades::create_software_upgrade::OperatePolicy;
use iotdm_spec::wire::{ExecuteType, OperationStatus};
use proptest::prelude::*;

use super::rig::{Rig, policy};
use crate::upgrade::operation::{Stage, Tally};
use crate::upgrade::{Operation, Progress};

const DEVICES: usize = 4;

#[derive(Debug, Clone)]
enum Event {
    Create { targets: u8, execute: ExecuteType, retries: i64 },
    Online(usize),
    Offline(usize),
    Report { operation: usize, device: usize, progress: Progress },
    Advance(u64),
    DeleteDevice(usize),
    DeletePackage,
}

fn event() -> impl Strategy<Value = Event> {
    let execute = prop::sample::select(ExecuteType::ALL);
    let progress = prop::sample::select(vec![
        Progress::Downloading,
        Progress::Downloaded,
        Progress::Updating,
        Progress::Succeeded,
        Progress::Failed("no".to_owned()),
        Progress::FailedWith { code: "9".to_owned(), reason: "no".to_owned() },
    ]);
    prop_oneof![
        4 => (1..1_u8 << DEVICES, execute, 0..3_i64)
            .prop_map(|(targets, execute, retries)| Event::Create { targets, execute, retries }),
        4 => (0..DEVICES).prop_map(Event::Online),
        2 => (0..DEVICES).prop_map(Event::Offline),
        12 => (0..4_usize, 0..DEVICES, progress)
            .prop_map(|(operation, device, progress)| Event::Report { operation, device, progress }),
        3 => prop::sample::select(vec![1, 299, 601, 1801, 90_000]).prop_map(Event::Advance),
        1 => (0..DEVICES).prop_map(Event::DeleteDevice),
        1 => Just(Event::DeletePackage),
    ]
}

fn happen(rig: &mut Rig, operations: &mut Vec<Arc<str>>, event: Event) {
    let names: Vec<Arc<str>> = (0..DEVICES).map(|device| format!("d{device}").into()).collect();
    match event {
        Event::Create { targets, execute, retries } => {
            let wanted = names.iter().enumerate().filter(|(place, _)| targets & (1 << place) != 0);
            let devices: Vec<&str> = wanted.map(|(_, name)| &**name).collect();
            let policy = OperatePolicy {
                start_time: rig.at(300),
                end_time: rig.at(900),
                retry_type: Some(retries > 0),
                retry_times: Some(retries),
                ..policy(execute)
            };
            // A device or the package may be gone by now.
            operations.extend(rig.create(rig.order(&devices, Some(policy))));
        }
        Event::Online(device) => rig.online(&names[device]),
        Event::Offline(device) => rig.offline(&names[device]),
        Event::Report { operation, device, progress } => {
            if let Some(id) = operations.get(operation).cloned() {
                rig.report(&id, &names[device], progress);
            }
        }
        Event::Advance(seconds) => rig.advance(seconds),
        Event::DeleteDevice(device) => {
            rig.world.remove_device(&names[device], "");
        }
        Event::DeletePackage => {
            let software = Arc::clone(&rig.software);
            // It may be gone by now.
            let _ = rig.world.remove_package(&software);
        }
    }
}

/// The status that A-265 gives an operation, said anew.
fn ruled(operation: &Operation) -> OperationStatus {
    let has = |wanted: fn(Stage) -> bool| operation.sub_operations().iter().any(|sub| wanted(sub.stage()));
    if has(Stage::is_open) {
        return if operation.started.is_some() { OperationStatus::Processing } else { OperationStatus::Wait };
    }
    if has(|stage| stage == Stage::Stop) {
        return OperationStatus::Stop;
    }
    if has(|stage| matches!(stage, Stage::Fail | Stage::TimedOut)) {
        return OperationStatus::Failed;
    }
    OperationStatus::Success
}

fn counted(operation: &Operation) -> Tally {
    let count = |stage| operation.sub_operations().iter().filter(|sub| sub.stage() == stage).count() as i64;
    Tally {
        wait: count(Stage::Wait),
        processing: count(Stage::Processing),
        success: count(Stage::Success),
        fail: count(Stage::Fail),
        stop: count(Stage::Stop),
        timeout: count(Stage::TimedOut),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counters_ends_and_the_whole_hold_together(events in prop::collection::vec(event(), 1..60)) {
        let mut rig = Rig::new();
        for device in 0..DEVICES {
            rig.device(&format!("d{device}"));
        }
        let mut operations = Vec::new();
        let mut over: HashMap<(Arc<str>, Arc<str>), Stage> = HashMap::new();
        for event in events {
            happen(&mut rig, &mut operations, event);
            let mut at_it: HashMap<Arc<str>, usize> = HashMap::new();
            for id in &operations {
                let operation = rig.operation(id);
                let tally = operation.tally();
                prop_assert_eq!(tally, counted(operation));
                prop_assert_eq!(tally.total(), operation.sub_operations().len() as i64);
                prop_assert_eq!(operation.status(), ruled(operation));
                prop_assert_eq!(operation.stopped.is_some(), !operation.is_open());
                for sub in operation.sub_operations() {
                    prop_assert_eq!(sub.stopped.is_some(), !sub.stage().is_open());
                    prop_assert!(sub.attempts <= operation.policy.retries + 1);
                    let key = (Arc::clone(id), Arc::clone(&sub.device));
                    if let Some(before) = over.get(&key) {
                        prop_assert_eq!(*before, sub.stage(), "what is over stays over");
                    } else if !sub.stage().is_open() {
                        over.insert(key, sub.stage());
                    }
                    if sub.stage() == Stage::Processing {
                        *at_it.entry(Arc::clone(&sub.device)).or_default() += 1;
                    }
                }
            }
            prop_assert!(at_it.values().all(|count| *count == 1), "a device does one upgrade at a time");
        }
    }
}
