//! Makes ids, tokens and secrets: one stream from one seed, so that two platforms with the same
//! seed and the same calls give the same ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The source of everything that the platform invents.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Mint {
    /// The seed: 64 hexadecimal digits.
    #[serde(with = "hexadecimal")]
    #[schemars(with = "String", regex(pattern = "^[0-9A-Fa-f]{64}$"))]
    seed: [u8; 32],
    /// How much was made so far. What comes next follows from this and the seed.
    made: u64,
}

impl Mint {
    /// A mint whose whole output follows from `seed`.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { seed: Sha256::digest(seed.to_be_bytes()).into(), made: 0 }
    }

    /// A mint that nobody can predict. Starting tokens are then safe to hand out.
    pub(crate) fn unpredictable() -> Self {
        let mut seed = [0; 32];
        // The ring provider is the one source of randomness in the process; should it fail, time
        // and address space still make two platforms differ.
        if rustls::crypto::ring::default_provider().secure_random.fill(&mut seed).is_err() {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            seed = Sha256::digest(now.as_nanos().to_be_bytes()).into();
        }
        Self { seed, made: 0 }
    }

    /// The same mint before it made anything.
    pub(crate) fn anew(&self) -> Self {
        Self { seed: self.seed, made: 0 }
    }

    /// Another mint for `purpose`: what it makes follows from the same seed, and using it changes nothing
    /// of what this one makes.
    pub(crate) fn apart(&self, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(purpose);
        Self { seed: hash.finalize().into(), made: 0 }
    }

    /// A number.
    pub(crate) fn number(&mut self) -> u64 {
        self.bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.made.to_be_bytes());
        hash.finalize().into()
    }

    /// Lower-case hexadecimal digits, at most 64 of them.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        self.bytes().into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).take(digits).collect()
    }

    /// A UUID (version 4) in lower case, 36 characters: device and subscription ids.
    pub(crate) fn uuid(&mut self) -> String {
        let h = self.hex(32);
        let variant = ['8', '9', 'a', 'b'][usize::from(h.as_bytes()[16] % 4)];
        format!("{}-{}-4{}-{variant}{}-{}", &h[0..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
    }

    /// An access or refresh token: 32 hexadecimal digits.
    pub(crate) fn token(&mut self) -> String {
        self.hex(32)
    }

    /// A device's password: 20 hexadecimal digits (1.5.2, A-53).
    pub(crate) fn secret(&mut self) -> String {
        self.hex(20)
    }

    /// A pre-shared key: 32 hexadecimal digits.
    pub(crate) fn psk(&mut self) -> String {
        self.hex(32)
    }
}

/// The seed as hexadecimal digits.
mod hexadecimal {
    use std::fmt::Write as _;

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(seed: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&seed.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        let wrong = || D::Error::custom("a seed is 64 hexadecimal digits");
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut seed = [0; 32];
        for (place, byte) in seed.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
        }
        Ok(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut a, mut b, mut c) = (Mint::seeded(7), Mint::seeded(7), Mint::seeded(8));
        let first = a.uuid();
        assert_eq!(first, b.uuid());
        assert_ne!(first, c.uuid());
        assert_ne!(first, a.uuid());
        assert_eq!(first.len(), 36);
        assert_eq!(a.secret().len(), 20);
    }
}
