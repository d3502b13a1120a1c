//! An order: a fault and how often it is to strike, and what is said of one that can't be understood.

use std::num::NonZeroU32;

use iotdm_spec::{Object, nearest};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::DeviceFault;

/// A fault and how often it is to strike. A [`DeviceFault`] alone becomes an order for once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultOrder {
    /// The fault.
    #[serde(flatten)]
    pub fault: DeviceFault,
    /// How often it is to strike.
    pub times: Times,
}

/// How often a fault is to strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often.
    Limited(NonZeroU32),
    /// Until it is removed.
    Always,
}

impl From<DeviceFault> for FaultOrder {
    fn from(fault: DeviceFault) -> Self {
        fault.times(1)
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Limited(times) => times.serialize(serializer),
            Self::Always => serializer.serialize_str("always"),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        match given.as_u64().map(u32::try_from) {
            Some(Ok(times)) => Ok(NonZeroU32::new(times).map_or(Self::Always, Self::Limited)),
            None if given == "always" => Ok(Self::Always),
            _ => Err(serde::de::Error::custom(format!("times is a number or \"always\", not {given}"))),
        }
    }
}

impl FaultOrder {
    /// Reads an order of the control plane.
    ///
    /// # Errors
    /// In words for who wrote it.
    pub(crate) fn read(mut wish: Object) -> Result<Self, String> {
        let times = match wish.remove("times") {
            Some(times) => Times::deserialize(times).map_err(|e| e.to_string())?,
            None => DeviceFault::WithholdConnack.times(1).times,
        };
        let all = DeviceFault::NAMES.join(", ");
        let name = match wish.get("fault") {
            Some(Value::String(name)) => name.clone(),
            _ => return Err(format!("\"fault\" says what is to go wrong: one of {all}")),
        };
        if !DeviceFault::NAMES.contains(&name.as_str()) {
            let hint = match nearest::of(&name, DeviceFault::NAMES) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("there are {all}"),
            };
            return Err(format!("no fault is called {name:?}: {hint}"));
        }
        let failed = |e: serde_json::Error| format!("{name}: {e}");
        let fault = DeviceFault::deserialize(Value::Object(wish.clone())).map_err(failed)?;
        fault.check().map_err(|why| format!("{name}: {why}"))?;
        let understood = serde_json::to_value(&fault).map_err(failed)?;
        match wish.keys().find(|key| understood.get(key).is_none()) {
            None => Ok(Self { fault, times }),
            Some(key) => Err(unknown_member(&name, key, &understood)),
        }
    }
}

fn unknown_member(fault: &str, key: &str, understood: &Value) -> String {
    let members = || {
        let own = understood.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        own.filter(|name| *name != "fault").chain(["times"])
    };
    let hint = match nearest::of(key, members()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("it has {}", members().collect::<Vec<_>>().join(", ")),
    };
    format!("{fault} has no member {key:?}: {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(wish: Value) -> Result<FaultOrder, String> {
        FaultOrder::read(wish.as_object().unwrap().clone())
    }

    #[test]
    fn every_fault_is_in_the_list_of_names_and_no_other() {
        let error = DeviceFault::deserialize(json!({ "fault": "" })).unwrap_err().to_string();
        let listed: Vec<_> = error.split('`').skip(3).step_by(2).collect();
        assert_eq!(listed, DeviceFault::NAMES, "{error}");
        for name in DeviceFault::NAMES {
            let wish = json!({ "fault": name, "code": 3, "packets": 3, "ms": 5, "kind": "expired" });
            assert_eq!(DeviceFault::deserialize(wish).unwrap().name(), name);
        }
    }

    #[test]
    fn what_is_read_is_written_back() {
        for wish in [
            json!({ "fault": "refuse_connect", "code": 3, "times": 1 }),
            json!({ "fault": "drop_after_packets", "packets": 3, "times": "always" }),
            json!({ "fault": "corrupt", "seed": 7, "packet": "PUBLISH", "times": 2 }),
            json!({ "fault": "certificate", "kind": "wrong_name", "peer": "::1", "times": 1 }),
        ] {
            assert_eq!(serde_json::to_value(read(wish.clone()).unwrap()).unwrap(), wish);
        }
        assert_eq!(read(json!({ "fault": "fragment", "times": 0 })).unwrap().times, Times::Always);
        assert_eq!(read(json!({ "fault": "withhold_puback" })).unwrap(), FaultOrder::from(DeviceFault::WithholdPuback));
    }

    #[test]
    fn says_what_is_wrong_with_an_order() {
        for (wish, words) in [
            (json!({}), "one of refuse_connect, withhold_connack"),
            (json!({ "fault": 3 }), "one of refuse_connect, withhold_connack"),
            (json!({ "fault": "refuse_conect" }), "did you mean \"refuse_connect\"?"),
            (json!({ "fault": "gremlins" }), "there are refuse_connect, "),
            (json!({ "fault": "refuse_connect" }), "refuse_connect: missing field `code`"),
            (json!({ "fault": "refuse_connect", "code": 9 }), "1 to 5, not 9"),
            (json!({ "fault": "drop_after_packets", "packets": 0 }), "drop_after_packets: "),
            (json!({ "fault": "delay_puback", "ms": 600_001 }), "600000 at most"),
            (json!({ "fault": "withhold_puback", "tims": 2 }), "no member \"tims\": did you mean \"times\"?"),
            (json!({ "fault": "withhold_puback", "times": -1 }), "a number or \"always\", not -1"),
            (json!({ "fault": "corrupt", "packets": "PUBLISH" }), "did you mean \"packet\"?"),
            (json!({ "fault": "fragment", "packet": "CONNECT" }), "never sends CONNECT; it sends CONNACK, "),
            (json!({ "fault": "certificate", "kind": "expird" }), "certificate: unknown variant `expird`"),
            (json!({ "fault": "certificate", "kind": "expired", "peer": "home" }), "certificate: "),
        ] {
            let why = read(wish.clone()).unwrap_err();
            assert!(why.contains(words), "{wish}: {why}");
        }
    }
}
