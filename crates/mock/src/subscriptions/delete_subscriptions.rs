//! 1.7.6 Delete subscriptions in a batch.

use iotdm_spec::subscriptions::delete_subscriptions::{DeleteSubscriptions, Request, error};

use crate::deviation::{Deviation, DeviationKind, rule};
use crate::routes::Answer;
use crate::subscription::Subscription;
use crate::world::{Caller, World};

pub(crate) fn delete_subscriptions(world: &mut World, caller: &Caller, call: Request) -> Answer<DeleteSubscriptions> {
    match call.channel.as_deref() {
        //= 1.7.6/rule/channel-empty
        //= 1.7.6/rule/channel-http
        None | Some("" | "HTTP") => {}
        // No subscription of this mock goes by MQTTS, so none is found.
        //= 1.7.6/rule/channel-mqtts
        Some("MQTTS") => return Err(error::RESOURCE_NOT_FOUND),
        //= 1.7.6/rule/channel-other
        Some(other) => {
            let text = format!("the channel {other:?} is neither HTTP nor MQTTS: nothing was deleted");
            let deviation = Deviation::new(rule::CHANNEL_OTHER, DeviationKind::NotListed, text);
            world.deviations.push(deviation.tolerated().at("channel"));
            return Ok(());
        }
    }
    // The filters add up.
    //= 1.7.6/rule/delete-all
    //= 1.7.6/rule/delete-by-type
    //= 1.7.6/rule/delete-by-callback
    let meant = |subscription: &&Subscription| {
        call.notify_type.is_none_or(|wanted| subscription.notify_type == wanted)
            && call.callback_url.as_ref().is_none_or(|wanted| **wanted == *subscription.callback_url)
    };
    let found: Vec<_> =
        world.subscriptions.of_application(&caller.owner).filter(meant).map(|found| found.id.clone()).collect();
    //= 1.7.6/rule/nothing-found
    if found.is_empty() {
        return Err(error::RESOURCE_NOT_FOUND);
    }
    for id in found {
        world.unsubscribe(&id);
    }
    Ok(())
}
