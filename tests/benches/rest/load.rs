//! The clients: keep-alive connections that send their next request when the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How many clients call at the same time.
pub const CLIENTS: usize = 8;

/// A kind of call.
#[derive(Clone)]
pub struct Work {
    /// Its name in the table.
    pub name: &'static str,
    /// How many calls a round has.
    pub calls: usize,
    request: Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>,
    serial: Arc<AtomicUsize>,
}

impl Work {
    /// A call whose bytes are made from a serial number.
    pub fn new(name: &'static str, calls: usize, request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self { name, calls, request: Arc::new(request), serial: Arc::default() }
    }

    fn next(&self) -> Vec<u8> {
        (self.request)(self.serial.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where the calls go.
#[derive(Clone)]
pub enum Target {
    /// Without TLS.
    Plain(SocketAddr),
    /// With TLS.
    Tls(SocketAddr, Arc<ClientConfig>),
}

/// Trusts these certificates (PEM).
pub fn trust(pems: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for pem in pems {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")).expect("a certificate");
    }
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

/// How a round went.
#[derive(Default)]
pub struct Round {
    /// Calls a second.
    pub rate: f64,
    /// How long each call took.
    pub took: Vec<Duration>,
}

/// Makes the calls of a round.
pub async fn round(target: &Target, work: &Work) -> Round {
    let began = Instant::now();
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(client(target.clone(), work.clone(), work.calls / CLIENTS))).collect();
    let mut took = Vec::with_capacity(work.calls);
    for client in clients {
        took.extend(client.await.expect("a client that ends"));
    }
    Round { rate: took.len() as f64 / began.elapsed().as_secs_f64(), took }
}

async fn client(target: Target, work: Work, calls: usize) -> Vec<Duration> {
    let at = match &target {
        Target::Plain(at) | Target::Tls(at, _) => *at,
    };
    let socket = TcpStream::connect(at).await.expect("a connection");
    socket.set_nodelay(true).expect("a socket");
    match target {
        Target::Plain(_) => calls_on(socket, &work, calls).await,
        Target::Tls(at, config) => {
            let stream = TlsConnector::from(config).connect(ServerName::from(at.ip()), socket).await;
            calls_on(stream.expect("a handshake"), &work, calls).await
        }
    }
}

async fn calls_on(mut stream: impl AsyncRead + AsyncWrite + Unpin, work: &Work, calls: usize) -> Vec<Duration> {
    let mut buffer = vec![0; 64 << 10];
    let mut took = Vec::with_capacity(calls);
    for _ in 0..calls {
        let request = work.next();
        let began = Instant::now();
        stream.write_all(&request).await.expect("a request");
        stream.flush().await.expect("a request");
        read_answer(&mut stream, &mut buffer, work.name).await;
        took.push(began.elapsed());
    }
    took
}

/// Reads an answer, which must be a success.
async fn read_answer(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8], what: &str) {
    let mut filled = 0;
    let (head, length) = loop {
        let read = stream.read(&mut buffer[filled..]).await.expect("an answer");
        assert!(read > 0, "{what}: the server closed");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head");
        assert!(text.starts_with("HTTP/1.1 20"), "{what}: {text}");
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        break (head + 4, length.unwrap_or(0));
    };
    let mut left = (head + length).saturating_sub(filled);
    while left > 0 {
        let read = stream.read(buffer).await.expect("a body");
        assert!(read > 0, "{what}: the server closed in the body");
        left = left.saturating_sub(read);
    }
}
