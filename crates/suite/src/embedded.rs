//! The case files, compiled in, so that an installed binary works anywhere.

/// Names files of `spec-cases/` once and includes their texts.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Every case file: its path in the repository, and its text.
        pub static FILES: &[(&str, &str)] =
            &[$((concat!("spec-cases/", $path), include_str!(concat!("../../../spec-cases/", $path)))),*];
    };
}

files![
    "commands/create_cancel_task.yaml",
    "commands/create_command.yaml",
    "commands/modify_command.yaml",
    "commands/query_cancel_tasks.yaml",
    "commands/query_commands.yaml",
    "batch_tasks/create_batch_task.yaml",
    "batch_tasks/query_batch_task.yaml",
    "batch_tasks/query_sub_tasks.yaml",
    "commands/send_command.yaml",
    "data/query_capabilities.yaml",
    "data/query_device.yaml",
    "data/query_devices.yaml",
    "data/query_history.yaml",
    "data/query_shadow_history.yaml",
    "devices/delete_device.yaml",
    "devices/modify_device.yaml",
    "devices/modify_shadow.yaml",
    "devices/query_activation.yaml",
    "devices/query_shadow.yaml",
    "devices/refresh_key.yaml",
    "devices/register_by_password.yaml",
    "devices/register_by_verify_code.yaml",
    "general/requests.yaml",
    "general/responses.yaml",
    "groups/add_group_members.yaml",
    "groups/create_group.yaml",
    "groups/delete_group.yaml",
    "groups/delete_group_members.yaml",
    "groups/modify_group.yaml",
    "groups/query_group.yaml",
    "groups/query_group_members.yaml",
    "groups/query_groups.yaml",
    "lora/delete_gateway.yaml",
    "lora/delete_node.yaml",
    "lora/query_gateway.yaml",
    "lora/query_node.yaml",
    "lora/register_gateway.yaml",
    "lora/register_node.yaml",
    "mqtt/connect.yaml",
    "mqtt/receive_command.yaml",
    "mqtt/report_data.yaml",
    "mqtt/respond_command.yaml",
    "mqtt/topics.yaml",
    "notifications/bind_device.yaml",
    "notifications/command_rsp.yaml",
    "notifications/command_status_changed.yaml",
    "notifications/desired_properties_modify_status_changed.yaml",
    "notifications/device_added.yaml",
    "notifications/device_capabilities_added.yaml",
    "notifications/device_capabilities_changed.yaml",
    "notifications/device_capabilities_deleted.yaml",
    "notifications/device_data_changed.yaml",
    "notifications/device_datas_changed.yaml",
    "notifications/device_deleted.yaml",
    "notifications/device_info_changed.yaml",
    "notifications/fw_upgrade_result_notify.yaml",
    "notifications/fw_upgrade_state_change_notify.yaml",
    "notifications/message_confirm.yaml",
    "notifications/rule_event.yaml",
    "notifications/sw_upgrade_result_notify.yaml",
    "notifications/sw_upgrade_state_change_notify.yaml",
    "security/login.yaml",
    "security/refresh_token.yaml",
    "subscriptions/delete_subscription.yaml",
    "subscriptions/delete_subscriptions.yaml",
    "subscriptions/query_subscription.yaml",
    "subscriptions/query_subscriptions.yaml",
    "subscriptions/subscribe_business_data.yaml",
    "subscriptions/subscribe_management_data.yaml",
    "upgrades/create_firmware_upgrade.yaml",
    "upgrades/create_software_upgrade.yaml",
    "upgrades/delete_package.yaml",
    "upgrades/query_package.yaml",
    "upgrades/query_packages.yaml",
    "upgrades/query_upgrade.yaml",
    "upgrades/query_upgrade_details.yaml",
    "upgrades/query_upgrades.yaml",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_case_file_is_compiled_in() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec-cases"));
        let mut there = BTreeSet::new();
        for chapter in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
            for file in std::fs::read_dir(&chapter).unwrap().map(|e| e.unwrap().path()) {
                let name = file.strip_prefix(folder).unwrap().display().to_string();
                there.insert(format!("spec-cases/{name}"));
            }
        }
        let compiled: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(there, compiled, "add the file to the list in crates/suite/src/embedded.rs");
    }

    #[test]
    fn every_case_file_can_be_read() {
        if let Err(errors) = Catalogue::embedded(None) {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", texts.join("\n\n"));
        }
    }
}
