//! The variables of a case while it runs, and the values that are always there.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::case::template::at_path;
use crate::target::{Lora, Packages, Product, Target};

/// `yyyyMMddTHHmmssZ`.
const UTC: &str = "%Y%m%dT%H%M%SZ";
/// `YYYYMMDDHH`, the timestamp of a CONNECT.
const HOUR: &str = "%Y%m%d%H";

/// The variables that the target gives, not the case.
const GIVEN: [&str; 7] = ["application", "authorized", "stranger", "product", "lwm2m", "lora", "packages"];
/// Shorter values turn up anywhere.
const SHORTEST_NAME: usize = 8;

/// The variables of a case while it runs.
#[derive(Debug, Clone)]
pub struct Scope {
    variables: Map<String, Value>,
    fresh_prefix: String,
    fresh: u64,
}

impl Scope {
    /// The variables that the target gives; `nonce` and the case's id make fresh names unique.
    #[must_use]
    pub fn new(target: &Target, nonce: u32, id: &str) -> Self {
        let mut variables = Map::new();
        let applications = [
            ("application", Some(&target.application)),
            ("authorized", target.authorized.as_ref()),
            ("stranger", target.stranger.as_ref()),
        ];
        for (name, credentials) in applications {
            if let Some(credentials) = credentials {
                let value = json!({"id": credentials.id, "secret": credentials.secret});
                variables.insert(name.to_owned(), value);
            }
        }
        for (name, product) in [("product", &target.product), ("lwm2m", &target.lwm2m)] {
            if let Some(product) = product {
                variables.insert(name.to_owned(), product_value(product));
            }
        }
        if let Some(Lora { server, gateway_product, node_product }) = &target.lora {
            let value = json!({"server": server, "gateway_product": gateway_product, "node_product": node_product});
            variables.insert("lora".to_owned(), value);
        }
        if let Some(Packages { software, firmware }) = &target.packages {
            variables.insert("packages".to_owned(), json!({"software": software, "firmware": firmware}));
        }
        Self { variables, fresh_prefix: format!("{nonce:08x}{:06x}", fingerprint(id)), fresh: 0 }
    }

    /// Names a value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_owned(), value);
    }

    /// Whether a text speaks of something that this case made or named.
    #[must_use]
    pub fn knows(&self, text: &str) -> bool {
        let own = self.variables.iter().filter(|(name, _)| !GIVEN.contains(&name.as_str()));
        text.contains(&self.fresh_prefix) || own.into_iter().any(|(_, value)| names(value, text))
    }

    /// The value at a path whose first part is a variable.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Value> {
        let root = path.split(['.', '[']).next().unwrap_or_default();
        let rest = path.get(root.len()..).unwrap_or_default();
        at_path(self.variables.get(root)?, rest)
    }

    /// The value of a reference. `ahead` is how far the platform's clock is ahead of ours.
    ///
    /// # Errors
    /// If it leads nowhere.
    pub fn look_up(&mut self, reference: &str, ahead: i64) -> Result<Value, String> {
        if let Some(kind) = reference.strip_prefix("fresh.") {
            return self.fresh(kind);
        }
        if let Some(rest) = reference.strip_prefix("now.") {
            return moment(rest, ahead);
        }
        self.get(reference).cloned().ok_or_else(|| format!("`${{{reference}}}` has no value"))
    }

    /// A text that no other case and no other run uses.
    fn fresh(&mut self, kind: &str) -> Result<Value, String> {
        self.fresh += 1;
        let unique = format!("{}{:02x}", self.fresh_prefix, self.fresh);
        match kind.split_once('-').unwrap_or((kind, "")) {
            ("node", "") => Ok(Value::from(format!("node-{unique}"))),
            ("name", "") => Ok(Value::from(format!("name-{unique}"))),
            ("text", length) => padded(&unique, length, 'x'),
            ("hex", length) => padded(&unique, length, '0'),
            _ => Err(format!("`${{fresh.{kind}}}` is not known: there are node, name, text-N and hex-N")),
        }
    }
}

/// Whether a text contains one of a value's strings; URLs don't count, they are the receiver's.
fn names(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own.len() >= SHORTEST_NAME && !own.contains("://") && text.contains(own.as_str()),
        Value::Object(members) => members.values().any(|member| names(member, text)),
        _ => false,
    }
}

