//! What only a platform's owner can do: applications and grants, limits, ordered answers, sub-devices,
//! muted commands. The control plane and the Rust API are two shapes of this one list.

use std::fmt;
use std::sync::Arc;

use iotdm_spec::model::ErrorRow;
use iotdm_spec::wire::{AckMode, NodeType};
use iotdm_spec::{Object, Op, nearest, universal};

use crate::device::{Attributes, Device, InFlight, NewDevice};
use crate::mqtt::connect;
use crate::mqtt::receive_command::cloud_req;
use crate::notifications::device_added::device_added;
use crate::outbox::Effect;
use crate::world::{Forced, World};

/// Why the owner's wish could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerError {
    /// No application has this id.
    UnknownApplication(String),
    /// No device has this id.
    UnknownDevice(String),
    /// No operation has this name; the nearest that has.
    UnknownOperation(String, Option<&'static str>),
    /// The operation's table has no such row.
    UnknownRow {
        /// The operation's clause and name.
        operation: String,
        /// The row that was asked for.
        row: String,
        /// The rows that the table has.
        known: Vec<String>,
    },
    /// The node id is in use.
    NodeIdInUse(String),
    /// The device has no MQTT session.
    NotConnected(String),
}

impl fmt::Display for OwnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownApplication(id) => write!(f, "no application has the id {id:?}"),
            Self::UnknownDevice(id) => write!(f, "no device has the id {id:?}"),
            Self::UnknownOperation(name, Some(near)) => {
                write!(f, "no operation is called {name:?}: did you mean {near:?}?")
            }
            Self::UnknownOperation(name, None) => write!(f, "no operation is called {name:?}"),
            Self::UnknownRow { operation, row, known } => {
                write!(f, "{operation} has no error row {row}; it has {}", known.join(", "))
            }
            Self::NotConnected(id) => write!(f, "the device {id:?} has no MQTT session"),
            Self::NodeIdInUse(id) => write!(f, "the node id {id:?} is in use"),
        }
    }
}

impl std::error::Error for OwnerError {}

/// The operation with this name.
///
/// # Errors
/// [`OwnerError::UnknownOperation`] with the nearest name.
pub(crate) fn operation(name: &str) -> Result<Op, OwnerError> {
    Op::ALL.iter().copied().find(|op| op.table().name == name).ok_or_else(|| {
        let names = Op::ALL.iter().map(|op| op.table().name);
        OwnerError::UnknownOperation(name.to_owned(), nearest::of(name, names))
    })
}

/// A row of an operation's table, or one of those that hold for every operation.
pub(crate) fn row(op: Op, http_status: u16, code: &str) -> Result<ErrorRow, OwnerError> {
    let table = op.table();
    let universal = [universal::token_invalid(table), universal::throttled(table), table.input.invalid];
    table
        .error(http_status, code)
        .or_else(|| universal.into_iter().find(|row| row.http_status == http_status && row.code == code))
        .ok_or_else(|| OwnerError::UnknownRow {
            operation: format!("{} {}", table.clause, table.name),
            row: format!("{http_status}/{code}"),
            known: table.errors.iter().map(|row| format!("{}/{}", row.http_status, row.code)).collect(),
        })
}

/// A change of an application; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationChange {
    /// Whether it is frozen: it may not log in.
    pub frozen: Option<bool>,
    /// Whether the platform has a licence for its devices.
    pub licensed: Option<bool>,
    /// The most devices that it may register; `Some(None)` lifts the limit.
    pub device_limit: Option<Option<usize>>,
    /// The most device groups that it may create; `Some(None)` lifts the limit.
    pub group_limit: Option<Option<usize>>,
    /// The most protected calls in 60 s; `Some(None)` lifts the limit.
    pub throttle: Option<Option<u32>>,
}

impl World {
    pub(crate) fn change_application(&mut self, id: &str, change: &ApplicationChange) -> Result<(), OwnerError> {
        let unknown = || OwnerError::UnknownApplication(id.to_owned());
        let application = self.applications.find_mut(id).ok_or_else(unknown)?;
        application.frozen = change.frozen.unwrap_or(application.frozen);
        application.licensed = change.licensed.unwrap_or(application.licensed);
        application.device_limit = change.device_limit.unwrap_or(application.device_limit);
        application.group_limit = change.group_limit.unwrap_or(application.group_limit);
        if let Some(throttle) = change.throttle {
            application.set_throttle(throttle);
        }
        Ok(())
    }

    /// Lets `to` act on what belongs to `owner`.
    pub(crate) fn grant(&mut self, owner: &str, to: &str) -> Result<(), OwnerError> {
        let unknown = |id: &str| OwnerError::UnknownApplication(id.to_owned());
        let to = Arc::clone(&self.applications.find(to).ok_or_else(|| unknown(to))?.id);
        self.applications.find_mut(owner).ok_or_else(|| unknown(owner))?.grants.insert(to);
        Ok(())
    }

    /// Orders an answer for the next `times` calls.
    pub(crate) fn force(&mut self, op: Op, row: ErrorRow, application: Option<String>, times: u32) {
        if times > 0 {
            self.forced.push(Forced { op, row, application, times });
        }
    }

    /// Puts a sub-device behind a gateway, as the gateway itself would.
    pub(crate) fn add_sub_device(&mut self, gateway: &str, node_id: &str) -> Result<Arc<str>, OwnerError> {
        let parent = self.devices.find(gateway).ok_or_else(|| OwnerError::UnknownDevice(gateway.to_owned()))?;
        if self.devices.by_node_id(node_id).is_some() {
            return Err(OwnerError::NodeIdInUse(node_id.to_owned()));
        }
        let (gateway, application, product) =
            (Arc::clone(&parent.id), Arc::clone(&parent.application), parent.product.clone());
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
        let mid = self.devices.find_mut(id).and_then(|device| device.next_mid()).ok_or_else(full)?;
        let command = InFlight {
            token,
            request_id,
            service_type: service.clone(),
            service,
            method,
            mode: AckMode::NoAck,
            from: "/_mock".to_owned(),
        };
        cloud_req(self, &target, mid, &command, paras);
        if let Some(device) = self.devices.find_mut(id) {
            device.in_flight.insert(mid, command);
        }
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
