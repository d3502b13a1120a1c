//! 1.7.4 Query subscriptions in a batch.

use iotdm_spec::subscriptions::query_subscriptions::{
    QuerySubscriptionDTOCloud, QuerySubscriptions, Request, Response, error,
};

use crate::routes::Answer;
use crate::subscription::Subscription;
use crate::world::{Caller, World};

/// A query that finds more has to be narrowed.
const MOST_FOUND: usize = 1000;

pub(crate) fn query_subscriptions(world: &mut World, caller: &Caller, call: Request) -> Answer<QuerySubscriptions> {
    //= 1.7.4/rule/first-page-zero
    let page_no = call.page_no.unwrap_or(0);
    let page_size = call.page_size.unwrap_or(10);
    //= 1.7.4/rule/all-or-one-type
    let found: Vec<&Subscription> = world
        .subscriptions
        .of_application(&caller.owner)
        .filter(|subscription| call.notify_type.is_none_or(|wanted| subscription.notify_type == wanted))
        .collect();
    //= 1.7.4/rule/at-most-1000
    if found.len() > MOST_FOUND {
        return Err(error::TOO_MANY_RESOURCES);
    }
    let (skip, take) = crate::gate::page(page_no, page_size);
    Ok(Response {
        //= 1.7.4/rule/total-count
        total_count: i64::try_from(found.len()).unwrap_or(i64::MAX),
        page_no,
        page_size,
        subscriptions: found.into_iter().skip(skip).take(take).map(row).collect(),
    })
}

fn row(subscription: &Subscription) -> QuerySubscriptionDTOCloud {
    QuerySubscriptionDTOCloud {
        subscription_id: subscription.id.to_string(),
        notify_type: subscription.notify_type.as_str().to_owned(),
        callback_url: subscription.callback_url.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::mint::Mint;
    use iotdm_spec::wire::NotifyType;

    /// No case does it: it would take a thousand calls.
    #[test]
    fn refuses_to_find_more_than_a_thousand() {
        let mut world = World::new(Mint::seeded(7), Moment(0));
        let caller = Caller { id: "app".into(), owner: "app".into() };
        let subscribe = |world: &mut World, number: usize, notify_type| {
            world.subscriptions.add(Subscription {
                id: number.to_string().into(),
                application: "app".into(),
                notify_type,
                callback_url: format!("http://127.0.0.1:9/{number}").into(),
            });
        };
        let all = || Request { app_id: None, notify_type: None, page_no: None, page_size: None };
        (0..MOST_FOUND).for_each(|number| subscribe(&mut world, number, NotifyType::RuleEvent));
        assert_eq!(query_subscriptions(&mut world, &caller, all()).unwrap().total_count, 1000);
        subscribe(&mut world, MOST_FOUND, NotifyType::DeviceAdded);
        let refusal = query_subscriptions(&mut world, &caller, all()).unwrap_err();
        assert_eq!(refusal.row(), error::TOO_MANY_RESOURCES.row());
        let narrower = Request { notify_type: Some(NotifyType::DeviceAdded), ..all() };
        assert_eq!(query_subscriptions(&mut world, &caller, narrower).unwrap().total_count, 1);
    }
}
