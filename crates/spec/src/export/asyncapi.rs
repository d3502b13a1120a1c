//! The device interface as AsyncAPI 3.0, seen from the device: what it sends, what it receives.

use serde_json::{Map, Value, json};

use super::prose::{of_clause, pascal};
use super::schema::{Side, Structures, object, reference};
use super::{Members, with};
use crate::catalogue::{self, ClauseRef, PACKETS};
use crate::model::{Direction, Field, Packet, Topic};
use crate::wire::CodecMode;

/// The member that ties an answer to its command (2.4, 2.5).
const CORRELATION: &str = "mid";

/// Every topic and every message.
#[must_use]
pub fn asyncapi() -> Value {
    let schemas: Map<String, Value> = PACKETS.iter().map(|packet| (pascal(packet.name), payload(packet))).collect();
    let messages: Map<String, Value> =
        published().map(|(packet, _)| (packet.name.to_owned(), message(packet))).collect();
    json!({
        "asyncapi": "3.0.0",
        "info": info(),
        "defaultContentType": "application/json",
        "servers": { "platform": server() },
        "channels": channels(),
        "operations": operations(),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": security_schemes(),
            "correlationIds": { CORRELATION: { "location": format!("$message.payload#/{CORRELATION}") } },
        },
    })
}

/// The messages that travel on a topic.
fn published() -> impl Iterator<Item = (&'static Packet, Topic)> {
    PACKETS.iter().filter_map(|packet| Some((*packet, packet.topic?)))
}

/// The packets that travel on none: CONNECT.
fn packets() -> impl Iterator<Item = &'static Packet> {
    PACKETS.iter().copied().filter(|packet| packet.topic.is_none())
}

fn info() -> Value {
    let overview = catalogue::PROSE.iter().find(|prose| prose.clause == "2.1");
    json!({
        "title": "OceanConnect V3 device interface over MQTT",
        "version": env!("CARGO_PKG_VERSION"),
        "description": format!(
            "Written by `iotdm export asyncapi` from the contract's tables; operations are the device's. \
             `x-line` is a line of the printed reference.\n\n{}",
            overview.map(|prose| of_clause(&ClauseRef::Prose(prose))).unwrap_or_default(),
        ),
    })
}

fn server() -> Value {
    let security: Vec<Value> =
        packets().map(|packet| json!({ "$ref": format!("#/components/securitySchemes/{}", packet.name) })).collect();
    json!({
        "host": "{endpoint}",
        "protocol": "mqtts",
        "protocolVersion": "3.1.1",
        "variables": { "endpoint": { "default": "127.0.0.1:8883", "description": "Host and port." } },
        "security": security,
    })
}

fn security_schemes() -> Value {
    let scheme = |packet: &'static Packet| {
        json!({
            "type": "userPassword",
            "description": of_clause(&ClauseRef::Packet(packet)),
            "x-payload": reference(&pascal(packet.name)),
        })
    };
    Value::Object(packets().map(|packet| (packet.name.to_owned(), scheme(packet))).collect())
}

/// A channel's name: the last word of its topic that is no placeholder.
fn channel_name(topic: Topic) -> &'static str {
    topic.pattern.rsplit('/').find(|segment| !segment.starts_with('{')).unwrap_or(topic.pattern)
}

fn channels() -> Value {
    let mut channels: Map<String, Value> = Map::new();
    for (packet, topic) in published() {
        let channel = channels.entry(channel_name(topic)).or_insert_with(|| {
            json!({
                "address": topic.pattern,
                "parameters": parameters(topic.pattern),
                "messages": {},
                "x-line": topic.line,
            })
        });
        channel["messages"][packet.name] = json!({ "$ref": format!("#/components/messages/{}", packet.name) });
    }
    Value::Object(channels)
}

fn parameters(pattern: &str) -> Value {
    let names = pattern.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        if name == "codecMode" {
            let text = "json, or binary where the product has a codec plug-in of its own (line 6737).";
            json!({ "description": text, "enum": CodecMode::VALUES })
        } else {
            json!({ "description": "The deviceId for authentication type 0, the nodeId for type 2 (line 6737, A-272)." })
        }
    };
    Value::Object(names.map(|name| (name.to_owned(), parameter(name))).collect())
}

fn operations() -> Value {
    Value::Object(published().map(|(packet, topic)| (packet.name.to_owned(), operation(packet, topic))).collect())
}

fn operation(packet: &'static Packet, topic: Topic) -> Value {
    let action = match packet.direction {
        Direction::DeviceToPlatform => "send",
        Direction::PlatformToDevice => "receive",
    };
    with("action", action)
        .put("title", packet.title)
        .put("channel", channel_reference(topic))
        .put("messages", json!([message_reference(packet, topic)]))
        .maybe("reply", reply(packet))
        .put("x-clause", packet.clause)
        .done()
}

/// A message from the platform that carries the correlating member is answered by the one from the
/// device that carries it too.
fn reply(packet: &Packet) -> Option<Value> {
    let correlates = |packet: &Packet| packet.fields.iter().any(|field| field.name == CORRELATION);
    if packet.direction != Direction::PlatformToDevice || !correlates(packet) {
        return None;
    }
    let (answer, topic) =
        published().find(|(other, _)| other.direction == Direction::DeviceToPlatform && correlates(other))?;
    Some(json!({ "channel": channel_reference(topic), "messages": [message_reference(answer, topic)] }))
}

fn channel_reference(topic: Topic) -> Value {
    json!({ "$ref": format!("#/channels/{}", channel_name(topic)) })
}

fn message_reference(packet: &Packet, topic: Topic) -> Value {
    json!({ "$ref": format!("#/channels/{}/messages/{}", channel_name(topic), packet.name) })
}

fn message(packet: &'static Packet) -> Value {
    let correlates = packet.fields.iter().any(|field| field.name == CORRELATION);
    let correlation = correlates.then(|| json!({ "$ref": format!("#/components/correlationIds/{CORRELATION}") }));
    Members::default()
        .put("name", packet.name)
        .put("title", packet.title)
        .put("description", of_clause(&ClauseRef::Packet(packet)))
        .put("contentType", "application/json")
        .maybe("correlationId", correlation)
        .put("payload", reference(&pascal(packet.name)))
        .put("x-clause", packet.clause)
        .done()
}

fn payload(packet: &Packet) -> Value {
    let side = match packet.direction {
        Direction::DeviceToPlatform => Side::Request,
        Direction::PlatformToDevice => Side::Push,
    };
    let table: Vec<&Field> = packet.fields.iter().collect();
    object(&table, side, &Structures::default())
}
