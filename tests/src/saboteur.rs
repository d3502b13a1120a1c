//! A saboteur between the suite and a sound platform: REST and control plane, MQTT and pushes all go
//! through it, and it spoils them in one way at a time.

mod alterations;
mod faults;
mod mqtt;
mod push;
mod rest;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use iotdm_mock::Platform;
use iotdm_suite::target::Tolerance;
use iotdm_suite::{Catalogue, Event, Filter, RunOptions, Target, Verdict, run};
use tokio::net::TcpListener;

pub use alterations::Alteration;
pub use faults::{Fault, MqttFault, PushFault, RestFault, Sabotage, sabotages, variations};

/// How long the suite waits here: a sound platform in the same process answers at once.
const PATIENCE: Tolerance = Tolerance {
    answer: Duration::from_secs(8),
    push: Duration::from_secs(3),
    mqtt: Duration::from_secs(3),
    silence: Duration::from_millis(300),
    case: Duration::from_secs(30),
    throttle: Duration::from_millis(300),
};

/// What the proxies share: where the platform is, and what is spoilt at the moment.
pub(crate) struct Shared {
    rest: SocketAddr,
    control: String,
    mqtt: SocketAddr,
    /// Where pushes come by.
    pushes: SocketAddr,
    client: reqwest::Client,
    fault: RwLock<Fault>,
    /// The clause whose operation alone is spoilt; none for all of them.
    only: RwLock<Option<&'static str>>,
    memory: rest::Memory,
    callbacks: push::Callbacks,
    links: mqtt::Links,
}

impl Shared {
    pub(crate) fn fault(&self) -> Fault {
        *self.fault.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the operation of this clause is spoilt.
    pub(crate) fn concerns(&self, clause: &str) -> bool {
        self.only.read().unwrap_or_else(PoisonError::into_inner).is_none_or(|only| only == clause)
    }
}

/// A platform behind a saboteur.
pub struct Saboteur {
    platform: Platform,
    target: Target,
    shared: Arc<Shared>,
}

/// How a case ended that did not pass.
#[derive(Debug, Clone)]
pub struct NotPassed {
    /// The case.
    pub id: String,
    /// The verdict's name.
    pub verdict: &'static str,
    /// What was found.
    pub found: String,
}

impl Saboteur {
    /// Starts a platform, and everything in front of it.
    ///
    /// # Panics
    /// If something cannot be started.
    pub async fn start() -> Self {
        crate::install_crypto();
        let anywhere = || SocketAddr::from(([127, 0, 0, 1], 0));
        let platform = Platform::builder().plain_http(anywhere()).plain_mqtt(anywhere()).start().await;
        let platform = platform.expect("the mock starts");
        let listen = || async { TcpListener::bind("127.0.0.1:0").await.expect("a free port") };
        let (rest, pushes, mqtt) = (listen().await, listen().await, listen().await);
        let address = |listener: &TcpListener| listener.local_addr().expect("an address");
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let shared = Arc::new(Shared {
            rest: platform.plain_http().expect("plain HTTP was asked for"),
            control: platform.control_url(),
            mqtt: platform.plain_mqtt().expect("plain MQTT was asked for"),
            pushes: address(&pushes),
            client: client.expect("a client"),
            fault: RwLock::new(Fault::None),
            only: RwLock::new(None),
            memory: rest::Memory::default(),
            callbacks: push::Callbacks::default(),
            links: mqtt::Links::default(),
        });
        let mut target = iotdm::embedded::target(&platform);
        target.base_url = format!("http://{}", address(&rest));
        target.control = Some(format!("http://{}", address(&rest)));
        target.mqtt = Some(address(&mqtt).to_string());
        target.tolerance = PATIENCE;
        let (ca, acceptor) = mqtt::authority();
        target.ca_pem = Some(ca);
        rest::serve(rest, shared.clone());
        push::serve(pushes, shared.clone());
        mqtt::serve(mqtt, acceptor, shared.clone());
        Self { platform, target, shared }
    }

    /// Spoils from here on in this way; with a clause, of REST only this clause's operation.
    pub fn spoil(&self, fault: Fault, only: Option<&'static str>) {
        *self.shared.fault.write().unwrap_or_else(PoisonError::into_inner) = fault;
        *self.shared.only.write().unwrap_or_else(PoisonError::into_inner) = only;
        self.shared.memory.forget();
    }

    /// Runs these cases; gives those that did not pass.
    ///
    /// # Panics
    /// If the run itself broke down.
    pub async fn run(&self, catalogue: &Catalogue, ids: &BTreeSet<String>) -> Vec<NotPassed> {
        let filter = Filter { ids: ids.iter().cloned().collect(), ..Filter::default() };
        let selected = catalogue.select(&filter);
        let mut rest = Vec::new();
        let summary = run(&selected, &self.target, RunOptions::default(), &mut |event| {
            if let Event::CaseFinished(finished) = event
                && !matches!(finished.verdict, Verdict::Pass)
                && ids.contains(&finished.case.id)
            {
                let found = finished.verdict.failures().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                let found =
                    if found.is_empty() { finished.verdict.reason().unwrap_or_default().to_owned() } else { found };
                rest.push(NotPassed { id: finished.case.id.clone(), verdict: finished.verdict.name(), found });
            }
        })
        .await;
        if let Some(why) = summary.aborted {
            println!("    a run was given up: {why}");
        }
        rest
    }

    /// Stops the platform.
    pub async fn stop(self) {
        self.platform.stop().await;
    }
}
