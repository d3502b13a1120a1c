//! Device shadows: what applications want a device's properties to be, and what they wanted earlier.

use std::collections::BTreeMap;
use std::sync::Arc;

use iotdm_spec::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::state::Log;

/// How many changes a shadow remembers; the oldest go first.
const CHANGES_LIMIT: usize = 5_000;

/// One change: what one service item of one call said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ShadowChange")]
pub(crate) struct Change {
    /// When it was wished.
    pub(crate) at: Moment,
    /// The service.
    pub(crate) service: Arc<str>,
    /// The values that were wished.
    pub(crate) desired: Object,
}

/// How far what is desired of a service is on its way to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ShadowSync")]
pub(crate) enum Sync {
    /// Until the device can be reached.
    Waiting,
    /// It was sent, as this entry of the device's inbox.
    Syncing(u64),
    /// The device has refused it, or has not answered: it is sent again when it next comes online.
    Failed,
}

/// The desired section of a device's shadow. The reported section is the device's latest data.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Shadow {
    /// By service; each property has the value that was wanted last.
    pub(crate) desired: BTreeMap<String, Object>,
    /// Oldest first.
    #[serde(skip)]
    pub(crate) changes: Log<Change>,
    /// The services that are not in sync; empty for devices that are not synchronised.
    #[serde(default)]
    pub(crate) sync: BTreeMap<String, Sync>,
}

impl Shadow {
    /// Takes over what is wanted of a service; properties that it doesn't name keep their values.
    pub(crate) fn want(&mut self, service: String, desired: Object, at: Moment) {
        if desired.is_empty() {
            return;
        }
        if self.changes.len() == CHANGES_LIMIT {
            self.changes.remove_first();
        }
        self.changes.push(Change { at, service: service.as_str().into(), desired: desired.clone() });
        self.desired.entry(service).or_default().extend(desired);
    }

    /// The services of which something waits for the device.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &str> {
        self.sync.iter().filter(|(_, sync)| **sync == Sync::Waiting).map(|(service, _)| service.as_str())
    }

    /// Whether the device still has to get something.
    pub(crate) fn is_pending(&self) -> bool {
        self.sync.values().any(|sync| *sync != Sync::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &serde_json::Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_later_wish_replaces_only_the_properties_that_it_names() {
        let mut shadow = Shadow::default();
        shadow.want("Light".to_owned(), object(&json!({"a": 1, "b": 2})), Moment(0));
        shadow.want("Light".to_owned(), object(&json!({"b": 3})), Moment(1));
        assert_eq!(shadow.desired["Light"], object(&json!({"a": 1, "b": 3})));
        assert_eq!(shadow.changes.len(), 2);
        assert_eq!(shadow.changes[1].desired, object(&json!({"b": 3})));
    }
}
