//! 1.7 Subscriptions.

pub mod delete_subscription;
pub mod delete_subscriptions;
pub mod query_subscription;
pub mod query_subscriptions;
pub mod subscribe_business_data;
pub mod subscribe_management_data;
