//! Certificates: made at start, or given.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// What is the matter with a certificate or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateError {
    /// The file, if one was given.
    pub file: Option<PathBuf>,
    /// In words.
    pub reason: String,
}

impl CertificateError {
    fn new(reason: impl fmt::Display) -> Self {
        Self { file: None, reason: reason.to_string() }
    }

    fn in_file(file: &Path, reason: impl fmt::Display) -> Self {
        Self { file: Some(file.to_owned()), reason: reason.to_string() }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}: {}", file.display(), self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for CertificateError {}

/// What a server shows to its clients, and what they need to believe it.
pub(crate) struct Identity {
    /// The certificate to trust, in PEM.
    pub(crate) ca_pem: String,
    pub(crate) server: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new(
        ca_pem: String,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, CertificateError> {
        let server = server_config(chain.clone(), key.clone_key(), WebPkiClientVerifier::no_client_auth())?;
        Ok(Self { ca_pem, server, chain, key })
    }

    /// What a server shows that asks its clients for certificates: who presents one must have it from
    /// one of these authorities (PEM), and who presents none is let in all the same.
    pub(crate) fn asking(&self, authorities: &str) -> Result<Arc<ServerConfig>, CertificateError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(authorities)? {
            roots.add(certificate).map_err(CertificateError::new)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build()
            .map_err(CertificateError::new)?;
        server_config(self.chain.clone(), self.key.clone_key(), verifier)
    }
}

/// Makes a certification authority and a server certificate for loopback and the given names.
pub(crate) fn generate(names: &[String]) -> Result<Identity, CertificateError> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "iotdm mock CA");
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate().map_err(CertificateError::new)?;
    let ca_certificate = ca.self_signed(&ca_key).map_err(CertificateError::new)?;
    let issuer = Issuer::new(ca, ca_key);

    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    all.extend(names.iter().filter(|name| name.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified())).cloned());
    all.dedup();
    let mut leaf = CertificateParams::new(all).map_err(CertificateError::new)?;
    leaf.distinguished_name.push(DnType::CommonName, "iotdm mock");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(CertificateError::new)?;
    let certificate = leaf.signed_by(&key, &issuer).map_err(CertificateError::new)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Identity::new(ca_certificate.pem(), vec![certificate.der().clone()], key)
}

/// Reads a certificate chain and its key from PEM files.
pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Identity, CertificateError> {
    let text = std::fs::read_to_string(certificate).map_err(|e| CertificateError::in_file(certificate, e))?;
    let chain = certificates(&text).map_err(|e| CertificateError::in_file(certificate, e.reason))?;
    let key_text = std::fs::read(key).map_err(|e| CertificateError::in_file(key, e))?;
    let key_der = PrivateKeyDer::from_pem_slice(&key_text)
        .map_err(|_| CertificateError::in_file(key, "no private key in PEM form was found"))?;
    Identity::new(text, chain, key_der).map_err(|e| CertificateError::in_file(certificate, e.reason))
}

/// The certificates of a PEM text; at least one.
pub(crate) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let list: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match list {
        Ok(list) if !list.is_empty() => Ok(list),
        Ok(_) => Err(CertificateError::new("no certificate in PEM form was found")),
        Err(e) => Err(CertificateError::new(format!("not a certificate in PEM form: {e}"))),
    }
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clients: Arc<dyn ClientCertVerifier>,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::new)?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map(Arc::new)
        .map_err(|e| CertificateError::new(format!("the certificate and its key are not usable: {e}")))
}

/// A client's configuration that trusts these roots only.
pub(crate) fn client_config(roots: RootCertStore) -> Result<ClientConfig, CertificateError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::new)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
