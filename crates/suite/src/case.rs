//! A case: what it verifies, what it needs, and the steps that it takes.

mod compile;
mod names;
pub mod pattern;
pub mod reading;
pub mod refusal;
pub mod shape;
mod step;
pub mod template;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::catalogue::Op;
use iotdm_spec::model::Notification;
use serde_json::{Map, Value};

pub use refusal::Refusal;

use crate::events::CaseInfo;
use crate::target::Capability;
use crate::verdict::{Place, Severity};

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is known of it before it runs.
    pub info: Arc<CaseInfo>,
    /// What the target must offer.
    pub needs: BTreeSet<Capability>,
    /// How seriously a broken expectation is taken.
    pub severity: Severity,
    /// Whether it must run alone: it logs in again, or changes what all cases share.
    pub exclusive: bool,
    /// The steps.
    pub steps: Vec<Step>,
    /// Steps that are taken afterwards in any case, to put right what the case changed.
    pub finally: Vec<Step>,
}

/// A step and where it is written.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it is written.
    pub place: Option<Place>,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Calls an operation and judges the answer.
    Call(Call),
    /// Calls an operation until the answer is as expected.
    Eventually(Call, Duration),
    /// Registers a fresh MQTT device.
    Register(Register),
    /// Subscribes a fresh callback URL to a type of notification.
    Subscribe(Subscribe),
    /// Opens an MQTT connection.
    Connect(Connect),
    /// Subscribes to an MQTT topic.
    SubscribeTopic(SubscribeTopic),
    /// Publishes an MQTT message.
    Publish(Publish),
    /// Waits for a command at the device.
    AwaitCommand(AwaitCommand),
    /// Makes sure that no command comes.
    NoCommand(NoCommand),
    /// Waits for a push.
    AwaitPush(AwaitPush),
    /// Makes sure that a push does not come.
    NoPush(NoPush),
    /// Ends an MQTT connection.
    Disconnect {
        /// The connection.
        device: String,
        /// Whether with a DISCONNECT.
        clean: bool,
    },
    /// Waits until the target ends an MQTT connection.
    AwaitDisconnect {
        /// The connection.
        device: String,
    },
    /// Uses the control plane.
    Control(Control),
    /// Makes our callback receiver answer otherwise.
    Receiver {
        /// The subscription.
        subscription: String,
        /// The status that it answers.
        answer: u16,
        /// How often.
        times: u64,
    },
    /// Names values.
    Let(Map<String, Value>),
}

/// Under whose name a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The target's application.
    Application,
    /// The application that has authorised it.
    Authorized,
    /// The application without a grant.
    Stranger,
}

/// Which token a call carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// The actor's valid one.
    Own,
    /// No Authorization header.
    None,
    /// One that was never given out.
    Garbage,
    /// One that a later login has superseded.
    Superseded,
    /// The valid token of another application.
    Foreign,
    /// This one.
    Given(String),
}

/// A call of an operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation.
    pub op: Op,
    /// Under whose name.
    pub actor: Actor,
    /// The parameters by wire name, whatever their place.
    pub with: Map<String, Value>,
    /// Dotted paths of parameters to leave out.
    pub omit: Vec<String>,
    /// A body that is sent instead of one made of the parameters.
    pub raw_body: Option<String>,
    /// Whether no body is sent at all.
    pub no_body: bool,
    /// Headers to set, or to drop.
    pub headers: Vec<(String, Option<String>)>,
    /// The token.
    pub token: Token,
    /// What must come back.
    pub expect: Expect,
    /// What the answer must contain; null if the case does not say.
    pub answer: Value,
    /// Variables to save, each with a path into the answer.
    pub save: Vec<(String, String)>,
}

/// What must come back from a call.
#[derive(Debug, Clone)]
pub enum Expect {
    /// A success, checked in full.
    Success,
    /// A refusal, checked in full.
    Refused(Refusal),
}

/// Registers a fresh MQTT device, which becomes a variable with `id`, `secret` and `node`.
#[derive(Debug, Clone)]
pub struct Register {
    /// The variable.
    pub name: String,
    /// Whether the target's product is named, if it has one.
    pub product: bool,
    /// Under whose name.
    pub actor: Actor,
    /// Further parameters of 1.5.2.
    pub with: Map<String, Value>,
}

