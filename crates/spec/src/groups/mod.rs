//! 1.11 Device groups.

pub mod add_group_members;
pub mod create_group;
pub mod delete_group;
pub mod delete_group_members;
pub mod modify_group;
pub mod query_group;
pub mod query_group_members;
pub mod query_groups;
