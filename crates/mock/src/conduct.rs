//! What an application may not do, judged from one call and the world: the prose rules of the
//! reference that bind the caller. Nothing here refuses a call; the handlers do, and often nobody does.

use iotdm_spec::Op;
use iotdm_spec::model::{ErrorRow, Operation};
use iotdm_spec::universal::{self, OWNER_PARAMETERS};
use iotdm_spec::wire::Protocol;
use serde_json::{Map, Value};

use crate::deviation::{Deviation, DeviationKind, rule, rule_of};
use crate::world::{Caller, Lookup, World};

type Params = Map<String, Value>;

/// How soon after a login that nobody made use of another one counts as one at the same time.
const AT_ONCE_MS: i64 = 1000;

/// Where a call breaks a rule that binds its caller. The parameters are sound.
pub(crate) fn of_call(op: Op, world: &World, caller: Option<&Caller>, params: &Params) -> Vec<Deviation> {
    let mut broken = Broken { table: op.table(), found: Vec::new() };
    match (op, caller) {
        // Who refreshes with the token of the earlier answer has waited for that answer.
        (Op::Login, _) => concurrent_login(world, params, &mut broken),
        (Op::RegisterByPassword, _) => {
            registration(params, &mut broken);
            mqtt_only_registration(params, &mut broken);
        }
        (Op::RegisterByVerifyCode, _) => {
            registration(params, &mut broken);
            protocol_of_verify_code(params, &mut broken);
        }
        (Op::ModifyDevice, _) => camel_case("deviceType", params, &mut broken),
        (Op::CreateCommand, Some(caller)) => {
            wants_other_than_mqtt(world, caller, params, "lwm2m-coap-only", "LWM2M or CoAP", &mut broken);
        }
        (Op::ModifyShadow | Op::QueryShadow, Some(caller)) => {
            wants_other_than_mqtt(world, caller, params, "lwm2m-only", "LWM2M", &mut broken);
        }
        (Op::SendCommand, Some(caller)) => immediate_command(world, caller, params, &mut broken),
        (Op::CreateSoftwareUpgrade | Op::CreateFirmwareUpgrade, Some(caller)) => {
            upgrade(op, world, caller, params, &mut broken);
        }
        _ => {}
    }
    if let Some(caller) = caller {
        own_app_id(caller, params, &mut broken);
    }
    broken.found
}

/// The rules that a refusal says were broken: conditions of its table, and the rules that forbid them.
const REFUSED: &[(&str, &[&str])] = &[
    ("DEVICE_NOT_EXISTED", &["device-of-this-app"]),
    ("DEVICE_DATA_NOT_EXISTED", &["device-of-this-app", "device-under-app"]),
    ("SERVICE_NOT_EXISTED", &["service-in-profile"]),
    ("COMMAND_NAME_INVALID", &["method-in-profile"]),
    ("PROPERTY_UNKNOWN", &["desired-pairs"]),
    ("COMMAND_NOT_EXISTED", &["command-id-from-create"]),
    ("TASK_NOT_EXISTED", &["task-id-from-create"]),
    ("TASK_NAME_USED", &["task-name-unique"]),
    ("GROUP_NOT_EXISTED", &["group-id-from-create"]),
    ("GROUP_NAME_USED", &["group-name-unused"]),
    ("GROUP_FULL", &["group-fits"]),
    ("TOO_MANY_DEVICES", &["members-fit"]),
    ("GATEWAY_ID_AND_PAGE_NO_NULL", &["gateway-id-or-page-no"]),
    ("VERIFY_CODE_INVALID", &["verify-code-unique"]),
    ("UPGRADE_NOT_EXISTED", &["operation-id-from-create"]),
    ("TARGETS_NULL", &["groups-or-devices"]),
    ("TARGETS_AMBIGUOUS", &["groups-or-devices"]),
    ("TARGET_VERSION_MISMATCH", &["target-matches-package"]),
    ("START_AFTER_END", &["start-not-after-end"]),
    ("START_IN_THE_PAST", &["start-not-past"]),
    ("WINDOW_TOO_SHORT", &["five-minutes"]),
    ("CREDENTIALS_WRONG", &["secret-belongs-to-app-id"]),
    ("INPUT_INVALID", &["refresh-token-source"]),
    ("LORA_SERVER_OFFLINE", &["lora-server-online-first"]),
    ("GATEWAY_EUI_DUPLICATED", &["gateway-eui-unique"]),
    ("DEV_EUI_DUPLICATED", &["dev-eui-unique"]),
    ("APP_KEY_EMPTY", &["otaa-app-key"]),
    ("APP_S_KEY_EMPTY", &["abp-session-keys"]),
    ("NWK_S_KEY_EMPTY", &["abp-session-keys"]),
    ("DEV_ADDR_EMPTY", &["abp-session-keys"]),
];

