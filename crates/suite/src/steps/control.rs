//! `control`: what only the platform's owner can do.

use serde_json::Value;

use super::context::{Context, Stop};
use crate::case::Control;
use crate::wire::http::Request;

/// Uses the control plane; whatever goes wrong there is no fault of the platform.
pub(super) async fn take(context: &mut Context<'_>, control: &Control) -> Result<(), Stop> {
    let path = context.resolve_text(&control.path)?;
    let Some(url) = context.runner.control_url(&path) else {
        return Err(Stop::case("the target has no control plane"));
    };
    let body = context.resolve(&control.body)?;
    let mut request = Request { method: control.method.clone(), url, ..Request::default() };
    if !body.is_null() {
        request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        request.body = Some(body.to_string());
    }
    context.waits_for(format!("the control plane's answer to {} {path}", control.method));
    let answer = context.runner.http().send(&request, &context.transcript).await;
    let answer = answer.map_err(|unanswered| broken(&unanswered.why))?;
    if !(200..300).contains(&answer.status) {
        return Err(broken(&answer.text()));
    }
    if let Some(seconds) = body.get("advance_seconds").and_then(Value::as_i64).filter(|_| path == Control::CLOCK) {
        context.runner.advance(seconds);
        // Tokens age with the clock, and those of a case's own calls are not what it is about.
        context.runner.forget_sessions().await;
    }
    context.save(&control.save, &answer.json.unwrap_or_default())
}

fn broken(why: &str) -> Stop {
    Stop::harness("the control plane does not do what it is told", "an answer of success", why)
}
