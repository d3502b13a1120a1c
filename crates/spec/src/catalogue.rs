//! The list of clauses: the one place that names them all.

use crate::clause::Clause;
use crate::model::{Chapter, Erratum, Notification, Operation, Packet, Prose, Rule};

/// Lists the operations: the enumeration that dispatch must match exhaustively, and the way from
/// each to its table.
macro_rules! operations {
    ($($variant:ident = $chapter:ident :: $module:ident;)*) => {
        /// Every REST operation. A `match` over it is how the compiler demands a handler.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Op {
            $(#[doc = concat!("`", stringify!($chapter), "::", stringify!($module), "`")] $variant,)*
        }

        impl Op {
            /// Every operation, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The operation's table.
            #[must_use]
            pub const fn table(self) -> &'static Operation {
                match self {
                    $(Self::$variant => <crate::$chapter::$module::$variant as Clause>::TABLE,)*
                }
            }
        }

        #[cfg(test)]
        pub(crate) mod types {
            //! Every clause's types, for the test that they agree with the tables.
            use super::*;
            use serde_json::Value;

            /// Reads a request and an answer into the clause's types and writes them again.
            pub(crate) fn round_trip(op: Op, request: Value, response: Value) -> Result<(Value, Value), String> {
                match op {
                    $(Op::$variant => {
                        use crate::$chapter::$module as clause;
                        let request: clause::Request = serde_json::from_value(request).map_err(|e| format!("request: {e}"))?;
                        let response: clause::Response = serde_json::from_value(response).map_err(|e| format!("answer: {e}"))?;
                        let request = serde_json::to_value(request).map_err(|e| e.to_string())?;
                        let response = serde_json::to_value(response).map_err(|e| e.to_string())?;
                        Ok((request, response))
                    })*
                }
            }
        }
    };
}

operations! {
    Login = security::login;
    RefreshToken = security::refresh_token;
    RegisterByVerifyCode = devices::register_by_verify_code;
    RegisterByPassword = devices::register_by_password;
    RefreshKey = devices::refresh_key;
    ModifyDevice = devices::modify_device;
    DeleteDevice = devices::delete_device;
    QueryActivation = devices::query_activation;
    ModifyShadow = devices::modify_shadow;
    QueryShadow = devices::query_shadow;
    RegisterGateway = lora::register_gateway;
    RegisterNode = lora::register_node;
    QueryGateway = lora::query_gateway;
    DeleteGateway = lora::delete_gateway;
    QueryNode = lora::query_node;
    DeleteNode = lora::delete_node;
    QueryDevice = data::query_device;
    QueryDevices = data::query_devices;
    QueryHistory = data::query_history;
    QueryShadowHistory = data::query_shadow_history;
    QueryCapabilities = data::query_capabilities;
    SubscribeBusinessData = subscriptions::subscribe_business_data;
    SubscribeManagementData = subscriptions::subscribe_management_data;
    QuerySubscription = subscriptions::query_subscription;
    QuerySubscriptions = subscriptions::query_subscriptions;
    DeleteSubscription = subscriptions::delete_subscription;
    DeleteSubscriptions = subscriptions::delete_subscriptions;
    CreateCommand = commands::create_command;
    QueryCommands = commands::query_commands;
    ModifyCommand = commands::modify_command;
    CreateCancelTask = commands::create_cancel_task;
    QueryCancelTasks = commands::query_cancel_tasks;
    SendCommand = commands::send_command;
    CreateBatchTask = batch_tasks::create_batch_task;
    QueryBatchTask = batch_tasks::query_batch_task;
    QuerySubTasks = batch_tasks::query_sub_tasks;
    CreateGroup = groups::create_group;
    DeleteGroup = groups::delete_group;
    ModifyGroup = groups::modify_group;
    QueryGroups = groups::query_groups;
    QueryGroup = groups::query_group;
    QueryGroupMembers = groups::query_group_members;
    AddGroupMembers = groups::add_group_members;
    DeleteGroupMembers = groups::delete_group_members;
    QueryPackages = upgrades::query_packages;
    QueryPackage = upgrades::query_package;
    DeletePackage = upgrades::delete_package;
    CreateSoftwareUpgrade = upgrades::create_software_upgrade;
    CreateFirmwareUpgrade = upgrades::create_firmware_upgrade;
    QueryUpgrade = upgrades::query_upgrade;
    QueryUpgradeDetails = upgrades::query_upgrade_details;
    QueryUpgrades = upgrades::query_upgrades;
}

