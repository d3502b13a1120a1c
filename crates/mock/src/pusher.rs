//! Sends pushes to applications' callbacks (1.8): one bounded queue a receiver, so that order is
//! kept and a slow or dead receiver delays nobody else.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use iotdm_spec::secrets;
use reqwest::{Client, Url, redirect};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::clock::Moment;
use crate::deviation::{Deviation, DeviationKind, rule_of};
use crate::journal::{Event, Journal, Pushed};
use crate::outbox::Push;

/// A receiver that has not answered by then has failed.
const TIME_OUT: Duration = Duration::from_secs(15);
/// The most pushes that wait for one receiver.
const QUEUE: usize = 10_000;
/// A receiver's worker ends after so long without work; the next push starts another.
const IDLE: Duration = Duration::from_secs(30);

/// Where pushes may go, and whom they trust.
#[derive(Debug, Clone, Default)]
pub(crate) struct PushPolicy {
    /// Certificates (PEM) that sign the receivers' certificates.
    pub(crate) ca_pem: Option<String>,
    /// Whether pushes may leave loopback and private networks.
    pub(crate) anywhere: bool,
}

/// The pushes that wait for one receiver, each with the platform's time at which it arose.
type Queue = mpsc::Sender<(Moment, Push)>;

/// Sends pushes.
pub(crate) struct Pusher {
    queues: Mutex<HashMap<Arc<str>, Queue>>,
    client: OnceLock<Result<Client, String>>,
    policy: PushPolicy,
    journal: Arc<Journal>,
    runtime: Handle,
}

impl Pusher {
    pub(crate) fn new(policy: PushPolicy, journal: Arc<Journal>, runtime: Handle) -> Arc<Self> {
        Arc::new(Self { queues: Mutex::default(), client: OnceLock::new(), policy, journal, runtime })
    }

    /// Queues a push. Never blocks; a full queue drops the push and says so in the journal.
    pub(crate) fn send(self: &Arc<Self>, at: Moment, push: Push) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(Arc::clone(&push.url)).or_insert_with(|| self.start(&push.url));
        match queue.try_send((at, push)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Closed((at, push))) => {
                // The worker went idle between two pushes: start another.
                let queue = self.start(&push.url);
                let _ = queue.try_send((at, push.clone()));
                queues.insert(Arc::clone(&push.url), queue);
            }
            Err(mpsc::error::TrySendError::Full((at, push))) => {
                let why = format!("dropped: {QUEUE} pushes already wait for this receiver");
                self.note(at, &push, Err(Undelivered { why, sent: false }), Duration::ZERO);
            }
        }
    }

    fn start(self: &Arc<Self>, url: &Arc<str>) -> Queue {
        let (sender, receiver) = mpsc::channel(QUEUE);
        // The worker must not keep the platform alive: it holds what it needs while it sends.
        let worker = Arc::downgrade(self);
        let url = Arc::clone(url);
        self.runtime.spawn(async move {
            let mut receiver: mpsc::Receiver<(Moment, Push)> = receiver;
            while let Ok(Some((at, push))) = tokio::time::timeout(IDLE, receiver.recv()).await {
                let Some(pusher) = worker.upgrade() else { return };
                pusher.deliver(at, &push).await;
            }
            receiver.close();
            // Pushes that slipped in before the close are still sent.
            while let Ok((at, push)) = receiver.try_recv() {
                let Some(pusher) = worker.upgrade() else { return };
                pusher.deliver(at, &push).await;
            }
            if let Some(pusher) = worker.upgrade() {
                let mut queues = pusher.queues.lock().unwrap_or_else(PoisonError::into_inner);
                if queues.get(&url).is_some_and(mpsc::Sender::is_closed) {
                    queues.remove(&url);
                }
            }
        });
        sender
    }

    async fn deliver(&self, at: Moment, push: &Push) {
        let began = Instant::now();
        let outcome = self.post(push).await;
        self.note(at, push, outcome, began.elapsed());
    }

    async fn post(&self, push: &Push) -> Result<u16, Undelivered> {
        let url: Url = push.url.parse().map_err(Undelivered::not_sent)?;
        if !self.policy.anywhere && !is_near(&url) {
            return Err(Undelivered::not_sent("the receiver is neither on loopback nor in a private network"));
        }
        let client = self.client.get_or_init(|| build_client(&self.policy)).as_ref();
        let client = client.map_err(Undelivered::not_sent)?;
        let request = client.post(url).header("Content-Type", "application/json").body(push.body.clone());
        let answer = request.send().await.map_err(|e| Undelivered { why: reasons(&e), sent: true })?;
        Ok(answer.status().as_u16())
    }

    fn note(&self, at: Moment, push: &Push, outcome: Result<u16, Undelivered>, latency: Duration) {
        let sent = outcome.as_ref().map_or_else(|undelivered| undelivered.sent, |_| true);
        let (status, error) = match outcome {
            Ok(status) => (Some(status), (!(200..300).contains(&status)).then(|| format!("answered {status}"))),
            Err(Undelivered { why, .. }) => (None, Some(why)),
        };
        let pushed = Pushed {
            clause: push.clause.clause,
            notification: push.clause.name,
            application: push.application.to_string(),
            device: push.device.to_string(),
            url: secrets::mask_url(&push.url),
            body: secrets::mask_body(&push.body),
            body_bytes: push.body.len(),
            sent,
            status,
            deviations: error.as_ref().filter(|_| sent).and_then(|why| unanswered(push, why)).into_iter().collect(),
            error,
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
        };
        self.journal.add(at, Event::Push(pushed));
    }
}

/// Why a push was not delivered.
struct Undelivered {
    why: String,
    /// Whether it left the platform: only then is it the receiver's doing.
    sent: bool,
}

impl Undelivered {
    fn not_sent(why: impl std::fmt::Display) -> Self {
        Self { why: format!("not sent: {why}"), sent: false }
    }
}

/// An application answers every push.
fn unanswered(push: &Push, why: &str) -> Option<Deviation> {
    let id = rule_of(push.clause.clause, "answer-push")?;
    Some(Deviation::new(id, DeviationKind::Unanswered, why))
}

/// Loopback, a private network, or `localhost`. Other names could lead anywhere.
fn is_near(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

fn build_client(policy: &PushPolicy) -> Result<Client, String> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(pem) = &policy.ca_pem {
        for certificate in crate::tls::certificates(pem).map_err(|e| e.to_string())? {
            roots.add(certificate).map_err(|e| format!("the callback CA is not usable: {e}"))?;
        }
    }
    let tls = crate::tls::client_config(roots).map_err(|e| e.to_string())?;
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .timeout(TIME_OUT)
        .no_proxy()
        .pool_max_idle_per_host(8)
        .build()
        .map_err(|e| e.to_string())
}

/// An error with all its causes on one line.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_stay_near_home() {
        for near in ["http://127.0.0.1:1/x", "https://[::1]:2/", "http://localhost:3/", "http://192.168.1.9:4/"] {
            assert!(is_near(&near.parse().unwrap()), "{near}");
        }
        for far in ["http://8.8.8.8:80/", "https://example.com:443/", "http://localhost.example.com:80/"] {
            assert!(!is_near(&far.parse().unwrap()), "{far}");
        }
    }
}
