//! 2.1: the topics that a device publishes and subscribes to.

use super::messages::read_answer;
use super::scene::{Message, Scene, Wish, command_pattern, data_pattern, split};
use crate::observe::feed::{Observation, Packet, What};
use crate::observe::grades::{Flaw, Grades};
use crate::observe::packet::{self, Mqtt};
use iotdm_spec::wire::CodecMode;

pub(super) const HEADERS: &str = "2.1/rule/standard-headers";
const OWN_TOPIC: &str = "2.1/rule/subscribe-own-topic";
const PLATFORM_TOPIC: &str = "2.1/rule/publish-to-platform-topic";
const SUBSCRIBE: &str = "2.1/rule/subscribe-before-receiving";
const SUBSCRIBE_COMMANDS: &str = "2.4/rule/subscribe-before-receiving";
const CHOOSE: &str = "2.1/rule/choose-topics";
const DATA_CODEC: &str = "2.1/rule/data-codec-mode";
const DATA_ID: &str = "2.1/rule/data-topic-id";
const COMMAND_CODEC: &str = "2.1/rule/command-codec-mode";
const COMMAND_ID: &str = "2.1/rule/command-topic-id";

/// Grades the topics of every message and of every subscription, and the packets as such.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    grades.aside(CHOOSE, "which topics a device needs is its own decision");
    headers(scene, grades);
    let messages = scene.messages();
    for message in &messages {
        published(scene, message, grades);
    }
    data_codec(scene, &messages, grades);
    let wishes = scene.wishes();
    for wish in &wishes {
        subscribed(scene, wish, grades);
    }
    command_codec(scene, &wishes, grades);
    commands_can_arrive(scene, &wishes, grades);
}

/// A packet that we or the platform cannot read is not as the standard says, nor is one at the wrong
/// time. One that is too large for the platform or its journal is not to be judged.
fn headers(scene: &Scene<'_>, grades: &mut Grades) {
    for (by, packet, mqtt) in scene.packets.iter().filter(|(_, packet, _)| packet.direction == "in") {
        let malformed = packet.line.contains(", malformed:");
        let nul = matches!(mqtt, Some(Mqtt::Publish { topic, .. }) if topic.contains(['+', '#', '\0']));
        let unreadable = mqtt.is_none() && !packet::is_cut_short(&packet.bytes);
        let greeting = packet.packet == "CONNECT";
        let begun = || {
            let earlier = scene.packets.iter().filter(|(earlier, _, _)| earlier.seq < by.seq);
            earlier.filter(|(_, p, _)| p.direction == "in").any(|(_, p, _)| p.session == packet.session)
                || scene.sessions().iter().any(|(earlier, session)| *session == packet.session && earlier.seq < by.seq)
        };
        let (headline, expected) = if malformed || nul || unreadable {
            ("a packet is not one of MQTT 3.1.1", "a packet as the standard says")
        } else if greeting && begun() {
            ("a second CONNECT in a session", "one CONNECT in a session (MQTT-3.1.0-2)")
        } else if !greeting && packet.device.is_none() && !scene.is_known(packet.session) {
            ("the first packet is not a CONNECT", "a CONNECT first of all (MQTT-3.1.0-1)")
        } else {
            if mqtt.is_some() {
                grades.keeps(HEADERS);
            }
            continue;
        };
        let actual = packet.note.clone().unwrap_or_else(|| packet.line.clone());
        grades.breaks(HEADERS, Flaw::new(by, headline, expected, actual));
    }
    greetings(scene, grades);
}

/// The CONNECTs that were turned away before their client id was looked at: those of another version,
/// and those that the standard forbids though they can be read.
fn greetings(scene: &Scene<'_>, grades: &mut Grades) {
    for (by, packet, mqtt) in scene.strangers() {
        let actual = || complaint(scene, packet).unwrap_or_else(|| packet.line.clone());
        if mqtt.is_some_and(Mqtt::is_foreign) {
            let flaw = Flaw::new(by, "a CONNECT is not one of MQTT 3.1.1", "the protocol MQTT at level 4", actual());
            // Some clients try another version first and take the refusal as the standard means it.
            if scene.sessions().is_empty() { grades.breaks(HEADERS, flaw) } else { grades.doubts(HEADERS, flaw) }
        } else if matches!(mqtt, Some(Mqtt::Connect { .. }))
            && !packet.line.contains(", malformed:")
            && let Some(actual) = complaint(scene, packet)
        {
            let flaw = Flaw::new(by, "a CONNECT is one that MQTT 3.1.1 forbids", "as the standard says", actual);
            grades.breaks(HEADERS, flaw);
        }
    }
}

/// What the platform has against a packet of somebody whom it did not let in.
fn complaint(scene: &Scene<'_>, packet: &Packet) -> Option<String> {
    scene.seen.iter().find_map(|o| match &o.what {
        What::Note(note) if note.session == Some(packet.session) => {
            let found = note.deviations.iter().find(|deviation| deviation.requirement == HEADERS)?;
            Some(found.text.clone())
        }
        _ => None,
    })
}

