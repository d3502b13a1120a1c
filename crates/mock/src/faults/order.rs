//! What can be ordered. [`Fault`] is the one list of faults: the control plane, the plan file and the
//! Rust API all read it.

use std::fmt;
use std::num::NonZeroU32;

use iotdm_spec::Op;
use iotdm_spec::model::ErrorRow;
use serde::{Deserialize, Serialize, Serializer};

use crate::mqtt::faults::Times;

/// The longest pause, in milliseconds.
const LONGEST: u64 = 600_000;
/// The most calls that a fault counts.
const MOST_CALLS: u32 = 100_000;

/// What goes wrong with a call that is struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RestFault {
    /// The answer is late. The call has its effect at once.
    Latency {
        /// By so many milliseconds.
        ms: u64,
    },
    /// The answer is late, each by another time.
    Jitter {
        /// By at least so many milliseconds.
        min_ms: u64,
        /// By at most so many.
        max_ms: u64,
    },
    /// The connection is reset (RST) instead of an answer. The call has its effect.
    ConnectionReset,
    /// The connection is closed in the middle of the answer's headers.
    CloseInHeaders,
    /// The connection is closed in the middle of the answer's body.
    CloseInBody,
    /// The JSON breaks off in the middle; the message around it is whole.
    TruncatedJson,
    /// The JSON has a fault of syntax; the message around it is whole.
    MalformedJson,
    /// `Content-Length` promises more than comes.
    ContentLengthTooLarge {
        /// For so many milliseconds the connection stays open, as if more were to come.
        #[serde(default = "ten_seconds")]
        hold_ms: u64,
    },
    /// `Content-Length` promises less than comes.
    ContentLengthTooSmall,
    /// The answer comes drop by drop.
    SlowDrip {
        /// So many bytes at a time.
        bytes: u32,
        /// So many milliseconds between them.
        ms: u64,
    },
    /// The answer comes with `Transfer-Encoding: chunked`, which is sound, and seldom seen from this
    /// platform.
    Chunked {
        /// So many bytes in a chunk.
        #[serde(default = "seven")]
        bytes: u32,
    },
    /// Members that the reference does not know stand in every object of the answer that it does know.
    ExtraMembers,
    /// Every member of the answer that may be left out is there and null.
    NullMembers,
    /// The answer has no `Content-Type`.
    NoContentType,
    /// A token or throttle error has the gateway's shape instead of the reference's.
    GatewayError,
    /// The call is refused for congestion.
    Congestion,
    /// Calls beyond a rate are refused, as by the platform's own throttle; the platform's clock counts.
    Throttle {
        /// So many calls are let through…
        calls: u32,
        /// …in so many seconds.
        seconds: u32,
    },
    /// An access token expires early.
    TokenDies {
        /// After so many calls.
        calls: u32,
    },
}

const fn ten_seconds() -> u64 {
    10_000
}

const fn seven() -> u32 {
    7
}

impl RestFault {
    /// Its name on the wire, such as `slow_drip`.
    #[must_use]
    pub fn name(&self) -> String {
        let form = serde_json::to_value(self).unwrap_or_default();
        form["fault"].as_str().unwrap_or_default().to_owned()
    }

    /// How often it strikes, unless that is said.
    pub(super) const fn usually(&self) -> Times {
        match self {
            Self::Throttle { .. } => Times::Always,
            _ => ONCE,
        }
    }

    /// Which member has a value that cannot be, and why.
    pub(crate) fn judge(&self) -> Result<(), (&'static str, String)> {
        let pause = |member, ms: u64| {
            if ms <= LONGEST { Ok(()) } else { Err((member, format!("at most {LONGEST} ms"))) }
        };
        let some = |member, n: u32| if n > 0 { Ok(()) } else { Err((member, "at least 1".to_owned())) };
        let count = |member, n: u32| {
            if n <= MOST_CALLS { Ok(()) } else { Err((member, format!("at most {MOST_CALLS}"))) }
        };
        match *self {
            Self::Latency { ms } => pause("ms", ms),
            Self::Jitter { min_ms, max_ms } if max_ms < min_ms => Err(("max_ms", "at least min_ms".to_owned())),
            Self::Jitter { max_ms, .. } => pause("max_ms", max_ms),
            Self::ContentLengthTooLarge { hold_ms } => pause("hold_ms", hold_ms),
            Self::SlowDrip { bytes, ms } => some("bytes", bytes).and_then(|()| pause("ms", ms)),
            Self::Chunked { bytes } => some("bytes", bytes),
            Self::Throttle { calls, seconds } => some("seconds", seconds).and_then(|()| count("calls", calls)),
            Self::TokenDies { calls } => count("calls", calls),
            _ => Ok(()),
        }
    }
}

