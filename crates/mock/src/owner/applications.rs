//! Applications: created, changed, deleted with all that is theirs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::OwnerError;
use crate::application::Application;
use crate::devices::delete_device::remove_with_sub_devices;
use crate::platform::{Credentials, Platform};
use crate::world::World;

/// A change of an application; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationChange {
    /// Whether it is frozen: it may not log in.
    pub frozen: Option<bool>,
    /// Whether the platform has a licence for its devices.
    pub licensed: Option<bool>,
    /// How many devices its licences are for; `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub licences: Option<Option<usize>>,
    /// The most devices that it may register; `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub device_limit: Option<Option<usize>>,
    /// The most devices that are not secure; `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub non_secure_limit: Option<Option<usize>>,
    /// The most devices that are frozen (1.5.4, `mute`); `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub frozen_device_limit: Option<Option<usize>>,
    /// The most device groups that it may create; `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub group_limit: Option<Option<usize>>,
    /// The most protected calls in 60 s; `Some(None)` lifts the limit.
    #[serde(default, deserialize_with = "super::present")]
    pub throttle: Option<Option<u32>>,
}

/// An application as the platform's owner sees it, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationState {
    /// Its id.
    pub id: String,
    /// Whether it is frozen.
    pub frozen: bool,
    /// Whether the platform has a licence for its devices.
    pub licensed: bool,
    /// How many devices its licences are for.
    pub licences: Option<usize>,
    /// The most devices that it may register.
    pub device_limit: Option<usize>,
    /// The most devices that are not secure.
    pub non_secure_limit: Option<usize>,
    /// The most devices that are frozen.
    pub frozen_device_limit: Option<usize>,
    /// The most device groups that it may create.
    pub group_limit: Option<usize>,
    /// The most protected calls in 60 s.
    pub throttle: Option<u32>,
    /// How many devices it has.
    pub devices: usize,
    /// The applications that may act on what belongs to it.
    pub grants: Vec<String>,
}

impl World {
    /// Adds an application, with a new id and secret.
    pub(crate) fn create_application(&mut self) -> Credentials {
        let credentials = Credentials { id: self.mint.hex(28), secret: self.mint.hex(28) };
        self.applications.add(&credentials.id, &credentials.secret, self.throttle);
        credentials
    }

    /// Every application, in the order of their ids.
    pub(crate) fn list_applications(&self) -> Vec<ApplicationState> {
        let state = |a: &Application| ApplicationState {
            id: a.id.to_string(),
            frozen: a.frozen,
            licensed: a.licensed,
            licences: a.licences,
            device_limit: a.device_limit,
            non_secure_limit: a.non_secure_limit,
            frozen_device_limit: a.frozen_device_limit,
            group_limit: a.group_limit,
            throttle: a.throttle(),
            devices: self.devices.count_of(&a.id),
            grants: a.grants.keys().map(ToString::to_string).collect(),
        };
        let mut states: Vec<_> = self.applications.iter().map(state).collect();
        states.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        states
    }

    pub(crate) fn change_application(&mut self, id: &str, change: &ApplicationChange) -> Result<(), OwnerError> {
        let unknown = || OwnerError::UnknownApplication(id.to_owned());
        let application = self.applications.find_mut(id).ok_or_else(unknown)?;
        application.frozen = change.frozen.unwrap_or(application.frozen);
        application.licensed = change.licensed.unwrap_or(application.licensed);
        application.licences = change.licences.unwrap_or(application.licences);
        application.device_limit = change.device_limit.unwrap_or(application.device_limit);
        application.non_secure_limit = change.non_secure_limit.unwrap_or(application.non_secure_limit);
        application.frozen_device_limit = change.frozen_device_limit.unwrap_or(application.frozen_device_limit);
        application.group_limit = change.group_limit.unwrap_or(application.group_limit);
        if let Some(throttle) = change.throttle {
            application.set_throttle(throttle);
        }
        Ok(())
    }

    /// Deletes an application with its subscriptions, devices, groups, products and grants. It hears
    /// nothing of it; applications that it has authorised hear that its devices are deleted.
    pub(crate) fn delete_application(&mut self, id: &str) -> Result<(), OwnerError> {
        let application = self.applications.find(id).ok_or_else(|| OwnerError::UnknownApplication(id.to_owned()))?;
        let id = Arc::clone(&application.id);
        let subscriptions: Vec<_> = self.subscriptions.of_application(&id).map(|s| s.id.clone()).collect();
        for subscription in subscriptions {
            self.subscriptions.remove(&subscription);
        }
        let devices: Vec<_> = self.devices.newest_of(&id).map(|device| Arc::clone(&device.id)).collect();
        for device in devices {
            remove_with_sub_devices(self, &device, true);
        }
        let groups: Vec<_> = self.groups.newest_of(&id).map(|group| Arc::clone(&group.id)).collect();
        for group in groups {
            self.groups.remove(&group);
        }
        self.upgrades.remove_application(&id);
        self.products.retain(|_, product| product.application != id);
        self.faults.application_removed(&id);
        self.applications.remove(&id);
        Ok(())
    }
}

impl Platform {
    /// Adds an application: id and secret are told this once.
    #[must_use]
    pub fn create_application(&self) -> Credentials {
        self.core.enter(World::create_application)
    }

    /// Every application, in the order of their ids.
    #[must_use]
    pub fn list_applications(&self) -> Vec<ApplicationState> {
        self.core.enter(|world| world.list_applications())
    }

    /// Changes an application: freeze it, limit it.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`].
    pub fn change_application(&self, id: &str, change: &ApplicationChange) -> Result<(), OwnerError> {
        self.core.enter(|world| world.change_application(id, change))
    }

    /// Deletes an application with everything that belongs to it; the sessions of its devices end.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`].
    pub fn delete_application(&self, id: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.delete_application(id))
    }
}
