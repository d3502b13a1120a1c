//! The application's side of a push: a small HTTP server whose every path belongs to one case.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::inbox::Inbox;
use super::transcript::{Transcript, body_text};
use crate::events::EntryKind;

/// The run's callback receiver; it stops when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    base: String,
    next: AtomicU64,
    mailboxes: Mailboxes,
    server: JoinHandle<()>,
}

type Mailboxes = Arc<Shared>;

/// What the receiver and its server share.
#[derive(Debug, Default)]
struct Shared {
    by_path: Mutex<HashMap<String, Arc<Mailbox>>>,
    reached: AtomicBool,
}

/// Where the pushes of one subscription arrive.
#[derive(Debug)]
pub struct Mailbox {
    /// The callback URL.
    pub url: String,
    /// The pushes, in order of arrival.
    pub inbox: Inbox<Push>,
    transcript: Transcript,
    answers: Mutex<Vec<u16>>,
}

/// One push.
#[derive(Debug, Clone)]
pub struct Push {
    /// The request's method.
    pub method: String,
    /// Its Content-Type; none if the header is missing.
    pub content_type: Option<String>,
    /// Its body as text.
    pub body: String,
    /// Its body, if it is JSON.
    pub json: Option<Value>,
}

impl Receiver {
    /// Listens on a free port of `host`.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start(host: &str) -> Result<Self, String> {
        // A host name that is only known to the target can't be bound; every address can.
        let listener = match TcpListener::bind((host, 0)).await {
            Ok(listener) => listener,
            Err(error) => TcpListener::bind(("0.0.0.0", 0))
                .await
                .map_err(|_| format!("the callback receiver cannot listen on {host}: {error}"))?,
        };
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let mailboxes = Mailboxes::default();
        let app = Router::new().fallback(receive).with_state(mailboxes.clone());
        let server = tokio::spawn(async move {
            // The server ends with the run; an accept error has already been retried by axum.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { base: format!("http://{host}:{port}"), next: AtomicU64::new(1), mailboxes, server })
    }

    /// A fresh callback URL, whose pushes go on the record.
    pub fn open(&self, transcript: &Transcript) -> Arc<Mailbox> {
        let path = format!("/callback/{}", self.next.fetch_add(1, Ordering::Relaxed));
        let mailbox = Arc::new(Mailbox {
            url: format!("{}{path}", self.base),
            inbox: Inbox::default(),
            transcript: transcript.clone(),
            answers: Mutex::default(),
        });
        self.mailboxes.by_path.lock().unwrap_or_else(PoisonError::into_inner).insert(path, mailbox.clone());
        mailbox
    }

    /// Whether anything has ever arrived.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        self.mailboxes.reached.load(Ordering::Relaxed)
    }

    /// Forgets a callback URL: what still arrives there is nobody's any more.
    pub fn close(&self, mailbox: &Mailbox) {
        let path = mailbox.url.strip_prefix(&self.base).unwrap_or_default();
        self.mailboxes.by_path.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Mailbox {
    /// Answers the next `times` pushes with this status.
    pub fn answer_with(&self, status: u16, times: u64) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend((0..times).map(|_| status));
    }

    fn next_answer(&self) -> Option<u16> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        (!answers.is_empty()).then(|| answers.remove(0))
    }
}

async fn receive(
    State(mailboxes): State<Mailboxes>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    mailboxes.reached.store(true, Ordering::Relaxed);
    let mailbox = mailboxes.by_path.lock().unwrap_or_else(PoisonError::into_inner).get(uri.path()).cloned();
    let Some(mailbox) = mailbox else {
        // A push that was under way when its case ended: nobody judges it, and nobody wants a retry.
        return StatusCode::OK;
    };
    let content_type = headers.get(header::CONTENT_TYPE).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let body = String::from_utf8_lossy(&body).into_owned();
    let shown = content_type.clone().unwrap_or_default();
    let text = format!("{method} {}\ncontent-type: {shown}\n{}", mailbox.url, body_text(&body, &shown));
    mailbox.transcript.add(EntryKind::CallbackIn, &text);
    let answer = mailbox.next_answer().and_then(|status| StatusCode::from_u16(status).ok());
    if let Some(status) = answer {
        mailbox.transcript.add(EntryKind::CallbackOut, status.as_str());
    }
    let json = serde_json::from_str(&body).ok();
    mailbox.inbox.put(Push { method: method.to_string(), content_type, body, json });
    answer.unwrap_or(StatusCode::OK)
}
