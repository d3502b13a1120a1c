//! Reads a target from its file.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use iotdm_spec::catalogue::Op;
use serde_json::Value;

use super::{Capability, Command, Credentials, Lora, Packages, Product, Service, Target, Tolerance};
use crate::wire;
use crate::yaml::{Document, Fields, FileError, Key, Node};

const KEYS: &[&str] = &[
    "base_url",
    "mqtt",
    "ca",
    "application",
    "authorized",
    "stranger",
    "product",
    "lwm2m",
    "lora",
    "packages",
    "control",
    "callback_host",
    "capabilities",
    "plain",
    "tolerance",
    "plays",
];

/// Reads the whole file, collecting everything that is wrong.
pub(super) fn target(document: &Document, folder: &Path) -> Result<Target, Vec<FileError>> {
    let entries = document.root.map(document).map_err(|e| vec![e])?;
    let mut errors = Vec::new();
    let nobody = Credentials { id: String::new(), secret: String::new() };
    let mut target = Target::new(document.file(), "", nobody);
    let mut declared = None;
    for (key, node) in entries {
        if key.text == "capabilities" {
            declared = Some(node);
        }
        if let Err(error) = entry(&mut target, document, folder, key, node) {
            errors.push(error);
        }
    }
    for wanted in ["base_url", "application"] {
        if !entries.iter().any(|(key, _)| key.text == wanted) {
            errors.push(FileError::whole(document.file(), format!("`{wanted}` is missing")));
        }
    }
    match declared {
        None => target = target.with_evident_capabilities(),
        Some(node) => errors.extend(unfounded(&target, document, node)),
    }
    if errors.is_empty() { Ok(target) } else { Err(errors) }
}

/// Capabilities that are declared without what they rest on.
fn unfounded(target: &Target, document: &Document, node: &Node) -> Vec<FileError> {
    target
        .capabilities
        .iter()
        .filter_map(|c| {
            let missing = target.prerequisite(*c).err()?;
            let message = format!("capability `{}` is declared, but {missing}", c.as_str());
            Some(document.error(node.at, message))
        })
        .collect()
}

fn entry(target: &mut Target, document: &Document, folder: &Path, key: &Key, node: &Node) -> Result<(), FileError> {
    match key.text.as_str() {
        "base_url" => target.base_url = base_url(document, node)?,
        "mqtt" => target.mqtt = Some(host_and_port(document, node)?),
        "ca" => target.ca_pem = Some(certificate(document, folder, node)?),
        "application" => target.application = credentials(document, node)?,
        "authorized" => target.authorized = Some(credentials(document, node)?),
        "stranger" => target.stranger = Some(credentials(document, node)?),
        "product" => target.product = Some(product(document, node)?),
        "lwm2m" => target.lwm2m = Some(product(document, node)?),
        "lora" => target.lora = Some(lora(document, node)?),
        "packages" => target.packages = Some(packages(document, node)?),
        "control" => target.control = Some(base_url(document, node)?),
        "callback_host" => target.callback_host = callback_host(document, node)?,
        "capabilities" => target.capabilities = capabilities(document, node)?,
        "plain" => target.plain = plain(document, node)?,
        "tolerance" => target.tolerance = tolerance(document, node)?,
        "plays" => target.plays = Some(plays(document, node)?),
        other => return Err(document.unknown(key.at, "key", other, KEYS.iter().copied())),
    }
    Ok(())
}

