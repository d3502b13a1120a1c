//! Version packages: the owner uploads them, for there is no call that does.

use std::sync::Arc;

use iotdm_spec::check;
use iotdm_spec::model::Format;
use iotdm_spec::wire::{FileType, Protocol};

use super::OwnerError;
use crate::package::{Package, Series};
use crate::platform::Platform;
use crate::upgrade;
use crate::world::World;

/// The most characters of a name or a version (1.12.1, line 5912).
const LONGEST: usize = 256;

/// A version package that the owner uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPackage {
    /// The application that it is for; none means the one that everything starts with.
    pub application: Option<String>,
    /// Whether it is software or firmware.
    pub file_type: FileType,
    /// Its name.
    pub name: String,
    /// Its version: what an upgraded device runs afterwards.
    pub version: String,
    /// The devices that it is for.
    pub fits: PackageFit,
    /// What there is to say of it.
    pub description: Option<String>,
    /// When it was made (`yyyy-MM-dd`); none means today, by the platform's clock.
    pub date: Option<String>,
}

/// The devices that a version package is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageFit {
    /// Those of a product that the platform has.
    Product(String),
    /// Those of this series.
    Series {
        /// Their type.
        device_type: String,
        /// Their model.
        model: String,
        /// Their manufacturer's name.
        manufacturer_name: String,
        /// Their protocol.
        protocol_type: Protocol,
    },
}

impl From<&Package> for VersionPackage {
    fn from(package: &Package) -> Self {
        let series = package.series.clone();
        Self {
            application: Some(package.application.to_string()),
            file_type: package.kind,
            name: package.name.clone(),
            version: package.version.clone(),
            fits: PackageFit::Series {
                device_type: series.device_type,
                model: series.model,
                manufacturer_name: series.manufacturer_name,
                protocol_type: package.protocol,
            },
            description: package.description.clone(),
            date: Some(package.date.clone()),
        }
    }
}

impl World {
    /// Uploads a version package; gives its file id.
    pub(crate) fn add_package(&mut self, application: &str, new: VersionPackage) -> Result<Arc<str>, OwnerError> {
        let unknown = || OwnerError::UnknownApplication(application.to_owned());
        let application = Arc::clone(&self.applications.find(application).ok_or_else(unknown)?.id);
        for (what, text) in [("name", &new.name), ("version", &new.version)] {
            if text.is_empty() || text.chars().count() > LONGEST {
                return Err(OwnerError::BadPackage(format!("its {what} has 1 to {LONGEST} characters")));
            }
        }
        let date = match new.date {
            Some(date) if check::matches(Format::Date, &date) => date,
            Some(date) => return Err(OwnerError::BadPackage(format!("{date:?} is no date of the form yyyy-MM-dd"))),
            None => self.now.date(),
        };
        let (series, protocol) = self.fit(new.fits)?;
        let file_id: Arc<str> = self.mint.hex(24).into();
        self.upgrades.packages.add(Package {
            file_id: Arc::clone(&file_id),
            application,
            kind: new.file_type,
            name: new.name,
            version: new.version,
            series,
            protocol,
            description: new.description,
            date,
            uploaded: self.now,
        });
        Ok(file_id)
    }

    fn fit(&self, fits: PackageFit) -> Result<(Series, Protocol), OwnerError> {
        match fits {
            PackageFit::Product(id) => {
                let unknown = || OwnerError::BadPackage(format!("no product has the id {id:?}"));
                let product = self.products.find(id.as_str()).ok_or_else(unknown)?;
                let series = Series {
                    device_type: product.device_type.clone(),
                    model: product.model.clone(),
                    manufacturer_name: product.manufacturer_name.clone(),
                };
                let unknown = || OwnerError::BadPackage(format!("devices of the product {id:?} have no packages"));
                Ok((series, Protocol::parse(&product.protocol).ok_or_else(unknown)?))
            }
            PackageFit::Series { device_type, model, manufacturer_name, protocol_type } => {
                let texts =
                    [("device type", &device_type), ("model", &model), ("manufacturer's name", &manufacturer_name)];
                if let Some((what, _)) = texts.iter().find(|(_, text)| text.is_empty()) {
                    return Err(OwnerError::BadPackage(format!("the {what} of its devices is empty")));
                }
                Ok((Series { device_type, model, manufacturer_name }, protocol_type))
            }
        }
    }

    /// Takes a version package away, as an application would (1.12.3).
    pub(crate) fn remove_package(&mut self, file_id: &str) -> Result<(), OwnerError> {
        let unknown = || OwnerError::UnknownPackage(file_id.to_owned());
        let package = self.upgrades.packages.remove(file_id).ok_or_else(unknown)?;
        upgrade::package_removed(self, &package.application, file_id);
        Ok(())
    }

    /// Every version package, oldest first.
    pub(crate) fn list_packages(&self) -> Vec<Package> {
        let mut packages: Vec<Package> = self.upgrades.packages.iter().cloned().collect();
        packages.sort_by(|a, b| a.uploaded.cmp(&b.uploaded).then_with(|| a.file_id.cmp(&b.file_id)));
        packages
    }
}

impl Platform {
    /// Uploads a version package, which no call of the platform does; gives its file id.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`], or [`OwnerError::BadPackage`] with what is the matter with it.
    pub fn add_package(&self, package: VersionPackage) -> Result<String, OwnerError> {
        let application = package.application.clone().unwrap_or_else(|| self.application().id.clone());
        self.core.enter(|world| world.add_package(&application, package)).map(|id| id.to_string())
    }

    /// Every version package with its file id, oldest first.
    #[must_use]
    pub fn packages(&self) -> Vec<(String, VersionPackage)> {
        let packages = self.core.enter(|world| world.list_packages());
        packages.iter().map(|package| (package.file_id.to_string(), VersionPackage::from(package))).collect()
    }

    /// Takes a version package away; upgrades that are at it fail.
    ///
    /// # Errors
    /// [`OwnerError::UnknownPackage`].
    pub fn remove_package(&self, file_id: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.remove_package(file_id))
    }
}
