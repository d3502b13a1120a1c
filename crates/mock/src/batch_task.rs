//! Batch tasks and their sub-tasks (1.10).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::world::World;

/// All batch tasks of a platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct BatchTasks {}

/// What of a task can become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {}

pub(crate) fn fire(_world: &mut World, due: Due) {
    match due {}
}

/// The status of a command that a task has created has changed, or the command is gone.
pub(crate) fn command_changed(_world: &mut World, _task: &Arc<str>, _command: &Arc<str>) {}
