//! 2.3 A device reports data.

use std::sync::Arc;

use iotdm_spec::check;
use iotdm_spec::model::Field;
use iotdm_spec::mqtt::report_data::{MESSAGE, ServiceData};
use iotdm_spec::notifications::device_data_changed::DeviceServiceData;
use iotdm_spec::wire::{CodecMode, MsgType, Switch};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::clock::Moment;
use crate::deviation::{self, Deviation, DeviationKind, rule};
use crate::device::{Device, Record, Reported};
use crate::mqtt::{respond_command, topics};
use crate::notifications::device_data_changed::device_data_changed;
use crate::notifications::device_datas_changed::device_datas_changed;
use crate::world::World;

/// What became of a device's message, for the journal.
pub(crate) type Outcome = Result<(), String>;

/// A device published something. The transport has acknowledged it whatever comes of it.
pub(crate) fn published(world: &mut World, session: u64, topic: &str, payload: &[u8]) -> Outcome {
    let Some(id) = world.sessions.get(&session).cloned() else { return Err("the session is over".to_owned()) };
    world.hear(&id, |world| {
        let mut reported = false;
        let outcome = understood(world, &id, topic, payload, &mut reported);
        (outcome, reported)
    })
}

/// `reported` becomes true if something of it was stored.
fn understood(world: &mut World, id: &Arc<str>, topic: &str, payload: &[u8], reported: &mut bool) -> Outcome {
    let session = world.devices.find(id).and_then(|device| device.session.as_ref());
    let codec = session.and_then(|session| topics::data_codec(&session.topic_id, topic));
    match codec {
        None => ignored(world, rule::DATA_TOPIC, "not the device's own data topic"),
        Some(CodecMode::Binary) => binary(world, id, payload, reported),
        Some(CodecMode::Json) => match serde_json::from_slice::<Map<String, Value>>(payload) {
            Ok(object) => message(world, id, &object, reported),
            Err(e) => ignored(world, rule::REPORT_JSON, format!("not a JSON object: {e}")),
        },
    }
}

/// A message that has no effect, and the requirement that it does not meet.
pub(crate) fn ignored(world: &mut World, requirement: &'static str, why: impl Into<String>) -> Outcome {
    let why = why.into();
    world.deviations.push(Deviation::new(requirement, DeviationKind::ForbiddenPacket, &why));
    Err(format!("ignored: {why}"))
}

/// What a payload means is for the product's codec to say.
fn binary(world: &mut World, id: &Arc<str>, payload: &[u8], reported: &mut bool) -> Outcome {
    let Some(product) = world.product_of(id) else {
        return ignored(world, rule::DATA_CODEC, "binary data of a device without a product");
    };
    let Some(codec) = product.codec.as_ref() else {
        return ignored(world, rule::DATA_CODEC, "the product has no codec for binary data");
    };
    match codec.decode(payload) {
        Ok(object) => message(world, id, &object, reported),
        Err(why) => ignored(world, rule::PAYLOAD, why),
    }
}

/// The member that says what a message is; the rest is judged by its own clause.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    msg_type: MsgType,
}

fn message(world: &mut World, id: &Arc<str>, object: &Map<String, Value>, reported: &mut bool) -> Outcome {
    let envelope = match Envelope::deserialize(object) {
        Ok(envelope) => envelope,
        Err(e) => return ignored(world, rule::MSG_TYPE, e.to_string()),
    };
    match envelope.msg_type {
        MsgType::DeviceReq => device_req(world, id, object, reported),
        MsgType::DeviceRsp => respond_command::device_rsp(world, id, object),
        MsgType::CloudReq => ignored(world, rule::MSG_TYPE, "only the platform sends cloudReq"),
    }
}

/// The items of a report.
#[derive(Deserialize)]
struct Items {
    data: Vec<Value>,
}

fn device_req(world: &mut World, id: &str, object: &Map<String, Value>, reported: &mut bool) -> Outcome {
    let items = match Items::deserialize(object) {
        Ok(items) => items,
        Err(e) => return ignored(world, rule::DATA, e.to_string()),
    };
    let Taken { stored, mut complaints } = report(world, id, &items.data)?;
    *reported = stored > 0;
    complaints.extend(unusual(world, object));
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
}

/// What became of a report.
#[derive(Debug)]
pub(crate) struct Taken {
    /// How many of its items were stored.
    pub(crate) stored: usize,
    /// What is the matter with the others, and where these leave the model.
    pub(crate) complaints: Vec<String>,
}

/// A report, over MQTT or from a simulated device. Items that cannot be understood are dropped, the rest
/// is kept.
pub(crate) fn report(world: &mut World, id: &str, items: &[Value]) -> Result<Taken, String> {
    let mut dropped = Vec::new();
    let mut reports = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut found = Vec::new();
        let read = read_item(world, id, item, &mut found);
        found.iter_mut().for_each(|deviation| deviation.tolerated = read.is_ok());
        deviation::add(&mut world.deviations, found);
        match read {
            Ok(report) => reports.push(report),
            Err(why) => dropped.push(format!("data[{index}] dropped: {why}")),
        }
    }
    let Some(device) = world.devices.find_mut(id) else { return Err("the device is gone".to_owned()) };
    //= 1.5.4/rule/mute-freezes
    if device.mute == Switch::True {
        return Err("ignored: the device is frozen".to_owned());
    }
    let faults: Vec<String> = reports.iter_mut().flat_map(|report| std::mem::take(&mut report.faults)).collect();
    let limit = world.history_limit;
    let services: Vec<DeviceServiceData> = reports.into_iter().map(|report| store(device, report, limit)).collect();
    let stored = services.len();
    match <[DeviceServiceData; 1]>::try_from(services) {
        Ok([service]) => device_data_changed(world, id, service),
        Err(services) if services.is_empty() => {}
        Err(services) => device_datas_changed(world, id, services),
    }
    dropped.extend(faults);
    Ok(Taken { stored, complaints: dropped })
}

