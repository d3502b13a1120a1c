//! Clients that we did not write act as the device, over TLS with the platform's CA: mosquitto's,
//! paho-mqtt and rumqttc. Each has the whole conversation, once by device id and once by node id: a
//! refused login, a login, a subscription that is refused, one that is granted, a report that is seen
//! over REST, a command down, its answer up, and a takeover.
//!
//! In CI every client must be there. Elsewhere the trials of one that isn't are ignored, with the reason.

mod mosquitto;
mod paho;
mod rust;
mod scene;

use std::process::{ExitCode, Stdio};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Handle;

use scene::{Name, Scene};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut trials = Vec::new();
    for name in [Name::DeviceId, Name::NodeId] {
        let at = runtime.handle();
        trials.push(trial(at, "mosquitto", name, mosquitto::missing, mosquitto::converse));
        trials.push(trial(at, "paho", name, paho::missing, paho::converse));
        trials.push(trial(at, "rumqttc", name, || None, rust::converse));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One client's conversation. `missing` says what has to be installed, if anything.
fn trial<F: Future<Output = ()> + Send + 'static>(
    runtime: &Handle,
    client: &str,
    name: Name,
    missing: fn() -> Option<String>,
    converse: fn(Scene) -> F,
) -> Trial {
    let runtime = runtime.clone();
    Trial::ignorable_test(format!("{client}_has_the_whole_conversation_by_{}", name.in_words()), move || {
        if let Some(missing) = missing() {
            return absent(&missing);
        }
        runtime.block_on(async {
            // A task of its own, so that a failed assertion is this trial's.
            let talk = tokio::spawn(async move { converse(Scene::set(name).await).await });
            talk.await.map_err(|panic| Failed::from(panic.to_string()))
        })?;
        Ok(Completion::Completed)
    })
}

/// In CI a client that isn't there is a failure.
fn absent(missing: &str) -> Result<Completion, Failed> {
    if std::env::var_os("CI").is_some() {
        return Err(format!("CI must have {missing}; .ci/run installs it").into());
    }
    Ok(Completion::ignored_with(format!("{missing} is not installed")))
}

/// Whether a program can be started.
fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = std::process::Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // mosquitto's clients answer --help with 1, so that they start has to do.
    command.status().is_ok_and(|status| status.success() || arguments == ["--help"])
}
