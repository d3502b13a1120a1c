//! The two other parties under test: a device, and an application.
//!
//! Nobody drives them: they do what they do, the platform's journal tells what it saw ([`feed`]),
//! and what it saw is graded requirement by requirement. Grading is pure: it reads observations and
//! nothing else, so it is tested without a socket. Verdicts and events are those of every run.

pub mod app;
mod ca;
mod caller;
pub mod device;
pub mod feed;
mod grades;
mod outcome;
pub mod packet;
mod program;
mod story;

pub use crate::again::Again;
pub use app::{AppOptions, app};
pub use device::{DeviceBriefing, DeviceOptions, ExistingDevice, Patience, Progress, device};
