//! 2.1 Before you start: MQTT messages and topics. Lines 6706 to 6749.

use crate::model::{Chapter, Prose};

/// The clause's rules.
pub static PROSE: Prose = Prose {
    clause: "2.1",
    name: "topics",
    title: "Before you start: MQTT messages and topics",
    chapter: Chapter::Mqtt,
    lines: (6706, 6749),
    recipe_of: None,
    rules: RULES,
    errata: ERRATA,
};

rules! {
    "mqtt-standard" = Platform Must 6714: "The platform's MQTT interface follows the MQTT 3.1.1 OASIS standard in syntax and in every detail.";
    "mqtts-only" = Platform Must 6714: "The platform lets devices in over MQTTS (MQTT over TLS) only.";
    "standard-headers" = Device Must 6718: "A device fills in the fixed and the variable header of its MQTT packets as the MQTT standard prescribes.";
    "payload-by-agreement" = Device May 6718: "The payload of a PUBLISH may be defined by agreement between the device and the platform.";
    "subscribe-own-topic" = Device Must 6725: "A device names its own topic in a SUBSCRIBE, the topic on which it wants to receive messages.";
    "publish-to-platform-topic" = Device Must 6727: "A PUBLISH from the device to the platform carries the platform's topic name.";
    "publish-to-device-topic" = Platform Must 6727: "A PUBLISH from the platform to a device carries that device's topic name.";
    "report-payload-json" = Device Must 6729: "The payload of a PUBLISH from the device is the complete data report as one JSON object.";
    "command-payload-json" = Platform Must 6729: "The payload of a PUBLISH from the platform is the complete command message as one JSON object.";
    "platform-pre-subscribed" = Platform Must 6733: "The platform takes in what a device publishes to a topic on which the platform is the receiver, with no further step by the device.";
    "subscribe-before-receiving" = Device Must 6734: "A device has to subscribe to a topic before the messages that the platform publishes on it can reach it.";
    "choose-topics" = Device Must 6734: "A device decides by the service it implements which topics it subscribes to.";
    "data-codec-mode" = Device Must 6737: "In the data topic the device writes codecMode as binary where the user has developed a codec plug-in of his own and as json where there is none.";
    "data-topic-id" = Device Must 6737: "In the data topic a one-device-one-secret device writes the deviceId returned at registration when it connects by deviceId, and the nodeId given at registration when it connects by nodeId.";
    "command-codec-mode" = Device Must 6738: "In the command topic to which it subscribes the device writes codecMode as binary where the user has developed a codec plug-in of his own and as json where there is none.";
    "command-topic-id" = Device Must 6738: "In the command topic to which it subscribes a one-device-one-secret device writes the deviceId returned at registration when it connects by deviceId, and the nodeId given at registration when it connects by nodeId.";
    "two-ways-to-register" = Application May 6742: "A one-device-one-secret device may be registered in two ways, through the API or on the console.";
    "register-by-api" = Platform Must 6745: "A successful registration of a one-device-one-secret device through the password registration API (1.5.2) returns its deviceId and its secret.";
    "register-on-console" = Platform Must 6749: "A successful single registration on the console returns the device's deviceId and secret.";
}

errata! {
    6714: "MQTTS is the only access supported at present" => "MQTTS by default; plain TCP only where it is switched on", "How a test bench is deployed is left open", "A-284";
    6720: "CONNECT, SUBSCRIBE and PUBLISH are described, without QoS, retain, will and session" => "QoS 0 and 1 (2 is downgraded), retain and will are ignored, nothing is queued for an offline device", "None of the four is mentioned", "A-274";
    6725: "the topic name is the device's own topic" => "a subscription to or a publication on the topic of another device has no effect", "The reaction to a foreign topic is not stated", "A-273";
    6729: "the payload is at present a JSON object" => "a JSON object where codecMode is json; bytes for the product's codec where it is binary", "Line 6737 lets codecMode be binary", "A-275";
    6737: "codecMode is called the codec type of the subscription" => "the codec type of the topic, published to or subscribed to", "The device publishes on the data topic and does not subscribe to it; the text is that of the command row", "";
    6737: "the receiver cell is cut short in the middle of the platform's name" => "the IoT platform", "Characters are lost in the cell", "";
    6737: "{deviceId} (also line 6738)" => "the deviceId for authentication type 0, the nodeId for type 2; commands go to the topic of the current session", "The placeholder is named deviceId although a nodeId may stand there", "A-272";
}
