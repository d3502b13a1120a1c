//! 1.8: the application answers every push.

use iotdm_spec::requirement::{self, rule_id};

use crate::observe::feed::{Observation, Push, What};
use crate::observe::grades::{Flaw, Grades};

/// Whether the receiver has answered as it should: any status of success.
pub(super) fn is_answered(push: &Push) -> bool {
    push.status.is_some_and(|status| (200..300).contains(&status))
}

/// Grades the answer to every push.
pub(super) fn grade(seen: &[Observation], grades: &mut Grades) {
    for (index, observation) in seen.iter().enumerate() {
        let What::Push(push) = &observation.what else { continue };
        let id = rule_id(&push.clause, "answer-push");
        // What never left is no fault of the receiver.
        if requirement::find(&id).is_none() || !push.sent {
            continue;
        }
        if is_answered(push) {
            grades.keeps(&id);
            continue;
        }
        let actual = match (push.status, &push.error) {
            (Some(status), _) => format!("{status} after {} ms", push.latency_ms),
            (None, Some(error)) => format!("no answer: {error}"),
            (None, None) => "no answer".to_owned(),
        };
        let headline = format!("a push to {} is not answered with a success", push.url);
        let flaw = Flaw::new(observation, headline, "any 2xx, within 15 s", actual);
        if push.status.is_none() && is_leaving(&seen[..index], &seen[index..], &push.url) {
            grades.doubts(&id, flaw);
        } else {
            grades.breaks(&id, flaw);
        }
    }
}

/// A receiver that answered before and does nothing any more may have been closed with its
/// application a moment ago.
fn is_leaving(before: &[Observation], after: &[Observation], url: &str) -> bool {
    let answered = |o: &Observation| matches!(&o.what, What::Push(push) if push.url == url && is_answered(push));
    let active = |o: &Observation| answered(o) || matches!(o.what, What::Call(_));
    before.iter().any(answered) && !after.iter().any(active)
}
