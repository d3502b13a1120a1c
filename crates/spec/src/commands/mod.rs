//! 1.9 Commands.

pub mod create_cancel_task;
pub mod create_command;
pub mod create_commands_in_batch;
pub mod modify_command;
pub mod query_cancel_tasks;
pub mod query_commands;
pub mod send_command;
