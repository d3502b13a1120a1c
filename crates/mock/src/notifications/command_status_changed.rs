//! 1.8.12 The status of a command has changed. It goes to the command's own address, not to subscribers.

use std::sync::Arc;

use bytes::Bytes;
use iotdm_spec::notifications::command_status_changed::{CommandResultForDevice, Message, NOTIFICATION};
use iotdm_spec::wire::CommandStatus;

use crate::outbox::{Addressee, Effect, Push};
use crate::world::World;

pub(crate) fn command_status_changed(world: &mut World, id: &str) {
    let Some(command) = world.commands.find(id) else { return };
    //= 1.8.12/rule/callback-of-command
    let Some(url) = &command.callback_url else { return };
    //= 1.8.12/rule/push-trigger
    if !is_pushed(command.status) {
        return;
    }
    let message = Message {
        device_id: command.device.to_string(),
        command_id: command.id.to_string(),
        result: CommandResultForDevice {
            result_code: command.status.as_str().to_owned(),
            // Null until the device has answered.
            result_detail: command.result.clone(),
        },
    };
    // Strings and a JSON object always serialise.
    let Ok(body) = serde_json::to_vec(&message).map(Bytes::from) else { return };
    let addressee = Addressee { application: Arc::clone(&command.application), subscription: None };
    let (url, device) = (Arc::clone(url), Arc::clone(&command.device));
    let push = Push { clause: &NOTIFICATION, url, device, addressee, body };
    world.outbox.push_back(Effect::Push(push));
}

/// The statuses that the clause names.
const fn is_pushed(status: CommandStatus) -> bool {
    match status {
        CommandStatus::Sent
        | CommandStatus::Delivered
        | CommandStatus::Successful
        | CommandStatus::Failed
        | CommandStatus::Timeout => true,
        CommandStatus::Pending | CommandStatus::Expired | CommandStatus::Canceled => false,
    }
}
