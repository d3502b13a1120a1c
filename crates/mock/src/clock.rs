//! The platform's time: one clock that every rule reads, and that its owner can move.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment of the platform's time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// It serialises as that number, so that a dumped world loses nothing; its text is the wire form.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(description = "A moment of the platform's time: milliseconds since 1970-01-01T00:00:00Z.")]
pub struct Moment(pub i64);

impl Moment {
    /// This moment and `span` later; saturates at the end of time.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time since `earlier`; zero if that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    fn civil(self) -> jiff::civil::DateTime {
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        jiff::tz::TimeZone::UTC.to_datetime(timestamp)
    }

    /// With milliseconds, as tools that read captures want it: `yyyy-MM-ddTHH:mm:ss.SSS`.
    pub(crate) fn to_the_millisecond(self) -> String {
        format!("{}.{:03}", self.civil().strftime("%Y-%m-%dT%H:%M:%S"), self.0.rem_euclid(1000))
    }

    /// As the `Date` header of HTTP has it.
    pub(crate) fn http_date(self) -> String {
        self.civil().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// The day, in the form in which version packages tell it: `yyyy-MM-dd`.
    #[must_use]
    pub fn date(self) -> String {
        self.civil().strftime("%Y-%m-%d").to_string()
    }

    /// The hour, in the form that the device interface uses: `yyyyMMddHH` (2.2).
    #[must_use]
    pub fn hour(self) -> String {
        self.civil().strftime("%Y%m%d%H").to_string()
    }

    /// Reads the hour form back, as the moment at which the hour begins.
    #[must_use]
    pub fn parse_hour(text: &str) -> Option<Self> {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        format!("{}T{}0000Z", &text[..8], &text[8..]).parse().ok()
    }
}

/// The wire form `yyyyMMdd'T'HHmmss'Z'`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every row of every list has one or two, so no format is interpreted for them.
        let at = self.civil();
        let small = |part: i8| u16::from(part.unsigned_abs());
        let year = at.year().unsigned_abs();
        let (date, time) = ([at.month(), at.day()].map(small), [at.hour(), at.minute(), at.second()].map(small));
        let parts = [year / 100, year % 100].into_iter().chain(date).chain(time);
        let mut text = *b"yyyyMMddTHHmmssZ";
        for (place, part) in [0, 2, 4, 6, 9, 11, 13].into_iter().zip(parts) {
            let [tens, ones] = [part / 10, part % 10].map(|digit| b'0' + u8::try_from(digit).unwrap_or_default());
            (text[place], text[place + 1]) = (tens, ones);
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |_| format!("`{text}` is not a time of the form yyyyMMddTHHmmssZ");
        let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).map_err(bad)?;
        let late = |_| format!("`{text}` is later than any time that is counted here (99991230T220000Z)");
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).map_err(late)?;
        Ok(Self(zoned.timestamp().as_millisecond()))
    }
}

/// How the clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pace {
    /// With the system's clock, so many milliseconds ahead of it (or behind).
    Running {
        /// Milliseconds that the owner has added.
        ahead: i64,
    },
    /// It stands until its owner moves it.
    Frozen {
        /// Where it stands.
        at: Moment,
    },
}

/// The source of the platform's time. Only the shells read it; handlers see [`crate::world::World::now`].
#[derive(Debug)]
pub(crate) struct Clock {
    pace: Pace,
    start: Pace,
}

impl Clock {
    pub(crate) const fn running() -> Self {
        Self::starting(Pace::Running { ahead: 0 })
    }

    pub(crate) const fn frozen(at: Moment) -> Self {
        Self::starting(Pace::Frozen { at })
    }

    /// A clock that begins at this pace.
    pub(crate) const fn starting(start: Pace) -> Self {
        Self { pace: start, start }
    }

    /// Runs or stands as it did to begin with.
    pub(crate) const fn reset(&mut self) {
        self.pace = self.start;
    }

    pub(crate) fn now(&self) -> Moment {
        match self.pace {
            Pace::Running { ahead } => Moment(system_millis().saturating_add(ahead)),
            Pace::Frozen { at } => at,
        }
    }

    /// A running clock that is at `at` now.
    pub(crate) fn running_from(at: Moment) -> Self {
        let mut clock = Self::running();
        clock.set(at);
        Self::starting(clock.pace)
    }

    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    /// The time that it would be had nobody moved it.
    pub(crate) fn started(&self) -> Moment {
        Self::starting(self.start).now()
    }

    pub(crate) const fn is_frozen(&self) -> bool {
        matches!(self.pace, Pace::Frozen { .. })
    }

    /// Puts the clock at `at`; its pace stays what it is.
    pub(crate) fn set(&mut self, at: Moment) {
        self.pace = match self.pace {
            Pace::Running { .. } => Pace::Running { ahead: at.0.saturating_sub(system_millis()) },
            Pace::Frozen { .. } => Pace::Frozen { at },
        };
    }

    /// Stops the clock where it is, or lets it run on from there.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        let now = self.now();
        self.pace = if frozen {
            Pace::Frozen { at: now }
        } else {
            Pace::Running { ahead: now.0.saturating_sub(system_millis()) }
        };
    }
}

fn system_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_goes_there_and_back() {
        let moment: Moment = "20200214T080910Z".parse().unwrap();
        assert_eq!(moment.to_string(), "20200214T080910Z");
        assert_eq!(moment.hour(), "2020021408");
        assert_eq!(Moment::parse_hour("2020021408").unwrap().to_string(), "20200214T080000Z");
        assert_eq!(Moment::parse_hour("2020021499"), None);
        assert!("20200230T000000Z".parse::<Moment>().is_err());
        for text in ["19700101T000000Z", "20000229T235959Z", "99991230T215959Z", "00010101T000001Z"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
        // Half a second before 1970.
        assert_eq!(Moment(-500).to_string(), "19691231T235959Z");
    }

    #[test]
    fn a_frozen_clock_moves_only_by_hand() {
        let mut clock = Clock::frozen(Moment(5));
        assert_eq!(clock.now(), Moment(5));
        clock.set(Moment(9));
        assert_eq!(clock.now(), Moment(9));
        clock.freeze(false);
        assert!(clock.now() >= Moment(9) && !clock.is_frozen());
    }
}
