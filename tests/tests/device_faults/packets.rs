//! What goes wrong with CONNECT, PUBACK, commands and single packets.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::raw::{ACCEPTED, PINGREQ, PINGRESP, RawDevice, puback, publish, subscribe};
use iotdm_mock::{ConnackCode, DeviceFault, PacketKind};
use serde_json::json;

use super::{FOR_EVER, Scene, goes_on_undisturbed};

#[tokio::test(flavor = "multi_thread")]
async fn a_connect_is_refused_with_the_given_code_whoever_is_meant() {
    let scene = Scene::new().await;
    let (node, other) = (scene.node("node").await, scene.node("other").await);
    scene.order(&node, DeviceFault::RefuseConnect { code: ConnackCode::IdentifierRejected }.times(3));
    let mut wrong = node.papers.clone();
    wrong.password = "wrong".to_owned();
    for papers in [&node.papers, &node.by_node_id, &wrong] {
        let mut device = RawDevice::dial(scene.mqtt()).await;
        device.send(&papers.connect()).await;
        device.expect(&[0x20, 2, 0, 2], "CONNACK 2").await;
        device.expect_end("a refused device").await;
        scene.connect(&other).await;
    }
    scene.connect(&node).await;
    let why = scene.journalled("strike 3").await;
    assert_eq!(why, "fault 1 (refuse_connect, strike 3)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connect_without_connack_disturbs_nobody_and_connects_nobody() {
    let scene = Scene::new().await;
    let (node, steady) = (scene.node("node").await, scene.node("steady").await);
    scene.order(&node, DeviceFault::WithholdConnack);
    let mut device = RawDevice::dial(scene.mqtt()).await;
    device.send(&node.papers.connect()).await;
    scene.journalled("fault 1 (withhold_connack, strike 1): the CONNECT is not answered").await;
    goes_on_undisturbed(&scene, &steady).await;
    // What an impatient device sends is not heard.
    device.send(&publish(1, &node.data(), b"{}")).await;
    device.hang_up_unanswered("no CONNACK, no PUBACK").await;
    assert!(scene.platform.journal().published(&node.id).is_empty());
    scene.connect(&node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_dropped_after_so_many_packets() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::DropAfterPackets { packets: NonZeroU32::new(3).unwrap() }.times(2));
    for _ in 0..2 {
        let mut device = scene.connect(&node).await;
        device.send(&subscribe(&node.commands(), 1)).await;
        device.expect(&[0x90, 3, 0, 9, 1], "SUBACK").await;
        device.send(&publish(1, &node.data(), b"{}")).await;
        device.expect(&puback(1), "PUBACK").await;
        device.expect_end("three packets").await;
    }
    scene.journalled("the platform closed it: fault 1 (drop_after_packets, strike 2)").await;
    let mut device = scene.connect(&node).await;
    node.round_trips(&mut device, 5).await;
    // In a session that is under way, the next packet is the first.
    scene.order(&node, DeviceFault::DropAfterPackets { packets: NonZeroU32::MIN });
    device.send(&PINGREQ).await;
    device.expect(&PINGRESP, "PINGRESP").await;
    device.expect_end("one packet").await;
    // And a CONNECT is a packet.
    scene.order(&node, DeviceFault::DropAfterPackets { packets: NonZeroU32::MIN });
    let mut device = scene.connect(&node).await;
    device.expect_end("CONNECT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_puback_holds_up_neither_its_own_session_nor_another() {
    let scene = Scene::new().await;
    let (node, steady) = (scene.node("node").await, scene.node("steady").await);
    scene.order(&node, FOR_EVER);
    let mut device = scene.connect(&node).await;
    device.send(&publish(1, &node.data(), b"{}")).await;
    scene.journalled("fault 1 (delay_puback, strike 1): PUBACK id 1 waits 600000 ms").await;
    goes_on_undisturbed(&scene, &steady).await;
    // The second PUBACK has to wait for the first; PINGRESP hasn't.
    device.send(&publish(2, &node.data(), b"{}")).await;
    device.send(&PINGREQ).await;
    device.expect(&PINGRESP, "PINGRESP before the PUBACKs").await;
    assert_eq!(scene.platform.journal().published(&node.id).len(), 2, "what was published was taken");
    device.hang_up_unanswered("no PUBACK").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delayed_pubacks_come_after_their_delay_and_in_order() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let mut device = scene.connect(&node).await;
    scene.order(&node, DeviceFault::DelayPuback { ms: 60 });
    let start = Instant::now();
    device.send(&publish(1, &node.data(), b"{}")).await;
    device.send(&publish(2, &node.data(), b"{}")).await;
    device.expect(&puback(1), "the delayed PUBACK").await;
    assert!(start.elapsed() >= Duration::from_millis(60), "{:?}", start.elapsed());
    device.expect(&puback(2), "the one behind it").await;
    node.round_trips(&mut device, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_puback_never_comes_though_the_message_is_taken() {
    let scene = Scene::new().await;
    let (node, steady) = (scene.node("node").await, scene.node("steady").await);
    scene.order(&node, DeviceFault::WithholdPuback.times(2));
    let mut device = scene.connect(&node).await;
    device.send(&publish(1, &node.data(), b"{}")).await;
    device.send(&publish(2, &node.data(), b"{}")).await;
    device.send(&PINGREQ).await;
    device.expect(&PINGRESP, "PINGRESP and no PUBACK").await;
    goes_on_undisturbed(&scene, &steady).await;
    device.send(&publish(3, &node.data(), b"{}")).await;
    device.expect(&puback(3), "the third PUBACK").await;
    scene.journalled("fault 1 (withhold_puback, strike 2): PUBACK id 2 is not sent").await;
    assert_eq!(scene.platform.journal().published(&node.id).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicated_command_comes_again_with_dup_and_the_same_identifier() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::DuplicateCommand);
    let mut device = scene.connect(&node).await;
    let command = async |value: u8| {
        let command = json!({ "serviceId": "Light", "cmd": "SET_LEVEL", "paras": { "value": value } });
        scene.post(&format!("/_mock/devices/{}/commands", node.id), command).await;
    };
    // At QoS 0 there is nothing to repeat.
    device.send(&subscribe(&node.commands(), 0)).await;
    device.expect(&[0x90, 3, 0, 9, 0], "SUBACK 0").await;
    command(1).await;
    assert_eq!(device.packet("a command at QoS 0").await[0], 0x30);
    device.send(&subscribe(&node.commands(), 1)).await;
    device.expect(&[0x90, 3, 0, 9, 1], "SUBACK 1").await;
    command(2).await;
    let first = device.packet("the command").await;
    let second = device.packet("the same again").await;
    assert_eq!((first[0], second[0]), (0x32, 0x3a));
    assert_eq!(first[1..], second[1..]);
    device.send(&[puback(1), puback(1)].concat()).await;
    command(3).await;
    assert_eq!(device.packet("the next command").await[0], 0x32);
    device.send(&PINGREQ).await;
    device.expect(&PINGRESP, "nothing is left").await;
    scene.journalled("fault 1 (duplicate_command, strike 1): sent again").await;
    let received = scene.platform.journal().received(&node.id);
    assert!(received[2].line.contains("dup"), "{}", received[2].line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_packet_has_one_bit_flipped_and_the_seed_says_which() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let scene = Scene::new().await;
        let node = scene.node("node").await;
        scene.order(&node, DeviceFault::Corrupt { seed, packet: Some(PacketKind::Puback) }.times(4));
        let mut device = scene.connect(&node).await;
        let mut flips = Vec::new();
        for id in 1..=4 {
            device.send(&publish(id, &node.data(), b"{}")).await;
            let got = device.take(4, "a corrupt PUBACK").await;
            let flipped: Vec<u8> = got.iter().zip(puback(id)).map(|(got, sound)| got ^ sound).collect();
            assert_eq!(flipped.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1, "{flipped:?}");
            flips.push(flipped);
        }
        device.send(&publish(5, &node.data(), b"{}")).await;
        device.expect(&puback(5), "a sound PUBACK").await;
        scene.journalled("fault 1 (corrupt, strike 4): bit ").await;
        runs.push(flips);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fragmented_stream_says_the_same() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::Fragment { packet: None }.always());
    let mut device = scene.connect(&node).await;
    device.send(&subscribe(&node.commands(), 0)).await;
    device.expect(&[0x90, 3, 0, 9, 0], "SUBACK").await;
    let command = json!({ "serviceId": "Light", "cmd": "SET_LEVEL", "paras": { "value": 1 } });
    scene.post(&format!("/_mock/devices/{}/commands", node.id), command).await;
    let got = device.packet("the command").await;
    assert_eq!(scene.platform.journal().received(&node.id)[0].bytes[..], got[..]);
    node.round_trips(&mut device, 20).await;
    scene.journalled("fault 1 (fragment, strike 23): sent byte by byte").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_closed_in_the_middle_of_a_packet() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::CloseMidPacket { packet: Some(PacketKind::Suback) });
    let mut device = scene.connect(&node).await;
    node.round_trips(&mut device, 2).await;
    device.send(&subscribe(&node.commands(), 1)).await;
    device.expect(&[0x90, 3], "half a SUBACK").await;
    device.expect_end("half a SUBACK").await;
    scene.journalled("fault 1 (close_mid_packet, strike 1): 2 of 5 bytes are sent").await;
    scene.order(&node, DeviceFault::CloseMidPacket { packet: None });
    let mut device = RawDevice::dial(scene.mqtt()).await;
    device.send(&node.papers.connect()).await;
    device.expect(&ACCEPTED[..2], "half a CONNACK").await;
    device.expect_end("half a CONNACK").await;
    scene.connect(&node).await;
}
