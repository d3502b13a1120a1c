//! `iotdm check device`: grades what real firmware shows.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use iotdm_mock::Platform;
use iotdm_suite::observe::{Again, DeviceBriefing, DeviceOptions, ExistingDevice, Patience, Progress, device};

use crate::check::{self, Listener, ReportArgs};
use crate::exit::Failed;

/// Where the device finds the platform, and for how long it is waited for, if nobody says otherwise.
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const WAIT: u64 = 120;

/// Check a device: register it, wait for it, send it commands, drop its link, grade what it shows.
#[derive(Debug, PartialEq, Eq, Args)]
pub struct DeviceArgs {
    /// Address on which the device finds the platform
    #[arg(long, default_value_t = LOOPBACK, value_name = "ADDRESS")]
    host: IpAddr,
    /// Port of MQTT over TLS; by default 8883, or a free one where firmware is started here
    #[arg(long, value_name = "PORT")]
    mqtt_port: Option<u16>,
    /// Use the platform that this file describes (it needs a control plane) instead of a mock of our own
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Node id to register the device with
    #[arg(long, value_name = "ID")]
    node_id: Option<String>,
    /// Id of a device that is registered already; needs --target, --node-id and --secret
    #[arg(long, value_name = "ID", requires_all = ["target", "node_id", "secret"])]
    device_id: Option<String>,
    /// Secret of that device
    #[arg(long, value_name = "SECRET", requires = "device_id")]
    secret: Option<String>,
    /// The device takes no commands: it need not subscribe
    #[arg(long)]
    no_commands: bool,
    /// Seconds until it has connected
    #[arg(long, default_value_t = WAIT, value_name = "SECONDS")]
    wait: u64,
    #[command(flatten)]
    reports: ReportArgs,
    /// The firmware to start; {host} {port} {ca} {device_id} {node_id} {secret} {product_id} are filled in
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Watches the device.
///
/// # Errors
/// The exit code of a run in which not everything passed.
pub async fn run(args: &DeviceArgs) -> Result<(), Failed> {
    let mut listener = Listener::new(&args.reports)?;
    // A person types a port into the firmware; firmware that is started here is told a free one.
    let port = args.mqtt_port.unwrap_or(if args.command.is_empty() { 8883 } else { 0 });
    let mock = Platform::builder().mqtts(SocketAddr::new(args.host, port));
    let (_platform, target) = check::platform(args.target.as_deref(), mock).await?;
    let options = DeviceOptions {
        node_id: args.node_id.clone(),
        existing: existing(args),
        command: (!args.command.is_empty()).then(|| args.command.clone()),
        ca_file: None,
        alone: args.target.is_none(),
        no_commands: args.no_commands,
        patience: Patience { connect: Duration::from_secs(args.wait), ..Patience::default() },
        again: Some(again(args).to_string()),
    };
    let started_here = options.command.is_some();
    let mut tell = |progress: Progress| say(&progress, started_here);
    let summary = device(&target, options, &mut tell, &mut |event| listener.hear(&event)).await;
    listener.finish(&summary)
}

/// The command that runs the check again: everything that was said, and nothing that is so by default.
fn again(args: &DeviceArgs) -> Again {
    let mut again = Again::of("device");
    if args.host != LOOPBACK {
        again.option("--host", &args.host.to_string());
    }
    let options = [
        ("--mqtt-port", args.mqtt_port.map(|port| port.to_string())),
        ("--target", args.target.as_deref().map(path)),
        ("--node-id", args.node_id.clone()),
        ("--device-id", args.device_id.clone()),
        ("--wait", (args.wait != WAIT).then(|| args.wait.to_string())),
        ("--junit", args.reports.junit.as_deref().map(path)),
        ("--json", args.reports.json.as_deref().map(path)),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            again.option(name, &value);
        }
    }
    if args.no_commands {
        again.switch("--no-commands");
    }
    if args.secret.is_some() {
        again.secret("--secret");
    }
    again.command(&args.command);
    again
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

fn existing(args: &DeviceArgs) -> Option<ExistingDevice> {
    Some(ExistingDevice {
        device_id: args.device_id.clone()?,
        node_id: args.node_id.clone()?,
        secret: args.secret.clone()?,
    })
}

/// Tells a person what to put into the firmware, and what is awaited.
fn say(progress: &Progress, started_here: bool) {
    match progress {
        // Firmware that was started here has been told already.
        Progress::Briefing(_) if started_here => {}
        Progress::Briefing(briefing) => print_briefing(briefing),
        Progress::Awaits(what, within) => println!("waiting for {what}, at most {} s", within.as_secs()),
        Progress::Came(what, true) => println!("  seen: {what}"),
        Progress::Came(what, false) => println!("  not seen: {what}"),
    }
}

fn print_briefing(b: &DeviceBriefing) {
    println!("Put this into the firmware:\n");
    println!("  MQTTS          {}:{}", b.host, b.port);
    if let Some(ca) = &b.ca {
        println!("  CA file        {}", ca.display());
    }
    println!("  deviceId       {}", b.device_id);
    println!("  nodeId         {}", b.node_id);
    println!("  secret         {}", b.secret);
    println!("  reports on     {}", b.data_topic);
    println!("  subscribes to  {}", b.command_topic);
    println!("\nFor example, this hour:\n");
    println!("  client id      {}", b.client_id);
    println!("  user name      {}", b.username);
    println!("  password       {}\n", b.password);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed assumption is a failed test")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: DeviceArgs,
    }

    fn read(words: &[String]) -> DeviceArgs {
        Line::try_parse_from(words).unwrap().args
    }

    /// What a shell makes of a line.
    fn in_a_shell(line: &str, secret: &str) -> Vec<String> {
        let script = format!("set -- {line}\nfor word; do printf '%s\\0' \"$word\"; done");
        let shell = std::process::Command::new("sh").args(["-c", &script]).env("SECRET", secret).output().unwrap();
        let text = String::from_utf8(shell.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn the_advice_runs_the_same_check_again() {
        let lines: [&[&str]; 5] = [
            &["device"],
            &["device", "--", "sh", "-c", "exec ./my firmware {host} \"$PORT\" && it's", ""],
            &["device", "--host", "0.0.0.0", "--mqtt-port", "0", "--node-id=-my node", "--no-commands", "--wait", "7"],
            &["device", "--target", "a b/t.yaml", "--device-id", "d", "--node-id", "n", "--secret=-s $x", "--", "./fw"],
            &["device", "--junit", "r 1.xml", "--json", "r.json", "--", "./fw", "--target", "x"],
        ];
        for line in lines {
            let args = read(&line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            let advice = again(&args).to_string();
            assert!(args.secret.as_deref().is_none_or(|secret| !advice.contains(secret)), "{advice}");
            let words = in_a_shell(&advice, args.secret.as_deref().unwrap_or_default());
            assert_eq!(words[..3], ["iotdm", "check", "device"]);
            assert_eq!(read(&words[2..]), args, "{advice}");
        }
    }
}
