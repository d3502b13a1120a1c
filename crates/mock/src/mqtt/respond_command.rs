//! 2.5 A device answers a command.

use std::sync::Arc;

use iotdm_spec::mqtt::respond_command::{MESSAGE, Message};
use iotdm_spec::wire::ConfirmStatus;
use iotdm_spec::{Object, check};
use serde_json::{Map, Value};

use crate::command;
use crate::deviation::{self, Deviation, DeviationKind, rule};
use crate::device::{InFlight, Origin};
use crate::mqtt::report_data::{Outcome, ignored};
use crate::notifications::command_rsp::command_rsp;
use crate::notifications::message_confirm::message_confirm;
use crate::world::World;

/// The result code of a command that was executed (2.5, line 6892).
const EXECUTED: i64 = 0;

pub(crate) fn device_rsp(world: &mut World, id: &Arc<str>, object: &Map<String, Value>) -> Outcome {
    let (canonical, findings) = check::object(MESSAGE.fields, object);
    // Any code but 0 is a failure, also one that the table does not list.
    let tolerated = |problem: &check::Problem| {
        matches!(problem, check::Problem::AboveMaximum { .. } | check::Problem::BelowMinimum { .. })
    };
    let judged = findings.iter().map(|finding| {
        let mut deviation = Deviation::of_finding(MESSAGE.clause, finding, MESSAGE.fields, "", rule::PAYLOAD);
        deviation.tolerated |= tolerated(&finding.problem);
        deviation
    });
    deviation::add(&mut world.deviations, judged);
    if let Some(finding) = findings.iter().find(|f| f.problem.breaks() && !tolerated(&f.problem)) {
        return Err(format!("ignored: {finding}"));
    }
    let answer: Message = serde_json::from_value(Value::Object(canonical)).map_err(|e| format!("ignored: {e}"))?;
    // An unknown or repeated command id has no effect.
    let command = u16::try_from(answer.mid).ok().and_then(|mid| take(world, id, mid));
    let Some((target, command)) = command else {
        return ignored(world, rule::MID, format!("no command {} is open", answer.mid));
    };
    let body = answer.body.unwrap_or_default();
    let executed = answer.errcode == EXECUTED;
    let faults = faults(world, &target, &command, &body);
    let beside =
        |why: &String| Deviation::new(rule::ANSWER_MODEL, DeviationKind::BesideModel, why).tolerated().at("body");
    deviation::add(&mut world.deviations, faults.iter().map(beside));
    if let Origin::Cached(cached) = &command.origin {
        command::answered(world, cached, executed, body);
        return if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) };
    }
    if executed {
        message_confirm(world, &target, &command, ConfirmStatus::Executed);
    }
    command_rsp(world, &target, &command, body);
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

/// Where an answer leaves the product's model. It counts all the same, as reports do.
fn faults(world: &World, target: &str, command: &InFlight, body: &Object) -> Vec<String> {
    let service = world.product_of(target).and_then(|product| product.service(&command.service));
    let model = service.and_then(|service| service.command(&command.method));
    model.map(|model| model.faults_of_response(body)).unwrap_or_default()
}

/// The open command with this id: the device's own, or one of a sub-device behind it.
fn take(world: &mut World, id: &Arc<str>, mid: u16) -> Option<(Arc<str>, InFlight)> {
    let mut candidates = vec![Arc::clone(id)];
    candidates.extend(world.devices.behind(id));
    candidates.into_iter().find_map(|target| {
        let command = world.devices.find_mut(&target)?.in_flight.remove(&mid)?;
        command.forgotten.into_iter().for_each(|timer| world.timers.cancel(timer));
        Some((target, command))
    })
}
