//! The steps of a device: `connect`, `subscribe_topic`, `publish`, `await_command` and their kin.

use iotdm_spec::model::Packet;
use iotdm_spec::mqtt::{receive_command, report_data};
use rumqttc::QoS;
use serde_json::Value;

use super::context::{Connected, Context, Stop};
use super::judge;
use crate::case::pattern::{Pattern, shown};
use crate::case::{AwaitCommand, Connect, LoginId, NoCommand, Password, Payload, Publish, SubscribeTopic, TopicName};
use crate::password::password;
use crate::wire::mqtt::{Happening, Login, Message, Rejected};

/// The codec of products without a plug-in (2.1).
const CODEC: &str = "json";

/// Connects a device.
pub(super) async fn connect(context: &mut Context<'_>, connect: &Connect) -> Result<(), Stop> {
    let (login, id) = login(context, connect)?;
    let Some(dialer) = context.runner.dialer() else {
        return Err(Stop::case("the target has no `mqtt` address"));
    };
    let dialer = if connect.plain { dialer.without_tls() } else { Some(dialer.clone()) };
    // A target that was asked to do without TLS: there is nothing to find out.
    let Some(dialer) = dialer else { return Ok(()) };
    context.waits_for("the answer to a CONNECT");
    let patience = context.runner.target().tolerance.mqtt;
    let outcome = dialer.connect(&login, &context.transcript, patience).await;
    // Only what came the target's own way says that this way is right: without TLS, a server closes.
    if !connect.plain && !matches!(outcome, Err(Rejected::Unreachable(_))) {
        context.runner.mqtt_has_answered();
    }
    let wanted = if connect.accepted { "the CONNECT is accepted" } else { "the CONNECT is refused" };
    match (outcome, connect.accepted) {
        (Ok(link), true) => {
            context.links.insert(connect.link.clone(), Connected { link, id });
            Ok(())
        }
        (Ok(_), false) => Err(Stop::fail("a CONNECT is accepted", wanted, "CONNACK accepted")),
        (Err(Rejected::Refused(_)), false) => Ok(()),
        // Where TLS is expected, any answer but a CONNACK will do, and none too.
        (Err(Rejected::Unreachable(_)), false) if connect.plain => Ok(()),
        (Err(Rejected::Refused(why)), true) => Err(Stop::fail("a CONNECT is refused", wanted, why)),
        (Err(Rejected::Unreachable(why)), _) => Err(nobody(context, wanted, &why)),
    }
}

/// At the first contact an address that does not answer is a wrong one; later it is the target's silence.
fn nobody(context: &Context<'_>, wanted: &str, why: &str) -> Stop {
    if context.runner.has_mqtt_answered() {
        return Stop::fail("a CONNECT is not answered", wanted, why);
    }
    let address = context.runner.target().mqtt.clone().unwrap_or_default();
    Stop::harness(format!("nobody answers at {address}"), "an MQTT server with TLS", why)
}

/// What the device says, and the id that its topics carry.
fn login(context: &mut Context<'_>, connect: &Connect) -> Result<(Login, String), Stop> {
    let device = &connect.device;
    let (id, kind) = match connect.login {
        LoginId::DeviceId => (context.text(&format!("{device}.id"))?, "0"),
        LoginId::NodeId => (context.text(&format!("{device}.node"))?, "2"),
    };
    let timestamp = context.resolve_text(connect.timestamp.as_deref().unwrap_or("${now.hour}"))?;
    let client_id = match &connect.client_id {
        Some(given) => context.resolve_text(given)?,
        None => format!("{id}_{kind}_{}_{timestamp}", connect.sign),
    };
    let user = match &connect.username {
        Some(given) => context.resolve_text(given)?,
        None => id.clone(),
    };
    let secret = context.text(&format!("{device}.secret"))?;
    let credentials = match &connect.password {
        Password::Right => Some((user, password(&timestamp, &secret))),
        Password::Wrong => Some((user, password(&timestamp, &format!("{secret}0")))),
        Password::Given(given) => Some((user, context.resolve_text(given)?)),
        Password::None => None,
    };
    Ok((Login { client_id, credentials, acknowledges: connect.acknowledges }, id))
}

fn connected<'c>(context: &'c Context<'_>, name: &str) -> Result<&'c Connected, Stop> {
    context.links.get(name).ok_or_else(|| Stop::case(format!("`{name}` is not connected")))
}

/// The device's topic of a message, with the id of its present session.
fn topic_of(packet: &Packet, id: &str) -> String {
    let pattern = packet.topic.map_or("", |topic| topic.pattern);
    pattern.replace("{deviceId}", id).replace("{codecMode}", CODEC)
}

fn topic(context: &mut Context<'_>, name: &TopicName, device: &str) -> Result<String, Stop> {
    let id = connected(context, device)?.id.clone();
    match name {
        TopicName::Command => Ok(topic_of(&receive_command::MESSAGE, &id)),
        TopicName::Data => Ok(topic_of(&report_data::MESSAGE, &id)),
        TopicName::Given(given) => context.resolve_text(given),
    }
}

const fn quality(qos: u8) -> QoS {
    if qos == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce }
}

