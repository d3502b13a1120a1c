//! 2.4 The platform sends a command to a device.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use iotdm_spec::Object;
use iotdm_spec::mqtt::receive_command::Message;
use iotdm_spec::wire::{CodecMode, ConfirmStatus, MsgType};

use crate::command;
use crate::device::{InFlight, Origin};
use crate::mqtt::topics;
use crate::notifications::message_confirm::message_confirm;
use crate::outbox::Effect;
use crate::timers::Timer;
use crate::world::World;

/// Sends a command over the session of `carrier`. One that the codec of the carrier's product
/// cannot carry is not sent, and the journal says why.
pub(crate) fn cloud_req(world: &mut World, carrier: &Arc<str>, mid: u16, command: &InFlight, paras: Object) {
    let (codec, payload) = match encode(world, carrier, mid, command, paras) {
        Ok(encoded) => encoded,
        Err(why) => {
            world.remarks.push(format!("command {mid} of device {carrier} was not sent: {why}"));
            return;
        }
    };
    let Some(session) = world.devices.find(carrier).and_then(|device| device.session.as_ref()) else { return };
    let topic = topics::command(&session.topic_id, codec);
    world.outbox.push_back(Effect::Publish { device: Arc::clone(carrier), topic, payload, token: command.token });
}

/// A command as its device gets it: binary if the product's codec has a message for it, else JSON (2.1).
pub(crate) fn encode(
    world: &World,
    carrier: &str,
    mid: u16,
    command: &InFlight,
    paras: Object,
) -> Result<(CodecMode, Bytes), String> {
    let codec = world.product_of(carrier).and_then(|product| product.codec.as_ref());
    if let Some(encoded) = codec.and_then(|codec| codec.encode(&command.service, &command.method, mid, &paras)) {
        return encoded.map(|payload| (CodecMode::Binary, payload.into()));
    }
    let message = Message {
        msg_type: MsgType::CloudReq,
        service_id: command.service.clone(),
        cmd: command.method.clone(),
        paras,
        mid: i64::from(mid),
    };
    serde_json::to_vec(&message).map(|payload| (CodecMode::Json, payload.into())).map_err(|e| e.to_string())
}

/// How long an unanswered command is remembered.
const COMMAND_MEMORY: Duration = Duration::from_secs(24 * 3600);

/// Remembers an immediate command to a device until it is answered, or for long enough.
pub(crate) fn await_answer(world: &mut World, id: &Arc<str>, mid: u16, mut command: InFlight) {
    let timer = Timer::CommandForgotten(Arc::clone(id), mid, command.token);
    command.forgotten = Some(world.timers.set(world.now.plus(COMMAND_MEMORY), timer));
    if let Some(device) = world.devices.find_mut(id) {
        device.in_flight.insert(mid, command);
    }
}

/// A session has subscribed to a filter, or has given it up: on its command topic it now gets what waits
/// for the device.
pub(crate) fn listens(world: &mut World, session: u64, filter: &str, listening: bool) {
    let Some(id) = world.sessions.get(&session).cloned() else { return };
    // A device with a codec gets its commands on the binary topic.
    let has_codec = world.product_of(&id).is_some_and(|product| product.codec.is_some());
    let codec = if has_codec { CodecMode::Binary } else { CodecMode::Json };
    let session = world.devices.find_mut(&id).and_then(|device| device.session.as_mut());
    let Some(session) = session.filter(|s| topics::command(&s.topic_id, codec) == filter) else { return };
    session.listening = listening;
    command::device_reachable(world, &id);
}

/// The device's connection has acknowledged a command.
pub(crate) fn delivered(world: &mut World, session: u64, token: u64) {
    let Some(carrier) = world.sessions.get(&session).cloned() else { return };
    let mut candidates = world.devices.behind(&carrier);
    candidates.push(carrier);
    for id in candidates {
        let command = world
            .devices
            .find(&id)
            .and_then(|device| device.in_flight.values().find(|command| command.token == token))
            .cloned();
        let Some(command) = command else { continue };
        match &command.origin {
            Origin::Immediate(_) => message_confirm(world, &id, &command, ConfirmStatus::Delivered),
            Origin::Cached(cached) => command::acknowledged(world, cached),
        }
        return;
    }
}
