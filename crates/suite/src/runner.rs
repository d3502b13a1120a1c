//! What all cases of a run share: the clients, the callback receiver, the tokens, the clock.

mod owner;
mod session;
pub(crate) mod throttle;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::RwLock;

pub use session::{Problem, Session};
use throttle::Throttle;

use crate::again::Again;
use crate::case::{Actor, Case};
use crate::events::{CaseFinished, EntryKind};
use crate::known::KnownFailures;
use crate::plan::{self, Decision, Demands};
use crate::steps::{Context, Stop};
use crate::target::{Credentials, Target};
use crate::verdict::{Failure, Severity, Verdict};
use crate::wire::http::{Http, LARGEST_OF_PLATFORM};
use crate::wire::mqtt::Dialer;
use crate::wire::receiver::Receiver;
use crate::wire::transcript::{Secrets, Transcript};

/// What all cases of a run share. Cases may be run at the same time; those that must run alone wait
/// until they do.
pub struct Runner {
    target: Target,
    demands: Demands,
    known: KnownFailures,
    http: Http,
    dialer: Option<Dialer>,
    receiver: Receiver,
    secrets: Secrets,
    sessions: tokio::sync::Mutex<HashMap<Actor, Arc<Session>>>,
    /// Seconds by which the platform's clock is ahead of ours.
    ahead: AtomicI64,
    /// Whether the MQTT address has ever answered a CONNECT.
    mqtt_answered: AtomicBool,
    /// Shared by ordinary cases, held alone by the others.
    gate: RwLock<()>,
    throttle: Throttle,
    /// What of the platform was changed for the run by its owner's means, and has to be put right.
    owner: owner::Owner,
    /// The folder of the cases, where it is not the built-in one: it stands in the command that reruns a case.
    cases: Option<PathBuf>,
    nonce: u32,
}

/// Why a run cannot start: the environment's fault or the suite's, never the target's.
#[derive(Debug, Clone)]
pub struct CannotStart(pub String);

impl Runner {
    /// Opens the callback receiver, and makes sure that there is somebody to talk to.
    ///
    /// # Errors
    /// If the receiver cannot listen, a certificate cannot be read, or nobody is there.
    pub async fn start(
        target: Target,
        demands: Demands,
        known: KnownFailures,
        cases: Option<PathBuf>,
    ) -> Result<Self, CannotStart> {
        let http = Http::new(target.ca_pem.as_deref(), target.tolerance.answer).map_err(CannotStart)?;
        let http = http.at_most(LARGEST_OF_PLATFORM);
        let plain = target.plain && target.base_url.starts_with("http://");
        let dialer = target.mqtt.as_deref().map(|mqtt| Dialer::new(mqtt, target.ca_pem.as_deref(), plain));
        let dialer = dialer.transpose().map_err(CannotStart)?;
        let receiver = Receiver::start(&target.callback_host).await.map_err(CannotStart)?;
        let secrets = Secrets::default();
        for credentials in [Some(&target.application), target.authorized.as_ref(), target.stranger.as_ref()] {
            credentials.into_iter().for_each(|c| secrets.learn(&c.secret));
        }
        let throttle = Throttle::new(target.tolerance.throttle);
        let runner = Self {
            target,
            demands,
            known,
            http,
            dialer,
            receiver,
            secrets,
            sessions: tokio::sync::Mutex::default(),
            ahead: AtomicI64::new(0),
            mqtt_answered: AtomicBool::new(false),
            gate: RwLock::new(()),
            throttle,
            owner: owner::Owner::default(),
            cases,
            nonce: nonce(),
        };
        runner.make_contact().await?;
        Ok(runner)
    }

    /// The first contact: whoever is not there, or does not know us, is not judged.
    async fn make_contact(&self) -> Result<(), CannotStart> {
        let transcript = Transcript::new(self.secrets.clone());
        match self.session(Actor::Application, &transcript).await {
            // A login that goes wrong in any other way is what the cases of 1.4.1 judge.
            Ok(_) | Err(Problem::Refused(_)) => {}
            Err(Problem::Unreachable(why) | Problem::Credentials(why)) => {
                return Err(CannotStart(why));
            }
        }
        self.take_over(&transcript).await
    }

    /// Runs one case, alone if it must.
    pub async fn run(&self, case: &Case) -> CaseFinished {
        self.renew_sessions().await;
        let transcript = Transcript::new(self.secrets.clone());
        let decision = plan::decide(case, &self.target, &self.demands);
        let (verdict, started) = match decision {
            Decision::NotApplicable(reason) => (Verdict::NotApplicable { reason }, Instant::now()),
            Decision::Missing(reason) => {
                let failure = Failure::new("the case was asked for, but cannot run", "a target that offers it", reason);
                let failure = self.complete(case, failure, &transcript);
                (Verdict::HarnessError { failure: Box::new(failure) }, Instant::now())
            }
            Decision::Run => self.run_gated(case, &transcript).await,
        };
        CaseFinished {
            case: case.info.clone(),
            verdict: self.known.judge(&case.info.id, verdict),
            duration: started.elapsed(),
            transcript: transcript.entries(),
        }
    }

