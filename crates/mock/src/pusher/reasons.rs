//! Why a push did not arrive, in words that say what can be done about it.

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// What a server certificate is refused for that says that it may sign others (RFC 5280, 4.2.1.9). It has no
/// variant of its own in the list of certificate errors.
const CA_AS_SERVER: &str = "CaUsedAsEndEntity";

/// An error with all its causes on one line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let also = error.to_string();
        if !text.ends_with(&also) {
            text.push_str(": ");
            text.push_str(&also);
        }
        cause = error.source();
    }
    text
}

/// What is the matter with the receiver's certificate, if that is why.
pub(super) fn distrust<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
            return Some(why);
        }
        cause = within(error);
    }
    None
}

/// The cause of an error. One of input and output does not count among its causes what it is made of.
fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let made_of = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    made_of.map(|error| error as &(dyn Error + 'static)).or_else(|| error.source())
}

/// Why it is not trusted where no CA of receivers was given: with that everything begins.
pub(super) fn without_ca(why: &CertificateError) -> String {
    let begin = "no CA of HTTPS receivers was given, so that no certificate is trusted: give it with --callback-ca FILE \
                 (`callback_ca` in Rust)";
    match why {
        CertificateError::UnknownIssuer => begin.to_owned(),
        why => format!("{begin}; besides, {}", in_words(why)),
    }
}

/// Why it is not trusted, and what to do.
pub(super) fn in_words(why: &CertificateError) -> String {
    let words = match why {
        CertificateError::UnknownIssuer => {
            "the receiver's certificate is not signed by the CA that was given: let that CA sign it, or give the CA \
             that did"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the receiver's certificate is for another host than callbackUrl names: it needs that name or IP address \
             as a subject alternative name (openssl: -addext subjectAltName=IP:127.0.0.1)"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the receiver's certificate has expired: renew it"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the receiver's certificate is not valid yet: look at the clock of the machine that made it"
        }
        CertificateError::Other(other) if other.to_string().contains(CA_AS_SERVER) => {
            "the receiver shows the certificate of a CA as its own, as `openssl req -x509` makes it: make it with \
             -addext basicConstraints=critical,CA:FALSE, or show one that this CA has signed"
        }
        _ => "the receiver's certificate is not usable",
    };
    format!("{words} ({why})")
}