/// Which operations an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Every one: `*`.
    Every,
    /// This one.
    One(Op),
}

impl From<Op> for Operations {
    fn from(op: Op) -> Self {
        Self::One(op)
    }
}

impl fmt::Display for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Every => "*",
            Self::One(op) => op.table().name,
        })
    }
}

impl Serialize for Operations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An order for answers from an error table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceOrder {
    pub(crate) op: Op,
    pub(crate) row: ErrorRow,
    pub(crate) times: Times,
    pub(crate) application: Option<String>,
}

impl ForceOrder {
    /// The next call of `op` is answered with `row`, whoever makes it.
    #[must_use]
    pub const fn new(op: Op, row: ErrorRow) -> Self {
        Self { op, row, times: ONCE, application: None }
    }

    /// The next so many calls; 0 is as good as [`ForceOrder::always`].
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = so_often(times);
        self
    }

    /// Every call, until the order is removed.
    #[must_use]
    pub const fn always(mut self) -> Self {
        self.times = Times::Always;
        self
    }

    /// Only calls of this application.
    #[must_use]
    pub fn application(mut self, id: impl Into<String>) -> Self {
        self.application = Some(id.into());
        self
    }

    pub(super) fn fits(&self, op: Op, application: Option<&str>) -> bool {
        self.op == op && is_meant(self.application.as_deref(), application)
    }
}

impl Serialize for ForceOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            operation: Operations,
            http_status: u16,
            code: &'a str,
            times: Times,
            application: Option<&'a str>,
        }
        let Self { op, row, times, application } = self;
        let (operation, application) = (Operations::One(*op), application.as_deref());
        Form { operation, http_status: row.http_status, code: row.code, times: *times, application }
            .serialize(serializer)
    }
}

/// An order for a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestFaultOrder {
    pub(crate) operation: Operations,
    #[serde(flatten)]
    pub(crate) fault: RestFault,
    pub(crate) times: Times,
    pub(crate) application: Option<String>,
}

impl RestFaultOrder {
    /// The fault strikes the next call that has what it breaks, whichever and whoever's it is.
    #[must_use]
    pub const fn new(fault: RestFault) -> Self {
        Self { operation: Operations::Every, times: fault.usually(), fault, application: None }
    }

    /// Only calls of this operation.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<Operations>) -> Self {
        self.operation = operation.into();
        self
    }

    /// The next so many calls; 0 is as good as [`RestFaultOrder::always`]. Unless that is said it is one,
    /// and a throttle stays until it is removed.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = so_often(times);
        self
    }

    /// Every call, until the order is removed.
    #[must_use]
    pub const fn always(mut self) -> Self {
        self.times = Times::Always;
        self
    }

    /// Only calls of this application.
    #[must_use]
    pub fn application(mut self, id: impl Into<String>) -> Self {
        self.application = Some(id.into());
        self
    }

    pub(super) fn fits(&self, op: Op, application: Option<&str>) -> bool {
        let operation = match self.operation {
            Operations::Every => true,
            Operations::One(one) => one == op,
        };
        operation && is_meant(self.application.as_deref(), application)
    }
}

/// Once.
pub(super) const ONCE: Times = Times::Limited(NonZeroU32::MIN);

fn so_often(times: u32) -> Times {
    NonZeroU32::new(times).map_or(Times::Always, Times::Limited)
}

fn is_meant(wanted: Option<&str>, caller: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| caller == Some(wanted))
}
