//! 1.7 Subscriptions.

pub(crate) mod delete_subscription;
pub(crate) mod subscribe_business_data;
