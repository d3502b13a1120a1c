//! The restart of MQTT.

use std::num::NonZeroU32;

use crate::raw::{PINGREQ, RawDevice};
use iotdm_mock::DeviceFault;
use serde_json::json;

use super::{FOR_EVER, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_ends_and_the_same_port_takes_new_ones() {
    let scene = Scene::new().await;
    let (one, two) = (scene.node("one").await, scene.node("two").await);
    scene.order(&two, FOR_EVER);
    let mut connections = vec![scene.connect(&one).await, scene.connect(&two).await];
    // A stranger without CONNECT, and one who gets no CONNACK.
    connections.push(RawDevice::dial(scene.mqtt()).await);
    scene.order(&one, DeviceFault::WithholdConnack);
    let mut unanswered = RawDevice::dial(scene.mqtt()).await;
    unanswered.send(&one.papers.connect()).await;
    scene.journalled("the CONNECT is not answered").await;
    connections.push(unanswered);
    assert_eq!(scene.post("/_mock/mqtt/restart", json!({})).await, json!({ "closed": 2 }));
    for connection in &mut connections {
        connection.expect_end("a restart").await;
    }
    scene.journalled("the platform closed it: the listener was restarted").await;
    scene.journalled("MQTT was restarted by the owner's order; sessions that ended: 2").await;
    for node in [&one, &two] {
        let mut device = scene.connect(node).await;
        device.send(&PINGREQ).await;
        assert_eq!(device.packet("PINGRESP").await, [0xd0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_may_follow_and_overtake_each_other() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    for _ in 0..3 {
        let (first, second) = tokio::join!(scene.platform.restart_mqtt(), scene.platform.restart_mqtt());
        first.unwrap();
        second.unwrap();
        let mut device = scene.connect(&node).await;
        node.round_trips(&mut device, 3).await;
    }
    // Faults that are ordered stay ordered.
    scene.order(&node, DeviceFault::DropAfterPackets { packets: NonZeroU32::MIN });
    scene.platform.restart_mqtt().await.unwrap();
    scene.connect(&node).await.expect_end("one packet").await;
    scene.platform.stop().await;
}