fn published(scene: &Scene<'_>, message: &Message<'_>, grades: &mut Grades) {
    let names = scene.names(message.session);
    let expected = names.iter().map(|id| data_pattern().replace("{deviceId}", id)).collect::<Vec<_>>().join(" or ");
    let expected = expected.replace("{codecMode}", CodecMode::Json.as_str());
    let flaw = |headline: &str| Flaw::new(message.by, headline, expected.clone(), message.topic.clone());
    let Some((id, codec)) = split(data_pattern(), &message.topic) else {
        grades.breaks(PLATFORM_TOPIC, flaw("a message goes to a topic that the platform does not read"));
        return;
    };
    grades.keeps(PLATFORM_TOPIC);
    grades.judge(DATA_ID, (!names.contains(&id)).then(|| flaw("the data topic does not carry the id of the session")));
    if CodecMode::parse(codec).is_none() {
        grades.breaks(DATA_CODEC, flaw("the codec mode of the data topic is neither json nor binary"));
    }
}

/// The codec mode of the reports, and of the answers. Beside those of the right mode a message of the
/// other one does no harm: a real SDK publishes raw text so.
fn data_codec(scene: &Scene<'_>, messages: &[Message<'_>], grades: &mut Grades) {
    let mode = |message: &&Message<'_>| CodecMode::parse(split(data_pattern(), &message.topic)?.1);
    let answers = |wanted: bool| {
        let of_kind = messages.iter().filter(move |message| read_answer(&message.payload).is_some() == wanted);
        of_kind.filter_map(|message| Some((message.by, message.topic.as_str(), mode(&message)?))).collect()
    };
    codec(scene, DATA_CODEC, "data", answers(false), grades);
    codec(scene, DATA_CODEC, "data", answers(true), grades);
}

/// The codec mode of the subscriptions.
fn command_codec(scene: &Scene<'_>, wishes: &[Wish<'_>], grades: &mut Grades) {
    let modes = wishes.iter().filter_map(|wish| {
        let (_, codec) = split(command_pattern(), &wish.filter)?;
        Some((wish.by, wish.filter.as_str(), CodecMode::parse(codec)?))
    });
    codec(scene, COMMAND_CODEC, "command", modes.collect(), grades);
}

/// Whether the right codec mode is among those of a device's topics. Where it is not known whether the
/// product has a codec plug-in, it most likely has none.
fn codec(scene: &Scene<'_>, id: &str, what: &str, modes: Vec<(&Observation, &str, CodecMode)>, grades: &mut Grades) {
    let right = scene.codec().unwrap_or(CodecMode::Json);
    let Some((by, topic, mode)) = modes.first() else { return };
    if modes.iter().any(|(_, _, mode)| *mode == right) {
        grades.keeps(id);
        return;
    }
    let why = match scene.codec() {
        Some(CodecMode::Binary) => "the product has a codec plug-in",
        Some(CodecMode::Json) => "the product has no codec plug-in",
        None => "no codec plug-in is known of",
    };
    let headline = format!("the codec mode of the {what} topic is {} alone, and {why}", mode.as_str());
    let flaw = Flaw::new(by, headline, right.as_str(), *topic).with(modes.iter().skip(1).map(|(by, _, _)| by.seq));
    if scene.codec().is_some() { grades.breaks(id, flaw) } else { grades.doubts(id, flaw) }
}

fn subscribed(scene: &Scene<'_>, wish: &Wish<'_>, grades: &mut Grades) {
    let names = scene.names(wish.session);
    let own = |id: &&str| command_pattern().replace("{deviceId}", id).replace("{codecMode}", CodecMode::Json.as_str());
    let expected = names.iter().map(own).collect::<Vec<_>>().join(" or ");
    let flaw = |headline: &str| Flaw::new(wish.by, headline, expected.clone(), wish.filter.clone());
    let Some((id, codec)) = split(command_pattern(), &wish.filter).filter(|(id, _)| !is_wild(id)) else {
        // A filter that is about this device and nobody else, wildcard or not, harms nobody.
        let found = flaw("a subscription is not for the device's own topic");
        if is_about(scene, wish) {
            grades.doubts(OWN_TOPIC, found)
        } else {
            grades.breaks(OWN_TOPIC, found)
        }
        return;
    };
    let ours = names.contains(&id);
    grades.judge(OWN_TOPIC, (!ours).then(|| flaw("a subscription is not for the device's own topic")));
    grades.judge(COMMAND_ID, (!ours).then(|| flaw("the command topic does not carry the id of the session")));
    match CodecMode::parse(codec) {
        Some(_) => {}
        None if is_wild(codec) => {
            grades.doubts(COMMAND_CODEC, flaw("the codec mode of the command topic is a wildcard"))
        }
        None => grades.breaks(COMMAND_CODEC, flaw("the codec mode of the command topic is neither json nor binary")),
    }
}

