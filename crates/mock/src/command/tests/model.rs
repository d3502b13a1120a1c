//! Random lives of commands, compared with a small model that has no timers, queues or indexes: at each
//! step it looks at every command for what happens next.

use proptest::prelude::*;

use super::*;

const AGAIN: i64 = 60_000;
const END: i64 = 180_000;
const SILENCE: i64 = 25 * 3_600_000;
const ZOMBIE: i64 = 7 * 86_400_000;

#[derive(Debug, Clone)]
enum Step {
    Create(Option<i64>, i64),
    Cancel(usize),
    Online,
    Offline,
    Report,
    Acknowledge(usize),
    Answer(usize, bool),
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let expire = prop_oneof![Just(None), Just(Some(0)), Just(Some(30)), Just(Some(100)), Just(Some(3600))];
    let seconds =
        prop_oneof![6 => 0..70_u64, 3 => 100..200_u64, 1 => Just(26 * HOUR), 1 => Just(49 * HOUR), 1 => Just(8 * DAY)];
    let step = prop_oneof![
        6 => (expire, 0..=3_i64).prop_map(|(expire, again)| Step::Create(expire, again)),
        1 => (0..100_usize).prop_map(Step::Cancel),
        3 => Just(Step::Online),
        2 => Just(Step::Offline),
        2 => Just(Step::Report),
        3 => (0..100_usize).prop_map(Step::Acknowledge),
        2 => (0..100_usize, any::<bool>()).prop_map(|(which, ok)| Step::Answer(which, ok)),
        5 => seconds.prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..80)
}

#[derive(Debug, Clone)]
struct Expected {
    status: &'static str,
    created: i64,
    expire: i64,
    again: i64,
    issued_times: i64,
    issued: Option<i64>,
    delivered: Option<i64>,
    executed: Option<i64>,
    /// When, and in which order among equals, something happens by itself.
    expires: (i64, u64),
    retransmit: Option<(i64, u64)>,
    ends: (i64, u64),
    lost: bool,
}

impl Expected {
    fn may_again(&self, now: i64) -> bool {
        let valid = self.expire == 0 || now < self.created + self.expire * 1000;
        self.status == "SENT" && self.issued_times <= self.again && valid
    }
}

struct Model {
    now: i64,
    mqtt: bool,
    online: bool,
    heard: i64,
    set: u64,
    commands: Vec<Expected>,
    pushed: Vec<&'static str>,
}

impl Model {
    fn turn(&mut self) -> u64 {
        self.set += 1;
        self.set
    }

    fn waits(&self) -> bool {
        self.commands.iter().any(|c| c.status == "SENT" && c.expire > 0)
    }

    fn hand_over(&mut self, at: usize) {
        let turns = (self.turn(), self.turn());
        let command = &mut self.commands[at];
        command.issued_times += 1;
        command.retransmit = (command.issued_times <= command.again).then_some((self.now + AGAIN, turns.0));
        command.ends = (self.now + END, turns.1);
        command.lost = !self.online && command.may_again(self.now);
    }

    fn send(&mut self, at: usize) {
        self.commands[at].issued = Some(self.now);
        self.become_status(at, "SENT");
        self.hand_over(at);
    }

    fn become_status(&mut self, at: usize, status: &'static str) {
        let was = std::mem::replace(&mut self.commands[at].status, status);
        if !["CANCELED", "EXPIRED"].contains(&status) {
            self.pushed.push(status);
        }
        if was == "SENT" {
            self.commands[at].lost = false;
            if self.commands[at].expire > 0 {
                self.deliver();
            }
        }
    }

    fn deliver(&mut self) {
        if !self.online {
            return;
        }
        for at in 0..self.commands.len() {
            if std::mem::take(&mut self.commands[at].lost) && self.commands[at].may_again(self.now) {
                self.hand_over(at);
            }
        }
        let next = self.commands.iter().position(|c| c.status == "PENDING");
        if let (false, Some(next)) = (self.waits(), next) {
            self.send(next);
        }
    }

    fn pass(&mut self, until: i64) {
        loop {
            let silence = (!self.mqtt && self.online).then_some((self.heard + SILENCE, u64::MAX, usize::MAX));
            let events = self.commands.iter().enumerate().flat_map(|(at, c)| {
                let expires = (c.status == "PENDING").then_some(c.expires);
                let again = c.retransmit.filter(|_| c.status == "SENT");
                let ends = ["SENT", "DELIVERED"].contains(&c.status).then_some(c.ends);
                [expires, again, ends].into_iter().flatten().map(move |(due, turn)| (due, turn, at))
            });
            let next = events.chain(silence).min().filter(|(due, ..)| *due <= until);
            let Some((due, turn, at)) = next else { break };
            self.now = due;
            if at == usize::MAX {
                self.online = false;
            } else if self.commands[at].status == "PENDING" {
                self.become_status(at, "EXPIRED");
            } else if self.commands[at].retransmit == Some((due, turn)) {
                self.commands[at].retransmit = None;
                if self.commands[at].may_again(due) && self.online {
                    self.hand_over(at);
                } else {
                    self.commands[at].lost = self.commands[at].may_again(due);
                }
            } else {
                self.become_status(at, "TIMEOUT");
            }
        }
        self.now = until;
    }

