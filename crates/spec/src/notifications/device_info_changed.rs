//! 1.8.3 Device information changed notification. Lines 3219 to 3311.

use serde::{Deserialize, Serialize};

use crate::model::{Field, Notification, object, string};
use crate::wire::{DeviceStatus, NotifyType, StatusDetail, Switch};

pub use crate::notifications::device_added::DeviceInfo;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.3",
    name: "device_info_changed",
    title: "Device information changed notification",
    lines: (3219, 3311),
    notify_type: Some(NotifyType::DeviceInfoChanged),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3238).required().one_of(&[NotifyType::DeviceInfoChanged.as_str()]),
        string("deviceId", "String", 3239).required(),
        string("gatewayId", "String", 3240).required(),
        object("deviceInfo", "DeviceInfo", 3241).required().members(DEVICE_INFO),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfo).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("nodeId", "String(256)", 3246).required().max_len(256),
    string("name", "String(256)", 3247).max_len(256),
    string("description", "String(2048)", 3248).max_len(2048),
    string("manufacturerId", "String(256)", 3249).max_len(256),
    string("manufacturerName", "String(256)", 3250).max_len(256),
    string("mac", "String(256)", 3251).max_len(256),
    string("location", "String(2048)", 3252).max_len(2048),
    string("deviceType", "String(256)", 3255).max_len(256),
    string("model", "String(256)", 3256).max_len(256),
    string("swVersion", "String(256)", 3257).max_len(256),
    string("fwVersion", "String(256)", 3258).max_len(256),
    string("hwVersion", "String(256)", 3259).max_len(256),
    string("protocolType", "String(256)", 3260).max_len(256),
    string("bridgeId", "String(256)", 3261).max_len(256),
    string("status", "String", 3262).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 3267).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 3268).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 3269).one_of(Switch::VALUES),
    string("isSecurity", "String", 3270).one_of(Switch::VALUES),
    string("signalStrength", "String(256", 3271).max_len(256),
    string("sigVersion", "String(256", 3272).max_len(256),
    string("serialNumber", "String(256)", 3273).max_len(256),
    string("batteryLevel", "String(256)", 3274).max_len(256),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3238.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3239.
    pub device_id: String,
    /// `gatewayId`, line 3240.
    pub gateway_id: String,
    /// `deviceInfo`, line 3241.
    pub device_info: DeviceInfo,
}

rules! {
    "push-trigger" = Platform Must 3223: "The platform pushes this notification to an application that has subscribed to deviceInfoChanged when the configuration or the state of a device changes (such as its manufacturer, location, versions or online status).";
    "answer-push" = Application Must 3227: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "gateway-id" = Platform Must 3240: "gatewayId equals the deviceId for a directly connected device and is the deviceId of the associated gateway for an indirectly connected one.";
    "node-id-kind" = Application May 3246: "An application may use as nodeId, the unique code of a device, its MAC address, serial number or IMEI, as is usual.";
    "node-id-imei-qualcomm" = Application Must 3246: "Where the IMEI serves as nodeId, a device with a Qualcomm chip is registered as urn:imei: followed by the IMEI.";
    "node-id-imei-hisilicon" = Application Must 3246: "Where the IMEI serves as nodeId, a device with a HiSilicon chip is registered with the plain IMEI.";
    "node-id-imei-other" = Application Should 3246: "Where the IMEI serves as nodeId, the code of a device with a chip of another maker is to be confirmed with the maker of its module.";
    "device-type-camel-case" = Application Must 3255: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 3263: "Until a device first connects to the platform its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 3264: "A device that has neither reported data nor sent a message for more than 25 hours (the default) has the status ABNORMAL (the default).";
    "offline-after-49h" = Platform Must 3264: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-online" = Platform Must 3267: "With status ONLINE, statusDetail is one of NONE, CONFIGURATION_PENDING, UE_REACHABILITY, AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 3267: "With status OFFLINE, statusDetail is one of NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY, TIME_OUT.";
    "status-detail-inactive" = Platform Must 3267: "With status INACTIVE, statusDetail is NONE or NOT_ACTIVE.";
    "mute-meaning" = Platform Must 3268: "mute is TRUE while the device is frozen and FALSE otherwise, and says whether the platform manages and stores the data that the device reports.";
    "supported-security-meaning" = Platform Must 3269: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 3270: "isSecurity is TRUE while the secure mode is in use on the device and FALSE while it is not.";
    "status-pair" = Device Must 3278: "A device that reports its state to the platform has to report status and statusDetail together.";
    "status-detail-display-only" = Application Should 3278: "An application should only display statusDetail and not decide by it.";
}

errata! {
    3223: "online status information and the like" => "sent on every change of status and on edits, and after bindDevice at the first connect", "Which changes count is not listed in full", "A-154";
    3232: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3241: "Devicel nfo" => "DeviceInfo", "The letter l stands for I", "";
    3267: "lists of statusDetail for ONLINE, OFFLINE and INACTIVE only" => "NONE for ABNORMAL", "ABNORMAL is left out", "A-108";
    3267: "Body" => "body", "The position cell is capitalised in this row only", "";
    3271: "String(256" => "String(256)", "The closing bracket is lost", "";
    3272: "String(256" => "String(256)", "The closing bracket is lost", "";
    3291: "\"notifyType \"" => "\"notifyType\"", "A stray blank inside the quotes", "A-155";
    3292: "\"deviceId\": \"***, (also lines 3293 and 3299)" => "a closed string", "The closing quote is lost", "";
    3294: "deviceInfo without nodeId" => "deviceInfo with nodeId", "The table requires nodeId", "";
    3296: "manufacturer" => "manufacturerId / manufacturerName", "The table has no such member", "";
    3297: "\"type\": 90" => "\"deviceType\", a string", "The table has no member type; deviceType is String(256)", "A-155";
}
