//! What every protected operation refuses: tokens, applications and resources that are not ours.

use iotdm_spec::model::{ErrorRow, Place};
use iotdm_spec::universal;
use serde_json::{Map, Value, json};

use super::{Defect, Draft, Sweep, refused, with_token};
use crate::case::{Action, Actor, Call, Control, Refusal, Register, Token};
use crate::target::Capability;

/// The variable of the device that belongs to another application.
const FOREIGN_DEVICE: &str = "foreign";
/// A device id that has the usual form.
const UNKNOWN_DEVICE: &str = "00000000-0000-4000-8000-${fresh.hex-12}";
/// The throttle counts the calls of one minute.
const MORE_THAN_A_MINUTE: i64 = 61;
/// The conditions of an unknown or foreign device.
const NO_DEVICE: [&str; 2] = ["DEVICE_NOT_EXISTED", "DEVICE_DATA_NOT_EXISTED"];

pub(super) fn drafts(sweep: &Sweep<'_>) -> Vec<Draft> {
    if !sweep.table.is_protected() {
        return Vec::new();
    }
    let mut drafts = tokens(sweep);
    drafts.push(no_app_key(sweep));
    drafts.extend(applications(sweep));
    drafts.extend(resources(sweep));
    drafts.push(throttle(sweep));
    drafts
}

/// One call more than the throttle lets through in its minute.
fn throttle(sweep: &Sweep<'_>) -> Draft {
    let refusal = Refusal::rows("THROTTLED", vec![universal::throttled(sweep.table)]);
    let verifies = or_parameter(sweep, sweep.listed(&refusal), "app_key");
    let call = refused(sweep.call(), refusal);
    let mut draft = sweep.draft("refuses-one-call-too-many".to_owned(), "", Defect::Throttle, call);
    draft.verifies = verifies;
    draft.verifies.push(format!("{}/rule/throttle", sweep.table.clause));
    draft.needs.push(Capability::Control);
    // What was called before is older than the minute; then one call passes, and the next does not.
    draft.extra_steps = vec![
        control("POST", Control::CLOCK, json!({"advance_seconds": MORE_THAN_A_MINUTE})),
        limit(json!(1)),
        Action::Call(sweep.call()),
    ];
    draft.finally = vec![limit(Value::Null)];
    draft
}

fn limit(calls: Value) -> Action {
    control("PATCH", "/applications/${application.id}", json!({"throttle": calls}))
}

fn control(method: &str, path: &str, body: Value) -> Action {
    Action::Control(Control { method: method.to_owned(), path: path.to_owned(), body, save: Vec::new() })
}

fn tokens(sweep: &Sweep<'_>) -> Vec<Draft> {
    let draft = |name: &str, token: Token| {
        let refusal = Refusal::rows("TOKEN_INVALID", vec![universal::token_invalid(sweep.table)]);
        let verifies = or_parameter(sweep, sweep.listed(&refusal), "Authorization");
        let call = refused(with_token(sweep.call(), token), refusal);
        let mut draft = sweep.draft(name.to_owned(), "Authorization", Defect::Token, call);
        draft.verifies = verifies;
        draft
    };
    let mut foreign = draft("refuses-a-token-of-another-application", Token::Foreign);
    foreign.needs.push(Capability::Stranger);
    // That it is this row is a ruling's word; 401 would be defensible.
    let mut none = draft("refuses-no-token", Token::None);
    (none.soft, none.because) = (true, Some("A-07"));
    vec![
        none,
        draft("refuses-a-garbage-token", Token::Garbage),
        draft("refuses-a-superseded-token", Token::Superseded),
        foreign,
    ]
}

/// The ids, or that of a parameter where the table lists no row.
fn or_parameter(sweep: &Sweep<'_>, ids: Vec<String>, name: &str) -> Vec<String> {
    if ids.is_empty() { vec![sweep.parameter_id(name)] } else { ids }
}