    fn create(&mut self, expire: Option<i64>, again: i64) -> Result<(), Refused> {
        let expire = expire.unwrap_or(172_800);
        let open = |c: &&Expected| c.status == "PENDING";
        if self.now - self.heard > ZOMBIE && !(self.mqtt && self.online) {
            return Err(Refused::Zombie);
        }
        if expire > 0 && self.commands.iter().filter(open).count() >= 20 {
            return Err(Refused::LimitReached);
        }
        let turn = if expire > 0 { self.turn() } else { 0 };
        self.commands.push(Expected {
            status: "PENDING",
            created: self.now,
            expire,
            again,
            issued_times: 0,
            issued: None,
            delivered: None,
            executed: None,
            expires: (self.now + expire * 1000, turn),
            retransmit: None,
            ends: (0, 0),
            lost: false,
        });
        if expire == 0 {
            self.send(self.commands.len() - 1);
        }
        Ok(())
    }

    fn reached(&mut self) {
        self.heard = self.now;
        self.online = true;
        self.deliver();
    }

    fn lose_link(&mut self) {
        if self.mqtt && self.online {
            for command in &mut self.commands {
                command.lost = command.lost || command.may_again(self.now);
            }
        }
        self.online = false;
    }
}

fn play(mqtt: bool, steps: Vec<Step>) {
    let mut rig = Rig::new(mqtt);
    let mut ids: Vec<Arc<str>> = Vec::new();
    let mut model = Model { now: 0, mqtt, online: false, heard: 0, set: 0, commands: Vec::new(), pushed: Vec::new() };
    let mut pushed = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        // No two things happen at one moment by accident.
        let jitter = Duration::from_millis(7 * number as u64 + 1);
        let then = rig.world.now.plus(jitter);
        rig.world.pass_time(then);
        model.pass(then.0);
        let which = |which: usize| (!ids.is_empty()).then(|| which % ids.len());
        match step {
            Step::Create(expire, again) => {
                let made = rig.try_create(expire, again);
                assert_eq!(made.as_ref().map(|_| ()).map_err(|refused| *refused), model.create(expire, again));
                ids.extend(made.ok());
            }
            Step::Cancel(at) => {
                let Some(at) = which(at) else { continue };
                let pending = model.commands[at].status == "PENDING";
                assert_eq!(cancel(&mut rig.world, &ids[at]), pending);
                if pending {
                    model.become_status(at, "CANCELED");
                }
            }
            Step::Online if !model.online => {
                rig.online();
                model.reached();
            }
            Step::Report if model.online => {
                rig.world.heard_from("d");
                model.reached();
            }
            Step::Offline if model.online => {
                rig.offline();
                // Until then it was there.
                model.heard = model.now;
                model.lose_link();
            }
            Step::Acknowledge(at) => {
                let Some(at) = which(at) else { continue };
                acknowledged(&mut rig.world, &ids[at]);
                if model.commands[at].status == "SENT" {
                    model.commands[at].delivered = Some(model.now);
                    model.become_status(at, "DELIVERED");
                }
            }
            Step::Answer(at, ok) => {
                let Some(at) = which(at) else { continue };
                answered(&mut rig.world, &ids[at], ok, Object::new());
                if ["SENT", "DELIVERED"].contains(&model.commands[at].status) {
                    model.commands[at].executed = Some(model.now);
                    model.become_status(at, if ok { "SUCCESSFUL" } else { "FAILED" });
                }
            }
            Step::Pass(seconds) => {
                rig.pass(seconds);
                model.pass(rig.world.now.0);
            }
            Step::Online | Step::Report | Step::Offline => {}
        }
        pushed.extend(rig.pushed().into_iter().map(|(status, _)| status));
        assert_eq!(pushed, model.pushed, "step {number}");
        for (id, expected) in ids.iter().zip(&model.commands) {
            let is = rig.world.commands.find(id).unwrap();
            let times = [is.issued, is.delivered, is.executed].map(|time| time.map(|time| time.0));
            assert_eq!(
                (is.status.as_str(), is.issued_times, times),
                (expected.status, expected.issued_times, [expected.issued, expected.delivered, expected.executed]),
                "step {number}, {expected:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn commands_to_simulated_devices_live_as_the_model_says(steps in steps()) {
        play(false, steps);
    }

    #[test]
    fn commands_to_mqtt_devices_live_as_the_model_says(steps in steps()) {
        play(true, steps);
    }
}
