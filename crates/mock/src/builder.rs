//! How a platform is to be, and why it may not start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Moment;
use crate::device::HISTORY_LIMIT;
use crate::journal::JournalLimits;
use crate::mint::Mint;
use crate::plan::Plan;
use crate::platform::Platform;
use crate::pusher::PushPolicy;
use crate::receivers::{PushLimits, PushRetries};
use crate::state::StateError;
use crate::tls::CertificateError;

/// Why a platform did not start.
#[derive(Debug)]
pub enum StartError {
    /// An address could not be listened on.
    Listen {
        /// What was to listen there.
        what: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// The control plane was to listen where others can reach it, and without a token.
    ControlUnguarded(SocketAddr),
    /// A control plane's token can't be like this; why.
    ControlToken(&'static str),
    /// A certificate or key is not usable.
    Certificate(CertificateError),
    /// A kept world is not usable.
    State(StateError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { what, address, error } if error.kind() == std::io::ErrorKind::AddrInUse => {
                write!(f, "{what}: {address} is taken by another program; choose another port, or 0 for a free one")
            }
            Self::Listen { what, address, error } => write!(f, "{what}: cannot listen on {address}: {error}"),
            Self::ControlUnguarded(address) => {
                write!(f, "control plane: {address} is not loopback, so it takes a token to listen there")
            }
            Self::ControlToken(why) => write!(f, "control plane: the token {why}"),
            Self::Certificate(error) => write!(f, "certificate: {error}"),
            Self::State(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StateError> for StartError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<CertificateError> for StartError {
    fn from(error: CertificateError) -> Self {
        Self::Certificate(error)
    }
}

/// The fewest characters of a control plane's token.
const SHORTEST_TOKEN: usize = 16;

/// A token for a control plane that nobody can guess: 64 hexadecimal digits.
#[must_use]
pub fn fresh_token() -> String {
    Mint::unpredictable().hex(64)
}

/// What must be sent to the control plane, if it is set. It is never shown.
#[derive(Clone, Default)]
pub(crate) struct ControlToken(Option<String>);

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "***" } else { "none" })
    }
}

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How a platform is to be. Everything has a default: free ports on loopback, TLS with certificates
/// made at start, unpredictable ids, no throttle, a running clock.
#[derive(Debug, Clone)]
pub struct Builder {
    pub(crate) https: SocketAddr,
    pub(crate) mqtts: SocketAddr,
    pub(crate) control: SocketAddr,
    pub(crate) control_token: ControlToken,
    pub(crate) control_name: Option<String>,
    pub(crate) http: Option<SocketAddr>,
    pub(crate) mqtt: Option<SocketAddr>,
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) device_ca: Option<String>,
    pub(crate) seed: Option<u64>,
    pub(crate) frozen_at: Option<String>,
    /// The limit that was asked for; none where nothing was said of it.
    pub(crate) throttle: Option<Option<u32>>,
    /// The limit of a fresh world where nothing was said of it.
    pub(crate) fresh_throttle: Option<u32>,
    pub(crate) callbacks: PushPolicy,
    pub(crate) push_retries: Option<PushRetries>,
    pub(crate) push_limits: PushLimits,
    pub(crate) journal: JournalLimits,
    pub(crate) state_file: Option<PathBuf>,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) history: usize,
    pub(crate) plan: Plan,
    pub(crate) gateway_errors: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            https: LOOPBACK,
            mqtts: LOOPBACK,
            control: LOOPBACK,
            control_token: ControlToken::default(),
            control_name: None,
            http: None,
            mqtt: None,
            certificate: None,
            device_ca: None,
            seed: None,
            frozen_at: None,
            throttle: None,
            fresh_throttle: None,
            callbacks: PushPolicy::default(),
            push_retries: None,
            push_limits: PushLimits::default(),
            journal: JournalLimits::default(),
            state_file: None,
            state_dir: None,
            history: HISTORY_LIMIT,
            plan: Plan::default(),
            gateway_errors: false,
        }
    }
}

impl Builder {
    /// Where REST over HTTPS listens; port 0 takes a free one.
    #[must_use]
    pub fn https(mut self, address: SocketAddr) -> Self {
        self.https = address;
        self
    }

    /// Where MQTTS listens; port 0 takes a free one.
    #[must_use]
    pub fn mqtts(mut self, address: SocketAddr) -> Self {
        self.mqtts = address;
        self
    }

    /// Where the control plane listens, without TLS: leave it on loopback. Elsewhere it takes a token.
    #[must_use]
    pub fn control(mut self, address: SocketAddr) -> Self {
        self.control = address;
        self
    }