/// The rule that a refusal of a call with sound parameters says was broken, if its clause has one and the
/// row does not stand for something else as well.
pub(crate) fn of_refusal(table: &Operation, row: &ErrorRow) -> Option<Deviation> {
    let authorization = [universal::application_unknown(table), universal::not_authorized(table)];
    let slugs = if table.is_protected() && authorization.contains(row) {
        OWNER_RULES
    } else {
        REFUSED.iter().find(|(name, _)| *name == row.name)?.1
    };
    let id = slugs.iter().find_map(|slug| rule_of(table.clause, slug))?;
    Some(Deviation::new(id, DeviationKind::ForbiddenCall, format!("refused: {}", row.desc)))
}

/// The rules about naming another application.
const OWNER_RULES: &[&str] = &["app-id-of-an-authorizing-application", "owner-app-id-when-authorised"];

/// What was found in a call of one operation.
struct Broken {
    table: &'static Operation,
    found: Vec<Deviation>,
}

impl Broken {
    /// A rule of the operation's clause is broken.
    fn own(&mut self, slug: &str, path: &str, text: impl Into<String>) {
        if let Some(id) = rule_of(self.table.clause, slug) {
            self.note(id, path, text);
        }
    }

    fn note(&mut self, id: &'static str, path: &str, text: impl Into<String>) {
        self.found.push(Deviation::new(id, DeviationKind::ForbiddenCall, text).at(path));
    }

    /// The same of a rule that no platform refuses a call for: whatever refuses this one, it is not that.
    fn own_odd(&mut self, slug: &str, path: &str, text: impl Into<String>) {
        if let Some(id) = rule_of(self.table.clause, slug) {
            self.odd(id, path, text);
        }
    }

    fn odd(&mut self, id: &'static str, path: &str, text: impl Into<String>) {
        self.found.push(Deviation::new(id, DeviationKind::ForbiddenCall, text).tolerated().at(path));
    }
}

fn text<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    params.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// One platform sees no two calls at the same time; two logins in a row of which the first was for
/// nothing are what it can see.
fn concurrent_login(world: &World, params: &Params, broken: &mut Broken) {
    let application = text(params, "appId").and_then(|id| world.applications.find(id));
    let Some(earlier) = application.and_then(|application| application.tokens.as_ref()) else { return };
    if !earlier.used && world.now.0 - earlier.issued.0 <= AT_ONCE_MS {
        let text = "another token was given out within the last second, and nobody has used it";
        broken.odd(rule::NO_CONCURRENT_LOGIN, "appId", text);
    }
}

fn registration(params: &Params, broken: &mut Broken) {
    let nothing = Map::new();
    let info = params.get("deviceInfo").and_then(Value::as_object).unwrap_or(&nothing);
    camel_case("deviceType", info, broken);
    let series = ["manufacturerId", "manufacturerName", "deviceType", "model"];
    if text(params, "productId").is_none() && !series.iter().all(|name| text(info, name).is_some()) {
        let text = "neither productId nor the whole series of the product model is given";
        broken.own("product-or-series", "productId", text);
    }
}

fn camel_case(name: &str, params: &Params, broken: &mut Broken) {
    let Some(given) = text(params, name) else { return };
    if !given.starts_with(char::is_uppercase) || given.contains([' ', '_', '-']) {
        broken.own_odd("device-type-camel-case", name, format!("{given:?} is not in upper camel case"));
    }
}

fn protocol(params: &Params) -> Option<&str> {
    text(params.get("deviceInfo")?.as_object()?, "protocolType")
}

