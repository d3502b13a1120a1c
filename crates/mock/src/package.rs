//! Version packages (1.12.1). The platform's owner uploads them: there is no call that does.

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::wire::{FileType, Protocol};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::device::Device;
use crate::state::{Collection, Entity, Table};

/// What devices a package is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeviceSeries")]
pub(crate) struct Series {
    /// Their `deviceType`.
    pub(crate) device_type: String,
    /// Their `model`.
    pub(crate) model: String,
    /// Their `manufacturerName`.
    pub(crate) manufacturer_name: String,
}

impl Series {
    /// Whether a device says of itself that it is of this series.
    pub(crate) fn is_of(&self, device: &Device) -> bool {
        let a = &device.attributes;
        let same = |has: &Option<String>, wanted: &String| has.as_ref() == Some(wanted);
        same(&a.device_type, &self.device_type)
            && same(&a.model, &self.model)
            && same(&a.manufacturer_name, &self.manufacturer_name)
    }

    /// Whether a device says of itself that it is of another series; what is not known contradicts nothing.
    pub(crate) fn is_denied_by(&self, device: &Device) -> bool {
        let a = &device.attributes;
        let other = |has: &Option<String>, wanted: &String| has.as_ref().is_some_and(|has| has != wanted);
        other(&a.device_type, &self.device_type)
            || other(&a.model, &self.model)
            || other(&a.manufacturer_name, &self.manufacturer_name)
    }
}

/// A version package.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Package {
    /// Its id: `fileId`.
    pub(crate) file_id: Arc<str>,
    /// The application that it was uploaded for, by its id.
    pub(crate) application: Arc<str>,
    /// Whether it is software or firmware.
    pub(crate) kind: FileType,
    /// Its name.
    pub(crate) name: String,
    /// The version that devices run after it.
    pub(crate) version: String,
    /// What devices it is for.
    pub(crate) series: Series,
    /// The protocol of those devices.
    pub(crate) protocol: Protocol,
    /// What is said of it.
    pub(crate) description: Option<String>,
    /// When it was made: `yyyy-MM-dd`.
    pub(crate) date: String,
    /// When it was uploaded.
    pub(crate) uploaded: Moment,
}

impl Entity for Package {
    fn key(&self) -> &Arc<str> {
        &self.file_id
    }
}

/// All version packages of a platform.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    by_id: Table<Package>,
    /// Ids by application, in the order in which they were uploaded.
    by_application: HashMap<Arc<str>, Vec<Arc<str>>>,
}

impl Collection for Packages {
    type Item = Package;
    const SECTION: &'static str = "packages";

    fn table(&mut self) -> &mut Table<Package> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Package> {
        &self.by_id
    }

    fn restored(rows: Table<Package>) -> Result<Self, String> {
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Packages {
    pub(crate) fn add(&mut self, package: Package) {
        self.index(&package);
        self.by_id.insert(package);
    }

    fn index(&mut self, package: &Package) {
        self.by_application.entry(Arc::clone(&package.application)).or_default().push(Arc::clone(&package.file_id));
    }

    /// A package of this application; another application's is one that is not there.
    pub(crate) fn find(&self, application: &str, file_id: &str) -> Option<&Package> {
        self.by_id.get(file_id).filter(|package| &*package.application == application)
    }

    /// Whether a package is there, whosoever it is.
    pub(crate) fn contains(&self, file_id: &str) -> bool {
        self.by_id.contains(file_id)
    }

    pub(crate) fn remove(&mut self, file_id: &str) -> Option<Package> {
        let package = self.by_id.remove(file_id)?;
        if let Some(ids) = self.by_application.get_mut(&package.application) {
            ids.retain(|other| **other != *file_id);
        }
        Some(package)
    }

    /// An application is gone: so are its packages.
    pub(crate) fn remove_application(&mut self, application: &str) {
        for id in self.by_application.remove(application).unwrap_or_default() {
            self.by_id.remove(&id);
        }
    }

    /// The packages of an application, newest first.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &Package> {
        self.by_application.get(application).into_iter().flatten().rev().filter_map(|id| self.by_id.get(id))
    }

    /// All packages, for the platform's owner.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Package> {
        self.by_id.values()
    }
}
