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
