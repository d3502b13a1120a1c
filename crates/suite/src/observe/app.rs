//! `check app`: an application under test runs, and the platform's journal is judged.

mod calls;
mod content;
mod parameters;
mod pushes;
mod rules;
mod subscriptions;
mod tokens;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::catalogue::{self, ClauseRef, Op};
use iotdm_spec::model::Party;
use iotdm_spec::requirement::{self, Source};

use super::ca::CaFile;
use super::feed::{Feed, Observation, What};
use super::grades::{Evidence, Flaw, Grades};
use super::outcome::{self, Ending, Run};
use super::program::{self, Program};
use crate::again::Again;
use crate::events::{CaseInfo, Event, Summary};
use crate::target::Target;
use crate::verdict::Verdict;
use crate::wire::transcript::Secrets;
use calls::Asked;

/// How the application under test is run.
#[derive(Debug, Clone)]
pub struct AppOptions {
    /// For how long it may run; one that still runs then is ended, and judged by what it did.
    pub deadline: Duration,
    /// The file with the platform's certificate; by default one is written for the time of the check.
    pub ca_file: Option<PathBuf>,
    /// The file with the receivers' CA, if the platform was given one: what repeats the check names it.
    pub callback_ca: Option<PathBuf>,
}

impl Default for AppOptions {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(600), ca_file: None, callback_ca: None }
    }
}

/// A case of our own: no requirement says how a program ends.
const ENDS_WELL: &str = "1.1/session/ends-without-an-error";
/// How long the journal may take to tell the last that happened.
const ECHO: Duration = Duration::from_millis(100);

/// What was seen of an application.
struct Watched {
    seen: Vec<Observation>,
    missed: u64,
    /// How it ended: the words, and whether that was without an error; none if we ended it.
    ended: Option<(String, bool)>,
    output: String,
}

/// Runs an application against the platform of `target`, which must have a control plane. The
/// program gets `IOTDM_BASE_URL`, `IOTDM_CA`, `IOTDM_APP_ID`, `IOTDM_SECRET`, `IOTDM_PRODUCT_ID`,
/// `IOTDM_MQTTS` and `IOTDM_CONTROL` in its environment. Whoever else calls the platform meanwhile
/// is taken for it.
pub async fn app(target: &Target, options: AppOptions, command: &[String], on: &mut dyn FnMut(Event)) -> Summary {
    let run = Run::begin(Party::Application, target, cases(), on);
    let secrets = Secrets::default();
    for credentials in [Some(&target.application), target.authorized.as_ref(), target.stranger.as_ref()] {
        credentials.into_iter().for_each(|c| secrets.learn(&c.secret));
    }
    let watched = match watch(target, &options, command, &secrets).await {
        Ok(watched) => watched,
        Err(why) => return run.end(|_| never_used(""), Ending::Aborted(secrets.hide(&why))),
    };
    let asked = calls::read(&watched.seen);
    let mut grades = grade(&watched.seen, &asked);
    end_of_program(&watched, &options, !asked.is_empty(), &mut grades);
    let used: BTreeSet<&str> = asked.iter().map(|asked| asked.table.clause).collect();
    let rerun = rerun(target, &options, command);
    let evidence = Evidence { seen: &watched.seen, secrets: &secrets, rerun: &rerun };
    let trouble = (watched.missed > 0)
        .then(|| format!("the platform's journal dropped {} entries before they were read", watched.missed));
    let ending = Ending::Judged { trouble, silence: secrets.hide(&silence(&watched, &options)), contact: true };
    run.end(|case| grades.verdict(case, &evidence, &otherwise(case, &used)), ending)
}

async fn watch(
    target: &Target,
    options: &AppOptions,
    command: &[String],
    secrets: &Secrets,
) -> Result<Watched, String> {
    let missing = "the target has no `control`: what an application does is read from the control plane's journal";
    let control = target.control.as_deref().ok_or(missing)?;
    let ca = CaFile::provide(options.ca_file.as_deref(), target.ca_pem.as_deref())?;
    let mut feed = Feed::open(control).await?;
    let mut program = Program::start(command, &environment(target, ca.as_ref()))?;
    let outcome = tokio::select! {
        ended = program.ended() => ended.map(|status| Some((program::in_words(status), status.success()))),
        read = feed.until(options.deadline, |_| false) => read.map(|_| None),
    };
    // What the journal tells after this moment happened when the program was no longer there.
    let read = feed.pull(ECHO).await;
    let output = program.end(secrets).await;
    let ended = outcome?;
    read?;
    Ok(Watched { seen: feed.seen().to_vec(), missed: feed.missed(), ended, output })
}

