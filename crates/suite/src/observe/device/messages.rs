//! 2.3 and 2.5: what a device reports, and how it answers commands.

use iotdm_spec::check::{self, Finding, Problem};
use iotdm_spec::model::{Field, Kind, Packet};
use iotdm_spec::mqtt::{report_data, respond_command};
use iotdm_spec::requirement::parameter_id;
use iotdm_spec::wire::{CodecMode, MsgType};
use serde_json::{Map, Value};

use super::scene::{Message, Scene, data_pattern, split};
use crate::observe::feed::Observation;
use crate::observe::grades::{Flaw, Grades};
use crate::steps::scope::parse_utc;
use crate::target::Product;

const PAYLOAD: &str = "2.1/rule/report-payload-json";
pub(super) const BY_MODEL: &str = "2.3/rule/service-data-by-model";
const EVENT_TIME: &str = "2.3/rule/event-time-utc";
pub(super) const BODY_BY_MODEL: &str = "2.5/rule/body-by-model";

/// A clock may be so many seconds ahead of the platform's before a report comes from the future.
const AHEAD: i64 = 300;

/// An answer to a command.
pub(super) struct Answer<'a> {
    pub(super) by: &'a Observation,
    pub(super) object: Map<String, Value>,
    pub(super) session: u64,
    /// Whether it is marked as sent before.
    pub(super) dup: bool,
}

impl Answer<'_> {
    /// Its `mid`, also one that travels as a string.
    pub(super) fn mid(&self) -> Option<i64> {
        whole(self.object.get("mid")?)
    }

    /// Its `errcode`, also one that travels as a string.
    pub(super) fn errcode(&self) -> Option<i64> {
        whole(self.object.get("errcode")?)
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Grades every payload by its table.
pub(super) fn grade(scene: &Scene<'_>, grades: &mut Grades) {
    grades.unseen(BODY_BY_MODEL, "the target does not say what the members of an answer are");
    for message in scene.messages() {
        let Some(object) = object(scene, &message, grades) else { continue };
        if is_answer(&object) {
            judge(&respond_command::MESSAGE, message.by, &object, grades);
        } else {
            judge(&report_data::MESSAGE, message.by, &object, grades);
            report(scene, message.by, &object, grades);
        }
    }
}

/// The answers to commands, whatever their topic.
pub(super) fn answers<'a>(scene: &Scene<'a>) -> Vec<Answer<'a>> {
    let answer = |message: Message<'a>| {
        let object = read_answer(&message.payload)?;
        Some(Answer { by: message.by, object, session: message.session, dup: message.dup })
    };
    scene.messages().into_iter().filter_map(answer).collect()
}

/// A payload that is an answer.
pub(super) fn read_answer(payload: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(payload).ok().filter(is_answer)
}

/// An answer says so; one that says nothing is known by what only an answer has, and so is one that
/// calls itself a report and has nothing of one.
fn is_answer(object: &Map<String, Value>) -> bool {
    let says = |kind: MsgType| object.get("msgType").and_then(Value::as_str) == Some(kind.as_str());
    let looks = object.contains_key("mid") || object.contains_key("errcode");
    says(MsgType::DeviceRsp) || (looks && !(says(MsgType::DeviceReq) && object.contains_key("data")))
}

/// The payload as an object, where it has to be one.
fn object(scene: &Scene<'_>, message: &Message<'_>, grades: &mut Grades) -> Option<Map<String, Value>> {
    let codec = split(data_pattern(), &message.topic)
        .filter(|(id, _)| scene.names(message.session).contains(id))
        .and_then(|(_, codec)| CodecMode::parse(codec));
    let read: Result<Map<String, Value>, _> = serde_json::from_slice(&message.payload);
    match (codec, read) {
        // What goes to the codec plug-in is its business.
        (Some(CodecMode::Binary), _) => None,
        (Some(CodecMode::Json), Err(error)) => {
            let shown = String::from_utf8_lossy(&message.payload).into_owned();
            let actual = format!("{shown}\n({error})");
            grades.breaks(PAYLOAD, Flaw::new(message.by, "a payload is not a JSON object", "one JSON object", actual));
            None
        }
        (Some(CodecMode::Json), Ok(object)) => {
            grades.keeps(PAYLOAD);
            Some(object)
        }
        // On a foreign topic only what calls itself a message of ours is one.
        (None, read) => read.ok().filter(|object| object.contains_key("msgType")),
    }
}