    /// What must come with every request to the control plane, as `Authorization: Bearer`: at least 16
    /// visible ASCII characters, such as a [`fresh_token`].
    #[must_use]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = ControlToken(Some(token.into()));
        self
    }

    /// A host name by which the control plane is reached, beside `localhost` and addresses: requests to
    /// any other name are refused.
    #[must_use]
    pub fn control_name(mut self, name: impl Into<String>) -> Self {
        self.control_name = Some(name.into());
        self
    }

    /// The token, if the control plane is well guarded.
    pub(crate) fn sound_token(&self) -> Result<Option<&str>, StartError> {
        match self.control_token.0.as_deref() {
            None if !self.control.ip().is_loopback() => Err(StartError::ControlUnguarded(self.control)),
            Some(token) if token.len() < SHORTEST_TOKEN => Err(StartError::ControlToken("has less than 16 characters")),
            Some(token) if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(StartError::ControlToken("has characters that are not visible ASCII"))
            }
            token => Ok(token),
        }
    }

    /// Offers REST without TLS too.
    #[must_use]
    pub fn plain_http(mut self, address: SocketAddr) -> Self {
        self.http = Some(address);
        self
    }

    /// Offers MQTT without TLS too.
    #[must_use]
    pub fn plain_mqtt(mut self, address: SocketAddr) -> Self {
        self.mqtt = Some(address);
        self
    }

    /// Uses this certificate chain and key (PEM files) instead of making its own.
    #[must_use]
    pub fn certificate(mut self, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((chain.into(), key.into()));
        self
    }

    /// Asks devices for certificates at the MQTTS port: a device that presents one must have it from one
    /// of these authorities (PEM), a device that presents none is let in all the same.
    #[must_use]
    pub fn device_ca(mut self, pem: impl Into<String>) -> Self {
        self.device_ca = Some(pem.into());
        self
    }

    /// Makes ids, tokens and secrets repeat from run to run.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts with the clock standing at `yyyyMMddTHHmmssZ`.
    ///
    /// # Errors
    /// In words, if that is not a time of this form.
    pub fn frozen_at(mut self, time: &str) -> Result<Self, String> {
        time.parse::<Moment>()?;
        self.frozen_at = Some(time.to_owned());
        Ok(self)
    }

    /// Refuses an application's protected calls beyond so many in 60 s; also those of a kept or loaded world.
    #[must_use]
    pub fn throttle(mut self, calls: u32) -> Self {
        self.throttle = Some(Some(calls));
        self
    }

    /// Refuses no call for being one too many, also in a kept or loaded world.
    #[must_use]
    pub fn no_throttle(mut self) -> Self {
        self.throttle = Some(None);
        self
    }

    /// The throttle of a fresh world; a kept or loaded one has its own. By default there is none.
    #[must_use]
    pub fn throttle_when_fresh(mut self, calls: u32) -> Self {
        self.fresh_throttle = Some(calls);
        self
    }

    /// Trusts these certificates (PEM) of HTTPS callback receivers.
    #[must_use]
    pub fn callback_ca(mut self, pem: impl Into<String>) -> Self {
        self.callbacks.ca_pem = Some(pem.into());
        self
    }

    /// Pushes to any host; by default only to loopback and private networks.
    #[must_use]
    pub fn callbacks_anywhere(mut self) -> Self {
        self.callbacks.anywhere = true;
        self
    }

    /// Whether pushes that fail are tried again; by default they are not, or as a kept or loaded world has it.
    #[must_use]
    pub fn push_retries(mut self, retries: PushRetries) -> Self {
        self.push_retries = Some(retries);
        self
    }

    /// How much may wait to be pushed.
    #[must_use]
    pub fn push_limits(mut self, limits: PushLimits) -> Self {
        self.push_limits = limits;
        self
    }

    /// How long a callback may take to answer, in real time; by default 15 s.
    #[must_use]
    pub fn push_time_out(mut self, time_out: Duration) -> Self {
        self.callbacks.time_out = time_out;
        self
    }

    /// How much the journal keeps.
    #[must_use]
    pub fn journal(mut self, limits: JournalLimits) -> Self {
        self.journal = limits;
        self
    }

    /// Starts with the world of this file, as [`Platform::save_state`] or `GET /_mock/state` gave it: its
    /// applications, ids and limits, and its time. A seed has no effect then.
    #[must_use]
    pub fn state_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.state_file = Some(file.into());
        self
    }

    /// Keeps the world in this directory, and starts with the world that is there: what was answered
    /// outlives the process, however it ends. Time goes on while the platform is not running, and a device
    /// that was connected has lost its connection. Secrets are in the directory.
    #[must_use]
    pub fn state_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(directory.into());
        self
    }

    /// How many history records a device keeps, by default 20,000; the oldest go first.
    #[must_use]
    pub fn history(mut self, records: usize) -> Self {
        self.history = records;
        self
    }

    /// What goes wrong from the start, and again after every reset.
    #[must_use]
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Answers token and throttle errors in the shape of the gateway that stands before some deployments,
    /// instead of in the reference's.
    #[must_use]
    pub fn gateway_errors(mut self) -> Self {
        self.gateway_errors = true;
        self
    }

    /// Starts the platform on the current tokio runtime. Every port accepts when this returns.
    ///
    /// # Errors
    /// [`StartError`] if a port is taken, a certificate or a kept world is not usable, or the control plane is
    /// open to others without a token.
    pub async fn start(self) -> Result<Platform, StartError> {
        Platform::start(self).await
    }
}
