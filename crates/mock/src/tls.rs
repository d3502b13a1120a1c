//! Certificates: made at start, or given.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, DnsName, PrivateKeyDer, PrivatePkcs8KeyDer};
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

/// Whether a PEM text has certificates of authorities in it, as [`crate::Builder::device_ca`] and
/// [`crate::Builder::callback_ca`] want them.
///
/// # Errors
/// If it has none, or one that is not usable.
pub fn check_authorities(pem: &str) -> Result<(), CertificateError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(CertificateError::new)?;
    }
    Ok(())
}

/// What a server shows to its clients, and what they need to believe it.
pub(crate) struct Identity {
    /// The certificate to trust, in PEM.
    pub(crate) ca_pem: String,
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) authority: Authority,
    shown: Shown,
}

/// A certificate chain and its key.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new(ca_pem: String, shown: Shown, authority: Authority) -> Result<Self, CertificateError> {
        let server = server_config(&shown, WebPkiClientVerifier::no_client_auth())?;
        Ok(Self { ca_pem, server, authority, shown })
    }

    /// What a server shows that asks its clients for certificates: who presents one must have it from
    /// one of these authorities (PEM), and who presents none is let in all the same. Who is shown a bad
    /// certificate is asked too.
    pub(crate) fn asking(&mut self, authorities: &str) -> Result<Arc<ServerConfig>, CertificateError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(authorities)?), provider)
            .allow_unauthenticated()
            .build()
            .map_err(CertificateError::new)?;
        self.authority.clients = Some(verifier.clone());
        server_config(&self.shown, verifier)
    }
}

/// What it takes to make bad certificates that are bad in one respect only.
#[derive(Default)]
pub(crate) struct Authority {
    /// Who signs; none if the certificate was given, since its authority's key was not.
    issuer: Option<Issuer<'static, KeyPair>>,
    /// The platform's names and addresses.
    names: Vec<String>,
    /// How clients are asked for certificates, if they are.
    clients: Option<Arc<dyn ClientCertVerifier>>,
}

/// A host that the platform is not, by RFC 2606 no one's.
const ANOTHER_HOST: &str = "another-platform.invalid";

impl Authority {
    /// A certificate for the platform, and for these names where DNS allows them, whose time is over.
    pub(crate) fn expired(&self, names: &[&str]) -> Result<Arc<ServerConfig>, CertificateError> {
        let mut leaf = leaf(&self.names_and(names))?;
        leaf.not_before = date_time_ymd(2000, 1, 1);
        leaf.not_after = date_time_ymd(2001, 1, 1);
        self.serve(&signed(&leaf, self.issuer()?)?)
    }

    /// A certificate for the platform and these names from an authority that exists for it alone.
    pub(crate) fn untrusted(&self, names: &[&str]) -> Result<Arc<ServerConfig>, CertificateError> {
        let (_, issuer) = authority("nobody's CA")?;
        self.serve(&signed(&leaf(&self.names_and(names))?, &issuer)?)
    }

    /// A certificate for another host.
    pub(crate) fn wrong_name(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        self.serve(&signed(&leaf(&[ANOTHER_HOST.to_owned()])?, self.issuer()?)?)
    }

    fn serve(&self, shown: &Shown) -> Result<Arc<ServerConfig>, CertificateError> {
        server_config(shown, self.clients.clone().unwrap_or_else(WebPkiClientVerifier::no_client_auth))
    }

    fn issuer(&self) -> Result<&Issuer<'static, KeyPair>, CertificateError> {
        let reason =
            "the platform was given its certificate, so it can't sign another; it can only show an untrusted one";
        self.issuer.as_ref().ok_or_else(|| CertificateError::new(reason))
    }

    fn names_and(&self, names: &[&str]) -> Vec<String> {
        let dns = names.iter().filter(|name| DnsName::try_from(**name).is_ok()).map(|name| (*name).to_owned());
        self.names.iter().cloned().chain(dns).collect()
    }
}

/// Makes a certification authority and a server certificate for loopback and the given names.
pub(crate) fn generate(names: &[String]) -> Result<Identity, CertificateError> {
    let (ca_pem, issuer) = authority("iotdm mock CA")?;
    let all = local_names(names);
    let shown = signed(&leaf(&all)?, &issuer)?;
    Identity::new(ca_pem, shown, Authority { issuer: Some(issuer), names: all, clients: None })
}

/// Loopback, and the given addresses of this machine.
fn local_names(names: &[String]) -> Vec<String> {
    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    all.extend(names.iter().filter(|name| name.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified())).cloned());
    all.dedup();
    all
}

/// Makes a certification authority: its certificate in PEM, and its power to sign.
fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>), CertificateError> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, name);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(CertificateError::new)?;
    let certificate = ca.self_signed(&key).map_err(CertificateError::new)?;
    Ok((certificate.pem(), Issuer::new(ca, key)))
}

/// What stands in a server's certificate.
fn leaf(names: &[String]) -> Result<CertificateParams, CertificateError> {
    let mut leaf = CertificateParams::new(names).map_err(CertificateError::new)?;
    leaf.distinguished_name.push(DnType::CommonName, "iotdm mock");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(leaf)
}

