//! What the platform saw: its journal, followed over the control plane.

use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer};

use super::packet;
use crate::wire::http::{Http, Request};
use crate::wire::transcript::{Secrets, Transcript};

/// The longest that one question to the journal waits for news.
const LONGEST_POLL: Duration = Duration::from_secs(2);
/// How long an answer may take beyond that.
const ANSWER: Duration = Duration::from_secs(10);
/// The pause after an empty answer of a control plane that does not wait for news.
const PAUSE: Duration = Duration::from_millis(50);

/// One thing that the platform saw.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The entry's number in the journal.
    pub seq: u64,
    /// The platform's time, `yyyyMMddTHHmmssZ`.
    pub at: String,
    /// When we learnt of it, from the moment on which the feed was opened.
    pub after: Duration,
    /// What it saw.
    pub what: What,
}

/// What the platform saw.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum What {
    /// A REST request and its answer.
    Call(Call),
    /// An MQTT packet, in either direction.
    Packet(Packet),
    /// A CONNECT and how it was judged.
    Connect(Connect),
    /// A push and what the receiver made of it.
    Push(Push),
    /// Something else worth knowing.
    Note(Note),
    /// A kind of entry that we know nothing of.
    #[serde(other)]
    Other,
}

/// A REST request and its answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Call {
    /// The application that called, or that its `app_key` names; none without that header.
    pub application: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// Path and query string.
    pub target: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The `error_code` of a refusal.
    pub error_code: Option<String>,
    /// Whether the platform's owner had ordered the answer: then it says nothing of the call.
    pub ordered: bool,
    /// Where the platform found the request to deviate.
    pub deviations: Vec<Deviation>,
    /// What else the platform has to say.
    pub notes: Vec<String>,
    /// The request's body, masked.
    pub request: String,
    /// The answer's body, masked.
    pub answer: String,
    /// The request's headers, where the platform's journal tells them.
    pub headers: Option<Headers>,
}

/// Where a party deviates from the contract, as the platform sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deviation {
    /// The id of the requirement.
    pub requirement: String,
    /// The kind of deviation, such as `unknown_member`.
    pub kind: String,
    /// Which member, header or part it is about.
    pub path: Option<String>,
    /// What is the matter, in words.
    pub text: String,
    /// Whether the platform did what was asked for all the same.
    pub tolerated: bool,
}

/// The headers of a request as the journal tells them; a token never stands in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Headers {
    /// `app_key`, if there was one.
    pub app_key: Option<String>,
    /// `Content-Type`, if there was one.
    pub content_type: Option<String>,
    /// `absent`, `malformed`, or what became of the token: `valid`, `expired`, `superseded`, `unknown`.
    pub authorization: Option<String>,
}

/// An MQTT packet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Packet {
    /// The device, once its session is admitted.
    pub device: Option<String>,
    /// The number of the session.
    pub session: u64,
    /// `in` from the device, `out` to it.
    pub direction: String,
    /// The packet's name, such as `PUBLISH`.
    pub packet: String,
    /// The packet in one line.
    pub line: String,
    /// Why it was refused or had no effect.
    pub note: Option<String>,
    /// The bytes, with a password overwritten.
    #[serde(deserialize_with = "hex")]
    pub bytes: Vec<u8>,
}

/// A CONNECT and how it was judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Connect {
    /// The number of the session.
    pub session: u64,
    /// The client id.
    pub client_id: String,
    /// The user name, if there was one.
    pub username: Option<String>,
    /// `right`, `wrong`, `absent` or `unjudged`.
    pub password: String,
    /// Whether the session was let in.
    pub accepted: bool,
    /// The device, if it could be told.
    pub device: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Where the platform found it to deviate.
    pub deviations: Vec<Deviation>,
}

/// Something else worth knowing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Note {
    /// In words.
    pub text: String,
    /// The device that it is about, if it is about one.
    pub device: Option<String>,
    /// The number of the session that it is about, if it is about one.
    pub session: Option<u64>,
    /// Where the platform found the device to deviate.
    pub deviations: Vec<Deviation>,
}

/// A push and what the receiver made of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Push {
    /// The clause that the message follows, such as `1.8.1`.
    pub clause: String,
    /// Where it went.
    pub url: String,
    /// The body, masked.
    pub body: String,
    /// The receiver's HTTP status; none if there was no answer.
    pub status: Option<u16>,
    /// Why it was not delivered.
    pub error: Option<String>,
    /// Whether it left the platform at all; a journal that does not tell means yes.
    #[serde(default = "yes")]
    pub sent: bool,
    /// From sending to the answer, in milliseconds.
    pub latency_ms: u64,
}

const fn yes() -> bool {
    true
}

fn hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    packet::from_hex(&text).ok_or_else(|| serde::de::Error::custom("not hexadecimal"))
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    seq: u64,
    #[serde(default)]
    at: String,
    #[serde(flatten)]
    what: What,
}

/// The journal from the moment on which it was opened.
#[derive(Debug)]
pub struct Feed {
    http: Http,
    base: String,
    opened: Instant,
    since: u64,
    missed: u64,
    seen: Vec<Observation>,
}

