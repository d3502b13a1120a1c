//! 1.8: the application answers every push.

use iotdm_spec::requirement::{self, rule_id};
use iotdm_spec::secrets;

use super::calls::Asked;
use super::subscriptions::Ends;
use crate::observe::feed::{Observation, Push, What};
use crate::observe::grades::{Flaw, Grades};

/// Whether the receiver has answered as it should: any status of success.
pub(super) fn is_answered(push: &Push) -> bool {
    push.status.is_some_and(|status| (200..300).contains(&status))
}

/// Grades the answer to every push.
pub(super) fn grade(seen: &[Observation], asked: &[Asked<'_>], grades: &mut Grades) {
    let ends = Ends::read(asked);
    for (index, observation) in seen.iter().enumerate() {
        let What::Push(push) = &observation.what else { continue };
        let id = rule_id(&push.clause, "answer-push");
        if requirement::find(&id).is_none() {
            continue;
        }
        let url = secrets::mask_url(&push.url);
        if is_answered(push) {
            grades.keeps(&id);
            continue;
        }
        // What never left is no fault of the receiver.
        if !push.sent {
            grades.unseen(&id, &format!("the platform sent no push to {url}: {}", reason(push)));
            continue;
        }
        if ends.are_before(observation, push) {
            grades.unseen(&id, &format!("the push to {url} was tried after its subscription was deleted"));
            continue;
        }
        let actual = match (push.status, &push.error) {
            (Some(status), _) => format!("{status} after {} ms", push.latency_ms),
            (None, Some(error)) => format!("no answer: {error}"),
            (None, None) => "no answer".to_owned(),
        };
        let headline = format!("a push to {url} is not answered with a success");
        let flaw = Flaw::new(observation, headline, "any 2xx, within 15 s", actual);
        if push.status.is_none() && is_leaving(&seen[..index], &seen[index..], &push.url) {
            grades.doubts(&id, flaw);
        } else {
            grades.breaks(&id, flaw);
        }
    }
}

/// Why the platform kept a push to itself.
fn reason(push: &Push) -> &str {
    let reason = push.error.as_deref().unwrap_or("it does not say why");
    reason.strip_prefix("not sent: ").unwrap_or(reason)
}

/// A receiver that answered before and does nothing any more may have been closed with its
/// application a moment ago.
fn is_leaving(before: &[Observation], after: &[Observation], url: &str) -> bool {
    let answered = |o: &Observation| matches!(&o.what, What::Push(push) if push.url == url && is_answered(push));
    let active = |o: &Observation| answered(o) || matches!(o.what, What::Call(_));
    before.iter().any(answered) && !after.iter().any(active)
}
