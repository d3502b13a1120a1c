//! Commands and upgrades of simulated devices, in a world without a platform around it.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::Object;
use iotdm_spec::wire::{DeviceStatus, StatusDetail};

use super::autopilot::{CommandAnswer, CommandHabit, Reporting, UpgradeEnd, UpgradeHabit};
use super::inbox::{DeviceAct, What};
use super::{Autopilot, command_arrived, perform, upgrade_arrived};
use crate::clock::Moment;
use crate::device::{Attributes, Device, NewDevice};
use crate::mint::Mint;
use crate::upgrade::Progress;
use crate::world::World;

const DEVICE: &str = "d";

fn world(pilot: Autopilot) -> (World, Arc<str>) {
    let mut world = World::new(Mint::seeded(7), Moment(0));
    world.applications.add("a", "secret", None);
    let new = NewDevice {
        id: DEVICE.into(),
        application: "a".into(),
        gateway: None,
        node_id: "n".to_owned(),
        product: None,
        attributes: Attributes::default(),
        secret: String::new(),
        mqtt: false,
    };
    world.devices.add(Device::new(new, Moment(0)));
    world.set_device_autopilot(DEVICE, Some(pilot)).unwrap_or_else(|e| panic!("{e}"));
    (world, DEVICE.into())
}

fn pass(world: &mut World, seconds: u64) {
    world.pass_time(world.now.plus(Duration::from_secs(seconds)));
}

/// What stands in the inbox, in order.
fn inbox(world: &World) -> Vec<What> {
    world.simulated.find(DEVICE).map(|player| player.inbox.iter().map(|e| e.what.clone()).collect()).unwrap_or_default()
}

fn command(id: &str, acknowledged: bool) -> What {
    What::Command { id: id.into(), acknowledged }
}

fn upgrade(progress: Option<Progress>) -> What {
    What::Upgrade { operation: "o".into(), progress }
}

#[test]
fn nothing_reaches_a_device_that_is_not_there() {
    let (mut world, device) = world(Autopilot::default());
    command_arrived(&mut world, &device, &"c".into());
    assert!(inbox(&world).is_empty(), "it has never been online");
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    assert_eq!(inbox(&world), [command("c", false)]);
    world.device_offline(DEVICE, StatusDetail::None).unwrap_or_else(|e| panic!("{e}"));
    upgrade_arrived(&mut world, &device, &"o".into());
    assert_eq!(inbox(&world), [command("c", false)], "it keeps what it has, and gets nothing more");
}

#[test]
fn a_command_is_acknowledged_and_then_answered() {
    let habit = CommandHabit { acknowledge_after: Some(2), answer_after: 3, ..CommandHabit::default() };
    let (mut world, device) = world(Autopilot { command: Some(habit), ..Autopilot::default() });
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    pass(&mut world, 1);
    assert_eq!(inbox(&world), [command("c", false)]);
    pass(&mut world, 1);
    assert_eq!(inbox(&world), [command("c", true)]);
    pass(&mut world, 2);
    assert_eq!(inbox(&world).len(), 1);
    pass(&mut world, 1);
    assert!(inbox(&world).is_empty());
}

#[test]
fn a_command_that_is_sent_again_arrives_once() {
    let (mut world, device) = world(Autopilot::default());
    world.comes_online(DEVICE);
    for command in ["c", "e", "c"] {
        command_arrived(&mut world, &device, &command.into());
    }
    assert_eq!(inbox(&world), [command("c", false), command("e", false)]);
}

#[test]
fn a_driver_may_take_over() {
    let habit = CommandHabit { answer: CommandAnswer::Never, ..CommandHabit::default() };
    let (mut world, device) = world(Autopilot { command: Some(habit), ..Autopilot::default() });
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    command_arrived(&mut world, &device, &"e".into());
    pass(&mut world, 3600);
    assert_eq!(inbox(&world), [command("c", true), command("e", true)]);
    let answer = DeviceAct::Answer { executed: true, result: Object::new() };
    assert_eq!(world.device_acts(DEVICE, "e", answer), Ok(2));
    assert_eq!(inbox(&world), [command("c", true)]);
}