/// A payload by its table.
fn judge(packet: &Packet, by: &Observation, object: &Map<String, Value>, grades: &mut Grades) {
    let (_, findings) = check::object(packet.fields, object);
    let shown = || Value::Object(object.clone()).to_string();
    for finding in findings.iter().filter(|finding| counts(finding)) {
        let id = id_of(packet, finding);
        let flaw = Flaw::new(by, finding.to_string(), "as the table says", shown());
        if is_tolerated(finding) { grades.doubts(&id, flaw) } else { grades.breaks(&id, flaw) }
    }
    let mut there = Vec::new();
    present(packet.fields, object, "", &mut there);
    there.sort_unstable();
    there.dedup();
    for path in there {
        let id = parameter_id(packet.clause, &path);
        if !findings.iter().any(|f| counts(f) && id_of(packet, f) == id) {
            grades.keeps(&id);
        }
    }
}

/// An unknown member harms nobody, nor does a null.
fn counts(finding: &Finding) -> bool {
    finding.problem.breaks() || finding.problem == Problem::Stringly
}

/// The requirement that a finding is about: an item that is wrong as a whole is its array's fault.
fn id_of(packet: &Packet, finding: &Finding) -> String {
    parameter_id(packet.clause, finding.path.strip_suffix("[]").unwrap_or(&finding.path))
}

/// The reference itself says what becomes of a bad event time (line 6803), and only a ruling what
/// an error code but 0 and 1 means.
fn is_tolerated(finding: &Finding) -> bool {
    match finding.problem {
        Problem::BelowMinimum { .. } | Problem::AboveMaximum { .. } => finding.path == "errcode",
        Problem::BadFormat { .. } => true,
        _ => false,
    }
}

/// The dotted paths of the table's members that an object has.
pub(in crate::observe) fn present(
    fields: &[Field],
    object: &Map<String, Value>,
    parent: &str,
    paths: &mut Vec<String>,
) {
    for field in fields {
        let Some(value) = object.get(field.name).filter(|value| !value.is_null()) else { continue };
        let path = if parent.is_empty() { field.name.to_owned() } else { format!("{parent}.{}", field.name) };
        match (field.kind, value) {
            (Kind::Array(_), Value::Array(items)) => {
                let inner = format!("{path}[]");
                items.iter().filter_map(Value::as_object).for_each(|item| present(field.members, item, &inner, paths));
            }
            (_, Value::Object(members)) => present(field.members, members, &path, paths),
            _ => {}
        }
        paths.push(path);
    }
}

/// The items of a report by the product, as far as the target knows it.
fn report(scene: &Scene<'_>, by: &Observation, object: &Map<String, Value>, grades: &mut Grades) {
    let items = object.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for item in items.iter().filter_map(Value::as_object) {
        let service = item.get("serviceId").and_then(Value::as_str);
        let data = item.get("serviceData").and_then(Value::as_object);
        if let (Some(product), Some(service), Some(data)) = (&scene.story.product, service, data) {
            by_model(product, by, service, data, grades);
        }
        if let Some(time) = item.get("eventTime").and_then(Value::as_str) {
            event_time(by, time, grades);
        }
    }
}

/// The target knows a service or two and one property of each: what it does not know is no fault.
fn by_model(product: &Product, by: &Observation, service: &str, data: &Map<String, Value>, grades: &mut Grades) {
    let second = product.second.as_ref().map(|s| (s.service.as_str(), s.property.as_str(), &s.value));
    let first = Some((product.service.as_str(), product.writable.as_str(), &product.value));
    let known: Vec<_> = [first, second].into_iter().flatten().collect();
    let Some((_, property, sample)) = known.iter().find(|(id, _, _)| *id == service) else {
        let ids: Vec<&str> = known.iter().map(|(id, _, _)| *id).collect();
        let expected = format!("one of the services that the target names: {}", ids.join(", "));
        grades.doubts(
            BY_MODEL,
            Flaw::new(by, "a report is of a service that the target does not name", expected, service),
        );
        return;
    };
    let Some(value) = data.get(*property) else {
        grades.unseen(BY_MODEL, "no property was reported that the target names");
        return;
    };
    let fits = check::type_name(value) == check::type_name(sample);
    let expected = format!("`{property}` of {service} is a {}, such as {sample}", check::type_name(sample));
    let flaw = || Flaw::new(by, "a property has not the type of the product model", expected, value.to_string());
    grades.judge(BY_MODEL, (!fits).then(flaw));
}

/// A time in the future was not collected then: it is local time, most likely.
fn event_time(by: &Observation, time: &str, grades: &mut Grades) {
    let (Some(event), Some(now)) = (parse_utc(time), parse_utc(&by.at)) else { return };
    if event - now > AHEAD {
        let expected = format!("a time in UTC that is past; the platform's time is {}", by.at);
        grades.doubts(EVENT_TIME, Flaw::new(by, "an event time lies in the future: is it local time?", expected, time));
    } else {
        grades.keeps(EVENT_TIME);
    }
}
