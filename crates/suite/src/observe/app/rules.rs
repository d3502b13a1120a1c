//! The prose rules of the operations that an application uses, as far as a session shows them.

use std::collections::{BTreeMap, BTreeSet};

use iotdm_spec::catalogue::Op;
use iotdm_spec::commands::send_command;
use iotdm_spec::model::Format;
use iotdm_spec::requirement::{self, rule_id};
use iotdm_spec::universal::{self, OWNER_PARAMETERS};
use iotdm_spec::wire::{NotifyType, Protocol};
use iotdm_spec::{check, secrets};
use serde_json::{Map, Value};

use super::calls::Asked;
use crate::observe::grades::Grades;

/// The conditions of an id that is not one of the application's devices.
const NOT_ITS_DEVICE: [&str; 2] = ["DEVICE_NOT_EXISTED", "DEVICE_DATA_NOT_EXISTED"];

/// Grades every call by the rules of its clause.
pub(super) fn grade(asked: &[Asked<'_>], grades: &mut Grades) {
    let mut deleted = BTreeSet::new();
    for one in asked {
        owner(one, grades);
        own_device(one, &deleted, grades);
        if one.op == Op::DeleteDevice && one.succeeded() {
            deleted.extend(one.text("deviceId").map(str::to_owned));
        }
        match one.op {
            Op::RegisterByPassword | Op::RegisterByVerifyCode => registration(one, grades),
            Op::SubscribeBusinessData | Op::SubscribeManagementData => subscription(one, grades),
            Op::SendCommand => command(one, grades),
            Op::QueryHistory => history(one, grades),
            _ => {}
        }
    }
    request_ids(asked, grades);
}

/// The rule of the clause with this slug, if it has one.
fn rule(one: &Asked<'_>, slug: &str) -> Option<String> {
    Some(rule_id(one.table.clause, slug)).filter(|id| requirement::find(id).is_some())
}

/// `appId` and its kin: only to act for another application, and only with a grant.
fn owner(one: &Asked<'_>, grades: &mut Grades) {
    let given = |name: &&'static str| one.text(name).filter(|id| !id.is_empty()).map(|id| (*name, id));
    let Some((name, given)) = OWNER_PARAMETERS.iter().find_map(given) else { return };
    if !one.table.is_protected() {
        return;
    }
    let refused = [universal::application_unknown(one.table), universal::not_authorized(one.table)];
    let is_refused = refused.iter().any(|row| one.refused_with(row));
    let is_own = one.call.application.as_deref() == Some(given);
    let expected = "the id of another application that has granted the right";
    let slugs = ["app-id-of-an-authorizing-application", "app-id-when-authorised", "owner-app-id-when-authorised"];
    for id in slugs.iter().filter_map(|slug| rule(one, slug)) {
        if is_refused {
            grades.breaks(&id, one.flaw(format!("{name} is not one that may be named"), expected, given));
        } else if is_own {
            grades.doubts(&id, one.flaw(format!("{name} is the caller's own"), expected, given));
        } else if one.succeeded() {
            grades.keeps(&id);
        }
    }
}

/// To ask for a device that is gone may be meant: at most a warning, and none if the program itself has
/// deleted it.
fn own_device(one: &Asked<'_>, deleted: &BTreeSet<String>, grades: &mut Grades) {
    let mut rows = one.table.errors.iter().filter(|row| NOT_ITS_DEVICE.contains(&row.name));
    let refused = rows.any(|row| one.refused_with(row));
    for id in ["device-of-this-app", "device-under-app"].iter().filter_map(|slug| rule(one, slug)) {
        let given = one.text("deviceId").unwrap_or_default();
        if refused && deleted.contains(given) {
            return;
        }
        if refused {
            grades.doubts(&id, one.flaw("the application has no such device", "one of its devices", given));
        } else if one.succeeded() {
            grades.keeps(&id);
        }
    }
}

/// 1.5.1 and 1.5.2.
fn registration(one: &Asked<'_>, grades: &mut Grades) {
    let nothing = Map::new();
    let info = one.parameter("deviceInfo").and_then(Value::as_object).unwrap_or(&nothing);
    let has = |name: &str| info.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if let Some(id) = rule(one, "product-or-series") {
        let series = ["manufacturerId", "manufacturerName", "deviceType", "model", "protocolType"];
        let named = one.text("productId").is_some_and(|id| !id.is_empty());
        // The table's row of the model names four of the five: the fifth is not insisted on.
        let whole = series.iter().filter(|name| has(name)).count() >= series.len() - 1;
        let flaw =
            || one.flaw("no product is named", "productId, or the whole series", Value::from(info.clone()).to_string());
        if named || whole { grades.keeps(&id) } else { grades.doubts(&id, flaw()) }
    }
    if let Some(id) = rule(one, "mqtt-connect-true") {
        let refusing = one.parameter("mqttConnect") == Some(&Value::Bool(false));
        grades.judge(&id, refusing.then(|| one.flaw("mqttConnect is false", "true, for an MQTT device", "false")));
    }
    if let (Some(id), Some(given)) =
        (rule(one, "device-type-camel-case"), info.get("deviceType").and_then(Value::as_str))
    {
        let fits = given.chars().next().is_some_and(char::is_uppercase) && !given.contains([' ', '_', '-']);
        grades.judge(
            &id,
            (!fits).then(|| one.flaw("deviceType is not in upper camel case", "such as MultiSensor", given)),
        );
    }
    let other = info.get("protocolType").and_then(Value::as_str).is_some_and(|p| p != Protocol::Mqtt.as_str());
    if one.op == Op::RegisterByPassword && !other && one.succeeded() {
        for id in
            ["1.5.2/rule/protocol-scope", "1.3/rule/password-registration-scope", "1.5.2/rule/register-before-access"]
        {
            grades.keeps(id);
        }
    }
}

/// 1.7.1 and 1.7.2.
fn subscription(one: &Asked<'_>, grades: &mut Grades) {
    let Some(url) = one.text("callbackUrl") else { return };
    let shown = secrets::mask_url(url);
    if let Some(id) = rule(one, "callback-port") {
        // What else may be wrong with it is a matter of the parameter's form.
        let lacking = !check::states_port(url);
        let flaw = || one.flaw("callbackUrl has no port", "https://host:port/path", shown.clone());
        grades.judge(&id, lacking.then(flaw));
    }
    if let Some(id) = rule(one, "callback-https-preferred") {
        let secure = url.to_ascii_lowercase().starts_with("https://");
        let flaw = || one.flaw("callbackUrl is not an HTTPS address", "https://host:port/path", shown.clone());
        grades.judge(&id, (!secure).then(flaw));
    }
    if one.text("notifyType") == Some(NotifyType::CommandRsp.as_str()) && one.succeeded() {
        grades.keeps("2.5/rule/subscribe-before-receiving");
    }
}

/// 1.9.7.
fn command(one: &Asked<'_>, grades: &mut Grades) {
    let service = one.text("serviceId").unwrap_or_default();
    let header = one.parameter("header").and_then(Value::as_object);
    let method = header.and_then(|header| header.get("method")).and_then(Value::as_str).unwrap_or_default();
    let no_service = one.refused_with(&send_command::error::SERVICE_NOT_EXISTED.row());
    let no_method = one.refused_with(&send_command::error::COMMAND_NAME_INVALID.row());
    if no_service {
        let flaw = one.flaw("the product has no such service", "a service of the product", service);
        grades.breaks("1.9.7/rule/service-in-profile", flaw);
    }
    if no_method {
        let flaw = one.flaw("the service has no such command", "a command of the service", method);
        grades.breaks("1.9.7/rule/method-in-profile", flaw);
    }
    if one.succeeded() {
        for slug in ["service-in-profile", "method-in-profile", "mqtt-only"] {
            grades.keeps(&rule_id(one.table.clause, slug));
        }
        grades.keeps("1.3/rule/send-command-scope");
    }
}

/// A requestId that the platform has taken once is not sent to the same device again.
fn request_ids(asked: &[Asked<'_>], grades: &mut Grades) {
    let mut taken: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for one in asked.iter().filter(|one| one.op == Op::SendCommand) {
        let header = one.parameter("header").and_then(Value::as_object);
        let id = header.and_then(|header| header.get("requestId")).and_then(Value::as_str);
        let (Some(id), Some(device)) = (id.filter(|id| !id.is_empty()), one.text("deviceId")) else { continue };
        let earlier = taken.get(&(device, id)).copied();
        let flaw =
            |seq| one.flaw("a requestId is used twice", "a requestId of its own for each command", id).with([seq]);
        grades.judge("1.9.7/rule/request-id-unique", earlier.map(flaw));
        if one.succeeded() {
            taken.insert((device, id), one.by.seq);
        }
    }
}

/// 1.6.3.
fn history(one: &Asked<'_>, grades: &mut Grades) {
    let paged = one.parameter("pageNo").is_some() && one.parameter("pageSize").is_some();
    let expected = "pageNo and pageSize";
    let flaw = || one.flaw("the history is not queried page by page", expected, one.call.target.clone());
    grades.judge("1.6.3/rule/query-in-pages", (!paged).then(flaw));
    for time in ["startTime", "endTime"].iter().filter_map(|name| one.text(name)) {
        if check::matches(Format::UtcTime, time) {
            grades.keeps("1.6.3/rule/filter-times-utc");
        }
    }
}
