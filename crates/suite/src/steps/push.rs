//! `subscribe`, `await_push`, `no_push`, and the judgement of every push that came.

use iotdm_spec::catalogue::{NOTIFICATIONS, Op};
use iotdm_spec::model::Notification;
use serde_json::{Value, json};

use super::context::{Context, Stop};
use super::{call, judge};
use crate::case::pattern::{Pattern, shown};
use crate::case::{AwaitPush, NoPush, Subscribe};
use crate::wire::receiver::{Mailbox, Push};

/// How many pushes a message quotes.
const QUOTED: usize = 5;

/// Subscribes a fresh callback URL to a type of notification, by the operation that this type wants.
pub(super) async fn subscribe(context: &mut Context<'_>, subscribe: &Subscribe) -> Result<(), Stop> {
    let url = context.resolve_text("${callback.url}")?;
    let kind = wire_name(subscribe.notification);
    let mut with = context.resolve_members(&subscribe.with)?;
    with.insert("notifyType".to_owned(), Value::from(kind));
    with.insert("callbackUrl".to_owned(), Value::from(url.as_str()));
    let answer = call::subscribe(context, operation(kind), subscribe.actor, with).await?;
    let id = answer.get("subscriptionId").cloned().unwrap_or_default();
    context.scope.set(&subscribe.save, json!({"id": id, "url": url, "type": kind}));
    Ok(())
}

/// The operation that subscribes to a type: the upgrades' are management data (1.7.2), all others are
/// business data (1.7.1).
fn operation(kind: &str) -> Op {
    let lists = |op: &Op| {
        op.table().params.iter().any(|param| param.field.name == "notifyType" && param.field.values.contains(&kind))
    };
    Some(Op::SubscribeManagementData).filter(lists).unwrap_or(Op::SubscribeBusinessData)
}

fn wire_name(notification: &Notification) -> &'static str {
    notification.notify_type.map_or(notification.name, |kind| kind.as_str())
}

/// Waits for a push and judges it in full.
pub(super) async fn await_push(context: &mut Context<'_>, awaited: &AwaitPush) -> Result<(), Stop> {
    let mailbox = context.mailbox(&awaited.subscription)?;
    let pattern = context.pattern(&awaited.body)?.unwrap_or(Pattern::Members(Vec::new()));
    let kind = wire_name(awaited.notification);
    let within = awaited.within.unwrap_or(context.runner.target().tolerance.push);
    context.waits_for(format!("a push of `{kind}` like {}", pattern.describe()));
    let suits =
        |push: &Push| is_type(push, awaited.notification) && push.json.as_ref().is_some_and(|b| pattern.fits(b));
    let Some(push) = mailbox.inbox.take(within, suits).await else {
        let expected = format!("within {} ms a push of `{kind}` like {}", within.as_millis(), pattern.describe());
        let actual = what_came(context, &mailbox, &pattern);
        return Err(Stop::fail(format!("a push of `{kind}` does not come"), expected, actual));
    };
    context.weigh(judge_push(awaited.notification, &push))?;
    context.save(&awaited.save, &push.json.unwrap_or_default())
}

/// Whether a push is of this notification; 1.8.12 alone has no type in its message.
fn is_type(push: &Push, notification: &Notification) -> bool {
    let kind = push.json.as_ref().and_then(|body| body.get("notifyType")).and_then(Value::as_str);
    kind == notification.notify_type.map(|kind| kind.as_str())
}

