//! What only a platform's owner can do: applications and grants, limits, ordered answers, sub-devices,
//! muted commands. The control plane and the Rust API are two shapes of this one list.

mod applications;
mod device_faults;
mod devices;

use std::fmt;

use iotdm_spec::model::ErrorRow;
use iotdm_spec::{Op, nearest, universal};

use crate::tls::CertificateError;
use crate::world::{Forced, World};

pub use applications::ApplicationChange;

/// Why the owner's wish could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerError {
    /// No application has this id.
    UnknownApplication(String),
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
    /// The node id is in use.
    NodeIdInUse(String),
    /// The device has no MQTT session.
    NotConnected(String),
    /// No more faults can be ordered; how many there are.
    TooManyFaults(usize),
    /// The certificate of a fault can't be made.
    Certificate(CertificateError),
    /// MQTT can't be listened on again; why.
    Restart(String),
}

impl fmt::Display for OwnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownApplication(id) => write!(f, "no application has the id {id:?}"),
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
            Self::NodeIdInUse(id) => write!(f, "the node id {id:?} is in use"),
        }
    }
}

impl std::error::Error for OwnerError {}

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

impl World {
    /// Orders an answer for the next `times` calls.
    pub(crate) fn force(&mut self, op: Op, row: ErrorRow, application: Option<String>, times: u32) {
        if times > 0 {
            self.forced.push(Forced { op, row, application, times });
        }
    }
}
