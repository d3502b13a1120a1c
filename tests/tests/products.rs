//! Products from profiles in the field's format, from import to deletion, and devices that speak binary.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use iotdm_mock::{Entry, Event, OwnerError, Platform, ProductSource, Pushed};
use iotdm_spec::Op;
use iotdm_spec::commands::{create_command, send_command};
use iotdm_spec::wire::NotifyType;
use iotdm_tests::{Application, DEADLINE};
use rumqttc::{AsyncClient, Event as MqttEvent, Incoming, MqttOptions, QoS};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, ZipWriter};

const TIMESTAMP: &str = "2018072417";

fn water_meter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/water_meter")
}

/// The files of a folder, by their names inside of it.
fn files(folder: &Path, under: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path(), &format!("{name}/")));
        } else {
            found.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
    found
}

/// The water meter as a zip, its tree once under each of these folders.
fn zipped(under: &[&str]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for folder in under {
        for (name, bytes) in files(&water_meter(), folder) {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

/// A device of a product: registered, connected, listening on both of its command topics.
struct Meter {
    id: String,
    client: AsyncClient,
    received: mpsc::UnboundedReceiver<(String, Vec<u8>)>,
}

impl Meter {
    async fn start(platform: &Platform, application: &Application, product: &str, node: &str) -> Self {
        let body = json!({ "deviceInfo": { "nodeId": node }, "mqttConnect": true, "productId": product });
        let (status, answer) = application.call(Op::RegisterByPassword, &[], body).await;
        assert_eq!(status, 200, "{answer}");
        let id = answer["deviceId"].as_str().unwrap().to_owned();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(TIMESTAMP.as_bytes()).unwrap();
        mac.update(answer["secret"].as_str().unwrap().as_bytes());
        let password: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let address = platform.plain_mqtt().unwrap();
        let mut options = MqttOptions::new(format!("{id}_0_0_{TIMESTAMP}"), address.ip().to_string(), address.port());
        options.set_credentials(id.clone(), password);
        let (client, mut events) = AsyncClient::new(options, 16);
        let (sender, received) = mpsc::unbounded_channel();
        let (granted, mut grants) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(MqttEvent::Incoming(Incoming::Publish(publish))) => {
                        let _ = sender.send((publish.topic.clone(), publish.payload.to_vec()));
                    }
                    Ok(MqttEvent::Incoming(Incoming::SubAck(ack))) => {
                        let _ = granted.send(ack.return_codes);
                    }
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        for codec in ["json", "binary"] {
            client.subscribe(format!("/huawei/v1/devices/{id}/command/{codec}"), QoS::AtLeastOnce).await.unwrap();
            let codes = tokio::time::timeout(DEADLINE, grants.recv()).await.expect("a SUBACK").unwrap();
            assert_eq!(codes, [rumqttc::SubscribeReasonCode::Success(QoS::AtLeastOnce)], "{codec}");
        }
        Self { id, client, received }
    }

    async fn publish(&self, codec: &str, payload: impl Into<Vec<u8>>) {
        let topic = format!("/huawei/v1/devices/{}/data/{codec}", self.id);
        self.client.publish(topic, QoS::AtLeastOnce, false, payload.into()).await.unwrap();
    }

    async fn command(&mut self) -> (String, Vec<u8>) {
        tokio::time::timeout(DEADLINE, self.received.recv()).await.expect("a command").unwrap()
    }
}

async fn subscribe(application: &Application, op: Op, notify_type: NotifyType) {
    // Nobody listens there: the journal has the pushes all the same.
    let body = json!({ "notifyType": notify_type, "callbackUrl": "http://127.0.0.1:9/callback" });
    let (status, answer) = application.call(op, &[], body).await;
    assert_eq!(status, 201, "{answer}");
}

/// Waits for a push of a notification whose body suits.
async fn pushed(platform: &Platform, notification: &str, suits: impl Fn(&Value) -> bool) -> Value {
    let body = |push: &Pushed| serde_json::from_str::<Value>(&push.body).unwrap();
    let fits = |entry: &Entry| match &entry.event {
        Event::Push(push) => push.notification == notification && suits(&body(push)),
        _ => false,
    };
    platform.journal().wait_for(notification, DEADLINE, fits).await.unwrap();
    let pushes = platform.journal().pushes(notification);
    pushes.iter().map(body).find(|body| suits(body)).unwrap()
}

async fn noted(platform: &Platform, text: &str) {
    let fits = |entry: &Entry| matches!(&entry.event, Event::Note(note) if note.text.contains(text));
    platform.journal().wait_for(text, DEADLINE, fits).await.unwrap();
}

async fn started() -> (Platform, Application) {
    let platform = Platform::builder().plain_mqtt("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    let application = Application::log_in(&platform).await;
    (platform, application)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_reads_the_same_in_every_form() {
    let (platform, _) = started().await;
    let owners = [platform.application(), platform.authorized(), platform.stranger()].map(|a| a.id.clone());
    let sources: [ProductSource; 3] =
        [water_meter().into(), zipped(&[""]).into(), zipped(&["HM-20_Profile/", ""]).into()];
    let mut profiles = Vec::new();
    for (owner, source) in owners.iter().zip(sources) {
        let id = platform.import_product(owner, source).unwrap();
        let mut product = platform.product(&id).unwrap();
        assert_eq!(product["application"], owner.as_str());
        for own in ["application", "productId"] {
            product.as_object_mut().unwrap().remove(own);
        }
        profiles.push(product);
    }
    assert_eq!(profiles[0], profiles[1]);
    assert_eq!(profiles[0], profiles[2]);
    // What is shown can be imported again; the same series twice in an application cannot be told apart.
    let again = platform.add_product(&owners[0], profiles[0].as_object().unwrap());
    assert!(matches!(again, Err(OwnerError::SeriesInUse { .. })), "{again:?}");
    profiles[0]["device"]["devices"][0]["model"] = json!("HM-30");
    let id = platform.add_product(&owners[0], profiles[0].as_object().unwrap()).unwrap();
    assert_eq!(platform.product(&id).unwrap()["services"], profiles[0]["services"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn capabilities_are_those_of_the_profile() {
    let (platform, application) = started().await;
    let product = platform.import_product(&platform.application().id, water_meter()).unwrap();
    let meter = Meter::start(&platform, &application, &product, "meter").await;
    let (status, answer) = application.call(Op::QueryCapabilities, &[("deviceId", &meter.id)], Value::Null).await;
    assert_eq!(status, 200);
    let services = answer["deviceCapabilities"][0]["serviceCapabilities"].as_array().unwrap();
    let ids: Vec<&str> = services.iter().map(|s| s["serviceId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["WaterMeter", "Valve", "Battery", "Connectivity"]);
    assert_eq!(services[0]["option"], "Master");
    let property = |name: &str| {
        let all = services.iter().flat_map(|s| s["properties"].as_array().unwrap());
        all.into_iter().find(|p| p["propertyName"] == name).unwrap().clone()
    };
    let flow = property("totalFlow");
    assert_eq!((&flow["dataType"], &flow["required"], &flow["unit"]), (&json!("decimal"), &json!(true), &json!("m3")));
    assert_eq!((&flow["min"], &flow["max"], &flow["step"]), (&json!("0"), &json!("99999999.999"), &json!(0.001)));
    assert_eq!(property("serial")["maxLength"], 12);
    assert_eq!(property("state")["enumList"], json!(["OPEN", "CLOSED"]));
    let command = &services[0]["commands"][0];
    assert_eq!(command["paras"][0]["required"], true);
    assert_eq!(command["responses"][0]["paras"][0]["paraName"], "result");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_speaks_json_and_binary() {
    let (platform, application) = started().await;
    let product = platform.import_product(&platform.application().id, zipped(&[""])).unwrap();
    for notify_type in [NotifyType::DeviceDataChanged, NotifyType::DeviceDatasChanged, NotifyType::CommandRsp] {
        subscribe(&application, Op::SubscribeBusinessData, notify_type).await;
    }
    let mut meter = Meter::start(&platform, &application, &product, "meter").await;

    let report = json!({ "msgType": "deviceReq", "hasMore": 0, "data": [
        { "serviceId": "Valve", "serviceData": { "state": "AJAR", "opening": 3 } },
        { "serviceId": "Gas", "serviceData": { "flow": 1 } },
    ]});
    meter.publish("json", report.to_string()).await;
    pushed(&platform, "device_data_changed", |push| push["service"]["data"]["state"] == "AJAR").await;
    for note in ["no service \"Gas\"", "none of OPEN, CLOSED", "the step 5", "tolerated: `hasMore`"] {
        noted(&platform, note).await;
    }

    meter.publish("binary", b"\x01\x00\x00\x01\x02\x50\xc4\xffSN-1\0\0\0\0\0\0\0\0".to_vec()).await;
    let push = pushed(&platform, "device_datas_changed", |push| push["services"][0]["data"]["pulses"] == 258).await;
    let data = |n: usize| push["services"][n]["data"].clone();
    assert_eq!(data(0), json!({ "pulses": 258, "serial": "SN-1" }));
    assert_eq!((data(1), data(2)), (json!({ "batteryLevel": 80 }), json!({ "signalStrength": -60 })));

    let send = async |service: &str, method: &str, body: Value| {
        let call = json!({ "header": { "mode": "NOACK", "method": method }, "body": body });
        application.call(Op::SendCommand, &[("deviceId", &meter.id), ("serviceId", service)], call).await
    };
    let (status, answer) = send("WaterMeter", "SET_INTERVAL", json!({ "seconds": "soon" })).await;
    let refused = send_command::error::COMMAND_INPUT_INVALID.row();
    assert_eq!((status.as_u16(), &answer["error_code"]), (refused.http_status, &json!(refused.code)));
    let (status, answer) = send("Valve", "CLOSE", json!({})).await;
    assert_eq!(status, 202, "{answer}");
    let (status, answer) = send("WaterMeter", "SET_INTERVAL", json!({ "seconds": 3600 })).await;
    assert_eq!(status, 202, "{answer}");
    // The codec has no message for CLOSE: it goes out as JSON.
    let (topic, payload) = meter.command().await;
    assert!(topic.ends_with("/command/json"), "{topic}");
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap()["cmd"], "CLOSE");
    let (topic, payload) = meter.command().await;
    assert!(topic.ends_with("/command/binary"), "{topic}");
    let [0x81, high, low, 0, 0, 0x0e, 0x10] = payload[..] else { panic!("{payload:?}") };

    meter.publish("binary", vec![2, high, low, 0, 7]).await;
    let answered = pushed(&platform, "command_rsp", |_| true).await;
    assert_eq!(answered["body"], json!({ "result": 7 }));
}

/// It would stay SENT until its time is over, and nobody would know why.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_codec_cannot_carry_is_refused_also_when_it_is_cached() {
    let (platform, application) = started().await;
    let product = platform.import_product(&platform.application().id, water_meter()).unwrap();
    let (meter, _) = application.register_as(&product, "meter").await;
    let create = async || {
        let command = json!({ "serviceId": "WaterMeter", "method": "SET_INTERVAL", "paras": { "seconds": 3600 } });
        let body = json!({ "deviceId": meter, "command": command, "expireTime": 1000 });
        application.call(Op::CreateCommand, &[], body).await
    };
    let (status, answer) = create().await;
    assert_eq!(status, 201, "{answer}");
    let message = json!({ "name": "set interval", "msgType": "cloudReq", "service": "WaterMeter", "cmd": "SET_INTERVAL",
        "fields": [{ "offset": 0, "type": "uint16", "member": "mid" }, { "offset": 2, "type": "uint8", "para": "seconds" }] });
    let change = json!({ "codec": { "messages": [message] } });
    platform.change_product(&product, change.as_object().unwrap()).unwrap();
    let (status, answer) = create().await;
    let refused = create_command::error::COMMAND_INPUT_INVALID.row();
    assert_eq!((status.as_u16(), &answer["error_code"]), (refused.http_status, &json!(refused.code)));
    let calls = platform.journal().calls("create_command");
    assert!(calls[1].notes.iter().any(|note| note.contains("cannot carry the command")), "{:?}", calls[1].notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_payload_is_noted_and_changes_nothing() {
    let (platform, application) = started().await;
    let product = platform.import_product(&platform.application().id, water_meter()).unwrap();
    subscribe(&application, Op::SubscribeBusinessData, NotifyType::DeviceDataChanged).await;
    let meter = Meter::start(&platform, &application, &product, "meter").await;
    meter.publish("binary", b"raw text".to_vec()).await;
    noted(&platform, "no message of the codec fits these 8 bytes").await;
    meter.publish("json", b"{".to_vec()).await;
    noted(&platform, "ignored: not a JSON object").await;
    meter.publish("json", json!({ "msgType": "deviceReq" }).to_string()).await;
    noted(&platform, "missing field `data`").await;
    meter.publish("json", json!({ "msgType": "deviceReq", "data": {} }).to_string()).await;
    noted(&platform, "ignored: invalid type").await;
    meter.publish("binary", vec![2, 0, 9, 0, 0]).await;
    noted(&platform, "no command 9 is open").await;
    let (_, answer) = application.call(Op::QueryDevice, &[("deviceId", &meter.id)], Value::Null).await;
    assert_eq!(answer["services"], json!([]), "{answer}");
    assert_eq!(platform.journal().pushes("device_data_changed").len(), 0);
    // A product without a codec, as ever.
    let plain = Meter::start(&platform, &application, platform.product_id(), "plain").await;
    plain.publish("binary", b"raw text".to_vec()).await;
    noted(&platform, "the product has no codec for binary data").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_outlive_their_product_and_subscribers_hear_of_all() {
    let (platform, application) = started().await;
    let own = platform.application().id.clone();
    for notify_type in [
        NotifyType::DeviceCapabilitiesAdded,
        NotifyType::DeviceCapabilitiesChanged,
        NotifyType::DeviceCapabilitiesDeleted,
    ] {
        subscribe(&application, Op::SubscribeBusinessData, notify_type).await;
    }
    let control = reqwest::Client::builder().no_proxy().build().unwrap();
    let products = format!("{}/_mock/products", platform.control_url());
    let answer = control.post(format!("{products}?application={own}")).body(zipped(&[""])).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let product = answer["productId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let added = pushed(&platform, "device_capabilities_added", |_| true).await;
    assert_eq!((&added["appId"], &added["model"]), (&json!(own), &json!("HM-20")));
    let meter = Meter::start(&platform, &application, &product, "meter").await;

    let url = format!("{products}/{product}");
    // Without its codec nothing is said: neither services nor properties changed.
    let codec = json!({ "codec": null });
    assert_eq!(control.patch(&url).json(&codec).send().await.unwrap().status(), 200);
    assert!(platform.product(&product).unwrap().get("codec").is_none());
    let battery = json!({ "services": [{ "services": [{ "serviceType": "Battery", "properties": [
        { "propertyName": "batteryLevel", "dataType": "int", "min": 0, "max": 50, "method": "R" }] }] }] });
    let answer = control.patch(&url).json(&battery).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let shown: Value = answer.json().await.unwrap();
    assert_eq!(shown["services"].as_array().unwrap().len(), 4);
    pushed(&platform, "device_capabilities_changed", |push| push["model"] == "HM-20").await;
    assert_eq!(platform.journal().pushes("device_capabilities_changed").len(), 1);

    let wrong = json!({ "services": [{ "services": [{ "serviceType": "Battery", "properties": [
        { "propertyName": "batteryLevel", "dataType": "itn", "method": "R" }] }] }] });
    let answer = control.patch(&url).json(&wrong).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let text = answer.text().await.unwrap();
    assert!(text.contains("services[2]: $.services[0].properties[0].dataType: expected one of int"), "{text}");

    assert_eq!(control.delete(&url).send().await.unwrap().status(), 200);
    assert_eq!(control.delete(&url).send().await.unwrap().status(), 404);
    pushed(&platform, "device_capabilities_deleted", |push| push["model"] == "HM-20").await;
    let (_, answer) = application.call(Op::QueryCapabilities, &[("deviceId", &meter.id)], Value::Null).await;
    assert_eq!(answer["deviceCapabilities"][0]["serviceCapabilities"], json!([]));
    let (status, answer) = application.call(Op::QueryDevice, &[("deviceId", &meter.id)], Value::Null).await;
    assert_eq!((status.as_u16(), &answer["deviceInfo"]["model"]), (200, &json!("HM-20")));
    let body = json!({ "deviceInfo": { "nodeId": "late" }, "mqttConnect": true, "productId": product });
    let (status, _) = application.call(Op::RegisterByPassword, &[], body).await;
    assert_ne!(status, 200);
    let report = json!({ "msgType": "deviceReq", "data": [{ "serviceId": "Any", "serviceData": { "x": 1 } }] });
    subscribe(&application, Op::SubscribeBusinessData, NotifyType::DeviceDataChanged).await;
    meter.publish("json", report.to_string()).await;
    pushed(&platform, "device_data_changed", |push| push["service"]["serviceId"] == "Any").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_profile_says_where_it_is_wrong() {
    let (platform, _) = started().await;
    let own = &platform.application().id;
    let missing = platform.import_product(own, "/nowhere/at-all.zip").unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/at-all.zip: "), "{missing}");
    let text = platform.import_product(own, b"not a zip".to_vec()).unwrap_err().to_string();
    assert!(text.starts_with("the zip: expected a zip"), "{text}");
    let profile = json!({ "device": { "devices": [{ "manufacturerId": "m", "manufacturerName": "m", "model": "x",
        "protocolType": "mqtt", "deviceType": "t",
        "serviceTypeCapabilities": [{ "serviceId": "A", "serviceType": "A" }] }] } });
    let text = platform.add_product(own, profile.as_object().unwrap()).unwrap_err().to_string();
    assert_eq!(
        text,
        "the profile: device: $.devices[0].serviceTypeCapabilities[0]: \
         expected a servicetype-capability.json with the service type \"A\", found none"
    );
}
