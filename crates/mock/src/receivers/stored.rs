//! How what waits is written when the world is dumped, and read back.

use std::borrow::Cow;

use bytes::Bytes;
use iotdm_spec::catalogue::NOTIFICATIONS;
use iotdm_spec::model::Notification;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A clause of 1.8, by its name.
pub(super) mod clause {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(clause: &&'static Notification, to: S) -> Result<S::Ok, S::Error> {
        clause.name.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Notification, D::Error> {
        let name = Cow::<str>::deserialize(from)?;
        let found = NOTIFICATIONS.iter().find(|clause| clause.name == name).copied();
        found.ok_or_else(|| D::Error::custom(format!("no notification is called {name:?}")))
    }

    pub(crate) fn schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = NOTIFICATIONS.iter().map(|clause| clause.name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// A body, as the text that it is.
pub(super) mod body {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(body: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        String::from_utf8_lossy(body).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        String::deserialize(from).map(Bytes::from)
    }
}