fn environment(target: &Target, ca: Option<&CaFile>) -> Vec<(&'static str, String)> {
    let ca = ca.map(|ca| ca.path().display().to_string()).unwrap_or_default();
    let product = target.product.as_ref().map(|product| product.id.clone()).unwrap_or_default();
    vec![
        ("IOTDM_BASE_URL", target.base_url.clone()),
        ("IOTDM_CA", ca),
        ("IOTDM_APP_ID", target.application.id.clone()),
        ("IOTDM_SECRET", target.application.secret.clone()),
        ("IOTDM_PRODUCT_ID", product),
        ("IOTDM_MQTTS", target.mqtt.clone().unwrap_or_default()),
        ("IOTDM_CONTROL", target.control.clone().unwrap_or_default()),
    ]
}

fn rerun(target: &Target, options: &AppOptions, command: &[String]) -> String {
    let mut again = Again::of("app");
    again.file("--target", target.file.as_deref());
    again.file("--callback-ca", options.callback_ca.as_deref());
    again.command(command);
    again.to_string()
}

fn silence(watched: &Watched, options: &AppOptions) -> String {
    let end = match &watched.ended {
        Some((words, _)) => words.clone(),
        None => format!("it still ran after {} s", options.deadline.as_secs()),
    };
    format!("the application called nothing; {end}; the end of its output:\n{}", watched.output)
}

/// How the program ended. A program that did nothing else is not praised for ending well.
fn end_of_program(watched: &Watched, options: &AppOptions, did_something: bool, grades: &mut Grades) {
    match &watched.ended {
        None => {
            let deadline = options.deadline.as_secs();
            grades.aside(ENDS_WELL, &format!("it still ran after {deadline} s and was ended by the check"));
        }
        Some((_, true)) if did_something => grades.keeps(ENDS_WELL),
        Some((words, false)) if did_something => {
            let flaw = Flaw {
                headline: "the application ends with an error".to_owned(),
                expected: "exit code 0".to_owned(),
                actual: format!("{words}; the end of its output:\n{}", watched.output),
                shown_by: watched.seen.last().map(|last| last.seq).into_iter().collect(),
            };
            grades.breaks(ENDS_WELL, flaw);
        }
        Some(_) => {}
    }
}

/// The requirements that bind an application, then the case of our own.
fn cases() -> Vec<Arc<CaseInfo>> {
    let mut cases = outcome::requirements(Party::Application, |_| true);
    cases.extend(outcome::own_case(ENDS_WELL));
    cases
}

/// What to say of a requirement on which nothing was found.
fn otherwise(case: &CaseInfo, used: &BTreeSet<&str>) -> Verdict {
    let is_rule = requirement::find(&case.id).is_some_and(|r| r.source == Source::Rule);
    match catalogue::clause(case.clause) {
        Some(ClauseRef::Operation(op)) if !used.contains(op.clause) => never_used(op.name),
        Some(ClauseRef::Operation(_)) if !is_rule => Verdict::NotSeen { reason: "no request carried it".to_owned() },
        Some(ClauseRef::Notification(push)) if case.id.ends_with("/answer-push") => {
            Verdict::NotSeen { reason: format!("no push `{}` was sent", push.name) }
        }
        _ => Verdict::NotApplicable { reason: "what the platform sees does not settle it".to_owned() },
    }
}

fn never_used(operation: &str) -> Verdict {
    Verdict::NotSeen { reason: format!("the application never called `{operation}`") }
}

/// Grades what was seen of an application.
fn grade(seen: &[Observation], asked: &[Asked<'_>]) -> Grades {
    let mut grades = Grades::default();
    calls::strays(seen, &mut grades);
    for one in asked {
        content::grade(one, &mut grades);
        parameters::grade(one, &mut grades);
    }
    tokens::grade(asked, &mut grades);
    rules::grade(asked, &mut grades);
    pushes::grade(seen, asked, &mut grades);
    let uses = |op: Op| asked.iter().any(|one| one.op == op && one.succeeded());
    let answered = seen.iter().any(|o| matches!(&o.what, What::Push(push) if pushes::is_answered(push)));
    if uses(Op::SubscribeBusinessData) && answered {
        grades.keeps("1.7.1/rule/used-with-notifications");
        grades.keeps("1.8.1/rule/used-with-subscriptions");
    }
    grades
}

#[cfg(test)]
mod tests;
