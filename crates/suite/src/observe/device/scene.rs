//! What was seen of one device, picked out of everything that the platform saw.

use std::collections::BTreeMap;

use iotdm_spec::model;
use iotdm_spec::wire::{CodecMode, MsgType};
use serde_json::{Map, Value};

use crate::observe::feed::{Connect, Note, Observation, Packet, What};
use crate::observe::packet::{self, Mqtt};
use crate::target::Product;

/// What is known of a device under test, and what was done to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    /// The id that the platform gave it.
    pub(super) device_id: String,
    /// The node id that it was registered with.
    pub(super) node_id: String,
    /// Its product, as far as the target tells.
    pub(super) product: Option<Product>,
    /// Whether nobody else uses the platform.
    pub(super) alone: bool,
    /// Whether it has to subscribe, since its product knows a command.
    pub(super) takes_commands: bool,
    /// How many commands that it knows the platform took for it.
    pub(super) sent: usize,
    /// The `mid` of the command that it cannot know, and the number of the last entry before it.
    pub(super) unknown: Option<(i64, u64)>,
    /// After which entry its connection was cut.
    pub(super) cut: Option<u64>,
    /// It had gone already when its connection was to be cut.
    pub(super) gone: bool,
    /// How its program ended by itself, if it did.
    pub(super) end: Option<End>,
}

/// How a program ended by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    /// In words, with its exit code.
    pub(super) words: String,
    /// Whether it ended without an error.
    pub(super) well: bool,
    /// The number of the last entry that may come from it.
    pub(super) seq: u64,
    /// Whether its connection had been cut by then.
    pub(super) after_cut: bool,
    /// The end of what it wrote.
    pub(super) output: String,
}

impl End {
    /// How it ended, and what it wrote last.
    pub(super) fn told(&self) -> String {
        let Self { words, output, .. } = self;
        if output.is_empty() { words.clone() } else { format!("{words}; the end of its output:\n{output}") }
    }
}

/// A message that the device published.
pub(super) struct Message<'a> {
    pub(super) by: &'a Observation,
    pub(super) session: u64,
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    /// Whether it is marked as sent before.
    pub(super) dup: bool,
}

/// A command that the platform sent.
pub(super) struct Command<'a> {
    pub(super) by: &'a Observation,
    pub(super) cmd: String,
    pub(super) mid: i64,
    pub(super) session: u64,
    /// The number of its packet, at a quality of service that wants a receipt.
    pub(super) receipt: Option<u16>,
}

/// A topic filter of a SUBSCRIBE.
pub(super) struct Wish<'a> {
    pub(super) by: &'a Observation,
    pub(super) session: u64,
    pub(super) filter: String,
    /// What the platform answered; none if it has not answered yet.
    pub(super) granted: Option<bool>,
}

/// What was seen of one device.
pub(super) struct Scene<'a> {
    pub(super) story: &'a Story,
    pub(super) seen: &'a [Observation],
    pub(super) connects: Vec<(&'a Observation, &'a Connect)>,
    pub(super) packets: Vec<(&'a Observation, &'a Packet, Option<Mqtt>)>,
    /// The id that the topics of each session carry.
    names: BTreeMap<u64, &'a str>,
}

impl<'a> Scene<'a> {
    /// Picks out what concerns the device.
    pub(super) fn new(story: &'a Story, seen: &'a [Observation]) -> Self {
        let connects: Vec<(&Observation, &Connect)> = seen
            .iter()
            .filter_map(|o| match &o.what {
                What::Connect(connect) if is_ours(story, connect) => Some((o, connect)),
                _ => None,
            })
            .collect();
        let names = connects.iter().filter_map(|(_, c)| Some((c.session, name(story, c)?))).collect();
        let mut scene = Self { story, seen, connects, packets: Vec::new(), names };
        scene.packets = seen.iter().filter_map(|o| scene.packet(o)).collect();
        scene
    }

    fn packet(&self, observation: &'a Observation) -> Option<(&'a Observation, &'a Packet, Option<Mqtt>)> {
        let What::Packet(packet) = &observation.what else { return None };
        let of_session = self.connects.iter().any(|(_, connect)| connect.session == packet.session);
        let ours = match &packet.device {
            Some(device) => *device == self.story.device_id,
            // A first packet that is no CONNECT belongs to nobody: it is ours if nobody else is there.
            None => of_session || (self.story.alone && packet.direction == "in" && !self.is_known(packet.session)),
        };
        ours.then(|| (observation, packet, packet::read(&packet.bytes)))
    }

    /// Whether a CONNECT of the session was judged.
    pub(super) fn is_known(&self, session: u64) -> bool {
        self.seen.iter().any(|o| matches!(&o.what, What::Connect(connect) if connect.session == session))
    }

