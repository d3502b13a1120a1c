//! 2.1: the topics that a device publishes and subscribes to.

use super::scene::{Message, Scene, Wish, command_pattern, data_pattern, split};
use crate::observe::feed::Observation;
use crate::observe::grades::{Flaw, Grades};
use crate::observe::packet::Mqtt;
use iotdm_spec::wire::CodecMode;

const HEADERS: &str = "2.1/rule/standard-headers";
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
    for message in scene.messages() {
        published(scene, &message, grades);
    }
    let wishes = scene.wishes();
    for wish in &wishes {
        subscribed(scene, wish, grades);
    }
    commands_can_arrive(scene, &wishes, grades);
}

/// A packet that we or the platform cannot read is not as the standard says.
fn headers(scene: &Scene<'_>, grades: &mut Grades) {
    for (by, packet, mqtt) in &scene.packets {
        if packet.direction != "in" {
            continue;
        }
        let malformed = packet.line.contains(", malformed:");
        let nul = matches!(mqtt, Some(Mqtt::Publish { topic, .. }) if topic.contains(['+', '#', '\0']));
        let actual = packet.note.clone().unwrap_or_else(|| packet.line.clone());
        let broken = malformed || nul || mqtt.is_none();
        let flaw = || Flaw::new(by, "a packet is not one of MQTT 3.1.1", "a packet as the standard says", actual);
        grades.judge(HEADERS, broken.then(flaw));
    }
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
    match CodecMode::parse(codec) {
        Some(CodecMode::Json) => grades.keeps(DATA_CODEC),
        Some(CodecMode::Binary) => grades.unseen(DATA_CODEC, "only binary data came, and no codec plug-in is known of"),
        None => grades.breaks(DATA_CODEC, flaw("the codec mode of the data topic is neither json nor binary")),
    }
}

fn subscribed(scene: &Scene<'_>, wish: &Wish<'_>, grades: &mut Grades) {
    let names = scene.names(wish.session);
    let own = |id: &&str| command_pattern().replace("{deviceId}", id).replace("{codecMode}", CodecMode::Json.as_str());
    let expected = names.iter().map(own).collect::<Vec<_>>().join(" or ");
    let flaw = |headline: &str| Flaw::new(wish.by, headline, expected.clone(), wish.filter.clone());
    let Some((id, codec)) = split(command_pattern(), &wish.filter).filter(|(id, _)| !id.contains(['+', '#'])) else {
        // A filter that is about this device and nobody else, wildcard or not, harms nobody.
        let about = names.iter().any(|id| wish.filter.split('/').any(|segment| segment == *id));
        let found = flaw("a subscription is not for the device's own topic");
        if about {
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
        Some(CodecMode::Json) => grades.keeps(COMMAND_CODEC),
        Some(CodecMode::Binary) => {
            grades.unseen(COMMAND_CODEC, "only the binary topic was asked for, and no codec plug-in is known of");
        }
        None if codec == "+" => grades.doubts(COMMAND_CODEC, flaw("the codec mode of the command topic is a wildcard")),
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
    for id in [SUBSCRIBE, SUBSCRIBE_COMMANDS] {
        let missing = (answered == 0).then(|| never(scene, wishes, first.0));
        grades.judge(id, missing);
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

fn never(scene: &Scene<'_>, wishes: &[Wish<'_>], first: &Observation) -> Flaw {
    let own: Vec<String> = scene.names(0).iter().map(|id| command_pattern().replace("{deviceId}", id)).collect();
    let actual = match wishes {
        [] => "no SUBSCRIBE".to_owned(),
        some => some.iter().map(|w| format!("SUBSCRIBE {}", w.filter)).collect::<Vec<_>>().join("\n"),
    };
    let expected = format!("a SUBSCRIBE to {}", own.join(" or ").replace("{codecMode}", CodecMode::Json.as_str()));
    Flaw::new(first, "the device never subscribed to its commands", expected, actual)
        .with(wishes.iter().map(|wish| wish.by.seq))
}
