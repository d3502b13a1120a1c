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
    largest: usize,
}

/// The longest answer that is read: a control plane's journal can be long, and memory is not endless.
const LARGEST: usize = 256 << 20;
/// The longest answer of a platform (1.6.2 wants its pages kept below that).
pub const LARGEST_OF_PLATFORM: usize = 16 << 20;

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
    /// After how many seconds a call may be repeated (`Retry-After`), if it says so.
    pub retry_after: Option<u64>,
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
    /// Whether more came than is read.
    pub endless: bool,
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
        Ok(Self { client, largest: LARGEST })
    }

    /// The same client that reads answers of at most so many bytes.
    #[must_use]
    pub const fn at_most(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
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
        let mut response = builder.send().await.map_err(|e| Unanswered::new(&e))?;
        let status = response.status().as_u16();
        let header = response.headers().get(reqwest::header::CONTENT_TYPE);
        let content_type = header.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let retry_after = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| Unanswered::new(&e))? {
            if bytes.len() + chunk.len() > self.largest {
                return Err(Unanswered::endless(status, self.largest));
            }
            bytes.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, content_type, retry_after, json: serde_json::from_str(&body).ok(), body })
    }
}

impl Unanswered {
    fn new(error: &reqwest::Error) -> Self {
        Self { unreachable: error.is_connect(), endless: false, why: chain(error) }
    }

    fn endless(status: u16, largest: usize) -> Self {
        let why =
            format!("status {status} with a body of more than {} MB, of which the rest was not read", largest >> 20);
        Self { unreachable: false, endless: true, why }
    }

    fn ours(error: &dyn std::error::Error) -> Self {
        Self { unreachable: true, endless: false, why: chain(error) }
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// A target that never stops sending must not take all memory.
    #[tokio::test]
    async fn an_answer_without_end_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 1024]).await;
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
        });
        let http = Http::new(None, Duration::from_secs(10)).unwrap().at_most(1 << 20);
        let request = Request { method: "GET".to_owned(), url, ..Request::default() };
        let record = Transcript::new(super::super::transcript::Secrets::default());
        let unanswered = http.send(&request, &record).await.unwrap_err();
        assert!(unanswered.endless && unanswered.why.contains("more than 1 MB"), "{}", unanswered.why);
    }

    #[test]
    fn encodes_what_needs_it() {
        assert_eq!(encode("a b/ü~"), "a%20b%2F%C3%BC~");
    }
}
