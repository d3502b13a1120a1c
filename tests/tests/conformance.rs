//! The case catalogue under `cargo test`: one trial a case, against the embedded mock or the target
//! that `IOTDM_TARGET` names.

use std::process::ExitCode;
use std::sync::Arc;

use iotdm_mock::Platform;
use iotdm_suite::case::Case;
use iotdm_suite::plan::Demands;
use iotdm_suite::{Catalogue, KnownFailures, Runner, Target, Verdict};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    // The mock lives until the last trial is over.
    let (platform, target) = match std::env::var_os("IOTDM_TARGET") {
        Some(file) => match Target::read(file.as_ref()) {
            Ok(target) => (None, target),
            Err(errors) => return refuse(&errors),
        },
        None => {
            let platform = runtime.block_on(Platform::builder().start()).expect("the mock starts");
            let target = iotdm::embedded::target(&platform);
            (Some(platform), target)
        }
    };
    let catalogue = match Catalogue::embedded(target.plays.as_deref()) {
        Ok(catalogue) => catalogue,
        Err(errors) => return refuse(&errors),
    };
    let (alone, together): (Vec<_>, Vec<_>) = catalogue.cases().iter().cloned().partition(|case| case.exclusive);
    let runner = if arguments.list {
        None
    } else {
        Some(Arc::new(
            runtime
                .block_on(Runner::start(target, Demands::default(), KnownFailures::default(), None))
                .unwrap_or_else(|e| panic!("the target cannot be reached: {}", e.0)),
        ))
    };
    // What must run alone runs after the rest, one at a time.
    let many = libtest_mimic::run(
        &Arguments { test_threads: Some(arguments.test_threads.unwrap_or(16)), ..arguments.clone() },
        trials(&together, runner.as_ref(), &runtime),
    );
    let one = libtest_mimic::run(
        &Arguments { test_threads: Some(1), ..arguments },
        trials(&alone, runner.as_ref(), &runtime),
    );
    let remarks = runner.map(|runner| runtime.block_on(async move { runner.finish().await }));
    remarks.into_iter().flatten().for_each(|remark| eprintln!("{remark}\n"));
    drop(platform);
    if many.has_failed() || one.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn refuse(errors: &[iotdm_suite::yaml::FileError]) -> ExitCode {
    errors.iter().for_each(|error| eprintln!("{error}\n"));
    ExitCode::FAILURE
}

fn trials(cases: &[Arc<Case>], runner: Option<&Arc<Runner>>, runtime: &tokio::runtime::Runtime) -> Vec<Trial> {
    cases
        .iter()
        .map(|case| {
            let (case, runner, handle) = (Arc::clone(case), runner.cloned(), runtime.handle().clone());
            let name = case.info.id.clone();
            Trial::ignorable_test(name, move || {
                let runner = runner.expect("a runner, since this is no listing");
                judge(handle.block_on(runner.run(&case)).verdict)
            })
        })
        .collect()
}

fn judge(verdict: Verdict) -> Result<Completion, Failed> {
    match verdict {
        Verdict::Pass | Verdict::Warn { .. } | Verdict::KnownFailure { .. } => Ok(Completion::Completed),
        Verdict::NotApplicable { reason } | Verdict::NotSeen { reason } => Ok(Completion::ignored_with(reason)),
        Verdict::UnexpectedPass { reason } => Err(format!("passes, though it is known to fail: {reason}").into()),
        Verdict::Fail { failure } | Verdict::HarnessError { failure } => Err(format!("{failure}").into()),
    }
}
