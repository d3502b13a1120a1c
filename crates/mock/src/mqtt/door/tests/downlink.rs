//! PUBLISH to devices.

use super::rig::*;

#[tokio::test]
async fn delivers_at_qos_1_and_tells_the_acknowledgement() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    assert!(!house.door.publish("d", "d/c", payload("early"), 1), "no subscription yet");
    raw.subscribe("d/+", 1).await;
    assert!(house.door.publish("d", "d/c", payload("hello"), 42));
    let got = raw.packet("the message").await;
    assert_eq!(got, publish(0b0010, 1, "d/c", b"hello"));
    assert_eq!(house.host.count(&Event::Delivered(session, 42)), 0, "not acknowledged yet");
    raw.send(&[0x40, 2, 0, 1]).await;
    house.host.wait_delivered(42).await;
    assert!(!house.door.publish("e", "d/c", payload("x"), 2), "no session");
    assert!(!house.door.publish("d", "other", payload("x"), 3), "no such subscription");
    assert!(!house.door.publish("d", "d/#", payload("x"), 4), "no topic name");
}

#[tokio::test]
async fn delivers_at_qos_0_and_tells_the_writing() {
    let house = house();
    let (mut raw, session) = house.device("a/b+c #$%").await;
    raw.subscribe("$x/#", 0).await;
    assert!(house.door.publish("a/b+c #$%", "$x/y/z", payload(""), 5));
    assert_eq!(raw.packet("the message").await, publish(0, 0, "$x/y/z", b""));
    house.host.wait_delivered(5).await;
    assert_eq!(house.host.count(&Event::Delivered(session, 5)), 1);
}

#[tokio::test]
async fn delivers_one_copy_at_the_highest_matching_qos() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    for (filter, qos) in [("d/#", 0), ("d/x", 1), ("+/x", 0), ("d/+", 1)] {
        raw.subscribe(filter, qos).await;
    }
    assert!(house.door.publish("d", "d/x", payload("both"), 1));
    assert_eq!(raw.packet("one copy").await, publish(0b0010, 1, "d/x", b"both"));
    raw.send(&[0x40, 2, 0, 1]).await;
    raw.subscribe("d/x", 0).await;
    raw.send(&packet(0xa2, &[&[0, 7][..], &text("d/+")].concat())).await;
    raw.expect(&[0xb0, 2, 0, 7], "UNSUBACK").await;
    assert!(house.door.publish("d", "d/x", payload("lower"), 2));
    assert_eq!(raw.packet("after the change").await, publish(0, 0, "d/x", b"lower"));
    house.host.wait_delivered(2).await;
    assert_eq!(house.host.count(&Event::Delivered(session, 1)), 1);
}

#[tokio::test]
async fn takes_acknowledgements_in_any_order_and_ignores_unknown_ones() {
    let house = house();
    let (mut raw, _) = house.device("d").await;
    raw.subscribe("t", 1).await;
    for token in 1..=3 {
        assert!(house.door.publish("d", "t", payload("x"), token));
        raw.packet("a message").await;
    }
    raw.send(&[0x40, 2, 0, 3, 0x40, 2, 0, 99, 0x40, 2, 0, 3]).await;
    house.host.wait_delivered(3).await;
    raw.send(&[0x40, 2, 0, 1, 0x40, 2, 0, 2]).await;
    house.host.wait_delivered(1).await;
    house.host.wait_delivered(2).await;
    // More than one window of 100 identifiers: each must have come free.
    for token in 4..=250 {
        assert!(house.door.publish("d", "t", payload("x"), token));
        let got = raw.packet("a message of the second window").await;
        raw.send(&[0x40, 2, got[5], got[6]]).await;
        house.host.wait_delivered(token).await;
    }
}

#[tokio::test]
async fn loses_and_reorders_nothing_when_much_waits() {
    let house = house();
    let (mut raw, session) = house.device("d").await;
    raw.subscribe("t", 1).await;
    let body = "x".repeat(700);
    for token in 0..3000_u64 {
        assert!(house.door.publish("d", "t", payload(&format!("{token} {body}")), token));
    }
    for token in 0..3000_u64 {
        let got = raw.packet(&format!("message {token}")).await;
        let id = &got[6..8];
        assert!(got[8..].starts_with(format!("{token} ").as_bytes()), "{token}: {got:?}");
        raw.send(&[0x40, 2, id[0], id[1]]).await;
    }
    house.host.wait_delivered(2999).await;
    let told: Vec<_> = (0..3000).map(|token| Event::Delivered(session, token)).collect();
    let events = house.host.events();
    assert!(events.iter().filter(|e| matches!(e, Event::Delivered(..))).eq(told.iter()));
}

#[tokio::test]
async fn refuses_more_than_may_wait() {
    let house = house();
    let (mut raw, _) = house.device("d").await;
    raw.subscribe("t", 1).await;
    let accepted = (0..20_000).take_while(|t| house.door.publish("d", "t", payload("x"), *t)).count();
    assert!((4096..5000).contains(&accepted), "{accepted}");
    raw.packet("the first of them").await;
}

#[tokio::test]
async fn may_be_called_under_the_hosts_lock_from_a_callback() {
    let house = house();
    let (mut other, _) = house.device("other").await;
    other.subscribe("t", 1).await;
    let (mut raw, session) = house.device("d").await;
    raw.send(&publish(0, 0, "echo-to-other/t", b"hi")).await;
    assert_eq!(other.packet("the echo").await, publish(0b0010, 1, "t", b"hi"));
    raw.send(&publish(0, 0, "close-me", b"")).await;
    assert_eq!(
        house.host.wait_closed(session).await,
        crate::mqtt::door::CloseReason::ByPlatform("it asked for it".into())
    );
}

#[tokio::test]
async fn starts_afresh_in_a_new_session_of_the_device() {
    let house = house();
    for round in 1..=20 {
        let (mut raw, _) = house.device(&format!("d:{round}")).await;
        assert!(!house.door.subscribed("d", "t"), "subscriptions end with the session");
        raw.subscribe("t", 1).await;
        assert!(house.door.publish("d", "t", payload("x"), round));
        // Never acknowledged, and still the first of each session.
        assert_eq!(raw.packet("the message").await, publish(0b0010, 1, "t", b"x"));
    }
}

#[tokio::test]
async fn keeps_platforms_apart_that_share_a_router() {
    let (one, two) = (house(), house());
    let (mut here, _) = one.device("d").await;
    let (mut there, _) = two.device("d").await;
    here.subscribe("#", 1).await;
    there.subscribe("#", 0).await;
    for token in 0..50 {
        assert!(one.door.publish("d", "t", payload(&format!("one {token}")), token));
        assert!(two.door.publish("d", "t", payload(&format!("two {token}")), token));
    }
    for token in 0..50_u64 {
        let id = u16::try_from(token).unwrap() + 1;
        let wanted = publish(0b0010, id, "t", format!("one {token}").as_bytes());
        assert_eq!(here.packet("a message of one").await, wanted);
        let wanted = publish(0, 0, "t", format!("two {token}").as_bytes());
        assert_eq!(there.packet("a message of two").await, wanted);
    }
}
