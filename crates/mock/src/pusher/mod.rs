//! Carries pushes to applications' callbacks (1.8): one POST an attempt, and what came of it.
//!
//! What may go when is the world's business ([`crate::receivers`]); an attempt that is handed over
//! here goes out at once, on a task of its own, so that no receiver waits for another.

mod near;
mod reasons;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::{OnceLock, Weak};
use std::time::{Duration, Instant};

use reqwest::{Client, Response, redirect};
use rustls::RootCertStore;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::core::Core;
use crate::deviation::{Deviation, DeviationKind, rule_of};
use crate::journal::{Event, Pushed};
use crate::receivers::{Attempt, Outcome};
use crate::tls::{self, CertificateError};

/// A receiver that has not answered by then has failed.
const TIME_OUT: Duration = Duration::from_secs(15);
/// The most of an answer's body that is read, so that its connection can be used again.
const BODY_LIMIT: usize = 64 << 10;
/// The longest that the end of such a body is waited for.
const BODY_TIME: Duration = Duration::from_millis(250);
/// A connection is closed after so long without a push: sooner than servers close theirs, since a push that
/// meets a connection that is just being closed is lost.
const IDLE: Duration = Duration::from_secs(2);

/// Where pushes may go, whom they trust, and how long they wait.
#[derive(Debug, Clone)]
pub(crate) struct PushPolicy {
    /// Certificates (PEM) that sign the receivers' certificates.
    pub(crate) ca_pem: Option<String>,
    /// Whether pushes may leave loopback and private networks.
    pub(crate) anywhere: bool,
    /// Where the control plane listens: an application that named it as its callback would be its user.
    pub(crate) control: Option<SocketAddr>,
    /// How long a receiver may take to answer, in real time.
    pub(crate) time_out: Duration,
}

impl Default for PushPolicy {
    fn default() -> Self {
        Self { ca_pem: None, anywhere: false, control: None, time_out: TIME_OUT }
    }
}

impl PushPolicy {
    /// Who may sign receivers' certificates.
    ///
    /// # Errors
    /// If that is not usable.
    pub(crate) fn trusted(&self) -> Result<RootCertStore, CertificateError> {
        let Some(pem) = &self.ca_pem else { return Ok(RootCertStore::empty()) };
        tls::roots(pem).map_err(|e| CertificateError { reason: format!("of callback receivers: {}", e.reason), ..e })
    }
}

/// Sends pushes.
pub(crate) struct Pusher {
    client: OnceLock<Result<Client, String>>,
    policy: PushPolicy,
    core: Weak<Core>,
    runtime: Handle,
    /// How many attempts are in flight.
    in_flight: watch::Sender<usize>,
    /// Counts the worlds that pushes came from. When there is another one, or the platform has gone, the
    /// attempts end that are under way.
    worlds: watch::Sender<u64>,
}

impl Pusher {
    pub(crate) fn new(policy: PushPolicy, core: Weak<Core>, runtime: Handle) -> Self {
        Self {
            client: OnceLock::new(),
            policy,
            core,
            runtime,
            in_flight: watch::Sender::new(0),
            worlds: watch::Sender::new(0),
        }
    }

    /// Sends one push. Never blocks: the world hears of the end by itself.
    pub(crate) fn send(&self, attempt: Attempt) {
        self.in_flight.send_modify(|count| *count += 1);
        let client = self.client.get_or_init(|| build_client(&self.policy)).clone();
        let (policy, core) = (self.policy.clone(), Weak::clone(&self.core));
        let mut worlds = self.worlds.subscribe();
        self.runtime.spawn(async move {
            let sending = async {
                let began = Instant::now();
                let (outcome, latency, answer) = match client {
                    Ok(client) => post(&client, &policy, &attempt, began).await,
                    Err(reason) => (Outcome::NotSent(reason), Duration::ZERO, None),
                };
                if let Some(answer) = answer {
                    read_to_the_end(answer).await;
                }
                (outcome, latency)
            };
            tokio::select! {
                (outcome, latency) = sending => {
                    if let Some(core) = core.upgrade() {
                        core.push_ended(&attempt, &outcome, latency);
                    }
                }
                _ = worlds.changed() => {
                    if let Some(core) = core.upgrade() {
                        core.pusher.ended();
                    }
                }
            }
        });
    }

    /// Gives up every attempt that is under way: the world that it tells of is no more.
    pub(crate) fn give_up(&self) {
        self.worlds.send_modify(|world| *world += 1);
    }

    /// An attempt has ended, and whatever followed from that has been handed over.
    pub(crate) fn ended(&self) {
        self.in_flight.send_modify(|count| *count = count.saturating_sub(1));
    }

