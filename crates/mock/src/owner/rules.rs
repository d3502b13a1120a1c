//! Rules: made on the platform's console, and fired here by its owner.

use std::sync::Arc;

use iotdm_spec::check;
use iotdm_spec::notifications::rule_event::{ActionResult, Message, NOTIFICATION, Reason};
use iotdm_spec::wire::NotifyType;
use serde_json::Value;

use super::OwnerError;
use crate::Platform;
use crate::notifications::rule_event::rule_event;
use crate::world::World;

/// How many hexadecimal digits a rule id has.
const ID_LENGTH: usize = 24;

/// A rule that is triggered; what is absent the platform adds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleFiring {
    /// Who made the rule; by default the application.
    pub author: Option<String>,
    /// The rule's id; by default a new one.
    pub rule_id: Option<String>,
    /// The rule's name.
    pub rule_name: String,
    /// How its conditions go together.
    pub logic: Option<String>,
    /// Which conditions were met; an empty `satisfaction_time` becomes the time of the trigger.
    pub reasons: Vec<Reason>,
    /// When it was triggered; by default the platform's time.
    pub trigger_time: Option<String>,
    /// What became of its actions.
    pub actions_results: Vec<ActionResult>,
}

impl World {
    /// Triggers a rule of an application, and gives the rule's id.
    pub(crate) fn fire_rule(&mut self, application: &str, firing: RuleFiring) -> Result<String, OwnerError> {
        let unknown = || OwnerError::UnknownApplication(application.to_owned());
        let application = Arc::clone(&self.applications.find(application).ok_or_else(unknown)?.id);
        //= 1.8.13/rule/trigger-time-utc
        let trigger_time = firing.trigger_time.unwrap_or_else(|| self.now.to_string());
        let mut reasons = firing.reasons;
        for reason in reasons.iter_mut().filter(|reason| reason.satisfaction_time.is_empty()) {
            //= 1.8.13/rule/satisfaction-time-utc
            reason.satisfaction_time.clone_from(&trigger_time);
        }
        let message = Message {
            notify_type: NotifyType::RuleEvent,
            author: firing.author.unwrap_or_else(|| application.to_string()),
            rule_id: firing.rule_id.unwrap_or_else(|| self.mint.hex(ID_LENGTH)),
            rule_name: firing.rule_name,
            logic: firing.logic,
            reasons,
            trigger_time,
            actions_results: firing.actions_results,
        };
        judge(&message)?;
        rule_event(self, &application, &message);
        Ok(message.rule_id)
    }
}

/// Whether the message keeps to the table of 1.8.13: the platform sends no other.
fn judge(message: &Message) -> Result<(), OwnerError> {
    let value = serde_json::to_value(message).map_err(|e| OwnerError::Rule(e.to_string()))?;
    let Value::Object(object) = value else { return Ok(()) };
    let (_, findings) = check::object(NOTIFICATION.fields, &object);
    if let Some(finding) = findings.iter().find(|finding| finding.problem.breaks()) {
        return Err(OwnerError::Rule(finding.to_string()));
    }
    //= 1.8.13/rule/exception-or-result
    let both_or_none = |action: &ActionResult| action.exception.is_some() == action.result.is_some();
    match message.actions_results.iter().position(both_or_none) {
        Some(index) => Err(OwnerError::Rule(format!("action {index} needs an exception or a result, one of the two"))),
        None => Ok(()),
    }
}

impl Platform {
    /// Triggers a rule of an application: subscribers to `ruleEvent` are told (1.8.13). Gives the
    /// rule's id.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`]; [`OwnerError::Rule`] if the message would break its table.
    pub fn fire_rule(&self, application: &str, firing: RuleFiring) -> Result<String, OwnerError> {
        self.core.enter(|world| world.fire_rule(application, firing))
    }
}
