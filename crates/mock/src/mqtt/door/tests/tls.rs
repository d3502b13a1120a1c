//! The same conversation, encrypted.

use super::rig::*;
use rumqttc::{AsyncClient, Event as Heard, MqttOptions, Packet, QoS, TlsConfiguration, Transport};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::sync::Arc;
use tokio::time::timeout;

fn certificate() -> (Arc<rustls::ServerConfig>, Vec<u8>) {
    // Some other test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (Arc::new(config), made.cert.pem().into_bytes())
}

fn options(client_id: &str, house: &House, ca: &[u8]) -> MqttOptions {
    let mut options = MqttOptions::new(client_id, "localhost", house.at.port());
    let tls = TlsConfiguration::Simple { ca: ca.to_vec(), alpn: None, client_auth: None };
    options.set_max_packet_size(1 << 20, 1 << 20);
    options.set_transport(Transport::tls_with_config(tls));
    options
}

async fn hear<T>(events: &mut rumqttc::EventLoop, what: &str, pick: impl Fn(Packet) -> Option<T>) -> T {
    let heard = timeout(PATIENCE, async {
        loop {
            if let Heard::Incoming(packet) = events.poll().await.expect(what)
                && let Some(found) = pick(packet)
            {
                return found;
            }
        }
    });
    heard.await.unwrap_or_else(|_| panic!("waited for {what}"))
}

#[tokio::test]
async fn speaks_with_rumqttc_over_tls() {
    let (tls, ca) = certificate();
    let house = house_with(Some(tls), |_| {});
    // Someone who never shakes hands must not hold up the others.
    let _silent = Raw::dial(house.at).await;
    let (client, mut events) = AsyncClient::new(options("d", &house, &ca), 10);
    client.subscribe("d/cmd", QoS::AtLeastOnce).await.unwrap();
    hear(&mut events, "SUBACK", |p| matches!(p, Packet::SubAck(_)).then_some(())).await;
    assert!(house.host.attempts.lock().unwrap()[0].tls);

    let big = "x".repeat(150_000);
    client.publish("d/up", QoS::ExactlyOnce, false, b"up".to_vec()).await.unwrap();
    hear(&mut events, "PUBCOMP", |p| matches!(p, Packet::PubComp(_)).then_some(())).await;
    assert_eq!(&house.host.published()[0].payload[..], b"up");

    assert!(house.door.publish("d", "d/cmd", payload(&big), 7));
    let got = hear(&mut events, "the command", |p| match p {
        Packet::Publish(publish) => Some(publish),
        _ => None,
    })
    .await;
    assert_eq!((got.topic.as_str(), got.payload.len()), ("d/cmd", 150_000));
    // The acknowledgement leaves with the next turn of rumqttc's loop.
    let pumped = timeout(PATIENCE, async { while events.poll().await.is_ok() {} });
    tokio::select! {
        () = house.host.wait_delivered(7) => {}
        _ = pumped => panic!("the connection ended before the delivery was told"),
    }
    let session = house.host.session_of("d").await;
    client.disconnect().await.unwrap();
    let _ = timeout(PATIENCE, async { while events.poll().await.is_ok() {} }).await;
    house.host.wait_closed(session).await;
    house.door.stop().await;
}

/// A library's word for it quotes its manual; a person wants to know what the other end did.
#[tokio::test]
async fn says_in_its_own_words_that_tls_was_broken_off() {
    let (tls, ca) = certificate();
    let house = house_with(Some(tls), |_| {});
    let (client, mut events) = AsyncClient::new(options("d", &house, &ca), 10);
    client.subscribe("d/cmd", QoS::AtLeastOnce).await.unwrap();
    hear(&mut events, "SUBACK", |p| matches!(p, Packet::SubAck(_)).then_some(())).await;
    let session = house.host.session_of("d").await;
    drop(events);
    let reason = house.host.wait_closed(session).await.to_string();
    assert!(reason.contains("hung up without ending TLS") && !reason.contains("http"), "{reason}");
}

