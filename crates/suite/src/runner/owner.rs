//! What a run does with a control plane beside its cases: it makes sure that it is the target's own,
//! lifts the throttle of the target's applications, and puts right at the end what it can.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::{CannotStart, Runner};
use crate::case::{Actor, Control};
use crate::steps::scope;
use crate::wire::http::{Answer, Request, encode};
use crate::wire::transcript::Transcript;

/// Where a control plane says whose it is.
const ABOUT: &str = "/";
/// Where it counts the logins that have come to its platform.
const LOGINS: &str = "/journal/count?operation=login";
const APPLICATIONS: &str = "/applications";

/// What of the platform was changed for the run.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// The throttles of the target's applications, as they were.
    throttles: Mutex<Vec<(String, Value)>>,
    /// Seconds by which the run has moved the clock.
    moved: AtomicI64,
}

impl Owner {
    pub(super) fn moved(&self, seconds: i64) {
        self.moved.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Runner {
    /// The first contact with the control plane, if there is one.
    pub(super) async fn take_over(&self, transcript: &Transcript) -> Result<(), CannotStart> {
        if self.target.control.is_none() {
            return Ok(());
        }
        let theirs = self.clock(transcript).await.map_err(CannotStart)?;
        // One second is lost by rounding; a smaller difference is none.
        let ahead = theirs - scope::now();
        self.ahead.store(if ahead.abs() <= 1 { 0 } else { ahead }, Ordering::Relaxed);
        self.make_sure_that_it_is_the_targets(transcript).await?;
        self.lift_throttles(transcript).await;
        Ok(())
    }

    async fn clock(&self, transcript: &Transcript) -> Result<i64, String> {
        let answer = self.control("GET", Control::CLOCK, None, transcript).await?;
        let now = answer.json.as_ref().and_then(|json| json.get("now")).and_then(Value::as_str);
        now.and_then(scope::parse_utc).ok_or_else(|| {
            format!("{} is no control plane: it does not say what time it is, but {}", self.plane(), answer.text())
        })
    }

    /// A control plane of another platform would make the target fail whatever takes one. It is the
    /// target's if it names the target's address, or if it has seen us log in: there may be a proxy between.
    async fn make_sure_that_it_is_the_targets(&self, transcript: &Transcript) -> Result<(), CannotStart> {
        let about = self.control("GET", ABOUT, None, transcript).await.map_err(CannotStart)?;
        let base = about.json.as_ref().and_then(|json| json.get("base_url")).and_then(Value::as_str);
        if base.is_some_and(|base| base.trim_end_matches('/') == self.target.base_url) {
            return Ok(());
        }
        let before = self.logins(transcript).await;
        self.forget_sessions().await;
        let session = self.session(Actor::Application, transcript).await;
        if self.logins(transcript).await > before {
            return Ok(());
        }
        // Where not even a login works, that is what the cases of 1.4.1 are to judge.
        if session.is_err() && self.knows_our_application(transcript).await {
            return Ok(());
        }
        let whose =
            base.map_or_else(|| "it does not say whose it is".to_owned(), |base| format!("it belongs to {base}"));
        let target = &self.target.base_url;
        Err(CannotStart(format!("{} is not the control plane of the target {target}: {whose}", self.plane())))
    }

    async fn logins(&self, transcript: &Transcript) -> Option<u64> {
        self.control("GET", LOGINS, None, transcript).await.ok()?.json?.get("count")?.as_u64()
    }

    async fn knows_our_application(&self, transcript: &Transcript) -> bool {
        let known = self.applications(transcript).await;
        known.iter().any(|one| one.get("id").and_then(Value::as_str) == Some(self.target.application.id.as_str()))
    }

    async fn applications(&self, transcript: &Transcript) -> Vec<Value> {
        let answer = self.control("GET", APPLICATIONS, None, transcript).await;
        let known = answer.ok().and_then(|answer| answer.json?.get("applications")?.as_array().cloned());
        known.unwrap_or_default()
    }

    /// An owner need not wait for the throttle.
    async fn lift_throttles(&self, transcript: &Transcript) {
        let known = self.applications(transcript).await;
        let ours = [Some(&self.target.application), self.target.authorized.as_ref(), self.target.stranger.as_ref()];
        let mut throttles = Vec::new();
        for id in ours.into_iter().flatten().map(|credentials| &credentials.id) {
            let is_it = |one: &&Value| one.get("id").and_then(Value::as_str) == Some(id.as_str());
            let Some(throttle) = known.iter().find(is_it).and_then(|one| one.get("throttle")) else { continue };
            if !throttle.is_null() {
                self.set_throttle(id, &Value::Null, transcript).await;
            }
            throttles.push((id.clone(), throttle.clone()));
        }
        *self.owner.throttles.lock().unwrap_or_else(PoisonError::into_inner) = throttles;
    }

    async fn set_throttle(&self, id: &str, calls: &Value, transcript: &Transcript) {
        let path = format!("{APPLICATIONS}/{}", encode(id));
        // Where it cannot be set, the run meets the throttle, and says so.
        let _ = self.control("PATCH", &path, Some(json!({"throttle": calls})), transcript).await;
    }

    /// Puts right what the run has changed by the owner's means; what there is to say of the run as a whole.
    pub async fn finish(&self) -> Vec<String> {
        let transcript = Transcript::new(self.secrets.clone());
        let throttles = std::mem::take(&mut *self.owner.throttles.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, calls) in &throttles {
            self.set_throttle(id, calls, &transcript).await;
        }
        let mut remarks: Vec<String> = self.throttle.remark().into_iter().collect();
        // The embedded mock goes with the run.
        if self.owner.moved.load(Ordering::Relaxed) > 0 && self.target.file.is_some() {
            remarks.extend(self.clock_remark(&transcript).await);
        }
        remarks
    }

    async fn clock_remark(&self, transcript: &Transcript) -> Option<String> {
        let now = self.clock(transcript).await.ok()?;
        let ahead = (now - scope::now()) / 3600;
        let (moment, plane) = (scope::utc(now)?, self.plane());
        Some(format!(
            "The cases have moved the target's clock: it is {moment} there now, {ahead} h ahead. `curl -X POST \
             {plane}/reset` takes the platform back to its start."
        ))
    }

    /// The control plane's root, as a person writes it.
    fn plane(&self) -> String {
        self.control_url("").unwrap_or_default()
    }

    async fn control(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        transcript: &Transcript,
    ) -> Result<Answer, String> {
        let url = self.control_url(path).unwrap_or_default();
        let mut request = Request { method: method.to_owned(), url, ..Request::default() };
        if let Some(body) = body {
            request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            request.body = Some(body.to_string());
        }
        let answer = self.http.send(&request, transcript).await;
        answer.map_err(|unanswered| format!("no answer from the control plane {}: {}", self.plane(), unanswered.why))
    }
}
