//! What only a platform's owner can do: applications and grants, limits, the clock, ordered answers,
//! sub-devices, muted commands, LoRa servers, version packages, products, rules. The control plane and the
//! Rust API are two shapes of this one list.

mod applications;
mod clock;
mod device_faults;
mod device_pages;
mod devices;
mod faults;
mod grants;
mod lora;
mod packages;
pub(crate) mod products;
mod pushes;
mod rules;
mod simulated;
mod state;

use std::fmt;
use std::time::Duration;

use iotdm_spec::model::ErrorRow;
use iotdm_spec::{Op, nearest, universal};
use serde::{Deserialize, Deserializer};

use crate::clock::Moment;
use crate::profile::ProfileError;
use crate::tls::CertificateError;

pub use applications::{ApplicationChange, ApplicationState};
pub use clock::ClockChange;
pub use device_pages::{DevicePage, DeviceState};
pub(crate) use faults::order_number;
pub use lora::{LoraServerChange, LoraServerState};
pub use packages::{PackageFit, VersionPackage};
pub use products::ProductSource;
pub use rules::RuleFiring;
pub use simulated::{Arrived, InboxEntry, NotPlayed};

/// Why the owner's wish could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerError {
    /// No application has this id.
    UnknownApplication(String),
    /// There is no such grant.
    NoGrant {
        /// The application that would have given it.
        owner: String,
        /// The application that would have got it.
        to: String,
    },
    /// The clock is never set back.
    ClockGoesForward {
        /// The platform's time.
        now: Moment,
        /// The earlier time that was asked for.
        wanted: Moment,
    },
    /// The clock is not moved so far at once.
    ClockMoveTooLong(Duration),
    /// No LoRa server has this id.
    UnknownLoraServer(String),
    /// No device has this id.
    UnknownDevice(String),
    /// No operation has this name; the nearest that has.
    UnknownOperation(String, Option<&'static str>),
    /// The operation's table has no such row.
    UnknownRow {
        /// The operation's clause and name.
        operation: String,
        /// The row that was asked for.
        row: String,
        /// The rows that the table has.
        known: Vec<String>,
    },
    /// No standing order has this number.
    UnknownOrder(String),
    /// An order can't be like this; why, in words.
    BadOrder(String),
    /// The node id is in use.
    NodeIdInUse(String),
    /// A node id can't be like this; how many characters it has.
    BadNodeId(usize),
    /// The device has no MQTT session.
    NotConnected(String),
    /// No more faults can be ordered; how many there are.
    TooManyFaults(usize),
    /// The certificate of a fault can't be made.
    Certificate(CertificateError),
    /// MQTT can't be listened on again; why.
    Restart(String),
    /// No version package has this file id.
    UnknownPackage(String),
    /// A version package can't be like this; why, in words.
    BadPackage(String),
    /// A simulated device does not do this.
    NotPlayed(NotPlayed),
    /// No product has this id.
    UnknownProduct(String),
    /// The profile of a product cannot be read.
    Profile(ProfileError),
    /// The application has a product of this very series.
    SeriesInUse {
        /// The series' model.
        model: String,
        /// The product that has it.
        product: String,
    },
    /// The message of a rule would break its table.
    Rule(String),
    /// The codec of the device's product cannot carry the command.
    NotEncodable(String),
}

impl From<ProfileError> for OwnerError {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

impl fmt::Display for OwnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownApplication(id) => write!(f, "no application has the id {id:?}"),
            Self::NoGrant { owner, to } => write!(f, "{owner:?} has given no grant to {to:?}"),
            Self::ClockGoesForward { now, wanted } => {
                write!(f, "the clock only goes forward: it is {now}, and {wanted} is earlier (a reset takes it back)")
            }
            Self::ClockMoveTooLong(most) => {
                write!(f, "the clock is moved by at most {} seconds at once", most.as_secs())
            }
            Self::UnknownLoraServer(id) => write!(f, "no LoRa server has the id {id:?}"),
            Self::UnknownDevice(id) => write!(f, "no device has the id {id:?}"),
            Self::UnknownOperation(name, Some(near)) => {
                write!(f, "no operation is called {name:?}: did you mean {near:?}?")
            }
            Self::UnknownOperation(name, None) => write!(f, "no operation is called {name:?}"),
            Self::UnknownRow { operation, row, known } => {
                write!(f, "{operation} has no error row {row}; it has {}", known.join(", "))
            }
            Self::NotConnected(id) => write!(f, "the device {id:?} has no MQTT session"),
            Self::TooManyFaults(most) => write!(f, "{most} faults are ordered already: remove some first"),
            Self::Certificate(error) => error.fmt(f),
            Self::Restart(why) => write!(f, "MQTT doesn't listen any more: {why}"),
            Self::UnknownPackage(id) => write!(f, "no version package has the file id {id:?}"),
            Self::BadPackage(why) => write!(f, "this is no version package: {why}"),
            Self::NotPlayed(why) => why.fmt(f),
            Self::UnknownOrder(id) => write!(f, "there is no order with the number {id:?}"),
            Self::BadOrder(why) => write!(f, "this cannot be ordered: {why}"),
            Self::UnknownProduct(id) => write!(f, "no product has the id {id:?}"),
            Self::Profile(error) => error.fmt(f),
            Self::SeriesInUse { model, product } => {
                write!(
                    f,
                    "the product {product:?} has the same manufacturer, device type, protocol and model {model:?}"
                )
            }
            Self::Rule(why) => write!(f, "the rule's message would break its table: {why}"),
            Self::NotEncodable(why) => f.write_str(why),
            Self::NodeIdInUse(id) => write!(f, "the node id {id:?} is in use"),
            Self::BadNodeId(length) => {
                let most = devices::node_id_limit();
                write!(f, "a node id has 1 to {most} characters, and this one has {length}")
            }
        }
    }
}

impl std::error::Error for OwnerError {}

impl From<NotPlayed> for OwnerError {
    fn from(why: NotPlayed) -> Self {
        Self::NotPlayed(why)
    }
}

/// The operation with this name.
///
/// # Errors
/// [`OwnerError::UnknownOperation`] with the nearest name.
pub(crate) fn operation(name: &str) -> Result<Op, OwnerError> {
    Op::ALL.iter().copied().find(|op| op.table().name == name).ok_or_else(|| {
        let names = Op::ALL.iter().map(|op| op.table().name);
        OwnerError::UnknownOperation(name.to_owned(), nearest::of(name, names))
    })
}

/// A row of an operation's table, or one of those that hold for every operation.
pub(crate) fn row(op: Op, http_status: u16, code: &str) -> Result<ErrorRow, OwnerError> {
    let table = op.table();
    let universal = [universal::token_invalid(table), universal::throttled(table), table.input.invalid];
    table
        .error(http_status, code)
        .or_else(|| universal.into_iter().find(|row| row.http_status == http_status && row.code == code))
        .ok_or_else(|| OwnerError::UnknownRow {
            operation: format!("{} {}", table.clause, table.name),
            row: format!("{http_status}/{code}"),
            known: table.errors.iter().map(|row| format!("{}/{}", row.http_status, row.code)).collect(),
        })
}

/// Tells an explicit null from an absent member.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
