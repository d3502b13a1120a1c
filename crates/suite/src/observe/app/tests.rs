//! Applications that are right and applications that are wrong, as the journal would show them.

mod callbacks;
mod owners;

use iotdm_spec::Op;
use serde_json::{Value, json};

use super::*;
use crate::observe::feed;

/// A journal in the making.
#[derive(Default)]
struct Journal(Vec<Value>);

impl Journal {
    fn add(mut self, at: &str, mut entry: Value) -> Self {
        entry["seq"] = json!(self.0.len() + 1);
        entry["at"] = json!(format!("20200214T{at}Z"));
        self.0.push(entry);
        self
    }

    fn call(self, at: &str, call: Value) -> Self {
        let mut entry = json!({"kind": "call", "operation": null, "clause": null, "application": "app", "status": 200,
            "errorCode": null, "refused": null, "ordered": false, "deviations": [], "notes": [], "request": "", "answer": ""});
        for (name, value) in call.as_object().unwrap() {
            entry[name] = value.clone();
        }
        self.add(at, entry)
    }

    fn login(self, at: &str) -> Self {
        self.call(at, json!({"method": "POST", "target": Op::Login.table().path, "request": "appId=app&secret=***"}))
    }

    fn query(self, at: &str, more: Value) -> Self {
        let mut call = json!({"method": "GET", "target": "/iocm/app/dm/v1.4.0/devices/d-1"});
        for (name, value) in more.as_object().unwrap() {
            call[name] = value.clone();
        }
        self.call(at, call)
    }

    fn register(self, body: Value, more: Value) -> Self {
        let table = Op::RegisterByPassword.table();
        let mut call = json!({"method": "POST", "target": table.path, "request": body.to_string()});
        for (name, value) in more.as_object().unwrap() {
            call[name] = value.clone();
        }
        self.call("080001", call)
    }

    fn push(self, status: Value, error: Value) -> Self {
        self.add(
            "080002",
            json!({"kind": "push", "sent": true, "clause": "1.8.1", "notification": "device_added", "device": "d-1",
            "url": "https://127.0.0.1:9/x", "body": "{}", "status": status, "error": error, "latencyMs": 3}),
        )
    }

    fn grade(self) -> Grades {
        let seen = feed::read(&Value::Array(self.0));
        let asked = calls::read(&seen);
        grade(&seen, &asked)
    }
}

fn refused(status: u16, code: &str) -> Value {
    json!({"status": status, "errorCode": code})
}

fn path_of_query() -> &'static str {
    Op::QueryDevice.table().path
}

fn device() -> Value {
    json!({"deviceInfo": {"nodeId": "n-1", "deviceType": "MultiSensor"}, "mqttConnect": true, "productId": "p"})
}

fn right() -> Journal {
    let subscribe = Op::SubscribeBusinessData.table();
    let body = json!({"notifyType": "deviceAdded", "callbackUrl": "https://127.0.0.1:9/x"});
    Journal::default()
        .login("080000")
        .call("080000", json!({"method": "POST", "target": subscribe.path, "status": 201, "request": body.to_string()}))
        .register(device(), json!({}))
        .push(json!(200), json!(null))
        .query("080003", json!({}))
}

#[test]
fn nothing_is_wrong_with_an_application_that_is_right() {
    assert_eq!(path_of_query().replace("{deviceId}", "d-1"), "/iocm/app/dm/v1.4.0/devices/d-1");
    let grades = right().grade();
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
    for id in [
        "1.2.1/rule/resource-path-from-uri-row",
        "1.4.1/req/appId",
        "1.4.1/req/secret",
        "1.4.1/rule/login-first",
        "1.5.2/req/deviceInfo.nodeId",
        "1.5.2/req/Authorization",
        "1.5.2/rule/bearer",
        "1.5.2/rule/product-or-series",
        "1.6.1/req/deviceId",
        "1.7.1/rule/callback-port",
        "1.7.1/rule/used-with-notifications",
        "1.8.1/rule/answer-push",
    ] {
        assert!(grades.is_kept(id), "{id} should have been seen");
    }
}

