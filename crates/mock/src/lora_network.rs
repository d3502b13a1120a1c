//! LoRa servers, and the gateways and nodes that are registered with them (1.5.10 to 1.5.15).
//!
//! The platform's owner attaches a server, and every application may register with it: it is a part
//! of the network, not the thing of one application (A-94 knows another application on the same server).

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::lora::{GATEWAY_DEVICE_TYPE, PROTOCOL};
use iotdm_spec::wire::{DeviceClass, JoinType, NodeType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{Attributes, Device, NewDevice};
use crate::notifications::device_added::device_added;
use crate::registration::{self, Description};
use crate::simulated;
use crate::state::{Collection, Entity, Table};
use crate::world::{Caller, Lookup, World};

/// A LoRa server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LoraServer {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// Whether it can be reached.
    pub(crate) online: bool,
    /// Why it cannot process a registration, in its own words; null if it can.
    pub(crate) fails: Option<String>,
}

/// What was registered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoraKind")]
pub(crate) enum Kind {
    /// A gateway (1.5.10).
    Gateway {
        /// The code that its provider made together with its EUI.
        seq: Option<String>,
    },
    /// A node (1.5.11).
    Node(Node),
}

/// What a node's registration says beside what every device has.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoraNode")]
pub(crate) struct Node {
    /// `authCode`.
    pub(crate) auth_code: Option<String>,
    /// `appEUI`.
    pub(crate) app_eui: String,
    /// `deviceClass`.
    pub(crate) device_class: DeviceClass,
    /// `joinType`.
    pub(crate) join_type: JoinType,
    /// `appSKey`.
    pub(crate) app_s_key: Option<String>,
    /// `devAddr`.
    pub(crate) dev_addr: Option<String>,
    /// `nwkSKey`.
    pub(crate) nwk_s_key: Option<String>,
    /// `appKey`.
    pub(crate) app_key: Option<String>,
}

/// The registration of a gateway or node.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoraRegistration")]
pub(crate) struct Registration {
    /// The LoRa server, by its id.
    pub(crate) server: Arc<str>,
    /// The EUI, as it was sent.
    pub(crate) eui: String,
    /// What it is.
    pub(crate) kind: Kind,
}

impl Registration {
    pub(crate) const fn is_gateway(&self) -> bool {
        matches!(self.kind, Kind::Gateway { .. })
    }
}

/// What was registered for which device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoraRegistered")]
pub(crate) struct Registered {
    /// The device, by its id.
    pub(crate) device: Arc<str>,
    /// What was registered.
    registration: Registration,
}

/// All LoRa servers of a platform.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    by_id: Table<LoraServer>,
}

impl Entity for LoraServer {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

impl Entity for Registered {
    fn key(&self) -> &Arc<str> {
        &self.device
    }
}

impl Collection for Servers {
    type Item = LoraServer;
    const SECTION: &'static str = "lora_servers";

    fn table(&mut self) -> &mut Table<LoraServer> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<LoraServer> {
        &self.by_id
    }

    fn restored(rows: Table<LoraServer>) -> Result<Self, String> {
        Ok(Self { by_id: rows })
    }
}

/// All LoRa servers and registrations of a platform.
#[derive(Debug, Default)]
pub(crate) struct LoraNetwork {
    pub(crate) servers: Servers,
    by_device: Table<Registered>,
    /// Devices by EUI in lower case: it is the same one in either case.
    by_eui: HashMap<String, Arc<str>>,
}

impl Collection for LoraNetwork {
    type Item = Registered;
    const SECTION: &'static str = "lora_registrations";

    fn table(&mut self) -> &mut Table<Registered> {
        &mut self.by_device
    }

    fn rows(&self) -> &Table<Registered> {
        &self.by_device
    }

    fn restored(rows: Table<Registered>) -> Result<Self, String> {
        let mut all = Self::default();
        for (_, row) in rows.in_order() {
            all.by_eui.insert(row.registration.eui.to_ascii_lowercase(), Arc::clone(&row.device));
        }
        all.by_device = rows;
        Ok(all)
    }
}

impl LoraNetwork {
    pub(crate) fn add_server(&mut self, server: LoraServer) {
        self.servers.by_id.insert(server);
    }

    pub(crate) fn server(&self, id: &str) -> Option<&LoraServer> {
        self.servers.by_id.get(id)
    }

    pub(crate) fn server_mut(&mut self, id: &str) -> Option<&mut LoraServer> {
        self.servers.by_id.get_mut(id)
    }

    /// Detaches a server; what was registered with it stays, and has none.
    pub(crate) fn remove_server(&mut self, id: &str) -> Option<LoraServer> {
        self.servers.by_id.remove(id)
    }

    pub(crate) fn servers(&self) -> impl Iterator<Item = &LoraServer> {
        let mut servers: Vec<_> = self.servers.by_id.values().collect();
        servers.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        servers.into_iter()
    }

    /// The registration of a device, if it is one of LoRa.
    pub(crate) fn find(&self, device: &str) -> Option<&Registration> {
        self.by_device.get(device).map(|row| &row.registration)
    }

