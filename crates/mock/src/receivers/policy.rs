//! How often a push is tried, and how much may wait.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::clock::Moment;

/// A failed push is cached for so long, from its first failure.
pub(super) const CACHED: Duration = Duration::from_secs(600);
/// So many failures in a row make a URL invalid.
pub(super) const INVALID_AFTER: u32 = 10;
/// An invalid URL is probed so often. The vendor doesn't say.
pub(super) const PROBED_EVERY: Duration = Duration::from_secs(60);
/// The first wait of a cached push; each further one is twice as long. The vendor doesn't say.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Statuses of a gateway that has lost what is behind it, and of a server that is going away: they
/// are failures as good as silence.
const LOST: std::ops::RangeInclusive<u16> = 501..=504;

/// Whether a push that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PushRetries {
    /// One POST, whatever comes of it.
    #[default]
    None,
    /// As the vendor's FAQ has it. No answer within 15 s, or one of 501 to 504, is a failure. The
    /// push is then cached for 10 minutes of the platform's time, and tried again 10, 30, 70, 150,
    /// 310 and 600 seconds after its first failure if every answer comes at once. Ten failures in a
    /// row make the URL invalid: then every minute the oldest push is tried as a probe, the others
    /// are cached for 10 minutes each, and any other answer makes the URL valid again. Where nothing
    /// is cached, the next push is the probe.
    Faq,
}

impl PushRetries {
    /// The name that the command line and the control plane use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Faq => "faq",
        }
    }

    /// Whether a push that ended so is tried again.
    pub(super) fn repeats(self, outcome: &Outcome) -> bool {
        self == Self::Faq && outcome.is_failure()
    }
}

impl fmt::Display for PushRetries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PushRetries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::None, Self::Faq]
            .into_iter()
            .find(|profile| profile.name() == text)
            .ok_or_else(|| format!("no retry profile is called {text:?}; there are none and faq"))
    }
}

impl Outcome {
    /// Whether the receiver failed. Any other answer, even a refusal, comes from one that lives.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Answered(status) => LOST.contains(status),
            Self::Silent(_) => true,
            Self::NotSent(_) => false,
        }
    }
}

/// When a push that failed for the `count`th time is tried again; none when its time in the cache,
/// which ends at `until`, is over. The last attempt is made at that very end.
pub(super) fn next_attempt(count: u32, now: Moment, until: Moment) -> Option<Moment> {
    let wait = FIRST_WAIT.saturating_mul(1 << count.saturating_sub(1).min(16));
    (now < until).then(|| now.plus(wait).min(until))
}

/// How much of pushes may wait; what comes on top is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushLimits {
    /// The most receivers that are known at a time; one that has nothing waiting makes room.
    pub receivers: usize,
    /// The most pushes that wait for one receiver.
    pub waiting: usize,
    /// The most bytes that wait for one receiver, about.
    pub bytes: usize,
    /// The most bytes that wait for all of them, about. Each may have [`PushLimits::RESERVE`] all the
    /// same, so that the dead can't use up what the living need.
    pub total_bytes: usize,
    /// The most pushes in flight to one receiver, all about different devices. One that has not
    /// answered last time gets one at a time.
    pub in_flight: usize,
    /// The most pushes in flight to all of them. Those that have not answered within a second last
    /// time share half of it, so that they can't hold up the others.
    pub total_in_flight: usize,
}

impl PushLimits {
    /// Bytes that a receiver may have waiting whatever waits for others.
    pub const RESERVE: usize = 8 << 10;
}

impl Default for PushLimits {
    fn default() -> Self {
        Self {
            receivers: 16_384,
            waiting: 50_000,
            bytes: 64 << 20,
            total_bytes: 256 << 20,
            in_flight: 16,
            total_in_flight: 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_tried_again_at_growing_intervals_until_its_ten_minutes_are_over() {
        let until = Moment(0).plus(CACHED);
        let mut at = Moment(0);
        let mut seconds = Vec::new();
        for count in 1.. {
            let Some(next) = next_attempt(count, at, until) else { break };
            at = next;
            seconds.push(at.seconds());
        }
        assert_eq!(seconds, [10, 30, 70, 150, 310, 600]);
    }

    #[test]
    fn only_silence_and_a_lost_server_are_failures() {
        let failures: Vec<u16> = (100..600).filter(|status| Outcome::Answered(*status).is_failure()).collect();
        assert_eq!(failures, [501, 502, 503, 504]);
        assert!(Outcome::Silent(String::new()).is_failure() && !Outcome::NotSent(String::new()).is_failure());
        assert_eq!("faq".parse(), Ok(PushRetries::Faq));
        assert!("often".parse::<PushRetries>().unwrap_err().contains("none and faq"));
    }
}
