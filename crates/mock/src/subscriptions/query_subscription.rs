//! 1.7.3 Query one subscription.

use iotdm_spec::subscriptions::query_subscription::{QuerySubscription, Request, Response, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn query_subscription(world: &mut World, caller: &Caller, call: Request) -> Answer<QuerySubscription> {
    // Another application's subscription is one that is not there.
    let subscription = world
        .subscriptions
        .find(&call.subscription_id)
        .filter(|subscription| subscription.application == caller.owner)
        .ok_or(error::RESOURCE_NOT_FOUND)?;
    Ok(Response {
        subscription_id: subscription.id.to_string(),
        notify_type: subscription.notify_type.as_str().to_owned(),
        callback_url: subscription.callback_url.to_string(),
    })
}