impl Feed {
    /// Opens the journal at its present end; `control` is the base URL of the control plane.
    ///
    /// # Errors
    /// If nobody answers there, or not as a control plane does.
    pub async fn open(control: &str) -> Result<Self, String> {
        let http = Http::new(None, LONGEST_POLL + ANSWER)?;
        let base = control.trim_end_matches('/');
        let base = base.strip_suffix("/_mock").unwrap_or(base).to_owned();
        let mut feed = Self { http, base, opened: Instant::now(), since: 0, missed: 0, seen: Vec::new() };
        let past = feed.ask(Duration::ZERO).await?;
        feed.since = past.entries.last().map_or(0, |line| line.seq);
        feed.opened = Instant::now();
        Ok(feed)
    }

    /// Everything since the feed was opened.
    #[must_use]
    pub fn seen(&self) -> &[Observation] {
        &self.seen
    }

    /// The number of the newest entry that we know of.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.since
    }

    /// How many entries the journal dropped before we could read them.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Reads on, waiting for news for at most so long. It may be dropped at any time.
    ///
    /// # Errors
    /// If the control plane does not answer as it should.
    pub async fn pull(&mut self, wait: Duration) -> Result<(), String> {
        let wait = wait.min(LONGEST_POLL);
        let asked = Instant::now();
        let page = self.ask(wait).await?;
        let empty = page.entries.is_empty();
        let after = self.opened.elapsed();
        for Line { seq, at, what } in page.entries {
            self.missed += seq.saturating_sub(self.since + 1);
            self.since = seq;
            self.seen.push(Observation { seq, at, after, what });
        }
        if empty {
            tokio::time::sleep(PAUSE.min(wait.saturating_sub(asked.elapsed()))).await;
        }
        Ok(())
    }

    /// Reads on until something is there, or the time is over: whether it is there.
    ///
    /// # Errors
    /// If the control plane does not answer as it should.
    pub async fn until(
        &mut self,
        within: Duration,
        mut found: impl FnMut(&[Observation]) -> bool,
    ) -> Result<bool, String> {
        let deadline = Instant::now() + within;
        loop {
            if found(&self.seen) {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.pull(left).await?;
        }
    }

    async fn ask(&self, wait: Duration) -> Result<Page, String> {
        let url = format!("{}/_mock/journal?since={}&wait_ms={}", self.base, self.since, wait.as_millis());
        let request = Request { method: "GET".to_owned(), url, ..Request::default() };
        // Nobody wants to read how the journal was read: the record is thrown away.
        let record = Transcript::new(Secrets::default());
        let answer = self.http.send(&request, &record).await;
        let answer = answer.map_err(|unanswered| format!("no answer from the control plane: {}", unanswered.why))?;
        if answer.status != 200 {
            return Err(format!("the control plane does not tell its journal: {}", answer.text()));
        }
        serde_json::from_str(&answer.body).map_err(|e| format!("the journal cannot be read: {e}"))
    }
}

/// Reads entries as the control plane sends them.
#[cfg(test)]
pub(super) fn read(entries: &serde_json::Value) -> Vec<Observation> {
    let page: Page = serde_json::from_value(serde_json::json!({ "entries": entries })).unwrap();
    let observe = |Line { seq, at, what }| Observation { seq, at, after: Duration::from_millis(seq), what };
    page.entries.into_iter().map(observe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_are_read_as_the_control_plane_sends_them() {
        let seen = read(&json!([
            {"seq": 1, "at": "20200214T080000Z", "kind": "note", "text": "hello"},
            {"seq": 2, "at": "20200214T080000Z", "kind": "packet", "device": "d", "session": 7, "direction": "in",
             "packet": "PINGREQ", "line": "PINGREQ", "note": null, "bytes": "c000"},
            {"seq": 3, "at": "20200214T080000Z", "kind": "connect", "session": 7, "clientId": "d_0_0_2020021408",
             "username": "d", "password": "right", "accepted": true, "device": "d", "reason": null},
            {"seq": 4, "at": "20200214T080000Z", "kind": "call", "operation": "login", "clause": "1.4.1",
             "application": null, "method": "POST", "target": "/x", "status": 200, "errorCode": null, "refused": null,
             "ordered": false, "deviations": [{"requirement": "1.2.1/rule/content-type-login",
             "kind": "wrong_content_type", "path": "Content-Type", "text": "another", "tolerated": true}], "notes": [],
             "latencyUs": 210, "request": "", "requestBytes": 0, "answer": "", "answerBytes": 0},
            {"seq": 5, "at": "20200214T080000Z", "kind": "sunrise", "colour": "red"},
        ]));
        assert!(matches!(&seen[0].what, What::Note(note) if note.text == "hello"));
        assert!(matches!(&seen[1].what, What::Packet(p) if p.bytes == [0xc0, 0] && p.session == 7));
        assert!(matches!(&seen[2].what, What::Connect(c) if c.accepted && c.password == "right"));
        assert!(matches!(&seen[3].what, What::Call(c) if c.status == 200 && c.headers.is_none()));
        let What::Call(call) = &seen[3].what else { panic!("{:?}", seen[3]) };
        assert_eq!(call.deviations[0].kind, "wrong_content_type");
        assert!(!call.ordered && call.deviations[0].tolerated);
        assert!(matches!(&seen[4].what, What::Other));
    }
}
