//! Sub-devices, links, raw and muted commands of single devices.

use std::sync::Arc;

use iotdm_spec::wire::{AckMode, NodeType};
use iotdm_spec::{Object, Op};

use super::OwnerError;
use crate::device::{Attributes, Device, Header, InFlight, NewDevice, Origin};
use crate::mqtt::connect;
use crate::mqtt::receive_command::{await_answer, cloud_req, encode};
use crate::notifications::device_added::device_added;
use crate::outbox::Effect;
use crate::platform::Platform;
use crate::simulated;
use crate::world::World;

/// The most characters of a node id, from the registration's table.
pub(super) fn node_id_limit() -> usize {
    let members = Op::RegisterByPassword.table().params.iter().flat_map(|param| param.field.members);
    let limit = members.filter(|field| field.name == "nodeId").find_map(|field| field.max_len);
    limit.map_or(usize::MAX, |limit| limit as usize)
}

impl World {
    /// Puts a sub-device behind a gateway, as the gateway itself would.
    pub(crate) fn add_sub_device(&mut self, gateway: &str, node_id: &str) -> Result<Arc<str>, OwnerError> {
        let parent = self.devices.find(gateway).ok_or_else(|| OwnerError::UnknownDevice(gateway.to_owned()))?;
        let length = node_id.chars().count();
        if length == 0 || length > node_id_limit() {
            return Err(OwnerError::BadNodeId(length));
        }
        if self.devices.by_node_id(node_id).is_some() {
            return Err(OwnerError::NodeIdInUse(node_id.to_owned()));
        }
        // What hangs on a device behind a gateway hangs on the gateway (1.6.1, line 1857).
        let (gateway, application, product) =
            (Arc::clone(&parent.gateway), Arc::clone(&parent.application), parent.product.clone());
        let id: Arc<str> = self.mint.uuid().into();
        let secret = self.mint.secret();
        let new = NewDevice {
            id: Arc::clone(&id),
            application,
            gateway: Some(Arc::clone(&gateway)),
            node_id: node_id.to_owned(),
            product,
            attributes: Attributes::default(),
            secret,
            mqtt: false,
        };
        self.devices.add(Device::new(new, self.now));
        if let Some(gateway) = self.devices.find_mut(&gateway) {
            gateway.node_type = NodeType::Gateway;
        }
        device_added(self, &id);
        simulated::plan(self, &id);
        Ok(id)
    }

    /// Drops the link of a device's session: the link is lost at once, however long the door needs.
    pub(crate) fn drop_session(&mut self, id: &str) -> Result<(), OwnerError> {
        let device = self.connected(id)?;
        if let Some(session) = self.devices.find(id).and_then(|device| device.session.as_ref()).map(|s| s.id) {
            connect::disconnected(self, session, false);
        }
        self.outbox.push_back(Effect::CloseSession { device, why: "dropped by order of the control plane" });
        Ok(())
    }

    /// Sends a command as it stands, also one that the product does not know; gives its command id.
    pub(crate) fn send_raw_command(
        &mut self,
        id: &str,
        service: String,
        method: String,
        paras: Object,
    ) -> Result<u16, OwnerError> {
        let target = self.connected(id)?;
        let token = self.next_publish_token();
        let request_id = self.mint.hex(32);
        let full = || OwnerError::NotConnected(id.to_owned());
        let mid = self.devices.next_mid(&target).ok_or_else(full)?;
        let command = InFlight {
            token,
            origin: Origin::Immediate(Header {
                request_id,
                service_type: service.clone(),
                mode: AckMode::NoAck,
                from: "/_mock".to_owned(),
            }),
            service,
            method,
            delivered: false,
            forgotten: None,
        };
        encode(self, &target, mid, &command.service, &command.method, paras.clone())
            .map_err(OwnerError::NotEncodable)?;
        cloud_req(self, &target, mid, &command, paras);
        await_answer(self, &target, mid, command);
        Ok(mid)
    }

    fn connected(&self, id: &str) -> Result<Arc<str>, OwnerError> {
        let device = self.devices.find(id).ok_or_else(|| OwnerError::UnknownDevice(id.to_owned()))?;
        match device.session {
            Some(_) => Ok(Arc::clone(&device.id)),
            None => Err(OwnerError::NotConnected(id.to_owned())),
        }
    }

    /// Forbids commands of a service of one device (1.9.7, line 5007).
    pub(crate) fn mute_commands(&mut self, id: &str, service: &str, commands: Vec<String>) -> Result<(), OwnerError> {
        let device = self.devices.find_mut(id).ok_or_else(|| OwnerError::UnknownDevice(id.to_owned()))?;
        if commands.is_empty() {
            device.muted_commands.remove(service);
        } else {
            device.muted_commands.insert(service.to_owned(), commands);
        }
        Ok(())
    }
}

impl Platform {
    /// Puts a sub-device behind a gateway, as the gateway itself would; gives its id.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`], [`OwnerError::NodeIdInUse`], [`OwnerError::BadNodeId`].
    pub fn add_sub_device(&self, gateway: &str, node_id: &str) -> Result<String, OwnerError> {
        self.core.enter(|world| world.add_sub_device(gateway, node_id)).map(|id| id.to_string())
    }

    /// Drops the link of a device's session.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`], [`OwnerError::NotConnected`].
    pub fn drop_session(&self, device: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.drop_session(device))
    }

    /// Sends a command as it stands, also one that the product does not know; gives its command id.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`], [`OwnerError::NotConnected`].
    pub fn send_raw_command(
        &self,
        device: &str,
        service: &str,
        method: &str,
        paras: Object,
    ) -> Result<u16, OwnerError> {
        self.core.enter(|world| world.send_raw_command(device, service.to_owned(), method.to_owned(), paras))
    }

    /// Forbids commands of a service of one device; an empty list allows them all.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`].
    pub fn mute_commands(&self, device: &str, service: &str, commands: Vec<String>) -> Result<(), OwnerError> {
        self.core.enter(|world| world.mute_commands(device, service, commands))
    }
}
