//! 2.2: the password of a CONNECT.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The HMAC-SHA256 of the secret with the timestamp as the key, in lower-case hex.
#[must_use]
pub fn password(timestamp: &str, secret: &str) -> String {
    hmac_sha256(timestamp.as_bytes(), secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; the error of the constructor is for ciphers.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 2 and 1: published values, not ones that our own code computed.
    #[test]
    fn agrees_with_the_published_vectors() {
        assert_eq!(
            password("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let hex: String = hmac_sha256(&[0x0b; 20], b"Hi There").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn the_timestamp_is_the_key() {
        assert_ne!(password("2020021408", "secret"), password("secret", "2020021408"));
    }
}
