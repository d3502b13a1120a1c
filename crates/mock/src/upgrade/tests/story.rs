//! Upgrades from their creation to their end, every push in order.

use std::sync::Arc;

use iotdm_spec::upgrades::create_software_upgrade::OperatePolicy;
use iotdm_spec::wire::{DeviceStatus, ExecuteType, OperateType, OperationStatus, StatusDetail, SubOperationStatus};

use super::rig::{MINUTE, Rig, policy};
use crate::upgrade::operation::Tally;
use crate::upgrade::{Fault, Order, Progress};
use crate::world::World;

fn failed() -> Progress {
    Progress::Failed("no room".to_owned())
}

#[test]
fn an_online_device_is_upgraded_at_once_and_every_step_is_pushed() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    rig.pushed();
    let id = rig.create(rig.order(&["d"], None)).unwrap();
    assert_eq!(rig.operation(&id).status(), OperationStatus::Processing);
    assert_eq!(rig.pushed(), [""; 0], "nothing is pushed before the device reports");
    rig.advance(10);
    rig.report(&id, &device, Progress::Downloading);
    rig.advance(20);
    rig.report(&id, &device, Progress::Downloaded);
    rig.report(&id, &device, Progress::Downloading);
    rig.report(&id, &device, Progress::Updating);
    rig.advance(30);
    rig.report(&id, &device, Progress::Succeeded);
    let story = ["sw downloading", "sw downloaded", "sw updating", "sw idle"];
    assert_eq!(rig.pushed(), [&story[..], &["sw SUCCESS V1 V2 V2 in 60", "info ONLINE NONE V2 F1"]].concat());
    let operation = rig.operation(&id);
    assert_eq!(operation.status(), OperationStatus::Success);
    assert_eq!(operation.stopped, Some(rig.world.now));
    assert_eq!(operation.of_device("d").unwrap().download_seconds, Some(20));
    rig.report(&id, &device, failed());
    assert_eq!(rig.operation(&id).status(), OperationStatus::Success, "what is over stays over");
    assert_eq!(rig.pushed(), [""; 0]);
}

#[test]
fn a_device_is_offline_while_it_installs_its_firmware() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    rig.pushed();
    let file_id = rig.firmware.to_string();
    let order = Order { kind: OperateType::FirmwareUpgrade, file_id, ..rig.order(&["d"], None) };
    let id = rig.create(order).unwrap();
    rig.report(&id, &device, Progress::Downloading);
    rig.report(&id, &device, Progress::Updating);
    let found = rig.world.devices.find("d").unwrap();
    assert_eq!((found.status, found.status_detail), (DeviceStatus::Offline, StatusDetail::FirmwareUpdating));
    rig.report(&id, &device, Progress::Succeeded);
    let story = [
        "fw 1 downloading",
        "info OFFLINE FIRMWARE_UPDATING V1 F1",
        "fw 3 updating",
        "info ONLINE NONE V1 F1",
        "fw 0 idle",
        "fw SUCCESS F1 F2 F2 in 0",
        "info ONLINE NONE V1 F2",
    ];
    assert_eq!(rig.pushed(), story);
}

#[test]
fn a_device_that_is_not_online_is_waited_for() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    let id = rig.create(rig.order(&["d"], Some(policy(ExecuteType::DeviceOnline)))).unwrap();
    assert_eq!(rig.operation(&id).status(), OperationStatus::Wait);
    rig.advance(100 * 24 * 60 * MINUTE);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Wait, "however long it takes");
    assert_eq!(rig.operation(&id).started, None);
    rig.online(&device);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Processing);
    assert_eq!(rig.operation(&id).started, Some(rig.world.now));
}

