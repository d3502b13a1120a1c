//! How a device treats its connections: cases of our own, on what MQTT 3.1.1 asks of a client beside the
//! form of its packets. One habit costs nobody anything, so they only warn.

use std::time::Duration;

use super::scene::Scene;
use super::topics::HEADERS;
use crate::observe::feed::{Observation, What};
use crate::observe::grades::{Flaw, Grades};
use crate::observe::packet::Mqtt;

/// A case of our own.
pub(super) const KEEPS_ALIVE: &str = "2.1/session/keeps-its-connection-alive";
/// A case of our own.
pub(super) const STAYS: &str = "2.2/session/stays-connected";
/// A case of our own.
pub(super) const ONE_AT_A_TIME: &str = "2.2/session/has-one-session-at-a-time";
/// A case of our own.
pub(super) const ACKNOWLEDGES: &str = "2.4/session/acknowledges-commands";

/// Where the platform says that a connection was given up since nothing came in time.
const KEEP_ALIVE: &str = "keepAlive";
/// A network may be lost once.
const ONCE: usize = 1;
/// Who connects anew so often within a while does not stay.
const OFTEN: usize = 5;
const A_WHILE: Duration = Duration::from_secs(10);

/// Grades the connections.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    kept_alive(scene, grades);
    changes(scene, grades);
    acknowledged(scene, grades);
}

fn kept_alive(scene: &Scene<'_>, grades: &mut Grades) {
    let timed_out = |path: &Option<String>| path.as_deref() == Some(KEEP_ALIVE);
    let given_up = scene
        .notes()
        .into_iter()
        .filter(|(_, note)| note.deviations.iter().any(|d| d.requirement == HEADERS && timed_out(&d.path)));
    let given_up: Vec<&Observation> = given_up.map(|(by, _)| by).collect();
    if let [first, rest @ ..] = given_up.as_slice()
        && rest.len() >= ONCE
    {
        let expected = "a PINGREQ, or any other packet, within the keep-alive that the CONNECT names (MQTT-3.1.2-23)";
        let actual = format!("{} connections were given up, since nothing came for 1.5 keep-alives", given_up.len());
        let flaw = Flaw::new(first, "the device does not keep its connection alive", expected, actual);
        grades.doubts(KEEPS_ALIVE, flaw.with(rest.iter().map(|by| by.seq)));
    } else if scene.packets.iter().any(|(_, packet, _)| packet.packet == "PINGREQ") {
        grades.keeps(KEEPS_ALIVE);
    } else {
        grades.unseen(KEEPS_ALIVE, "no connection was silent for long enough");
    }
}

/// From one session to the next: whether the earlier was over, and how often that happens.
fn changes(scene: &Scene<'_>, grades: &mut Grades) {
    let sessions = scene.sessions();
    let Some((first, _)) = sessions.first() else { return };
    let (mut taken_over, mut renewed) = (Vec::new(), Vec::new());
    for pair in sessions.windows(2) {
        let [(earlier, session), (later, _)] = pair else { continue };
        let by_us = scene.story.cut.is_some_and(|cut| earlier.seq <= cut && later.seq > cut);
        match is_over(scene, *session, later.seq) {
            _ if by_us => {}
            true => renewed.push(*later),
            false => taken_over.push(*later),
        }
    }
    let numbers = |list: &[&Observation]| list.iter().map(|by| by.seq).collect::<Vec<_>>();
    if taken_over.len() > ONCE {
        let expected = "one session; the next after the end of the one before it";
        let actual = format!("{} sessions began while another one still stood", taken_over.len());
        let headline = "sessions of the device take each other over: is it running twice?";
        grades.doubts(ONE_AT_A_TIME, Flaw::new(first, headline, expected, actual).with(numbers(&taken_over)));
    } else {
        grades.keeps(ONE_AT_A_TIME);
    }
    let quick = |list: &&[&Observation]| match list {
        [first, .., last] => last.after.saturating_sub(first.after) < A_WHILE,
        _ => false,
    };
    if let Some(list) = renewed.windows(OFTEN).find(quick) {
        let expected = "a connection that lasts";
        let actual = format!("{} sessions in all, {OFTEN} of them within {} s", sessions.len(), A_WHILE.as_secs());
        let headline = "the device connects and leaves again and again";
        grades.doubts(STAYS, Flaw::new(first, headline, expected, actual).with(numbers(list)));
    } else {
        grades.keeps(STAYS);
    }
}

/// Whether a session was over before an entry: the device said so, or the platform noted it.
fn is_over(scene: &Scene<'_>, session: u64, before: u64) -> bool {
    let ended = format!("session {session} is over");
    let noted = |o: &Observation| matches!(&o.what, What::Note(note) if note.session == Some(session) && note.text.starts_with(&ended));
    let left = scene
        .packets
        .iter()
        .any(|(by, packet, _)| by.seq < before && packet.session == session && packet.packet == "DISCONNECT");
    left || scene.seen.iter().any(|o| o.seq < before && noted(o))
}

/// A command at a quality of service that wants a receipt gets one, whatever becomes of it.
fn acknowledged(scene: &Scene<'_>, grades: &mut Grades) {
    let commands = scene.commands();
    let wanting: Vec<_> = commands.iter().filter_map(|c| Some((c, c.receipt?))).collect();
    let receipt = |session: u64, id: u16| {
        scene.packets.iter().any(|(_, packet, mqtt)| {
            packet.session == session && packet.direction == "in" && *mqtt == Some(Mqtt::Puback { id })
        })
    };
    if wanting.iter().any(|(command, id)| receipt(command.session, *id)) {
        grades.keeps(ACKNOWLEDGES);
        return;
    }
    // Who says nothing at all any more has other troubles.
    let heard = wanting.iter().find(|(command, _)| {
        let later = |by: &Observation| by.seq > command.by.seq;
        scene.packets.iter().any(|(by, p, _)| later(by) && p.session == command.session && p.direction == "in")
    });
    match heard {
        Some((command, id)) => {
            let expected = format!("a PUBACK with the id {id}: MQTT-4.3.2-2 obliges every receiver");
            let headline = "commands at QoS 1 are not acknowledged";
            let flaw = Flaw::new(command.by, headline, expected, "other packets, and no PUBACK");
            grades.doubts(ACKNOWLEDGES, flaw.with(wanting.iter().map(|(c, _)| c.by.seq)));
        }
        None => grades.unseen(ACKNOWLEDGES, "no command came at QoS 1, or nothing came after it"),
    }
}
