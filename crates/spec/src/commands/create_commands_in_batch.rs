//! 1.9.4 Create device commands in a batch. Lines 4603 to 4607.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.9.4",
    name: "create_commands_in_batch",
    title: "Create device commands in a batch",
    chapter: Chapter::Commands,
    lines: (4603, 4607),
    recipe_of: Some("1.10.1"),
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "batch-same-command" = Application May 4605: "An application may send the same command to many devices with this recipe.";
    "batch-task-type" = Application Must 4607: "The application sends the batch with the call that creates batch tasks (1.10.1), with taskType set to DeviceCmd.";
}

errata! {
    4607: "a <mark> tag around the name of the call" => "plain text, the link to 1.10.1", "highlighting left over from the conversion", "";
}
