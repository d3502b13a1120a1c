//! A load for the platform: loopback only, bounded in count and time, ends by itself.
//!
//! ```text
//! cargo run --release -p iotdm-tests --bin load -- fleet            # 10,000 MQTTS devices report for 5 minutes
//! cargo run --release -p iotdm-tests --bin load -- storm            # all of them reconnect at once
//! cargo run --release -p iotdm-tests --bin load -- throughput       # beside Debian's mosquitto on the same load
//! cargo run --release -p iotdm-tests --bin load -- soak             # 30 minutes with faults on the wire
//! ```
//!
//! The platform runs in a process of its own, so that what is measured of it is its alone; the devices
//! are in this one. Each subcommand prints a table, and ends with 1 if something was lost or refused.

mod client;
mod fleet;
mod ledger;
mod measure;
mod server;
mod soak;
mod throughput;

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(about = "A load for the platform, on loopback")]
struct Arguments {
    #[command(subcommand)]
    load: Load,
}

#[derive(Debug, Subcommand)]
enum Load {
    /// Many devices over TLS, each with a report every few seconds
    Fleet(fleet::Fleet),
    /// The listener restarts, and all devices reconnect at once
    Storm(fleet::Storm),
    /// Acknowledged messages and connections a second, beside mosquitto
    Throughput(throughput::Throughput),
    /// A mixed load with faults on the wire, for long
    Soak(soak::Soak),
    /// The platform itself; the others start it
    #[command(hide = true)]
    Serve(server::Serve),
}

/// What a load came to: whether everything held that must.
pub type Outcome = Result<bool, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    if let Some(error) = raise_descriptors() {
        eprintln!("load: the limit of open files could not be raised: {error}");
    }
    let load = Arguments::parse().load;
    iotdm_tests::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match load {
                Load::Fleet(fleet) => fleet.run().await,
                Load::Storm(storm) => storm.run().await,
                Load::Throughput(throughput) => throughput.run().await,
                Load::Soak(soak) => soak.run().await,
                Load::Serve(serve) => serve.run().await,
            }
        })
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(3)
        }
    }
}

/// Set in the process that a shell has started with the highest limit of open files.
const RAISED: &str = "IOTDM_LOAD_RAISED";

/// Starts this program anew, by a shell that lifts the limit of open files as far as it may be lifted.
fn raise_descriptors() -> Option<std::io::Error> {
    if std::env::var_os(RAISED).is_some() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let lift = "ulimit -n \"$(ulimit -Hn)\" 2>/dev/null; exec \"$0\" \"$@\"";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", lift]).arg(program).args(std::env::args_os().skip(1)).env(RAISED, "1");
    Some(shell.exec())
}
