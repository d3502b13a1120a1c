//! 2.2 MQTT CONNECT authentication.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use iotdm_spec::mqtt::connect::MESSAGE;
use iotdm_spec::wire::{DeviceStatus, StatusDetail};
use sha2::Sha256;

use crate::clock::Moment;
use crate::command;
use crate::deviation::{Deviation, DeviationKind, rule};
use crate::device::{Device, Session};
use crate::world::World;

/// What a device presents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) username: Option<&'a str>,
    pub(crate) password: Option<&'a [u8]>,
}

/// The length of a timestamp `yyyyMMddHH`.
const HOUR_DIGITS: usize = 10;

/// Why a device is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) cause: Cause,
    /// The requirement that is not met.
    requirement: &'static str,
    /// In words, for the journal.
    pub(crate) reason: String,
}

/// The kinds of rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The client id has not the form of 2.2.
    ClientId,
    /// User name, password or timestamp are wrong.
    Credentials,
    /// The device may not connect by MQTT, or there is none.
    Device,
}

impl Rejection {
    fn new(cause: Cause, requirement: &'static str, reason: impl Into<String>) -> Self {
        Self { cause, requirement, reason: reason.into() }
    }

    /// The same for the journal.
    pub(crate) fn deviation(&self) -> Deviation {
        Deviation::new(self.requirement, DeviationKind::ForbiddenPacket, &self.reason)
    }
}

/// The id that a client id starts with, and how it wants to be judged.
struct ClientId<'a> {
    id: &'a str,
    by_node_id: bool,
    check_timestamp: bool,
    timestamp: &'a str,
}

/// What the journal calls a password that is the device's.
const RIGHT: &str = "right";

/// Whose password a claim has, and whether it is right, for the journal and for [`connect`].
pub(crate) fn judge_password(world: &World, claim: &Claim<'_>) -> (Option<Arc<str>>, &'static str) {
    let Ok(client) = parse(claim.client_id) else { return (None, "unjudged") };
    let device = find(world, &client);
    let verdict = match (device, claim.password) {
        (None, _) => "unjudged",
        (Some(_), None) => "absent",
        (Some(device), Some(given)) if is_password(given, client.timestamp, &device.secret) => RIGHT,
        (Some(_), Some(_)) => "wrong",
    };
    (device.map(|device| Arc::clone(&device.id)), verdict)
}

fn find<'w>(world: &'w World, client: &ClientId<'_>) -> Option<&'w Device> {
    if client.by_node_id { world.devices.by_node_id(client.id) } else { world.devices.find(client.id) }
}

/// Lets a device in, or says why not. On the first connection it becomes active.
pub(crate) fn connect(
    world: &mut World,
    session: u64,
    claim: &Claim<'_>,
    password: &'static str,
) -> Result<Arc<str>, Rejection> {
    let client = parse(claim.client_id)?;
    let Some(device) = find(world, &client) else {
        return Err(Rejection::new(Cause::Device, rule::CLIENT_ID_DEVICE, format!("no device {}", client.id)));
    };
    authenticate(world, device, &client, claim, password == RIGHT)?;
    let (id, topic_id) = (Arc::clone(&device.id), client.id.to_owned());
    enter(world, &id, Session { id: session, topic_id, listening: false, listening_binary: false });
    Ok(id)
}

/// What is odd about a claim and does no harm.
pub(crate) fn oddities(claim: &Claim<'_>) -> Vec<Deviation> {
    let mut found = Vec::new();
    if let Ok(client) = parse(claim.client_id)
        && client.timestamp.len() != HOUR_DIGITS
    {
        let text = format!("the timestamp {:?} has not ten digits (A-279)", client.timestamp);
        found.push(Deviation::new(rule::TIMESTAMP, DeviationKind::WrongForm, text).tolerated().at("clientId"));
    }
    if claim.password.is_some_and(|given| given.iter().any(u8::is_ascii_uppercase)) {
        let text = "the password is not in lower-case digits (A-277)";
        found.push(Deviation::new(rule::PASSWORD, DeviationKind::OldSpelling, text).tolerated().at("Password"));
    }
    found
}

/// The most characters that the table of 2.2 allows a part of the CONNECT.
fn longest(part: &str) -> usize {
    let limit = MESSAGE.fields.iter().find(|field| field.name == part).and_then(|field| field.max_len);
    limit.map_or(usize::MAX, |limit| limit as usize)
}

