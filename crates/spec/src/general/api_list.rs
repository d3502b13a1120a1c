//! 1.3 List of operations. Lines 314 to 400.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "1.3",
    name: "api_list",
    title: "List of operations",
    chapter: Chapter::General,
    lines: (314, 400),
    recipe_of: None,
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "refresh-before-expiry" = Application Must 320: "The application gets a new token before the present one expires.";
    "verify-code-registration-scope" = Application Must 325: "Registration with a verification code is only for devices that use LWM2M/CoAP or Agent Lite.";
    "password-registration-scope" = Application Must 326: "Registration with a password is only for devices that use MQTT.";
    "lora-gateway-scope" = Application Must 333: "Registering a LoRa gateway is only for devices that use LoRaWAN.";
    "lora-node-scope" = Application Must 334: "Registering a LoRa node is only for devices that use LoRaWAN.";
    "create-command-scope" = Application Must 362: "Creating a device command is only for devices that use LWM2M/CoAP.";
    "pending-to-canceled" = Platform Must 364: "Modifying a command turns a command in state PENDING into CANCELED, which revokes it.";
    "cancel-task-undelivered" = Platform Must 365: "A cancel task revokes all commands of one device that have not been delivered yet.";
    "send-command-scope" = Application Must 367: "Sending a command directly is only for devices that use MQTT.";
    "batch-task-scope" = Application Must 372: "Batch tasks are at present only for sending cached commands to a batch of devices.";
    "software-upgrade-scope" = Application Must 394: "Software upgrade tasks are at present only for NB-IoT devices.";
    "firmware-upgrade-scope" = Application Must 395: "Firmware upgrade tasks are at present only for NB-IoT devices.";
}

errata! {
    333: "registers a sub-device under the LoRa Service (row of the LoRa gateway)" => "registers a LoRa gateway", "Copied from the row of the LoRa node (334).", "";
    394: "NB-loT" => "NB-IoT", "OCR of the capital I.", "";
    395: "NB-loT" => "NB-IoT", "OCR of the capital I.", "";
}
