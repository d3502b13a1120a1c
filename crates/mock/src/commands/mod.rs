//! 1.9 Commands.

pub(crate) mod send_command;
