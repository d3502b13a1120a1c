//! Receivers without a network: the test plays the shell.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use iotdm_spec::notifications::device_data_changed::NOTIFICATION;

use super::{Attempt, Outcome, PushLimits, PushRetries, Receivers};
use crate::clock::Moment;
use crate::journal::Event;
use crate::mint::Mint;
use crate::outbox::{Addressee, Effect, Push};
use crate::world::World;

const NOW: Moment = Moment(1_581_667_200_123);
const AT_ONCE: Duration = Duration::ZERO;

fn world(retries: PushRetries, limits: PushLimits) -> World {
    let mut world = World::new(Mint::seeded(1), NOW);
    world.receivers = Receivers::new(retries, limits);
    world
}

fn faq() -> World {
    world(PushRetries::Faq, PushLimits::default())
}

fn push(url: &str, device: &str, body: &str) -> Push {
    Push {
        clause: &NOTIFICATION,
        url: url.into(),
        device: device.into(),
        addressee: Addressee::default(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// The attempts that the world wants made, and what it tells the journal.
fn effects(world: &mut World) -> (Vec<Attempt>, Vec<String>) {
    let (mut attempts, mut told) = (Vec::new(), Vec::new());
    for effect in world.outbox.drain(..) {
        match effect {
            Effect::Attempt(attempt) => attempts.push(attempt),
            Effect::Tell(event) => told.push(match *event {
                Event::Note(note) => note.text,
                Event::Push(push) => format!("{} {}", push.body, push.error.unwrap()),
                other => panic!("{other:?}"),
            }),
            other => panic!("{other:?}"),
        }
    }
    (attempts, told)
}

fn attempts(world: &mut World) -> Vec<Attempt> {
    effects(world).0
}

fn bodies(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().map(|attempt| std::str::from_utf8(&attempt.body).unwrap()).collect()
}

fn end(world: &mut World, attempt: &Attempt, status: u16) -> Option<Moment> {
    world.push_ended(attempt, &Outcome::Answered(status), AT_ONCE)
}

fn later(world: &mut World, seconds: u64) {
    let now = world.now.plus(Duration::from_secs(seconds));
    world.pass_time(now);
}

/// A world with one receiver that has answered, and so gets several pushes at a time.
fn with_a_receiver_that_answers(mut world: World) -> World {
    world.accept_push(&push("u", "first", "first"));
    let first = attempts(&mut world);
    end(&mut world, &first[0], 200);
    assert!(attempts(&mut world).is_empty());
    world
}

#[test]
fn a_receiver_gets_one_push_until_it_has_answered_and_then_many() {
    let mut world = faq();
    for n in 0..40 {
        world.accept_push(&push("u", &format!("d{n}"), &n.to_string()));
    }
    let first = attempts(&mut world);
    assert_eq!(bodies(&first), ["0"]);
    end(&mut world, &first[0], 204);
    let then = attempts(&mut world);
    assert_eq!(then.len(), 16, "the oldest sixteen");
    assert_eq!(bodies(&then)[15], "16");
    end(&mut world, &then[7], 200);
    assert_eq!(bodies(&attempts(&mut world)), ["17"]);
}

#[test]
fn pushes_about_one_device_go_one_after_the_other() {
    let mut world = with_a_receiver_that_answers(faq());
    for body in ["a1", "a2", "b1"] {
        world.accept_push(&push("u", &body[..1], body));
    }
    let sent = attempts(&mut world);
    assert_eq!(bodies(&sent), ["a1", "b1"]);
    end(&mut world, &sent[0], 200);
    assert_eq!(bodies(&attempts(&mut world)), ["a2"]);
}

#[test]
fn a_cached_push_holds_up_its_device_and_no_other() {
    let mut world = with_a_receiver_that_answers(faq());
    world.accept_push(&push("u", "a", "a1"));
    let sent = attempts(&mut world);
    let again = end(&mut world, &sent[0], 503);
    assert_eq!(again, Some(NOW.plus(Duration::from_secs(10))));
    world.accept_push(&push("u", "a", "a2"));
    world.accept_push(&push("u", "b", "b1"));
    let others = attempts(&mut world);
    assert_eq!(bodies(&others), ["b1"]);
    end(&mut world, &others[0], 200);
    later(&mut world, 9);
    assert!(attempts(&mut world).is_empty(), "not yet");
    later(&mut world, 1);
    let retried = attempts(&mut world);
    assert_eq!((bodies(&retried), retried[0].count), (vec!["a1"], 2));
    end(&mut world, &retried[0], 200);
    assert_eq!(bodies(&attempts(&mut world)), ["a2"]);
}

#[test]
fn a_push_is_given_up_when_its_ten_minutes_are_over() {
    let mut world = with_a_receiver_that_answers(faq());
    world.accept_push(&push("u", "a", "a1"));
    world.accept_push(&push("u", "a", "a2"));
    let mut times = Vec::new();
    loop {
        let sent = attempts(&mut world);
        assert_eq!(bodies(&sent), ["a1"]);
        times.push(world.now.since(NOW).as_secs());
        match end(&mut world, &sent[0], 502) {
            Some(due) => world.pass_time(due),
            None => break,
        }
    }
    assert_eq!(times, [0, 10, 30, 70, 150, 310, 600]);
    assert_eq!(bodies(&attempts(&mut world)), ["a2"], "the device goes on");
}

#[test]
fn other_answers_are_final_and_so_is_everything_without_the_profile() {
    let mut world = with_a_receiver_that_answers(faq());
    for status in [302, 404, 500, 505] {
        world.accept_push(&push("u", "a", "a"));
        let sent = attempts(&mut world);
        assert_eq!(end(&mut world, &sent[0], status), None, "{status}");
    }
    assert_eq!(world.receivers.state().receivers[0].failures, 0, "it lives");
    world.retry_pushes(PushRetries::None);
    world.accept_push(&push("u", "a", "a"));
    let sent = attempts(&mut world);
    assert_eq!(end(&mut world, &sent[0], 503), None);
    let state = world.receivers.state();
    assert_eq!((state.waiting, state.bytes, state.receivers[0].failures), (0, 0, 1));
}

/// Lets ten pushes about ten devices fail.
fn made_invalid(mut world: World) -> World {
    for n in 0..12 {
        world.accept_push(&push("u", &format!("d{n}"), &n.to_string()));
    }
    let sent = attempts(&mut world);
    assert_eq!(sent.len(), 12);
    for attempt in &sent[..9] {
        end(&mut world, attempt, 504);
    }
    assert!(effects(&mut world).1.is_empty(), "nine are not enough");
    end(&mut world, &sent[9], 504);
    assert_eq!(effects(&mut world).1, ["the callback u is invalid: 10 failures in a row"]);
    for attempt in &sent[10..] {
        end(&mut world, attempt, 504);
    }
    world
}

#[test]
fn ten_failures_in_a_row_make_the_url_invalid_and_a_probe_makes_it_valid_again() {
    let mut world = made_invalid(with_a_receiver_that_answers(faq()));
    world.accept_push(&push("u", "new", "new"));
    later(&mut world, 59);
    assert!(attempts(&mut world).is_empty(), "everything waits for the probe");
    let state = world.receivers.state();
    assert_eq!((state.receivers[0].invalid, state.receivers[0].cached, state.waiting), (true, 12, 13));
    later(&mut world, 1);
    let probe = attempts(&mut world);
    assert_eq!(bodies(&probe), ["0"], "the oldest is the probe, and alone");
    assert!(end(&mut world, &probe[0], 503).is_some());
    later(&mut world, 60);
    let probe = attempts(&mut world);
    assert_eq!(bodies(&probe), ["0"]);
    end(&mut world, &probe[0], 200);
    let (sent, told) = effects(&mut world);
    assert_eq!(told, ["the callback u is valid again"]);
    assert_eq!(bodies(&sent), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "new"]);
    assert!(!world.receivers.state().receivers[0].invalid);
}

#[test]
fn what_an_invalid_url_never_got_is_given_up_and_the_next_push_probes_it() {
    let mut world = made_invalid(with_a_receiver_that_answers(faq()));
    let mut given_up = 0;
    for _ in 0..11 {
        later(&mut world, 60);
        let (sent, told) = effects(&mut world);
        given_up += told.iter().filter(|text| text.contains("given up")).count();
        for attempt in &sent {
            given_up += usize::from(end(&mut world, attempt, 503).is_none());
        }
    }
    let state = world.receivers.state();
    assert_eq!((given_up, state.waiting, state.bytes, state.receivers[0].invalid), (12, 0, 0, true));
    later(&mut world, 3600);
    assert!(attempts(&mut world).is_empty(), "there is nothing to probe with");
    world.accept_push(&push("u", "a", "a"));
    world.accept_push(&push("u", "b", "b"));
    let probe = attempts(&mut world);
    assert_eq!(bodies(&probe), ["a"]);
    end(&mut world, &probe[0], 200);
    assert_eq!(bodies(&attempts(&mut world)), ["b"]);
}

#[test]
fn a_full_queue_drops_the_newest_and_says_so_once_a_burst() {
    let limits = PushLimits { waiting: 4, ..PushLimits::default() };
    let mut world = world(PushRetries::None, limits);
    for n in 0..10 {
        world.accept_push(&push("u", &format!("d{n}"), &n.to_string()));
    }
    let (mut sent, told) = effects(&mut world);
    assert_eq!(told, ["4 dropped: too many pushes wait for this receiver; those that follow are counted"]);
    let mut delivered = Vec::new();
    let mut said = Vec::new();
    while let Some(attempt) = sent.pop() {
        delivered.push(String::from_utf8_lossy(&attempt.body).into_owned());
        end(&mut world, &attempt, 200);
        let (more, told) = effects(&mut world);
        sent.extend(more);
        said.extend(told);
    }
    delivered.sort();
    assert_eq!(delivered, ["0", "1", "2", "3"]);
    assert_eq!(said, ["6 pushes to u were dropped: too many waited"]);
    let state = world.receivers.state();
    assert_eq!((state.dropped, state.receivers[0].dropped), (6, 6));
}

#[test]
fn bytes_are_bounded_and_the_living_keep_their_reserve() {
    let limits = PushLimits { total_bytes: 20_000, ..PushLimits::default() };
    let mut world = world(PushRetries::None, limits);
    for n in 0..100 {
        world.accept_push(&push("dead", &format!("d{n}"), &"x".repeat(1000)));
    }
    assert!(world.receivers.bytes <= 20_000, "{}", world.receivers.bytes);
    world.accept_push(&push("living", "a", "hello"));
    assert_eq!(bodies(&attempts(&mut world)).last(), Some(&"hello"));
}

#[test]
fn receivers_are_bounded_and_the_idle_ones_make_room() {
    let limits = PushLimits { receivers: 2, ..PushLimits::default() };
    let mut world = world(PushRetries::None, limits);
    for url in ["one", "two", "three", "three"] {
        world.accept_push(&push(url, "a", url));
    }
    let (sent, told) = effects(&mut world);
    assert_eq!(bodies(&sent), ["one", "two"]);
    assert_eq!(told, ["three dropped: pushes wait for too many receivers; those that follow are counted"]);
    end(&mut world, &sent[1], 200);
    assert_eq!(effects(&mut world).1, ["2 pushes were dropped: they waited for too many receivers"]);
    world.accept_push(&push("three", "a", "three"));
    assert_eq!(bodies(&attempts(&mut world)), ["three"]);
    let urls: Vec<_> = world.receivers.state().receivers.into_iter().map(|r| r.url).collect();
    assert_eq!(urls, ["one", "three"]);
    // However many come and go, no more is kept than the bound allows.
    end(&mut world, &sent[0], 200);
    for n in 0..10_000 {
        world.accept_push(&push(&format!("u{n}"), "a", "x"));
        for attempt in attempts(&mut world) {
            end(&mut world, &attempt, 200);
        }
    }
    assert!(world.receivers.by_url.len() <= 2 && world.receivers.idle.len() <= 2);
}

#[test]
fn silent_receivers_leave_room_for_prompt_ones() {
    let limits = PushLimits { total_in_flight: 8, ..PushLimits::default() };
    let mut world = with_a_receiver_that_answers(world(PushRetries::None, limits));
    for n in 0..20 {
        world.accept_push(&push(&format!("silent{n:02}"), "a", "lost"));
    }
    let silent = attempts(&mut world);
    assert_eq!(silent.len(), 4, "those that nobody knows share half of the turns");
    for n in 0..6 {
        world.accept_push(&push("u", &format!("d{n}"), "found"));
    }
    assert_eq!(bodies(&attempts(&mut world)), ["found"; 4]);
    world.push_ended(&silent[0], &Outcome::Silent("no answer".to_owned()), AT_ONCE);
    let next = attempts(&mut world);
    assert_eq!(bodies(&next), ["found"], "a prompt one that waits comes first");
    world.push_ended(&next[0], &Outcome::Answered(200), AT_ONCE);
    assert_eq!(bodies(&attempts(&mut world)), ["found"]);
}

#[test]
fn the_silent_have_their_turns_one_after_the_other() {
    let limits = PushLimits { total_in_flight: 2, ..PushLimits::default() };
    let mut world = world(PushRetries::None, limits);
    for (url, device) in [("a", "1"), ("a", "2"), ("b", "1"), ("c", "1")] {
        world.accept_push(&push(url, device, url));
    }
    let mut order = Vec::new();
    let mut sent = attempts(&mut world);
    while let Some(attempt) = sent.pop() {
        order.push(attempt.url.to_string());
        world.push_ended(&attempt, &Outcome::Silent("no answer".to_owned()), AT_ONCE);
        sent.extend(attempts(&mut world));
    }
    assert_eq!(order, ["a", "b", "c", "a"]);
}

#[test]
fn what_waits_survives_a_dump() {
    let mut world = made_invalid(with_a_receiver_that_answers(faq()));
    world.accept_push(&push("v", "a", r#"{"notifyType":"x"}"#));
    world.accept_push(&push("w", "a", "w1"));
    let sent = attempts(&mut world);
    end(&mut world, &sent[1], 503);
    let dumped = serde_json::to_string(&world.receivers).unwrap();
    let before = world.receivers.state();

    let mut loaded = faq();
    loaded.receivers = serde_json::from_str(&dumped).unwrap();
    loaded.now = world.now;
    loaded.timers = std::mem::take(&mut world.timers);
    loaded.resume_pushes();
    let resumed = attempts(&mut loaded);
    assert_eq!(bodies(&resumed), [r#"{"notifyType":"x"}"#], "what was in flight goes again");
    assert_eq!(loaded.receivers.state(), before);
    assert_eq!(end(&mut loaded, &resumed[0], 200), None);
    // What ended elsewhere changes nothing here.
    assert_eq!(end(&mut loaded, &sent[0], 503), None);
    later(&mut loaded, 10);
    assert_eq!(bodies(&attempts(&mut loaded)), ["w1"]);
    later(&mut loaded, 50);
    assert_eq!(bodies(&attempts(&mut loaded)), ["0"]);
}

#[test]
fn without_repetition_what_is_cached_goes_once_more() {
    let mut world = made_invalid(with_a_receiver_that_answers(faq()));
    assert!(attempts(&mut world).is_empty());
    world.retry_pushes(PushRetries::None);
    let sent = attempts(&mut world);
    assert_eq!(sent.len(), 12);
    for attempt in &sent {
        assert_eq!(end(&mut world, attempt, 503), None);
    }
    assert_eq!(world.receivers.waiting(), 0);
}

#[test]
fn credentials_in_a_url_are_never_shown() {
    let shown = super::shown;
    assert_eq!(shown("https://me:secret@host:1/a@b"), "https://***@host:1/a@b");
    assert_eq!(shown("https://host:1/a@b?c=@"), "https://host:1/a@b?c=@");
    let url: Arc<str> = "http://me:p@ss@host:1".into();
    assert_eq!(shown(&url), "http://***@host:1");
}
