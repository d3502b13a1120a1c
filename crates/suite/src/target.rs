//! The platform under test: where it is, under whose name the cases act, and what it offers.
//!
//! A target is read from a YAML file (unknown keys are errors with line and caret), or built in
//! code, as the command line does for the embedded mock.

mod reading;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iotdm_spec::catalogue::Op;
use serde_json::Value;

use crate::events::TargetSummary;
use crate::yaml::{self, FileError};

/// The platform under test.
#[derive(Debug, Clone)]
pub struct Target {
    /// What a person calls it: the target file's path, or `embedded mock`.
    pub name: String,
    /// The file that it was read from, if any: it stands in the command that reruns a case.
    pub file: Option<PathBuf>,
    /// The base URL of its REST interface: `https://127.0.0.1:8743`.
    pub base_url: String,
    /// Host and port of its MQTTS interface.
    pub mqtt: Option<String>,
    /// The certificate that signs its certificates, in PEM; without it the usual roots hold.
    pub ca_pem: Option<String>,
    /// The application under whose name the cases act.
    pub application: Credentials,
    /// An application that has authorised `application`.
    pub authorized: Option<Credentials>,
    /// An application without a grant in either direction.
    pub stranger: Option<Credentials>,
    /// A product with a service, a property and a command.
    pub product: Option<Product>,
    /// A product whose devices speak LWM2M, with the same ingredients.
    pub lwm2m: Option<Product>,
    /// What LoRa gateways and nodes are registered with.
    pub lora: Option<Lora>,
    /// Version packages for the devices of the LWM2M product.
    pub packages: Option<Packages>,
    /// The base URL of the control plane, if the platform has one.
    pub control: Option<String>,
    /// The address under which the target reaches our callback receiver.
    pub callback_host: String,
    /// What the target offers; see [`Capability`].
    pub capabilities: BTreeSet<Capability>,
    /// Whether MQTT may be spoken without TLS.
    pub plain: bool,
    /// How long things may take.
    pub tolerance: Tolerance,
    /// The operations that the target plays, by name; none means all.
    pub plays: Option<Vec<String>>,
}

/// An application's id and secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The application's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials {{ id: {:?}, secret: *** }}", self.id)
    }
}

/// A product that exists on the target, as far as cases need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: String,
    /// A service with a writable integer property and a command.
    pub service: String,
    /// The name of that property.
    pub writable: String,
    /// A value that the property admits.
    pub value: Value,
    /// A command of the service.
    pub command: Option<Command>,
    /// Another service.
    pub second: Option<Service>,
    /// Whether the product has a codec plug-in for binary data; none if that is not known.
    pub codec: Option<bool>,
}

/// A command of a product's service.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// The name of one of its parameters.
    pub para: String,
    /// A value that the parameter admits.
    pub value: Value,
}

/// A service with one property.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The service's id.
    pub service: String,
    /// The name of one of its properties.
    pub property: String,
    /// A value that the property admits.
    pub value: Value,
}

/// What LoRa gateways and nodes are registered with (1.5.10, 1.5.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lora {
    /// The id of a LoRa server that is online.
    pub server: String,
    /// A product of LoRa gateways.
    pub gateway_product: String,
    /// A product of LoRa nodes.
    pub node_product: String,
}

/// Version packages that somebody has uploaded (1.12): there is no call that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// The file id of a software package.
    pub software: String,
    /// The file id of a firmware package.
    pub firmware: String,
}

/// What a target may offer and a case may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Devices connect by MQTTS.
    Mqtt,
    /// The target reaches our callback receiver.
    Callbacks,
    /// The target has a control plane.
    Control,
    /// There is an application that has authorised ours.
    Authorized,
    /// There is an application without any grant.
    Stranger,
    /// There is a product with a service, a writable property and a command.
    Product,
    /// The product has a second service.
    SecondService,
    /// There is a product whose devices speak LWM2M.
    Lwm2m,
    /// There is a LoRa server, and products for its gateways and nodes.
    Lora,
    /// There are version packages.
    Packages,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 10] = [
        Self::Mqtt,
        Self::Callbacks,
        Self::Control,
        Self::Authorized,
        Self::Stranger,
        Self::Product,
        Self::SecondService,
        Self::Lwm2m,
        Self::Lora,
        Self::Packages,
    ];

    /// The name in case files and target files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mqtt => "mqtt",
            Self::Callbacks => "callbacks",
            Self::Control => "control",
            Self::Authorized => "authorized",
            Self::Stranger => "stranger",
            Self::Product => "product",
            Self::SecondService => "second_service",
            Self::Lwm2m => "lwm2m",
            Self::Lora => "lora",
            Self::Packages => "packages",
        }
    }

    /// The capability of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }
}

