//! Orders as people write them: one object each, with a word for what is wrong in it.

use std::fmt;

use iotdm_spec::{Object, nearest};
use serde::de::value::MapDeserializer;
use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use super::order::{ForceOrder, ONCE, Operations, RestFault, RestFaultOrder};
use crate::mqtt::faults::Times;
use crate::owner::{self, OwnerError};

/// What is wrong in an order, and with which of its members.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// The member, if one is to blame.
    pub(crate) member: Option<String>,
    /// Whether it is the member's name that is wrong.
    pub(crate) name: bool,
    /// What is wrong, without a full stop.
    pub(crate) message: String,
    /// What could be meant.
    pub(crate) hint: Option<String>,
    /// The owner's wish, if that is what it fails for.
    pub(crate) error: Option<Box<OwnerError>>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, ": {hint}"))
    }
}

impl Wrong {
    fn whole(message: String) -> Self {
        Self { member: None, name: false, message, hint: None, error: None }
    }

    fn value(member: &str, message: impl fmt::Display) -> Self {
        Self { member: Some(member.to_owned()), ..Self::whole(format!("{member}: {message}")) }
    }

    fn owner(member: &str, error: OwnerError) -> Self {
        let message = error.to_string();
        Self { member: Some(member.to_owned()), error: Some(Box::new(error)), ..Self::whole(message) }
    }

    fn unknown_member(member: &str, known: &[&str]) -> Self {
        let message = format!("unknown member `{member}`");
        let hint = Some(did_you_mean(member, known));
        Self { member: Some(member.to_owned()), name: true, hint, ..Self::whole(message) }
    }
}

/// The nearest of the words that could be meant, or all of them.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest::of(word, known.iter().copied())
        .map_or_else(|| format!("known are {}", known.join(", ")), |near| format!("did you mean `{near}`?"))
}

impl ForceOrder {
    /// Reads `{"operation", "http_status", "code", "times", "application"}`.
    pub(crate) fn read(object: &Object) -> Result<Self, Wrong> {
        only(object, &["operation", "http_status", "code", "times", "application"])?;
        let Operations::One(op) = operation(object)? else {
            return Err(Wrong::value("operation", "an error row belongs to one operation"));
        };
        let status = required(object, "http_status")?;
        let status = status
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(|| Wrong::value("http_status", "a whole number such as 400"))?;
        let code = match required(object, "code")? {
            Value::String(code) => code.clone(),
            // In YAML a code without quotes is a number.
            Value::Number(code) => code.to_string(),
            _ => return Err(Wrong::value("code", "a string such as \"50252\"")),
        };
        let row = owner::row(op, status, &code).map_err(|e| Wrong::owner("code", e))?;
        let times = times(object)?.unwrap_or(ONCE);
        Ok(Self { op, row, times, application: application(object)? })
    }
}

impl RestFaultOrder {
    /// Reads `{"operation", "fault", "times", "application"}` and the members of that fault.
    pub(crate) fn read(object: &Object) -> Result<Self, Wrong> {
        let mut own = object.clone();
        own.retain(|name, _| !COMMON.contains(&name.as_str()));
        let fault = fault(&own)?;
        let operation = if object.contains_key("operation") { operation(object)? } else { Operations::Every };
        let times = times(object)?.unwrap_or_else(|| fault.usually());
        Ok(Self { operation, fault, times, application: application(object)? })
    }
}

/// The members that every fault's order may have.
const COMMON: [&str; 3] = ["operation", "times", "application"];

