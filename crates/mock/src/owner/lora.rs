//! LoRa servers: attached, online or offline, failing, detached.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::OwnerError;
use crate::lora_network::LoraServer;
use crate::platform::Platform;
use crate::world::World;

/// A change of a LoRa server; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoraServerChange {
    /// Whether it is online.
    pub online: Option<bool>,
    /// Why it cannot process a registration, in its own words; `Some(None)` lets it work again.
    #[serde(default, deserialize_with = "super::present")]
    pub fails: Option<Option<String>>,
}

/// A LoRa server as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoraServerState {
    /// Its id: the `loraServerId` of 1.5.10 and 1.5.11.
    pub id: String,
    /// Whether it is online.
    pub online: bool,
    /// Why it cannot process a registration, in its own words.
    pub fails: Option<String>,
}

impl World {
    /// Attaches a LoRa server, which is online; every application may register with it.
    pub(crate) fn add_lora_server(&mut self) -> Arc<str> {
        //= 1.5.10/rule/lora-server-id-assigned
        //= 1.5.11/rule/lora-server-id-assigned
        let id: Arc<str> = self.mint.hex(24).into();
        self.lora.add_server(LoraServer { id: Arc::clone(&id), online: true, fails: None });
        id
    }

    pub(crate) fn change_lora_server(&mut self, id: &str, change: &LoraServerChange) -> Result<(), OwnerError> {
        let server = self.lora.server_mut(id).ok_or_else(|| OwnerError::UnknownLoraServer(id.to_owned()))?;
        server.online = change.online.unwrap_or(server.online);
        if let Some(fails) = &change.fails {
            server.fails.clone_from(fails);
        }
        Ok(())
    }

    pub(crate) fn remove_lora_server(&mut self, id: &str) -> Result<(), OwnerError> {
        self.lora.remove_server(id).map(|_| ()).ok_or_else(|| OwnerError::UnknownLoraServer(id.to_owned()))
    }

    pub(crate) fn lora_servers(&self) -> Vec<LoraServerState> {
        let state = |s: &LoraServer| LoraServerState { id: s.id.to_string(), online: s.online, fails: s.fails.clone() };
        self.lora.servers().map(state).collect()
    }
}

impl Platform {
    /// Attaches a LoRa server, which is online; every application may register with it. Gives its id.
    #[must_use]
    pub fn add_lora_server(&self) -> String {
        self.core.enter(World::add_lora_server).to_string()
    }

    /// Takes a LoRa server online or offline.
    ///
    /// # Errors
    /// [`OwnerError::UnknownLoraServer`].
    pub fn set_lora_server_online(&self, id: &str, online: bool) -> Result<(), OwnerError> {
        self.change_lora_server(id, &LoraServerChange { online: Some(online), ..LoraServerChange::default() })
    }

    /// Changes a LoRa server: takes it online or offline, lets it fail or work again.
    ///
    /// # Errors
    /// [`OwnerError::UnknownLoraServer`].
    pub fn change_lora_server(&self, id: &str, change: &LoraServerChange) -> Result<(), OwnerError> {
        self.core.enter(|world| world.change_lora_server(id, change))
    }

    /// Detaches a LoRa server. What was registered with it stays, and can only be deleted as a device (1.5.5).
    ///
    /// # Errors
    /// [`OwnerError::UnknownLoraServer`].
    pub fn remove_lora_server(&self, id: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.remove_lora_server(id))
    }

    /// All LoRa servers, in the order of their ids.
    #[must_use]
    pub fn lora_servers(&self) -> Vec<LoraServerState> {
        self.core.enter(|world| world.lora_servers())
    }
}
