//! `iotdm check app`: runs an application against the mock and judges what it called.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use iotdm_mock::Platform;
use iotdm_suite::observe::{AppOptions, app};

use crate::check::{self, Listener, ReportArgs};
use crate::exit::{self, Failed};

/// Check an application: start it against a mock, and judge its calls and how it takes pushes.
///
/// It finds the platform in IOTDM_BASE_URL, IOTDM_CA, IOTDM_APP_ID, IOTDM_SECRET, IOTDM_PRODUCT_ID,
/// IOTDM_MQTTS and IOTDM_CONTROL.
#[derive(Debug, Args)]
pub struct AppArgs {
    /// Use the platform that this file describes (it needs a control plane) instead of a mock of our own
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// CA certificate (PEM) of the application's HTTPS callback receivers
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    callback_ca: Option<PathBuf>,
    /// Seconds for which it may run; then it is ended, and judged by what it did
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    deadline: u64,
    #[command(flatten)]
    reports: ReportArgs,
    /// The application's command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the application.
///
/// # Errors
/// The exit code of a run in which not everything passed.
pub async fn run(args: &AppArgs) -> Result<(), Failed> {
    let mut listener = Listener::new(&args.reports)?;
    // The mock lives until the run is over.
    let mut mock = Platform::builder();
    if let Some(file) = &args.callback_ca {
        mock = mock.callback_ca(exit::authorities(file)?);
    }
    let (_platform, target) = check::platform(args.target.as_deref(), mock).await?;
    let options = AppOptions {
        deadline: Duration::from_secs(args.deadline),
        callback_ca: args.callback_ca.clone(),
        ..AppOptions::default()
    };
    let summary = app(&target, options, &args.command, &mut |event| listener.hear(&event)).await;
    listener.finish(&summary)
}
