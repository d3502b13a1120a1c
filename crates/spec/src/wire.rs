//! The closed value lists of the reference, as Rust enumerations.

use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// Declares an enumeration and the wire value of each of its variants, once.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $wire:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[schemars(transform = list_of(Self::VALUES))]
        pub enum $name {
            $(#[doc = concat!("`", $wire, "`")] #[serde(rename = $wire)] $variant,)*
        }

        impl $name {
            /// Every variant, in printed order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Every wire value, in printed order.
            pub const VALUES: &'static [&'static str] = &[$($wire),*];

            /// The wire value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)*
                }
            }

            /// The variant with this wire value.
            #[must_use]
            pub fn parse(wire: &str) -> Option<Self> {
                match wire {
                    $($wire => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Makes the schema of a closed list one: what derives it lists the values one by one, each described by itself.
fn list_of(values: &'static [&str]) -> impl Fn(&mut Schema) {
    move |schema| {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), values.into());
    }
}

wire_enum! {
    /// What a subscription is for and what a push says it is (1.7.1, 1.7.2).
    NotifyType {
        DeviceAdded = "deviceAdded",
        BindDevice = "bindDevice",
        DeviceInfoChanged = "deviceInfoChanged",
        DeviceDataChanged = "deviceDataChanged",
        DeviceDatasChanged = "deviceDatasChanged",
        DeviceCapabilitiesChanged = "deviceCapabilitiesChanged",
        DeviceCapabilitiesAdded = "deviceCapabilitiesAdded",
        DeviceCapabilitiesDeleted = "deviceCapabilitiesDeleted",
        DeviceDeleted = "deviceDeleted",
        MessageConfirm = "messageConfirm",
        CommandRsp = "commandRsp",
        RuleEvent = "ruleEvent",
        DeviceDesiredPropertiesModifyStatusChanged = "deviceDesiredPropertiesModifyStatusChanged",
        SwUpgradeStateChangeNotify = "swUpgradeStateChangeNotify",
        SwUpgradeResultNotify = "swUpgradeResultNotify",
        FwUpgradeStateChangeNotify = "fwUpgradeStateChangeNotify",
        FwUpgradeResultNotify = "fwUpgradeResultNotify",
    }
}

wire_enum! {
    /// What an MQTT payload says it is (2.3 to 2.5).
    MsgType {
        DeviceReq = "deviceReq",
        DeviceRsp = "deviceRsp",
        CloudReq = "cloudReq",
    }
}

wire_enum! {
    /// The kind of a node (1.6.1, 1.8.1). The last two are one value in two spellings.
    NodeType {
        Endpoint = "ENDPOINT",
        Gateway = "GATEWAY",
        Unknow = "UNKNOW",
        Unknown = "UNKNOWN",
    }
}

wire_enum! {
    /// The protocol that a device speaks (1.5.1, 1.5.2, 1.5.4).
    Protocol {
        CoAp = "CoAP",
        Lwm2m = "LWM2M",
        Mqtt = "MQTT",
    }
}

wire_enum! {
    /// How a LoRa node joins its network (1.5.11, A-100).
    JoinType {
        Otaa = "OTAA",
        Abp = "ABP",
    }
}

wire_enum! {
    /// When a LoRa node listens (1.5.11, A-100).
    DeviceClass {
        A = "classA",
        B = "classB",
        C = "classC",
    }
}

wire_enum! {
    /// Whether a device is online (1.6.1).
    DeviceStatus {
        Online = "ONLINE",
        Offline = "OFFLINE",
        Inactive = "INACTIVE",
        Abnormal = "ABNORMAL",
    }
}

wire_enum! {
    /// Why a device has its status (1.6.1).
    StatusDetail {
        None = "NONE",
        ConfigurationPending = "CONFIGURATION_PENDING",
        UeReachability = "UE_REACHABILITY",
        AvailabilityAfterDdnFailure = "AVAILABILITY_AFTER_DDN_FAILURE",
        CommunicationError = "COMMUNICATION_ERROR",
        ConfigurationError = "CONFIGURATION_ERROR",
        BridgeOffline = "BRIDGE_OFFLINE",
        FirmwareUpdating = "FIRMWARE_UPDATING",
        DutyCycle = "DUTY_CYCLE",
        NotActive = "NOT_ACTIVE",
        LossOfConnectivity = "LOSS_OF_CONNECTIVITY",
        TimeOut = "TIME_OUT",
    }
}

wire_enum! {
    /// A flag that travels as an upper-case string (1.5.4, 1.6.1).
    Switch {
        True = "TRUE",
        False = "FALSE",
    }
}

wire_enum! {
    /// The life of a cached command (1.9.1).
    CommandStatus {
        Pending = "PENDING",
        Expired = "EXPIRED",
        Successful = "SUCCESSFUL",
        Failed = "FAILED",
        Timeout = "TIMEOUT",
        Canceled = "CANCELED",
        Delivered = "DELIVERED",
        Sent = "SENT",
    }
}

wire_enum! {
    /// The life of a command as a cancel task shows it (1.9.5).
    CancelledCommandStatus {
        Default = "DEFAULT",
        Expired = "EXPIRED",
        Successful = "SUCCESSFUL",
        Failed = "FAILED",
        Timeout = "TIMEOUT",
        Canceled = "CANCELED",
    }
}

wire_enum! {
    /// The life of a cancel task (1.9.5).
    CancelTaskStatus {
        Waitting = "WAITTING",
        Running = "RUNNING",
        Success = "SUCCESS",
        Failed = "FAILED",
        PartSuccess = "PART_SUCCESS",
    }
}

wire_enum! {
    /// Whether the sender of a command wants a confirmation (1.9.7).
    AckMode {
        NoAck = "NOACK",
        Ack = "ACK",
    }
}

wire_enum! {
    /// What became of an immediate command (1.9.7).
    SendStatus {
        Sent = "sent",
        Delivered = "delivered",
        Failed = "failed",
    }
}

wire_enum! {
    /// What a device confirms of a command (1.8.10).
    ConfirmStatus {
        Sent = "sent",
        Delivered = "delivered",
        Executed = "executed",
    }
}

wire_enum! {
    /// How the binding of a device ended (1.8.2).
    BindResult {
        Expired = "expired",
        Succeeded = "succeeded",
    }
}

wire_enum! {
    /// How the delivery of a desired property ended (1.8.14).
    ShadowSyncStatus {
        Delivered = "DELIVERED",
        Failed = "FAILED",
    }
}

wire_enum! {
    /// How a batch task names its devices (1.10.1).
    BatchTargetType {
        DeviceList = "DeviceList",
        DeviceType = "DeviceType",
        DeviceArea = "DeviceArea",
        GroupList = "GroupList",
        Broadcast = "Broadcast",
        GroupIdList = "GroupIdList",
    }
}

wire_enum! {
    /// What a batch task does (1.10.1).
    BatchTaskType {
        DeviceCmd = "DeviceCmd",
    }
}

wire_enum! {
    /// What a query of a batch task may ask for in addition (1.10.2).
    BatchTaskSelect {
        Tag = "tag",
    }
}

wire_enum! {
    /// Where a batch task was created (1.10.2).
    BatchTaskOrigin {
        Portal = "Portal",
        Northbound = "Northbound",
    }
}

wire_enum! {
    /// The life of a batch task (1.10.2).
    BatchTaskStatus {
        Pending = "Pending",
        Running = "Running",
        Complete = "Complete",
        Timeout = "Timeout",
    }
}

wire_enum! {
    /// The life of a sub-task (1.10.3).
    SubTaskStatus {
        Pending = "Pending",
        WaitResult = "WaitResult",
        Success = "Success",
        Fail = "Fail",
        Timeout = "Timeout",
    }
}

wire_enum! {
    /// When an upgrade runs (1.12.4).
    ExecuteType {
        Now = "now",
        DeviceOnline = "device_online",
        Custom = "custom",
    }
}

wire_enum! {
    /// The kind of a version package (1.12.1).
    FileType {
        FirmwarePackage = "firmwarePackage",
        SoftwarePackage = "softwarePackage",
    }
}

wire_enum! {
    /// The kind of an upgrade (1.12.6).
    OperateType {
        FirmwareUpgrade = "firmware_upgrade",
        SoftwareUpgrade = "software_upgrade",
    }
}

wire_enum! {
    /// The life of an upgrade task (1.12.6).
    OperationStatus {
        Wait = "wait",
        Processing = "processing",
        Failed = "failed",
        Success = "success",
        Stop = "stop",
    }
}

wire_enum! {
    /// The life of the upgrade of one device (1.12.7).
    SubOperationStatus {
        Wait = "wait",
        Processing = "processing",
        Fail = "fail",
        Success = "success",
        Stop = "stop",
    }
}

wire_enum! {
    /// How far an upgrade is (1.8.15, 1.8.17).
    UpgradeState {
        Downloading = "downloading",
        Downloaded = "downloaded",
        Updating = "updating",
        Idle = "idle",
    }
}

wire_enum! {
    /// How far a firmware upgrade is, as a digit (1.8.17).
    UpgradeStep {
        Idle = "0",
        Downloading = "1",
        Downloaded = "2",
        Updating = "3",
    }
}

wire_enum! {
    /// How the upgrade of one device ended (1.8.16, 1.8.18).
    UpgradeResult {
        Success = "SUCCESS",
        Fail = "FAIL",
    }
}

wire_enum! {
    /// What a query of devices may ask for in addition (1.6.1).
    DeviceSelect {
        Imsi = "imsi",
    }
}

wire_enum! {
    /// The order of a list (1.6.2).
    SortOrder {
        Asc = "ASC",
        Desc = "DESC",
    }
}

wire_enum! {
    /// Who owns a callback address (1.7.1).
    OwnerFlag {
        True = "true",
        False = "false",
    }
}

wire_enum! {
    /// What a token is for (1.4.1).
    TokenScope {
        Default = "default",
    }
}

wire_enum! {
    /// The kind of a token, with the blank that the reference prints behind it (1.4.1, A-30).
    TokenType {
        Bearer = "Bearer ",
    }
}

wire_enum! {
    /// How a payload is encoded: the last segment of a topic (2.1).
    CodecMode {
        Json = "json",
        Binary = "binary",
    }
}
