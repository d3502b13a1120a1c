//! What the suite says and hears: HTTPS, MQTTS, callbacks, and the record of all three.

pub mod http;
pub mod inbox;
pub mod mqtt;
pub mod receiver;
pub mod transcript;

/// Makes the process use ring for TLS; whoever installed a provider before is left alone.
pub fn install_crypto() {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The certificates of a PEM text, as those that are trusted.
///
/// # Errors
/// If there is none, or one of them is not usable.
pub(crate) fn roots(pem: &str) -> Result<rustls::RootCertStore, String> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| "a certificate in it is cut off, or damaged")?;
        roots.add(certificate).map_err(|e| format!("the certificate is not usable: {e}"))?;
    }
    if roots.is_empty() { Err("there is no certificate in PEM form".to_owned()) } else { Ok(roots) }
}