/// Subscribes a fresh callback URL, which becomes a variable with `id`, `url` and `type`.
#[derive(Debug, Clone)]
pub struct Subscribe {
    /// The notification.
    pub notification: &'static Notification,
    /// The variable.
    pub save: String,
    /// Under whose name.
    pub actor: Actor,
    /// Further parameters of 1.7.1.
    pub with: Map<String, Value>,
}

/// Which id a device logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginId {
    /// Authentication type 0.
    DeviceId,
    /// Authentication type 2.
    NodeId,
}

/// Which password a device gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// The right one.
    Right,
    /// One made of another secret.
    Wrong,
    /// No user name and no password.
    None,
    /// This one.
    Given(String),
}

/// Opens an MQTT connection.
#[derive(Debug, Clone)]
pub struct Connect {
    /// The device's variable.
    pub device: String,
    /// The connection's name in later steps: the device's unless given.
    pub link: String,
    /// Which id.
    pub login: LoginId,
    /// The password signature type, as it stands in the client id.
    pub sign: String,
    /// The timestamp; none means the platform's present hour.
    pub timestamp: Option<String>,
    /// The password.
    pub password: Password,
    /// A client id that is sent instead of the right one.
    pub client_id: Option<String>,
    /// A user name that is sent instead of the right one.
    pub username: Option<String>,
    /// Without TLS at the port of MQTTS; means nothing for a target that is reached without TLS anyway.
    pub plain: bool,
    /// Whether the connection must be accepted.
    pub accepted: bool,
    /// Whether the device acknowledges what it gets.
    pub acknowledges: bool,
}

/// A topic as cases name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicName {
    /// The device's command topic.
    Command,
    /// The device's data topic.
    Data,
    /// This one.
    Given(String),
}

/// Subscribes to an MQTT topic.
#[derive(Debug, Clone)]
pub struct SubscribeTopic {
    /// The connection.
    pub device: String,
    /// The topic.
    pub topic: TopicName,
    /// The QoS asked for.
    pub qos: u8,
    /// Whether it must be granted; none if either will do.
    pub granted: Option<bool>,
}

/// Publishes an MQTT message.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The connection.
    pub device: String,
    /// The topic.
    pub topic: TopicName,
    /// The payload: JSON, or a text that is sent as it stands.
    pub payload: Payload,
    /// The QoS.
    pub qos: u8,
}

/// What an MQTT message carries.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A JSON value.
    Json(Value),
    /// A text that is sent as it stands.
    Raw(String),
}

/// Waits for a command at the device.
#[derive(Debug, Clone)]
pub struct AwaitCommand {
    /// The connection.
    pub device: String,
    /// What the payload must contain.
    pub payload: Value,
    /// Variables to save, each with a path into the payload.
    pub save: Vec<(String, String)>,
    /// How long to wait; none means the target's tolerance.
    pub within: Option<Duration>,
}

/// Makes sure that no command comes.
#[derive(Debug, Clone)]
pub struct NoCommand {
    /// The connection.
    pub device: String,
    /// Which command; null means any.
    pub payload: Value,
    /// How long to listen; none means the target's tolerance.
    pub listen: Option<Duration>,
}

/// Waits for a push.
#[derive(Debug, Clone)]
pub struct AwaitPush {
    /// The subscription's variable.
    pub subscription: String,
    /// Which notification.
    pub notification: &'static Notification,
    /// What the body must contain.
    pub body: Value,
    /// Variables to save, each with a path into the body.
    pub save: Vec<(String, String)>,
    /// How long to wait; none means the target's tolerance.
    pub within: Option<Duration>,
}

/// Makes sure that a push does not come.
#[derive(Debug, Clone)]
pub struct NoPush {
    /// The subscription's variable.
    pub subscription: String,
    /// What the body would contain.
    pub body: Value,
    /// A later push of the same subscription: once it is there, the other did not come.
    pub after: Option<Value>,
}

/// Uses the control plane.
#[derive(Debug, Clone)]
pub struct Control {
    /// The method's token.
    pub method: String,
    /// The path below the control plane's root.
    pub path: String,
    /// The body; null for none.
    pub body: Value,
    /// Variables to save, each with a path into the answer.
    pub save: Vec<(String, String)>,
}

impl Control {
    /// The path of the clock.
    pub const CLOCK: &'static str = "/clock";

    /// Whether it changes what all cases share; the devices of a case are its own.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.method != "GET" && !self.path.starts_with("/devices/")
    }
}
