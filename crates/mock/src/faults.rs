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

/// What every kind of order has.
trait Limited {
    fn limit(&self) -> Times;
}

impl Limited for ForceOrder {
    fn limit(&self) -> Times {
        self.times
    }
}

impl Limited for RestFaultOrder {
    fn limit(&self) -> Times {
        self.times
    }
}

impl<T: Limited> Standing<T> {
    const fn new(id: u64, order: T) -> Self {
        Self { id, order, struck: 0 }
    }

    /// Notes a strike, and says whether it was the last.
    fn strike(&mut self) -> bool {
        self.struck = self.struck.saturating_add(1);
        matches!(self.order.limit(), Times::Limited(times) if self.struck >= times.get())
    }
}

/// What an order counts before it strikes.
#[derive(Debug, Clone, Default)]
struct Tally {
    /// When the calls that were let through came in.
    calls: VecDeque<Moment>,
    /// The token that is being worn out, and its calls.
    token: Option<(String, u32)>,
}

/// Orders of one kind: those that stand, and the latest of those that are carried out.
#[derive(Debug)]
struct Orders<T> {
    standing: Vec<(Standing<T>, Tally)>,
    over: VecDeque<Standing<T>>,
}

impl<T: Clone + Limited> Orders<T> {
    const fn none() -> Self {
        Self { standing: Vec::new(), over: VecDeque::new() }
    }

    fn list(&self) -> Vec<Standing<T>> {
        let mut all: Vec<_> = self.over.iter().chain(self.standing.iter().map(|(order, _)| order)).cloned().collect();
        all.sort_by_key(|order| order.id);
        all
    }

    fn remove(&mut self, id: u64) -> bool {
        let before = (self.standing.len(), self.over.len());
        self.standing.retain(|(order, _)| order.id != id);
        self.over.retain(|order| order.id != id);
        before != (self.standing.len(), self.over.len())
    }

    /// Forgets everything, and says how many orders still stood.
    fn clear(&mut self) -> usize {
        self.over.clear();
        std::mem::take(&mut self.standing).len()
    }

    /// Notes a strike of the order at this place, and says whether it is carried out now and gone.
    fn strike(&mut self, at: usize) -> bool {
        if !self.standing.get_mut(at).is_some_and(|(order, _)| order.strike()) {
            return false;
        }
        let (order, _) = self.standing.remove(at);
        self.over.truncate(REMEMBERED - 1);
        self.over.push_front(order);
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
        self.faults.standing.is_empty() && self.forced.standing.is_empty()
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Takes an order for answers; none if too many stand already.
    pub(crate) fn add_forced(&mut self, order: ForceOrder) -> Option<u64> {
        if self.forced.standing.len() >= MOST_ORDERS {
            return None;
        }
        let id = self.next_id();
        self.forced.standing.push((Standing::new(id, order), Tally::default()));
        Some(id)
    }

    /// Takes an order for a fault; none if too many stand already.
    pub(crate) fn add_fault(&mut self, order: RestFaultOrder) -> Option<u64> {
        if self.faults.standing.len() >= MOST_ORDERS {
            return None;
        }
        let id = self.next_id();
        self.faults.standing.push((Standing::new(id, order), Tally::default()));
        Some(id)
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
        self.forced.standing.retain(|(order, _)| order.order.application.as_deref() != Some(id));
        self.faults.standing.retain(|(order, _)| order.order.application.as_deref() != Some(id));
    }

    /// The row that is ordered for this call, if any; an older order goes first.
    pub(crate) fn ordered(&mut self, op: Op, application: Option<&str>) -> Option<ErrorRow> {
        let at = self.forced.standing.iter().position(|(order, _)| order.order.fits(op, application))?;
        let row = self.forced.standing[at].0.order.row;
        self.forced.strike(at);
        Some(row)
    }

    /// The row with which a call is turned away before anything else is looked at: congestion, or one
    /// call too many. Says which order did it.
    pub(crate) fn turned_away(&mut self, op: Op, application: Option<&str>, now: Moment) -> Option<(ErrorRow, String)> {
        let table = op.table();
        let turns_away = |(order, tally): &mut (Standing<RestFaultOrder>, Tally)| {
            if !order.order.fits(op, application) {
                return None;
            }
            match order.order.fault {
                RestFault::Congestion => Some(universal::congested(table)),
                RestFault::Throttle { calls, seconds } if table.is_protected() => {
                    let window = Duration::from_secs(seconds.into());
                    (!tally.admits(now, calls, window)).then(|| universal::throttled(table))
                }
                _ => None,
            }
        };
        let (at, row) =
            self.faults.standing.iter_mut().enumerate().find_map(|(at, one)| Some((at, turns_away(one)?)))?;
        let said = strike::said(&self.faults.standing[at].0);
        self.faults.strike(at);
        Some((row, said))
    }

    /// Whether a token that is otherwise good dies with this call: its calls are used up.
    pub(crate) fn token_dies(&mut self, op: Op, application: &str, token: &str) -> Option<String> {
        let dies = |(order, tally): &mut (Standing<RestFaultOrder>, Tally)| match order.order.fault {
            RestFault::TokenDies { calls } => order.order.fits(op, Some(application)) && !tally.wears_out(token, calls),
            _ => false,
        };
        let at = self.faults.standing.iter_mut().position(dies)?;
        let said = strike::said(&self.faults.standing[at].0);
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
