//! Callback URLs that cannot be, pushes that never left, and pushes of subscriptions that are gone.

use super::*;
use crate::verdict::Verdict;

const ANSWERS: &str = "1.8.1/rule/answer-push";

fn subscribe(journal: Journal, at: &str, url: &str, more: Value) -> Journal {
    let body = json!({"notifyType": "deviceAdded", "callbackUrl": url}).to_string();
    let mut call = json!({"method": "POST", "target": Op::SubscribeBusinessData.table().path, "status": 201,
        "request": body});
    for (name, value) in more.as_object().unwrap() {
        call[name] = value.clone();
    }
    journal.call(at, call)
}

fn of_url(url: &str, more: Value) -> Grades {
    subscribe(Journal::default().login("080000"), "080001", url, more).grade()
}

/// A push to this URL that came to this end, as the journal tells it at this time.
fn pushed(journal: Journal, at: &str, url: &str, end: Value) -> Journal {
    let mut push = json!({"kind": "push", "sent": true, "clause": "1.8.1", "notification": "device_added",
        "device": "d-1", "url": url, "body": "{}", "status": null, "error": null, "latencyMs": 3});
    for (name, value) in end.as_object().unwrap() {
        push[name] = value.clone();
    }
    journal.add(at, push)
}

/// The verdict on a case, as the report tells it.
fn verdict(grades: &Grades, id: &str) -> Verdict {
    let (cases, secrets) = (cases(), Secrets::default());
    let case = cases.iter().find(|case| case.id == id).unwrap();
    let evidence = Evidence { seen: &[], secrets: &secrets, rerun: "again" };
    grades.verdict(case, &evidence, &otherwise(case, &BTreeSet::new()))
}

#[test]
fn only_a_callback_without_a_port_lacks_a_port() {
    let illegal = refused(400, "100222");
    for url in ["https://127.0.0.1:99999/", "https://user:pw@127.0.0.1:80/", "https://127.0.0.1:9/a b", "http://h:0/"] {
        let grades = of_url(url, illegal.clone());
        assert!(grades.broken().contains(&"1.7.1/req/callbackUrl"), "{url}");
        assert!(grades.is_kept("1.7.1/rule/callback-port"), "{url}");
        let told = verdict(&grades, "1.7.1/req/callbackUrl");
        let headline = &told.failures()[0].headline;
        assert!(headline.contains("a port from 1 to 65535") && headline.contains("no user"), "{headline}");
    }
    for url in ["https://127.0.0.1/x:80", "https://[::1]/", "https://h:/", "https://h"] {
        let grades = of_url(url, illegal.clone());
        assert_eq!(grades.broken(), ["1.7.1/req/callbackUrl", "1.7.1/rule/callback-port"], "{url}");
    }
}

#[test]
fn what_opens_a_callback_stands_in_no_report() {
    for url in ["http://joe:hunter2@127.0.0.1:80/", "http://joe:hunter2@127.0.0.1/"] {
        let grades = of_url(url, refused(400, "100222"));
        for id in ["1.7.1/req/callbackUrl", "1.7.1/rule/callback-port", "1.7.1/rule/callback-https-preferred"] {
            for failure in verdict(&grades, id).failures() {
                let text = format!("{failure:?}");
                assert!(!text.contains("hunter2") && text.contains("127.0.0.1"), "{id}: {text}");
            }
        }
    }
}

#[test]
fn a_push_that_never_left_is_told_and_blames_nobody() {
    let url = "http://8.8.8.8:80/x";
    let why = "not sent: 8.8.8.8 is neither on loopback nor in a private network";
    let journal = subscribe(Journal::default().login("080000"), "080001", url, json!({}));
    let grades = pushed(journal, "080002", url, json!({"sent": false, "error": why})).grade();
    let verdict = verdict(&grades, ANSWERS);
    let told =
        "the platform sent no push to http://8.8.8.8:80/x: 8.8.8.8 is neither on loopback nor in a private network";
    assert_eq!((verdict.name(), verdict.reason()), ("not seen", Some(told)));
}

