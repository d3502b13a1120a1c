//! What a platform begins with: a fresh world, the world of a file, or the one that a directory keeps.

use std::path::Path;
use std::sync::Arc;

use super::StateError;
use super::store::{Kept, Store};
use crate::builder::Builder;
use crate::clock::{Clock, Moment};
use crate::core::StartWorld;
use crate::mint::Mint;
use crate::platform::{Furnished, furnish};
use crate::receivers::Receivers;
use crate::world::World;

/// What a platform begins with.
pub(crate) struct Beginning {
    pub(crate) world: World,
    pub(crate) furnished: Furnished,
    /// Makes what a reset leads back to.
    pub(crate) start: StartWorld,
    pub(crate) store: Option<Store>,
    pub(crate) clock: Clock,
    /// Whether the world was there before: it was kept, or loaded.
    pub(crate) resumed: bool,
}

impl Beginning {
    pub(crate) fn of(builder: &Builder) -> Result<Self, StateError> {
        let (store, kept) = builder.state_dir.as_deref().map(Store::open).transpose()?.unzip();
        let frozen = builder.frozen_at.as_deref().and_then(|text| text.parse().ok());
        let kept = kept.flatten();
        let is_new = kept.is_none();
        let mut beginning = match (kept, &builder.state_file, &builder.state_dir) {
            (Some(_), Some(file), Some(directory)) => {
                let reason = format!("it keeps a world already; {} can be loaded into an empty one", file.display());
                return Err(StateError::new(reason).in_file(directory));
            }
            (Some(kept), ..) => Self::kept(kept, builder)?,
            (None, Some(file), _) => Self::loaded(file, builder)?,
            (None, None, _) => {
                let mint = builder.seed.map_or_else(Mint::unpredictable, Mint::seeded);
                let clock = frozen.map_or_else(Clock::running, Clock::frozen);
                Self::with_start(fresh(mint, builder), clock)?
            }
        };
        if let Some(at) = frozen {
            let now = beginning.world.now;
            if at < now {
                return Err(StateError::new(format!(
                    "the world is at {now}; the clock can't be frozen earlier, at {at}"
                )));
            }
            beginning.clock = Clock::frozen(at);
        }
        beginning.resumed = !is_new || builder.state_file.is_some();
        if store.is_some() && is_new {
            beginning.world.follow(true);
        }
        beginning.store = store;
        Ok(beginning)
    }

    fn with_start(start: StartWorld, clock: Clock) -> Result<Self, StateError> {
        let world = start(clock.now())?;
        Self::with(world, start, clock)
    }

    /// The world of a file is where it was, at the time at which it was.
    fn loaded(file: &Path, builder: &Builder) -> Result<Self, StateError> {
        let json = std::fs::read(file).map_err(|error| StateError::new(error).in_file(file))?;
        let json: Arc<[u8]> = json.into();
        let (burden, wishes) = (burden(builder), wishes(builder));
        let start: StartWorld = Box::new(move |_| {
            let mut world = World::load(&json)?;
            wishes(&mut world);
            burden(&mut world);
            Ok(world)
        });
        let world = start(Moment::default()).map_err(|error| error.in_file(file))?;
        let clock = Clock::running_from(world.now);
        Self::with(world, start, clock).map_err(|error| error.in_file(file))
    }

    /// The world of a directory has aged meanwhile, and its links are gone.
    fn kept(Kept { mut world, pace }: Kept, builder: &Builder) -> Result<Self, StateError> {
        world.follow(false);
        world.lose_links();
        world.resume_pushes();
        wishes(builder)(&mut world);
        burden(builder)(&mut world);
        // A reset leads back to a world with the limits that hold now.
        let builder = &Builder {
            throttle: Some(world.throttle),
            push_retries: Some(world.receivers.state().retries),
            ..builder.clone()
        };
        let start = fresh(world.mint.anew(), builder);
        Self::with(world, start, Clock::starting(pace))
    }

    fn with(world: World, start: StartWorld, clock: Clock) -> Result<Self, StateError> {
        let named = || StateError::new("settings.furnished: it does not say what the platform starts with");
        let furnished = world.furnished.clone().ok_or_else(named)?;
        Ok(Self { world, furnished, start, store: None, clock, resumed: false })
    }
}

/// Brings in what is to go wrong from the start: it belongs to this run, not to a world that is kept.
fn burden(builder: &Builder) -> impl Fn(&mut World) + Send + Sync + 'static {
    let (plan, gateway_errors) = (builder.plan.clone(), builder.gateway_errors);
    move |world| {
        world.faults.gateway_errors = gateway_errors;
        plan.carry_into(world);
    }
}

/// Puts a world that was there before right where something else was asked for.
fn wishes(builder: &Builder) -> impl Fn(&mut World) + Send + Sync + 'static {
    let (throttle, retries) = (builder.throttle, builder.push_retries);
    move |world| {
        if let Some(throttle) = throttle {
            world.throttle_all(throttle);
        }
        if let Some(retries) = retries {
            world.retry_pushes(retries);
        }
    }
}

/// Makes a world with what every platform starts with.
fn fresh(mint: Mint, builder: &Builder) -> StartWorld {
    let history = builder.history;
    let throttle = builder.throttle.unwrap_or(builder.fresh_throttle);
    let (retries, limits) = (builder.push_retries.unwrap_or_default(), builder.push_limits);
    let burden = burden(builder);
    Box::new(move |now| {
        let mut world = World::new(mint.clone(), now);
        world.throttle = throttle;
        world.history_limit = history;
        world.receivers = Receivers::new(retries, limits);
        world.furnished = Some(furnish(&mut world));
        burden(&mut world);
        Ok(world)
    })
}