/// Every push (1.8).
pub static NOTIFICATIONS: &[&Notification] = &[
    &crate::notifications::device_added::NOTIFICATION,
    &crate::notifications::bind_device::NOTIFICATION,
    &crate::notifications::device_info_changed::NOTIFICATION,
    &crate::notifications::device_data_changed::NOTIFICATION,
    &crate::notifications::device_datas_changed::NOTIFICATION,
    &crate::notifications::device_capabilities_changed::NOTIFICATION,
    &crate::notifications::device_capabilities_added::NOTIFICATION,
    &crate::notifications::device_capabilities_deleted::NOTIFICATION,
    &crate::notifications::device_deleted::NOTIFICATION,
    &crate::notifications::message_confirm::NOTIFICATION,
    &crate::notifications::command_rsp::NOTIFICATION,
    &crate::notifications::command_status_changed::NOTIFICATION,
    &crate::notifications::rule_event::NOTIFICATION,
    &crate::notifications::desired_properties_modify_status_changed::NOTIFICATION,
    &crate::notifications::sw_upgrade_state_change_notify::NOTIFICATION,
    &crate::notifications::sw_upgrade_result_notify::NOTIFICATION,
    &crate::notifications::fw_upgrade_state_change_notify::NOTIFICATION,
    &crate::notifications::fw_upgrade_result_notify::NOTIFICATION,
];

/// Every message of the device interface (2.2 to 2.5).
pub static PACKETS: &[&Packet] = &[
    &crate::mqtt::connect::MESSAGE,
    &crate::mqtt::report_data::MESSAGE,
    &crate::mqtt::receive_command::MESSAGE,
    &crate::mqtt::respond_command::MESSAGE,
];

/// Every clause that holds rules only: 1.1 to 1.3, the recipes, 2.1.
pub static PROSE: &[&Prose] = &[
    &crate::general::about::PROSE,
    &crate::general::requests::PROSE,
    &crate::general::responses::PROSE,
    &crate::general::api_list::PROSE,
    &crate::devices::delete_sub_device::PROSE,
    &crate::commands::create_commands_in_batch::PROSE,
    &crate::mqtt::topics::PROSE,
];

/// A clause of whatever kind.
#[derive(Debug, Clone, Copy)]
pub enum ClauseRef {
    /// A REST operation.
    Operation(&'static Operation),
    /// A push.
    Notification(&'static Notification),
    /// A message of the device interface.
    Packet(&'static Packet),
    /// Rules only.
    Prose(&'static Prose),
}

/// Every clause, in the order of the reference.
#[must_use]
pub fn clauses() -> Vec<ClauseRef> {
    let mut list: Vec<ClauseRef> = Op::ALL
        .iter()
        .map(|op| ClauseRef::Operation(op.table()))
        .chain(NOTIFICATIONS.iter().map(|n| ClauseRef::Notification(n)))
        .chain(PACKETS.iter().map(|p| ClauseRef::Packet(p)))
        .chain(PROSE.iter().map(|p| ClauseRef::Prose(p)))
        .collect();
    list.sort_by_key(ClauseRef::number);
    list
}

/// The clause with this number, such as `1.5.2`.
#[must_use]
pub fn clause(number: &str) -> Option<ClauseRef> {
    clauses().into_iter().find(|clause| clause.clause() == number)
}

impl ClauseRef {
    /// The clause's number, such as `1.5.2`.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        match self {
            Self::Operation(c) => c.clause,
            Self::Notification(c) => c.clause,
            Self::Packet(c) => c.clause,
            Self::Prose(c) => c.clause,
        }
    }

    /// The `verb_object` name that contract, mock and cases share.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Operation(c) => c.name,
            Self::Notification(c) => c.name,
            Self::Packet(c) => c.name,
            Self::Prose(c) => c.name,
        }
    }

    /// The title in English.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Operation(c) => c.title,
            Self::Notification(c) => c.title,
            Self::Packet(c) => c.title,
            Self::Prose(c) => c.title,
        }
    }

    /// The chapter.
    #[must_use]
    pub const fn chapter(&self) -> Chapter {
        match self {
            Self::Operation(c) => c.chapter,
            Self::Notification(_) => Chapter::Notifications,
            Self::Packet(_) => Chapter::Mqtt,
            Self::Prose(c) => c.chapter,
        }
    }

    /// First and last line in the reference.
    #[must_use]
    pub const fn lines(&self) -> (u32, u32) {
        match self {
            Self::Operation(c) => c.lines,
            Self::Notification(c) => c.lines,
            Self::Packet(c) => c.lines,
            Self::Prose(c) => c.lines,
        }
    }

    /// The prose rules.
    #[must_use]
    pub const fn rules(&self) -> &'static [Rule] {
        match self {
            Self::Operation(c) => c.rules,
            Self::Notification(c) => c.rules,
            Self::Packet(c) => c.rules,
            Self::Prose(c) => c.rules,
        }
    }

    /// What is printed and cannot be meant literally.
    #[must_use]
    pub const fn errata(&self) -> &'static [Erratum] {
        match self {
            Self::Operation(c) => c.errata,
            Self::Notification(c) => c.errata,
            Self::Packet(c) => c.errata,
            Self::Prose(c) => c.errata,
        }
    }

    /// The clause's number as numbers, so that 1.10 follows 1.9.
    #[must_use]
    pub fn number(&self) -> Vec<u32> {
        self.clause().split('.').filter_map(|part| part.parse().ok()).collect()
    }
}