/// A program that subscribes, takes a push, ends its subscription and closes its receiver.
fn unsubscribed(delete: Value) -> Journal {
    let url = "https://127.0.0.1:9/x";
    let answer = json!({"subscriptionId": "s-1", "notifyType": "deviceAdded", "callbackUrl": url}).to_string();
    let journal = subscribe(Journal::default().login("080000"), "080001", url, json!({"answer": answer}));
    let journal = pushed(journal, "080002", url, json!({"status": 200}));
    let mut call = json!({"status": 204});
    for (name, value) in delete.as_object().unwrap() {
        call[name] = value.clone();
    }
    journal.call("080010", call)
}

fn by_id(id: &str) -> Value {
    let path = Op::DeleteSubscription.table().path.replace("{subscriptionId}", id);
    json!({"method": "DELETE", "target": path})
}

fn by_query(query: &str) -> Value {
    json!({"method": "DELETE", "target": format!("{}{query}", Op::DeleteSubscriptions.table().path)})
}

fn late(journal: Journal, at: &str) -> Grades {
    // The program is still there: it goes on to call.
    pushed(journal, at, "https://127.0.0.1:9/x", json!({"error": "connection refused"}))
        .query("080030", json!({}))
        .grade()
}

#[test]
fn a_push_after_the_subscription_has_ended_is_not_held_against_the_program() {
    let ends = [
        by_id("s-1"),
        by_query(""),
        by_query("?notifyType=deviceAdded"),
        by_query("?callbackUrl=https%3A%2F%2F127.0.0.1%3A9%2Fx&channel=HTTP"),
    ];
    for delete in ends {
        let grades = late(unsubscribed(delete.clone()), "080011");
        assert!(grades.broken().is_empty() && grades.doubted().is_empty(), "{delete}: {:?}", grades.broken());
        assert!(grades.is_kept(ANSWERS), "what it answered before stands");
    }
}

#[test]
fn a_push_of_a_subscription_that_lives_has_to_be_answered() {
    let alive = [
        by_id("s-2"),
        by_query("?notifyType=deviceDeleted"),
        by_query("?callbackUrl=https%3A%2F%2F127.0.0.1%3A9%2Fy"),
        by_query("?channel=MQTTS"),
    ];
    for delete in alive {
        assert_eq!(late(unsubscribed(delete.clone()), "080011").broken(), [ANSWERS], "{delete}");
    }
    let mut not_found = by_id("s-1");
    not_found["status"] = json!(404);
    not_found["errorCode"] = json!("100225");
    assert_eq!(late(unsubscribed(not_found), "080011").broken(), [ANSWERS]);
    // It was on its way when the subscription ended.
    assert_eq!(late(unsubscribed(by_id("s-1")), "080009").broken(), [ANSWERS]);
    let again = subscribe(unsubscribed(by_id("s-1")), "080010", "https://127.0.0.1:9/x", json!({}));
    assert_eq!(late(again, "080011").broken(), [ANSWERS]);
}

#[test]
fn an_id_that_only_a_query_tells_names_its_subscription_too() {
    let url = "https://127.0.0.1:9/x";
    let list = json!({"totalCount": 1, "pageNo": 0, "pageSize": 10, "subscriptions":
        [{"subscriptionId": "s-1", "notifyType": "deviceAdded", "callbackUrl": url}]});
    let journal = subscribe(Journal::default().login("080000"), "080001", url, json!({}));
    let query = json!({"method": "GET", "target": Op::QuerySubscriptions.table().path, "answer": list.to_string()});
    let mut delete = by_id("s-1");
    delete["status"] = json!(204);
    let grades = late(journal.call("080002", query).call("080003", delete), "080004");
    assert!(grades.broken().is_empty(), "{:?}", grades.broken());
    let told = verdict(&grades, ANSWERS);
    assert_eq!(told.name(), "not seen");
    assert!(told.reason().unwrap().contains("after its subscription was deleted"), "{told:?}");
}
