//! Bad certificates, as a client sees them that looks at certificates, and one that doesn't.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::raw::ACCEPTED;
use iotdm_mock::{BadCertificate, DeviceFault, Platform};
use iotdm_tests::DEADLINE;
use rumqttc::{AsyncClient, ConnectionError, MqttOptions, TlsConfiguration, Transport};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    Stream,
};

use super::Scene;

fn careful(platform: &Platform) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(platform.ca_pem().as_bytes()).unwrap()).unwrap();
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

/// Shakes hands under a name, and then, if there is something to say, says it and takes four bytes.
async fn shake_hands(
    config: &Arc<ClientConfig>,
    at: SocketAddr,
    name: &str,
    say: Option<Vec<u8>>,
) -> Result<[u8; 4], Error> {
    let mut connection = ClientConnection::new(config.clone(), ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let conversation = tokio::task::spawn_blocking(move || {
        let mut socket = std::net::TcpStream::connect(at).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut socket) {
                let error = error.into_inner().and_then(|e| e.downcast::<Error>().ok());
                return Err(*error.expect("an error of TLS"));
            }
        }
        let mut answer = [0; 4];
        if let Some(words) = say {
            let mut stream = Stream::new(&mut connection, &mut socket);
            stream.write_all(&words).unwrap();
            stream.read_exact(&mut answer).unwrap();
        }
        Ok(answer)
    });
    conversation.await.unwrap()
}

fn is_what_was_ordered(kind: BadCertificate, error: &Error) -> bool {
    let Error::InvalidCertificate(error) = error else { return false };
    match kind {
        BadCertificate::Expired => matches!(error, CertificateError::ExpiredContext { .. } | CertificateError::Expired),
        BadCertificate::Untrusted => matches!(error, CertificateError::UnknownIssuer),
        BadCertificate::WrongName => {
            matches!(error, CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName)
        }
    }
}

const KINDS: [BadCertificate; 3] = [BadCertificate::Expired, BadCertificate::Untrusted, BadCertificate::WrongName];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_bad_in_its_own_way_and_the_next_handshake_is_good() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let config = careful(&scene.platform);
    let at = scene.platform.mqtts();
    for kind in KINDS {
        // The good handshake before leaves a session to resume, which must not help.
        shake_hands(&config, at, "127.0.0.1", Some(node.papers.connect())).await.unwrap();
        scene.order(&node, DeviceFault::Certificate { kind, peer: None });
        let error = shake_hands(&config, at, "127.0.0.1", None).await.unwrap_err();
        assert!(is_what_was_ordered(kind, &error), "{kind:?}: {error:?}");
    }
    assert_eq!(shake_hands(&config, at, "127.0.0.1", Some(node.papers.connect())).await, Ok(ACCEPTED));
    scene.journalled("was shown an expired certificate by fault 1 (certificate, strike 1)").await;
    scene.journalled("was shown a certificate of an unknown authority by fault 2 (certificate, strike 1)").await;
    scene.journalled("was shown a certificate of another host by fault 3 (certificate, strike 1)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_named_in_the_sni_is_told_from_its_neighbours() {
    let scene = Scene::new().await;
    let (node, other) = (scene.node("node-1").await, scene.node("node-2").await);
    let config = careful(&scene.platform);
    let at = scene.platform.mqtts();
    let elsewhere = Some(IpAddr::from([192, 0, 2, 1]));
    for name in [&*node.id, "node-1"] {
        scene.order(&node, DeviceFault::Certificate { kind: BadCertificate::Expired, peer: elsewhere });
        scene.order(&other, DeviceFault::Certificate { kind: BadCertificate::Untrusted, peer: elsewhere });
        // The address is not the expected one, and the name is nobody's.
        shake_hands(&config, at, "localhost", None).await.unwrap();
        let error = shake_hands(&config, at, name, None).await.unwrap_err();
        assert!(is_what_was_ordered(BadCertificate::Expired, &error), "{name}: {error:?}");
        let error = shake_hands(&config, at, "NODE-2", None).await.unwrap_err();
        assert!(is_what_was_ordered(BadCertificate::Untrusted, &error), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_the_expected_address_decides() {
    let scene = Scene::new().await;
    let (near, far) = (scene.node("near").await, scene.node("far").await);
    let config = careful(&scene.platform);
    // The near device has a session, so its address is known.
    let _session = scene.connect(&near).await;
    let kind = BadCertificate::WrongName;
    scene.order(&far, DeviceFault::Certificate { kind, peer: Some(IpAddr::from([192, 0, 2, 1])) });
    scene.order(&near, DeviceFault::Certificate { kind: BadCertificate::Expired, peer: None });
    let error = shake_hands(&config, scene.platform.mqtts(), "localhost", None).await.unwrap_err();
    assert!(is_what_was_ordered(BadCertificate::Expired, &error), "{error:?}");
    assert_eq!(scene.platform.device_faults(&far.id).unwrap()[0].struck, 0);
    shake_hands(&config, scene.platform.mqtts(), "localhost", None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rumqttc_turns_away_from_a_bad_certificate_and_reads_a_refusal() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    scene.order(&node, DeviceFault::Certificate { kind: BadCertificate::Expired, peer: None });
    scene.order(&node, DeviceFault::RefuseConnect { code: iotdm_mock::ConnackCode::BadCredentials });
    let mut options = MqttOptions::new(&node.papers.client_id, "127.0.0.1", scene.platform.mqtts().port());
    options.set_credentials(&node.papers.username, &node.papers.password);
    let ca = scene.platform.ca_pem().as_bytes().to_vec();
    let tls = TlsConfiguration::Simple { ca, alpn: None, client_auth: None };
    options.set_transport(Transport::tls_with_config(tls)).set_keep_alive(Duration::from_secs(60));
    let (_client, mut events) = AsyncClient::new(options, 10);
    let mut poll = async || tokio::time::timeout(DEADLINE, events.poll()).await.expect("an end in time");
    let error = poll().await.unwrap_err();
    assert!(matches!(error, ConnectionError::Tls(_)) && error.to_string().contains("xpired"), "{error}");
    let error = poll().await.unwrap_err();
    assert!(matches!(error, ConnectionError::ConnectionRefused(_)), "{error}");
    poll().await.unwrap();
}

/// Believes everything.
#[derive(Debug)]
struct Careless;

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_knows_a_device_that_comes_in_nevertheless() {
    let scene = Scene::new().await;
    let node = scene.node("node").await;
    let config = ClientConfig::builder().dangerous().with_custom_certificate_verifier(Arc::new(Careless));
    let config = Arc::new(config.with_no_client_auth());
    scene.order(&node, DeviceFault::Certificate { kind: BadCertificate::Untrusted, peer: None });
    let connect = Some(node.papers.connect());
    assert_eq!(shake_hands(&config, scene.platform.mqtts(), "localhost", connect).await, Ok(ACCEPTED));
    let note = scene.journalled("it came in although").await;
    assert_eq!(
        note,
        "it came in although it was shown a certificate of an unknown authority by fault 1 (certificate, strike 1)"
    );
}