fn padded(unique: &str, length: &str, fill: char) -> Result<Value, String> {
    let length: usize = length.parse().map_err(|_| format!("`{length}` is no length"))?;
    // The end differs from case to case, the beginning from run to run: of a short text the end is kept.
    let skip = unique.len().saturating_sub(length);
    let mut text: String = unique.chars().skip(skip).collect();
    text.extend(std::iter::repeat_n(fill, length.saturating_sub(text.len())));
    Ok(Value::from(text))
}

fn product_value(product: &Product) -> Value {
    let mut value = json!({
        "id": product.id,
        "service": product.service,
        "writable": product.writable,
        "value": product.value,
    });
    if let (Some(command), Some(members)) = (&product.command, value.as_object_mut()) {
        let command = json!({"name": command.name, "para": command.para, "value": command.value});
        members.insert("command".to_owned(), command);
    }
    if let (Some(second), Some(members)) = (&product.second, value.as_object_mut()) {
        let second = json!({"service": second.service, "property": second.property, "value": second.value});
        members.insert("second_service".to_owned(), second);
    }
    value
}

/// Seconds since the epoch by our clock.
#[must_use]
pub fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Reads a `yyyyMMddTHHmmssZ` as seconds since the epoch.
#[must_use]
pub fn parse_utc(text: &str) -> Option<i64> {
    let moment = DateTime::strptime(UTC, text).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Seconds since the epoch as `yyyyMMddTHHmmssZ`.
#[must_use]
pub fn utc(seconds: i64) -> Option<String> {
    let moment = Timestamp::from_second(seconds).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).strftime(UTC).to_string())
}

/// `utc`, `hour`, each with `+seconds` or `-seconds` behind it.
fn moment(text: &str, ahead: i64) -> Result<Value, String> {
    let end = text.find(['+', '-']).unwrap_or(text.len());
    let (name, shift) = text.split_at(end);
    let unknown = || format!("`${{now.{text}}}` is not known: there are utc and hour, with +N or -N seconds");
    let shift: i64 = if shift.is_empty() { 0 } else { shift.parse().map_err(|_| unknown())? };
    let format = match name {
        "utc" => UTC,
        "hour" => HOUR,
        _ => return Err(unknown()),
    };
    let moment = Timestamp::from_second(now() + ahead + shift).map_err(|e| e.to_string())?;
    Ok(Value::from(moment.to_zoned(TimeZone::UTC).strftime(format).to_string()))
}

/// A short number made of a case's id (FNV-1a, folded to 24 bits): the same in every run.
fn fingerprint(id: &str) -> u32 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 24) ^ (hash & 0x00ff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Credentials;

    fn scope() -> Scope {
        let application = Credentials { id: "a".to_owned(), secret: "s".to_owned() };
        Scope::new(&Target::new("t", "https://h", application), 7, "1.5.2/x")
    }

    #[test]
    fn fresh_values_differ_and_have_the_length_asked_for() {
        let mut scope = scope();
        assert_ne!(scope.look_up("fresh.node", 0), scope.look_up("fresh.node", 0));
        let text = scope.look_up("fresh.text-256", 0).unwrap();
        assert_eq!(text.as_str().unwrap().len(), 256);
        assert_eq!(scope.look_up("fresh.hex-4", 0).unwrap().as_str().unwrap().len(), 4);
        assert!(scope.look_up("fresh.nothing", 0).is_err());
    }

    #[test]
    fn moments_are_shifted_and_read_back() {
        let mut scope = scope();
        let now = now();
        let text = scope.look_up("now.utc-3600", 7200).unwrap();
        let seconds = parse_utc(text.as_str().unwrap()).unwrap();
        assert!((seconds - now - 3600).abs() <= 1);
        assert_eq!(scope.look_up("now.hour", 0).unwrap().as_str().unwrap().len(), 10);
        assert!(scope.look_up("now.minute", 0).is_err());
    }

    #[test]
    fn paths_lead_into_variables() {
        let mut scope = scope();
        scope.set("x", json!({"a": [1, 2]}));
        assert_eq!(scope.look_up("x.a[1]", 0), Ok(json!(2)));
        assert_eq!(scope.look_up("application.id", 0), Ok(json!("a")));
        assert!(scope.look_up("x.b", 0).is_err());
    }
}
