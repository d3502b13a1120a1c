//! Faults by order: answers from the error tables, and everything else that can go wrong between a
//! platform and its client. Here stands which call is struck and what becomes of its answer; the part
//! that bends the wire itself is the shell's.

mod order;
mod read;
mod strike;

use std::collections::VecDeque;
use std::time::Duration;

use iotdm_spec::Op;
use iotdm_spec::model::ErrorRow;
use iotdm_spec::universal;
use serde::Serialize;

use crate::clock::Moment;
use crate::mint::Mint;
use crate::mqtt::faults::Times;

pub use order::{ForceOrder, Operations, RestFault, RestFaultOrder};
pub(crate) use read::{Wrong, did_you_mean};
pub(crate) use strike::{Delivery, gateway_body};

/// The most orders of each kind that stand at a time.
pub(crate) const MOST_ORDERS: usize = 10_000;
/// How many orders that are carried out are remembered for the lists.
const REMEMBERED: usize = 100;

/// An order and how far it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing<T> {
    /// The order's number, to remove it by.
    pub id: u64,
    /// What was ordered.
    #[serde(flatten)]
    pub order: T,
    /// How often it struck.
    pub struck: u32,
}

/// What an order counts before it strikes.
#[derive(Debug, Clone, Default)]
struct Tally {
    /// When the calls that were let through came in.
    calls: VecDeque<Moment>,
    /// The token that is being worn out, and its calls.
    token: Option<(String, u32)>,
}

/// An order that stands.
#[derive(Debug)]
struct Kept<T> {
    standing: Standing<T>,
    limit: Times,
    tally: Tally,
}

/// Orders of one kind: those that stand, and the latest of those that are carried out.
#[derive(Debug)]
struct Orders<T> {
    kept: Vec<Kept<T>>,
    over: VecDeque<Standing<T>>,
}

impl<T: Clone> Orders<T> {
    const fn none() -> Self {
        Self { kept: Vec::new(), over: VecDeque::new() }
    }

    const fn is_full(&self) -> bool {
        self.kept.len() >= MOST_ORDERS
    }

    fn add(&mut self, id: u64, order: T, limit: Times) -> Standing<T> {
        let standing = Standing { id, order, struck: 0 };
        self.kept.push(Kept { standing: standing.clone(), limit, tally: Tally::default() });
        standing
    }

    fn list(&self) -> Vec<Standing<T>> {
        let mut all: Vec<_> = self.over.iter().chain(self.kept.iter().map(|kept| &kept.standing)).cloned().collect();
        all.sort_by_key(|order| order.id);
        all
    }

    fn remove(&mut self, id: u64) -> bool {
        let before = (self.kept.len(), self.over.len());
        self.kept.retain(|kept| kept.standing.id != id);
        self.over.retain(|order| order.id != id);
        before != (self.kept.len(), self.over.len())
    }

    /// Forgets everything, and says how many orders still stood.
    fn clear(&mut self) -> usize {
        self.over.clear();
        std::mem::take(&mut self.kept).len()
    }

    /// Notes a strike of the order at this place, and says whether it is carried out now and gone.
    fn strike(&mut self, at: usize) -> bool {
        let Some(kept) = self.kept.get_mut(at) else { return false };
        kept.standing.struck = kept.standing.struck.saturating_add(1);
        if !matches!(kept.limit, Times::Limited(times) if kept.standing.struck >= times.get()) {
            return false;
        }
        let kept = self.kept.remove(at);
        self.over.truncate(REMEMBERED - 1);
        self.over.push_front(kept.standing);
        true
    }
}

/// Everything that is ordered to go wrong on a platform.
#[derive(Debug)]
pub(crate) struct Faults {
    forced: Orders<ForceOrder>,
    faults: Orders<RestFaultOrder>,
    last_id: u64,
    /// Where what is left to chance comes from; the platform's ids don't depend on it.
    dice: Mint,
    /// Whether every token and throttle error has the gateway's shape.
    pub(crate) gateway_errors: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(Mint::seeded(0))
    }
}

impl Faults {
    pub(crate) const fn new(dice: Mint) -> Self {
        Self { forced: Orders::none(), faults: Orders::none(), last_id: 0, dice, gateway_errors: false }
    }

