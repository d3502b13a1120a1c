//! 1.7.1 Subscribe to business data.

use iotdm_spec::subscriptions::subscribe_business_data::{Request, Response, SubscribeBusinessData, error};

use crate::routes::Answer;
use crate::subscription::Subscription;
use crate::world::{Caller, World};

pub(crate) fn subscribe_business_data(
    world: &mut World,
    caller: &Caller,
    call: Request,
) -> Answer<SubscribeBusinessData> {
    // What conflicts is the same type to the same address for the same application.
    if world.subscriptions.contains(&caller.owner, call.notify_type, &call.callback_url) {
        return Err(error::RESOURCE_CONFLICTED);
    }
    let id = world.mint.uuid();
    world.subscriptions.add(Subscription {
        id: id.as_str().into(),
        application: caller.owner.clone(),
        notify_type: call.notify_type,
        callback_url: call.callback_url.as_str().into(),
    });
    Ok(Response {
        subscription_id: id,
        notify_type: call.notify_type.as_str().to_owned(),
        callback_url: call.callback_url,
    })
}
