//! 1.12 Software and firmware upgrades.

pub mod create_firmware_upgrade;
pub mod create_software_upgrade;
pub mod delete_package;
pub mod query_package;
pub mod query_packages;
pub mod query_upgrade;
pub mod query_upgrade_details;
pub mod query_upgrades;