#[test]
fn a_custom_operation_runs_in_its_window_only() {
    let mut rig = Rig::new();
    let (early, late) = (rig.device("early"), rig.device("late"));
    rig.online(&early);
    let times = OperatePolicy { start_time: rig.at(600), end_time: rig.at(1200), ..policy(ExecuteType::Custom) };
    let id = rig.create(rig.order(&["early", "late"], Some(times))).unwrap();
    rig.advance(599);
    rig.online(&early);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Wait);
    rig.advance(1);
    assert_eq!(rig.operation(&id).started, Some(rig.world.now));
    assert_eq!(rig.operation(&id).tally(), Tally { wait: 1, processing: 1, ..Tally::default() });
    rig.report(&id, &early, Progress::Succeeded);
    rig.pushed();
    rig.advance(600);
    assert_eq!(rig.operation(&id).tally(), Tally { success: 1, stop: 1, ..Tally::default() });
    assert_eq!(rig.operation(&id).status(), OperationStatus::Stop);
    assert_eq!(rig.operation(&id).stopped, Some(rig.world.now));
    assert_eq!(rig.pushed(), [""; 0], "nobody is told of the end of a window");
    rig.online(&late);
    assert_eq!(rig.operation(&id).of_device("late").unwrap().stage().status(), SubOperationStatus::Stop);
}

#[test]
fn an_upgrade_is_tried_again_as_often_as_its_policy_says() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    rig.pushed();
    let twice = OperatePolicy { retry_type: Some(true), retry_times: Some(2), ..policy(ExecuteType::Now) };
    let id = rig.create(rig.order(&["d"], Some(twice))).unwrap();
    for attempt in 1..=2 {
        rig.report(&id, &device, Progress::Downloading);
        rig.report(&id, &device, failed());
        assert_eq!(rig.pushed(), ["sw downloading", "sw idle"], "attempt {attempt}");
        assert_eq!(rig.operation(&id).tally(), Tally { processing: 1, ..Tally::default() });
    }
    rig.report(&id, &device, Progress::FailedWith { code: "7".to_owned(), reason: "no room".to_owned() });
    assert_eq!(rig.pushed(), ["sw idle", "sw FAIL V1 V1 V2 in 0"]);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Failed);
    assert_eq!(rig.operation(&id).of_device("d").unwrap().detail.as_deref(), Some("no room"));
}

#[test]
fn a_retry_waits_until_the_device_is_back() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    let once = OperatePolicy { retry_type: Some(true), retry_times: Some(1), ..policy(ExecuteType::Now) };
    let id = rig.create(rig.order(&["d"], Some(once))).unwrap();
    rig.offline(&device);
    rig.advance(30 * MINUTE);
    assert_eq!(rig.operation(&id).tally(), Tally { wait: 1, ..Tally::default() }, "silence is a failure, too");
    rig.online(&device);
    assert_eq!(rig.operation(&id).tally(), Tally { processing: 1, ..Tally::default() });
    rig.advance(30 * MINUTE);
    assert_eq!(rig.operation(&id).tally(), Tally { timeout: 1, ..Tally::default() });
    assert_eq!(rig.operation(&id).status(), OperationStatus::Failed);
    assert_eq!(rig.operation(&id).of_device("d").unwrap().stage().status(), SubOperationStatus::Fail);
}

#[test]
fn each_report_gives_the_device_new_time() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    let id = rig.create(rig.order(&["d"], None)).unwrap();
    for progress in [Progress::Downloading, Progress::Downloaded, Progress::Updating] {
        rig.advance(29 * MINUTE);
        rig.report(&id, &device, progress);
    }
    rig.advance(29 * MINUTE);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Processing);
    rig.advance(MINUTE);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Failed);
}

#[test]
fn a_device_does_one_upgrade_after_the_other() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    let first = rig.create(rig.order(&["d"], None)).unwrap();
    let second = rig.create(rig.order(&["d"], None)).unwrap();
    assert_eq!(rig.operation(&second).tally().wait, 1);
    rig.report(&second, &device, Progress::Succeeded);
    assert_eq!(rig.operation(&second).tally().wait, 1, "it is not at this one");
    rig.report(&first, &device, failed());
    assert_eq!(rig.operation(&second).tally().processing, 1);
}

#[test]
fn a_device_that_does_not_speak_lwm2m_fails_for_itself() {
    let mut rig = Rig::new();
    let (good, other) = (rig.device("good"), rig.device("other"));
    rig.world.devices.find_mut(&other).unwrap().mqtt = true;
    rig.online(&good);
    rig.pushed();
    let id = rig.create(rig.order(&["good", "other", "good"], None)).unwrap();
    assert_eq!(rig.operation(&id).tally(), Tally { processing: 1, fail: 1, ..Tally::default() });
    assert!(rig.operation(&id).of_device("other").unwrap().detail.is_some());
    assert_eq!(rig.pushed(), ["sw FAIL V1 V1 V2 in 0"]);
}

