//! Callback receivers of every temper: prompt ones, broken ones, ones behind TLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::DEADLINE;

/// What a receiver does with each POST that it has read.
#[derive(Debug, Clone)]
pub enum Temper {
    /// Answers with this status.
    Answers(u16),
    /// Answers with these statuses, one after the other, and then 200.
    AnswersInTurn(Arc<Mutex<Vec<u16>>>),
    /// Answers with 200 when it is given a permit.
    AnswersWhenLet(Arc<Semaphore>),
    /// Accepts, and never answers.
    Silent,
    /// Closes the connection at once.
    Closes,
    /// Writes these bytes and closes the connection.
    Writes(&'static [u8]),
    /// Answers 200 with a body that never ends.
    Endless,
}

impl Temper {
    /// Answers with these statuses, one after the other, and then 200.
    #[must_use]
    pub fn in_turn(statuses: &[u16]) -> Self {
        Self::AnswersInTurn(Arc::new(Mutex::new(statuses.iter().rev().copied().collect())))
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Answers(status) => Some(*status),
            Self::AnswersInTurn(statuses) => {
                Some(statuses.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or(200))
            }
            _ => None,
        }
    }
}

/// A POST as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The request line and the headers, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
    /// Which connection it came over, counting from 1.
    pub connection: usize,
}

/// A callback receiver on loopback. It lives as long as its runtime.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    scheme: &'static str,
    received: Arc<watch::Sender<Vec<Received>>>,
}

impl Receiver {
    /// Starts one.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start(temper: Temper) -> Self {
        Self::serve(temper, None).await
    }

    /// Starts one behind TLS.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start_tls(temper: Temper, config: Arc<rustls::ServerConfig>) -> Self {
        Self::serve(temper, Some(TlsAcceptor::from(config))).await
    }

    async fn serve(temper: Temper, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let receiver = Self { address, scheme, received: Arc::new(watch::Sender::new(Vec::new())) };
        let serving = receiver.clone();
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                connection += 1;
                let (temper, receiver, tls) = (temper.clone(), serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => receiver.converse(stream, &temper, connection).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                receiver.converse(stream, &temper, connection).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    async fn converse(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, temper: &Temper, connection: usize) {
        let mut bytes = Vec::new();
        while let Some((head, body)) = read_post(&mut stream, &mut bytes).await {
            self.received.send_modify(|all| all.push(Received { head, body, connection }));
            let written = match temper {
                Temper::Closes => return,
                Temper::Silent => std::future::pending().await,
                Temper::Writes(bytes) => {
                    // Whether they arrive is the other side's concern.
                    let _ = stream.write_all(bytes).await;
                    return;
                }
                Temper::Endless => {
                    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
                    let mut written = stream.write_all(head).await;
                    while written.is_ok() {
                        written = stream.write_all(&[b'x'; 4096]).await;
                    }
                    return;
                }
                Temper::Answers(_) | Temper::AnswersInTurn(_) | Temper::AnswersWhenLet(_) => {
                    if let Temper::AnswersWhenLet(permits) = temper
                        && let Ok(permit) = permits.acquire().await
                    {
                        permit.forget();
                    }
                    let status = temper.status().unwrap_or(200);
                    let location = if (300..400).contains(&status) { "location: http://127.0.0.1:9/\r\n" } else { "" };
                    let answer = format!("HTTP/1.1 {status} X\r\n{location}content-length: 2\r\n\r\nok");
                    stream.write_all(answer.as_bytes()).await
                }
            };
            if written.is_err() {
                return;
            }
        }
    }

    /// The callback URL with this path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// What has come so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until so many have come.
    ///
    /// # Panics
    /// If they don't come in time.
    pub async fn await_count(&self, count: usize) -> Vec<Received> {
        self.await_count_within(count, DEADLINE).await
    }

    /// Waits until so many have come.
    ///
    /// # Panics
    /// If they don't come in time.
    pub async fn await_count_within(&self, count: usize, within: Duration) -> Vec<Received> {
        let mut received = self.received.subscribe();
        let enough = tokio::time::timeout(within, received.wait_for(|all| all.len() >= count)).await;
        match enough {
            Ok(all) => all.expect("the receiver is alive").clone(),
            Err(_) => panic!("{} of {count} pushes came within {within:?}", self.received().len()),
        }
    }
}

/// Reads one request; `bytes` keeps what came after it.
async fn read_post(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            let whole = end + 4 + length.parse::<usize>().ok()?;
            if bytes.len() >= whole {
                let body = String::from_utf8_lossy(&bytes[end + 4..whole]).into_owned();
                bytes.drain(..whole);
                return Some((head, body));
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
}
