//! Reads the steps around pushes.

use iotdm_spec::catalogue::{NOTIFICATIONS, Op};
use iotdm_spec::model::{Notification, Place};

use super::super::names::{Names, check_members};
use super::super::{Action, AwaitPush, NoPush, Subscribe};
use super::call::actor;
use super::{Reader, seconds};
use crate::target::Capability;
use crate::yaml::{Fields, FileError, Node};

pub(super) fn subscribe(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["type", "save", "as", "with"])?;
    reader.check(names)?;
    names.use_capability(Capability::Callbacks, fields.at());
    if let Some(node) = fields.get("with") {
        let table = Op::SubscribeBusinessData.table().params.iter().filter(|p| p.place != Place::Header);
        let known: Vec<&str> = table.map(|p| p.field.name).collect();
        Fields::read(reader.document, node, &known)?;
    }
    let subscribe = Subscribe {
        notification: notification(reader, &fields)?,
        save: fields.need_text("save")?,
        actor: actor(&fields, names)?,
        with: reader.values(&fields, "with")?,
    };
    names.define(&subscribe.save);
    Ok(Action::Subscribe(subscribe))
}

/// The notification by its type, or by its clause's name where the message carries no type.
fn notification(reader: &Reader<'_>, fields: &Fields<'_>) -> Result<&'static Notification, FileError> {
    let text = fields.need_text("type")?;
    let wire = |n: &Notification| n.notify_type.map_or(n.name, |t| t.as_str());
    let found = NOTIFICATIONS.iter().find(|n| wire(n) == text);
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = NOTIFICATIONS.iter().map(|n| wire(n)).collect();
        let at = fields.get("type").map_or(fields.at(), |node| node.at);
        reader.document.unknown(at, "notification type", &text, known)
    })
}

pub(super) fn await_push(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["subscription", "type", "body", "save", "within"])?;
    reader.check(names)?;
    names.use_capability(Capability::Callbacks, fields.at());
    let notification = notification(reader, &fields)?;
    if let Some(node) = fields.get("body") {
        check_members(reader.document, node, notification.fields)?;
    }
    Ok(Action::AwaitPush(AwaitPush {
        subscription: reader.known(&fields, "subscription", names)?,
        notification,
        body: reader.expectation(&fields, "body")?,
        within: seconds(reader.document, &fields, "within")?,
        save: reader.saves(&fields, names)?,
    }))
}

pub(super) fn no_push(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["subscription", "body", "after"])?;
    reader.check(names)?;
    names.use_capability(Capability::Callbacks, fields.at());
    fields.need("body")?;
    for name in ["body", "after"] {
        if let Some(node) = fields.get(name) {
            known_somewhere(reader, node)?;
        }
    }
    Ok(Action::NoPush(NoPush {
        subscription: reader.known(&fields, "subscription", names)?,
        body: reader.expectation(&fields, "body")?,
        after: fields.get("after").map(|_| reader.expectation(&fields, "after")).transpose()?,
    }))
}

/// A push that must not come may be of any type: its members must stand in some table.
fn known_somewhere(reader: &Reader<'_>, node: &Node) -> Result<(), FileError> {
    let tables = NOTIFICATIONS.iter().map(|n| check_members(reader.document, node, n.fields));
    let mut first = Ok(());
    for outcome in tables {
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) => first = first.and(Err(error)),
        }
    }
    first
}

pub(super) fn receiver(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["subscription", "answer", "times"])?;
    names.use_capability(Capability::Callbacks, fields.at());
    let answer = fields.need("answer")?;
    let status = u16::try_from(answer.count(reader.document)?).ok().filter(|s| (100..1000).contains(s));
    Ok(Action::Receiver {
        subscription: reader.known(&fields, "subscription", names)?,
        answer: status.ok_or_else(|| reader.document.error(answer.at, "expected an HTTP status"))?,
        times: fields.count("times")?.unwrap_or(1),
    })
}