/// What the table of 2.3 does not have. Real devices send `hasMore` and `identifier`: tolerated, and
/// noted.
fn unusual(world: &mut World, object: &Map<String, Value>) -> Vec<String> {
    if all_known(MESSAGE.fields, object) {
        return Vec::new();
    }
    let (_, findings) = check::object(MESSAGE.fields, object);
    let unknown: Vec<_> = findings.iter().filter(|finding| finding.problem == check::Problem::Unknown).collect();
    let deviation =
        |finding: &&check::Finding| Deviation::of_finding(MESSAGE.clause, finding, MESSAGE.fields, "", rule::PAYLOAD);
    // What stands in an item was noted with the item.
    let outside = unknown.iter().filter(|finding| !finding.path.contains("[]"));
    deviation::add(&mut world.deviations, outside.map(deviation));
    unknown.iter().map(|finding| format!("tolerated: {finding}")).collect()
}

/// Whether the table has everything that is in an object. That is the rule, and found out without
/// copying anything.
fn all_known(fields: &[Field], object: &Map<String, Value>) -> bool {
    let known_inside = |field: &Field, value: &Value| match value {
        _ if field.members.is_empty() => true,
        Value::Object(inner) => all_known(field.members, inner),
        Value::Array(items) => items.iter().filter_map(Value::as_object).all(|inner| all_known(field.members, inner)),
        _ => true,
    };
    object.iter().all(|(name, value)| {
        fields.iter().find(|field| field.name == name).is_some_and(|field| known_inside(field, value))
    })
}

/// One item of a report, understood.
struct Report {
    service: String,
    service_type: String,
    data: Map<String, Value>,
    at: Moment,
    /// Where it leaves the product's model.
    faults: Vec<String>,
}

/// The beginning of the path of what stands in an item.
const ITEM: &str = "data[].";

fn read_item(world: &World, id: &str, item: &Value, found: &mut Vec<Deviation>) -> Result<Report, String> {
    let Value::Object(item) = item else {
        found.push(Deviation::new(rule::DATA, DeviationKind::WrongType, "an item is not a JSON object").at("data[]"));
        return Err("not a JSON object".to_owned());
    };
    let (canonical, findings) = check::object(item_table(), item);
    let deviation =
        |finding: &check::Finding| Deviation::of_finding(MESSAGE.clause, finding, item_table(), ITEM, rule::PAYLOAD);
    deviation::add(found, findings.iter().map(deviation));
    // A bad event time makes no bad item: the platform's time stands in for it.
    let broken = |finding: &&check::Finding| {
        finding.problem.breaks()
            && !matches!(finding.problem, check::Problem::BadFormat { .. })
            && !optional(&finding.path)
    };
    if let Some(finding) = findings.iter().find(broken) {
        return Err(finding.to_string());
    }
    let item: ServiceData = serde_json::from_value(Value::Object(canonical)).map_err(|e| e.to_string())?;
    let (service_type, mut faults) = match world.product_of(id) {
        Some(product) => match product.service(&item.service_id) {
            Some(service) => (service.service_type.clone(), service.faults_of_report(&item.service_data)),
            None => {
                let why = format!("the product has no service {:?}", item.service_id);
                found.push(Deviation::new(rule::REPORT_MODEL, DeviationKind::BesideModel, &why).at("data[].serviceId"));
                return Err(why);
            }
        },
        // Without a product nothing is known of its services: they are taken as they come.
        None => (item.service_id.clone(), Vec::new()),
    };
    let beside = |why: &String| Deviation::new(rule::REPORT_MODEL, DeviationKind::BesideModel, why);
    deviation::add(found, faults.iter().map(|why| beside(why).at("data[].serviceData")));
    //= 2.3/rule/event-time-fallback
    let at = match item.event_time.as_deref().map(str::parse) {
        Some(Ok(at)) => at,
        Some(Err(why)) => {
            faults.push(format!("eventTime: {why}; the platform's time stands in for it"));
            world.now
        }
        None => world.now,
    };
    Ok(Report { service: item.service_id, service_type, data: item.service_data, at, faults })
}

/// The table of one item: the members of the list that 2.3 calls its data.
fn item_table() -> &'static [Field] {
    MESSAGE.fields.iter().find(|field| !field.members.is_empty()).map_or(&[], |field| field.members)
}

fn optional(name: &str) -> bool {
    item_table().iter().any(|field| field.name == name && !field.is_required())
}

/// Takes a report over into the latest data and the history.
fn store(device: &mut Device, report: Report, limit: usize) -> DeviceServiceData {
    let latest = device.services.entry(report.service.clone()).or_insert_with(|| Reported {
        service_type: report.service_type.clone(),
        data: Map::new(),
        event_time: report.at,
    });
    latest.event_time = report.at;
    for (property, value) in &report.data {
        latest.data.insert(property.clone(), value.clone());
    }
    let record = Record::new(report.at, report.service.as_str().into(), &report.data);
    device.remember(record, limit);
    DeviceServiceData {
        service_id: report.service,
        service_type: report.service_type,
        data: report.data,
        event_time: report.at.to_string(),
    }
}