#[test]
fn what_real_clients_do_is_at_most_odd() {
    let grades = Journal::default()
        .call("080000", json!({"method": "POST", "target": Op::Login.table().path, "request": "appId=app&Secret=***"}))
        .register(
            json!({"deviceInfo": {"nodeId": "n", "name": null, "x": 1}, "productId": "p", "mqttConnect": "true"}),
            json!({}),
        )
        .query("080001", json!({"target": "/iocm/app/dm/v1.4.0/devices/d-1/?&select=imsi&"}))
        .query("080001", json!({"application": "app", "headers": {"appKey": "app", "authorization": "valid"}}))
        .grade();
    assert_eq!(grades.broken(), Vec::<&str>::new());
    assert_eq!(grades.doubted(), ["1.2.1/rule/content-type-mandatory", "1.5.2/req/mqttConnect"]);
}

#[test]
fn a_call_without_a_login_is_told_from_one_with_a_bad_token() {
    let never = Journal::default().query("080000", refused(403, "1010005")).grade();
    assert!(never.broken().contains(&"1.4.1/rule/login-first"));
    let bad = Journal::default().login("080000").query("080001", refused(403, "1010005")).grade();
    let three = ["1.2.1/rule/authorization-header", "1.4.1/rule/authorization-bearer", "1.6.1/rule/bearer"];
    assert_eq!(bad.broken(), three);
    let told = |authorization: &str| {
        let headers = json!({"status": 403, "errorCode": "1010005",
            "headers": {"appKey": "app", "contentType": "application/json", "authorization": authorization}});
        Journal::default().login("080000").login("080100").query("080101", headers).grade()
    };
    assert_eq!(told("superseded").broken(), three);
    assert!(told("absent").broken().contains(&"1.6.1/req/Authorization"));
    assert!(told("absent").broken().contains(&"1.4.1/rule/headers-on-other-calls"));
}

#[test]
fn an_application_without_its_id_is_told_so() {
    let no_key = json!({"status": 403, "errorCode": "1010005", "application": null});
    let grades = Journal::default().login("080000").query("080001", no_key).grade();
    assert!(grades.broken().contains(&"1.6.1/req/app_key"));
    assert!(!grades.broken().contains(&"1.6.1/rule/bearer"));
    let other = json!({"status": 403, "errorCode": "1010005", "application": "other"});
    let grades = Journal::default().login("080000").query("080001", other).grade();
    assert!(grades.broken().contains(&"1.4.1/rule/app-key-equals-app-id"));
}

#[test]
fn to_learn_of_an_expiry_from_a_refusal_is_no_fault() {
    let once = Journal::default().login("080000").query("090001", refused(403, "1010005")).login("090002");
    let grades = once.query("090003", json!({})).grade();
    assert_eq!(grades.broken(), Vec::<&str>::new());
    assert_eq!(grades.doubted(), ["1.3/rule/refresh-before-expiry", "1.4.2/rule/refresh-before-expiry"]);
    assert!(grades.is_kept("1.2.1/rule/token-expires"));
    let again = Journal::default().login("080000").query("090001", refused(403, "1010005"));
    let grades = again.query("090002", refused(403, "1010005")).grade();
    assert_eq!(grades.broken(), ["1.2.1/rule/token-expires"]);
}

