//! A case while it runs: its variables, connections and callback URLs, and what it has to clean up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use iotdm_spec::catalogue::Op;
use serde_json::{Map, Value};

use super::scope::Scope;
use super::{call, control, device, judge, push, request};
use crate::case::pattern::Pattern;
use crate::case::template::{at_path, resolve, text_of};
use crate::case::{Action, Actor, Case, Step};
use crate::events::EntryKind;
use crate::runner::throttle::Waits;
use crate::runner::{Problem, Runner, Session};
use crate::verdict::{Failure, Place};
use crate::wire::mqtt::Link;
use crate::wire::receiver::Mailbox;
use crate::wire::transcript::Transcript;

/// Why a case goes no further.
#[derive(Debug, Clone)]
pub enum Stop {
    /// The target is not as expected.
    Fail(Box<Failure>),
    /// The case, the suite or the environment is at fault.
    Harness(Box<Failure>),
}

impl Stop {
    /// A fault of the case itself that could not be seen when it was read.
    pub(super) fn case(why: impl Into<String>) -> Self {
        Self::harness("the case cannot be run as it is written", "a case that can be run", why)
    }

    /// The target is not as expected.
    pub(super) fn fail(headline: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self::Fail(Box::new(Failure::new(headline, expected, actual)))
    }

    /// The case, the suite or the environment is at fault.
    pub(super) fn harness(headline: impl Into<String>, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self::Harness(Box::new(Failure::new(headline, expected, actual)))
    }
}

/// A case while it runs.
pub struct Context<'a> {
    pub(super) runner: &'a Runner,
    case: &'a Case,
    pub(super) transcript: Transcript,
    awaiting: Arc<Mutex<String>>,
    /// How long it has waited for the target's throttle.
    pub(crate) waits: Waits,
    pub(super) scope: Scope,
    pub(super) links: HashMap<String, Connected>,
    pub(super) mailboxes: Vec<Arc<Mailbox>>,
    pub(super) devices: Vec<Owned>,
    pub(super) subscriptions: Vec<Owned>,
    /// Callback URLs of subscriptions whose ids nobody told.
    pub(super) callbacks: Vec<Owned>,
    /// Every device that the case ever made, also those that are gone.
    pub(super) made: Vec<String>,
    warnings: Vec<Failure>,
    place: Option<Place>,
}

/// An MQTT connection and the id in its topics.
pub(super) struct Connected {
    pub(super) link: Link,
    pub(super) id: String,
}

/// Something that the case made and that has to be removed.
#[derive(Debug, Clone)]
pub(super) struct Owned {
    pub(super) actor: Actor,
    pub(super) id: String,
}

impl<'a> Context<'a> {
    /// A case that has taken no step yet; `awaiting` always says what it waits for.
    #[must_use]
    pub fn new(runner: &'a Runner, case: &'a Case, transcript: Transcript, awaiting: Arc<Mutex<String>>) -> Self {
        Self {
            runner,
            case,
            transcript,
            awaiting,
            waits: Waits::default(),
            scope: Scope::new(runner.target(), runner.nonce(), &case.info.id),
            links: HashMap::new(),
            mailboxes: Vec::new(),
            devices: Vec::new(),
            subscriptions: Vec::new(),
            callbacks: Vec::new(),
            made: Vec::new(),
            warnings: Vec::new(),
            place: None,
        }
    }

    /// Takes the steps up to the first that fails, then judges the pushes that nobody awaited.
    ///
    /// # Errors
    /// Why the case went no further.
    pub async fn take_steps(&mut self) -> Result<(), Stop> {
        for step in &self.case.steps {
            self.take(step).await?;
        }
        self.place = None;
        push::judge_the_rest(self)
    }