/// Splits a client id from the right, since a node id may contain underscores.
fn parse(client_id: &str) -> Result<ClientId<'_>, Rejection> {
    let bad = |requirement, why: &str| {
        Rejection::new(Cause::ClientId, requirement, format!("client id {client_id:?}: {why}"))
    };
    if client_id.chars().count() > longest("clientId") {
        let why = "the client id is longer than the table allows";
        return Err(Rejection::new(Cause::ClientId, rule::CLIENT_ID, why));
    }
    let mut parts = client_id.rsplitn(4, '_');
    let (Some(timestamp), Some(sign), Some(auth), Some(id)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(bad(rule::CLIENT_ID_PARTS, "four parts joined by underscores are wanted"));
    };
    let by_node_id = match auth {
        "0" => false,
        "2" => true,
        _ => return Err(bad(rule::AUTH_TYPE, "the authentication type is 0 or 2")),
    };
    let check_timestamp = match sign {
        "0" => false,
        "1" => true,
        _ => return Err(bad(rule::SIGN_TYPE, "the signature type is 0 or 1")),
    };
    if id.is_empty() || timestamp.is_empty() || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
        let requirement = if id.is_empty() { rule::CLIENT_ID_COMPLETE } else { rule::TIMESTAMP };
        return Err(bad(requirement, "the id or the timestamp is missing, or the timestamp is no number"));
    }
    Ok(ClientId { id, by_node_id, check_timestamp, timestamp })
}

fn authenticate(
    world: &World,
    device: &Device,
    client: &ClientId<'_>,
    claim: &Claim<'_>,
    is_right: bool,
) -> Result<(), Rejection> {
    if !device.mqtt {
        let why = "the device was registered without mqttConnect";
        return Err(Rejection::new(Cause::Device, rule::MQTT_CONNECT, why));
    }
    let wrong = |requirement, why: &str| Err(Rejection::new(Cause::Credentials, requirement, why));
    if claim.username != Some(client.id) {
        return wrong(rule::USERNAME, "the user name is not the client id's first part");
    }
    //= 2.2/rule/timestamp-checked
    if client.check_timestamp && !is_current(world, client.timestamp) {
        return wrong(rule::TIMESTAMP, "the timestamp is not the platform's hour");
    }
    if !is_right {
        return wrong(rule::PASSWORD, "the password is wrong");
    }
    Ok(())
}

/// Whether a timestamp names the platform's hour, or one beside it.
fn is_current(world: &World, timestamp: &str) -> bool {
    let (Some(claimed), Some(current)) = (Moment::parse_hour(timestamp), Moment::parse_hour(&world.now.hour())) else {
        return false;
    };
    claimed.since(current).max(current.since(claimed)) <= world.timestamp_tolerance
}

/// The password of 2.2: HMAC-SHA256 with the timestamp as the key and the secret as the message
/// as lower-case hexadecimal digits.
pub(crate) fn password(timestamp: &str, secret: &str) -> String {
    let digits = digest(timestamp, secret).into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

fn digest(timestamp: &str, secret: &str) -> [u8; 32] {
    // HMAC takes keys of any length; the error is for algorithms that do not.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(timestamp.as_bytes()) else { return [0; 32] };
    mac.update(secret.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Upper-case digits are accepted too.
fn is_password(given: &[u8], timestamp: &str, secret: &str) -> bool {
    given.eq_ignore_ascii_case(password(timestamp, secret).as_bytes())
}

fn enter(world: &mut World, id: &str, session: Session) {
    let Some(device) = world.devices.find_mut(id) else { return };
    if device.session.as_ref().is_some_and(|current| current.id > session.id) {
        // Two connections were judged at once, and the later one was faster: it stays.
        return;
    }
    if let Some(earlier) = device.session.take() {
        // The door ends the earlier connection; it is not this device's session any more.
        world.sessions.remove(&earlier.id);
        command::link_lost(world, id);
    }
    let Some(device) = world.devices.find_mut(id) else { return };
    world.sessions.insert(session.id, Arc::clone(&device.id));
    device.session = Some(session);
    world.comes_online(id);
}

/// A session is over: the device is offline at once, unless a newer session has taken over.
pub(crate) fn disconnected(world: &mut World, session: u64, by_device: bool) {
    let Some(id) = world.sessions.remove(&session) else { return };
    let Some(device) = world.devices.find_mut(&id) else { return };
    if device.session.as_ref().is_none_or(|current| current.id != session) {
        return;
    }
    device.session = None;
    device.last_online = Some(world.now);
    command::link_lost(world, &id);
    let detail = if by_device { StatusDetail::None } else { StatusDetail::LossOfConnectivity };
    world.become_status(&id, DeviceStatus::Offline, detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2: the key is "Jefe".
    #[test]
    fn the_password_is_the_published_hmac_sha256() {
        assert_eq!(
            password("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_node_id_may_contain_underscores() {
        let client = parse("a_2_0_b_2_1_2018072417").unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(client.id, "a_2_0_b");
        assert!(client.by_node_id && client.check_timestamp);
        for bad in ["", "x", "d_1_0_2018072417", "d_0_2_2018072417", "d_0_0_", "_0_0_2018072417", "d_0_0_now"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
