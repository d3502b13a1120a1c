use iotdm_spec::requirement;

use super::*;
use crate::report::sample;
use crate::verdict::Exit;

/// What stands on the page after these events. How many requirements the contract has is not the
/// reports' to pin.
fn written(events: &[Event], style: Style) -> String {
    let mut terminal = Terminal::new(Vec::new(), style);
    events.iter().for_each(|event| terminal.hear(event).unwrap());
    let all = requirement::all().len();
    String::from_utf8(terminal.into_inner())
        .unwrap()
        .replace(&format!("the contract has {all}"), "the contract has [ALL]")
}

#[test]
fn plain() {
    let text = written(&sample::events(), Style::PLAIN);
    assert!(!text.contains('\x1b') && !text.contains('\r'));
    assert!(text.lines().all(|line| columns(line) <= 100 && line.trim_end() == line), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn live_in_colour() {
    let style = Style { colour: true, live: true, ..Style::PLAIN };
    insta::assert_snapshot!(written(&sample::events(), style).replace('\x1b', "␛").replace('\r', "␍"));
}

#[test]
fn the_line_of_progress_never_wraps_and_is_erased_before_anything_else() {
    let style = Style { colour: false, live: true, ..Style::PLAIN };
    let long = std::sync::Arc::new(sample::case("1.5.2", &"very ".repeat(60)));
    let finished = sample::finished((*long).clone(), Verdict::Pass, 1);
    let text = written(
        &[
            sample::started(vec![long.clone()]),
            Event::CaseStarted { case: long },
            Event::CaseFinished(finished),
            Event::RunFinished { summary: sample::summary(Exit::Passed) },
        ],
        style,
    );
    let live = text.lines().find(|line| line.starts_with("[0/1]")).unwrap();
    let line = live.split('\r').next().unwrap();
    assert_eq!(columns(line), LIVE_WIDTH);
    assert!(live[line.len()..].starts_with(ERASE), "{text:?}");
}

#[test]
fn a_run_that_could_not_start() {
    insta::assert_snapshot!(written(&sample::aborted(), Style::PLAIN));
}

#[test]
fn a_run_that_passes() {
    let case = sample::pass();
    let summary = crate::events::Summary { selected: 1, passed: 1, requirements: 1, ..sample::summary(Exit::Passed) };
    insta::assert_snapshot!(written(
        &[sample::started(vec![case.case.clone()]), Event::CaseFinished(case), Event::RunFinished { summary },],
        Style::PLAIN,
    ));
}

#[test]
fn equal_warnings_and_equal_reasons_are_told_once() {
    let finding = || crate::verdict::Failure::new("the refusal's text differs", "Invalid input.", "bad");
    let mut all = Vec::new();
    for number in 1..=5 {
        let case = sample::case("1.5.2", &format!("refuses {number}"));
        all.push(sample::finished(case, Verdict::Warn { findings: vec![finding()] }, 1));
        let case = sample::case("2.3", &format!("needs a clock {number}"));
        let reason = "the target does not offer `control`".to_owned();
        all.push(sample::finished(case, Verdict::NotApplicable { reason }, 0));
    }
    let case = sample::case("1.7.1", "pushes again");
    all.push(sample::finished(case, Verdict::UnexpectedPass { reason: "ticket 12".to_owned() }, 3));
    let mut events = vec![sample::started(all.iter().map(|f| f.case.clone()).collect())];
    events.extend(all.into_iter().map(Event::CaseFinished));
    let summary = crate::events::Summary {
        selected: 11,
        warned: 5,
        not_applicable: 5,
        unexpected_passes: 1,
        ..sample::summary(Exit::TargetFailed)
    };
    events.push(Event::RunFinished { summary });
    insta::assert_snapshot!(written(&events, Style::PLAIN));
}

#[test]
fn a_target_cannot_forge_the_report() {
    let mut failed = sample::fail();
    if let Verdict::Fail { failure } = &mut failed.verdict {
        failure.actual = "\x1b[2J\rPASSED".to_owned();
    }
    let text = written(&[sample::started(vec![failed.case.clone()]), Event::CaseFinished(failed)], Style::PLAIN);
    assert!(!text.contains('\x1b') && !text.contains('\r'));
    assert!(text.contains("\\u{1b}[2J"));
}

#[test]
fn a_run_that_broke_down_says_what_it_did_not_come_to() {
    let mut events = sample::events();
    events.truncate(5);
    let aborted = Some("the suite itself broke down after 2 of 6 cases".to_owned());
    let summary = crate::events::Summary {
        selected: 6,
        passed: 1,
        not_applicable: 1,
        aborted,
        ..sample::summary(Exit::Environment)
    };
    events.push(Event::RunFinished { summary });
    insta::assert_snapshot!(written(&events, Style::PLAIN));
}
