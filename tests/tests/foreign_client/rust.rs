//! rumqttc.

use std::sync::Arc;
use std::time::Duration;

use iotdm_tests::DEADLINE;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS, SubscribeReasonCode,
    TlsConfiguration, Transport,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use tokio::time::timeout;

use crate::scene::{Scene, report};

fn client(scene: &Scene, password: &str) -> (AsyncClient, EventLoop) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(scene.platform.ca_pem().as_bytes()).unwrap()).unwrap();
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let mut options = MqttOptions::new(&scene.client_id, scene.host(), scene.port());
    options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(tls))));
    options.set_credentials(&scene.name, password).set_keep_alive(Duration::from_secs(30));
    AsyncClient::new(options, 16)
}

/// The next packet that is wanted.
async fn next<T>(events: &mut EventLoop, what: &str, wanted: impl Fn(Packet) -> Option<T>) -> T {
    let found = timeout(DEADLINE, async {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(packet)) => {
                    if let Some(found) = wanted(packet) {
                        return found;
                    }
                }
                Ok(Event::Outgoing(_)) => {}
                Err(error) => panic!("waited for {what}: {error}"),
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited for {what}"))
}

fn connack(packet: Packet) -> Option<ConnectReturnCode> {
    if let Packet::ConnAck(ack) = packet { Some(ack.code) } else { None }
}

fn suback(packet: Packet) -> Option<SubscribeReasonCode> {
    if let Packet::SubAck(ack) = packet { ack.return_codes.first().copied() } else { None }
}

fn puback(packet: Packet) -> Option<()> {
    matches!(packet, Packet::PubAck(_)).then_some(())
}

pub async fn converse(mut scene: Scene) {
    let (_stranger, mut events) = client(&scene, "wrong");
    let refused = timeout(DEADLINE, events.poll()).await.expect("an answer in time");
    let Err(ConnectionError::ConnectionRefused(ConnectReturnCode::BadUserNamePassword)) = refused else {
        panic!("a wrong password: {refused:?}")
    };

    let (device, mut events) = client(&scene, &scene.password);
    assert_eq!(next(&mut events, "CONNACK", connack).await, ConnectReturnCode::Success);
    device.subscribe("/huawei/v1/devices/another/command/json", QoS::AtLeastOnce).await.unwrap();
    assert_eq!(next(&mut events, "SUBACK 0x80", suback).await, SubscribeReasonCode::Failure);
    device.subscribe(scene.command_topic(), QoS::AtLeastOnce).await.unwrap();
    assert_eq!(next(&mut events, "SUBACK", suback).await, SubscribeReasonCode::Success(QoS::AtLeastOnce));
    device.publish(scene.data_topic(), QoS::AtLeastOnce, false, report(82).to_string()).await.unwrap();
    next(&mut events, "the report's PUBACK", puback).await;
    assert_eq!(scene.brightness().await, 82);

    scene.order().await;
    let command = |packet| if let Packet::Publish(command) = packet { Some(command.payload) } else { None };
    let command: Value = serde_json::from_slice(&next(&mut events, "a command", command).await).unwrap();
    let answer = Scene::answer_to(&command).to_string();
    device.publish(scene.data_topic(), QoS::AtLeastOnce, false, answer).await.unwrap();
    next(&mut events, "the answer's PUBACK", puback).await;
    scene.answered().await;

    let (younger, mut younger_events) = client(&scene, &scene.password);
    assert_eq!(next(&mut younger_events, "CONNACK", connack).await, ConnectReturnCode::Success);
    scene.taken_over().await;
    let end = timeout(DEADLINE, async { while events.poll().await.is_ok() {} });
    end.await.expect("the elder's connection ends");
    younger.publish(scene.data_topic(), QoS::AtLeastOnce, false, report(83).to_string()).await.unwrap();
    next(&mut younger_events, "the younger's PUBACK", puback).await;
    assert_eq!(scene.brightness().await, 83);
}