#[test]
fn what_goes_takes_its_upgrades_along() {
    let mut rig = Rig::new();
    let devices = ["gone", "at-it", "waits"].map(|id| rig.device(id));
    rig.online(&devices[0]);
    rig.online(&devices[1]);
    let id = rig.create(rig.order(&["gone", "at-it", "waits"], None)).unwrap();
    rig.world.remove_device("gone", "");
    assert_eq!(rig.operation(&id).tally(), Tally { fail: 1, processing: 1, wait: 1, ..Tally::default() });
    rig.world.remove_package(&Arc::clone(&rig.software)).unwrap();
    assert_eq!(rig.operation(&id).tally(), Tally { fail: 2, wait: 1, ..Tally::default() });
    rig.online(&devices[2]);
    assert_eq!(rig.operation(&id).tally(), Tally { fail: 3, ..Tally::default() });
}

#[test]
fn an_application_that_goes_takes_its_packages_and_operations_along() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    let id = rig.create(rig.order(&["d"], None)).unwrap();
    let times = OperatePolicy { start_time: rig.at(600), end_time: rig.at(1200), ..policy(ExecuteType::Custom) };
    let later = rig.create(rig.order(&["d"], Some(times))).unwrap();
    rig.world.delete_application("app").unwrap();
    assert!(rig.world.list_packages().is_empty());
    assert!([&id, &later].iter().all(|id| rig.world.upgrades.operation(id).is_none()));
    assert!(rig.world.upgrades.running_on("d").is_none());
    rig.advance(2000);
}

#[test]
fn an_operation_that_is_to_run_now_does_not_wait_for_ever() {
    let mut rig = Rig::new();
    rig.device("d");
    let id = rig.create(rig.order(&["d"], None)).unwrap();
    rig.advance(24 * 60 * MINUTE - 1);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Processing);
    rig.advance(1);
    assert_eq!(rig.operation(&id).tally(), Tally { timeout: 1, ..Tally::default() });
}

#[test]
fn a_world_comes_back_from_its_dump_with_its_upgrades() {
    let mut rig = Rig::new();
    let device = rig.device("d");
    rig.online(&device);
    let id = rig.create(rig.order(&["d"], None)).unwrap();
    let dump = rig.world.dump().unwrap();
    rig.world = World::load(dump.as_bytes()).unwrap();
    rig.report(&id, &device, Progress::Succeeded);
    assert_eq!(rig.operation(&id).status(), OperationStatus::Success);
}

/// what is wrong with the call itself comes first, then the package, the devices, the match.
#[test]
fn faults_are_told_in_their_order() {
    let mut rig = Rig::new();
    rig.device("d");
    let custom = |rig: &Rig, start, end| {
        let times = OperatePolicy { start_time: rig.at(start), end_time: rig.at(end), ..policy(ExecuteType::Custom) };
        Order { file_id: "unknown".to_owned(), ..rig.order(&["unknown"], Some(times)) }
    };
    let faults = [
        (rig.order(&[], None), Fault::NoTargets),
        (rig.order(&["d"], Some(policy(ExecuteType::Custom))), Fault::NoTime),
        (custom(&rig, 900, 100), Fault::StartAfterEnd),
        (custom(&rig, -100, 900), Fault::StartInThePast),
        (custom(&rig, 900, 1199), Fault::WindowTooShort),
        (custom(&rig, 900, 1201), Fault::NotFound),
        (rig.order(&["unknown"], None), Fault::NotFound),
        (Order { kind: OperateType::FirmwareUpgrade, ..rig.order(&["unknown"], None) }, Fault::NotFound),
        (Order { kind: OperateType::FirmwareUpgrade, ..rig.order(&["d"], None) }, Fault::Mismatch),
    ];
    for (order, fault) in faults {
        let shown = format!("{order:?}");
        assert_eq!(rig.create(order).unwrap_err(), fault, "{shown}");
    }
    let start_a_minute_ago = custom(&rig, -60, 900);
    assert_eq!(rig.create(start_a_minute_ago).unwrap_err(), Fault::NotFound, "a minute is forgiven");
}
