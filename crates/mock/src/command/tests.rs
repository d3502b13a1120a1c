//! The life of commands, on a clock that the test moves.

mod model;

use serde_json::json;

use super::*;
use crate::device::{Attributes, Device, NewDevice, Session};
use crate::mint::Mint;
use crate::mqtt::{connect, receive_command};
use crate::outbox::Effect;
use crate::product::Product;
use crate::world::World;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A platform with one application and one device that has been online.
struct Rig {
    world: World,
    sessions: u64,
}

impl Rig {
    fn new(mqtt: bool) -> Self {
        let mut world = World::new(Mint::seeded(7), Moment(0));
        let product = Product::built_in("p".into(), "app".into());
        world.products.add(product);
        let new = NewDevice {
            id: "d".into(),
            application: "app".into(),
            gateway: None,
            node_id: "n".to_owned(),
            product: Some("p".into()),
            attributes: Attributes::default(),
            secret: String::new(),
            mqtt,
        };
        world.devices.add(Device::new(new, world.now));
        world.devices.find_mut("d").unwrap().activated = true;
        let mut rig = Self { world, sessions: 0 };
        rig.online();
        rig.offline();
        rig
    }

    fn is_mqtt(&self) -> bool {
        self.world.devices.find("d").unwrap().mqtt
    }

    fn online(&mut self) {
        if self.is_mqtt() {
            self.sessions += 1;
            let session =
                Session { id: self.sessions, topic_id: "d".to_owned(), listening: false, listening_binary: false };
            self.world.sessions.insert(self.sessions, "d".into());
            self.world.devices.find_mut("d").unwrap().session = Some(session);
            self.world.heard_from("d");
            receive_command::listens(&mut self.world, self.sessions, "/huawei/v1/devices/d/command/json", true);
        } else {
            self.world.heard_from("d");
        }
    }

    fn offline(&mut self) {
        use iotdm_spec::wire::{DeviceStatus, StatusDetail};
        if self.is_mqtt() {
            connect::disconnected(&mut self.world, self.sessions, true);
        } else {
            self.world.become_status("d", DeviceStatus::Offline, StatusDetail::None);
        }
    }

    fn pass(&mut self, seconds: u64) {
        let then = self.world.now.plus(Duration::from_secs(seconds));
        self.world.pass_time(then);
    }

    fn try_create(&mut self, expire_time: Option<i64>, max_retransmit: i64) -> Result<Arc<str>, Refused> {
        let new = NewCommand {
            application: "app".into(),
            device: "d".to_owned(),
            service: "Light".to_owned(),
            method: "SET_LEVEL".to_owned(),
            paras: json!({"value": 7}).as_object().cloned().unwrap(),
            callback_url: Some("http://127.0.0.1:9/".to_owned()),
            expire_time,
            max_retransmit: Some(max_retransmit),
            task: None,
        };
        create(&mut self.world, new)
    }

    fn create(&mut self, expire_time: Option<i64>, max_retransmit: i64) -> Arc<str> {
        self.try_create(expire_time, max_retransmit).unwrap()
    }

    fn status(&self, id: &str) -> &'static str {
        self.world.commands.find(id).unwrap().status.as_str()
    }

    /// The statuses that were pushed, with their details, since the last look.
    fn pushed(&mut self) -> Vec<(String, serde_json::Value)> {
        let effects = std::mem::take(&mut self.world.outbox);
        let pushes = effects.into_iter().filter_map(|effect| match effect {
            Effect::Push(push) if push.clause.clause == "1.8.12" => {
                let body: serde_json::Value = serde_json::from_slice(&push.body).unwrap();
                let result = &body["result"];
                Some((result["resultCode"].as_str().unwrap().to_owned(), result["resultDetail"].clone()))
            }
            _ => None,
        });
        pushes.collect()
    }

    /// The ids and tokens of the commands that were published since the last look.
    fn published(&mut self) -> Vec<(u64, u64)> {
        let effects = std::mem::take(&mut self.world.outbox);
        let commands = effects.into_iter().filter_map(|effect| match effect {
            Effect::Publish { payload, token, .. } => {
                let message: serde_json::Value = serde_json::from_slice(&payload).unwrap();
                Some((message["mid"].as_u64().unwrap(), token))
            }
            _ => None,
        });
        commands.collect()
    }
}

