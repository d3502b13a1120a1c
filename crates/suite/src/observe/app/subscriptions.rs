//! 1.7: which subscriptions an application has ended, and when, as far as its calls tell.

use std::collections::BTreeMap;

use iotdm_spec::catalogue::{self, ClauseRef, Op};
use iotdm_spec::model::Fallback;
use iotdm_spec::secrets;
use iotdm_spec::wire::NotifyType;
use serde_json::{Map, Value};

use super::calls::Asked;
use crate::observe::feed::{Observation, Push};

/// What a subscription is told apart by: the type of its notifications, and their URL as reports
/// show it.
type Key = (String, String);

/// The subscriptions that were made and deleted, call by call.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Of each subscription, every call that made it (none) or deleted it (when).
    turns: BTreeMap<Key, Vec<(u64, Option<String>)>>,
    /// The subscriptions that answers tell the ids of.
    ids: BTreeMap<String, Key>,
}

impl Ends {
    /// Reads the calls, in order.
    pub(super) fn read(asked: &[Asked<'_>]) -> Self {
        let mut ends = Self::default();
        for one in asked.iter().filter(|one| one.succeeded()) {
            match one.op {
                Op::SubscribeBusinessData | Op::SubscribeManagementData => {
                    if let Some(key) = one.body.as_ref().and_then(key) {
                        ends.turns.entry(key).or_default().push((one.by.seq, None));
                    }
                    ends.learn(one);
                }
                Op::QuerySubscription | Op::QuerySubscriptions => ends.learn(one),
                Op::DeleteSubscription => {
                    let key = one.text("subscriptionId").and_then(|id| ends.ids.get(id)).cloned();
                    ends.end(one, key.into_iter().collect());
                }
                Op::DeleteSubscriptions => {
                    let matching = ends.matching(one);
                    ends.end(one, matching);
                }
                _ => {}
            }
        }
        ends
    }

    /// Learns ids from an answer: that of one subscription, or a list of them.
    fn learn(&mut self, one: &Asked<'_>) {
        let Ok(answer) = serde_json::from_str::<Value>(&one.call.answer) else { return };
        let listed = answer.get("subscriptions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for subscription in std::iter::once(&answer).chain(listed).filter_map(Value::as_object) {
            let id = subscription.get("subscriptionId").and_then(Value::as_str);
            if let (Some(id), Some(key)) = (id, key(subscription)) {
                self.ids.insert(id.to_owned(), key);
            }
        }
    }

    /// What 1.7.6 deletes: all, or those of a type, or of a URL, or both.
    fn matching(&self, one: &Asked<'_>) -> Vec<Key> {
        // With the channel that is meant where none is given go the pushes; with others goes nothing of them.
        let channel = one.table.params.iter().find(|param| param.field.name == "channel");
        let pushed = channel.and_then(|param| match param.field.default {
            Some(Fallback::Text(channel)) => Some(channel),
            _ => None,
        });
        if one.text("channel").is_some_and(|given| !given.is_empty() && pushed != Some(given)) {
            return Vec::new();
        }
        let url = one.text("callbackUrl").map(secrets::mask_url);
        let is_meant = |(notify_type, to): &&Key| {
            one.text("notifyType").is_none_or(|wanted| wanted == notify_type)
                && url.as_ref().is_none_or(|url| url == to)
        };
        self.turns.keys().filter(is_meant).cloned().collect()
    }

    fn end(&mut self, one: &Asked<'_>, keys: Vec<Key>) {
        for key in keys {
            self.turns.entry(key).or_default().push((one.by.seq, Some(one.by.at.clone())));
        }
    }

    /// Whether an attempt was made when the subscription that it belongs to had been deleted. A push of a
    /// command's status has none.
    pub(super) fn are_before(&self, attempt: &Observation, push: &Push) -> bool {
        let Some(notify_type) = notify_type(&push.clause) else { return false };
        let key = (notify_type.as_str().to_owned(), secrets::mask_url(&push.url));
        let before = self.turns.get(&key).and_then(|turns| turns.iter().rev().find(|(seq, _)| *seq < attempt.seq));
        // The entry is made when the attempt has ended, and its time is that at which it was made.
        before.is_some_and(|(_, deleted)| deleted.as_ref().is_some_and(|at| attempt.at >= *at))
    }
}

fn key(subscription: &Map<String, Value>) -> Option<Key> {
    let text = |name: &str| subscription.get(name).and_then(Value::as_str);
    let url = text("callbackUrl").or_else(|| text("callbackurl"))?;
    Some((text("notifyType")?.to_owned(), secrets::mask_url(url)))
}

fn notify_type(clause: &str) -> Option<NotifyType> {
    match catalogue::clause(clause) {
        Some(ClauseRef::Notification(push)) => push.notify_type,
        _ => None,
    }
}
