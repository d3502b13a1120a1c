//! The process's pool of rumqttd routers.
//!
//! A router owns a thread that can't be stopped, and keeps each filter it ever saw. So routers outlive
//! platforms: a platform leases a place in one, and a place that is returned is leased again, together
//! with the names below it.

use rumqttd::local::{LinkBuilder, LinkRx, LinkTx};
use rumqttd::{Router, RouterConfig};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many platforms share a router.
const PLACES: u32 = 16;
/// How many links a router takes. Room for them is reserved, but not touched before it is used.
const MAX_LINKS: usize = 100_000;
/// How much of a filter's past a router keeps: up to two segments, for ever. A link has at most one
/// segment's worth under way (see `link`), so nothing is dropped before it is read.
pub(super) const SEGMENT_BYTES: usize = 16 * 1024;

static POOL: Mutex<Vec<Arc<Engine>>> = Mutex::new(Vec::new());

type Dial = dyn Fn(&str) -> Result<(LinkTx, LinkRx), String> + Send + Sync;

struct Engine {
    /// Makes a link. A closure, because the type of a router's channel can't be named out here.
    dial: Box<Dial>,
    /// One bit for each place that is leased.
    leased: Mutex<u32>,
    /// Set when the router doesn't answer any more, which only a bug in rumqttd can cause.
    dead: AtomicBool,
}

/// The routers of this process.
pub struct RouterPool;

impl RouterPool {
    /// Leases a place in a router, and starts a router if no running one has a place.
    pub fn lease() -> RouterLease {
        let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        pool.retain(|engine| !engine.dead.load(Ordering::Relaxed));
        let free = pool.iter().find_map(|engine| Some((engine.clone(), engine.occupy()?)));
        let (engine, place) = free.unwrap_or_else(|| {
            let engine = Arc::new(Engine::start(pool.len()));
            pool.push(engine.clone());
            let place = engine.occupy().unwrap_or_default();
            (engine, place)
        });
        RouterLease { engine, place, name: format!("i{place}") }
    }
}

/// A place in a router, returned when it is dropped.
pub struct RouterLease {
    engine: Arc<Engine>,
    place: u32,
    name: String,
}

impl RouterLease {
    /// The first level of every topic of this place.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Makes a clean link with a name; the router drops an older link of that name. Blocks for as long
    /// as the router's thread needs to answer, which is some microseconds.
    pub(super) fn dial(&self, name: &str) -> Result<(LinkTx, LinkRx), String> {
        let link = (self.engine.dial)(name);
        if link.is_err() {
            self.engine.dead.store(true, Ordering::Relaxed);
        }
        link
    }
}

impl Drop for RouterLease {
    fn drop(&mut self) {
        *self.engine.leased.lock().unwrap_or_else(PoisonError::into_inner) &= !(1 << self.place);
    }
}

impl Engine {
    fn start(number: usize) -> Self {
        let config = RouterConfig {
            max_connections: MAX_LINKS,
            max_outgoing_packet_count: 100,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: 2,
            ..RouterConfig::default()
        };
        let sender = Router::new(number, config).spawn();
        let dial = move |name: &str| {
            LinkBuilder::new(name, sender.clone())
                .clean_session(true)
                .build()
                .map(|(sender, receiver, _)| (sender, receiver))
                .map_err(|error| error.to_string())
        };
        Self { dial: Box::new(dial), leased: Mutex::new(0), dead: AtomicBool::new(false) }
    }

    fn occupy(&self) -> Option<u32> {
        let mut leased = self.leased.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (0..PLACES).find(|place| *leased & (1 << place) == 0)?;
        *leased |= 1 << place;
        Some(place)
    }
}
