//! A world outside of its process: as one JSON document, and as rows in a directory.
//!
//! Both have the same parts. [`document`] names them, [`Table`], [`Log`] and the timers note what has
//! changed since the rows were written, [`store`] keeps the rows. Only entities are kept: indexes are made
//! anew, and MQTT sessions do not outlive their process.

pub(crate) mod beginning;
mod change;
mod check;
mod document;
mod error;
mod log;
pub(crate) mod schema;
pub(crate) mod store;
mod table;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use change::{Change, Changes};
pub(crate) use document::{Document, Dump, SCHEMA};
pub use error::StateError;
pub(crate) use log::Log;
pub use schema::world_schema;
pub(crate) use table::{Entity, Table};

/// The section of the devices' history records.
pub(crate) const HISTORY: &str = "history";
/// The section of the changes of the devices' shadows.
pub(crate) const SHADOW_CHANGES: &str = "shadow_changes";
/// The section of the receivers of pushes, which are one thing.
pub(crate) const RECEIVERS: &str = "receivers";
/// The section of the timers.
pub(crate) const TIMERS: &str = "timers";

/// The entities of one kind, with the indexes over them.
pub(crate) trait Collection: Sized {
    /// One of them.
    type Item: Entity + DeserializeOwned;
    /// What they are called in the document.
    const SECTION: &'static str;

    /// Where they stand, to be followed.
    fn table(&mut self) -> &mut Table<Self::Item>;

    /// Where they stand.
    fn rows(&self) -> &Table<Self::Item>;

    /// The collection over rows that were kept elsewhere.
    ///
    /// # Errors
    /// In words, if two of them can't be there together.
    fn restored(rows: Table<Self::Item>) -> Result<Self, String>;
}

/// Numbered values, written as a list.
pub(crate) mod in_turn {
    use std::collections::BTreeMap;

    use serde::de::Deserialize;
    use serde::{Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(map: &BTreeMap<u64, T>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(map.values())
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<BTreeMap<u64, T>, D::Error>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok((1..).zip(Vec::deserialize(from)?).collect())
    }
}

/// Follows a collection, or asks it what has changed.
fn take<C: Collection>(collection: &mut C, changes: &mut Changes) -> serde_json::Result<()>
where
    C::Item: Serialize,
{
    collection.table().take_changes(C::SECTION, changes)
}