    /// Waits until nothing is in flight, or the time is over.
    pub(crate) async fn settle(&self, within: Duration) -> bool {
        let mut in_flight = self.in_flight.subscribe();
        // The pusher owns the sender, so it cannot close while it is borrowed.
        let settled = in_flight.wait_for(|count| *count == 0);
        tokio::time::timeout(within, settled).await.is_ok()
    }
}

async fn post(
    client: &Client,
    policy: &PushPolicy,
    attempt: &Attempt,
    began: Instant,
) -> (Outcome, Duration, Option<Response>) {
    let url = match near::allowed(&attempt.url, policy) {
        Ok(url) => url,
        Err(refused) => return (Outcome::NotSent(refused.to_string()), Duration::ZERO, None),
    };
    let request = client.post(url).header("Content-Type", "application/json").body(attempt.body.clone());
    let answer = tokio::time::timeout(policy.time_out, request.send()).await;
    let latency = began.elapsed();
    match answer {
        Ok(Ok(answer)) => (Outcome::Answered(answer.status().as_u16()), latency, Some(answer)),
        Ok(Err(error)) => (failure(&error, policy), latency, None),
        Err(_) => (Outcome::Silent(format!("no answer within {:?}", policy.time_out)), latency, None),
    }
}

fn failure(error: &reqwest::Error, policy: &PushPolicy) -> Outcome {
    if let Some(refused) = near::not_allowed(error) {
        return Outcome::NotSent(refused.to_string());
    }
    match reasons::distrust(error) {
        // Nobody was to be trusted: the receiver has done nothing wrong by not being.
        Some(why) if policy.ca_pem.is_none() => Outcome::NotSent(reasons::without_ca(why)),
        Some(why) => Outcome::Silent(reasons::in_words(why)),
        None => Outcome::Silent(reasons::chain(error)),
    }
}

/// Reads what is left of an answer, so that its connection can carry the next push; but not what is
/// too long or comes too slowly, which ends with its connection.
async fn read_to_the_end(mut answer: Response) {
    let reading = async {
        let mut read = 0;
        while let Ok(Some(part)) = answer.chunk().await {
            read += part.len();
            if read > BODY_LIMIT {
                return;
            }
        }
    };
    // Nothing in it matters: the status has said everything.
    let _ = tokio::time::timeout(BODY_TIME, reading).await;
}

fn build_client(policy: &PushPolicy) -> Result<Client, String> {
    let tls = tls::client_config(policy.trusted().map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .dns_resolver(near::NearNames::new(policy.anywhere))
        .no_proxy()
        .pool_max_idle_per_host(16)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .build()
        .map_err(|e| reasons::chain(&e))
}

/// The journal's entry about an attempt.
pub(crate) fn entry(attempt: &Attempt, outcome: &Outcome, latency: Duration) -> Pushed {
    let (status, error) = match outcome {
        Outcome::Answered(status) => match status {
            200..=299 => (Some(*status), None),
            300..=399 => (Some(*status), Some(format!("answered {status}: redirects are not followed"))),
            _ => (Some(*status), Some(format!("answered {status}"))),
        },
        Outcome::Silent(reason) => (None, Some(reason.clone())),
        Outcome::NotSent(reason) => (None, Some(format!("not sent: {reason}"))),
    };
    let by_receiver = error.as_ref().filter(|_| !matches!(outcome, Outcome::NotSent(_)));
    Pushed {
        status,
        latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
        attempt: attempt.count,
        sent: !matches!(outcome, Outcome::NotSent(_)),
        deviations: by_receiver.and_then(|error| deviation(attempt, error)).into_iter().collect(),
        error,
        application: attempt.addressee.application(),
        ..Pushed::new(attempt.clause, &attempt.url, &attempt.device, &attempt.body)
    }
}

/// Every clause of 1.8 has this rule: whoever receives the push has to answer it.
const RULE: &str = "answer-push";

fn deviation(attempt: &Attempt, error: &str) -> Option<Deviation> {
    let requirement = rule_of(attempt.clause.clause, RULE)?;
    Some(Deviation::new(requirement, DeviationKind::Unanswered, error))
}

impl Core {
    /// An attempt has ended: the world decides what follows, the journal is told, and what may go now
    /// goes.
    pub(crate) fn push_ended(&self, attempt: &Attempt, outcome: &Outcome, latency: Duration) {
        self.enter(|world| {
            let retry_at = world.push_ended(attempt, outcome, latency);
            // Before anything else is handed over, so that the journal keeps each device's order.
            let pushed = Pushed { retry_at, ..entry(attempt, outcome, latency) };
            self.journal.add(attempt.at, Event::Push(pushed));
        });
        self.pusher.ended();
    }
}
