//! 1.8.1 Device registered notification. Lines 3020 to 3123.

use serde::{Deserialize, Serialize};

use crate::model::{Field, Notification, object, string};
use crate::wire::{DeviceStatus, NodeType, NotifyType, StatusDetail, Switch};

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.1",
    name: "device_added",
    title: "Device registered notification",
    lines: (3020, 3123),
    notify_type: Some(NotifyType::DeviceAdded),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3037).required().one_of(&[NotifyType::DeviceAdded.as_str()]),
        string("deviceId", "String", 3040).required(),
        string("gatewayId", "String", 3041),
        string("nodeType", "String", 3042).required().one_of(&[
            NodeType::Endpoint.as_str(),
            NodeType::Gateway.as_str(),
            NodeType::Unknown.as_str(),
        ]),
        object("deviceInfo", "DeviceInfo", 3043).required().members(DEVICE_INFO),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfo).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("nodeId", "String(256)", 3048).required().max_len(256),
    string("name", "String(256)", 3049).max_len(256),
    string("description", "String(2048)", 3050).max_len(2048),
    string("manufacturerId", "String(256)", 3051).max_len(256),
    string("manufacturerName", "String(256)", 3052).max_len(256),
    string("mac", "String(256)", 3053).max_len(256),
    string("location", "String(2048)", 3056).max_len(2048),
    string("deviceType", "String(256)", 3057).max_len(256),
    string("model", "String(256)", 3058).max_len(256),
    string("swVersion", "String(256)", 3059).max_len(256),
    string("fwVersion", "String(256)", 3060).max_len(256),
    string("hwVersion", "String(256)", 3061).max_len(256),
    string("protocolType", "String(256)", 3062).max_len(256),
    string("bridgeId", "String(256)", 3063).max_len(256),
    string("status", "String", 3064).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 3069).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 3070).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 3071).one_of(Switch::VALUES),
    string("isSecurity", "String", 3072).one_of(Switch::VALUES),
    string("signalStrength", "String(256", 3073).max_len(256),
    string("sigVersion", "String(256)", 3074).max_len(256),
    string("serialNumber", "String(256)", 3075).max_len(256),
    string("batteryLevel", "String(256)", 3076).max_len(256),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3037.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3040.
    pub device_id: String,
    /// `gatewayId`, line 3041.
    pub gateway_id: Option<String>,
    /// `nodeType`, line 3042.
    pub node_type: NodeType,
    /// `deviceInfo`, line 3043.
    pub device_info: DeviceInfo,
}

/// `deviceInfo`: DeviceInfo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct DeviceInfo {
    /// `nodeId`, line 3048.
    pub node_id: String,
    /// `name`, line 3049.
    pub name: Option<String>,
    /// `description`, line 3050.
    pub description: Option<String>,
    /// `manufacturerId`, line 3051.
    pub manufacturer_id: Option<String>,
    /// `manufacturerName`, line 3052.
    pub manufacturer_name: Option<String>,
    /// `mac`, line 3053.
    pub mac: Option<String>,
    /// `location`, line 3056.
    pub location: Option<String>,
    /// `deviceType`, line 3057.
    pub device_type: Option<String>,
    /// `model`, line 3058.
    pub model: Option<String>,
    /// `swVersion`, line 3059.
    pub sw_version: Option<String>,
    /// `fwVersion`, line 3060.
    pub fw_version: Option<String>,
    /// `hwVersion`, line 3061.
    pub hw_version: Option<String>,
    /// `protocolType`, line 3062.
    pub protocol_type: Option<String>,
    /// `bridgeId`, line 3063.
    pub bridge_id: Option<String>,
    /// `status`, line 3064.
    pub status: Option<DeviceStatus>,
    /// `statusDetail`, line 3069.
    pub status_detail: Option<StatusDetail>,
    /// `mute`, line 3070.
    pub mute: Option<Switch>,
    /// `supportedSecurity`, line 3071.
    pub supported_security: Option<Switch>,
    /// `isSecurity`, line 3072.
    pub is_security: Option<Switch>,
    /// `signalStrength`, line 3073.
    pub signal_strength: Option<String>,
    /// `sigVersion`, line 3074.
    pub sig_version: Option<String>,
    /// `serialNumber`, line 3075.
    pub serial_number: Option<String>,
    /// `batteryLevel`, line 3076.
    pub battery_level: Option<String>,
}