#[test]
fn a_command_waits_for_its_device_and_is_answered() {
    let mut rig = Rig::new(false);
    let id = rig.create(None, 0);
    assert_eq!(rig.status(&id), "PENDING");
    rig.pass(HOUR);
    rig.online();
    assert_eq!(rig.status(&id), "SENT");
    rig.pass(2);
    acknowledged(&mut rig.world, &id);
    rig.pass(3);
    answered(&mut rig.world, &id, true, json!({"level": 7}).as_object().cloned().unwrap());
    let command = rig.world.commands.find(&id).unwrap();
    assert_eq!(command.status.as_str(), "SUCCESSFUL");
    let seconds = |moment: Option<Moment>| moment.unwrap().seconds();
    assert_eq!([command.issued, command.delivered, command.executed].map(seconds), [3600, 3602, 3605]);
    assert_eq!(command.issued_times, 1);
    let null = serde_json::Value::Null;
    let expected = [("SENT", null.clone()), ("DELIVERED", null), ("SUCCESSFUL", json!({"level": 7}))];
    assert_eq!(rig.pushed(), expected.map(|(status, detail)| (status.to_owned(), detail)));
}

#[test]
fn a_command_expires_after_48_hours_without_a_word() {
    let mut rig = Rig::new(false);
    let id = rig.create(None, 0);
    rig.pass(48 * HOUR - 1);
    assert_eq!(rig.status(&id), "PENDING");
    rig.pass(1);
    assert_eq!(rig.status(&id), "EXPIRED");
    rig.online();
    assert_eq!(rig.status(&id), "EXPIRED");
    assert_eq!(rig.pushed(), []);
}

#[test]
fn commands_go_one_after_the_other() {
    let mut rig = Rig::new(false);
    let [a, b, c] = [(); 3].map(|()| rig.create(None, 0));
    rig.online();
    assert_eq!([&a, &b, &c].map(|id| rig.status(id)), ["SENT", "PENDING", "PENDING"]);
    rig.world.heard_from("d");
    assert_eq!(rig.status(&b), "PENDING", "the first one is not acknowledged");
    acknowledged(&mut rig.world, &a);
    assert_eq!([&a, &b, &c].map(|id| rig.status(id)), ["DELIVERED", "SENT", "PENDING"]);
    rig.pass(180);
    assert_eq!([&a, &b, &c].map(|id| rig.status(id)), ["TIMEOUT", "TIMEOUT", "SENT"]);
}

#[test]
fn an_immediate_command_overtakes_the_queue_and_times_out() {
    let mut rig = Rig::new(false);
    let cached = rig.create(None, 0);
    let at_once = rig.create(Some(0), 0);
    assert_eq!([&cached, &at_once].map(|id| rig.status(id)), ["PENDING", "SENT"]);
    rig.pass(179);
    assert_eq!(rig.status(&at_once), "SENT");
    rig.pass(1);
    assert_eq!([&cached, &at_once].map(|id| rig.status(id)), ["PENDING", "TIMEOUT"]);
}

#[test]
fn a_device_that_was_never_connected_gets_no_immediate_command() {
    let mut rig = Rig::new(false);
    rig.world.devices.find_mut("d").unwrap().activated = false;
    assert_eq!(rig.try_create(Some(0), 0), Err(Refused::NotOnline));
    assert!(rig.try_create(None, 0).is_ok());
}

#[test]
fn an_unacknowledged_command_is_sent_again_as_often_as_it_may() {
    let mut rig = Rig::new(true);
    let id = rig.create(None, 2);
    rig.online();
    let first = rig.published();
    rig.pass(60);
    rig.pass(60);
    assert_eq!(rig.published(), [first.clone(), first.clone()].concat(), "its command id stays");
    assert_eq!(rig.world.commands.find(&id).unwrap().issued_times, 3);
    rig.pass(179);
    assert_eq!((rig.status(&id), rig.published()), ("SENT", vec![]));
    rig.pass(1);
    assert_eq!(rig.status(&id), "TIMEOUT");
    assert!(rig.world.devices.find("d").unwrap().in_flight.is_empty());
}

