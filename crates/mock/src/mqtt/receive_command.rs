//! 2.4 The platform sends a command to a device.

use std::sync::Arc;

use bytes::Bytes;
use iotdm_spec::Object;
use iotdm_spec::mqtt::receive_command::Message;
use iotdm_spec::wire::{CodecMode, ConfirmStatus, MsgType};

use crate::command;
use crate::device::{InFlight, Origin};
use crate::mqtt::topics;
use crate::notifications::message_confirm::message_confirm;
use crate::outbox::Effect;
use crate::world::World;

/// Sends a command over the session of `carrier`.
pub(crate) fn cloud_req(world: &mut World, carrier: &Arc<str>, mid: u16, command: &InFlight, paras: Object) {
    let Some(session) = world.devices.find(carrier).and_then(|device| device.session.as_ref()) else { return };
    let topic = topics::command(&session.topic_id, CodecMode::Json);
    let message = Message {
        msg_type: MsgType::CloudReq,
        service_id: command.service.clone(),
        cmd: command.method.clone(),
        paras,
        mid: i64::from(mid),
    };
    // Strings, a number and a JSON object always serialise.
    let Ok(payload) = serde_json::to_vec(&message).map(Bytes::from) else { return };
    world.outbox.push_back(Effect::Publish { device: Arc::clone(carrier), topic, payload, token: command.token });
}

/// A session has subscribed to a filter, or has given it up: on its command topic it now gets what waits
/// for the device.
pub(crate) fn listens(world: &mut World, session: u64, filter: &str, listening: bool) {
    let Some(id) = world.sessions.get(&session).cloned() else { return };
    let session = world.devices.find_mut(&id).and_then(|device| device.session.as_mut());
    let Some(session) = session.filter(|s| topics::command(&s.topic_id, CodecMode::Json) == filter) else { return };
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
