//! Autopilots: what a simulated device does by itself, so that an SDK's tests need no driver.

use std::time::Duration;

use iotdm_spec::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::inbox::{DeviceAct, What};
use crate::product::Product;
use crate::upgrade::Progress;

/// The longest time that an autopilot lets pass, in seconds: ten years.
const LONGEST: u64 = 3653 * 24 * 3600;

/// What a simulated device does by itself. What is absent is left to whoever drives it by hand; all times
/// are seconds of the platform's time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Autopilot {
    /// It comes online so long after it was registered, or was given a new key or this autopilot.
    pub online_after: Option<u64>,
    /// It reports.
    pub report: Option<Reporting>,
    /// It deals with commands.
    pub command: Option<CommandHabit>,
    /// It deals with what is desired of it.
    pub shadow: Option<ShadowHabit>,
    /// It deals with upgrades.
    pub upgrade: Option<UpgradeHabit>,
}

/// How a device reports: values inside its product's model, which change from report to report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reporting {
    /// How often, counted from its coming online.
    pub every: u64,
    /// Whether all services stand in each report (1.8.5), or take turns (1.8.4).
    pub together: bool,
}

/// How a device deals with commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CommandHabit {
    /// When it acknowledges a command; null: never.
    pub acknowledge_after: Option<u64>,
    /// How it answers.
    pub answer: CommandAnswer,
    /// When it answers, counted from the acknowledgement if there is one.
    pub answer_after: u64,
    /// What it says.
    pub result: Object,
}

/// How a device answers commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandAnswer {
    /// It did what it was told.
    Executed,
    /// It did not.
    Refused,
    /// It does not answer.
    Never,
}

/// How a device deals with what is desired of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShadowHabit {
    /// How it answers.
    pub answer: ShadowAnswer,
    /// When.
    pub after: u64,
}

/// How a device answers what is desired of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ShadowAnswer {
    /// It takes it over.
    Accepts,
    /// It does not.
    Refuses,
    /// It does not answer.
    Ignores,
}

/// How a device deals with upgrades: it downloads, has downloaded, installs, and comes to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpgradeHabit {
    /// How long each step takes.
    pub step: u64,
    /// How it ends.
    pub end: UpgradeEnd,
    /// Why, if it fails.
    pub reason: String,
}

/// How an upgrade of a device ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UpgradeEnd {
    /// The device runs the new version.
    Succeeds,
    /// It could not install it.
    Fails,
    /// It never comes to the end of the download.
    Stalls,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { every: 10, together: false }
    }
}

impl Default for CommandHabit {
    fn default() -> Self {
        Self { acknowledge_after: Some(1), answer: CommandAnswer::Executed, answer_after: 1, result: Object::new() }
    }
}

impl Default for ShadowHabit {
    fn default() -> Self {
        Self { answer: ShadowAnswer::Accepts, after: 1 }
    }
}

impl Default for UpgradeHabit {
    fn default() -> Self {
        Self { step: 1, end: UpgradeEnd::Succeeds, reason: "the package could not be installed".to_owned() }
    }
}

impl Autopilot {
    /// A device that does everything, about a second a step.
    #[must_use]
    pub fn obliging() -> Self {
        Self {
            online_after: Some(1),
            report: Some(Reporting::default()),
            command: Some(CommandHabit::default()),
            shadow: Some(ShadowHabit::default()),
            upgrade: Some(UpgradeHabit::default()),
        }
    }

    /// What is the matter with it, in words.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.report.as_ref().is_some_and(|report| report.every == 0) {
            return Some("report.every is at least 1 second".to_owned());
        }
        let times = [
            ("online_after", self.online_after),
            ("report.every", self.report.as_ref().map(|report| report.every)),
            ("command.acknowledge_after", self.command.as_ref().and_then(|command| command.acknowledge_after)),
            ("command.answer_after", self.command.as_ref().map(|command| command.answer_after)),
            ("shadow.after", self.shadow.as_ref().map(|shadow| shadow.after)),
            ("upgrade.step", self.upgrade.as_ref().map(|upgrade| upgrade.step)),
        ];
        let (name, _) = times.into_iter().find(|(_, time)| time.is_some_and(|time| time > LONGEST))?;
        Some(format!("{name} is at most {LONGEST} seconds"))
    }

    /// What the device does next about something in its inbox, and after how long; none if it leaves it.
    pub(crate) fn next_act(&self, what: &What) -> Option<(Duration, DeviceAct)> {
        let (after, act) = match what {
            What::Command { acknowledged, .. } => self.command.as_ref()?.next_act(*acknowledged)?,
            What::Shadow { .. } => self.shadow.as_ref()?.next_act()?,
            What::Upgrade { progress, .. } => {
                let habit = self.upgrade.as_ref()?;
                (habit.step, DeviceAct::Progress(habit.next_step(progress.as_ref())?))
            }
        };
        Some((Duration::from_secs(after), act))
    }
}

impl CommandHabit {
    fn next_act(&self, acknowledged: bool) -> Option<(u64, DeviceAct)> {
        if let Some(after) = self.acknowledge_after.filter(|_| !acknowledged) {
            return Some((after, DeviceAct::Acknowledge));
        }
        let executed = match self.answer {
            CommandAnswer::Executed => true,
            CommandAnswer::Refused => false,
            CommandAnswer::Never => return None,
        };
        Some((self.answer_after, DeviceAct::Answer { executed, result: self.result.clone() }))
    }
}

impl ShadowHabit {
    const fn next_act(&self) -> Option<(u64, DeviceAct)> {
        match self.answer {
            ShadowAnswer::Accepts => Some((self.after, DeviceAct::Accept)),
            ShadowAnswer::Refuses => Some((self.after, DeviceAct::Refuse)),
            ShadowAnswer::Ignores => None,
        }
    }
}

impl UpgradeHabit {
    fn next_step(&self, reached: Option<&Progress>) -> Option<Progress> {
        match (reached, self.end) {
            (None, _) => Some(Progress::Downloading),
            (Some(Progress::Downloading), UpgradeEnd::Stalls) => None,
            (Some(Progress::Downloading), _) => Some(Progress::Downloaded),
            (Some(Progress::Downloaded), _) => Some(Progress::Updating),
            (Some(Progress::Updating), UpgradeEnd::Succeeds) => Some(Progress::Succeeded),
            (Some(Progress::Updating), UpgradeEnd::Fails) => Some(Progress::Failed(self.reason.clone())),
            _ => None,
        }
    }
}

impl Reporting {
    pub(crate) const fn period(&self) -> Duration {
        Duration::from_secs(self.every)
    }

    /// The items of a device's report with this number, counted from zero.
    pub(crate) fn items(&self, product: &Product, number: u64) -> Vec<Value> {
        let samples: Vec<Value> = product
            .services
            .iter()
            .filter_map(|service| {
                let data = service.sample(number);
                (!data.is_empty()).then(|| json!({ "serviceId": service.id, "serviceData": data }))
            })
            .collect();
        if self.together || samples.is_empty() {
            return samples;
        }
        let turn = usize::try_from(number).unwrap_or_default() % samples.len();
        samples.into_iter().skip(turn).take(1).collect()
    }
}
