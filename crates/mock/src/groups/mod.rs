//! 1.11.1 to 1.11.8 Device groups.

pub(crate) mod add_group_members;
pub(crate) mod create_group;
pub(crate) mod delete_group;
pub(crate) mod delete_group_members;
pub(crate) mod modify_group;
pub(crate) mod query_group;
pub(crate) mod query_group_members;
pub(crate) mod query_groups;
