//! The case catalogue, the runner and the reports of `iotdm`.
//!
//! The suite judges a party over the wire: it speaks HTTPS and MQTTS to a [`Target`], receives its
//! pushes, and never sees the mock's inside. Cases come from `spec-cases/` and, for everything that
//! a table says, from the contract itself.

mod again;
pub mod case;
pub mod catalogue;
mod embedded;
pub mod events;
pub mod known;
pub mod observe;
pub mod password;
pub mod plan;
pub mod report;
pub mod run;
pub mod runner;
pub mod steps;
pub mod sweeps;
pub mod target;
pub mod verdict;
pub mod wire;
pub mod yaml;

pub use catalogue::{CaseFileError, Catalogue, Filter};
pub use events::{Event, Summary};
pub use known::KnownFailures;
pub use run::{RunOptions, run};
pub use runner::Runner;
pub use target::Target;
pub use verdict::{Exit, Verdict};