/// Whether the device asked for its commands, in its first session and in those after it.
fn commands_can_arrive(scene: &Scene<'_>, wishes: &[Wish<'_>], grades: &mut Grades) {
    let arrive = |session: u64| wishes.iter().any(|wish| wish.session == session && scene.brings_commands(wish));
    let sessions = scene.sessions();
    let Some((first, rest)) = sessions.split_first() else {
        if wishes.iter().any(|wish| scene.brings_commands(wish)) {
            grades.keeps(SUBSCRIBE);
            grades.keeps(SUBSCRIBE_COMMANDS);
        }
        return;
    };
    // What cuts a connection short is not always the device: one session with a subscription is enough.
    let answered = sessions.iter().filter(|(_, session)| arrive(*session)).count();
    if answered == 0 && !scene.story.takes_commands {
        let reason = "the device takes no commands: it did not subscribe";
        grades.unseen(SUBSCRIBE, reason);
        grades.unseen(SUBSCRIBE_COMMANDS, reason);
        return;
    }
    let missing = (answered == 0).then(|| never(scene, wishes, *first));
    let lost = missing.is_none().then(|| lost(scene)).flatten();
    for id in [SUBSCRIBE, SUBSCRIBE_COMMANDS] {
        match (&missing, &lost) {
            (Some((flaw, true)), _) => grades.doubts(id, flaw.clone()),
            (Some((flaw, false)), _) => grades.breaks(id, flaw.clone()),
            (None, Some(flaw)) => grades.doubts(id, flaw.clone()),
            (None, None) => grades.keeps(id),
        }
    }
    let newest = rest.last().filter(|(by, session)| {
        let after_the_cut = scene.story.cut.is_some_and(|cut| by.seq > cut);
        answered > 0 && after_the_cut && !arrive(*session)
    });
    if let Some((by, _)) = newest {
        let expected = "a SUBSCRIBE in every session: with a clean session the platform forgets the earlier one";
        let flaw =
            Flaw::new(by, "after a lost connection the device does not subscribe again", expected, "no SUBSCRIBE");
        grades.doubts(SUBSCRIBE_COMMANDS, flaw);
    }
}

/// A device that never got itself its commands; and whether it did ask for them, with a wildcard that
/// the standard knows and this platform does not take.
fn never(scene: &Scene<'_>, wishes: &[Wish<'_>], first: (&Observation, u64)) -> (Flaw, bool) {
    let asking = wishes.iter().map(|wish| wish.session).next().unwrap_or(first.1);
    let codec = scene.codec().unwrap_or(CodecMode::Json).as_str();
    let own = |id: &&str| command_pattern().replace("{deviceId}", id).replace("{codecMode}", codec);
    let own: Vec<String> = scene.names(asking).iter().map(own).collect();
    let actual = match wishes {
        [] => "no SUBSCRIBE".to_owned(),
        some => some.iter().map(|w| format!("SUBSCRIBE {}", w.filter)).collect::<Vec<_>>().join("\n"),
    };
    let expected = format!("a SUBSCRIBE to {}", own.join(" or "));
    let with_wildcard = |wish: &Wish<'_>| {
        is_wild(&wish.filter) && own.iter().any(|topic| matches(&wish.filter, topic)) && is_about(scene, wish)
    };
    let wild = wishes.iter().any(with_wildcard);
    let (headline, expected) = if wild {
        let expected = format!("{expected}, without a wildcard");
        ("the device asks for its commands with a wildcard, which this platform does not grant", expected)
    } else {
        ("the device never subscribed to its commands", expected)
    };
    (Flaw::new(first.0, headline, expected, actual).with(wishes.iter().map(|wish| wish.by.seq)), wild)
}

/// A command that the platform took for the device and that never came, though it had subscribed.
fn lost(scene: &Scene<'_>) -> Option<Flaw> {
    if scene.story.sent == 0 || !scene.commands().is_empty() {
        return None;
    }
    let told = scene.notes().into_iter().find(|(_, note)| note.session.is_none() && note.deviations.is_empty());
    let last = scene.packets.iter().map(|(by, _, _)| *by).next_back();
    let (by, actual) = match told {
        Some((by, note)) => (by, note.text.clone()),
        None => (last?, "no command came".to_owned()),
    };
    let expected = "a subscription to the topic that the platform sends the commands on";
    Some(Flaw::new(by, "a command did not reach the device", expected, actual))
}

/// Whether a filter names the device of its session, and so nobody else's topics.
fn is_about(scene: &Scene<'_>, wish: &Wish<'_>) -> bool {
    scene.names(wish.session).iter().any(|id| wish.filter.split('/').any(|segment| segment == *id))
}

fn is_wild(filter: &str) -> bool {
    filter.contains(['+', '#'])
}

/// Whether a topic filter of MQTT matches a topic.
fn matches(filter: &str, topic: &str) -> bool {
    let mut segments = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, segments.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(segment)) if wanted == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}
