//! The MQTT 3.1.1 packets that an observer reads from the journal's bytes.

/// The name of the protocol in the CONNECT of MQTT 3.1.1, and its level.
const PROTOCOL: &str = "MQTT";
const LEVEL: u8 = 4;

/// A packet, as far as an observer wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mqtt {
    /// A greeting.
    Connect {
        /// The name of the protocol.
        name: String,
        /// Its level.
        level: u8,
    },
    /// A message.
    Publish {
        /// Its topic.
        topic: String,
        /// Its payload.
        payload: Vec<u8>,
        /// Its quality of service.
        qos: u8,
        /// The packet's number; 0 at quality of service 0.
        id: u16,
        /// Whether it is marked as sent before.
        dup: bool,
    },
    /// The receipt of a message.
    Puback {
        /// The number of the PUBLISH.
        id: u16,
    },
    /// A wish for messages.
    Subscribe {
        /// The packet's number.
        id: u16,
        /// The topic filters.
        filters: Vec<String>,
    },
    /// The answer to it.
    Suback {
        /// The number of the SUBSCRIBE.
        id: u16,
        /// Whether each filter was granted.
        granted: Vec<bool>,
    },
    /// Any other packet.
    Other,
}

impl Mqtt {
    /// Whether it is the greeting of another protocol than MQTT 3.1.1.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Connect { name, level } if name != PROTOCOL || *level != LEVEL)
    }
}

/// Whether bytes are only the beginning of a packet: the rest was too much for the journal, or for
/// the platform.
#[must_use]
pub fn is_cut_short(bytes: &[u8]) -> bool {
    let mut cursor = Cursor(bytes);
    cursor.byte().is_some() && cursor.length().is_some_and(|length| length > cursor.0.len())
}

/// Reads a packet; `None` if its bytes do not make one.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Mqtt> {
    let mut cursor = Cursor(bytes);
    let first = cursor.byte()?;
    let length = cursor.length()?;
    let mut body = Cursor(cursor.0.get(..length)?);
    match first >> 4 {
        1 => Some(Mqtt::Connect { name: body.text()?, level: body.byte()? }),
        3 => {
            let qos = (first >> 1) & 3;
            let topic = body.text()?;
            let id = if qos > 0 { body.number()? } else { 0 };
            Some(Mqtt::Publish { topic, payload: body.0.to_vec(), qos, id, dup: first & 8 != 0 })
        }
        4 => Some(Mqtt::Puback { id: body.number()? }),
        8 => {
            let id = body.number()?;
            let mut filters = Vec::new();
            while !body.0.is_empty() {
                filters.push(body.text()?);
                body.byte()?;
            }
            Some(Mqtt::Subscribe { id, filters })
        }
        9 => {
            let id = body.number()?;
            Some(Mqtt::Suback { id, granted: body.0.iter().map(|code| code & 0x80 == 0).collect() })
        }
        _ => Some(Mqtt::Other),
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(self.number()?);
        let text = std::str::from_utf8(self.0.get(..length)?).ok()?.to_owned();
        self.0 = &self.0[length..];
        Some(text)
    }

    /// The remaining length: seven bits a byte, the smallest first, at most four bytes.
    fn length(&mut self) -> Option<usize> {
        let mut length = 0;
        for place in 0..4 {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(length);
            }
        }
        None
    }
}

/// The bytes that hexadecimal digits spell.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_an_observer_wants_to_know() {
        let publish = from_hex("320700012f000578 79".replace(' ', "").as_str()).unwrap();
        let read_back = read(&publish).unwrap();
        assert_eq!(
            read_back,
            Mqtt::Publish { topic: "/".to_owned(), payload: b"xy".to_vec(), qos: 1, id: 5, dup: false }
        );
        let greeting = |text: &str| read(&from_hex(text).unwrap()).unwrap();
        assert!(!greeting("100c00044d515454040200000000").is_foreign());
        assert!(greeting("100c00044d515454050200000000").is_foreign());
        assert!(greeting("100e00064d514973647003020000 0000".replace(' ', "").as_str()).is_foreign());
        assert_eq!(read(&[0x40, 2, 0, 7]), Some(Mqtt::Puback { id: 7 }));
        let subscribe = from_hex("8206000100012f01").unwrap();
        assert_eq!(read(&subscribe), Some(Mqtt::Subscribe { id: 1, filters: vec!["/".to_owned()] }));
        let suback = from_hex("900400010180").unwrap();
        assert_eq!(read(&suback), Some(Mqtt::Suback { id: 1, granted: vec![true, false] }));
        assert_eq!(read(&[0xc0, 0]), Some(Mqtt::Other));
    }

    #[test]
    fn what_is_cut_short_is_no_packet() {
        assert_eq!(read(&[0x30]), None);
        assert!(is_cut_short(&[0x30, 0x80, 0x80, 0x80, 1]) && !is_cut_short(&[0x30, 2, 0, 9]));
        assert_eq!(read(&[0x30, 5, 0, 9, b'a']), None);
        assert_eq!(read(&[0x30, 0xff, 0xff, 0xff, 0xff, 1]), None);
        assert_eq!(from_hex("abc"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