/// How long things may take before a case gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// An HTTP answer.
    pub answer: Duration,
    /// A push, from its cause to its arrival (A-148: ten seconds).
    pub push: Duration,
    /// An MQTT packet.
    pub mqtt: Duration,
    /// How long a case waits to be sure that something does not come.
    pub silence: Duration,
    /// A whole case.
    pub case: Duration,
    /// How long a call that the throttle turned away waits before it is repeated; a little more than
    /// the throttle's minute.
    pub throttle: Duration,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(15),
            push: Duration::from_secs(10),
            mqtt: Duration::from_secs(10),
            silence: Duration::from_millis(300),
            case: Duration::from_secs(60),
            throttle: Duration::from_secs(61),
        }
    }
}

impl Target {
    /// A target with one application, everything else absent: a start for building one in code.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: impl Into<String>, application: Credentials) -> Self {
        Self {
            name: name.into(),
            file: None,
            base_url: base_url.into().trim_end_matches('/').to_owned(),
            mqtt: None,
            ca_pem: None,
            application,
            authorized: None,
            stranger: None,
            product: None,
            lwm2m: None,
            lora: None,
            packages: None,
            control: None,
            callback_host: "127.0.0.1".to_owned(),
            capabilities: BTreeSet::new(),
            plain: false,
            tolerance: Tolerance::default(),
            plays: None,
        }
    }

    /// Adds every capability whose prerequisites stand in the target, so that a target built in
    /// code cannot forget one.
    #[must_use]
    pub fn with_evident_capabilities(mut self) -> Self {
        for capability in Capability::ALL {
            if self.prerequisite(capability).is_ok() {
                self.capabilities.insert(capability);
            }
        }
        self
    }

    /// Whether what the capability rests on stands in the target; otherwise what is missing.
    ///
    /// # Errors
    /// The sentence that says which key the target lacks.
    pub fn prerequisite(&self, capability: Capability) -> Result<(), String> {
        let (there, key) = match capability {
            Capability::Mqtt => (self.mqtt.is_some(), "mqtt"),
            Capability::Callbacks => (!self.callback_host.is_empty(), "callback_host"),
            Capability::Control => (self.control.is_some(), "control"),
            Capability::Authorized => (self.authorized.is_some(), "authorized"),
            Capability::Stranger => (self.stranger.is_some(), "stranger"),
            Capability::Product => {
                (self.product.as_ref().is_some_and(|p| p.command.is_some()), "product (with a command)")
            }
            Capability::SecondService => {
                (self.product.as_ref().is_some_and(|p| p.second.is_some()), "product.second_service")
            }
            Capability::Lwm2m => (self.lwm2m.as_ref().is_some_and(|p| p.command.is_some()), "lwm2m (with a command)"),
            Capability::Lora => (self.lora.is_some(), "lora"),
            Capability::Packages => (self.packages.is_some(), "packages"),
        };
        if there { Ok(()) } else { Err(format!("the target has no `{key}`")) }
    }

    /// Whether the target plays the operation.
    #[must_use]
    pub fn plays(&self, op: Op) -> bool {
        let name = op.table().name;
        self.plays.as_ref().is_none_or(|names| names.iter().any(|n| n == name))
    }

    /// What reports may show of it.
    #[must_use]
    pub fn summary(&self) -> TargetSummary {
        TargetSummary {
            name: self.name.clone(),
            base_url: self.base_url.clone(),
            mqtt: self.mqtt.clone(),
            application: self.application.id.clone(),
            capabilities: self.capabilities.iter().map(|c| c.as_str().to_owned()).collect(),
        }
    }

    /// Reads a target file.
    ///
    /// # Errors
    /// Everything that is wrong with the file, each with its line and a caret.
    pub fn read(path: &Path) -> Result<Self, Vec<FileError>> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| vec![FileError::whole(&shown, format!("cannot be read: {e}"))])?;
        let mut target = Self::parse(&shown, &text, path.parent().unwrap_or(Path::new("")))?;
        target.file = Some(path.to_owned());
        Ok(target)
    }

    /// Reads a target from text; `folder` is where a relative `ca` path starts.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its line and a caret.
    pub fn parse(file: &str, text: &str, folder: &Path) -> Result<Self, Vec<FileError>> {
        let document = yaml::parse(file, text).map_err(|e| vec![e])?;
        reading::target(&document, folder)
    }
}
