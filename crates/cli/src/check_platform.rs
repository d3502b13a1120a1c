//! `iotdm check platform`: the case catalogue against a platform.

use std::path::PathBuf;

use clap::Args;
use iotdm_mock::Platform;
use iotdm_suite::{Catalogue, Filter, KnownFailures, RunOptions, run};

use crate::check::{self, Listener, ReportArgs};
use crate::exit::Failed;

/// Run the case catalogue against a platform: the embedded mock, or the one that --target describes.
#[derive(Debug, Args)]
pub struct PlatformArgs {
    /// The platform under test (YAML); by default a mock is started for the run
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Only the cases of this clause, such as 1.5.2, or of a part of the reference, such as 1.5
    #[arg(long, value_name = "CLAUSE")]
    clause: Vec<String>,
    /// Only the cases of this chapter, such as devices
    #[arg(long, value_name = "NAME")]
    chapter: Vec<String>,
    /// Only this case, or the cases whose ids begin so
    #[arg(long, value_name = "ID")]
    case: Vec<String>,
    /// Read the cases from this folder instead of the ones that are built in
    #[arg(long, value_name = "FOLDER")]
    cases: Option<PathBuf>,
    /// Cases that are known to fail (YAML: id to reason); they still run, and must fail
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// How many cases run at the same time
    #[arg(long, default_value_t = 16, value_name = "NUMBER")]
    jobs: usize,
    #[command(flatten)]
    reports: ReportArgs,
}

/// Runs the cases.
///
/// # Errors
/// The exit code of a run in which not everything passed; bad input, file by file.
pub async fn run_cases(args: &PlatformArgs) -> Result<(), Failed> {
    let mut listener = Listener::new(&args.reports)?;
    // The mock lives until the run is over.
    let (_platform, target) = check::platform(args.target.as_deref(), Platform::builder()).await?;
    let plays = target.plays.clone();
    let catalogue = catalogue(args.cases.as_deref(), plays.as_deref())?;
    let filter = Filter { clauses: args.clause.clone(), chapters: args.chapter.clone(), ids: args.case.clone() };
    let unknown = catalogue.unknown(&filter);
    if !unknown.is_empty() {
        return Err(Failed::bad_input(unknown.join("\n")));
    }
    let known = match &args.known {
        Some(file) => {
            let ids = catalogue.cases().iter().map(|case| case.info.id.as_str());
            KnownFailures::read(file, ids).map_err(|errors| Failed::bad_input(check::all(&errors)))?
        }
        None => KnownFailures::default(),
    };
    let options = RunOptions { concurrency: args.jobs, known, cases: args.cases.clone(), ..RunOptions::default() };
    let summary = run(&catalogue.select(&filter), &target, options, &mut |event| listener.hear(&event)).await;
    listener.finish(&summary)
}

/// The catalogue of a folder, or the built-in one.
///
/// # Errors
/// Everything that is wrong in the files.
pub fn catalogue(folder: Option<&std::path::Path>, plays: Option<&[String]>) -> Result<Catalogue, Failed> {
    match folder {
        Some(folder) => Catalogue::load(folder, plays),
        None => Catalogue::embedded(plays),
    }
    .map_err(|errors| Failed::bad_input(check::all(&errors)))
}
