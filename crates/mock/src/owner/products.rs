//! Products: imported, edited and deleted by the platform's owner, as on its console.
//!
//! A deleted product leaves its devices in place. They keep what was copied from it when they were
//! registered (manufacturer, model, type) and their data, and are from then on devices without a
//! profile: no capabilities (1.6.5), no commands, and their reports are taken as they come.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iotdm_spec::Object;
use serde_json::Value;

use super::OwnerError;
use crate::Platform;
use crate::notifications::device_capabilities_added::device_capabilities_added;
use crate::notifications::device_capabilities_changed::device_capabilities_changed;
use crate::notifications::device_capabilities_deleted::device_capabilities_deleted;
use crate::product::{Product, Series};
use crate::profile::{self, Profile};
use crate::world::World;

/// How many hexadecimal digits a product id has.
const ID_LENGTH: usize = 24;

/// Where a product's profile comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductSource {
    /// A zip file, or the unpacked folder.
    Path(PathBuf),
    /// The bytes of a zip.
    Zip(Vec<u8>),
}

impl From<&Path> for ProductSource {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<PathBuf> for ProductSource {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&str> for ProductSource {
    fn from(path: &str) -> Self {
        Self::Path(path.into())
    }
}

impl From<Vec<u8>> for ProductSource {
    fn from(zip: Vec<u8>) -> Self {
        Self::Zip(zip)
    }
}

impl ProductSource {
    /// Reads the profile.
    pub(crate) fn read(&self) -> Result<Profile, OwnerError> {
        let files = match self {
            Self::Path(path) => profile::of_path(path)?,
            Self::Zip(bytes) => profile::of_zip("the zip", bytes)?,
        };
        Ok(profile::read(&files)?)
    }
}

/// Reads a profile that travels as one JSON object.
pub(crate) fn read_json(object: &Object) -> Result<Profile, OwnerError> {
    Ok(profile::read(&profile::of_json("the profile", object)?)?)
}

impl World {
    /// Takes a product in.
    pub(crate) fn add_product(&mut self, application: &str, profile: Profile) -> Result<Arc<str>, OwnerError> {
        let unknown = || OwnerError::UnknownApplication(application.to_owned());
        let application = Arc::clone(&self.applications.find(application).ok_or_else(unknown)?.id);
        let id: Arc<str> = self.mint.hex(ID_LENGTH).into();
        self.remarks.extend(profile.remarks.iter().map(|remark| format!("product {id}: {remark}")));
        let product = profile.into_product(Arc::clone(&id), application);
        self.is_the_only_one(&product)?;
        self.products.add(product.clone());
        device_capabilities_added(self, &product);
        Ok(id)
    }

    /// Puts another profile in a product's place. Subscribers hear of it if its services changed.
    pub(crate) fn replace_product(&mut self, id: &str, profile: Profile) -> Result<(), OwnerError> {
        let earlier = self.products.find(id).ok_or_else(|| OwnerError::UnknownProduct(id.to_owned()))?;
        let remarks = profile.remarks.clone();
        let autopilot = earlier.autopilot.clone();
        let product = profile.into_product(Arc::clone(&earlier.id), Arc::clone(&earlier.application));
        let product = Product { autopilot, ..product };
        let changed = product.services != earlier.services;
        self.is_the_only_one(&product)?;
        self.products.add(product.clone());
        self.remarks.extend(remarks.into_iter().map(|remark| format!("product {id}: {remark}")));
        if changed {
            device_capabilities_changed(self, &product);
        }
        Ok(())
    }

    /// Changes parts of a product: `device` and `codec` are replaced (a null takes the codec away),
    /// each of `services` replaces the one of its type, or joins the others.
    pub(crate) fn change_product(&mut self, id: &str, change: &Object) -> Result<(), OwnerError> {
        let product = self.products.find(id).ok_or_else(|| OwnerError::UnknownProduct(id.to_owned()))?;
        let profile = read_json(&merged(profile::write(product), change))?;
        self.replace_product(id, profile)
    }

    /// Takes a product out of the world; its devices stay.
    pub(crate) fn remove_product(&mut self, id: &str) -> Result<(), OwnerError> {
        let product = self.products.remove(id).ok_or_else(|| OwnerError::UnknownProduct(id.to_owned()))?;
        device_capabilities_deleted(self, &product);
        Ok(())
    }

