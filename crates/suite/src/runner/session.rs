//! The tokens of the applications: one session an application in a run, since each login makes the
//! earlier tokens worthless.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iotdm_spec::catalogue::Op;
use iotdm_spec::security;
use serde_json::{Map, Value};

use super::Runner;
use crate::case::Actor;
use crate::steps::request;
use crate::verdict::Failure;
use crate::wire::http::Answer;
use crate::wire::transcript::Transcript;

/// The tokens of one application.
#[derive(Debug, Clone)]
pub struct Session {
    /// The valid access token.
    pub token: String,
    /// The one before it, which the second login has superseded.
    pub superseded: String,
    /// When it was made.
    pub(super) made: Instant,
}

/// So long a session is used: a token holds for an hour (1.4.1), and the calls of a case take their time.
const LONGEST_USE: Duration = Duration::from_secs(40 * 60);

impl Session {
    /// Whether its tokens may soon be worthless.
    pub(super) fn is_old(&self) -> bool {
        self.made.elapsed() > LONGEST_USE
    }
}

/// Why there is no session.
#[derive(Debug, Clone)]
pub enum Problem {
    /// Nobody answers.
    Unreachable(String),
    /// The target refuses the application's credentials: the target file is wrong, not the target.
    Credentials(String),
    /// The target answers a login otherwise than by a success.
    Refused(Box<Failure>),
}

impl Runner {
    /// The session of an application; the first caller logs in, twice, so that there is a
    /// superseded token to test with.
    pub(crate) async fn session(&self, actor: Actor, transcript: &Transcript) -> Result<Arc<Session>, Problem> {
        let mut sessions = self.sessions.lock().await;
        if let Some(session) = sessions.get(&actor) {
            return Ok(session.clone());
        }
        let superseded = self.log_in(actor, transcript).await?;
        let token = self.log_in(actor, transcript).await?;
        let session = Arc::new(Session { token, superseded, made: Instant::now() });
        sessions.insert(actor, session.clone());
        Ok(session)
    }

    async fn log_in(&self, actor: Actor, transcript: &Transcript) -> Result<String, Problem> {
        let Some(credentials) = self.credentials(actor) else {
            return Err(Problem::Credentials("the target names no such application".to_owned()));
        };
        let parameters = Map::from_iter([
            ("appId".to_owned(), Value::from(credentials.id.as_str())),
            ("secret".to_owned(), Value::from(credentials.secret.as_str())),
        ]);
        let op = Op::Login.table();
        let request = request::assemble(op, &self.target.base_url, &parameters).map_err(Problem::Credentials)?;
        let answer = self.http.send(&request, transcript).await.map_err(|unanswered| {
            Problem::Unreachable(format!("no answer from {}: {}", self.target.base_url, unanswered.why))
        })?;
        if let Some(json) = &answer.json {
            self.secrets.learn_from(json);
        }
        let token = answer.json.as_ref().and_then(|json| json.get("accessToken")).and_then(Value::as_str);
        match token {
            Some(token) if answer.status == op.success_status => Ok(token.to_owned()),
            _ => Err(self.refused(&answer, &credentials.id)),
        }
    }

    fn refused(&self, answer: &Answer, id: &str) -> Problem {
        let wrong = security::login::error::CREDENTIALS_WRONG.row();
        let code = answer.json.as_ref().and_then(|json| json.get("error_code")).and_then(Value::as_str);
        if answer.status == wrong.http_status && code == Some(wrong.code) {
            let name = &self.target.name;
            return Problem::Credentials(format!("{name}: the target refuses id or secret of the application `{id}`"));
        }
        Problem::Refused(Box::new(Failure::new(
            format!("the application `{id}` cannot log in"),
            "an access token",
            answer.text(),
        )))
    }
}