/// Subscribes to a topic.
pub(super) async fn subscribe_topic(context: &mut Context<'_>, subscribe: &SubscribeTopic) -> Result<(), Stop> {
    let topic = topic(context, &subscribe.topic, &subscribe.device)?;
    let patience = context.runner.target().tolerance.mqtt;
    context.waits_for(format!("the answer to SUBSCRIBE {topic}"));
    let link = &connected(context, &subscribe.device)?.link;
    let granted = link.subscribe(&topic, quality(subscribe.qos), patience).await;
    let granted = granted.map_err(|why| Stop::fail("a SUBSCRIBE is not answered", "a SUBACK", why))?;
    let words = |granted| if granted { "granted" } else { "refused" };
    match subscribe.granted {
        Some(wanted) if wanted != granted => {
            Err(Stop::fail(format!("SUBSCRIBE {topic} is answered otherwise"), words(wanted), words(granted)))
        }
        _ => Ok(()),
    }
}

/// Publishes a message.
pub(super) async fn publish(context: &mut Context<'_>, publish: &Publish) -> Result<(), Stop> {
    let topic = topic(context, &publish.topic, &publish.device)?;
    let payload = match &publish.payload {
        Payload::Json(value) => context.resolve(value)?.to_string(),
        Payload::Raw(text) => context.resolve_text(text)?,
    };
    let patience = context.runner.target().tolerance.mqtt;
    context.waits_for(format!("the acknowledgement of PUBLISH {topic}"));
    let link = &connected(context, &publish.device)?.link;
    let outcome = link.publish(&topic, &payload, quality(publish.qos), patience).await;
    outcome.map_err(|why| Stop::fail("a PUBLISH is not taken", "an acknowledgement, and the connection kept", why))
}

/// Waits for a command and judges it in full.
pub(super) async fn await_command(context: &mut Context<'_>, awaited: &AwaitCommand) -> Result<(), Stop> {
    let pattern = context.pattern(&awaited.payload)?.unwrap_or(Pattern::Members(Vec::new()));
    let within = awaited.within.unwrap_or(context.runner.target().tolerance.mqtt);
    context.waits_for(format!("a command like {}", pattern.describe()));
    let device = connected(context, &awaited.device)?;
    let topic = topic_of(&receive_command::MESSAGE, &device.id);
    let suits = |h: &Happening| as_command(h).is_some_and(|(_, payload)| pattern.fits(&payload));
    let Some(Happening::Message(message)) = device.link.inbox.take(within, suits).await else {
        let expected = format!("within {} ms a command like {}", within.as_millis(), pattern.describe());
        let actual = what_came(&device.link.inbox.waiting());
        return Err(Stop::fail("a command does not come", expected, actual));
    };
    if message.topic != topic {
        return Err(Stop::fail("a command comes on another topic", topic, message.topic));
    }
    let payload: Value = serde_json::from_str(&message.payload).unwrap_or_default();
    if let Value::Object(object) = &payload {
        context.weigh(judge::table("the command", receive_command::MESSAGE.fields, object))?;
    }
    context.save(&awaited.save, &payload)
}

fn as_command(happening: &Happening) -> Option<(&Message, Value)> {
    match happening {
        Happening::Message(message) => Some((message, serde_json::from_str(&message.payload).ok()?)),
        _ => None,
    }
}

fn what_came(happenings: &[Happening]) -> String {
    let lines: Vec<String> = happenings
        .iter()
        .filter_map(|happening| match happening {
            Happening::Message(m) => Some(format!("{} {}", m.topic, m.payload)),
            Happening::Closed(why) => Some(why.clone()),
            _ => None,
        })
        .collect();
    if lines.is_empty() { "nothing came".to_owned() } else { lines.join("\n") }
}

/// Makes sure that no command comes.
pub(super) async fn no_command(context: &mut Context<'_>, none: &NoCommand) -> Result<(), Stop> {
    let pattern = context.pattern(&none.payload)?.unwrap_or(Pattern::Members(Vec::new()));
    let listen = none.listen.unwrap_or(context.runner.target().tolerance.silence);
    context.waits_for("that no command comes");
    let device = connected(context, &none.device)?;
    let suits = |h: &Happening| as_command(h).is_some_and(|(_, payload)| pattern.fits(&payload));
    match device.link.inbox.take(listen, suits).await.as_ref().and_then(as_command) {
        None => Ok(()),
        Some((_, payload)) => Err(Stop::fail("a command comes that must not", "no command", shown(&payload))),
    }
}

/// Ends a connection.
pub(super) async fn disconnect(context: &mut Context<'_>, name: &str, clean: bool) -> Result<(), Stop> {
    let patience = context.runner.target().tolerance.mqtt;
    let Some(device) = context.links.remove(name) else {
        return Err(Stop::case(format!("`{name}` is not connected")));
    };
    if clean {
        device.link.disconnect(patience).await;
    } else {
        device.link.drop_connection();
    }
    Ok(())
}

/// Waits until the target ends a connection.
pub(super) async fn await_disconnect(context: &mut Context<'_>, name: &str) -> Result<(), Stop> {
    let patience = context.runner.target().tolerance.mqtt;
    context.waits_for(format!("the end of the connection `{name}`"));
    let inbox = connected(context, name)?.link.inbox.clone();
    match inbox.take(patience, |h| matches!(h, Happening::Closed(_))).await {
        Some(_) => Ok(()),
        None => Err(Stop::fail("a connection is kept", "the target ends the connection", "it is open")),
    }
}