    /// Two products of one series could not be told apart by a registration.
    fn is_the_only_one(&self, product: &Product) -> Result<(), OwnerError> {
        match self.products.of_series(&product.application, &Series::of(product)) {
            Some(other) if other.id != product.id => {
                Err(OwnerError::SeriesInUse { model: product.model.clone(), product: other.id.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// A product as its owner sees it: the profile, and whose it is.
pub(crate) fn shown(product: &Product) -> Value {
    let mut shown = Object::new();
    shown.insert("productId".to_owned(), (*product.id).into());
    shown.insert("application".to_owned(), (*product.application).into());
    shown.extend(profile::write(product));
    shown.into()
}

fn merged(mut profile: Object, change: &Object) -> Object {
    for (name, value) in change {
        match (profile.get_mut(name), value) {
            (Some(Value::Array(files)), Value::Array(given)) => given.iter().for_each(|file| join(files, file)),
            _ => {
                profile.insert(name.clone(), value.clone());
            }
        }
    }
    profile
}

/// Each of the files that a product shows has one service.
fn join(files: &mut Vec<Value>, given: &Value) {
    const TYPE: &str = "serviceType";
    let Some(services) = given.get("services").and_then(Value::as_array) else {
        // It cannot be understood, and the reader will say so.
        files.push(given.clone());
        return;
    };
    for service in services {
        let file = serde_json::json!({ "services": [service] });
        let same = |known: &&mut Value| known.pointer("/services/0").and_then(|s| s.get(TYPE)) == service.get(TYPE);
        match files.iter_mut().find(same) {
            Some(known) => *known = file,
            None => files.push(file),
        }
    }
}

impl Platform {
    /// Imports a product profile (a zip, or the unpacked folder) for an application, and gives the
    /// product's id. Subscribers to `deviceCapabilitiesAdded` are told (1.8.7).
    ///
    /// # Errors
    /// [`OwnerError::Profile`] says which file of the profile cannot be read, where, and why.
    pub fn import_product(&self, application: &str, source: impl Into<ProductSource>) -> Result<String, OwnerError> {
        let profile = source.into().read()?;
        self.core.enter(|world| world.add_product(application, profile)).map(|id| id.to_string())
    }

    /// Puts another profile (a zip, or the unpacked folder) in a product's place. Subscribers to
    /// `deviceCapabilitiesChanged` are told if its services changed (1.8.6).
    ///
    /// # Errors
    /// [`OwnerError::UnknownProduct`], [`OwnerError::Profile`], [`OwnerError::SeriesInUse`].
    pub fn replace_product(&self, id: &str, source: impl Into<ProductSource>) -> Result<(), OwnerError> {
        let profile = source.into().read()?;
        self.core.enter(|world| world.replace_product(id, profile))
    }

    /// Adds a product whose profile is one JSON object: the members `device`, `services` and `codec`
    /// have the contents of the profile's files.
    ///
    /// # Errors
    /// As [`Platform::import_product`].
    pub fn add_product(&self, application: &str, profile: &Object) -> Result<String, OwnerError> {
        let profile = read_json(profile)?;
        self.core.enter(|world| world.add_product(application, profile)).map(|id| id.to_string())
    }

    /// A product in the form of [`Platform::add_product`], with its id and application.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<Value> {
        self.core.enter(|world| world.products.find(id).map(shown))
    }

    /// Changes a product: `device` and `codec` are replaced, each of `services` replaces the one of its
    /// type or joins the others. Subscribers to `deviceCapabilitiesChanged` are told (1.8.6).
    ///
    /// # Errors
    /// [`OwnerError::UnknownProduct`], [`OwnerError::Profile`].
    pub fn change_product(&self, id: &str, change: &Object) -> Result<(), OwnerError> {
        self.core.enter(|world| world.change_product(id, change))
    }

    /// Deletes a product; its devices stay, as devices without a profile. Subscribers to
    /// `deviceCapabilitiesDeleted` are told (1.8.8).
    ///
    /// # Errors
    /// [`OwnerError::UnknownProduct`].
    pub fn remove_product(&self, id: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.remove_product(id))
    }
}