fn mqtt_only_registration(params: &Params, broken: &mut Broken) {
    if let Some(other) = protocol(params).filter(|protocol| *protocol != Protocol::Mqtt.as_str()) {
        broken.own("protocol-scope", "deviceInfo.protocolType", format!("{other} is not MQTT"));
    }
    if params.get("mqttConnect") == Some(&Value::Bool(false)) {
        broken.own("mqtt-connect-true", "mqttConnect", "mqttConnect is false");
    }
}

fn protocol_of_verify_code(params: &Params, broken: &mut Broken) {
    if protocol(params) == Some(Protocol::Mqtt.as_str()) {
        broken.own("protocol-scope", "deviceInfo.protocolType", "devices that use MQTT are registered by password");
    }
}

/// Whether the caller's device of this id uses MQTT; none if there is no such device.
fn uses_mqtt(world: &World, caller: &Caller, id: &str) -> Option<bool> {
    match world.look_up(caller, id) {
        Lookup::Own(device) => Some(device.mqtt),
        Lookup::Foreign | Lookup::Unknown => None,
    }
}

fn wants_other_than_mqtt(
    world: &World,
    caller: &Caller,
    params: &Params,
    slug: &str,
    wanted: &str,
    broken: &mut Broken,
) {
    let id = text(params, "deviceId").unwrap_or_default();
    if uses_mqtt(world, caller, id) == Some(true) {
        broken.own_odd(slug, "deviceId", format!("device {id} uses MQTT, and the call is for {wanted} devices"));
    }
}

/// 1.9.7.
fn immediate_command(world: &World, caller: &Caller, params: &Params, broken: &mut Broken) {
    let id = text(params, "deviceId").unwrap_or_default();
    if uses_mqtt(world, caller, id) == Some(false) {
        broken.own("mqtt-only", "deviceId", format!("device {id} does not use MQTT"));
    }
    let header = params.get("header").and_then(Value::as_object);
    let from = header.and_then(|header| text(header, "from"));
    // A user or a service.
    if let Some(from) = from.filter(|from| from.len() < 2 || !from.starts_with('/')) {
        broken.own_odd(
            "from-address",
            "header.from",
            format!("{from:?} is neither /users/{{userId}} nor /{{serviceName}}"),
        );
    }
    let request = header.and_then(|header| text(header, "requestId"));
    let known = world.devices.find(id).zip(request).is_some_and(|(device, request)| device.knows_request(request));
    if known && uses_mqtt(world, caller, id).is_some() {
        broken.own("request-id-unique", "header.requestId", "the requestId was used before");
    }
}

/// 1.12.4 and 1.12.5.
fn upgrade(op: Op, world: &World, caller: &Caller, params: &Params, broken: &mut Broken) {
    let targets = params.get("targets").and_then(|targets| targets.get("devices")).and_then(Value::as_array);
    let ids = targets.into_iter().flatten().filter_map(Value::as_str);
    let scope = if op == Op::CreateSoftwareUpgrade { rule::SOFTWARE_SCOPE } else { rule::FIRMWARE_SCOPE };
    for id in ids.filter(|id| uses_mqtt(world, caller, id) == Some(true)) {
        broken.odd(scope, "targets.devices", format!("device {id} uses MQTT, and upgrades are for NB-IoT devices"));
    }
}

fn own_app_id(caller: &Caller, params: &Params, broken: &mut Broken) {
    let own = |name: &&&str| text(params, name) == Some(&*caller.id);
    let Some(name) = OWNER_PARAMETERS.iter().find(own) else { return };
    let text = format!("`{name}` is the caller's own id; it is only for other applications'");
    if let Some(slug) = OWNER_RULES.iter().find(|slug| rule_of(broken.table.clause, slug).is_some()) {
        broken.own_odd(slug, name, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A condition that no table has any more, or a rule that no clause has, would be dead weight.
    #[test]
    fn every_refusal_leads_to_a_rule() {
        for (name, slugs) in REFUSED {
            let tables = Op::ALL.iter().map(|op| op.table()).filter(|t| t.errors.iter().any(|row| row.name == *name));
            let clauses: Vec<_> = tables.map(|table| table.clause).collect();
            for slug in *slugs {
                let known = clauses.iter().any(|clause| rule_of(clause, slug).is_some());
                assert!(known, "{name}: none of {clauses:?} has a rule {slug}");
            }
        }
    }
}
