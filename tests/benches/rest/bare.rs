//! The handler that the platform is measured by: it reads the request, and answers the same bytes as the
//! platform does.

use std::net::{SocketAddr, TcpListener};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// Where one listens, with TLS and without.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// Without TLS.
    pub plain: SocketAddr,
    /// With TLS.
    pub tls: SocketAddr,
}

/// A certificate for loopback.
pub struct Certificate {
    /// In PEM, to be trusted.
    pub pem: String,
    tls: RustlsConfig,
}

impl Certificate {
    /// Makes one.
    pub fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .expect("a usable certificate");
        Self { pem: made.cert.pem(), tls: RustlsConfig::from_config(config.into()) }
    }
}

/// Starts one that answers `body` to everything.
pub fn start(certificate: &Certificate, body: &str) -> Bare {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    let body = Bytes::copy_from_slice(body.as_bytes());
    let router = Router::new().fallback(move |_request: Bytes| {
        let (headers, body) = (headers.clone(), body.clone());
        async move { (headers, body) }
    });
    let ((plain, listener), (tls, secure)) = (listen(), listen());
    let server = axum_server::from_tcp(listener).expect("a server").acceptor(NoDelayAcceptor::new()).http1_only();
    tokio::spawn(server.serve(router.clone().into_make_service()));
    let server = axum_server::from_tcp_rustls(secure, certificate.tls.clone()).expect("a server").http1_only();
    let server = server.map(|acceptor| acceptor.acceptor(NoDelayAcceptor::new()));
    tokio::spawn(server.serve(router.into_make_service()));
    Bare { plain, tls }
}

fn listen() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    (listener.local_addr().expect("an address"), listener)
}
