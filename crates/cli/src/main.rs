//! `iotdm`: conformance suite and mock platform for Huawei's IoT Device Management API.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::Failed;

mod cases;
mod check;
mod check_app;
mod check_device;
mod check_platform;
mod contract;
mod exit;
mod mock;

/// The journal frees on one thread what another has allocated, with long bodies among short ones: in the
/// benchmark of long answers half of the processor's time was the system's allocator's. Libraries leave the choice to the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "iotdm", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Mock(mock::MockArgs),
    /// Check a platform, a device or an application against the reference
    #[command(subcommand)]
    Check(Check),
    Cases(cases::CasesArgs),
    Explain(contract::ExplainArgs),
    Export(contract::ExportArgs),
}

#[derive(Debug, Subcommand)]
enum Check {
    Platform(check_platform::PlatformArgs),
    Device(check_device::DeviceArgs),
    App(check_app::AppArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.report(),
    }
}

fn run(command: Command) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failed::environment)?;
    runtime.block_on(async {
        match command {
            Command::Mock(args) => mock::run(args).await,
            Command::Check(Check::Platform(args)) => check_platform::run_cases(&args).await,
            Command::Check(Check::Device(args)) => check_device::run(&args).await,
            Command::Check(Check::App(args)) => check_app::run(&args).await,
            Command::Cases(args) => cases::list(&args),
            Command::Explain(args) => contract::explain(&args),
            Command::Export(args) => contract::export(&args),
        }
    })
}
