//! 1.7 Subscriptions.

pub(crate) mod delete_subscription;
pub(crate) mod delete_subscriptions;
pub(crate) mod query_subscription;
pub(crate) mod query_subscriptions;
pub(crate) mod subscribe_business_data;
pub(crate) mod subscribe_management_data;