/// Where something is found by HTTP. Whatever would make another URL of it when a path is put behind it is
/// told here, with its place: later it would look like the target's fault.
fn base_url(document: &Document, node: &Node) -> Result<String, FileError> {
    let text = node.text(document)?;
    let wrong = |why: &str| Err(document.error(node.at, why));
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return wrong("expected a URL that starts with https:// or http://");
    }
    let url = match reqwest::Url::parse(&text) {
        Ok(url) => url,
        Err(error) => return wrong(&format!("expected a URL such as https://host:8743: {error}")),
    };
    if !url.host_str().is_some_and(is_host) {
        return wrong("expected a URL with a host, such as https://host:8743");
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return wrong("expected a URL of scheme, host, port and path only");
    }
    if text.contains(char::is_whitespace) {
        return wrong("a URL has no blanks");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A name or an address.
fn is_host(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
    bare.parse::<IpAddr>().is_ok() || is_name(text)
}

fn host_and_port(document: &Document, node: &Node) -> Result<String, FileError> {
    let text = node.text(document)?;
    match text.rsplit_once(':') {
        Some((host, port)) if is_host(host) && port.parse::<u16>().is_ok_and(|port| port > 0) => Ok(text),
        _ => Err(document.error(node.at, "expected host:port")),
    }
}

/// Where the target finds us; empty means that it does not.
fn callback_host(document: &Document, node: &Node) -> Result<String, FileError> {
    let text = node.text(document)?;
    if text.is_empty() || is_host(&text) {
        return Ok(text);
    }
    Err(document.error(node.at, "expected a host name or an address, without a port"))
}

fn certificate(document: &Document, folder: &Path, node: &Node) -> Result<String, FileError> {
    let text = node.text(document)?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return match wire::roots(&text) {
            Ok(_) => Ok(text),
            Err(why) => Err(document.error(node.at, why)),
        };
    }
    let path = folder.join(&text);
    let fault = |why: &str| document.error(node.at, format!("{} {why}", path.display()));
    let pem = std::fs::read_to_string(&path).map_err(|e| fault(&format!("cannot be read: {e}")))?;
    wire::roots(&pem).map_err(|why| fault(&format!("is no CA certificate: {why}")))?;
    Ok(pem)
}

fn credentials(document: &Document, node: &Node) -> Result<Credentials, FileError> {
    let fields = Fields::read(document, node, &["id", "secret"])?;
    Ok(Credentials { id: fields.need_filled("id")?, secret: fields.need_filled("secret")? })
}

/// The value of a key, or one that a percentage, a level or a brightness usually admits.
fn value(fields: &Fields<'_>) -> Value {
    fields.get("value").map_or_else(|| Value::from(42), Node::to_value)
}

fn product(document: &Document, node: &Node) -> Result<Product, FileError> {
    let known = ["id", "service", "writable", "value", "command", "second_service", "codec"];
    let fields = Fields::read(document, node, &known)?;
    Ok(Product {
        id: fields.need_filled("id")?,
        service: fields.need_filled("service")?,
        writable: fields.need_filled("writable")?,
        value: value(&fields),
        command: fields.get("command").map(|n| command(document, n)).transpose()?,
        second: fields.get("second_service").map(|n| service(document, n)).transpose()?,
        codec: fields.flag("codec")?,
    })
}

fn lora(document: &Document, node: &Node) -> Result<Lora, FileError> {
    let fields = Fields::read(document, node, &["server", "gateway_product", "node_product"])?;
    Ok(Lora {
        server: fields.need_filled("server")?,
        gateway_product: fields.need_filled("gateway_product")?,
        node_product: fields.need_filled("node_product")?,
    })
}

fn packages(document: &Document, node: &Node) -> Result<Packages, FileError> {
    let fields = Fields::read(document, node, &["software", "firmware"])?;
    Ok(Packages { software: fields.need_filled("software")?, firmware: fields.need_filled("firmware")? })
}

fn command(document: &Document, node: &Node) -> Result<Command, FileError> {
    let fields = Fields::read(document, node, &["name", "para", "value"])?;
    Ok(Command { name: fields.need_filled("name")?, para: fields.need_filled("para")?, value: value(&fields) })
}

fn service(document: &Document, node: &Node) -> Result<Service, FileError> {
    let fields = Fields::read(document, node, &["service", "property", "value"])?;
    Ok(Service {
        service: fields.need_filled("service")?,
        property: fields.need_filled("property")?,
        value: value(&fields),
    })
}

fn capabilities(document: &Document, node: &Node) -> Result<std::collections::BTreeSet<Capability>, FileError> {
    node.list(document)?
        .iter()
        .map(|item| {
            let name = item.text(document)?;
            Capability::parse(&name).ok_or_else(|| {
                let known = Capability::ALL.map(Capability::as_str);
                document.unknown(item.at, "capability", &name, known)
            })
        })
        .collect()
}

fn plain(document: &Document, node: &Node) -> Result<bool, FileError> {
    let fields = Fields::read(document, node, &["allow"])?;
    Ok(fields.flag("allow")?.unwrap_or_default())
}

