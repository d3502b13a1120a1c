//! CONNECT, read by ourselves: rumqttd's reader can't tell an absent user name from an empty one,
//! refuses a password that isn't text, and lets reserved bits and trailing bytes pass.

use super::decode::Fault;
use super::topic;
use bytes::Bytes;
use std::ops::Range;

/// A CONNECT of MQTT 3.1.1.
pub(super) struct Connect {
    pub(super) client_id: String,
    pub(super) username: Option<String>,
    pub(super) password: Option<Bytes>,
    pub(super) clean_session: bool,
    pub(super) keep_alive: u16,
    pub(super) will: Option<String>,
}

/// What a CONNECT turned out to be.
pub(super) enum Greeting {
    /// One of ours.
    Ours(Box<Connect>),
    /// One of another version of the protocol.
    Foreign { name: String, level: u8 },
}

/// A CONNECT and the part of its bytes that nobody may see.
pub(super) struct Reading {
    pub(super) greeting: Result<Greeting, Fault>,
    pub(super) secret: Range<usize>,
}

/// Reads a whole packet whose variable header begins at `start`.
pub(super) fn read(raw: &Bytes, start: usize) -> Reading {
    let mut cursor = Cursor { raw, at: start };
    let mut secret = start..raw.len();
    let greeting = header(&mut cursor).and_then(|header| match header {
        // The password of another version may be anywhere behind the level.
        Header::Foreign { name, level } => {
            secret.start = cursor.at;
            Ok(Greeting::Foreign { name, level })
        }
        Header::Ours { flags, keep_alive } => {
            secret.start = cursor.at;
            let connect = payload(&mut cursor, flags, keep_alive)?;
            let length = connect.password.as_ref().map_or(0, Bytes::len);
            secret.start = raw.len() - length;
            Ok(Greeting::Ours(Box::new(connect)))
        }
    });
    Reading { greeting, secret }
}

enum Header {
    Ours { flags: u8, keep_alive: u16 },
    Foreign { name: String, level: u8 },
}

fn header(cursor: &mut Cursor<'_>) -> Result<Header, Fault> {
    let name = cursor.text("protocol name")?;
    let level = cursor.byte()?;
    if name != "MQTT" || level != 4 {
        return Ok(Header::Foreign { name, level });
    }
    let flags = cursor.byte()?;
    if flags & 1 != 0 {
        return Err(Fault::of("the reserved connect flag is set"));
    }
    let will = flags & 0b100 != 0;
    if (!will && flags & 0b0011_1000 != 0) || flags & 0b0001_1000 == 0b0001_1000 {
        return Err(Fault::of("invalid will flags"));
    }
    if flags & 0b1100_0000 == 0b0100_0000 {
        return Err(Fault::of("a password without a user name"));
    }
    let keep_alive = cursor.number()?;
    Ok(Header::Ours { flags, keep_alive })
}

fn payload(cursor: &mut Cursor<'_>, flags: u8, keep_alive: u16) -> Result<Connect, Fault> {
    let client_id = cursor.text("client identifier")?;
    let will = if flags & 0b100 != 0 {
        let will = cursor.text("will topic")?;
        topic::check_name(&will).map_err(|what| Fault(format!("will: {what}").into()))?;
        cursor.bytes()?;
        Some(will)
    } else {
        None
    };
    let username = if flags & 0b1000_0000 != 0 { Some(cursor.text("user name")?) } else { None };
    let password = if flags & 0b0100_0000 != 0 { Some(cursor.bytes()?) } else { None };
    if cursor.at != cursor.raw.len() {
        return Err(Fault::of("bytes behind the payload"));
    }
    let clean_session = flags & 0b10 != 0;
    Ok(Connect { client_id, username, password, clean_session, keep_alive, will })
}

struct Cursor<'a> {
    raw: &'a Bytes,
    at: usize,
}

impl Cursor<'_> {
    fn take(&mut self, length: usize) -> Result<Bytes, Fault> {
        let end = self.at.saturating_add(length);
        if end > self.raw.len() {
            return Err(Fault::of("the packet ends too early"));
        }
        let part = self.raw.slice(self.at..end);
        self.at = end;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u16, Fault> {
        let part = self.take(2)?;
        Ok(u16::from_be_bytes([part[0], part[1]]))
    }

    fn bytes(&mut self) -> Result<Bytes, Fault> {
        let length = self.number()?;
        self.take(usize::from(length))
    }

    fn text(&mut self, what: &str) -> Result<String, Fault> {
        let part = self.bytes()?;
        let text = std::str::from_utf8(&part).map_err(|_| Fault(format!("the {what} isn't UTF-8").into()))?;
        topic::check_characters(text).map_err(|why| Fault(format!("{what}: {why}").into()))?;
        Ok(text.to_owned())
    }
}
