//! 1.8.11 A device answered a command.

use std::sync::Arc;

use iotdm_spec::Object;
use iotdm_spec::notifications::command_rsp::{Header, Message, NOTIFICATION};
use iotdm_spec::wire::NotifyType;

use crate::device::{InFlight, Origin};
use crate::notifications::push;
use crate::world::World;

pub(crate) fn command_rsp(world: &mut World, id: &str, command: &InFlight, body: Object) {
    let Origin::Immediate(header) = &command.origin else { return };
    let Some(device) = world.devices.find(id) else { return };
    let message = Message {
        notify_type: NotifyType::CommandRsp,
        header: Header {
            request_id: header.request_id.clone(),
            from: format!("/devices/{id}/services/{}", command.service),
            to: header.from.clone(),
            device_id: id.to_owned(),
            service_type: header.service_type.clone(),
            // The table's example appends a suffix to the command's name, the sample does not; both
            // are accepted, and this one follows the table.
            method: format!("{}-RSP", command.method),
        },
        body,
    };
    let (id, application) = (Arc::clone(&device.id), Arc::clone(&device.application));
    push(world, &NOTIFICATION, &id, &application, &message);
}
