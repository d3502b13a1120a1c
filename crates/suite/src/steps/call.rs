//! `call`, `eventually`, `register`.

use std::time::Duration;

use iotdm_spec::catalogue::Op;
use iotdm_spec::universal;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::context::{Context, Owned, Stop};
use super::{judge, request};
use crate::case::template::{remove, text_of};
use crate::case::{Actor, Call, Expect, Register, Token};
use crate::runner::throttle;
use crate::wire::http::{Answer, Request};

/// How often a poll asks.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// A token that nobody gave out.
const GARBAGE: &str = "0123456789abcdef-not-a-token";

/// Calls and judges.
pub(super) async fn take(context: &mut Context<'_>, call: &Call) -> Result<(), Stop> {
    let answer = exchange(context, call).await?;
    let findings = judge(context, call, &answer)?;
    context.weigh(findings)?;
    context.save(&call.save, &answer.json.unwrap_or_default())
}

/// Calls until the answer is as expected.
pub(super) async fn poll(context: &mut Context<'_>, call: &Call, within: Duration) -> Result<(), Stop> {
    let deadline = Instant::now() + within;
    // The throttle's time is not the target's.
    let waited = context.waits.total();
    loop {
        let answer = exchange(context, call).await?;
        let findings = judge(context, call, &answer)?;
        let deadline = deadline + context.waits.total().saturating_sub(waited);
        let good = findings.iter().all(|finding| finding.is_warning);
        if good || Instant::now() >= deadline {
            context.weigh(findings)?;
            return context.save(&call.save, &answer.json.unwrap_or_default());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

fn judge(context: &mut Context<'_>, call: &Call, answer: &Answer) -> Result<Vec<judge::Finding>, Stop> {
    let wanted = context.pattern(&call.answer)?;
    Ok(match &call.expect {
        Expect::Success => judge::success(call.op.table(), answer, wanted.as_ref()),
        Expect::Refused(refusal) => judge::refusal(call.op.table(), answer, refusal),
    })
}

async fn exchange(context: &mut Context<'_>, call: &Call) -> Result<Answer, Stop> {
    let (request, parameters) = prepare(context, call).await?;
    let name = call.op.table().name;
    context.waits_for(format!("the answer to `{name}`"));
    let table = call.op.table();
    let (transcript, wanted) = (&context.transcript, wants_the_throttle(call));
    let answer = if wanted {
        context.runner.http().send(&request, transcript).await
    } else {
        context.runner.send_patiently(table, call.actor, &request, transcript, &context.waits).await
    };
    let answer = answer.map_err(|unanswered| {
        let how = if unanswered.endless { "answered without end" } else { "not answered" };
        Stop::fail(format!("`{name}` is {how}"), "an answer of any kind", unanswered.why)
    })?;
    if !wanted && judge::is_throttled(table, &answer) {
        context.runner.throttle().lost_a_case();
        return Err(Stop::harness(
            format!("the target's throttle turns `{name}` away"),
            throttle::ADVICE,
            judge::in_short(&answer),
        ));
    }
    keep_account(context, call, &parameters, &answer);
    Ok(answer)
}

/// Whether the answer of the throttle is one that the case is about.
fn wants_the_throttle(call: &Call) -> bool {
    let row = universal::throttled(call.op.table());
    matches!(&call.expect, Expect::Refused(refusal) if refusal.rows.contains(&row))
}

async fn prepare(context: &mut Context<'_>, call: &Call) -> Result<(Request, Map<String, Value>), Stop> {
    let op = call.op.table();
    let mut parameters = Value::Object(context.resolve_members(&call.with)?);
    for path in &call.omit {
        if !remove(&mut parameters, path) {
            return Err(Stop::case(format!("`{path}` is to be omitted, but is not there")));
        }
    }
    let parameters = parameters.as_object().cloned().unwrap_or_default();
    let assembled = request::assemble(op, &context.runner.target().base_url, &parameters);
    let mut request = assembled.map_err(Stop::case)?;
    if let Some(raw) = &call.raw_body {
        request.body = Some(context.resolve_text(raw)?);
    }
    if call.no_body {
        request.body = None;
    }
    if op.is_protected() {
        let authentication = authentication(context, call).await?;
        request.headers.extend(authentication);
    }
    for (name, value) in &call.headers {
        request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        if let Some(value) = value {
            let value = context.resolve_text(value)?;
            request.headers.push((name.clone(), value));
        }
    }
    Ok((request, parameters))
}

async fn authentication(context: &mut Context<'_>, call: &Call) -> Result<Vec<(String, String)>, Stop> {
    let Some(credentials) = context.runner.credentials(call.actor) else {
        return Err(Stop::case("the target names no such application"));
    };
    let mut headers = vec![("app_key".to_owned(), credentials.id.clone())];
    let token = match &call.token {
        Token::None => return Ok(headers),
        Token::Own => context.session(call.actor).await?.token.clone(),
        Token::Superseded => context.session(call.actor).await?.superseded.clone(),
        Token::Foreign => context.session(another(call.actor)).await?.token.clone(),
        Token::Garbage => GARBAGE.to_owned(),
        Token::Given(token) => context.resolve_text(token)?,
    };
    headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    Ok(headers)
}

const fn another(actor: Actor) -> Actor {
    match actor {
        Actor::Application => Actor::Stranger,
        Actor::Authorized | Actor::Stranger => Actor::Application,
    }
}

/// Remembers secrets, and what has to be removed when the case is over.
fn keep_account(context: &mut Context<'_>, call: &Call, parameters: &Map<String, Value>, answer: &Answer) {
    let Some(json) = answer.json.as_ref() else {
        return forget(context, call, parameters, answer);
    };
    context.transcript.secrets().learn_from(json);
    let text = |name: &str| json.get(name).map(text_of);
    let owned = |id: String| Owned { actor: call.actor, id };
    match call.op {
        Op::RegisterByPassword | Op::RegisterByVerifyCode => {
            context.made.extend(text("deviceId"));
            context.devices.extend(text("deviceId").map(owned));
        }
        Op::SubscribeBusinessData => context.subscriptions.extend(text("subscriptionId").map(owned)),
        _ => forget(context, call, parameters, answer),
    }
}

/// What the case itself has removed need not be removed again. Some answers have no body.
fn forget(context: &mut Context<'_>, call: &Call, parameters: &Map<String, Value>, answer: &Answer) {
    if answer.status != call.op.table().success_status {
        return;
    }
    let id = |name: &str| parameters.get(name).map(text_of).unwrap_or_default();
    match call.op {
        // Its answer tells no id: what is removed again is known by its callback URL.
        Op::SubscribeManagementData => {
            context.callbacks.push(Owned { actor: call.actor, id: id("callbackUrl") });
        }
        Op::DeleteDevice => context.devices.retain(|owned| owned.id != id("deviceId")),
        Op::DeleteSubscription => context.subscriptions.retain(|owned| owned.id != id("subscriptionId")),
        _ => {}
    }
}

/// Registers a fresh MQTT device.
pub(super) async fn register(context: &mut Context<'_>, register: &Register) -> Result<(), Stop> {
    let node = context.resolve_text("${fresh.node}")?;
    let mut with = json!({"deviceInfo": {"nodeId": node}, "mqttConnect": true});
    if let Some(members) = with.as_object_mut() {
        if register.product
            && let Some(product) = &context.runner.target().product
        {
            members.insert("productId".to_owned(), Value::from(product.id.as_str()));
        }
        for (name, value) in &register.with {
            merge(members, name, value);
        }
    }
    let call = plain_call(Op::RegisterByPassword, register.actor, with.as_object().cloned().unwrap_or_default());
    let answer = exchange(context, &call).await?;
    let findings = judge(context, &call, &answer)?;
    context.weigh(findings)?;
    let json = answer.json.unwrap_or_default();
    let part = |name: &str| json.get(name).cloned().unwrap_or_default();
    let device = json!({"id": part("deviceId"), "secret": part("secret"), "node": node});
    for name in ["id", "secret"] {
        if device.get(name).is_none_or(Value::is_null) {
            return Err(Stop::fail("a registration does not yield a device", "deviceId and secret", json.to_string()));
        }
    }
    context.note(&format!("`{}` is device {}", register.name, text_of(&part("deviceId"))));
    context.scope.set(&register.name, device);
    Ok(())
}

/// Further members of deviceInfo stand beside the fresh nodeId.
fn merge(members: &mut Map<String, Value>, name: &str, value: &Value) {
    match (members.get_mut(name), value) {
        (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
        _ => {
            members.insert(name.to_owned(), value.clone());
        }
    }
}

/// A call that must succeed, with nothing unusual about it.
#[must_use]
pub(crate) fn plain_call(op: Op, actor: Actor, with: Map<String, Value>) -> Call {
    Call {
        op,
        actor,
        with,
        omit: Vec::new(),
        raw_body: None,
        no_body: false,
        headers: Vec::new(),
        token: Token::Own,
        expect: Expect::Success,
        answer: Value::Null,
        save: Vec::new(),
    }
}

/// Subscribes a fresh callback URL; the answer's body.
pub(super) async fn subscribe(
    context: &mut Context<'_>,
    op: Op,
    actor: Actor,
    with: Map<String, Value>,
) -> Result<Value, Stop> {
    let call = plain_call(op, actor, with);
    let answer = exchange(context, &call).await?;
    let findings = judge(context, &call, &answer)?;
    context.weigh(findings)?;
    Ok(answer.json.unwrap_or_default())
}