/// A new certificate.
fn signed(leaf: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Result<Shown, CertificateError> {
    let key = KeyPair::generate().map_err(CertificateError::new)?;
    let certificate = leaf.signed_by(&key, issuer).map_err(CertificateError::new)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Shown { chain: vec![certificate.der().clone()], key })
}

/// Reads a certificate chain and its key from PEM files.
pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Identity, CertificateError> {
    let text = std::fs::read_to_string(certificate).map_err(|e| CertificateError::in_file(certificate, e))?;
    let chain = certificates(&text).map_err(|e| CertificateError::in_file(certificate, e.reason))?;
    let key_text = std::fs::read(key).map_err(|e| CertificateError::in_file(key, e))?;
    let key_der = PrivateKeyDer::from_pem_slice(&key_text)
        .map_err(|_| CertificateError::in_file(key, "no private key in PEM form was found"))?;
    // What nobody trusts may have any name, so those in the given certificate are not looked for.
    let authority = Authority { names: local_names(&[]), ..Authority::default() };
    let shown = Shown { chain, key: key_der };
    Identity::new(text, shown, authority).map_err(|e| CertificateError::in_file(certificate, e.reason))
}

/// The certificates of a PEM text; at least one.
pub(crate) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let list: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match list {
        Ok(list) if !list.is_empty() => Ok(list),
        Ok(_) => Err(CertificateError::new("no certificate in PEM form was found")),
        Err(_) => Err(CertificateError::new("a certificate in it is cut off, or damaged")),
    }
}

/// The authorities of a PEM text, to be trusted; at least one.
pub(crate) fn roots(pem: &str) -> Result<RootCertStore, CertificateError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(CertificateError::new)?;
    }
    Ok(roots)
}

fn server_config(shown: &Shown, clients: Arc<dyn ClientCertVerifier>) -> Result<Arc<ServerConfig>, CertificateError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::new)?
        .with_client_cert_verifier(clients)
        .with_single_cert(shown.chain.clone(), shown.key.clone_key())
        .map_err(|e| CertificateError::new(format!("the certificate and its key are not usable: {e}")))?;
    // rustls remembers 256 sessions by itself, far fewer than there are devices; with tickets every
    // device that comes back takes up its own. A certificate has its own tickets, so that who is shown
    // a bad one really sees it.
    config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(CertificateError::new)?;
    Ok(Arc::new(config))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A handshake in memory; whether it took up an earlier session of the client's.
    fn resumes(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<bool, String> {
        let name = rustls::pki_types::ServerName::from(IpAddr::from([127, 0, 0, 1]));
        let mut client = rustls::ClientConnection::new(Arc::clone(client), name).map_err(|e| e.to_string())?;
        let mut server = rustls::ServerConnection::new(Arc::clone(server)).map_err(|e| e.to_string())?;
        // The last round carries the tickets.
        for _ in 0..4 {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).map_err(|e| e.to_string())?;
            server.read_tls(&mut bytes.as_slice()).map_err(|e| e.to_string())?;
            server.process_new_packets().map_err(|e| e.to_string())?;
            let mut bytes = Vec::new();
            server.write_tls(&mut bytes).map_err(|e| e.to_string())?;
            client.read_tls(&mut bytes.as_slice()).map_err(|e| e.to_string())?;
            client.process_new_packets().map_err(|e| e.to_string())?;
        }
        Ok(client.handshake_kind() == Some(rustls::HandshakeKind::Resumed))
    }

    #[test]
    fn a_device_takes_up_its_session_again_but_not_with_a_bad_certificate() {
        let identity = generate(&[]).unwrap_or_else(|e| panic!("{e}"));
        let client = || {
            let mut roots = RootCertStore::empty();
            for root in certificates(&identity.ca_pem).unwrap_or_else(|e| panic!("{e}")) {
                roots.add(root).unwrap_or_else(|e| panic!("{e}"));
            }
            Arc::new(client_config(roots).unwrap_or_else(|e| panic!("{e}")))
        };
        let first = client();
        assert_eq!(resumes(&first, &identity.server), Ok(false));
        // More devices than rustls would remember by itself.
        for _ in 0..300 {
            assert_eq!(resumes(&client(), &identity.server), Ok(false));
        }
        assert_eq!(resumes(&first, &identity.server), Ok(true));
        let expired = identity.authority.expired(&[]).unwrap_or_else(|e| panic!("{e}"));
        assert!(resumes(&first, &expired).is_err_and(|why| why.to_lowercase().contains("expired")));
    }

    #[test]
    fn without_its_authoritys_key_a_platform_can_only_be_untrusted() {
        let given = Authority { names: local_names(&[]), ..Authority::default() };
        assert!(given.untrusted(&["a-device", "not a name of DNS"]).is_ok());
        for refused in [given.expired(&["a-device"]), given.wrong_name()] {
            let why = refused.map(drop).map_err(|error| error.to_string());
            assert!(why.is_err_and(|why| why.contains("it can only show an untrusted one")));
        }
    }
}
