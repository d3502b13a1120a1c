//! 1.7.5 Delete a subscription.

use iotdm_spec::subscriptions::delete_subscription::{DeleteSubscription, Request, error};

use crate::routes::Answer;
use crate::world::{Caller, World};

pub(crate) fn delete_subscription(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteSubscription> {
    // Another application's subscription is one that is not there.
    world
        .subscriptions
        .find(&call.subscription_id)
        .filter(|subscription| subscription.application == caller.owner)
        .ok_or(error::RESOURCE_NOT_FOUND)?;
    world.unsubscribe(&call.subscription_id);
    Ok(())
}