#[tokio::test]
async fn shows_a_refusal_over_tls() {
    let (tls, ca) = certificate();
    let house = house_with(Some(tls), |_| {});
    let (_client, mut events) = AsyncClient::new(options("refuse-5", &house, &ca), 10);
    let error = timeout(PATIENCE, events.poll()).await.expect("waited for CONNACK").unwrap_err();
    assert!(matches!(error, rumqttc::ConnectionError::ConnectionRefused(_)), "{error:?}");
}

#[tokio::test]
async fn tells_of_a_failed_handshake() {
    let (tls, _) = certificate();
    let house = house_with(Some(tls), |_| {});
    let mut plain = Raw::dial(house.at).await;
    plain.send(&connect("d", 0)).await;
    let why = house.host.wait("a failed handshake", |event| match event {
        Event::TurnedAway(why) => Some(why.clone()),
        _ => None,
    });
    assert!(why.await.starts_with("TLS: "));
}

#[tokio::test]
async fn lets_nobody_hold_the_door_with_half_a_handshake() {
    let (tls, ca) = certificate();
    let house = house_with(Some(tls), |config| {
        config.connect_timeout = std::time::Duration::from_millis(1500);
        config.max_connections = 40;
    });
    // The beginning of a ClientHello: a record of 512 bytes that never come.
    let mut halves = Vec::new();
    for number in 0..39 {
        let mut half = Raw::dial(house.at).await;
        if number % 3 > 0 {
            half.send(&[0x16, 3, 1, 2, 0, 1][..number % 7]).await;
        }
        halves.push(half);
    }
    let (_client, mut events) = AsyncClient::new(options("d", &house, &ca), 10);
    hear(&mut events, "CONNACK", |p| matches!(p, Packet::ConnAck(_)).then_some(())).await;
    for half in &mut halves {
        half.expect_end("half a handshake").await;
    }
    let late = Event::TurnedAway("no TLS handshake in time".to_owned());
    assert_eq!(house.host.count(&late), 39);
    // The places are free again.
    let (_client, mut events) = AsyncClient::new(options("e", &house, &ca), 10);
    hear(&mut events, "CONNACK", |p| matches!(p, Packet::ConnAck(_)).then_some(())).await;
}

#[tokio::test]
async fn turns_away_who_shakes_hands_and_sends_half_a_connect() {
    let (tls, ca) = certificate();
    let house = house_with(Some(tls), |config| config.connect_timeout = std::time::Duration::from_millis(1000));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(&ca).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(house.at).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.unwrap();
    // Half a CONNECT, and then nothing.
    tokio::io::AsyncWriteExt::write_all(&mut stream, &connect("d", 0)[..5]).await.unwrap();
    let why = Event::TurnedAway("no CONNECT in time".to_owned());
    house.host.wait("the end of patience", |event| (*event == why).then_some(())).await;
}

/// Ten thousand devices that come at once wait for each other, which is no fault of theirs.
#[tokio::test]
async fn doesnt_count_the_time_in_which_it_is_busy_with_others() {
    let (tls, ca) = certificate();
    let patience = std::time::Duration::from_millis(1000);
    let house = house_with(Some(tls), |config| config.connect_timeout = patience);
    let (core, _) = house.door.inside();
    let turns = core.handshakes.acquire_many(core.handshakes.available_permits() as u32).await.unwrap();
    let (_client, mut events) = AsyncClient::new(options("d", &house, &ca), 10);
    let connack = hear(&mut events, "CONNACK", |p| matches!(p, Packet::ConnAck(_)).then_some(()));
    let busy = async {
        tokio::time::sleep(patience * 3 / 2).await;
        drop(turns);
    };
    tokio::join!(connack, busy);
    assert!(!house.host.events().iter().any(|event| matches!(event, Event::TurnedAway(_))));
}
