//! One HTTP exchange with the target, on the record.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::{Client, Method, redirect};
use serde_json::Value;

use super::transcript::{Transcript, body_text, header_text};
use crate::events::EntryKind;

/// The suite's HTTP client.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
}

/// A request as it goes over the wire.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method's token.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The Content-Type; none if the header is missing.
    pub content_type: Option<String>,
    /// The body as text.
    pub body: String,
    /// The body, if it is JSON.
    pub json: Option<Value>,
}

/// Why nothing came back.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// Whether not even a connection could be made.
    pub unreachable: bool,
    /// What happened, in words.
    pub why: String,
}

impl Http {
    /// A client that trusts the given CA, or the system's where none is given.
    ///
    /// # Errors
    /// If the certificate is none.
    pub fn new(ca_pem: Option<&str>, patience: Duration) -> Result<Self, String> {
        super::install_crypto();
        let mut builder = Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(patience)
            .timeout(patience);
        if let Some(pem) = ca_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .map_err(|e| format!("the CA certificate cannot be read: {}", chain(&e)))?;
            builder = builder.tls_certs_only(certificates);
        }
        let client = builder.build().map_err(|e| format!("no HTTP client: {}", chain(&e)))?;
        Ok(Self { client })
    }

    /// Sends a request and waits for the answer; both go on the record.
    ///
    /// # Errors
    /// If nothing came back.
    pub async fn send(&self, request: &Request, transcript: &Transcript) -> Result<Answer, Unanswered> {
        transcript.add(EntryKind::HttpRequest, &request_text(request));
        let answer = self.exchange(request).await;
        match &answer {
            Ok(answer) => transcript.add(EntryKind::HttpAnswer, &answer.text()),
            Err(unanswered) => transcript.add(EntryKind::HttpAnswer, &format!("no answer: {}", unanswered.why)),
        }
        answer
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Unanswered> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|e| Unanswered::ours(&e))?;
        let mut builder = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(|e| Unanswered::new(&e))?;
        let status = response.status().as_u16();
        let header = response.headers().get(reqwest::header::CONTENT_TYPE);
        let content_type = header.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let bytes = response.bytes().await.map_err(|e| Unanswered::new(&e))?;
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, content_type, json: serde_json::from_str(&body).ok(), body })
    }
}

impl Unanswered {
    fn new(error: &reqwest::Error) -> Self {
        Self { unreachable: error.is_connect(), why: chain(error) }
    }

    fn ours(error: &dyn std::error::Error) -> Self {
        Self { unreachable: true, why: chain(error) }
    }
}

/// An error and everything that caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

fn request_text(request: &Request) -> String {
    let content_type = header(&request.headers, "content-type").unwrap_or_default();
    let mut text = format!("{} {}{}", request.method, request.url, header_text(&request.headers));
    if let Some(body) = &request.body {
        let _ = write!(text, "\n{}", body_text(body, content_type));
    }
    text
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Answer {
    /// Status, Content-Type and body, without secrets.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.status.to_string();
        if let Some(content_type) = &self.content_type {
            let _ = write!(text, "\ncontent-type: {content_type}");
        }
        if !self.body.is_empty() {
            let _ = write!(text, "\n{}", body_text(&self.body, ""));
        }
        text
    }
}

/// A text as one segment of a path, or as a name or value of a query or a form.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_needs_it() {
        assert_eq!(encode("a b/ü~"), "a%20b%2F%C3%BC~");
    }
}
