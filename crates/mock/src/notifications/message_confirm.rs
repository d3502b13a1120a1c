//! 1.8.10 A device confirmed a command.

use std::sync::Arc;

use iotdm_spec::Object;
use iotdm_spec::notifications::message_confirm::{Header, Message, NOTIFICATION};
use iotdm_spec::wire::{AckMode, ConfirmStatus, NotifyType};

use crate::device::{InFlight, Origin};
use crate::notifications::push;
use crate::world::World;

pub(crate) fn message_confirm(world: &mut World, id: &str, command: &InFlight, status: ConfirmStatus) {
    let Origin::Immediate(header) = &command.origin else { return };
    // Only who asked for a confirmation gets one.
    if header.mode != AckMode::Ack {
        return;
    }
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::MessageConfirm,
        header: Header {
            request_id: header.request_id.clone(),
            from: format!("/devices/{id}/services/{}", command.service),
            to: header.from.clone(),
            status,
            timestamp: world.now.to_string(),
        },
        body: Object::new(),
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
