use super::*;
use crate::events::Event;
use crate::report::sample;

fn written(events: &[Event]) -> String {
    let mut out = Vec::new();
    write(&sample::record(events), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_kind_of_case() {
    let text = written(&sample::events());
    assert!(!text.contains("stands in no report"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_run_that_could_not_start_is_an_error() {
    insta::assert_snapshot!(written(&sample::aborted()));
}

#[test]
fn a_run_that_was_cut_off_is_an_error() {
    let events = sample::events();
    let record = sample::record(&events[..3]);
    let report = report(&record);
    assert_eq!((report.tests, report.errors, report.skipped), (7, 1, 5));
    let nothing = super::report(&Record::default());
    assert_eq!((nothing.tests, nothing.errors), (1, 1));
}

#[test]
fn a_run_that_executed_nothing_is_an_error() {
    let summary = sample::summary(Exit::NothingRan);
    let report = report(&sample::record(&[sample::started(Vec::new()), Event::RunFinished { summary }]));
    assert_eq!((report.tests, report.errors), (1, 1));
}
