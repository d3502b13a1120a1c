use super::*;
use crate::report::sample;

fn written(record: &Record) -> String {
    let mut out = Vec::new();
    write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_kind_of_case_and_back() {
    let record = sample::record(&sample::events());
    let text = written(&record);
    assert!(!text.contains("stands in no report"));
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, Report::of(&record));
    insta::assert_snapshot!(text);
}

#[test]
fn cases_that_never_ended_are_not_dropped() {
    let report = Report::of(&sample::record(&sample::events()[..3]));
    assert_eq!(report.cases.len(), 6);
    assert_eq!(report.cases.iter().filter(|case| case.verdict == Verdict::NotRun).count(), 5);
    assert_eq!(report.summary, None);
    let report = Report::of(&sample::record(&sample::aborted()));
    assert_eq!(report.cases[0].reasons, ["https://127.0.0.1:8743 cannot be reached: connection refused"]);
    assert_eq!(report.summary.unwrap().not_run, 1);
}
