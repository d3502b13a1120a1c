//! 1.5.6 Delete a sub-device. Lines 1012 to 1035.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.5.6",
    name: "delete_sub_device",
    title: "Delete a sub-device",
    chapter: Chapter::Devices,
    lines: (1012, 1035),
    recipe_of: Some("1.9.7"),
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "by-send-command" = Application Must 1016: "A sub-device is removed by sending a command to its gateway through the send-command API (1.9.7).";
    "gateway-implements-command" = Device Must 1016: "The gateway implements beforehand which command starts its removal of a sub-device.";
    "command-in-profile" = Application Must 1016: "The removal command is defined beforehand in the device's profile.";
    "gateway-removes" = Device Must 1016: "On receiving the removal command from the platform the gateway starts its internal procedure and removes the sub-device.";
    "command-mapping" = Application Must 1018: "The command's name goes into header.method and its parameters into body, as REMOVE and {\"del_subdevice\":\"YES\"} do in the sample.";
}

errata! {
    1014: "an API of its own, called \"this interface\"" => "a use of send_command (1.9.7)", "The clause has no URI, parameters or error codes.", "";
    1014: "sub-devices of a gateway" => "out of scope unless a sub-device is seeded", "No API and no message adds a sub-device.", "A-75";
}