/// Exactly its own row where the operation has one, otherwise any refusal.
fn no_app_key(sweep: &Sweep<'_>) -> Draft {
    let row = universal::no_app_key(sweep.table);
    let has_own = row != universal::token_invalid(sweep.table);
    let refusal = if has_own { Refusal::rows("no app_key", vec![row]) } else { Refusal::any() };
    let verifies = or_parameter(sweep, sweep.listed(&refusal), "app_key");
    let call = Call { headers: vec![("app_key".to_owned(), None)], ..sweep.call() };
    let mut draft = sweep.draft("refuses-no-app_key".to_owned(), "app_key", Defect::Token, refused(call, refusal));
    draft.verifies = verifies;
    draft.because = Some("A-06");
    draft
}

fn applications(sweep: &Sweep<'_>) -> Vec<Draft> {
    let takes = sweep.table.params.iter().any(|p| p.field.name == "appId" && p.place != Place::Path);
    if !takes {
        return Vec::new();
    }
    let draft = |name: &str, id: &str| {
        let refusal = Refusal::rows("unknown or foreign application", application_rows(sweep));
        let verifies = or_parameter(sweep, sweep.listed(&refusal), "appId");
        let call = refused(sweep.changed("appId", Some(Value::from(id))), refusal);
        let mut draft = sweep.draft(name.to_owned(), "appId", Defect::Application, call);
        draft.verifies = verifies;
        draft
    };
    let mut foreign = draft("refuses-the-appId-of-a-stranger", "${stranger.id}");
    foreign.needs.push(Capability::Stranger);
    vec![draft("refuses-an-unknown-appId", "${fresh.text-24}"), foreign]
}

/// Every row of the two conditions: which is meant for which cause, no text separates.
fn application_rows(sweep: &Sweep<'_>) -> Vec<ErrorRow> {
    let meant = [universal::application_unknown(sweep.table), universal::not_authorized(sweep.table)];
    let listed = sweep.table.errors.iter().filter(|row| meant.iter().any(|m| m.code == row.code)).copied();
    let mut rows: Vec<ErrorRow> = listed.collect();
    for row in meant {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// Resources that are named in the path.
fn resources(sweep: &Sweep<'_>) -> Vec<Draft> {
    let in_path = |name: &str| sweep.table.params.iter().any(|p| p.place == Place::Path && p.field.name == name);
    let mut drafts = Vec::new();
    if in_path("deviceId") {
        drafts.extend(unknown(sweep, "deviceId", UNKNOWN_DEVICE, &NO_DEVICE));
        drafts.extend(foreign_device(sweep));
    }
    if in_path("subscriptionId") {
        drafts.extend(unknown(sweep, "subscriptionId", "${fresh.hex-32}", &["RESOURCE_NOT_FOUND"]));
    }
    drafts
}

fn conditions(sweep: &Sweep<'_>, names: &[&str]) -> Option<Refusal> {
    let names = names.iter().filter(|name| sweep.table.errors.iter().any(|row| row.name.starts_with(**name)));
    let names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
    if names.is_empty() { None } else { Refusal::named(sweep.table, &names).ok() }
}

fn unknown(sweep: &Sweep<'_>, parameter: &str, value: &str, names: &[&str]) -> Option<Draft> {
    let refusal = conditions(sweep, names)?;
    let verifies = sweep.listed(&refusal);
    let call = refused(sweep.changed(parameter, Some(Value::from(value))), refusal);
    let mut draft = sweep.draft(format!("refuses-an-unknown-{parameter}"), parameter, Defect::Resource, call);
    draft.verifies = verifies;
    Some(draft)
}

fn foreign_device(sweep: &Sweep<'_>) -> Option<Draft> {
    let mut draft = unknown(sweep, "deviceId", &format!("${{{FOREIGN_DEVICE}.id}}"), &NO_DEVICE)?;
    draft.name = "refuses-the-device-of-another-application".to_owned();
    draft.needs.push(Capability::Stranger);
    draft.extra_steps.push(Action::Register(Register {
        name: FOREIGN_DEVICE.to_owned(),
        product: false,
        actor: Actor::Stranger,
        with: Map::new(),
    }));
    Some(draft)
}
