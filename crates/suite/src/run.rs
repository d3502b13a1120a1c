//! A run: the selected cases against the target, many at a time, told in a fixed order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iotdm_spec::model::Party;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::events::{CaseFinished, CaseInfo, Event, RunStarted, Summary};
use crate::known::KnownFailures;
use crate::plan::Demands;
use crate::runner::{CannotStart, Runner};
use crate::target::{Capability, Target};
use crate::verdict::{Exit, Verdict};

/// How a run is done.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How many cases run at the same time.
    pub concurrency: usize,
    /// The cases that are known to fail.
    pub known: KnownFailures,
    /// Capabilities that the target must have: a case that lacks one of them is an error, not a skip.
    pub require: BTreeSet<Capability>,
    /// The folder of the cases, where it is not the built-in one, for the command that reruns a case.
    pub cases: Option<PathBuf>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { concurrency: 16, known: KnownFailures::default(), require: BTreeSet::new(), cases: None }
    }
}

/// Something that a worker tells the run.
enum Told {
    Started(usize),
    Finished(usize, Box<CaseFinished>),
}

/// Runs the catalogue's cases against the target and tells everything through `tell`.
pub async fn run(catalogue: &Catalogue, target: &Target, options: RunOptions, tell: &mut dyn FnMut(Event)) -> Summary {
    let started = Instant::now();
    let cases = in_order(catalogue);
    let infos: Vec<Arc<CaseInfo>> = cases.iter().map(|case| case.info.clone()).collect();
    tell(Event::RunStarted(RunStarted { under_test: Party::Platform, target: target.summary(), cases: infos }));
    let demands = Demands { cases: catalogue.demanded().clone(), capabilities: options.require };
    let mut tally = Tally::default();
    if !cases.is_empty() {
        match Runner::start(target.clone(), demands, options.known, options.cases).await {
            Ok(runner) => {
                let runner = Arc::new(runner);
                run_all(&cases, &runner, options.concurrency, &mut tally, tell).await;
                for text in runner.finish().await {
                    tell(Event::Remark { text });
                }
            }
            Err(CannotStart(why)) => tally.aborted = Some(why),
        }
    }
    let summary = tally.summary(cases.len(), started.elapsed());
    tell(Event::RunFinished { summary: summary.clone() });
    summary
}

/// Those that must run alone come last: nobody waits for them.
fn in_order(catalogue: &Catalogue) -> Vec<Arc<Case>> {
    let (alone, together): (Vec<_>, Vec<_>) = catalogue.cases().iter().cloned().partition(|case| case.exclusive);
    together.into_iter().chain(alone).collect()
}

async fn run_all(
    cases: &[Arc<Case>],
    runner: &Arc<Runner>,
    concurrency: usize,
    tally: &mut Tally,
    tell: &mut dyn FnMut(Event),
) {
    let (sender, mut told) = mpsc::unbounded_channel();
    let first_alone = cases.iter().position(|case| case.exclusive).unwrap_or(cases.len());
    let (together, alone) = cases.split_at(first_alone);
    let workers = tokio::spawn(work(runner.clone(), together.to_vec(), alone.to_vec(), concurrency, sender));
    // Results wait here until it is their turn.
    let mut waiting: BTreeMap<usize, Box<CaseFinished>> = BTreeMap::new();
    let mut next = 0;
    while let Some(told) = told.recv().await {
        match told {
            Told::Started(index) => {
                if let Some(case) = cases.get(index) {
                    tell(Event::CaseStarted { case: case.info.clone() });
                }
            }
            Told::Finished(index, finished) => {
                waiting.insert(index, finished);
            }
        }
        while let Some(finished) = waiting.remove(&next) {
            tally.count(&finished);
            tell(Event::CaseFinished(*finished));
            next += 1;
        }
    }
    if workers.await.is_err() || next < cases.len() {
        tally.aborted = Some(format!("the suite itself broke down after {next} of {} cases", cases.len()));
    }
}

async fn work(
    runner: Arc<Runner>,
    together: Vec<Arc<Case>>,
    alone: Vec<Arc<Case>>,
    concurrency: usize,
    sender: mpsc::UnboundedSender<Told>,
) {
    let places = Arc::new(Semaphore::new(concurrency.max(1)));
    let mut tasks = JoinSet::new();
    let after = together.len();
    for (index, case) in together.into_iter().enumerate() {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let (runner, sender) = (runner.clone(), sender.clone());
        tasks.spawn(async move {
            run_one(&runner, index, &case, &sender).await;
            drop(place);
        });
    }
    tasks.join_all().await;
    for (index, case) in alone.into_iter().enumerate() {
        run_one(&runner, after + index, &case, &sender).await;
    }
}

async fn run_one(runner: &Runner, index: usize, case: &Case, sender: &mpsc::UnboundedSender<Told>) {
    // Nobody listens any more only if the run was dropped, and then nobody wants to know.
    let _ = sender.send(Told::Started(index));
    let finished = runner.run(case).await;
    let _ = sender.send(Told::Finished(index, Box::new(finished)));
}

/// The counts of a run.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<&'static str, usize>,
    executed: usize,
    fails: bool,
    requirements: BTreeSet<String>,
    aborted: Option<String>,
}

impl Tally {
    fn count(&mut self, finished: &CaseFinished) {
        *self.counts.entry(finished.verdict.name()).or_default() += 1;
        self.fails |= finished.verdict.fails_the_run();
        if finished.verdict.was_executed() && !matches!(finished.verdict, Verdict::HarnessError { .. }) {
            self.executed += 1;
            self.requirements.extend(finished.case.verifies.iter().map(|cited| cited.id.clone()));
        }
    }

    fn of(&self, verdict: &str) -> usize {
        self.counts.get(verdict).copied().unwrap_or_default()
    }

    fn exit(&self) -> Exit {
        let broken = self.aborted.is_some() || self.of("harness error") > 0;
        match () {
            () if self.fails => Exit::TargetFailed,
            () if broken => Exit::Environment,
            () if self.executed == 0 => Exit::NothingRan,
            () => Exit::Passed,
        }
    }

    fn summary(&self, selected: usize, duration: Duration) -> Summary {
        Summary {
            selected,
            passed: self.of("pass"),
            warned: self.of("warn"),
            failed: self.of("fail"),
            not_applicable: self.of("not applicable"),
            not_seen: self.of("not seen"),
            known_failures: self.of("known failure"),
            unexpected_passes: self.of("unexpected pass"),
            harness_errors: self.of("harness error"),
            requirements: self.requirements.len(),
            duration,
            aborted: self.aborted.clone(),
            exit: self.exit(),
        }
    }
}

#[cfg(test)]
mod tests;