    /// Whether nothing is ordered: nearly always.
    pub(crate) fn is_empty(&self) -> bool {
        self.faults.kept.is_empty() && self.forced.kept.is_empty()
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Takes an order for answers; none if too many stand already.
    pub(crate) fn add_forced(&mut self, order: ForceOrder) -> Option<Standing<ForceOrder>> {
        let limit = order.times;
        (!self.forced.is_full()).then(|| self.next_id()).map(|id| self.forced.add(id, order, limit))
    }

    /// Takes an order for a fault; none if too many stand already.
    pub(crate) fn add_fault(&mut self, order: RestFaultOrder) -> Option<Standing<RestFaultOrder>> {
        let limit = order.times;
        (!self.faults.is_full()).then(|| self.next_id()).map(|id| self.faults.add(id, order, limit))
    }

    pub(crate) fn forced(&self) -> Vec<Standing<ForceOrder>> {
        self.forced.list()
    }

    pub(crate) fn faults(&self) -> Vec<Standing<RestFaultOrder>> {
        self.faults.list()
    }

    pub(crate) fn remove_forced(&mut self, id: u64) -> bool {
        self.forced.remove(id)
    }

    pub(crate) fn remove_fault(&mut self, id: u64) -> bool {
        self.faults.remove(id)
    }

    pub(crate) fn clear_forced(&mut self) -> usize {
        self.forced.clear()
    }

    pub(crate) fn clear_faults(&mut self) -> usize {
        self.faults.clear()
    }

    /// Forgets what was ordered for an application that is gone.
    pub(crate) fn application_removed(&mut self, id: &str) {
        self.forced.kept.retain(|kept| kept.standing.order.application.as_deref() != Some(id));
        self.faults.kept.retain(|kept| kept.standing.order.application.as_deref() != Some(id));
    }

    /// The row that is ordered for this call, if any; an older order goes first.
    pub(crate) fn ordered(&mut self, op: Op, application: Option<&str>) -> Option<ErrorRow> {
        let at = self.forced.kept.iter().position(|kept| kept.standing.order.fits(op, application))?;
        let row = self.forced.kept[at].standing.order.row;
        self.forced.strike(at);
        Some(row)
    }

    /// The row with which a call is turned away before anything else is looked at: congestion, or one
    /// call too many. Says which order did it.
    pub(crate) fn turned_away(&mut self, op: Op, application: Option<&str>, now: Moment) -> Option<(ErrorRow, String)> {
        let table = op.table();
        let turns_away = |Kept { standing, tally, .. }: &mut Kept<RestFaultOrder>| {
            if !standing.order.fits(op, application) {
                return None;
            }
            match standing.order.fault {
                RestFault::Congestion => Some(universal::congested(table)),
                RestFault::Throttle { calls, seconds } if table.is_protected() => {
                    let window = Duration::from_secs(seconds.into());
                    (!tally.admits(now, calls, window)).then(|| universal::throttled(table))
                }
                _ => None,
            }
        };
        let (at, row) = self.faults.kept.iter_mut().enumerate().find_map(|(at, kept)| Some((at, turns_away(kept)?)))?;
        let said = strike::said(&self.faults.kept[at].standing);
        self.faults.strike(at);
        Some((row, said))
    }

    /// Whether a token that is otherwise good dies with this call, its calls being used up; then, which
    /// order did it.
    pub(crate) fn token_dies(&mut self, op: Op, application: &str, token: &str) -> Option<String> {
        let dies = |Kept { standing, tally, .. }: &mut Kept<RestFaultOrder>| match standing.order.fault {
            RestFault::TokenDies { calls } => {
                standing.order.fits(op, Some(application)) && !tally.wears_out(token, calls)
            }
            _ => false,
        };
        let at = self.faults.kept.iter_mut().position(dies)?;
        let said = strike::said(&self.faults.kept[at].standing);
        self.faults.strike(at);
        Some(said)
    }
}

impl Tally {
    /// Counts a call, or says that it is one too many. Refused calls do not count, as with the
    /// platform's own throttle.
    fn admits(&mut self, now: Moment, most: u32, window: Duration) -> bool {
        while self.calls.front().is_some_and(|first| now.since(*first) >= window) {
            self.calls.pop_front();
        }
        let admitted = self.calls.len() < most as usize;
        if admitted {
            self.calls.push_back(now);
        }
        admitted
    }

    /// Counts a call with this token, or says that it was good for no more.
    fn wears_out(&mut self, token: &str, calls: u32) -> bool {
        match &mut self.token {
            Some((known, made)) if known == token => {
                *made += 1;
                *made <= calls
            }
            other => {
                *other = Some((token.to_owned(), 1));
                calls > 0
            }
        }
    }
}