    async fn take(&mut self, step: &Step) -> Result<(), Stop> {
        self.place.clone_from(&step.place);
        let outcome = match &step.action {
            Action::Call(call) => call::take(self, call).await,
            Action::Eventually(call, within) => call::poll(self, call, *within).await,
            Action::Register(register) => call::register(self, register).await,
            Action::Subscribe(subscribe) => push::subscribe(self, subscribe).await,
            Action::Connect(connect) => device::connect(self, connect).await,
            Action::SubscribeTopic(subscribe) => device::subscribe_topic(self, subscribe).await,
            Action::Publish(publish) => device::publish(self, publish).await,
            Action::AwaitCommand(awaited) => device::await_command(self, awaited).await,
            Action::NoCommand(none) => device::no_command(self, none).await,
            Action::AwaitPush(awaited) => push::await_push(self, awaited).await,
            Action::NoPush(none) => push::no_push(self, none).await,
            Action::Disconnect { device, clean } => device::disconnect(self, device, *clean).await,
            Action::AwaitDisconnect { device } => device::await_disconnect(self, device).await,
            Action::Control(control) => control::take(self, control).await,
            Action::Receiver { subscription, answer, times } => {
                self.mailbox(subscription).map(|mailbox| mailbox.answer_with(*answer, *times))
            }
            Action::Let(values) => self.name_values(values),
        };
        outcome.map_err(|stop| match stop {
            Stop::Fail(failure) => Stop::Fail(Box::new(self.placed(*failure))),
            Stop::Harness(failure) => Stop::Harness(Box::new(self.placed(*failure))),
        })
    }

    /// The failure with the place of the step that is being taken.
    #[must_use]
    pub fn placed(&self, mut failure: Failure) -> Failure {
        failure.place = failure.place.or_else(|| self.place.clone());
        failure
    }

    /// What was found that is no failure.
    #[must_use]
    pub fn take_warnings(&mut self) -> Vec<Failure> {
        std::mem::take(&mut self.warnings)
    }

    /// Takes note of what is worth a warning, and stops at what is a failure.
    pub(super) fn weigh(&mut self, findings: Vec<judge::Finding>) -> Result<(), Stop> {
        let mut failed = None;
        for finding in findings {
            let failure = self.placed(finding.failure);
            if finding.is_warning {
                self.warnings.push(failure);
            } else if failed.is_none() {
                failed = Some(failure);
            }
        }
        failed.map_or(Ok(()), |failure| Err(Stop::Fail(Box::new(failure))))
    }

