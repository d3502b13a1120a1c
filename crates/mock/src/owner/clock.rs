//! The platform's time, and the way back to its start.

use std::time::Duration;

use super::OwnerError;
use crate::clock::Moment;
use crate::platform::Platform;

/// The longest span that the clock is moved by at once: a hundred years.
const LONGEST_MOVE: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// What happens to the clock; in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockChange {
    /// Stops it where it is, or lets it run on.
    pub frozen: Option<bool>,
    /// Puts it at a later time.
    pub set: Option<Moment>,
    /// Moves it forward.
    pub advance: Option<Duration>,
}

impl ClockChange {
    /// Where the clock is to stand.
    ///
    /// # Errors
    /// If that is earlier than `now`, or too far away.
    pub(crate) fn target(&self, now: Moment) -> Result<Moment, OwnerError> {
        let set = match self.set {
            // The wire form has no fractions: the second that has begun is not over.
            Some(wanted) if wanted.seconds() < now.seconds() => {
                return Err(OwnerError::ClockGoesForward { now, wanted });
            }
            Some(wanted) => wanted.max(now),
            None => now,
        };
        let advance = self.advance.unwrap_or_default();
        if set.since(now) > LONGEST_MOVE || advance > LONGEST_MOVE {
            return Err(OwnerError::ClockMoveTooLong(LONGEST_MOVE));
        }
        Ok(set.plus(advance))
    }
}

impl Platform {
    /// The platform's time.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.core.now()
    }

    /// Whether the platform's time stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.core.is_frozen()
    }

    /// Moves the platform's time forward. Everything that becomes due fires before this returns.
    pub fn advance(&self, by: Duration) -> Moment {
        self.core.advance(by)
    }

    /// Puts the platform's time at a later moment, as if it had passed until then.
    ///
    /// # Errors
    /// [`OwnerError::ClockGoesForward`], [`OwnerError::ClockMoveTooLong`].
    pub fn set_clock(&self, to: Moment) -> Result<Moment, OwnerError> {
        self.core.change_clock(&ClockChange { set: Some(to), ..ClockChange::default() })
    }

    /// Stops the platform's time where it is, or lets it run on.
    pub fn freeze(&self, frozen: bool) {
        self.core.freeze(frozen);
    }

    /// Takes the platform back to its start: the same applications, products and ids (also without a
    /// seed), the clock as it was to begin with, no devices, no sessions, no ordered answers. Only the
    /// journal stays.
    pub fn reset(&self) {
        self.core.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_never_set_back_and_never_moved_too_far() {
        let now = Moment(1_500);
        let set = |at| ClockChange { set: Some(Moment(at)), ..ClockChange::default() }.target(now);
        assert_eq!(set(1_000), Ok(now), "the second that has begun");
        assert_eq!(set(9_000), Ok(Moment(9_000)));
        assert!(matches!(set(999), Err(OwnerError::ClockGoesForward { .. })));
        assert!(matches!(set(i64::MAX), Err(OwnerError::ClockMoveTooLong(_))));
        let both = ClockChange { set: Some(Moment(2_000)), advance: Some(Duration::from_secs(1)), frozen: None };
        assert_eq!(both.target(now), Ok(Moment(3_000)));
    }
}