    /// The ids that may stand in the topics of a session: one, if its CONNECT was seen.
    pub(super) fn names(&self, session: u64) -> Vec<&'a str> {
        match self.names.get(&session) {
            Some(name) => vec![name],
            None => vec![self.story.device_id.as_str(), self.story.node_id.as_str()],
        }
    }

    /// The messages that the device published.
    pub(super) fn messages(&self) -> Vec<Message<'a>> {
        let message = |(by, packet, mqtt): &(&'a Observation, &'a Packet, Option<Mqtt>)| match mqtt {
            Some(Mqtt::Publish { topic, payload, dup, .. }) if packet.direction == "in" => {
                let (topic, payload) = (topic.clone(), payload.clone());
                Some(Message { by, session: packet.session, topic, payload, dup: *dup })
            }
            _ => None,
        };
        self.packets.iter().filter_map(message).collect()
    }

    /// The commands that the platform sent.
    pub(super) fn commands(&self) -> Vec<Command<'a>> {
        let command = |(by, packet, mqtt): &(&'a Observation, &'a Packet, Option<Mqtt>)| match mqtt {
            Some(Mqtt::Publish { payload, qos, id, .. }) if packet.direction == "out" => {
                let object: Map<String, Value> = serde_json::from_slice(payload).ok()?;
                let request = object.get("msgType")?.as_str()? == MsgType::CloudReq.as_str();
                let cmd = object.get("cmd")?.as_str()?.to_owned();
                let (mid, session) = (object.get("mid")?.as_i64()?, packet.session);
                request.then_some(Command { by, cmd, mid, session, receipt: (*qos > 0).then_some(*id) })
            }
            _ => None,
        };
        self.packets.iter().filter_map(command).collect()
    }

    /// The topic filters that the device asked for.
    pub(super) fn wishes(&self) -> Vec<Wish<'a>> {
        let mut wishes = Vec::new();
        for (by, packet, mqtt) in &self.packets {
            let Some(Mqtt::Subscribe { id, filters }) = mqtt else { continue };
            let granted = self.suback(packet.session, by.seq, *id);
            let wish = |(index, filter): (usize, &String)| Wish {
                by,
                session: packet.session,
                filter: filter.clone(),
                granted: granted.and_then(|granted| granted.get(index).copied()),
            };
            wishes.extend(filters.iter().enumerate().map(wish));
        }
        wishes
    }

    fn suback(&self, session: u64, after: u64, wanted: u16) -> Option<&[bool]> {
        let mut later = self.packets.iter().filter(|(by, p, _)| p.session == session && by.seq > after);
        later.find_map(|(_, _, mqtt)| match mqtt {
            Some(Mqtt::Suback { id, granted }) if *id == wanted => Some(granted.as_slice()),
            _ => None,
        })
    }

    /// Whether a wish is granted and is for the device's own command topic, the one that the
    /// product's commands go to.
    pub(super) fn brings_commands(&self, wish: &Wish<'_>) -> bool {
        let own = split(command_pattern(), &wish.filter).is_some_and(|(id, codec)| {
            let used = self.codec().is_none_or(|used| CodecMode::parse(codec) == Some(used));
            used && self.names(wish.session).contains(&id)
        });
        own && wish.granted == Some(true)
    }

    /// The codec mode that the product's devices have to use, where it is known.
    pub(super) fn codec(&self) -> Option<CodecMode> {
        let binary = self.story.product.as_ref()?.codec?;
        Some(if binary { CodecMode::Binary } else { CodecMode::Json })
    }

    /// What the platform notes of the device.
    pub(super) fn notes(&self) -> Vec<(&'a Observation, &'a Note)> {
        let note = |o: &'a Observation| match &o.what {
            What::Note(note) if note.device.as_deref() == Some(&self.story.device_id) => Some((o, note)),
            _ => None,
        };
        self.seen.iter().filter_map(note).collect()
    }

    /// Packets of those who were turned away before their CONNECT was judged.
    pub(super) fn strangers(&self) -> Vec<(&'a Observation, &'a Packet, Option<&Mqtt>)> {
        let unknown = self
            .packets
            .iter()
            .filter(|(_, p, _)| p.direction == "in" && p.device.is_none() && !self.is_known(p.session));
        unknown.map(|(by, packet, mqtt)| (*by, *packet, mqtt.as_ref())).collect()
    }

    /// The sessions that were let in, oldest first.
    pub(super) fn sessions(&self) -> Vec<(&'a Observation, u64)> {
        self.connects.iter().filter(|(_, c)| c.accepted).map(|(by, c)| (*by, c.session)).collect()
    }
}

fn is_ours(story: &Story, connect: &Connect) -> bool {
    if let Some(device) = &connect.device {
        return *device == story.device_id;
    }
    let names =
        |id: &str| !id.is_empty() && (connect.client_id.contains(id) || connect.username.as_deref() == Some(id));
    story.alone || names(&story.device_id) || names(&story.node_id)
}

/// The id by which a session goes: the device id, or the node id with authentication type 2.
fn name<'a>(story: &'a Story, connect: &Connect) -> Option<&'a str> {
    if !connect.accepted {
        return None;
    }
    let by_node_id = connect.client_id.rsplit('_').nth(2) == Some("2");
    Some(if by_node_id { &story.node_id } else { &story.device_id })
}

/// The id and the codec mode of a topic that has the form of a pattern.
pub(super) fn split<'t>(pattern: &str, topic: &'t str) -> Option<(&'t str, &'t str)> {
    let mut values = Vec::new();
    let mut segments = topic.split('/');
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        if wanted.starts_with('{') {
            values.push(segment);
        } else if wanted != segment {
            return None;
        }
    }
    match (values.as_slice(), segments.next()) {
        ([id, codec], None) => Some((id, codec)),
        _ => None,
    }
}

/// The form of the data topic (2.1).
pub(super) fn data_pattern() -> &'static str {
    pattern(&iotdm_spec::mqtt::report_data::MESSAGE)
}

/// The form of the command topic (2.1).
pub(super) fn command_pattern() -> &'static str {
    pattern(&iotdm_spec::mqtt::receive_command::MESSAGE)
}

fn pattern(packet: &model::Packet) -> &'static str {
    packet.topic.map_or("", |topic| topic.pattern)
}
