//! JSON objects that are kept as they will be written.

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::Object;

/// A JSON object as compact text: written often or never, and seldom read. An [`Object`] takes ten times
/// the memory, and has to be written anew each time.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(inline, with = "Object")]
pub struct WrittenObject(Box<RawValue>);

impl WrittenObject {
    /// Writes an object.
    #[must_use]
    pub fn new(object: &Object) -> Self {
        // An object of JSON can always be written.
        Self(to_raw_value(object).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// Reads it again.
    #[must_use]
    pub fn read(&self) -> Object {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }
}

/// Equal objects may be written differently only in the order of their members.
impl PartialEq for WrittenObject {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get() || self.read() == other.read()
    }
}

impl Serialize for WrittenObject {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for WrittenObject {
    /// Anything but an object is refused, and blanks are left out.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Object::deserialize(from).map(|object| Self::new(&object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_object_is_written_once_and_stays_an_object() {
        let read: WrittenObject = serde_json::from_str("{ \"b\": [1, 2],\n \"a\": \"x\" }").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"b":[1,2],"a":"x"}"#);
        assert_eq!(serde_json::to_value(&read).unwrap(), json!({"b": [1, 2], "a": "x"}));
        let value = json!({"a": "x", "b": [1, 2]});
        let other: WrittenObject = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(read, other);
        assert_eq!(Value::Object(other.read()), value);
        assert!(serde_json::from_str::<WrittenObject>("[1]").is_err());
        assert_ne!(read, WrittenObject::new(&Object::new()));
    }
}