fn fault(own: &Object) -> Result<RestFault, Wrong> {
    let names = Misread::names();
    let Some(name) = own.get("fault") else {
        // Perhaps it stands there under a name that is nearly right.
        let near = own.keys().find(|key| nearest::of(key, ["fault"]).is_some());
        let missing = Wrong::whole(format!("member `fault` is missing; known are {}", names.join(", ")));
        return Err(near.map_or(missing, |key| Wrong::unknown_member(key, &["fault"])));
    };
    let name = name.as_str().ok_or_else(|| Wrong::value("fault", "a name such as \"latency\""))?;
    if !names.contains(&name) {
        let hint = Some(did_you_mean(name, names));
        let message = format!("unknown fault `{name}`");
        return Err(Wrong { member: Some("fault".to_owned()), hint, ..Wrong::whole(message) });
    }
    let fault: RestFault = serde_json::from_value(Value::Object(own.clone()))
        .map_err(|e| Wrong { member: Some("fault".to_owned()), ..Wrong::whole(format!("fault `{name}`: {e}")) })?;
    // What the fault knows is what it would be written as.
    let form = serde_json::to_value(&fault).unwrap_or_default();
    let known: Vec<&str> = form.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).chain(COMMON).collect();
    only(own, &known)?;
    fault.judge().map_err(|(member, why)| Wrong::value(member, why))?;
    Ok(fault)
}

fn only(object: &Object, known: &[&str]) -> Result<(), Wrong> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Wrong::unknown_member(key, known)),
        None => Ok(()),
    }
}

fn required<'a>(object: &'a Object, member: &str) -> Result<&'a Value, Wrong> {
    object.get(member).ok_or_else(|| Wrong::whole(format!("member `{member}` is missing")))
}

fn operation(object: &Object) -> Result<Operations, Wrong> {
    let name = required(object, "operation")?.as_str().ok_or_else(|| Wrong::value("operation", "a name, or *"))?;
    match name {
        "*" => Ok(Operations::Every),
        name => owner::operation(name).map(Operations::One).map_err(|e| Wrong::owner("operation", e)),
    }
}

fn times(object: &Object) -> Result<Option<Times>, Wrong> {
    match object.get("times") {
        None | Some(Value::Null) => Ok(None),
        Some(times) => {
            let wrong =
                |e: serde_json::Error| Wrong { member: Some("times".to_owned()), ..Wrong::whole(e.to_string()) };
            Times::deserialize(times).map(Some).map_err(wrong)
        }
    }
}

fn application(object: &Object) -> Result<Option<String>, Wrong> {
    match object.get("application") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => Err(Wrong::value("application", "an application's id")),
    }
}

impl<'de> Deserialize<'de> for RestFaultOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Object::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ForceOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Object::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// An error that keeps what serde knows of an enum: so the names of the faults are listed nowhere
/// but in [`Fault`] itself.
#[derive(Debug)]
struct Misread(&'static [&'static str]);

impl Misread {
    fn names() -> &'static [&'static str] {
        let nothing = MapDeserializer::<_, Self>::new([("fault", "")].into_iter());
        RestFault::deserialize(nothing).map_or_else(|misread| misread.0, |_| &[])
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(order: Value) -> String {
        RestFaultOrder::read(order.as_object().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn an_order_goes_there_and_back() {
        let written =
            json!({"operation": "query_device", "fault": "latency", "ms": 200, "times": 3, "application": "a"});
        let order: RestFaultOrder = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(order.fault, RestFault::Latency { ms: 200 });
        assert_eq!(serde_json::to_value(&order).unwrap(), written);
        let written =
            json!({"operation": "login", "http_status": 400, "code": "102202", "times": "always", "application": null});
        let order: ForceOrder = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&order).unwrap(), written);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_could_be_meant() {
        assert_eq!(refused(json!({"fault": "latncy"})), "unknown fault `latncy`: did you mean `latency`?");
        assert_eq!(refused(json!({"fault": "latency"})), "fault `latency`: missing field `ms`");
        assert_eq!(refused(json!({"fault": "congestion", "tims": 1})), "unknown member `tims`: did you mean `times`?");
        assert_eq!(refused(json!({"falt": "congestion"})), "unknown member `falt`: did you mean `fault`?");
        assert_eq!(refused(json!({"fault": "slow_drip", "bytes": 0, "ms": 1})), "bytes: at least 1");
        assert_eq!(
            refused(json!({"fault": "congestion", "times": "ever"})),
            "times is a number or \"always\", not \"ever\""
        );
        assert_eq!(
            refused(json!({"fault": "congestion", "operation": "query_devic"})),
            "no operation is called \"query_devic\": did you mean \"query_device\"?"
        );
        assert!(refused(json!({})).contains("slow_drip"), "every fault is named");
    }
}
