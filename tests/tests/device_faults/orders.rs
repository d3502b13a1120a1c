//! The control plane's side: what is ordered, listed, removed, and refused in words.

use crate::raw::{ACCEPTED, RawDevice};
use iotdm_mock::{DeviceFault, OwnerError};
use reqwest::Method;
use serde_json::{Value, json};

use super::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_with_their_strikes_and_removed_by_number() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let path = format!("/_mock/devices/{}/faults", node.id);
    let ordered = scene.post(&path, json!({ "fault": "refuse_connect", "code": 3 })).await;
    assert_eq!(ordered, json!({ "id": 1, "fault": "refuse_connect", "code": 3, "times": 1, "struck": 0 }));
    // The node id names the device too.
    scene.post("/_mock/devices/node/faults", json!({ "fault": "withhold_puback", "times": "always" })).await;
    let mut device = RawDevice::dial(scene.mqtt()).await;
    device.send(&node.papers.connect()).await;
    device.expect(&[0x20, 2, 0, 3], "CONNACK 3").await;
    let (_, listed) = scene.control(Method::GET, &path, Value::Null).await;
    let wanted = json!({ "faults": [
        { "id": 1, "fault": "refuse_connect", "code": 3, "times": 1, "struck": 1 },
        { "id": 2, "fault": "withhold_puback", "times": "always", "struck": 0 },
    ] });
    assert_eq!(listed, wanted);
    for (which, status, answer) in [
        ("/2", 200, json!({ "removed": 1 })),
        ("/2", 404, json!({ "error": format!("the device {:?} has no fault 2", node.id) })),
        ("/two", 400, json!({ "error": "a fault has a number, not \"two\"" })),
        ("", 200, json!({ "removed": 1 })),
        ("", 200, json!({ "removed": 0 })),
    ] {
        let got = scene.control(Method::DELETE, &format!("{path}{which}"), Value::Null).await;
        assert_eq!(got, (status, answer), "{which}");
    }
    assert_eq!(scene.platform.device_faults(&node.id).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_fault_strikes_no_more() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::WithholdConnack.always());
    assert_eq!(scene.platform.remove_device_faults(&node.id, None), Ok(1));
    let mut device = RawDevice::dial(scene.mqtt()).await;
    device.send(&node.papers.connect()).await;
    device.expect(&ACCEPTED, "CONNACK 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_ordered_is_refused_in_words() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let path = format!("/_mock/devices/{}/faults", node.id);
    for (path, body, status, words) in [
        (&*path, json!({ "fault": "refuse_conect", "code": 3 }), 400, "did you mean \"refuse_connect\"?"),
        (&*path, json!({ "fault": "refuse_connect" }), 400, "missing field `code`"),
        (&*path, json!({ "fault": "withhold_puback", "tims": 2 }), 400, "did you mean \"times\"?"),
        (&*path, json!(["fragment"]), 400, "the body is a JSON object here, not a list"),
        ("/_mock/devices/nobody/faults", json!({ "fault": "fragment" }), 404, "no device has the id \"nobody\""),
    ] {
        let (got, answer) = scene.control(Method::POST, path, body).await;
        let error = answer["error"].as_str().unwrap();
        assert!(got == status && error.contains(words), "{got} {error}");
    }
    let (status, _) = scene.control(Method::GET, "/_mock/devices/nobody/faults", Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_bounded_and_spent_ones_make_room() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let refusal = || DeviceFault::RefuseConnect { code: iotdm_mock::ConnackCode::NotAuthorized };
    for _ in 0..32 {
        scene.order(&node, refusal());
    }
    assert_eq!(scene.platform.device_fault(&node.id, refusal()), Err(OwnerError::TooManyFaults(32)));
    let path = format!("/_mock/devices/{}/faults", node.id);
    let (status, answer) = scene.control(Method::POST, &path, json!({ "fault": "fragment" })).await;
    assert_eq!((status, &answer["error"]), (409, &json!("32 faults are ordered already: remove some first")));
    let mut device = RawDevice::dial(scene.mqtt()).await;
    device.send(&node.papers.connect()).await;
    device.expect(&[0x20, 2, 0, 5], "CONNACK 5").await;
    scene.order(&node, refusal());
    let listed = scene.platform.device_faults(&node.id).unwrap();
    assert_eq!((listed.len(), listed[0].id), (32, 2), "the spent one has gone");
}
