//! The contract of Huawei's IoT Device Management API (the OceanConnect V3 generation), as data.
//!
//! One file a clause declares method, path, parameters, answer, error rows and prose rules once;
//! routes, validation, error answers, derived cases, coverage and exports are loops over these
//! tables. This crate knows no other crate of the project, no I/O and no clock.

#[macro_use]
pub mod clause;
pub mod catalogue;
pub mod check;
pub mod explain;
pub mod export;
pub mod model;
pub mod nearest;
#[cfg(test)]
mod reference;
pub mod requirement;
pub mod route;
pub mod sample;
pub mod secrets;
pub mod universal;
pub mod wire;
pub mod written;

pub mod batch_tasks;
pub mod commands;
pub mod data;
pub mod devices;
pub mod general;
pub mod groups;
pub mod lora;
pub mod mqtt;
pub mod notifications;
pub mod security;
pub mod subscriptions;
pub mod upgrades;

pub use catalogue::Op;
pub use clause::{Clause, Refusal};
pub use written::WrittenObject;

/// A JSON object whose members the reference leaves to the product.
pub type Object = serde_json::Map<String, serde_json::Value>;
