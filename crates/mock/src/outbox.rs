//! What a handler wants to happen outside: values, which the shells carry out in order.

use std::sync::Arc;

use bytes::Bytes;
use iotdm_spec::model::Notification;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journal::Event;
use crate::receivers::Attempt;

/// An effect of a call, a packet or a timer.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// A push to an application's callback (1.8), which goes out when it is its turn.
    Push(Push),
    /// It is a push's turn: it is sent now.
    Attempt(Attempt),
    /// Something for the journal.
    Tell(Box<Event>),
    /// A message to a device on its command topic (2.4).
    Publish {
        /// The device whose session gets it.
        device: Arc<str>,
        /// The topic.
        topic: String,
        /// The payload.
        payload: Bytes,
        /// What the door gives back when the device has acknowledged it.
        token: u64,
    },
    /// End the device's MQTT session.
    CloseSession {
        /// The device.
        device: Arc<str>,
        /// Why, for the journal.
        why: &'static str,
    },
}

/// One push, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// The clause that the message follows.
    pub(crate) clause: &'static Notification,
    /// Where it goes.
    pub(crate) url: Arc<str>,
    /// The device that it is about, empty if it is about none; order is kept for each device.
    pub(crate) device: Arc<str>,
    /// For whom it is.
    pub(crate) addressee: Addressee,
    /// The compact JSON body.
    pub(crate) body: Bytes,
}

/// For whom a push is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Addressee {
    /// The application that asked for it.
    pub(crate) application: Arc<str>,
    /// Its subscription; none for what becomes of a command with an address of its own (1.8.12).
    pub(crate) subscription: Option<Arc<str>>,
}

impl Addressee {
    /// The application, if it is known: what an older world kept waiting does not say it.
    pub(crate) fn application(&self) -> Option<String> {
        Some(self.application.to_string()).filter(|id| !id.is_empty())
    }
}
