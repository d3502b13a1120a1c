//! The mock as a target for the suite: the one place, with `tests/`, where the two meet.

use iotdm_mock::Platform;
use iotdm_suite::target::{Command, Credentials, Product, Service, Target};
use serde_json::json;

/// A platform, as the suite sees it.
#[must_use]
pub fn target(platform: &Platform) -> Target {
    let credentials = |c: &iotdm_mock::Credentials| Credentials { id: c.id.clone(), secret: c.secret.clone() };
    let mut target = Target::new("embedded mock", platform.base_url(), credentials(platform.application()));
    target.mqtt = Some(platform.mqtts().to_string());
    target.ca_pem = Some(platform.ca_pem().to_owned());
    target.authorized = Some(credentials(platform.authorized()));
    target.stranger = Some(credentials(platform.stranger()));
    target.control = Some(platform.control_url());
    target.product = Some(Product {
        id: platform.product_id().to_owned(),
        service: "Light".to_owned(),
        writable: "brightness".to_owned(),
        value: json!(42),
        command: Some(Command { name: "SET_LEVEL".to_owned(), para: "value".to_owned(), value: json!(7) }),
        second: Some(Service { service: "Battery".to_owned(), property: "batteryLevel".to_owned(), value: json!(88) }),
    });
    target.plays = Some(iotdm_mock::played().iter().map(|op| op.table().name.to_owned()).collect());
    target.with_evident_capabilities()
}
