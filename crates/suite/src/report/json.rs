//! The report for a program: one JSON object, described by the structures of this module.
//!
//! Within one `schema` number members are only ever added; whoever reads must ignore members that
//! it does not know. A member that may be `null` is always written.

mod convert;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::record::Record;

/// The number of the format that this module writes.
pub const SCHEMA: u32 = 1;

/// A whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The number of the format: 1.
    pub schema: u32,
    /// Who was judged: `platform`, `device` or `application`; null if the run never started.
    pub under_test: Option<String>,
    /// Where it is; null if the run never started.
    pub target: Option<Target>,
    /// The counts and the end; null if the run was cut off.
    pub summary: Option<Summary>,
    /// What whoever reads the end of the run must know, in whole sentences.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Every selected case, in the order of the run; those that it never came to are the last.
    pub cases: Vec<Case>,
}

/// The target, without any secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The target file's path, or `embedded mock`.
    pub name: String,
    /// The base URL of its REST interface; empty where there is none.
    pub base_url: String,
    /// Host and port of its MQTTS interface.
    pub mqtt: Option<String>,
    /// The application under whose name the cases acted.
    pub application: String,
    /// What it offers.
    pub capabilities: Vec<String>,
}

/// The counts and the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// `passed`, `target_failed`, `bad_input`, `environment` or `nothing_ran`.
    pub exit: String,
    /// The exit code of the process.
    pub exit_code: u8,
    /// Why nothing could be run at all, if so.
    pub aborted: Option<String>,
    /// How many cases were selected.
    pub selected: usize,
    /// How many have the verdict `pass`.
    pub passed: usize,
    /// `warn`.
    pub warned: usize,
    /// `fail`.
    pub failed: usize,
    /// `not_applicable`.
    pub not_applicable: usize,
    /// `not_seen`.
    pub not_seen: usize,
    /// `known_failure`.
    pub known_failures: usize,
    /// `unexpected_pass`.
    pub unexpected_passes: usize,
    /// `harness_error`.
    pub harness_errors: usize,
    /// `not_run`: the run ended before them.
    pub not_run: usize,
    /// How many different requirements the executed cases verified.
    pub requirements_verified: usize,
    /// How many different requirements the selected cases cite.
    pub requirements_cited: usize,
    /// How long the run took.
    pub duration_ms: u64,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The id: what `--case` takes.
    pub id: String,
    /// The clause, such as `1.5.2`.
    pub clause: String,
    /// The clause's title.
    pub clause_title: String,
    /// The chapter, by the name of its folder.
    pub chapter: String,
    /// What the party under test does, such as `echoes a given secret`.
    pub name: String,
    /// Whether it was derived from the contract's tables.
    pub derived: bool,
    /// The file that it is written in (for a derived case: its baseline).
    pub file: Option<String>,
    /// The line there.
    pub line: Option<u32>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why, one sentence each: headlines of findings, the reason of what was not executed, the
    /// reason in the list of known failures. Empty for a pass.
    pub reasons: Vec<String>,
    /// The ids of the requirements that it verifies.
    pub requirements: Vec<String>,
    /// The ruling that its reading rests on.
    pub ruling: Option<String>,
    /// How long it took; null if it did not run.
    pub duration_ms: Option<u64>,
    /// What broke it: `fail`, `known_failure` and `harness_error`.
    pub failure: Option<Finding>,
    /// What a `warn` found; otherwise empty.
    pub warnings: Vec<Finding>,
    /// What was sent and received, without secrets: of cases with a `failure`, otherwise empty.
    pub transcript: Vec<Entry>,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The party under test keeps what the case verifies.
    Pass,
    /// It keeps every *must*, but not a *should* or a ruling.
    Warn,
    /// It breaks a *must*.
    Fail,
    /// The case does not apply to this target.
    NotApplicable,
    /// Nothing that was shown concerns the case.
    NotSeen,
    /// It fails, as the list of known failures says.
    KnownFailure,
    /// It passes, although the list of known failures says that it fails; this fails the run.
    UnexpectedPass,
    /// The suite's or the environment's fault.
    HarnessError,
    /// The run ended before it.
    NotRun,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What happened, in one line.
    pub headline: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The step that found it.
    pub place: Option<Place>,
    /// The requirements that the case verifies, in words.
    pub requirements: Vec<Requirement>,
    /// The command that reruns just this case.
    pub rerun: String,
}

/// A place in a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The path.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The text of that line.
    pub source: String,
}

/// A requirement of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The id, such as `1.5.2/rule/secret-echo`.
    pub id: String,
    /// What it says.
    pub text: String,
    /// The line of the reference.
    pub line: u32,
    /// `must`, `should` or `may`.
    pub strength: String,
}

/// One entry of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the case started.
    pub at_ms: u64,
    /// `http-request`, `http-answer`, `mqtt-out`, `mqtt-in`, `callback-in`, `callback-out`, `note`.
    pub kind: String,
    /// The text, possibly of several lines.
    pub text: String,
}

/// Writes the report, indented, with a line feed at the end.
///
/// # Errors
/// If it cannot be written.
pub fn write(record: &Record, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Report::of(record))?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests;
