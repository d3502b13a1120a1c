//! MQTTS: versions of TLS, certificates of devices, and who speaks no TLS at all.

use std::sync::Arc;

use iotdm_mock::{Event, Platform, StartError};
use iotdm_tests::raw_device::login;
use iotdm_tests::{Application, DEADLINE, install_crypto};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A certificate and its key.
type Shown = (CertificateDer<'static>, PrivateKeyDer<'static>);

/// An authority that signs certificates of devices.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn sign(&self, change: impl FnOnce(&mut CertificateParams)) -> Shown {
        let mut params = CertificateParams::new(vec!["device".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }
}

fn client(
    platform: &Platform,
    versions: &[&'static SupportedProtocolVersion],
    shown: Option<&Shown>,
) -> Arc<ClientConfig> {
    install_crypto();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(platform.ca_pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots);
    Arc::new(match shown {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate.clone()], key.clone_key()).unwrap(),
        None => config.with_no_client_auth(),
    })
}

/// Logs in over TLS; gives the version and the answer, or what went wrong.
async fn log_in(
    platform: &Platform,
    config: Arc<ClientConfig>,
    connect: &[u8],
) -> Result<(ProtocolVersion, Vec<u8>), String> {
    let conversation = async {
        let stream = TcpStream::connect(platform.mqtts()).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(config).connect(name, stream).await?;
        stream.write_all(connect).await?;
        let mut answer = vec![0; 4];
        stream.read_exact(&mut answer).await?;
        let version = stream.get_ref().1.protocol_version().unwrap();
        std::io::Result::Ok((version, answer))
    };
    timeout(DEADLINE, conversation).await.expect("an answer or the end in time").map_err(|e| e.to_string())
}

static BOTH: [(&SupportedProtocolVersion, ProtocolVersion); 2] =
    [(&rustls::version::TLS12, ProtocolVersion::TLSv1_2), (&rustls::version::TLS13, ProtocolVersion::TLSv1_3)];

async fn device(platform: &Platform) -> Vec<u8> {
    let application = Application::log_in(platform).await;
    let (id, secret) = application.register(platform, "node").await;
    login(&id, &secret, "2018072417", 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn speaks_tls_1_2_and_1_3_and_nothing_else_at_the_mqtts_port() {
    let platform = Platform::builder().start().await.unwrap();
    let connect = device(&platform).await;
    for (version, wanted) in BOTH {
        let answer = log_in(&platform, client(&platform, &[version], None), &connect).await;
        assert_eq!(answer, Ok((wanted, vec![0x20, 2, 0, 0])));
    }
    // A CONNECT without TLS gets no CONNACK, and the link ends.
    let mut plain = TcpStream::connect(platform.mqtts()).await.unwrap();
    plain.write_all(&connect).await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(DEADLINE, plain.read_to_end(&mut answer)).await.expect("the end in time");
    assert!(!answer.starts_with(&[0x20]), "{answer:02x?}");
    assert_eq!(platform.plain_mqtt(), None, "plain MQTT only where it is asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn judges_a_certificate_that_a_device_presents() {
    let authority = Authority::new();
    let platform = Platform::builder().device_ca(&authority.pem).start().await.unwrap();
    let connect = device(&platform).await;
    let good = authority.sign(|_| {});
    let expired = authority.sign(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let foreign = Authority::new().sign(|_| {});
    for (version, wanted) in BOTH {
        let with = |shown| client(&platform, &[version], shown);
        for shown in [None, Some(&good)] {
            let answer = log_in(&platform, with(shown), &connect).await;
            assert_eq!(answer, Ok((wanted, vec![0x20, 2, 0, 0])), "certificate: {}", shown.is_some());
        }
        for shown in [&expired, &foreign] {
            let before = platform.journal().entries().last().map_or(0, |entry| entry.seq);
            let answer = log_in(&platform, with(Some(shown)), &connect).await;
            assert!(answer.is_err(), "{answer:?}");
            let turned_away =
                |event: &Event| matches!(event, Event::Note(note) if note.text.contains("turned away: TLS"));
            let wanted = |entry: &iotdm_mock::Entry| entry.seq > before && turned_away(&entry.event);
            platform.journal().wait_for("a failed handshake", DEADLINE, wanted).await.unwrap();
        }
    }
    // Applications are not asked.
    Application::log_in(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_ask_for_certificates_by_itself() {
    let platform = Platform::builder().start().await.unwrap();
    let connect = device(&platform).await;
    let any = Authority::new().sign(|_| {});
    for (version, wanted) in BOTH {
        let answer = log_in(&platform, client(&platform, &[version], Some(&any)), &connect).await;
        assert_eq!(answer, Ok((wanted, vec![0x20, 2, 0, 0])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_start_with_an_authority_that_is_none() {
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error = Platform::builder().device_ca(pem).start().await.unwrap_err();
        assert!(matches!(error, StartError::Certificate(_)), "{pem:?}: {error}");
    }
}
