//! 1.9 Commands.

use iotdm_spec::commands::create_command::CommandItem;

use crate::clock::Moment;
use crate::command::Command;

pub(crate) mod create_cancel_task;
pub(crate) mod create_command;
pub(crate) mod modify_command;
pub(crate) mod query_cancel_tasks;
pub(crate) mod query_commands;
pub(crate) mod send_command;

/// What was sent, as every clause shows it.
fn command_item(command: &Command) -> CommandItem {
    CommandItem {
        service_id: command.service.clone(),
        method: Some(command.method.clone()),
        paras: Some(command.paras.clone()),
    }
}

/// A time that may not have come: null then.
fn time(moment: Option<Moment>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

/// A time filter in whole seconds; the gate has judged its form, and what is left is a day that no
/// calendar has.
fn bound(text: Option<&str>) -> Result<Option<i64>, String> {
    text.map(|text| text.parse().map(Moment::seconds)).transpose()
}

/// Whether a moment lies within two time filters, both inclusive.
fn within(moment: Moment, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| moment.seconds() >= from) && to.is_none_or(|to| moment.seconds() <= to)
}
