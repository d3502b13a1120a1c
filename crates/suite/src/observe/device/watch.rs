//! What is done to a device while it is watched: a briefing, a command that it knows, one that it
//! cannot know, and a lost connection.

use std::process::ExitStatus;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::briefing::DeviceBriefing;
use super::messages::answers;
use super::scene::{End, Scene, Story};
use super::{DeviceOptions, ExistingDevice, Patience, Progress};
use crate::observe::ca::{CaFile, nonce};
use crate::observe::caller::Caller;
use crate::observe::feed::{Feed, Observation};
use crate::observe::program::{self, Program};
use crate::target::Target;
use crate::wire::transcript::Secrets;

/// A command that no product knows.
const UNKNOWN: &str = "IOTDM_UNKNOWN_COMMAND";
/// After so many refused CONNECTs nobody waits for one that is accepted.
const ENOUGH: usize = 3;
/// How many commands that it knows a device is sent: with one alone, a number that never changes
/// passes for its mid.
const KNOWN: usize = 2;
/// Who was turned away for speaking another version may come again with the right one; for so long
/// that is waited for.
const SECOND_THOUGHT: Duration = Duration::from_secs(5);
/// How long a program that has ended may still be heard of.
const ECHO: Duration = Duration::from_millis(300);

/// Everything that was seen of a device.
pub(super) struct Watched {
    pub(super) story: Story,
    pub(super) seen: Vec<Observation>,
    /// How many entries of the journal were lost.
    pub(super) missed: u64,
}

/// Watches a device.
pub(super) async fn watch(
    target: &Target,
    options: &DeviceOptions,
    secrets: &Secrets,
    tell: &mut dyn FnMut(Progress),
) -> Result<Watched, String> {
    let missing = "the target has no `control`: what a device does is read from the control plane's journal";
    let control = target.control.as_deref().ok_or(missing)?;
    let address = target.mqtt.as_deref().ok_or("the target has no `mqtt` address")?;
    let caller = Caller::log_in(target, secrets).await?;
    let device = enrol(&caller, options, secrets).await?;
    let feed = Feed::open(control).await?;
    let ca = CaFile::provide(options.ca_file.as_deref(), target.ca_pem.as_deref())?;
    let mut briefing = DeviceBriefing::new(address, &device.device_id, &device.node_id, &device.secret);
    briefing.ca = ca.as_ref().map(|ca| ca.path().to_owned());
    briefing.product_id = target.product.as_ref().map(|product| product.id.clone());
    let story = story(target, options, &device);
    let mut watch = Watch { caller, feed, program: None, story, patience: options.patience, tell };
    let outcome = watch.follow(options, briefing).await;
    let program = watch.program.take();
    let output = match program {
        Some(program) => program.end(secrets).await,
        None => String::new(),
    };
    if options.existing.is_none() {
        // The check is over: a device that cannot be deleted is no reason to lose its result.
        let _ = watch.caller.delete(&device.device_id).await;
    }
    outcome?;
    let Watch { feed, mut story, .. } = watch;
    if let Some(end) = &mut story.end {
        end.output = output;
    }
    Ok(Watched { story, seen: feed.seen().to_vec(), missed: feed.missed() })
}

async fn enrol(caller: &Caller<'_>, options: &DeviceOptions, secrets: &Secrets) -> Result<ExistingDevice, String> {
    if let Some(existing) = &options.existing {
        secrets.learn(&existing.secret);
        // Its CONNECT is wanted: where it is connected already, it has to come again. Where it is
        // not, there is nothing to cut.
        let _ = caller.control(&format!("/devices/{}/disconnect", existing.device_id), &json!({})).await;
        return Ok(existing.clone());
    }
    let node_id = options.node_id.clone().unwrap_or_else(|| format!("node-{:016x}", nonce()));
    let registered = caller.register(&node_id).await?;
    secrets.learn(&registered.secret);
    Ok(ExistingDevice { device_id: registered.device_id, node_id, secret: registered.secret })
}

fn story(target: &Target, options: &DeviceOptions, device: &ExistingDevice) -> Story {
    let has_command = target.product.as_ref().is_some_and(|product| product.command.is_some());
    Story {
        device_id: device.device_id.clone(),
        node_id: device.node_id.clone(),
        product: target.product.clone(),
        alone: options.alone,
        takes_commands: has_command && !options.no_commands,
        ..Story::default()
    }
}

struct Watch<'a> {
    caller: Caller<'a>,
    feed: Feed,
    program: Option<Program>,
    story: Story,
    patience: Patience,
    tell: &'a mut dyn FnMut(Progress),
}

