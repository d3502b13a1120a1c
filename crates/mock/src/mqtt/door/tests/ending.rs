//! The ways in which a session ends.

use super::rig::*;
use crate::mqtt::door::CloseReason;
use std::time::{Duration, Instant};

#[tokio::test]
async fn tells_disconnect_from_a_dropped_connection() {
    let house = house();
    let (mut polite, session) = house.device("polite").await;
    polite.send(&[0xe0, 0]).await;
    assert_eq!(house.host.wait_closed(session).await, CloseReason::Disconnected);
    polite.expect_end("DISCONNECT").await;
    let (rude, session) = house.device("rude").await;
    drop(rude);
    let reason = house.host.wait_closed(session).await;
    assert!(matches!(reason, CloseReason::ConnectionLost(_)), "{reason:?}");
    assert_eq!(house.door.sessions(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closes_the_older_session_before_it_answers_the_newer() {
    let house = house();
    *house.host.hesitation.lock().unwrap() = Duration::from_millis(50);
    let (mut old, first) = house.device("d:1").await;
    old.subscribe("t", 1).await;
    let (mut new, second) = house.device("d:2").await;
    assert!(second > first);
    assert_eq!(house.host.wait_closed(first).await, CloseReason::TakenOver);
    let events = house.host.events();
    let place = |wanted: Event| events.iter().position(|event| *event == wanted).unwrap();
    assert!(place(Event::Closed(first, CloseReason::TakenOver)) < place(Event::Accepted(second)), "{events:?}");
    old.expect_end("a takeover").await;
    new.subscribe("t", 1).await;
    assert!(house.door.publish("d", "t", payload("for the new"), 1));
    new.packet("the message").await;
    assert_eq!(house.door.sessions(), 1);
}

#[tokio::test]
async fn leaves_one_session_when_many_come_at_once() {
    let house = house();
    let mut devices = Vec::new();
    for number in 0..50 {
        let mut raw = Raw::dial(house.at).await;
        raw.send(&connect(&format!("d:{number}"), 0)).await;
        devices.push(raw);
    }
    let closed = |event: &Event| matches!(event, Event::Closed(..));
    let deadline = Instant::now() + PATIENCE;
    while house.host.events().iter().filter(|event| closed(event)).count() < 49 {
        assert!(Instant::now() < deadline, "waited for 49 ends: {:?}", house.host.events());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let highest = (0..50).map(|number| format!("d:{number}"));
    let mut sessions = Vec::new();
    for client_id in highest {
        sessions.push(house.host.session_of(&client_id).await);
    }
    sessions.sort_unstable();
    for session in &sessions[..49] {
        assert_eq!(house.host.wait_closed(*session).await, CloseReason::TakenOver);
    }
    assert_eq!(house.door.sessions(), 1);
    house.door.stop().await;
    assert_eq!(house.host.wait_closed(sessions[49]).await, CloseReason::DoorStopped);
}

#[tokio::test]
async fn closes_after_one_and_a_half_keep_alives_of_silence() {
    let house = house();
    let mut raw = Raw::dial(house.at).await;
    raw.send(&connect("d", 1)).await;
    raw.expect(&[0x20, 2, 0, 0], "CONNACK 0").await;
    let session = house.host.session_of("d").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    raw.send(&[0xc0, 0]).await;
    raw.expect(&[0xd0, 0], "PINGRESP").await;
    let pinged = Instant::now();
    assert_eq!(house.host.wait_closed(session).await, CloseReason::KeepaliveTimeout);
    let silence = pinged.elapsed();
    assert!(silence > Duration::from_millis(1400), "after {silence:?}");
    assert!(silence < Duration::from_secs(5), "after {silence:?}");
    raw.expect_end("the timeout").await;
}

#[tokio::test]
async fn closes_when_the_platform_says_so() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    house.door.close("nobody", "no effect");
    house.door.close("d", "deleted");
    assert_eq!(house.host.wait_closed(session).await, CloseReason::ByPlatform("deleted".into()));
    raw.expect_end("the platform's word").await;
}

#[tokio::test]
async fn never_begins_what_the_platform_has_given_up_meanwhile() {
    let house = house();
    house.host.fickle.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut raw = Raw::dial(house.at).await;
    raw.send(&connect("d", 0)).await;
    raw.expect_end("a session given up before its CONNACK").await;
    let session = house.host.session_of("d").await;
    assert!(matches!(house.host.wait_closed(session).await, CloseReason::ByPlatform(_)));
    assert_eq!(house.door.sessions(), 0);
}

#[tokio::test]
async fn closes_who_does_not_read_and_spares_the_others() {
    let house = house_with(None, |config| config.stall_timeout = Duration::from_millis(300));
    let (mut lazy, session) = house.device("lazy").await;
    let (mut brisk, _) = house.device("brisk").await;
    lazy.subscribe("t", 0).await;
    brisk.subscribe("t", 1).await;
    let big = payload(&"x".repeat(100_000));
    let deadline = Instant::now() + PATIENCE;
    while house.door.sessions() == 2 {
        assert!(Instant::now() < deadline, "waited for the stalled session to be closed");
        house.door.publish("lazy", "t", big.clone(), 1);
        assert!(house.door.publish("brisk", "t", payload("y"), 2));
        let got = brisk.packet("a message beside the stalled session").await;
        brisk.send(&[0x40, 2, got[5], got[6]]).await;
    }
    assert_eq!(house.host.wait_closed(session).await, CloseReason::SlowReader);
}

#[tokio::test]
async fn stops_with_everybody_inside() {
    let house = house();
    let mut sessions = Vec::new();
    for number in 0..20 {
        let (mut raw, session) = house.device(&format!("d{number}")).await;
        raw.subscribe("t", 1).await;
        sessions.push((raw, session));
    }
    let mut silent = Raw::dial(house.at).await;
    let handle = house.door.handle();
    tokio::time::timeout(PATIENCE, house.door.stop()).await.expect("waited for stop");
    for (raw, session) in &mut sessions {
        assert_eq!(house.host.count(&Event::Closed(*session, CloseReason::DoorStopped)), 1);
        raw.expect_end("the door's end").await;
    }
    silent.expect_end("the door's end").await;
    assert!(!handle.publish("d1", "t", payload("x"), 1));
    assert!(tokio::net::TcpStream::connect(house.at).await.is_err(), "nobody listens");
    assert_eq!(std::sync::Arc::strong_count(&house.host), 1, "the door has let go of the host");
}

#[tokio::test]
async fn shares_its_sessions_among_its_listeners() {
    let house = house();
    let other = listener();
    let at = other.local_addr().unwrap();
    house.door.add_listener(other, None).unwrap();
    let (_old, first) = house.device("d:1").await;
    let mut new = Raw::dial(at).await;
    new.send(&connect("d:2", 0)).await;
    new.expect(&[0x20, 2, 0, 0], "CONNACK 0 at the other address").await;
    assert_eq!(house.host.wait_closed(first).await, CloseReason::TakenOver);
}
