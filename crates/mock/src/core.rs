//! The one way into a world: lock it, let time pass, act, carry out the effects.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::{Clock, Moment};
use crate::journal::{Event, Journal, Note};
use crate::mqtt::door::DoorHandle;
use crate::mqtt::faults::Faults;
use crate::outbox::Effect;
use crate::owner::{ClockChange, OwnerError};
use crate::pusher::Pusher;
use crate::state::StateError;
use crate::state::store::Store;
use crate::world::World;

/// A platform's state and what its shells share.
pub(crate) struct Core {
    world: Mutex<World>,
    clock: Mutex<Clock>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) pusher: Pusher,
    pub(crate) door: OnceLock<DoorHandle>,
    pub(crate) faults: Arc<Faults>,
    /// Tells the timer task that something may be due earlier than it thinks.
    rescheduled: Notify,
    /// Makes the world that a platform starts with, always the same one.
    start: StartWorld,
    /// Where the world is kept, if it is.
    store: Option<Mutex<Store>>,
}

/// Makes the world that a platform starts with.
pub(crate) type StartWorld = Box<dyn Fn(Moment) -> Result<World, StateError> + Send + Sync>;

impl Core {
    pub(crate) fn new(
        world: World,
        start: StartWorld,
        store: Option<Store>,
        clock: Clock,
        journal: Arc<Journal>,
        pusher: Pusher,
        faults: Faults,
    ) -> Self {
        Self {
            start,
            store: store.map(Mutex::new),
            world: Mutex::new(world),
            clock: Mutex::new(clock),
            journal,
            pusher,
            door: OnceLock::new(),
            faults: Arc::new(faults),
            rescheduled: Notify::new(),
        }
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The platform's time.
    pub(crate) fn now(&self) -> Moment {
        self.clock().now()
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.clock().is_frozen()
    }

    /// Acts upon the world: what has become due fires first, then `act`, then every effect is handed
    /// over, in order and before anybody else gets in. Where the world is kept, it is kept before that.
    pub(crate) fn enter<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let due_before = world.timers.next_due();
        let now = self.now();
        world.pass_time(now);
        let result = act(&mut world);
        world.accept_pushes();
        self.keep(&mut world);
        self.carry_out(&mut world);
        if world.timers.next_due() != due_before {
            self.rescheduled.notify_one();
        }
        result
    }

    fn keep(&self, world: &mut World) {
        let Some(store) = &self.store else { return };
        let pace = self.clock().pace();
        let kept = store.lock().unwrap_or_else(PoisonError::into_inner).keep(world, pace);
        if let Err(error) = kept {
            // It is tried again with the next change.
            let text = format!("{error}: the world was not written; what has happened since is lost if we end now");
            self.journal.add(world.now, Event::note(text));
        }
    }

    /// Puts another world in the place of this one, and the clock where it is then. Sessions end, and
    /// nobody is told of anything.
    fn replace(&self, world: &mut World, mut next: World, why: &'static str) {
        next.receivers.come_after(&world.receivers);
        self.pusher.give_up();
        if let Some(store) = &self.store {
            store.lock().unwrap_or_else(PoisonError::into_inner).begin_anew();
            next.follow(true);
        }
        for device in std::mem::replace(world, next).sessions.into_values() {
            world.outbox.push_back(Effect::CloseSession { device, why });
        }
        self.journal.add(world.now, Event::note(why));
    }

    /// Puts a loaded world in the place of this one; the clock goes on from the time at which that stood,
    /// or stands there.
    pub(crate) fn load(&self, mut next: World) {
        self.enter(|world| {
            // What is ordered to go wrong belongs to this run.
            std::mem::swap(&mut next.faults, &mut world.faults);
            self.clock().set(next.now);
            self.replace(world, next, "a world was loaded");
        });
        self.rescheduled.notify_one();
    }

    fn carry_out(&self, world: &mut World) {
        let at = world.now;
        // The gate takes those of a call; these arose from a packet, a timer or an order.
        for text in std::mem::take(&mut world.remarks) {
            self.journal.add(at, Event::note(text));
        }
        let deviations = std::mem::take(&mut world.deviations);
        if !deviations.is_empty() {
            let text = deviations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.journal.add(at, Event::Note(Note { text, device: None, session: None, deviations }));
        }
        // A push that is accepted has effects of its own.
        while let Some(effect) = world.outbox.pop_front() {
            match effect {
                Effect::Push(push) => world.accept_push(&push),
                Effect::Attempt(attempt) => self.pusher.send(attempt),
                Effect::Tell(event) => self.journal.add(at, *event),
                Effect::Publish { device, topic, payload, token } => {
                    let taken = self.door.get().is_some_and(|door| door.publish(&device, &topic, payload, token));
                    if !taken {
                        // Nothing is kept for later.
                        let text = format!("a command for device {device} was lost: nobody is subscribed to {topic}");
                        let device = Some(device.to_string());
                        let note = Note { text, device, session: None, deviations: Vec::new() };
                        self.journal.add(at, Event::Note(note));
                    }
                }
                Effect::CloseSession { device, why } => {
                    if let Some(door) = self.door.get() {
                        door.close(&device, why);
                    }
                }
            }
        }
    }

    /// Moves the clock forward; everything that becomes due fires, in order, before this returns.
    pub(crate) fn advance(&self, by: Duration) -> Moment {
        self.enter(|world| {
            let target = world.now.plus(by);
            self.clock().set(target);
            world.pass_time(target);
            target
        })
    }

    /// Changes the clock, all or nothing; everything that becomes due fires, in order, before this returns.
    pub(crate) fn change_clock(&self, change: &ClockChange) -> Result<Moment, OwnerError> {
        let moved = self.enter(|world| {
            let target = change.target(world.now)?;
            if let Some(frozen) = change.frozen {
                self.clock().freeze(frozen);
            }
            if target > world.now {
                self.clock().set(target);
                world.pass_time(target);
            }
            Ok(world.now)
        });
        self.rescheduled.notify_one();
        moved
    }

    /// Puts the start world in the place of this one, at the time at which the platform started if
    /// its clock stood then. Sessions end, and nobody is told of anything.
    pub(crate) fn reset(&self) {
        self.enter(|world| {
            let began = self.clock().started();
            match (self.start)(began) {
                Ok(next) => {
                    let mut clock = self.clock();
                    clock.reset();
                    if !clock.is_frozen() {
                        clock.set(next.now);
                    }
                    drop(clock);
                    self.replace(world, next, "the platform was reset");
                }
                // It was made once already, so this does not happen.
                Err(error) => world.remarks.push(format!("the platform was not reset: {error}")),
            }
        });
        self.rescheduled.notify_one();
    }

    /// Stops the clock, or lets it run on.
    pub(crate) fn freeze(&self, frozen: bool) {
        self.enter(|_| self.clock().freeze(frozen));
        self.rescheduled.notify_one();
    }

    /// Fires timers when they are due, until it is cancelled.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        loop {
            let next = self.enter(|world| world.timers.next_due());
            let wait = match next {
                Some(due) if !self.is_frozen() => due.since(self.now()).max(Duration::from_millis(1)),
                _ => IDLE,
            };
            // A time-out is the other way to wake up.
            let _ = tokio::time::timeout(wait.min(IDLE), self.rescheduled.notified()).await;
        }
    }
}

/// The longest sleep between two looks at the timers.
const IDLE: Duration = Duration::from_secs(3600);
