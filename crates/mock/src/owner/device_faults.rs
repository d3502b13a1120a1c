//! Faults on the wire of single devices, and the restart of MQTT.

use std::sync::Arc;

use super::OwnerError;
use crate::core::Core;
use crate::device::Device;
use crate::journal::Event;
use crate::mqtt::door::DoorHandle;
use crate::mqtt::faults::{FaultOrder, OrderedFault, Unorderable};
use crate::platform::Platform;
use crate::world::World;

impl Platform {
    /// Orders something to go wrong on the wire of a device, which is named by device id or node id.
    /// A [`DeviceFault`](crate::DeviceFault) alone strikes once; [`times`](crate::DeviceFault::times) and
    /// [`always`](crate::DeviceFault::always) say otherwise.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`], [`OwnerError::TooManyFaults`], or [`OwnerError::Certificate`] if
    /// the platform was given its certificate and can't sign another.
    pub fn device_fault(&self, device: &str, order: impl Into<FaultOrder>) -> Result<OrderedFault, OwnerError> {
        self.core.order_fault(device, order.into())
    }

    /// The faults that were ordered for a device and how often each struck, oldest first.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`].
    pub fn device_faults(&self, device: &str) -> Result<Vec<OrderedFault>, OwnerError> {
        self.core.faults_of(device)
    }

    /// Removes one fault of a device by its number, or all of them; gives how many.
    ///
    /// # Errors
    /// [`OwnerError::UnknownDevice`].
    pub fn remove_device_faults(&self, device: &str, number: Option<u64>) -> Result<usize, OwnerError> {
        self.core.remove_faults(device, number)
    }

    /// Closes the MQTT listeners and every connection, without a word to the devices, and listens on
    /// the same ports again; gives the number of sessions that ended.
    ///
    /// # Errors
    /// [`OwnerError::Restart`] if a port can't be listened on again.
    pub async fn restart_mqtt(&self) -> Result<usize, OwnerError> {
        self.core.restart_mqtt().await
    }
}

impl World {
    /// The device with this device id or, if there is none, this node id.
    fn device_or_node(&self, name: &str) -> Result<&Device, OwnerError> {
        let device = self.devices.find(name).or_else(|| self.devices.by_node_id(name));
        device.ok_or_else(|| OwnerError::UnknownDevice(name.to_owned()))
    }
}

impl Core {
    /// Orders something to go wrong between the platform and a device.
    pub(crate) fn order_fault(&self, device: &str, order: FaultOrder) -> Result<OrderedFault, OwnerError> {
        self.enter(|world| {
            let device = world.device_or_node(device)?;
            let seen_at = self.door.get().and_then(|door| door.peer(&device.id));
            let exists = |id: &str| world.devices.find(id).is_some();
            let ordered = self.faults.order((&device.id, &device.node_id), order, seen_at, exists);
            ordered.map_err(|why| match why {
                Unorderable::Full(most) => OwnerError::TooManyFaults(most),
                Unorderable::Certificate(error) => OwnerError::Certificate(error),
            })
        })
    }

    /// What was ordered for a device.
    pub(crate) fn faults_of(&self, device: &str) -> Result<Vec<OrderedFault>, OwnerError> {
        self.id_of(device).map(|id| self.faults.of(&id))
    }

    /// Removes one order for a device by its number, or all.
    pub(crate) fn remove_faults(&self, device: &str, number: Option<u64>) -> Result<usize, OwnerError> {
        self.id_of(device).map(|id| self.faults.remove(&id, number))
    }

    fn id_of(&self, device: &str) -> Result<Arc<str>, OwnerError> {
        self.enter(|world| world.device_or_node(device).map(|device| Arc::clone(&device.id)))
    }

    /// Ends every MQTT connection and listens on the same ports again.
    pub(crate) async fn restart_mqtt(&self) -> Result<usize, OwnerError> {
        let door: &DoorHandle = self.door.get().ok_or_else(|| OwnerError::Restart("it never did".to_owned()))?;
        let closed = door.restart().await.map_err(|error| OwnerError::Restart(error.to_string()))?;
        let text = format!("MQTT was restarted by the owner's order; sessions that ended: {closed}");
        self.journal.add(self.now(), Event::note(text));
        Ok(closed)
    }
}
