//! How a case ends, and everything a person needs to act on an end that is not a pass.

use std::fmt;

use iotdm_spec::model::Strength;
use iotdm_spec::requirement::{self, Requirement};
use serde::Serialize;

use crate::events::Entry;

/// How one case ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase", tag = "verdict")]
pub enum Verdict {
    /// The party under test keeps what the case verifies.
    Pass,
    /// It keeps every *must*, but not a *should*, or a point on which only a ruling stands.
    Warn {
        /// What was found, one finding each; never empty.
        findings: Vec<Failure>,
    },
    /// It breaks a *must*.
    Fail {
        /// What was found.
        failure: Box<Failure>,
    },
    /// The case does not apply to this target, or to what the target offers.
    NotApplicable {
        /// Why, in one sentence.
        reason: String,
    },
    /// Only for parties that are observed: nothing that was shown concerns this requirement.
    NotSeen {
        /// What would have to be shown, in one sentence.
        reason: String,
    },
    /// It fails, and the list of known failures says that it does.
    KnownFailure {
        /// The list's reason.
        reason: String,
        /// What was found all the same.
        failure: Box<Failure>,
    },
    /// It passes although the list of known failures says that it fails: the list is out of date.
    /// This fails the run.
    UnexpectedPass {
        /// The list's reason.
        reason: String,
    },
    /// The fault is the suite's or the environment's; it is never blamed on the target.
    HarnessError {
        /// What was found.
        failure: Box<Failure>,
    },
}

impl Verdict {
    /// The verdict's one-word name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn { .. } => "warn",
            Self::Fail { .. } => "fail",
            Self::NotApplicable { .. } => "not applicable",
            Self::NotSeen { .. } => "not seen",
            Self::KnownFailure { .. } => "known failure",
            Self::UnexpectedPass { .. } => "unexpected pass",
            Self::HarnessError { .. } => "harness error",
        }
    }

    /// Whether it makes the run end as "the target failed".
    #[must_use]
    pub const fn fails_the_run(&self) -> bool {
        matches!(self, Self::Fail { .. } | Self::UnexpectedPass { .. })
    }

    /// Whether the case was executed to some judgement (and not skipped).
    #[must_use]
    pub const fn was_executed(&self) -> bool {
        !matches!(self, Self::NotApplicable { .. } | Self::NotSeen { .. })
    }

    /// Everything that was found, in order.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        match self {
            Self::Warn { findings } => findings,
            Self::Fail { failure } | Self::KnownFailure { failure, .. } | Self::HarnessError { failure } => {
                std::slice::from_ref(failure)
            }
            _ => &[],
        }
    }

    /// The reason of a verdict that has one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotApplicable { reason }
            | Self::NotSeen { reason }
            | Self::KnownFailure { reason, .. }
            | Self::UnexpectedPass { reason } => Some(reason),
            _ => None,
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What happened, in one line without a full stop: `the answer's status is not that of a success`.
    pub headline: String,
    /// What should have come; may have several lines.
    pub expected: String,
    /// What came; may have several lines.
    pub actual: String,
    /// The step that found it.
    pub place: Option<Place>,
    /// The requirements that the case verifies, in words.
    pub requirements: Vec<Cited>,
    /// Everything that was sent and received since the case started, secrets redacted.
    pub transcript: Vec<Entry>,
    /// The command that reruns just this case.
    pub rerun: String,
}

impl Failure {
    /// A finding; the runner fills in place, requirements, transcript and command.
    #[must_use]
    pub fn new(headline: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            expected: expected.into(),
            actual: actual.into(),
            place: None,
            requirements: Vec::new(),
            transcript: Vec::new(),
            rerun: String::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}; expected {}; got {}", self.headline, self.expected, self.actual)
    }
}

/// A place in a case file (or another YAML file that a person wrote).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The path, as a person would open it: `spec-cases/devices/register_by_password.yaml`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The text of that line.
    pub source: String,
    /// How many characters the caret underlines; at least 1.
    pub width: u32,
}

impl Place {
    /// Three lines: the path with line and column, the source line, and the caret under it.
    #[must_use]
    pub fn snippet(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let indent: String = self
            .source
            .chars()
            .take(self.column.saturating_sub(1) as usize)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let carets = "^".repeat(self.width.max(1) as usize);
        format!(
            "{margin}--> {}:{}:{}\n{number} | {}\n{margin} | {indent}{carets}",
            self.file, self.line, self.column, self.source
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A requirement as a report quotes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cited {
    /// The id, such as `1.5.2/rule/secret-echo`.
    pub id: String,
    /// What it says, in one English sentence.
    pub text: String,
    /// The line of the reference that says it.
    pub line: u32,
    /// `must`, `should` or `may`.
    pub strength: &'static str,
}

impl Cited {
    /// The requirement with this id; `None` if the contract has none.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        requirement::find(id).map(Self::of)
    }

    /// The requirement as a report quotes it.
    #[must_use]
    pub fn of(requirement: &Requirement) -> Self {
        Self {
            id: requirement.id.clone(),
            text: requirement.text.clone(),
            line: requirement.line,
            strength: requirement.strength.as_str(),
        }
    }
}

/// How seriously a broken expectation of a case is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Failure.
    Must,
    /// Warning.
    Should,
}

impl Severity {
    /// The severity of a case that verifies requirements of these strengths: that of the strongest.
    #[must_use]
    pub fn of(strengths: impl IntoIterator<Item = Strength>) -> Self {
        if strengths.into_iter().any(|s| s == Strength::Must) { Self::Must } else { Self::Should }
    }
}

/// How a run ends, and the exit code of the process that ran it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Exit {
    /// At least one case was executed and none failed: 0.
    Passed,
    /// The target failed a case, or passed one that is listed as a known failure: 1.
    TargetFailed,
    /// Usage, a case file, a target file or a list of known failures is wrong: 2.
    BadInput,
    /// The environment or the suite itself is at fault: 3.
    Environment,
    /// No case was executed: 4.
    NothingRan,
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => EXIT_PASSED,
            Self::TargetFailed => EXIT_TARGET_FAILED,
            Self::BadInput => EXIT_BAD_INPUT,
            Self::Environment => EXIT_ENVIRONMENT,
            Self::NothingRan => EXIT_NOTHING_RAN,
        }
    }
}

/// Everything that was executed passed (warnings and known failures included).
pub const EXIT_PASSED: u8 = 0;
/// The target failed at least one case, or passed one that is listed as a known failure.
pub const EXIT_TARGET_FAILED: u8 = 1;
/// The usage, a case file, a target file or a list of known failures is wrong.
pub const EXIT_BAD_INPUT: u8 = 2;
/// The environment or the suite itself is at fault; nothing is said about the target.
pub const EXIT_ENVIRONMENT: u8 = 3;
/// No case was executed.
pub const EXIT_NOTHING_RAN: u8 = 4;
