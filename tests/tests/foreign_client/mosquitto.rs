//! mosquitto's clients. Each invocation is a session of its own, and none waits for a message and then
//! publishes in the same session. A command that is out is lost with its session, so these clients
//! can't answer one; the other two do.

use std::process::{Output, Stdio};

use iotdm_tests::DEADLINE;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::scene::{Scene, report};

pub fn missing() -> Option<String> {
    let there = ["mosquitto_pub", "mosquitto_sub"].iter().all(|program| crate::runs(program, &["--help"]));
    (!there).then(|| "mosquitto_pub and mosquitto_sub (Debian: mosquitto-clients)".to_owned())
}

fn client(scene: &Scene, program: &str, password: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-h", &scene.host(), "-p", &scene.port().to_string(), "--cafile"]).arg(&scene.ca);
    command.args(["-i", &scene.client_id, "-u", &scene.name, "-P", password, "-q", "1"]);
    command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(mut command: Command) -> Output {
    timeout(DEADLINE, command.output()).await.expect("the client ends in time").unwrap()
}

async fn publish(scene: &Scene, password: &str, message: &str) -> Output {
    let mut command = client(scene, "mosquitto_pub", password);
    command.args(["-t", &scene.data_topic(), "-m", message]);
    run(command).await
}

pub async fn converse(scene: Scene) {
    let refused = publish(&scene, "wrong", "x").await;
    assert_eq!(refused.status.code(), Some(4), "mosquitto_pub's exit code is the CONNACK's: {refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("bad user name or password"), "{refused:?}");

    let mut foreign = client(&scene, "mosquitto_sub", &scene.password);
    foreign.args(["-t", "/huawei/v1/devices/another/command/json", "-W", "10"]);
    let foreign = run(foreign).await;
    let said = String::from_utf8_lossy(&foreign.stderr).to_lowercase();
    assert!(said.contains("denied"), "SUBACK 0x80: {foreign:?}");

    let reported = publish(&scene, &scene.password, &report(80).to_string()).await;
    assert!(reported.status.success(), "{reported:?}");
    assert_eq!(scene.brightness().await, 80);

    let mut waiting = client(&scene, "mosquitto_sub", &scene.password);
    waiting.args(["-t", &scene.command_topic()]);
    let mut waiting = waiting.spawn().unwrap();
    scene.subscribed().await;
    scene.order().await;
    let mut line = String::new();
    let mut output = BufReader::new(waiting.stdout.take().unwrap());
    timeout(DEADLINE, output.read_line(&mut line)).await.expect("a command in time").unwrap();
    let command: Value = serde_json::from_str(&line).unwrap();

    Scene::answer_to(&command);

    // A second session of the device takes over from the first.
    let reported = publish(&scene, &scene.password, &report(81).to_string()).await;
    assert!(reported.status.success(), "{reported:?}");
    scene.taken_over().await;
    assert_eq!(scene.brightness().await, 81);
}
