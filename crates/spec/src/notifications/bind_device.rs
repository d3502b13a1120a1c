//! 1.8.2 Device bound notification. Lines 3125 to 3217.

use serde::{Deserialize, Serialize};

use crate::model::{Field, Notification, object, string};
use crate::wire::{BindResult, DeviceStatus, NotifyType, StatusDetail, Switch};

pub use crate::notifications::device_added::DeviceInfo;

/// The clause's table.
pub static NOTIFICATION: Notification = Notification {
    clause: "1.8.2",
    name: "bind_device",
    title: "Device bound notification",
    lines: (3125, 3217),
    notify_type: Some(NotifyType::BindDevice),
    success_status: 200,
    fields: &[
        string("notifyType", "String", 3144).required().one_of(&[NotifyType::BindDevice.as_str()]),
        string("deviceId", "String", 3145).required(),
        string("resultCode", "String", 3146).required().one_of(BindResult::VALUES),
        object("deviceInfo", "DeviceInfo", 3147).members(DEVICE_INFO),
    ],
    rules: RULES,
    errata: ERRATA,
};

/// Members of `deviceInfo` (DeviceInfo).
pub(crate) const DEVICE_INFO: &[Field] = &[
    string("nodeId", "String(256)", 3152).required().max_len(256),
    string("name", "String(256)", 3153).max_len(256),
    string("description", "String(2048)", 3154).max_len(2048),
    string("manufacturerId", "String(256)", 3155).max_len(256),
    string("manufacturerName", "String(256)", 3158).max_len(256),
    string("mac", "String(256)", 3159).max_len(256),
    string("location", "String(2048)", 3160).max_len(2048),
    string("deviceType", "String(256)", 3161).max_len(256),
    string("model", "String(256)", 3162).max_len(256),
    string("swVersion", "String(256)", 3163).max_len(256),
    string("fwVersion", "String(256)", 3164).max_len(256),
    string("hwVersion", "String(256)", 3165).max_len(256),
    string("protocolType", "String(256)", 3166).max_len(256),
    string("bridgeId", "String(256)", 3167).max_len(256),
    string("status", "String", 3168).one_of(DeviceStatus::VALUES),
    string("statusDetail", "String(256)", 3173).max_len(256).one_of(StatusDetail::VALUES),
    string("mute", "String", 3174).one_of(Switch::VALUES),
    string("supportedSecurity", "String", 3175).one_of(Switch::VALUES),
    string("isSecurity", "String", 3176).one_of(Switch::VALUES),
    string("signalStrength", "String(256)", 3177).max_len(256),
    string("sigVersion", "String(256)", 3178).max_len(256),
    string("serialNumber", "String(256)", 3179).max_len(256),
    string("batteryLevel", "String(256)", 3180).max_len(256),
];

/// The body of the push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub struct Message {
    /// `notifyType`, line 3144.
    pub notify_type: NotifyType,
    /// `deviceId`, line 3145.
    pub device_id: String,
    /// `resultCode`, line 3146.
    pub result_code: BindResult,
    /// `deviceInfo`, line 3147.
    pub device_info: Option<DeviceInfo>,
}

rules! {
    "push-trigger" = Platform Must 3129: "The platform pushes this notification to an application that has subscribed to bindDevice when a device connects and is bound to the platform.";
    "answer-push" = Application Must 3133: "An application that receives this push has to answer it with a response code (200 OK as tabled).";
    "node-id-kind" = Application May 3152: "An application may use as nodeId, the unique code of a device, its MAC address, serial number or IMEI, as is usual.";
    "node-id-imei-qualcomm" = Application Must 3152: "Where the IMEI serves as nodeId, a device with a Qualcomm chip is registered as urn:imei: followed by the IMEI.";
    "node-id-imei-hisilicon" = Application Must 3152: "Where the IMEI serves as nodeId, a device with a HiSilicon chip is registered with the plain IMEI.";
    "node-id-imei-other" = Application Should 3152: "Where the IMEI serves as nodeId, the code of a device with a chip of another maker is to be confirmed with the maker of its module.";
    "device-type-camel-case" = Application Must 3161: "deviceType is written in upper camel case, such as MultiSensor.";
    "inactive-before-first-access" = Platform Must 3169: "Until a device first connects to the platform its status is INACTIVE.";
    "abnormal-after-25h" = Platform Must 3170: "A device that has neither reported data nor sent a message for more than 25 hours (the default) has the status ABNORMAL (the default).";
    "offline-after-49h" = Platform Must 3170: "A device that has neither reported data nor sent a message for more than 49 hours has the status OFFLINE.";
    "status-detail-online" = Platform Must 3173: "With status ONLINE, statusDetail is one of NONE, CONFIGURATION_PENDING, UE_REACHABILITY, AVAILABILITY_AFTER_DDN_FAILURE.";
    "status-detail-offline" = Platform Must 3173: "With status OFFLINE, statusDetail is one of NONE, COMMUNICATION_ERROR, CONFIGURATION_ERROR, BRIDGE_OFFLINE, FIRMWARE_UPDATING, DUTY_CYCLE, NOT_ACTIVE, LOSS_OF_CONNECTIVITY, TIME_OUT.";
    "status-detail-inactive" = Platform Must 3173: "With status INACTIVE, statusDetail is NONE or NOT_ACTIVE.";
    "mute-meaning" = Platform Must 3174: "mute is TRUE while the device is frozen and FALSE otherwise, and says whether the platform manages and stores the data that the device reports.";
    "supported-security-meaning" = Platform Must 3175: "supportedSecurity is TRUE when the device supports the secure mode and FALSE when it does not.";
    "is-security-meaning" = Platform Must 3176: "isSecurity is TRUE while the secure mode is in use on the device and FALSE while it is not.";
    "status-pair" = Device Must 3184: "A device that reports its state to the platform has to report status and statusDetail together.";
    "status-detail-display-only" = Application Should 3184: "An application should only display statusDetail and not decide by it.";
}

errata! {
    3129: "when the device connects and is bound" => "at the first successful CONNECT (succeeded) or at the end of the registration period (expired), not at later connects", "The moment of binding is not defined, and expired cannot follow from a connect", "A-152";
    3138: "callbackurl" => "callbackUrl", "The subscription's parameter is spelled callbackUrl", "";
    3146: "expired/ succeeded" => "expired: the registration timed out and the device was removed", "Nothing else in the reference is a source of expired", "A-43";
    3173: "lists of statusDetail for ONLINE, OFFLINE and INACTIVE only" => "NONE for ABNORMAL", "ABNORMAL is left out", "A-108";
    3200: "deviceInfo without nodeId" => "deviceInfo with nodeId", "The table requires nodeId", "A-153";
    3202: "manufacturer" => "manufacturerId / manufacturerName", "The table has no such member", "A-153";
    3203: "\"deviceType\": 90" => "a string", "The table says String(256)", "A-153";
    3205: "mace, its value without a closing quote" => "mac, a closed string", "Misread in the sample", "A-153";
    3208: "\"hwVersion\": \"zigbee\"" => "a hardware version, and \"protocolType\": \"zigbee\"", "zigbee is a protocol; a line was lost (lines 3302 and 3303 have both)", "A-153";
    3210: "nodeType inside deviceInfo" => "not a member", "Only the sample shows it", "A-153";
}
