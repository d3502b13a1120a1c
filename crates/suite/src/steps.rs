//! What the steps of a case do, one file a kind.

mod call;
mod context;
mod control;
mod device;
pub mod judge;
mod push;
pub mod request;
pub mod scope;

pub(crate) use call::plain_call;
pub use context::{Context, Stop};