#[test]
fn a_device_that_is_away_does_nothing_until_it_is_back() {
    let (mut world, device) = world(Autopilot::obliging());
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    world.device_offline(DEVICE, StatusDetail::None).unwrap_or_else(|e| panic!("{e}"));
    pass(&mut world, 3600);
    assert_eq!(inbox(&world), [command("c", false)]);
    world.comes_online(DEVICE);
    pass(&mut world, 2);
    assert!(inbox(&world).is_empty());
}

#[test]
fn a_device_that_installs_its_firmware_says_nothing_else() {
    let (mut world, device) = world(Autopilot::obliging());
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    world.become_status(DEVICE, DeviceStatus::Offline, StatusDetail::FirmwareUpdating);
    pass(&mut world, 60);
    assert_eq!(inbox(&world), [command("c", false)]);
    assert_eq!(world.devices.find(DEVICE).map(|device| device.status), Some(DeviceStatus::Offline));
    world.comes_online(DEVICE);
    pass(&mut world, 2);
    assert!(inbox(&world).is_empty());
}

#[test]
fn an_upgrade_goes_step_by_step() {
    let habit =
        |end| Autopilot { upgrade: Some(UpgradeHabit { end, ..UpgradeHabit::default() }), ..Autopilot::default() };
    let (mut world, device) = world(habit(UpgradeEnd::Succeeds));
    world.comes_online(DEVICE);
    for end in [UpgradeEnd::Succeeds, UpgradeEnd::Fails] {
        world.set_device_autopilot(DEVICE, Some(habit(end))).unwrap_or_else(|e| panic!("{e}"));
        upgrade_arrived(&mut world, &device, &"o".into());
        for step in [None, Some(Progress::Downloading), Some(Progress::Downloaded), Some(Progress::Updating)] {
            assert_eq!(inbox(&world), [upgrade(step)]);
            pass(&mut world, 1);
        }
        assert!(inbox(&world).is_empty());
    }
    world.set_device_autopilot(DEVICE, Some(habit(UpgradeEnd::Stalls))).unwrap_or_else(|e| panic!("{e}"));
    upgrade_arrived(&mut world, &device, &"o".into());
    pass(&mut world, 3600);
    assert_eq!(inbox(&world), [upgrade(Some(Progress::Downloading))]);
}

#[test]
fn an_act_by_hand_is_the_autopilot_s_next_beginning() {
    let (mut world, device) = world(Autopilot { command: Some(CommandHabit::default()), ..Autopilot::default() });
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    perform(&mut world, &device, 1, DeviceAct::Acknowledge);
    pass(&mut world, 1);
    assert!(inbox(&world).is_empty(), "answered a second after it was acknowledged");
}

#[test]
fn a_leap_of_a_hundred_years_ends() {
    let (mut world, _) = world(Autopilot { report: Some(Reporting::default()), ..Autopilot::default() });
    world.comes_online(DEVICE);
    pass(&mut world, 100_000);
    let reports = |world: &World| world.simulated.find(DEVICE).map_or(0, |player| player.reports);
    assert_eq!(reports(&world), 10_000, "every ten seconds");
    pass(&mut world, 100 * 366 * 24 * 3600);
    assert!((20_000..300_000).contains(&reports(&world)), "{}", reports(&world));
    let before = reports(&world);
    pass(&mut world, 100);
    assert_eq!(reports(&world), before + 10, "and then every ten seconds again");
}

#[test]
fn what_is_planned_survives_a_dump() {
    let (mut world, device) = world(Autopilot::obliging());
    world.comes_online(DEVICE);
    command_arrived(&mut world, &device, &"c".into());
    let dump = world.dump().unwrap();
    let mut loaded = World::load(dump.as_bytes()).unwrap();
    pass(&mut loaded, 2);
    assert!(inbox(&loaded).is_empty());
}
