//! What a run tells while it goes on: the only thing that reports see.
//!
//! The order is: one [`Event::RunStarted`]; then for every case one [`Event::CaseStarted`] and one
//! [`Event::CaseFinished`]; then as many [`Event::Remark`] as there is to remark; then one [`Event::RunFinished`]. Cases run at the same time, so the
//! `CaseStarted` of several may come before the first `CaseFinished`; but the `CaseFinished` events
//! come in the order of [`RunStarted::cases`], whatever finishes first.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::model::{Chapter, Party};
use serde::{Serialize, Serializer};

use crate::verdict::{Cited, Exit, Place, Verdict};

/// Something that happened in a run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum Event {
    /// The run starts.
    RunStarted(RunStarted),
    /// A case starts.
    CaseStarted {
        /// The case.
        #[serde(serialize_with = "one_case")]
        case: Arc<CaseInfo>,
    },
    /// A case has ended.
    CaseFinished(CaseFinished),
    /// Something that whoever reads the end of the run must know, in whole sentences.
    Remark {
        /// In words.
        text: String,
    },
    /// The run has ended.
    RunFinished {
        /// The counts and the end.
        summary: Summary,
    },
}

/// The run starts.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunStarted {
    /// Who is judged.
    #[serde(serialize_with = "party_name")]
    pub under_test: Party,
    /// Where it is, without any secret.
    pub target: TargetSummary,
    /// Every selected case, in the order of the results.
    #[serde(serialize_with = "all_cases")]
    pub cases: Vec<Arc<CaseInfo>>,
}

/// The target, without any secret.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetSummary {
    /// What a person calls it: the target file's path, or `embedded mock`.
    pub name: String,
    /// The base URL of its REST interface; empty where there is none.
    pub base_url: String,
    /// Host and port of its MQTTS interface.
    pub mqtt: Option<String>,
    /// The application under whose name the cases act.
    pub application: String,
    /// What it offers.
    pub capabilities: Vec<String>,
}

/// What is known of a case before it runs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseInfo {
    /// The id: `1.5.2/echoes-a-given-secret`, or `1.5.2/derived/refuses-without-deviceInfo.nodeId`.
    pub id: String,
    /// The clause that it belongs to.
    pub clause: &'static str,
    /// The clause's title in English.
    pub clause_title: &'static str,
    /// The clause's `verb_object` name.
    pub clause_name: &'static str,
    /// The chapter.
    #[serde(serialize_with = "chapter_name")]
    pub chapter: Chapter,
    /// What the party under test does, in the present tense: the id's last part, blanks for hyphens.
    pub statement: String,
    /// Whether it was derived from the contract's tables.
    pub derived: bool,
    /// The requirements that it verifies.
    pub verifies: Vec<Cited>,
    /// The ruling that its reading rests on, such as `A-53`.
    pub because: Option<String>,
    /// Where it is written (for a derived case: where its baseline is written).
    pub place: Option<Place>,
}

/// A case has ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseFinished {
    /// The case.
    #[serde(serialize_with = "one_case")]
    pub case: Arc<CaseInfo>,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How long it took.
    #[serde(serialize_with = "milliseconds", rename = "ms")]
    pub duration: Duration,
    /// Everything that was sent and received, secrets redacted (also in a failure's transcript).
    pub transcript: Vec<Entry>,
}

/// One line of a transcript. Secrets are redacted when it is made, so that no report can leak one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Milliseconds since the case started.
    pub at: u64,
    /// What it is.
    pub kind: EntryKind,
    /// The text, possibly of several lines: start line, headers that matter, body.
    pub text: String,
}

/// What a line of a transcript is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// An HTTP request that the suite sent.
    HttpRequest,
    /// The answer to it.
    HttpAnswer,
    /// An MQTT packet that the suite sent.
    MqttOut,
    /// An MQTT packet that came in.
    MqttIn,
    /// A push that arrived at the suite's callback receiver.
    CallbackIn,
    /// What the suite's callback receiver answered, where that is not a plain success.
    CallbackOut,
    /// A step that the case takes, or a word of explanation.
    Note,
}

impl EntryKind {
    /// An arrow and a word for the margin of a transcript, padded to one width.
    #[must_use]
    pub const fn margin(self) -> &'static str {
        match self {
            Self::HttpRequest => "-> http    ",
            Self::HttpAnswer => "<- http    ",
            Self::MqttOut => "-> mqtt    ",
            Self::MqttIn => "<- mqtt    ",
            Self::CallbackIn => "<- callback",
            Self::CallbackOut => "-> callback",
            Self::Note => "   note    ",
        }
    }
}

/// The counts of a run and how it ends.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many cases were selected.
    pub selected: usize,
    /// Pass.
    pub passed: usize,
    /// Warn.
    pub warned: usize,
    /// Fail.
    pub failed: usize,
    /// Not applicable.
    pub not_applicable: usize,
    /// Not seen.
    pub not_seen: usize,
    /// Known failure.
    pub known_failures: usize,
    /// Unexpected pass.
    pub unexpected_passes: usize,
    /// Harness error.
    pub harness_errors: usize,
    /// How many different requirements the executed cases verified.
    pub requirements: usize,
    /// How long the run took.
    #[serde(serialize_with = "milliseconds", rename = "ms")]
    pub duration: Duration,
    /// Why nothing could be run at all, if so (the environment's or the suite's fault).
    pub aborted: Option<String>,
    /// How the run ends.
    pub exit: Exit,
}

fn one_case<S: Serializer>(case: &Arc<CaseInfo>, serializer: S) -> Result<S::Ok, S::Error> {
    case.as_ref().serialize(serializer)
}

fn all_cases<S: Serializer>(cases: &[Arc<CaseInfo>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(cases.iter().map(AsRef::as_ref))
}

fn party_name<S: Serializer>(party: &Party, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(party.as_str())
}

fn chapter_name<S: Serializer>(chapter: &Chapter, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(chapter.folder())
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