#[test]
fn parameters_are_judged_by_the_table() {
    let broken = |body: Value| {
        let grades = Journal::default().login("080000").register(body, json!({})).grade();
        grades.broken().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(broken(json!({"deviceInfo": {}, "productId": "p"})), ["1.5.2/req/deviceInfo.nodeId"]);
    assert_eq!(broken(json!({"deviceInfo": "n", "productId": "p"})), ["1.5.2/req/deviceInfo"]);
    let mut off = device();
    off["mqttConnect"] = json!(false);
    off["deviceInfo"]["deviceType"] = json!("multi_sensor");
    assert_eq!(broken(off), ["1.5.2/rule/device-type-camel-case", "1.5.2/rule/mqtt-connect-true"]);
    assert!(broken(json!([1])).contains(&"1.2.1/rule/body-matches-content-type".to_owned()));
    let pages = json!({"method": "GET", "status": 400, "errorCode": "100022",
        "target": format!("{}?deviceId=d-1&pageSize=5000&pageNo=x", Op::QueryHistory.table().path)});
    let grades = Journal::default().login("080000").call("080001", pages).grade();
    assert_eq!(grades.broken(), ["1.6.3/req/pageNo", "1.6.3/req/pageSize"]);
    let typo = json!({"deviceInfo": {"nodeId": "n"}, "productid": "p"});
    let grades = Journal::default().login("080000").register(typo, json!({})).grade();
    assert!(grades.doubted().contains(&"1.5.2/req/productId"));
}

#[test]
fn what_the_journal_masks_is_judged_by_what_the_platform_saw() {
    let mut body = device();
    body["secret"] = json!("***");
    assert_eq!(
        Journal::default().login("080000").register(body.clone(), json!({})).grade().broken(),
        Vec::<&str>::new()
    );
    let deviations = json!({"deviations": [{"requirement": "1.5.2/req/secret", "kind": "wrong_length",
        "path": "secret", "text": "`secret` has length 3, at least 20 is required", "tolerated": false}]});
    let grades = Journal::default().login("080000").register(body, deviations).grade();
    assert_eq!(grades.broken(), ["1.5.2/req/secret"]);
}

#[test]
fn paths_and_forms_that_mean_nothing_are_told() {
    let grades = Journal::default()
        .call(
            "080000",
            json!({"method": "POST", "target": Op::Login.table().path, "status": 400, "errorCode": "102202",
            "request": "{\"appId\":\"app\",\"secret\":\"***\"}"}),
        )
        .query("080001", json!({"target": "/iocm/app/dm/v1.4.0/device/d-1", "status": 404, "errorCode": "404"}))
        .grade();
    assert_eq!(grades.broken(), ["1.2.1/rule/login-body-form", "1.2.1/rule/resource-path-from-uri-row"]);
    let noted = json!({"deviations": [{"requirement": "1.2.1/rule/content-type-others", "kind": "wrong_content_type",
        "path": "Content-Type", "text": "the Content-Type is text/plain", "tolerated": true}]});
    let grades = Journal::default().login("080000").register(device(), noted).grade();
    assert_eq!(grades.broken(), ["1.2.1/rule/content-type-others"]);
}

#[test]
fn a_push_that_is_not_answered_is_told() {
    let grades = right().push(json!(500), json!("answered 500")).grade();
    assert_eq!(grades.broken(), ["1.8.1/rule/answer-push"]);
    let never = Journal::default().login("080000").push(json!(null), json!("connection refused")).grade();
    assert_eq!(never.broken(), ["1.8.1/rule/answer-push"]);
    let leaving = right().push(json!(null), json!("connection refused")).grade();
    assert_eq!((leaving.broken(), leaving.doubted()), (vec![], vec!["1.8.1/rule/answer-push"]));
}

#[test]
fn what_the_platform_was_ordered_to_answer_is_nobodys_fault() {
    let ordered = json!({"status": 403, "errorCode": "1010005", "ordered": true});
    let grades = Journal::default().login("080000").query("080001", ordered).grade();
    assert_eq!((grades.broken(), grades.doubted()), (vec![], vec![]));
}

#[test]
fn commands_are_judged_by_their_rules() {
    let send = |at: &str, journal: Journal, more: Value| {
        let target = Op::SendCommand.table().path.replace("{deviceId}", "d-1").replace("{serviceId}", "Light");
        let body = json!({"header": {"mode": "ACK", "method": "SET", "requestId": "r-1"}, "body": {}}).to_string();
        let mut call = json!({"method": "POST", "target": target, "status": 202, "request": body});
        for (name, value) in more.as_object().unwrap() {
            call[name] = value.clone();
        }
        journal.call(at, call)
    };
    let journal = send("080001", Journal::default().login("080000"), refused(200, "100428"));
    let once = send("080002", journal, json!({}));
    let twice = send("080003", once, refused(400, "100022"));
    assert_eq!(twice.grade().broken(), ["1.9.7/rule/request-id-unique"]);
    let unknown = send("080001", Journal::default().login("080000"), refused(400, "102203"));
    assert_eq!(unknown.grade().broken(), ["1.9.7/rule/method-in-profile"]);
}

#[test]
fn what_was_not_used_is_not_seen_and_what_cannot_be_seen_does_not_apply() {
    let used: BTreeSet<&str> = BTreeSet::from(["1.5.2"]);
    let cases = cases();
    let of = |id: &str| otherwise(cases.iter().find(|case| case.id == id).unwrap(), &used);
    assert_eq!(of("1.5.1/req/nodeId").reason(), Some("the application never called `register_by_verify_code`"));
    assert_eq!(of("1.5.2/req/timezone").reason(), Some("no request carried it"));
    assert_eq!(of("1.5.2/rule/node-id-source").name(), "not applicable");
    assert_eq!(of("1.8.1/rule/answer-push").reason(), Some("no push `device_added` was sent"));
    assert_eq!(of("1.1/rule/ca-certificate").name(), "not applicable");
}