    /// Says what the case waits for, should its time be over.
    pub(super) fn waits_for(&self, what: impl Into<String>) {
        *self.awaiting.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// The value with every reference replaced.
    pub(super) fn resolve(&mut self, value: &Value) -> Result<Value, Stop> {
        let ahead = self.runner.ahead();
        let (runner, transcript, mailboxes) = (self.runner, &self.transcript, &mut self.mailboxes);
        let scope = &mut self.scope;
        let mut look_up = |reference: &str| {
            if reference != "callback.url" {
                return scope.look_up(reference, ahead);
            }
            let mailbox = runner.receiver().open(transcript);
            let url = Value::from(mailbox.url.as_str());
            mailboxes.push(mailbox);
            Ok(url)
        };
        resolve(value, &mut look_up).map_err(Stop::case)
    }

    /// The text with every reference replaced.
    pub(super) fn resolve_text(&mut self, text: &str) -> Result<String, Stop> {
        self.resolve(&Value::from(text)).map(|value| text_of(&value))
    }

    /// The members with every reference replaced.
    pub(super) fn resolve_members(&mut self, members: &Map<String, Value>) -> Result<Map<String, Value>, Stop> {
        match self.resolve(&Value::Object(members.clone()))? {
            Value::Object(members) => Ok(members),
            _ => Ok(Map::new()),
        }
    }

    /// The pattern with every reference replaced; none if nothing is expected.
    pub(super) fn pattern(&mut self, value: &Value) -> Result<Option<Pattern>, Stop> {
        if value.is_null() {
            return Ok(None);
        }
        Pattern::compile(&self.resolve(value)?).map(Some).map_err(Stop::case)
    }

    /// The text of a variable's member.
    pub(super) fn text(&self, path: &str) -> Result<String, Stop> {
        self.scope.get(path).map(text_of).ok_or_else(|| Stop::case(format!("`{path}` has no value")))
    }

    /// Saves parts of what came.
    pub(super) fn save(&mut self, saves: &[(String, String)], from: &Value) -> Result<(), Stop> {
        for (name, path) in saves {
            let Some(value) = at_path(from, path) else {
                return Err(Stop::fail(format!("`{path}` is missing"), format!("a value for `{path}`"), "nothing"));
            };
            self.scope.set(name, value.clone());
        }
        Ok(())
    }

    fn name_values(&mut self, values: &Map<String, Value>) -> Result<(), Stop> {
        for (name, value) in values {
            let value = self.resolve(value)?;
            self.scope.set(name, value);
        }
        Ok(())
    }

    /// The tokens of an application.
    pub(super) async fn session(&self, actor: Actor) -> Result<Arc<Session>, Stop> {
        self.waits_for("the answer to a login");
        self.runner.session(actor, &self.transcript).await.map_err(|problem| match problem {
            Problem::Unreachable(why) => Stop::fail("a login is not answered", "an answer", why),
            Problem::Credentials(why) => {
                Stop::harness("the target's applications are not usable", "right credentials", why)
            }
            Problem::Refused(failure) => Stop::Fail(failure),
        })
    }

    /// Where the pushes of a subscription arrive.
    pub(super) fn mailbox(&self, subscription: &str) -> Result<Arc<Mailbox>, Stop> {
        let url = self.text(&format!("{subscription}.url"))?;
        let found = self.mailboxes.iter().find(|mailbox| mailbox.url == url);
        found.cloned().ok_or_else(|| Stop::case(format!("`{subscription}.url` is none of our callback URLs")))
    }

    /// Takes the closing steps and removes what the case made; `outcome` stays what it was unless
    /// everything was well until here.
    pub async fn clean_up(&mut self, outcome: Result<(), Stop>) -> Result<(), Stop> {
        let mut outcome = outcome;
        for step in &self.case.finally {
            let patience = self.runner.target().tolerance.answer;
            let waits = self.waits.clone();
            let closing = waits.within(patience, self.take(step)).await;
            let closing = closing.unwrap_or_else(|| Err(Stop::case("a closing step does not end")));
            outcome = outcome.and(closing);
        }
        self.links.clear();
        self.leave_out_what_is_not_ours();
        if self.case.exclusive {
            self.runner.forget_sessions().await;
        }
        // What cannot be removed is nobody's fault here: the clauses of deletion have cases of their own.
        let quiet = Transcript::new(self.transcript.secrets().clone());
        for (op, owned) in self.belongings() {
            let _ = self.remove(op, &owned, &quiet).await;
        }
        for mailbox in &self.mailboxes {
            self.runner.receiver().close(mailbox);
        }
        outcome
    }

    /// Subscriptions are an application's, so the pushes about the devices of all cases come to each.
    fn leave_out_what_is_not_ours(&self) {
        let left_out = self.transcript.keep_pushes(|text| self.is_ours(text));
        if left_out > 0 {
            self.note(&format!("{left_out} pushes about devices of other cases are left out"));
        }
    }

    /// Whether a text speaks of something that this case made or named.
    pub(super) fn is_ours(&self, text: &str) -> bool {
        self.made.iter().any(|id| text.contains(id.as_str())) || self.scope.knows(text)
    }

    fn belongings(&mut self) -> Vec<(Op, Owned)> {
        let subscriptions = self.subscriptions.drain(..).map(|owned| (Op::DeleteSubscription, owned));
        let callbacks = self.callbacks.drain(..).map(|owned| (Op::DeleteSubscriptions, owned));
        subscriptions.chain(callbacks).chain(self.devices.drain(..).map(|owned| (Op::DeleteDevice, owned))).collect()
    }

    async fn remove(&self, op: Op, owned: &Owned, quiet: &Transcript) -> Result<(), String> {
        let session = self.runner.session(owned.actor, quiet).await.map_err(|_| "no session")?;
        let Some(credentials) = self.runner.credentials(owned.actor) else {
            return Ok(());
        };
        let name = match op {
            Op::DeleteDevice => "deviceId",
            Op::DeleteSubscriptions => "callbackUrl",
            _ => "subscriptionId",
        };
        let parameters = Map::from_iter([(name.to_owned(), Value::from(owned.id.as_str()))]);
        let mut request = request::assemble(op.table(), &self.runner.target().base_url, &parameters)?;
        request.headers.push(("app_key".to_owned(), credentials.id.clone()));
        request.headers.push(("Authorization".to_owned(), format!("Bearer {}", session.token)));
        let answer = self.runner.send_patiently(op.table(), owned.actor, &request, quiet, &self.waits).await;
        answer.map(|_| ()).map_err(|unanswered| unanswered.why)
    }

    /// Puts a word of explanation on the record.
    pub(super) fn note(&self, text: &str) {
        self.transcript.add(EntryKind::Note, text);
    }
}
