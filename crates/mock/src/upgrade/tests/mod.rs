//! The course of upgrades, with a clock that stands.

mod at_random;
mod rig;
mod story;