fn tolerance(document: &Document, node: &Node) -> Result<Tolerance, FileError> {
    let known = ["answer_ms", "push_ms", "mqtt_ms", "silence_ms", "case_ms", "throttle_ms"];
    let fields = Fields::read(document, node, &known)?;
    let standard = Tolerance::default();
    let read = |name, otherwise| Ok(fields.count(name)?.map_or(otherwise, Duration::from_millis));
    Ok(Tolerance {
        answer: read("answer_ms", standard.answer)?,
        push: read("push_ms", standard.push)?,
        mqtt: read("mqtt_ms", standard.mqtt)?,
        silence: read("silence_ms", standard.silence)?,
        case: read("case_ms", standard.case)?,
        throttle: read("throttle_ms", standard.throttle)?,
    })
}

fn plays(document: &Document, node: &Node) -> Result<Vec<String>, FileError> {
    node.list(document)?
        .iter()
        .map(|item| {
            let name = item.text(document)?;
            let known = || Op::ALL.iter().map(|op| op.table().name);
            if known().any(|n| n == name) {
                Ok(name)
            } else {
                let all: Vec<&str> = known().collect();
                Err(document.unknown(item.at, "operation", &name, all))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "base_url: https://127.0.0.1:8743/\nmqtt: 127.0.0.1:8883\n\
        application: {id: a, secret: s}\nproduct: {id: p, service: Light, writable: brightness,\n  \
        command: {name: SET_LEVEL, para: value}}\ntolerance: {push_ms: 500}\n";

    #[test]
    fn reads_a_target_and_finds_its_capabilities() {
        let target = Target::parse("t.yaml", TEXT, Path::new("")).unwrap();
        assert_eq!(target.base_url, "https://127.0.0.1:8743");
        assert!(target.capabilities.contains(&Capability::Product));
        assert!(!target.capabilities.contains(&Capability::Control));
        assert_eq!(target.tolerance.push, Duration::from_millis(500));
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "base_url: 127.0.0.1\naplication: {id: a}\ncapabilities: [mqtts]\n";
        let errors = Target::parse("t.yaml", text, Path::new("")).unwrap_err();
        let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(text[0].contains("t.yaml:1:11"), "{text:?}");
        assert!(text[1].contains("did you mean `application`?"), "{text:?}");
        assert!(text[2].contains("did you mean `mqtt`?"), "{text:?}");
        assert!(text[3].contains("`application` is missing"), "{text:?}");
    }

    /// What can be seen to be nonsense is not found out by calling, and then laid at the target's door.
    #[test]
    fn nonsense_is_told_with_its_place() {
        let refused = |key: &str, value: &str| {
            let mut lines = vec![("base_url", "https://h:1"), ("application", "{id: a, secret: s}")];
            lines.retain(|(name, _)| *name != key);
            lines.push((key, value));
            let text: String = lines.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
            let errors = Target::parse("t.yaml", &text, Path::new("")).err().unwrap_or_default();
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        for (key, value, why) in [
            ("application", "{id: '', secret: s}", "`id` is empty"),
            ("application", "{id: a, secret: ' '}", "`secret` is empty"),
            ("base_url", "'https://'", "expected a URL"),
            ("base_url", "'https://host:1 /x'", "expected a URL"),
            ("base_url", "'https://ho st'", "expected a URL"),
            ("base_url", "'https://host:1/x?y'", "scheme, host, port and path only"),
            ("control", "'http://host/#x'", "scheme, host, port and path only"),
            ("mqtt", "'ho st:1'", "expected host:port"),
            ("mqtt", "'host:0'", "expected host:port"),
            ("callback_host", "a b", "expected a host name"),
            ("callback_host", "'host:80'", "expected a host name"),
            ("ca", "Cargo.toml", "is no CA certificate: there is no certificate in PEM form"),
            ("ca", "'-----BEGIN CERTIFICATE-----'", "cut off, or damaged"),
        ] {
            let told = refused(key, value);
            assert!(told.contains(why) && told.contains("--> t.yaml:") && told.contains('^'), "{key}: {value}: {told}");
        }
        assert_eq!(refused("callback_host", "'fe80::1'"), "");
        assert_eq!(refused("base_url", "'https://[::1]:8743/api/'"), "");
    }

    #[test]
    fn a_capability_needs_its_prerequisite() {
        let text = "base_url: https://h:1\napplication: {id: a, secret: s}\ncapabilities: [mqtt]\n";
        let errors = Target::parse("t.yaml", text, Path::new("")).unwrap_err();
        assert!(errors[0].message.contains("the target has no `mqtt`"));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let target = Target::parse("t.yaml", TEXT, Path::new("")).unwrap();
        assert!(!format!("{:?}", target.application).contains("\"s\""));
    }
}
