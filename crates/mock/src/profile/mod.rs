//! Product profiles: the zip or folder in which products travel, and the same as one JSON object.
//!
//! The format is the field's, not the reference's: `profile/devicetype-capability.json`, and one
//! `service/{ServiceType}/profile/servicetype-capability.json` a service. It is read as tolerantly as
//! its many authors write it; what cannot be understood is an error that says where and why.
//!
//! As JSON the files are members, each with the content of its file:
//!
//! ```json
//! { "device": { "devices": [ … ] }, "services": [ { "services": [ … ] }, … ], "codec": { … } }
//! ```

mod at;
mod files;
mod read;
mod write;

use std::fmt;
use std::sync::Arc;

use iotdm_spec::Object;
use serde_json::Value;

pub(crate) use at::At;
pub(crate) use files::{LARGEST_ARCHIVE, of_path, of_zip};
pub(crate) use read::read;
pub(crate) use write::write;

use crate::codec::Codec;
use crate::product::{Product, Service};

/// What a profile could not be read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The archive, folder or request that the profile came in.
    pub archive: String,
    /// The file in it, or the member.
    pub member: Option<String>,
    /// Line and column, or the JSON path.
    pub place: Option<String>,
    /// What was expected, and what was found.
    pub what: String,
}

impl ProfileError {
    pub(crate) fn of_archive(archive: &str, what: impl fmt::Display) -> Self {
        Self { archive: archive.to_owned(), member: None, place: None, what: what.to_string() }
    }

    pub(crate) fn of_member(archive: &str, member: &str, what: impl fmt::Display) -> Self {
        Self { member: Some(member.to_owned()), ..Self::of_archive(archive, what) }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [Some(&self.archive), self.member.as_ref(), self.place.as_ref(), Some(&self.what)];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join(": "))
    }
}

impl std::error::Error for ProfileError {}

/// A file of a profile, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Value,
}

/// The files of a profile.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Files {
    /// What they came in.
    pub(crate) archive: String,
    pub(crate) device: File,
    pub(crate) services: Vec<File>,
    pub(crate) codec: Option<File>,
}

/// A profile, understood: a product but for its id and application.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) manufacturer_id: String,
    pub(crate) manufacturer_name: String,
    pub(crate) device_type: String,
    pub(crate) model: String,
    pub(crate) protocol: String,
    pub(crate) services: Vec<Service>,
    pub(crate) codec: Option<Codec>,
    /// What was left out, in words.
    pub(crate) remarks: Vec<String>,
}

impl Profile {
    pub(crate) fn into_product(self, id: Arc<str>, application: Arc<str>) -> Product {
        Product {
            id,
            application,
            manufacturer_id: self.manufacturer_id,
            manufacturer_name: self.manufacturer_name,
            device_type: self.device_type,
            model: self.model,
            protocol: self.protocol,
            services: self.services,
            codec: self.codec,
            autopilot: None,
        }
    }
}

const MEMBERS: [&str; 3] = ["device", "services", "codec"];

/// The files of a profile that travels as one JSON object.
pub(crate) fn of_json(archive: &str, object: &Object) -> Result<Files, ProfileError> {
    if let Some(unknown) = object.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(ProfileError::of_member(archive, unknown, format!("expected {}", MEMBERS.join(", "))));
    }
    let member = |name: &str| object.get(name).filter(|value| !value.is_null()).cloned();
    let file = |name: &str, content| File { name: name.to_owned(), content };
    let device = member("device").ok_or_else(|| {
        ProfileError::of_member(archive, "device", "expected the content of devicetype-capability.json")
    })?;
    let services = match member("services") {
        None => Vec::new(),
        Some(Value::Array(items)) => {
            items.into_iter().enumerate().map(|(n, item)| file(&format!("services[{n}]"), item)).collect()
        }
        Some(_) => {
            let wanted = "expected a list of contents of servicetype-capability.json";
            return Err(ProfileError::of_member(archive, "services", wanted));
        }
    };
    let codec = member("codec").map(|content| file("codec", content));
    Ok(Files { archive: archive.to_owned(), device: file("device", device), services, codec })
}
