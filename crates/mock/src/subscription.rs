//! Subscriptions: who wants to hear of what, where.

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::wire::NotifyType;
use serde::{Deserialize, Serialize};

/// A subscription.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    /// The application whose devices it is about.
    pub(crate) application: Arc<str>,
    pub(crate) notify_type: NotifyType,
    pub(crate) callback_url: Arc<str>,
}

/// All subscriptions of a platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Subscriptions {
    by_id: HashMap<String, Subscription>,
    /// Ids by type, in the order of their creation: pushes go out in that order.
    by_type: HashMap<NotifyType, Vec<String>>,
    /// All ids in the order of their creation.
    in_order: Vec<String>,
}

impl Subscriptions {
    pub(crate) fn add(&mut self, subscription: Subscription) {
        self.by_type.entry(subscription.notify_type).or_default().push(subscription.id.clone());
        self.in_order.push(subscription.id.clone());
        self.by_id.insert(subscription.id.clone(), subscription);
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Subscription> {
        self.by_id.get(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Subscription> {
        let subscription = self.by_id.remove(id)?;
        if let Some(ids) = self.by_type.get_mut(&subscription.notify_type) {
            ids.retain(|other| other != id);
        }
        self.in_order.retain(|other| other != id);
        Some(subscription)
    }

    /// The subscriptions to one type, oldest first.
    pub(crate) fn of_type(&self, notify_type: NotifyType) -> impl Iterator<Item = &Subscription> {
        self.by_type.get(&notify_type).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// The subscriptions of an application, newest first.
    pub(crate) fn of_application<'a>(&'a self, application: &'a str) -> impl Iterator<Item = &'a Subscription> {
        let all = self.in_order.iter().rev().filter_map(|id| self.by_id.get(id));
        all.filter(move |subscription| &*subscription.application == application)
    }

    /// Whether the application has this very subscription.
    pub(crate) fn contains(&self, application: &str, notify_type: NotifyType, callback_url: &str) -> bool {
        self.of_type(notify_type).any(|s| &*s.application == application && &*s.callback_url == callback_url)
    }
}
