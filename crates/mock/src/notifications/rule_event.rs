//! 1.8.13 A rule was triggered.

use std::sync::Arc;

use iotdm_spec::notifications::rule_event::{Message, NOTIFICATION};
use serde_json::Value;

use crate::notifications::{NO_DEVICE, push};
use crate::world::World;

pub(crate) fn rule_event(world: &mut World, application: &Arc<str>, message: &Message) {
    //= 1.8.13/rule/push-trigger
    // The message types hold strings and JSON objects only: they always serialise.
    let Ok(mut body) = serde_json::to_value(message) else { return };
    // Of exception and result only one is there, and null is not absence: members without a value
    // are left out. What the rule's owner put into its own objects stays as it is.
    let lists = NOTIFICATION.fields.iter().filter(|field| !field.members.is_empty());
    for list in lists {
        for item in body.get_mut(list.name).and_then(Value::as_array_mut).into_iter().flatten() {
            without_nulls(item);
        }
    }
    without_nulls(&mut body);
    push(world, &NOTIFICATION, &Arc::from(NO_DEVICE), application, &body);
}

fn without_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, value| !value.is_null());
    }
}