rules! {
    "push-on-change" = Platform Must 3018: "When subscribed device information changes, the platform pushes a message to the application.";
    "dispatch-by-type" = Application Must 3018: "An application dispatches the messages pushed to it by their notification type.";
    "used-with-subscriptions" = Application Must 3018: "The push notifications have to be used together with the subscription operations (1.7).";
    "push-trigger" = Platform Must 3024: "The platform pushes this notification to an application that has subscribed to deviceAdded when an application registers a device through a registration operation.";
    "answer-push" = Application Must 3028: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "gateway-id" = Platform Must 3041: "gatewayId equals the deviceId for a directly connected device and is the deviceId of the associated gateway for an indirectly connected one.";
    "node-id-kind" = Application May 3048: "An application may use as nodeId, the unique code of a device, its MAC address, serial number or IMEI, as is usual.";
    "node-id-imei-qualcomm" = Application Must 3048: "Where the IMEI serves as nodeId, a device with a Qualcomm chip is registered as urn:imei: followed by the IMEI.";
    "node-id-imei-hisilicon" = Application Must 3048: "Where the IMEI serves as nodeId, a device with a HiSilicon chip is registered with the plain IMEI.";
    "node-id-imei-other" = Application Should 3048: "Where the IMEI serves as nodeId, the code of a device with a chip of another maker is to be confirmed with the maker of its module.";
    "device-type-camel-case" = Application Must 3057: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 3065: "Until a device first connects to the platform its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 3066: "A device that has neither reported data nor sent a message for more than 25 hours (the default) has the status ABNORMAL (the default).";
    "offline-after-49h" = Platform Must 3066: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-online" = Platform Must 3069: "With status ONLINE, statusDetail is one of NONE, CONFIGURATION_PENDING, UE_REACHABILITY, AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 3069: "With status OFFLINE, statusDetail is one of NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY, TIME_OUT.";
    "status-detail-inactive" = Platform Must 3069: "With status INACTIVE, statusDetail is NONE or NOT_ACTIVE.";
    "mute-meaning" = Platform Must 3070: "mute is TRUE while the device is frozen and FALSE otherwise, and says whether the platform manages and stores the data that the device reports.";
    "supported-security-meaning" = Platform Must 3071: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 3072: "isSecurity is TRUE while the secure mode is in use on the device and FALSE while it is not.";
    "status-pair" = Device Must 3080: "A device that reports its state to the platform has to report status and statusDetail together.";
    "status-detail-display-only" = Application Should 3080: "An application should only display statusDetail and not decide by it.";
}

errata! {
    3024: "the register device interface" => "1.5.1, 1.5.2, 1.5.10 and 1.5.11", "No operation bears exactly this name", "A-150";
    3028: "be sure to return a response code" => "any 2xx is a success; time-out 15 s, no retry by default", "Retry, order and time-out are not stated", "A-148";
    3033: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3041: "gatewayId is optional" => "always sent", "It is required in the other notifications, and sending it does no harm", "A-151";
    3042: "UNKNOWN" => "UNKNOWN here, UNKNOW in the REST answers", "Two spellings of one value", "A-104";
    3069: "lists of statusDetail for ONLINE, OFFLINE and INACTIVE only" => "NONE for ABNORMAL", "ABNORMAL is left out", "A-108";
    3073: "String(256" => "String(256)", "The closing bracket is lost", "";
    3091: "the sample starts without a brace" => "{ before \"notifyType\"", "The opening brace is lost", "";
    3097: "null (lines 3097 to 3118)" => "an optional member without a value is null or absent", "The sample sets them to null", "A-24";
    3110: "\"status\": \"OFFLINE\"" => "OFFLINE/NOT_ACTIVE in this notification; INACTIVE/NOT_ACTIVE is accepted too", "Line 3065 says that a device that never connected is INACTIVE", "A-106";
    3118: "the sample ends after batteryLevel" => "} }", "The closing braces are lost", "";
}