fn what_came(context: &Context<'_>, mailbox: &Mailbox, pattern: &Pattern) -> String {
    let all = mailbox.inbox.waiting();
    let pushes: Vec<&Push> = all.iter().filter(|push| context.is_ours(&push.body)).collect();
    if pushes.is_empty() {
        let others = match all.len() {
            0 if !context.runner.receiver().was_reached() => {
                let url = &mailbox.url;
                format!(", and no push ever reached the suite: does the target reach {url} (`callback_host`)?")
            }
            0 => String::new(),
            count => format!(" but {count} pushes about devices of other cases"),
        };
        return format!("nothing came on this subscription{others}");
    }
    let bodies = pushes.iter().filter_map(|push| push.json.as_ref());
    let nearest = bodies.clone().max_by_key(|body| pattern.nearness(body));
    let mut text = format!("{} other pushes came", pushes.len());
    if let Some(mismatch) = nearest.and_then(|body| pattern.mismatch("", Some(body))) {
        let (path, wanted, given) = (mismatch.path, mismatch.expected, mismatch.actual);
        text.push_str(&format!("; in the nearest, `{path}` is not {wanted} but {given}"));
    }
    for push in pushes.iter().rev().take(QUOTED) {
        text.push('\n');
        text.push_str(&push.json.as_ref().map_or_else(|| push.body.clone(), shown));
    }
    text
}

/// Judges a push by its clause's table.
fn judge_push(notification: &Notification, push: &Push) -> Vec<judge::Finding> {
    let what = format!("the push of `{}`", wire_name(notification));
    let mut findings = judge::content_type(&what, push.content_type.as_deref());
    findings.extend(judge::method(&what, &push.method));
    if let Some(Value::Object(body)) = &push.json {
        findings.extend(judge::table(&what, notification.fields, body));
    }
    findings
}

/// Makes sure that a push does not come: by a later one of the same subscription where the case
/// names one, otherwise by listening for a while.
pub(super) async fn no_push(context: &mut Context<'_>, none: &NoPush) -> Result<(), Stop> {
    let mailbox = context.mailbox(&none.subscription)?;
    let unwanted = context.pattern(&none.body)?.unwrap_or(Pattern::Members(Vec::new()));
    let fits = |push: &Push| push.json.as_ref().is_some_and(|body| unwanted.fits(body));
    let tolerance = context.runner.target().tolerance;
    let came = match &none.after {
        None => {
            context.waits_for("that no push comes");
            mailbox.inbox.take(tolerance.silence, fits).await
        }
        Some(after) => {
            let fence = context.pattern(after)?.unwrap_or(Pattern::Members(Vec::new()));
            let text = fence.describe();
            context.waits_for(format!("a push like {text}, which must come first"));
            let passed = |push: &Push| push.json.as_ref().is_some_and(|body| fence.fits(body));
            if mailbox.inbox.take(tolerance.push, passed).await.is_none() {
                let actual = what_came(context, &mailbox, &fence);
                return Err(Stop::fail("a later push does not come", format!("a push like {text}"), actual));
            }
            mailbox.inbox.waiting().into_iter().find(fits)
        }
    };
    let Some(push) = came else {
        return Ok(());
    };
    let actual = push.json.as_ref().map_or(push.body.clone(), shown);
    Err(Stop::fail("a push comes that must not", format!("no push like {}", unwanted.describe()), actual))
}

/// Judges every push about a device of this case, awaited or not.
pub(super) fn judge_the_rest(context: &mut Context<'_>) -> Result<(), Stop> {
    let mut findings = Vec::new();
    for mailbox in &context.mailboxes {
        for push in mailbox.inbox.all() {
            let Some(body) = &push.json else {
                findings.extend(no_json(&push));
                continue;
            };
            let ours = context.devices.iter().any(|owned| mentions(body, &owned.id));
            if let Some(notification) = NOTIFICATIONS.iter().find(|n| is_type(&push, n)).filter(|_| ours) {
                findings.extend(judge_push(notification, &push));
            }
        }
    }
    context.weigh(findings)
}

fn no_json(push: &Push) -> Vec<judge::Finding> {
    let answer = crate::wire::http::Answer {
        content_type: push.content_type.clone(),
        body: push.body.clone(),
        ..Default::default()
    };
    judge::no_json_push(&push.method, &answer)
}

fn mentions(body: &Value, id: &str) -> bool {
    let header = body.get("header").and_then(|header| header.get("deviceId"));
    [body.get("deviceId"), header].into_iter().flatten().any(|given| given == id)
}
