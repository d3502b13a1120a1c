//! 1.7.2 Subscribe to management data.

use iotdm_spec::subscriptions::subscribe_management_data::{Request, SubscribeManagementData};

use crate::routes::Answer;
use crate::subscription::Subscription;
use crate::world::{Caller, World};

pub(crate) fn subscribe_management_data(
    world: &mut World,
    caller: &Caller,
    call: Request,
) -> Answer<SubscribeManagementData> {
    // The table has no row for a conflict: subscribing twice is as good as once.
    if world.subscriptions.contains(&caller.owner, call.notify_type, &call.callback_url) {
        world.remarks.push("1.7.2: this very subscription was there already".to_owned());
        return Ok(());
    }
    // The answer tells no id; 1.7.4 does.
    let id = world.mint.uuid().into();
    world.subscriptions.add(Subscription {
        id,
        application: caller.owner.clone(),
        notify_type: call.notify_type,
        callback_url: call.callback_url.as_str().into(),
    });
    Ok(())
}
