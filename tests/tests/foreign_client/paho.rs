//! paho-mqtt: a script has the conversation and says how each step went.

use std::path::Path;
use std::process::Stdio;

use iotdm_tests::DEADLINE;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::scene::{Scene, TIMESTAMP};

/// The first Python that has paho: Debian's package is for Debian's own.
fn python() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| crate::runs(python, &["-c", "import paho.mqtt.client"]))
}

pub fn missing() -> Option<String> {
    python().is_none().then(|| "python3 with paho-mqtt (Debian: python3-paho-mqtt)".to_owned())
}

pub async fn converse(mut scene: Scene) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/paho_device.py");
    let auth = if scene.name == scene.device { "0" } else { "2" };
    let mut command = Command::new(python().unwrap());
    command.arg(script).args([&scene.host(), &scene.port().to_string()]).arg(&scene.ca);
    command.args([&scene.device, &scene.name, auth, &scene.password, TIMESTAMP]);
    command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    let device = command.spawn().unwrap();
    scene.subscribed().await;
    assert_eq!(scene.brightness().await, 81);
    scene.order().await;
    scene.answered().await;
    scene.taken_over().await;
    let output = timeout(DEADLINE, device.wait_with_output()).await.expect("the script ends in time").unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |step: &str| {
        let found = steps.iter().find(|entry| entry["step"] == step);
        found.unwrap_or_else(|| panic!("no step {step} in {said}"))["value"].clone()
    };
    assert_eq!(of("refused"), 4, "the CONNACK of a wrong password");
    assert_eq!(of("connected"), 0);
    assert_eq!(of("foreign"), json!([128]), "the SUBACK of another's topic");
    assert_eq!(of("subscribed"), json!([1]));
    Scene::answer_to(&of("command"));
    assert_eq!(of("younger lives"), true);
}
