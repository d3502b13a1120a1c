//! Many pushes over a real network, on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use iotdm_spec::notifications::device_data_changed::NOTIFICATION;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::{PushPolicy, Pusher, RULE};
use crate::clock::{Clock, Moment};
use crate::core::Core;
use crate::journal::{Journal, JournalLimits};
use crate::mint::Mint;
use crate::mqtt::faults::Faults;
use crate::outbox::{Addressee, Effect, Push};
use crate::world::World;

const DEADLINE: Duration = Duration::from_secs(20);

fn core() -> Arc<Core> {
    let journal =
        Arc::new(Journal::new(JournalLimits { entries: 100_000, bytes: 1 << 30, ..JournalLimits::default() }));
    let world = World::new(Mint::seeded(1), Moment(0));
    Arc::new_cyclic(|core| {
        let pusher = Pusher::new(PushPolicy::default(), std::sync::Weak::clone(core), Handle::current());
        let start = Box::new(|now| Ok(World::new(Mint::seeded(1), now)));
        Core::new(world, start, None, Clock::frozen(Moment(0)), journal, pusher, Faults::default())
    })
}

/// A receiver that takes so long for every answer; gives its base URL and the count of what came.
async fn receiver(takes: Duration) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    let answer = move || async move {
        tokio::time::sleep(takes).await;
        counting.fetch_add(1, Ordering::Relaxed);
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/{*path}", post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, count)
}

fn push(core: &Core, url: &str, device: usize, body: &str) {
    let push = Push {
        clause: &NOTIFICATION,
        url: url.into(),
        device: format!("device-{device}").into(),
        addressee: Addressee::default(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    core.enter(|world| world.outbox.push_back(Effect::Push(push)));
}

#[test]
fn every_push_has_to_be_answered() {
    for clause in iotdm_spec::catalogue::NOTIFICATIONS {
        let id = format!("{}/rule/{RULE}", clause.clause);
        assert!(iotdm_spec::requirement::find(&id).is_some(), "{id}");
    }
}

#[test]
fn a_receiver_has_fifteen_seconds() {
    assert_eq!(PushPolicy::default().time_out, Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_takes_a_thousand_pushes_a_second_of_ten_thousand_devices() {
    let core = core();
    let (base, count) = receiver(Duration::from_millis(5)).await;
    let url = format!("{base}/callback");
    for n in 0..10_000 {
        push(&core, &url, n, "{}");
    }
    // One after the other, their answers alone would take 50 s.
    assert!(core.pusher.settle(DEADLINE).await, "{} came", count.load(Ordering::Relaxed));
    assert_eq!(count.load(Ordering::Relaxed), 10_000);
    assert!(core.journal.pushes_to(&url).iter().all(crate::Pushed::is_delivered));
    assert_eq!(core.enter(|world| world.receivers.waiting()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_device_keeps_its_order() {
    let core = core();
    let (base, _) = receiver(Duration::ZERO).await;
    let url = format!("{base}/callback");
    for n in 0..2000 {
        push(&core, &url, n % 40, &format!("{n}"));
    }
    assert!(core.pusher.settle(DEADLINE).await);
    for device in 0..40 {
        let pushes = core.journal.pushes_about(&format!("device-{device}"));
        let order: Vec<usize> = pushes.iter().map(|push| push.body.parse().unwrap()).collect();
        assert!(order.is_sorted() && order.len() == 50, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_receivers_leave_no_task_behind() {
    let core = core();
    let (base, count) = receiver(Duration::ZERO).await;
    push(&core, &format!("{base}/first"), 0, "{}");
    assert!(core.pusher.settle(DEADLINE).await);
    for n in 0..10_000 {
        push(&core, &format!("{base}/{n}"), 0, "{}");
    }
    assert!(core.pusher.settle(DEADLINE).await);
    assert_eq!(count.load(Ordering::Relaxed), 10_001);
    let state = core.enter(|world| world.receivers.state());
    assert_eq!((state.waiting, state.in_flight, state.bytes), (0, 0, 0));
    // What is left belongs to open connections, of which there are far fewer than receivers.
    let tasks = Handle::current().metrics().num_alive_tasks();
    assert!(tasks < 3000, "{tasks} tasks");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_ends_with_the_platform() {
    let core = core();
    let (base, _) = receiver(Duration::from_secs(3600)).await;
    for n in 0..10 {
        push(&core, &format!("{base}/{n}"), 0, "{}");
    }
    assert!(!core.pusher.settle(Duration::from_millis(10)).await);
    let mut gone = core.pusher.worlds.subscribe();
    drop(core);
    let ended = async { while gone.changed().await.is_ok() {} };
    assert!(tokio::time::timeout(DEADLINE, ended).await.is_ok(), "nothing in flight keeps the platform");
}
