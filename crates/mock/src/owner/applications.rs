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

    /// Sets the throttle of every application, and of those that are added later.
    pub(crate) fn throttle_all(&mut self, calls: Option<u32>) {
        self.throttle = calls;
        let others = self.applications.iter().filter(|application| application.throttle() != calls);
        let others: Vec<_> = others.map(|application| Arc::clone(&application.id)).collect();
        for id in others {
            if let Some(application) = self.applications.find_mut(&id) {
                application.set_throttle(calls);
            }
        }
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

    /// Deletes an application with its subscriptions, devices and their commands, groups, tasks, packages,
    /// upgrades, products and grants. It hears nothing of it; applications that it has authorised hear
    /// that its devices are deleted.
    pub(crate) fn delete_application(&mut self, id: &str) -> Result<(), OwnerError> {
        let application = self.applications.find(id).ok_or_else(|| OwnerError::UnknownApplication(id.to_owned()))?;
        let id = Arc::clone(&application.id);
        let subscriptions: Vec<_> = self.subscriptions.of_application(&id).map(|s| s.id.clone()).collect();
        for subscription in subscriptions {
            self.unsubscribe(&subscription);
        }
        let devices: Vec<_> = self.devices.newest_of(&id).map(|device| Arc::clone(&device.id)).collect();
        for device in devices {
            remove_with_sub_devices(self, &device, true);
        }
        self.groups.remove_application(&id);
        self.commands.remove_application(&id);
        self.batch_tasks.remove_application(&id);
        self.upgrades.remove_application(&id);
        self.faults.application_removed(&id);
        self.products.remove_of(&id);
        self.applications.remove(&id);
        self.call_off_all(&id);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mint::Mint;
    use crate::owner::{PackageFit, VersionPackage};
    use crate::product::Product;
    use crate::routes;
    use crate::world::Caller;
    use iotdm_spec::Op;
    use iotdm_spec::wire::FileType;
    use serde_json::{Value, json};

    fn call(world: &mut World, caller: &Caller, op: Op, params: &Value) -> Value {
        let body = routes::call(op, world, Some(caller), params.as_object().unwrap().clone()).unwrap().write().unwrap();
        serde_json::from_slice(&body).unwrap_or_default()
    }

    /// An application with one thing of every kind.
    fn furnish(world: &mut World) -> Arc<str> {
        let id: Arc<str> = world.create_application().id.into();
        let caller = Caller { id: Arc::clone(&id), owner: Arc::clone(&id) };
        let product = Product::built_in_lwm2m("product".into(), Arc::clone(&id));
        world.products.add(product);
        let device = json!({ "nodeId": "node", "productId": "product" });
        let device = call(world, &caller, Op::RegisterByVerifyCode, &device)["deviceId"].take();
        world.device_online(device.as_str().unwrap()).unwrap();
        let package = VersionPackage {
            application: None,
            file_type: FileType::SoftwarePackage,
            name: "package".to_owned(),
            version: "V2".to_owned(),
            fits: PackageFit::Product("product".to_owned()),
            description: None,
            date: None,
        };
        let file = world.add_package(&id, package).unwrap();
        let command = json!({ "serviceId": "Light", "method": "SET_LEVEL", "paras": { "value": 1 } });
        let url = "http://127.0.0.1:9/callback";
        for (op, params) in [
            (Op::CreateGroup, json!({ "name": "group", "deviceIds": [device] })),
            (Op::SubscribeBusinessData, json!({ "notifyType": "deviceAdded", "callbackUrl": url })),
            (Op::CreateCommand, json!({ "deviceId": device, "command": command, "expireTime": 3600 })),
            (Op::CreateCancelTask, json!({ "deviceId": device })),
            (Op::CreateBatchTask, batch_task(&id, &device, &command)),
            (Op::CreateSoftwareUpgrade, json!({ "fileId": &*file, "targets": { "devices": [device] } })),
        ] {
            call(world, &caller, op, &params);
        }
        id
    }

    fn batch_task(id: &str, device: &Value, command: &Value) -> Value {
        json!({
            "appId": id,
            "taskName": "task",
            "taskType": "DeviceCmd",
            "timeout": 10,
            "param": { "type": "DeviceList", "deviceList": [device], "command": command },
        })
    }

    #[test]
    fn nothing_is_left_of_a_deleted_application() {
        let mut world = World::new(Mint::seeded(7), crate::clock::Moment(0));
        let other = world.create_application().id;
        let id = furnish(&mut world);
        world.grant(&other, &id, crate::application::Access::Edit).unwrap();
        let dump = |world: &World| world.dump().unwrap();
        assert!(dump(&world).contains(&*id));
        world.delete_application(&id).unwrap();
        let left = dump(&world);
        assert!(!left.contains(&*id), "{left}");
        assert!(left.contains(&other));
    }
}
