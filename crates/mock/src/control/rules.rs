//! `/_mock/rules/fire`: rules, which only the platform's console knows.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use iotdm_spec::Object;
use iotdm_spec::notifications::rule_event::{ActionResult, Reason};
use serde::Deserialize;
use serde_json::json;

use super::route::{Routes, post};
use super::schema::{list, map, may, need, object, text};
use super::{Plane, act};
use crate::owner::RuleFiring;

pub(super) fn routes() -> Routes {
    let reason = object([
        may("satisfactionTime", text()),
        need("type", text()),
        may("id", text()),
        may("info", map()),
        may("transInfo", map()),
    ]);
    let outcome = object([
        need("type", text()),
        may("id", text()),
        may("exception", text()),
        may("result", map()),
        may("info", map()),
        may("transInfo", map()),
    ]);
    Routes::new().on(
        post(
            "/_mock/rules/fire",
            "Triggers a rule: subscribers to `ruleEvent` are told (1.8.13). Only `ruleName` must be there, and of each \
             reason its `type`, of each action its `type` and either `exception` or `result`; times are by default the \
             platform's, the author is the application, the rule id a new one.",
        )
        .wants(
            object([
                may("application", text()),
                may("author", text()),
                may("ruleId", text()),
                need("ruleName", text()),
                may("logic", text()),
                may("reasons", list(reason)),
                may("triggerTime", text()),
                may("actionsResults", list(outcome)),
            ]),
            r#"{"ruleName": "leak", "reasons": [{"type": "DEVICE_DATA", "id": "c1", "info": {"flow": 9}}],
  "actionsResults": [{"type": "SMS", "result": {"statusCode": 200, "body": {}}}]}"#,
        )
        .answers(object([need("ruleId", text())])),
        fire,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Firing {
    application: Option<String>,
    author: Option<String>,
    rule_id: Option<String>,
    rule_name: String,
    logic: Option<String>,
    #[serde(default)]
    reasons: Vec<Cause>,
    trigger_time: Option<String>,
    #[serde(default)]
    actions_results: Vec<Outcome>,
}

/// A reason whose time may be left to the platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Cause {
    satisfaction_time: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    info: Option<Object>,
    trans_info: Option<Object>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Outcome {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    exception: Option<String>,
    result: Option<Object>,
    info: Option<Object>,
    trans_info: Option<Object>,
}

impl From<Cause> for Reason {
    fn from(cause: Cause) -> Self {
        Self {
            satisfaction_time: cause.satisfaction_time.unwrap_or_default(),
            kind: cause.kind,
            id: cause.id,
            info: cause.info,
            trans_info: cause.trans_info,
        }
    }
}

impl From<Outcome> for ActionResult {
    fn from(outcome: Outcome) -> Self {
        Self {
            kind: outcome.kind,
            id: outcome.id,
            exception: outcome.exception,
            result: outcome.result,
            info: outcome.info,
            trans_info: outcome.trans_info,
        }
    }
}

async fn fire(State(plane): State<Plane>, request: Request<Body>) -> Response<Body> {
    act(request, |wanted: Firing| {
        let application = wanted.application.unwrap_or_else(|| plane.facts.application.clone());
        let firing = RuleFiring {
            author: wanted.author,
            rule_id: wanted.rule_id,
            rule_name: wanted.rule_name,
            logic: wanted.logic,
            reasons: wanted.reasons.into_iter().map(Reason::from).collect(),
            trigger_time: wanted.trigger_time,
            actions_results: wanted.actions_results.into_iter().map(ActionResult::from).collect(),
        };
        plane.core.enter(|world| world.fire_rule(&application, firing)).map(|id| json!({ "ruleId": id }))
    })
    .await
}
