//! `check device`: a device under test connects, reports and answers, and is graded by it.

mod briefing;
mod connects;
mod link;
mod messages;
mod model;
pub(super) use messages::present;
mod scene;
mod session;
mod topics;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::model::{Chapter, Party};
use iotdm_spec::requirement::Requirement;

pub use briefing::DeviceBriefing;

use super::feed::{Observation, What};
use super::grades::{Evidence, Grades};
use super::outcome::{self, Ending, Run};
use crate::again::Again;
use crate::events::{CaseInfo, Event, Summary};
use crate::target::Target;
use crate::verdict::Verdict;
use crate::wire::transcript::Secrets;
use scene::{Scene, Story};
use watch::Watched;

/// What is to be known of a device under test, and how long it is waited for.
#[derive(Debug, Clone, Default)]
pub struct DeviceOptions {
    /// The node id to register it with; by default one that nobody has used.
    pub node_id: Option<String>,
    /// A device that is registered already: it is not registered, and not deleted afterwards.
    pub existing: Option<ExistingDevice>,
    /// The firmware to start, with its arguments; `{host}`, `{port}`, `{ca}`, `{device_id}`,
    /// `{node_id}`, `{secret}` and `{product_id}` are replaced. Without it the device is awaited.
    pub command: Option<Vec<String>>,
    /// The file with the platform's certificate; by default one is written for the time of the check.
    pub ca_file: Option<PathBuf>,
    /// Whether nobody else uses the platform: then every stranger at its door is this device.
    pub alone: bool,
    /// The device takes no commands although its product knows one: it need not subscribe.
    pub no_commands: bool,
    /// How long it is waited for.
    pub patience: Patience,
    /// The words of the command that runs the check again, in a shell's spelling; by default those
    /// that the target and the firmware's command give.
    pub again: Option<String>,
}

/// A device that is registered already.
#[derive(Clone)]
pub struct ExistingDevice {
    /// The id that the platform gave it.
    pub device_id: String,
    /// The node id that it was registered with.
    pub node_id: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for ExistingDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExistingDevice {{ device_id: {:?}, node_id: {:?}, secret: *** }}", self.device_id, self.node_id)
    }
}

/// How long a device under test is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until it connects.
    pub connect: Duration,
    /// Until it has subscribed and reported.
    pub report: Duration,
    /// Until it answers a command.
    pub answer: Duration,
    /// Until it answers a command that it cannot know, or is seen to survive it.
    pub unknown: Duration,
    /// Until it is back after its connection was cut.
    pub reconnect: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(120),
            report: Duration::from_secs(60),
            answer: Duration::from_secs(10),
            unknown: Duration::from_secs(3),
            reconnect: Duration::from_secs(60),
        }
    }
}

/// What a person wants to know while the check goes on.
#[derive(Debug, Clone)]
pub enum Progress {
    /// What the device has to be told.
    Briefing(Box<DeviceBriefing>),
    /// What is awaited, and for how long at most.
    Awaits(&'static str, Duration),
    /// What has come, or that it has not.
    Came(&'static str, bool),
}

/// The cases of our own: no single requirement of the reference says them, so they only warn, but for
/// a program that ends with an error.
const OWN: [&str; 7] = [
    link::KEEPS_ALIVE,
    session::COMES_BACK,
    link::STAYS,
    link::ONE_AT_A_TIME,
    session::SURVIVES,
    link::ACKNOWLEDGES,
    session::ANSWERS,
];

/// Checks a device against the platform of `target`, which must have a control plane.
pub async fn device(
    target: &Target,
    options: DeviceOptions,
    tell: &mut dyn FnMut(Progress),
    on: &mut dyn FnMut(Event),
) -> Summary {
    let run = Run::begin(Party::Device, target, cases(), on);
    let secrets = Secrets::default();
    secrets.learn(&target.application.secret);
    match watch::watch(target, &options, &secrets, tell).await {
        Err(why) => run.end(|_| not_seen(), Ending::Aborted(secrets.hide(&why))),
        Ok(watched) => report(run, &watched, target, &options, &secrets),
    }
}

fn report(run: Run<'_>, watched: &Watched, target: &Target, options: &DeviceOptions, secrets: &Secrets) -> Summary {
    let grades = grade(&watched.story, &watched.seen);
    let rerun = options.again.clone().unwrap_or_else(|| rerun(target, options));
    let evidence = Evidence { seen: &watched.seen, secrets, rerun: &rerun };
    let trouble = (watched.missed > 0)
        .then(|| format!("the platform's journal dropped {} entries before they were read", watched.missed));
    // What is seen of somebody who never gets in is too little to pass.
    let scene = Scene::new(&watched.story, &watched.seen);
    let let_in = scene.packets.iter().any(|(_, packet, _)| packet.device.is_some());
    let contact = let_in || !scene.sessions().is_empty();
    let ending = Ending::Judged { trouble, silence: silence(watched, options, secrets), contact };
    run.end(|case| grades.verdict(case, &evidence, &not_seen()), ending)
}

/// Why nothing may have come, as far as the platform and the program tell.
fn silence(watched: &Watched, options: &DeviceOptions, secrets: &Secrets) -> String {
    let device = &watched.story.device_id;
    let scene = Scene::new(&watched.story, &watched.seen);
    let what = match scene.packets.is_empty() && scene.connects.is_empty() {
        true => format!("nothing of the device {device} was seen"),
        false => format!("no session of the device {device} was ever let in"),
    };
    let mut text = match &watched.story.end {
        Some(end) => format!("{what}: its program is over, {}", end.told()),
        None => format!("{what} within {} s", options.patience.connect.as_secs()),
    };
    for observation in &watched.seen {
        if let What::Note(note) = &observation.what {
            text.push_str(&format!("\nthe platform notes: {}", note.text));
        }
    }
    secrets.hide(&text)
}

fn not_seen() -> Verdict {
    Verdict::NotSeen { reason: "nothing of what the device did concerns it".to_owned() }
}

fn rerun(target: &Target, options: &DeviceOptions) -> String {
    let mut again = Again::of("device");
    again.file("--target", target.file.as_deref());
    again.command(options.command.as_deref().unwrap_or_default());
    again.to_string()
}

/// The requirements that bind a device of the MQTT interface, then the cases of our own.
fn cases() -> Vec<Arc<CaseInfo>> {
    let wanted = |r: &Requirement| r.chapter == Chapter::Mqtt || r.id == connects::ACCESS;
    let mut cases = outcome::requirements(Party::Device, wanted);
    cases.extend(OWN.into_iter().filter_map(outcome::own_case));
    cases
}

/// Grades what was seen of a device.
fn grade(story: &Story, seen: &[Observation]) -> Grades {
    let scene = Scene::new(story, seen);
    let mut grades = Grades::default();
    connects::grade(&scene, &mut grades);
    topics::grade(&scene, &mut grades);
    messages::grade(&scene, &mut grades);
    model::grade(&scene, &mut grades);
    session::grade(&scene, &mut grades);
    link::grade(&scene, &mut grades);
    grades
}

#[cfg(test)]
mod tests;
