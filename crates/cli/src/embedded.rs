//! The mock as a target for the suite: the one place, with `tests/`, where the two meet.

use std::fmt::Write as _;
use std::path::Path;

use iotdm_mock::Platform;
use iotdm_suite::target::{Command, Credentials, Lora, Packages, Product, Service, Target};
use serde_json::{Value, json};

/// A platform, as the suite sees it.
#[must_use]
pub fn target(platform: &Platform) -> Target {
    let credentials = |c: &iotdm_mock::Credentials| Credentials { id: c.id.clone(), secret: c.secret.clone() };
    let mut target = Target::new("embedded mock", platform.base_url(), credentials(platform.application()));
    target.mqtt = Some(platform.mqtts().to_string());
    target.ca_pem = Some(platform.ca_pem().to_owned());
    target.authorized = Some(credentials(platform.authorized()));
    target.stranger = Some(credentials(platform.stranger()));
    // A target file holds no token, so a guarded control plane is none of the target's.
    target.control = (!platform.control_wants_token()).then(|| platform.control_url());
    target.product = Some(light(platform.product_id()));
    target.lwm2m = Some(light(platform.lwm2m_product_id()));
    let iotdm_mock::Lora { server, gateway_product, node_product } = platform.lora().clone();
    target.lora = Some(Lora { server, gateway_product, node_product });
    target.packages = Some(Packages {
        software: platform.software_package_id().to_owned(),
        firmware: platform.firmware_package_id().to_owned(),
    });
    target.with_evident_capabilities()
}

/// The light that every mock has, under one of its product ids.
fn light(product_id: &str) -> Product {
    Product {
        id: product_id.to_owned(),
        service: "Light".to_owned(),
        writable: "brightness".to_owned(),
        value: json!(42),
        command: Some(Command { name: "SET_LEVEL".to_owned(), para: "value".to_owned(), value: json!(7) }),
        second: Some(Service { service: "Battery".to_owned(), property: "batteryLevel".to_owned(), value: json!(88) }),
        codec: Some(false),
    }
}

/// A target as the file that `--target` reads: YAML, a line a key, values in flow style.
#[must_use]
pub fn target_file(target: &Target, ca: &Path) -> String {
    let credentials = |c: &Credentials| json!({ "id": c.id, "secret": c.secret });
    let optional = |c: &Option<Credentials>| c.as_ref().map_or(Value::Null, credentials);
    let product = |p: &Option<Product>| p.as_ref().map_or(Value::Null, product_value);
    let lora = target
        .lora
        .as_ref()
        .map(|l| json!({ "server": l.server, "gateway_product": l.gateway_product, "node_product": l.node_product }));
    let packages = target.packages.as_ref().map(|p| json!({ "software": p.software, "firmware": p.firmware }));
    let capabilities: Vec<_> = target.capabilities.iter().map(|capability| capability.as_str()).collect();
    let entries = [
        ("base_url", json!(target.base_url)),
        ("mqtt", json!(target.mqtt)),
        ("ca", json!(ca)),
        ("application", credentials(&target.application)),
        ("authorized", optional(&target.authorized)),
        ("stranger", optional(&target.stranger)),
        ("product", product(&target.product)),
        ("lwm2m", product(&target.lwm2m)),
        ("lora", json!(lora)),
        ("packages", json!(packages)),
        ("control", json!(target.control)),
        ("callback_host", json!(target.callback_host)),
        ("capabilities", json!(capabilities)),
        ("plays", json!(target.plays)),
    ];
    let mut text = String::new();
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key}: {value}");
    }
    text
}

fn product_value(p: &Product) -> Value {
    let command = p.command.as_ref().map(|c| json!({ "name": c.name, "para": c.para, "value": c.value }));
    let second = p.second.as_ref().map(|s| json!({ "service": s.service, "property": s.property, "value": s.value }));
    let mut value = json!({
        "id": p.id,
        "service": p.service,
        "writable": p.writable,
        "value": p.value,
        "command": command,
        "second_service": second,
    });
    if let Some(codec) = p.codec {
        value["codec"] = json!(codec);
    }
    value
}
