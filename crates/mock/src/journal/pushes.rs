//! Pushes in the journal: an entry an attempt, with what the receiver made of it.

use std::time::Duration;

use iotdm_spec::model::Notification;
use iotdm_spec::secrets;
use serde::Serialize;

use super::{Event, Journal, NotSeen};
use crate::clock::Moment;
use crate::deviation::Deviation;
use crate::receivers;

/// A push and what the receiver made of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pushed {
    /// The clause that the message follows, such as `1.8.1`.
    pub clause: &'static str,
    /// Its name, such as `device_added`.
    pub notification: &'static str,
    /// The application that is told, if it can still be told which.
    pub application: Option<String>,
    /// The device that it is about.
    pub device: String,
    /// Where it went.
    pub url: String,
    /// The body as sent, masked.
    pub body: String,
    /// How long the body was, before it was masked or cut.
    pub body_bytes: usize,
    /// Whether it left the platform at all.
    pub sent: bool,
    /// The receiver's HTTP status; none if there was no answer.
    pub status: Option<u16>,
    /// Why it was not delivered.
    pub error: Option<String>,
    /// From sending to the answer's head, in milliseconds.
    pub latency_ms: u64,
    /// Which attempt at this push it was, counting from 1; 0 for one that was never sent.
    pub attempt: u32,
    /// When the push is tried again, if it is.
    #[serde(serialize_with = "wire_form_or_null")]
    pub retry_at: Option<Moment>,
    /// Where the receiver deviates from the contract.
    pub deviations: Vec<Deviation>,
}

impl Pushed {
    pub(crate) fn new(clause: &'static Notification, url: &str, device: &str, body: &[u8]) -> Self {
        Self {
            clause: clause.clause,
            notification: clause.name,
            application: None,
            device: device.to_owned(),
            url: receivers::shown(url),
            body: secrets::mask_body(body),
            body_bytes: body.len(),
            sent: false,
            status: None,
            error: None,
            latency_ms: 0,
            attempt: 0,
            retry_at: None,
            deviations: Vec::new(),
        }
    }

    /// Whether the receiver took it.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.error.is_none()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// A moment in the form that people and the reference write it in.
pub(crate) fn wire_form_or_null<S: serde::Serializer>(at: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_string()).serialize(serializer)
}

impl Journal {
    /// The pushes of a notification, by its name such as `device_added`: an entry an attempt.
    #[must_use]
    pub fn pushes(&self, notification: &str) -> Vec<Pushed> {
        self.pushes_where(|push| push.notification == notification)
    }

    /// The pushes about a device: an entry an attempt.
    #[must_use]
    pub fn pushes_about(&self, device: &str) -> Vec<Pushed> {
        self.pushes_where(|push| push.device == device)
    }

    /// The pushes to a callback URL: an entry an attempt.
    #[must_use]
    pub fn pushes_to(&self, url: &str) -> Vec<Pushed> {
        self.pushes_where(|push| push.url == url)
    }

    fn pushes_where(&self, of: impl Fn(&Pushed) -> bool) -> Vec<Pushed> {
        self.pick(|event| match event {
            Event::Push(push) if of(push) => Some(push.clone()),
            _ => None,
        })
    }

    /// Waits for a push of a notification about a device to be delivered, one that already was
    /// included.
    ///
    /// # Errors
    /// [`NotSeen`] if none is in time.
    pub async fn await_push(&self, notification: &str, device: &str, within: Duration) -> Result<Pushed, NotSeen> {
        let of = |push: &Pushed| push.notification == notification && push.device == device && push.is_delivered();
        self.await_push_where(&format!("{notification} about {device}"), within, of).await
    }

    /// Waits for an attempt at a push, failed ones and those that are already there included.
    ///
    /// # Errors
    /// [`NotSeen`] if none comes in time; `awaited` says what it was about.
    pub async fn await_push_where(
        &self,
        awaited: &str,
        within: Duration,
        wanted: impl Fn(&Pushed) -> bool,
    ) -> Result<Pushed, NotSeen> {
        let entry = self.wait_for(awaited, within, |entry| matches!(&entry.event, Event::Push(push) if wanted(push)));
        match entry.await?.event {
            Event::Push(push) => Ok(push),
            _ => Err(NotSeen { awaited: awaited.to_owned(), within }),
        }
    }
}