impl Watch<'_> {
    async fn follow(&mut self, options: &DeviceOptions, briefing: DeviceBriefing) -> Result<(), String> {
        (self.tell)(Progress::Briefing(Box::new(briefing.clone())));
        if let Some(command) = &options.command {
            self.program = Some(Program::start(&briefing.fill(command), &briefing.environment())?);
        }
        let patience = self.patience;
        let at_the_door = |scene: &Scene<'_>| !scene.sessions().is_empty() || scene.connects.len() >= ENOUGH;
        let heard_of = |scene: &Scene<'_>| at_the_door(scene) || !scene.strangers().is_empty();
        self.awaits("a CONNECT that is accepted", patience.connect, heard_of).await?;
        if self.looks(|scene| !at_the_door(scene) && !scene.strangers().is_empty()) {
            let enough = |scene: &Scene<'_>| at_the_door(scene) || scene.strangers().len() >= ENOUGH;
            self.awaits("a CONNECT of MQTT 3.1.1", SECOND_THOUGHT.min(patience.connect), enough).await?;
        }
        if self.looks(|scene| scene.sessions().is_empty()) {
            return Ok(());
        }
        let reported = |scene: &Scene<'_>| !scene.messages().is_empty();
        let ready = |scene: &Scene<'_>| {
            let subscribed = scene.wishes().iter().any(|wish| scene.brings_commands(wish));
            reported(scene) && (subscribed || !scene.story.takes_commands)
        };
        self.awaits("a report and a subscription", patience.report, ready).await?;
        if self.looks(|scene| scene.wishes().iter().any(|wish| scene.brings_commands(wish))) {
            self.command_it().await?;
        }
        self.cut_it_off().await
    }

    /// Commands that the product knows, and one that it does not.
    async fn command_it(&mut self) -> Result<(), String> {
        let known = self.story.product.as_ref().is_some_and(|product| product.command.is_some());
        let id = self.story.device_id.clone();
        let times = if known { KNOWN } else { 0 };
        for _ in 0..times {
            let before = self.feed.last();
            // A device that has gone by now cannot be commanded: that is told by what was seen of it.
            if self.caller.send_command(&id).await.is_err() {
                break;
            }
            self.story.sent += 1;
            let answered = |scene: &Scene<'_>| answers(scene).iter().any(|answer| answer.by.seq > before);
            self.awaits("an answer to a command", self.patience.answer, answered).await?;
        }
        let before = self.feed.last();
        let service = self.story.product.as_ref().map_or("Unknown", |product| product.service.as_str());
        let body = json!({ "serviceId": service, "cmd": UNKNOWN, "paras": {} });
        let Ok(sent) = self.caller.control(&format!("/devices/{id}/commands"), &body).await else {
            return Ok(());
        };
        let Some(mid) = sent.get("mid").and_then(serde_json::Value::as_i64) else { return Ok(()) };
        self.story.unknown = Some((mid, before));
        let answered = |scene: &Scene<'_>| {
            let gone = scene.connects.iter().any(|(by, _)| by.seq > before);
            gone || answers(scene).iter().any(|a| a.by.seq > before && a.mid() == Some(mid))
        };
        self.awaits("an answer to a command that it cannot know", self.patience.unknown, answered).await?;
        Ok(())
    }

    /// Cuts the connection and waits for the device to come back and, if it had, to subscribe again.
    async fn cut_it_off(&mut self) -> Result<(), String> {
        self.feed.pull(Duration::ZERO).await?;
        let cut = self.feed.last();
        let path = format!("/devices/{}/disconnect", self.story.device_id);
        if self.caller.control(&path, &json!({})).await.is_err() {
            self.story.gone = true;
            if let Some(program) = &mut self.program
                && let Ok(status) = timeout(ECHO, program.ended()).await
            {
                self.is_over(status?);
            }
            return Ok(());
        }
        self.story.cut = Some(cut);
        let subscribed = self.looks(|scene| scene.wishes().iter().any(|wish| scene.brings_commands(wish)));
        let back = |scene: &Scene<'_>| scene.sessions().iter().any(|(by, _)| by.seq > cut);
        if self.awaits("the device to come back", self.patience.reconnect, back).await? && subscribed {
            let again =
                |scene: &Scene<'_>| scene.wishes().iter().any(|wish| wish.by.seq > cut && scene.brings_commands(wish));
            self.awaits("another subscription", self.patience.answer, again).await?;
        }
        Ok(())
    }

    /// Remembers how the program ended by itself.
    fn is_over(&mut self, status: ExitStatus) {
        let (words, seq, after_cut) = (program::in_words(status), self.feed.last(), self.story.cut.is_some());
        self.story.end.get_or_insert(End { words, well: status.success(), seq, after_cut, output: String::new() });
    }

    fn looks(&self, found: impl Fn(&Scene<'_>) -> bool) -> bool {
        found(&Scene::new(&self.story, self.feed.seen()))
    }

    /// Waits until something is seen of the device, its program has ended, or the time is over.
    async fn awaits(
        &mut self,
        what: &'static str,
        within: Duration,
        found: impl Fn(&Scene<'_>) -> bool,
    ) -> Result<bool, String> {
        (self.tell)(Progress::Awaits(what, within));
        let (feed, story) = (&mut self.feed, &self.story);
        let seen = |seen: &[Observation]| found(&Scene::new(story, seen));
        let mut over = None;
        let came = match &mut self.program {
            Some(program) => {
                let ended = tokio::select! {
                    came = feed.until(within, &seen) => Some(came?),
                    ended = program.ended() => { over = Some(ended?); None }
                };
                match ended {
                    Some(came) => came,
                    None => feed.until(ECHO.min(within), &seen).await?,
                }
            }
            None => feed.until(within, seen).await?,
        };
        if let Some(status) = over {
            self.is_over(status);
        }
        (self.tell)(Progress::Came(what, came));
        Ok(came)
    }
}