#[test]
fn a_command_lost_with_its_session_goes_over_the_next_one() {
    let mut rig = Rig::new(true);
    let (id, last) = (rig.create(None, 1), rig.create(None, 1));
    rig.online();
    let first = rig.published();
    rig.offline();
    rig.pass(100);
    rig.online();
    let again = rig.published();
    assert!(first.len() == 1 && again.len() == 1 && first[0].1 != again[0].1, "{first:?} {again:?}");
    receive_command::delivered(&mut rig.world, rig.sessions, again[0].1);
    assert_eq!([&id, &last].map(|id| rig.status(id)), ["DELIVERED", "SENT"]);
}

#[test]
fn no_command_goes_to_a_session_that_does_not_listen() {
    let mut rig = Rig::new(true);
    let id = rig.create(None, 0);
    rig.online();
    rig.offline();
    let next = rig.create(None, 0);
    rig.pass(200);
    assert_eq!([&id, &next].map(|id| rig.status(id)), ["TIMEOUT", "PENDING"]);
    rig.online();
    receive_command::listens(&mut rig.world, rig.sessions, "/huawei/v1/devices/d/command/json", false);
    let last = rig.create(None, 0);
    acknowledged(&mut rig.world, &next);
    assert_eq!([&next, &last].map(|id| rig.status(id)), ["DELIVERED", "PENDING"]);
}

#[test]
fn the_21st_pending_command_is_refused() {
    let mut rig = Rig::new(false);
    let ids: Vec<_> = (0..20).map(|_| rig.create(None, 0)).collect();
    assert_eq!(rig.try_create(None, 0), Err(Refused::LimitReached));
    assert!(rig.try_create(Some(0), 0).is_ok(), "an immediate command is never PENDING");
    assert!(cancel(&mut rig.world, &ids[7]) && !cancel(&mut rig.world, &ids[7]));
    assert!(rig.try_create(None, 0).is_ok());
    assert_eq!(rig.try_create(None, 0), Err(Refused::LimitReached));
}

#[test]
fn a_device_away_for_seven_days_is_a_zombie() {
    let mut rig = Rig::new(false);
    rig.pass(7 * DAY);
    assert!(rig.try_create(None, 0).is_ok());
    rig.pass(1);
    assert_eq!(rig.try_create(None, 0), Err(Refused::Zombie));
    rig.online();
    assert!(rig.try_create(None, 0).is_ok());
}

#[test]
fn a_task_revokes_what_is_still_pending_when_it_ends() {
    let mut rig = Rig::new(false);
    let (a, b) = (rig.create(None, 0), rig.create(None, 0));
    let (app, device): (Arc<str>, Arc<str>) = ("app".into(), "d".into());
    let task = cancel_task::create(&mut rig.world, &app, &device).unwrap();
    let status = |rig: &Rig, id: &str| rig.world.commands.cancel_tasks.find(id).unwrap().status.as_str();
    assert_eq!(status(&rig, &task), "WAITTING");
    rig.world.pass_time(Moment(500));
    assert_eq!(status(&rig, &task), "RUNNING");
    rig.online();
    rig.world.pass_time(Moment(1000));
    assert_eq!(status(&rig, &task), "PART_SUCCESS");
    assert_eq!([&a, &b].map(|id| rig.status(id)), ["SENT", "CANCELED"]);
    let empty = cancel_task::create(&mut rig.world, &app, &device).unwrap();
    rig.pass(1);
    assert_eq!(status(&rig, &empty), "SUCCESS");
    rig.world.remove_device("d", "test");
    assert!(rig.world.commands.find(&a).is_none() && rig.world.commands.cancel_tasks.find(&task).is_none());
    assert_eq!(rig.world.commands.newest_of("app").count(), 0);
}

#[test]
fn finished_commands_are_forgotten_when_they_are_too_many() {
    let mut rig = Rig::new(false);
    let first = rig.create(None, 0);
    for _ in 0..FINISHED_PER_DEVICE {
        cancel(&mut rig.world, &first);
        let id = rig.create(None, 0);
        cancel(&mut rig.world, &id);
    }
    assert!(rig.world.commands.find(&first).is_none());
    assert_eq!(rig.world.commands.newest_to("d").count(), FINISHED_PER_DEVICE);
    assert_eq!(rig.world.commands.newest_of("app").count(), FINISHED_PER_DEVICE);
}
