//! Reads the steps of a device.

use super::super::names::{Names, check_members};
use super::super::{
    Action, AwaitCommand, Connect, LoginId, NoCommand, Password, Payload, Publish, SubscribeTopic, TopicName,
};
use super::{Reader, seconds};
use crate::target::Capability;
use crate::yaml::{Fields, FileError, Node};

pub(super) fn connect(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let known = [
        "device",
        "link",
        "login",
        "sign",
        "timestamp",
        "password",
        "client_id",
        "username",
        "over",
        "expect",
        "acknowledges",
    ];
    let fields = reader.fields(&known)?;
    reader.check(names)?;
    names.use_capability(Capability::Mqtt, fields.at());
    let device = reader.known(&fields, "device", names)?;
    let link = fields.text("link")?.unwrap_or_else(|| device.clone());
    names.define(&link);
    let password = match fields.text("password")?.as_deref() {
        None | Some("right") => Password::Right,
        Some("wrong") => Password::Wrong,
        Some("none") => Password::None,
        Some(given) => Password::Given(given.to_owned()),
    };
    Ok(Action::Connect(Connect {
        device,
        link,
        login: fields.word(
            "login",
            &[("device_id", LoginId::DeviceId), ("node_id", LoginId::NodeId)],
            LoginId::DeviceId,
        )?,
        sign: fields.text("sign")?.unwrap_or_else(|| "0".to_owned()),
        timestamp: fields.text("timestamp")?,
        password,
        client_id: fields.text("client_id")?,
        username: fields.text("username")?,
        plain: fields.word("over", &[("tls", false), ("plain", true)], false)?,
        accepted: fields.word("expect", &[("accepted", true), ("refused", false)], true)?,
        acknowledges: fields.flag("acknowledges")?.unwrap_or(true),
    }))
}

pub(super) fn subscribe_topic(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device", "topic", "qos", "expect"])?;
    reader.check(names)?;
    Ok(Action::SubscribeTopic(SubscribeTopic {
        device: reader.known(&fields, "device", names)?,
        topic: topic(&fields, TopicName::Command)?,
        qos: qos(reader, &fields)?,
        granted: fields.word(
            "expect",
            &[("granted", Some(true)), ("failure", Some(false)), ("either", None)],
            Some(true),
        )?,
    }))
}

fn topic(fields: &Fields<'_>, otherwise: TopicName) -> Result<TopicName, FileError> {
    Ok(match fields.text("topic")?.as_deref() {
        None => otherwise,
        Some("command") => TopicName::Command,
        Some("data") => TopicName::Data,
        Some(given) => TopicName::Given(given.to_owned()),
    })
}

fn qos(reader: &Reader<'_>, fields: &Fields<'_>) -> Result<u8, FileError> {
    match fields.count("qos")? {
        None | Some(1) => Ok(1),
        Some(0) => Ok(0),
        Some(_) => Err(reader.document.error(fields.need("qos")?.at, "expected 0 or 1")),
    }
}

pub(super) fn publish(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device", "topic", "payload", "raw", "qos"])?;
    reader.check(names)?;
    let payload = match (fields.get("payload"), fields.text("raw")?) {
        (Some(node), None) => Payload::Json(node.to_value()),
        (None, Some(raw)) => Payload::Raw(raw),
        _ => return Err(reader.document.error(fields.at(), "expected `payload` or `raw`")),
    };
    Ok(Action::Publish(Publish {
        device: reader.known(&fields, "device", names)?,
        topic: topic(&fields, TopicName::Data)?,
        payload,
        qos: qos(reader, &fields)?,
    }))
}

pub(super) fn await_command(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device", "payload", "save", "within"])?;
    reader.check(names)?;
    check_payload(reader, &fields)?;
    Ok(Action::AwaitCommand(AwaitCommand {
        device: reader.known(&fields, "device", names)?,
        payload: reader.expectation(&fields, "payload")?,
        within: seconds(reader.document, &fields, "within")?,
        save: reader.saves(&fields, names)?,
    }))
}

pub(super) fn no_command(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device", "payload", "for"])?;
    reader.check(names)?;
    check_payload(reader, &fields)?;
    Ok(Action::NoCommand(NoCommand {
        device: reader.known(&fields, "device", names)?,
        payload: reader.expectation(&fields, "payload")?,
        listen: seconds(reader.document, &fields, "for")?,
    }))
}

fn check_payload(reader: &Reader<'_>, fields: &Fields<'_>) -> Result<(), FileError> {
    let table = iotdm_spec::mqtt::receive_command::MESSAGE.fields;
    fields.get("payload").map_or(Ok(()), |node: &Node| check_members(reader.document, node, table))
}

pub(super) fn disconnect(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device", "how"])?;
    Ok(Action::Disconnect {
        device: reader.known(&fields, "device", names)?,
        clean: fields.word("how", &[("clean", true), ("drop", false)], true)?,
    })
}

pub(super) fn await_disconnect(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["device"])?;
    Ok(Action::AwaitDisconnect { device: reader.known(&fields, "device", names)? })
}
