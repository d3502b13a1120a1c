//! Subscriptions: who wants to hear of what, where.

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::wire::NotifyType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::state::{Collection, Entity, Table};

/// A subscription.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Subscription {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application whose devices it is about, by its id.
    pub(crate) application: Arc<str>,
    /// What it wants to hear of.
    pub(crate) notify_type: NotifyType,
    /// Where pushes go.
    pub(crate) callback_url: Arc<str>,
}

impl Entity for Subscription {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All subscriptions of a platform.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    by_id: Table<Subscription>,
    /// Ids by type, in the order of their creation: pushes go out in that order.
    by_type: HashMap<NotifyType, Vec<Arc<str>>>,
    /// All ids in the order of their creation.
    in_order: Vec<Arc<str>>,
}

impl Collection for Subscriptions {
    type Item = Subscription;
    const SECTION: &'static str = "subscriptions";

    fn table(&mut self) -> &mut Table<Subscription> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Subscription> {
        &self.by_id
    }

    fn restored(rows: Table<Subscription>) -> Result<Self, String> {
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Subscriptions {
    pub(crate) fn add(&mut self, subscription: Subscription) {
        self.index(&subscription);
        self.by_id.insert(subscription);
    }

    fn index(&mut self, subscription: &Subscription) {
        self.by_type.entry(subscription.notify_type).or_default().push(Arc::clone(&subscription.id));
        self.in_order.push(Arc::clone(&subscription.id));
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Subscription> {
        self.by_id.get(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Subscription> {
        let subscription = self.by_id.remove(id)?;
        if let Some(ids) = self.by_type.get_mut(&subscription.notify_type) {
            ids.retain(|other| **other != *id);
        }
        self.in_order.retain(|other| **other != *id);
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