    /// The device that has this EUI, and its registration.
    pub(crate) fn by_eui(&self, eui: &str) -> Option<(&Arc<str>, &Registration)> {
        let device = self.by_eui.get(&eui.to_ascii_lowercase())?;
        Some((device, self.find(device)?))
    }

    fn register(&mut self, device: &Arc<str>, registration: Registration) {
        self.by_eui.insert(registration.eui.to_ascii_lowercase(), Arc::clone(device));
        self.by_device.insert(Registered { device: Arc::clone(device), registration });
    }

    /// A device is gone.
    pub(crate) fn forget(&mut self, device: &str) {
        if let Some(row) = self.by_device.remove(device) {
            self.by_eui.remove(&row.registration.eui.to_ascii_lowercase());
        }
    }
}

/// Why a gateway or node is not registered; each of the two clauses has a row for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// There is no such LoRa server.
    ServerUnknown,
    /// There is no such product.
    ProductUnknown,
    /// The LoRa server is not online.
    ServerOffline,
    /// The product is not one of LoRa.
    Protocol,
    /// The product is one of gateways where it should be one of nodes, or the other way round.
    DeviceType,
    /// The same application has registered the same thing with the same server.
    Exists,
    /// The EUI identifies something else.
    EuiDuplicated,
    /// The application may have no more devices.
    Quota,
    /// The LoRa server could not process it.
    ServerFailed,
}

/// A gateway or node that an application wants to register.
pub(crate) struct Wanted {
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) registration: Registration,
}

impl World {
    /// Registers a gateway or node: a device like any other from then on, connected by itself, whose
    /// node id is its EUI. It speaks to its LoRa server, so there is no password for MQTT.
    pub(crate) fn register_lora(&mut self, caller: &Caller, wanted: Wanted) -> Result<Arc<str>, Obstacle> {
        let (product, attributes) = self.judge_lora(caller, &wanted)?;
        let id: Arc<str> = self.mint.uuid().into();
        let new = NewDevice {
            id: Arc::clone(&id),
            application: Arc::clone(&caller.owner),
            gateway: None,
            node_id: wanted.registration.eui.clone(),
            product,
            attributes,
            secret: self.mint.secret(),
            mqtt: false,
        };
        let mut device = Device::new(new, self.now);
        if wanted.registration.is_gateway() {
            device.node_type = NodeType::Gateway;
        }
        self.devices.add(device);
        self.lora.register(&id, wanted.registration);
        device_added(self, &id);
        simulated::plan(self, &id);
        Ok(id)
    }

    /// What stands in the way, the LoRa server first, else the product and the attributes.
    fn judge_lora(&mut self, caller: &Caller, wanted: &Wanted) -> Result<(Option<Arc<str>>, Attributes), Obstacle> {
        let Registration { server, eui, .. } = &wanted.registration;
        let server = self.lora.server(server).ok_or(Obstacle::ServerUnknown)?;
        let product = self.product_for(caller, &wanted.product).ok_or(Obstacle::ProductUnknown)?;
        if !server.online {
            return Err(Obstacle::ServerOffline);
        }
        if product.protocol != PROTOCOL {
            return Err(Obstacle::Protocol);
        }
        if (product.device_type == GATEWAY_DEVICE_TYPE) != wanted.registration.is_gateway() {
            return Err(Obstacle::DeviceType);
        }
        if let Some((device, earlier)) = self.lora.by_eui(eui) {
            let own = matches!(self.look_up(caller, device), Lookup::Own(_));
            let same = earlier.server == server.id && earlier.is_gateway() == wanted.registration.is_gateway();
            // Two rows for one cause.
            return Err(if own && same { Obstacle::Exists } else { Obstacle::EuiDuplicated });
        }
        // Node ids are unique, whatever has them.
        if self.devices.by_node_id(eui).is_some() {
            return Err(Obstacle::EuiDuplicated);
        }
        if registration::exceeded(self, caller).is_some() {
            return Err(Obstacle::Quota);
        }
        let name = Some(wanted.name.clone());
        let (id, mut attributes) = Description { name, ..Description::default() }.attributes(Some(product));
        attributes.description.clone_from(&wanted.description);
        if let Some(reason) = server.fails.clone() {
            self.reason = Some(reason);
            return Err(Obstacle::ServerFailed);
        }
        Ok((id, attributes))
    }

    /// The gateway or node that a caller means, with its registration.
    pub(crate) fn lora_device(&self, caller: &Caller, id: &str, gateway: bool) -> Option<(&Device, &Registration)> {
        let Lookup::Own(device) = self.look_up(caller, id) else { return None };
        let registration = self.lora.find(id).filter(|registration| registration.is_gateway() == gateway)?;
        Some((device, registration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eui_is_the_same_in_either_case_and_free_once_its_device_is_gone() {
        let mut lora = LoraNetwork::default();
        let kind = Kind::Gateway { seq: None };
        lora.register(&"d".into(), Registration { server: "s".into(), eui: "00Aa".to_owned(), kind });
        assert_eq!(lora.by_eui("00aA").map(|(device, found)| (&**device, found.eui.as_str())), Some(("d", "00Aa")));
        lora.forget("d");
        assert!(lora.by_eui("00aa").is_none() && lora.find("d").is_none());
    }
}
