//! A device as small as it can be: it reports on every connection and answers every command.

use std::env;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS, TlsConfiguration, Transport};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use sha2::Sha256;

/// What a device does otherwise than it should.
#[derive(Default)]
pub struct Faults {
    /// Its data topic carries the node id although it connects by device id.
    pub foreign_topic: bool,
    /// It never subscribes.
    pub deaf: bool,
    /// It answers every command with the same mid.
    pub own_mid: bool,
    /// `errcode` is a string.
    pub text_errcode: bool,
    /// A number is reported as a string.
    pub text_value: bool,
    /// Its program ends with exit code 3 on the first command.
    pub dies: bool,
}

/// Runs until it is killed.
pub fn run(faults: &Faults) {
    rustls::crypto::ring::default_provider().install_default().expect("the first provider of this process");
    let [device, node] = ["IOTDM_DEVICE_ID", "IOTDM_NODE_ID"].map(read);
    let mut data = format!("/huawei/v1/devices/{device}/data/json");
    if faults.foreign_topic {
        data = data.replace(&device, &node);
    }
    let (client, mut connection) = Client::new(options(&device), 16);
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                if !faults.deaf {
                    let commands = format!("/huawei/v1/devices/{device}/command/json");
                    client.subscribe(commands, QoS::AtLeastOnce).expect("room for a SUBSCRIBE");
                }
                publish(&client, &data, &report(faults));
            }
            Ok(Event::Incoming(Packet::Publish(_))) if faults.dies => std::process::exit(3),
            Ok(Event::Incoming(Packet::Publish(command))) => publish(&client, &data, &answer(&command.payload, faults)),
            Ok(_) => {}
            // The next event connects again.
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn report(faults: &Faults) -> Value {
    let brightness = if faults.text_value { json!("7") } else { json!(7) };
    json!({"msgType": "deviceReq", "data": [{"serviceId": "Light", "serviceData": {"brightness": brightness}}]})
}

fn answer(command: &[u8], faults: &Faults) -> Value {
    let command: Value = serde_json::from_slice(command).expect("a command is JSON");
    let errcode = i32::from(command["cmd"] != "SET_LEVEL");
    let errcode = if faults.text_errcode { json!(errcode.to_string()) } else { json!(errcode) };
    let mid = if faults.own_mid { json!(65_000) } else { command["mid"].clone() };
    json!({"msgType": "deviceRsp", "mid": mid, "errcode": errcode, "body": {}})
}

fn publish(client: &Client, topic: &str, payload: &Value) {
    client.publish(topic, QoS::AtLeastOnce, false, payload.to_string()).expect("room for a PUBLISH");
}

fn read(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn options(device: &str) -> MqttOptions {
    let now = hour(SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs());
    let mut mac = Hmac::<Sha256>::new_from_slice(now.as_bytes()).expect("a key of any length");
    mac.update(read("IOTDM_SECRET").as_bytes());
    let password: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(read("IOTDM_CA")).expect("a readable CA file") {
        roots.add(certificate.expect("a certificate")).expect("a usable certificate");
    }
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let port = read("IOTDM_PORT").parse().expect("a port");
    let mut options = MqttOptions::new(format!("{device}_0_1_{now}"), read("IOTDM_HOST"), port);
    options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(tls))));
    options.set_credentials(device, password);
    options
}

/// `YYYYMMDDHH` in UTC; the days since 1970 as a date, after Howard Hinnant.
fn hour(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}{:02}", seconds / 3600 % 24)
}
