//! The target's throttle: a call that it turns away, and that no case wanted turned away, says
//! nothing about the target. It is repeated when the throttle's window is over; where that does not help,
//! the case is not judged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iotdm_spec::model::Operation;
use tokio::time::Instant;

use super::Runner;
use crate::case::Actor;
use crate::events::EntryKind;
use crate::steps::judge;
use crate::wire::http::{Answer, Request, Unanswered};
use crate::wire::transcript::Transcript;

/// What to do about a throttle that is too low.
pub(crate) const ADVICE: &str = "an application whose calls are not throttled, or hardly: raise the limit of the \
                                 target's applications for the run (a mock: `iotdm mock --throttle 0`)";
/// So often a call is repeated. A throttle lets the others through in the meantime, so that one turn may not do.
const TURNS: u32 = 3;
/// A `Retry-After` beyond this many windows is not waited for.
const LONGEST_PAUSE: u32 = 3;

/// How long a case has waited for the throttle; its patience with the target is longer by that.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waits(Arc<AtomicU64>);

impl Waits {
    /// All of it, also what is still being waited for.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn add(&self, pause: Duration) {
        self.0.fetch_add(milliseconds(pause), Ordering::Relaxed);
    }

    /// What the work comes to, if it ends in time; the throttle's time does not count.
    pub(crate) async fn within<T>(&self, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        let (began, before) = (Instant::now(), self.total());
        loop {
            let deadline = began + patience + self.total().saturating_sub(before);
            if let Ok(done) = tokio::time::timeout_at(deadline, &mut work).await {
                return Some(done);
            }
            if began + patience + self.total().saturating_sub(before) <= deadline {
                return None;
            }
        }
    }
}

/// What a run knows of the target's throttle.
#[derive(Debug)]
pub(crate) struct Throttle {
    window: Duration,
    /// Until when an application's calls had better not be made.
    closed: Mutex<HashMap<Actor, Instant>>,
    turned_away: AtomicUsize,
    lost: AtomicUsize,
    /// Waiting has not helped: nobody waits any more.
    hopeless: AtomicBool,
}

impl Throttle {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window,
            closed: Mutex::default(),
            turned_away: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            hopeless: AtomicBool::new(false),
        }
    }

    /// A case is not judged because of it.
    pub(crate) fn lost_a_case(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// What there is to say of it at the end of a run.
    pub(super) fn remark(&self) -> Option<String> {
        let turned_away = self.turned_away.load(Ordering::Relaxed);
        let lost = match self.lost.load(Ordering::Relaxed) {
            0 => "every one was repeated, and its case judged".to_owned(),
            1 => "one case is not judged because of that".to_owned(),
            lost => format!("{lost} cases are not judged because of that"),
        };
        (turned_away > 0).then(|| {
            format!(
                "The target's throttle turned away {turned_away} calls of cases that are not about it; {lost}. The run \
                 wants {ADVICE}."
            )
        })
    }

    /// Waits until the application's calls had better be made.
    async fn opened(&self, actor: Actor, waits: &Waits) {
        let until = self.closed.lock().unwrap_or_else(PoisonError::into_inner).get(&actor).copied();
        let pause = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        if !pause.is_zero() && !self.hopeless.load(Ordering::Relaxed) {
            waits.add(pause);
            tokio::time::sleep(pause).await;
        }
    }

    fn close(&self, actor: Actor, answer: &Answer) -> Duration {
        let pause = answer.retry_after.map_or(self.window, Duration::from_secs);
        let pause = pause.min(self.window * LONGEST_PAUSE);
        let until = Instant::now() + pause;
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = closed.entry(actor).or_insert(until);
        *known = until.max(*known);
        pause
    }
}

impl Runner {
    pub(crate) const fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Sends a call, and repeats it when the throttle turns it away; where that does not help, the
    /// throttle's answer is what comes back.
    pub(crate) async fn send_patiently(
        &self,
        op: &Operation,
        actor: Actor,
        request: &Request,
        transcript: &Transcript,
        waits: &Waits,
    ) -> Result<Answer, Unanswered> {
        let throttle = &self.throttle;
        let mut turns = 0;
        loop {
            throttle.opened(actor, waits).await;
            let answer = self.http.send(request, transcript).await?;
            if !judge::is_throttled(op, &answer) {
                return Ok(answer);
            }
            throttle.turned_away.fetch_add(1, Ordering::Relaxed);
            if turns == TURNS || throttle.hopeless.load(Ordering::Relaxed) {
                throttle.hopeless.store(true, Ordering::Relaxed);
                return Ok(answer);
            }
            turns += 1;
            let pause = throttle.close(actor, &answer);
            let text = format!("the target's throttle: the call is repeated after {} ms", milliseconds(pause));
            transcript.add(EntryKind::Note, &text);
        }
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_throttles_time_is_not_the_cases() {
        let (waits, moment) = (Waits::default(), Duration::from_millis(20));
        let inside = waits.clone();
        let work = async move {
            inside.add(moment * 5);
            tokio::time::sleep(moment * 5).await;
            7
        };
        assert_eq!(waits.within(moment, work).await, Some(7));
        assert_eq!(waits.within(moment, std::future::pending::<()>()).await, None);
    }
}