    async fn run_gated(&self, case: &Case, transcript: &Transcript) -> (Verdict, Instant) {
        if !case.exclusive {
            let _shared = self.gate.read().await;
            let started = Instant::now();
            return (self.execute(case, transcript).await, started);
        }
        let _alone = self.gate.write().await;
        let started = Instant::now();
        let verdict = self.execute(case, transcript).await;
        // It may have logged in, or moved the clock past the end of every token.
        self.forget_sessions().await;
        (verdict, started)
    }

    async fn execute(&self, case: &Case, transcript: &Transcript) -> Verdict {
        let awaiting = Arc::new(Mutex::new(String::new()));
        let mut context = Context::new(self, case, transcript.clone(), awaiting.clone());
        let patience = self.target.tolerance.case;
        let waits = context.waits.clone();
        let outcome = match waits.within(patience, context.take_steps()).await {
            Some(outcome) => outcome,
            None => {
                let awaited = awaiting.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let text = format!("still waiting: {awaited}");
                transcript.add(EntryKind::Note, &text);
                let expected = format!("the case ends within {} s", patience.as_secs());
                Err(Stop::Fail(Box::new(context.placed(Failure::new("the case does not end", expected, text)))))
            }
        };
        let outcome = context.clean_up(outcome).await;
        let warnings = context.take_warnings();
        self.verdict(case, outcome, warnings, transcript)
    }

    fn verdict(
        &self,
        case: &Case,
        outcome: Result<(), Stop>,
        warnings: Vec<Failure>,
        transcript: &Transcript,
    ) -> Verdict {
        let mut findings: Vec<Failure> = warnings.into_iter().map(|w| self.complete(case, w, transcript)).collect();
        match outcome {
            Ok(()) if findings.is_empty() => Verdict::Pass,
            Ok(()) => Verdict::Warn { findings },
            Err(Stop::Harness(failure)) => {
                Verdict::HarnessError { failure: Box::new(self.complete(case, *failure, transcript)) }
            }
            Err(Stop::Fail(failure)) => {
                let failure = self.complete(case, *failure, transcript);
                if case.severity == Severity::Must {
                    return Verdict::Fail { failure: Box::new(failure) };
                }
                findings.insert(0, failure);
                Verdict::Warn { findings }
            }
        }
    }

    /// Adds what every report wants: requirements, transcript, and the command that reruns the case.
    fn complete(&self, case: &Case, mut failure: Failure, transcript: &Transcript) -> Failure {
        failure.expected = self.secrets.hide(&failure.expected);
        failure.actual = self.secrets.hide(&failure.actual);
        failure.requirements.clone_from(&case.info.verifies);
        failure.transcript = transcript.entries();
        failure.place = failure.place.or_else(|| case.info.place.clone());
        failure.rerun = self.rerun(&case.info.id);
        failure
    }

    fn rerun(&self, id: &str) -> String {
        let mut again = Again::of("platform");
        again.option("--case", id);
        again.file("--target", self.target.file.as_deref());
        again.file("--cases", self.cases.as_deref());
        again.to_string()
    }

    /// The target.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) const fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) const fn dialer(&self) -> Option<&Dialer> {
        self.dialer.as_ref()
    }

    pub(crate) const fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    pub(crate) const fn nonce(&self) -> u32 {
        self.nonce
    }

    /// Seconds by which the platform's clock is ahead of ours.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// The platform's clock has been moved on.
    pub(crate) fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
        self.owner.moved(seconds);
    }

    /// Every token may be worthless: whoever needs one logs in anew. Only for cases that run alone.
    pub(crate) async fn forget_sessions(&self) {
        self.sessions.lock().await.clear();
    }

    /// One login holds for an hour (1.4.1), and a run that waits for a throttle takes longer.
    async fn renew_sessions(&self) {
        let is_old = || async { self.sessions.lock().await.values().any(|session| session.is_old()) };
        if is_old().await {
            // A login makes the earlier token worthless: not while somebody calls with it.
            let _alone = self.gate.write().await;
            if is_old().await {
                self.forget_sessions().await;
            }
        }
    }

    /// The MQTT address has answered a CONNECT: from now on its silence is the target's.
    pub(crate) fn mqtt_has_answered(&self) {
        self.mqtt_answered.store(true, Ordering::Relaxed);
    }

    /// Whether the MQTT address has ever answered a CONNECT.
    pub(crate) fn has_mqtt_answered(&self) -> bool {
        self.mqtt_answered.load(Ordering::Relaxed)
    }

    /// The absolute URL of a path below the control plane's root.
    pub(crate) fn control_url(&self, path: &str) -> Option<String> {
        let base = self.target.control.as_deref()?;
        let base = base.strip_suffix("/_mock").unwrap_or(base);
        Some(format!("{base}/_mock{path}"))
    }

    pub(crate) fn credentials(&self, actor: Actor) -> Option<&Credentials> {
        match actor {
            Actor::Application => Some(&self.target.application),
            Actor::Authorized => self.target.authorized.as_ref(),
            Actor::Stranger => self.target.stranger.as_ref(),
        }
    }
}

/// A number that differs from run to run, so that two runs against one target don't meet.
fn nonce() -> u32 {
    let random = RandomState::new().hash_one(std::process::id());
    u32::try_from(random & u64::from(u32::MAX)).unwrap_or_default()
}
