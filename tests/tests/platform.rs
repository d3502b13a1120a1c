//! The mock as a library in a Rust test.

use std::time::Duration;

use iotdm_mock::{ApplicationChange, OwnerError, PackageFit, Platform, VersionPackage};
use iotdm_spec::security::login;
use iotdm_spec::wire::FileType;
use iotdm_spec::{Op, data::query_device::error};
use iotdm_tests::{Application, install_crypto};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_and_the_same_calls_give_the_same_ids() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let platform = Platform::builder().seed(7).start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let device = application.register(&platform, "node").await;
        runs.push((platform.application().clone(), platform.product_id().to_owned(), device));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_platforms_share_nothing() {
    let (one, other) =
        (Platform::builder().seed(1).start().await.unwrap(), Platform::builder().seed(1).start().await.unwrap());
    let application = Application::log_in(&one).await;
    let (device, _) = application.register(&one, "node").await;
    let elsewhere = Application::log_in(&other).await;
    let (status, _) = elsewhere.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(status, error::DEVICE_NOT_EXISTED.row().http_status);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_call_fails_when_told_to() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, _) = application.register(&platform, "node").await;
    let row = error::INTERNAL.row();
    platform.force_next(Op::QueryDevice, row);
    let (status, answer) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(
        (status.as_u16(), &answer["error_code"], &answer["error_desc"]),
        (row.http_status, &json!(row.code), &json!(row.desc))
    );
    let (status, _) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(platform.journal().calls("query_device").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_die_when_their_time_has_come() {
    let platform = Platform::builder().frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (device, _) = application.register(&platform, "node").await;
    platform.advance(Duration::from_secs(3599));
    let (status, _) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(status, 200);
    platform.advance(Duration::from_secs(1));
    let (status, _) = application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(status, error::TOKEN_INVALID.row().http_status);
    assert_eq!(platform.now().to_string(), "20200214T090000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_application_may_not_log_in() {
    install_crypto();
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let id = &platform.application().id;
    let frozen = ApplicationChange { frozen: Some(true), ..ApplicationChange::default() };
    platform.change_application(id, &frozen).unwrap();
    let body = json!({ "appId": id, "secret": platform.application().secret });
    let (status, answer) = application.call(Op::Login, &[], body).await;
    assert_eq!((status.as_u16(), &answer["error_code"]), (400, &json!(login::error::APPLICATION_FROZEN.row().code)));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_tokens_stay_out_of_the_journal() {
    let platform = Platform::builder().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (_, secret) = application.register(&platform, "node").await;
    let calls = platform.journal().calls("register_by_password");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].request_json()["deviceInfo"]["nodeId"], "node", "the call's arguments are there");
    let journal = serde_json::to_string(&platform.journal().entries()).unwrap();
    assert!(!journal.contains(&secret), "the device's secret");
    assert!(!journal.contains(&platform.application().secret), "the application's secret");
    assert!(journal.contains("***"), "something was masked");
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_come_and_go_by_the_owners_hand() {
    let platform = Platform::builder().frozen_at("20200214T080000Z").unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let pump = VersionPackage {
        application: None,
        file_type: FileType::FirmwarePackage,
        name: "pump".to_owned(),
        version: "3.1".to_owned(),
        fits: PackageFit::Product(platform.lwm2m_product_id().to_owned()),
        description: None,
        date: None,
    };
    let file_id = platform.add_package(pump.clone()).unwrap();
    let (status, answer) = application.call(Op::QueryPackage, &[("fileId", &file_id)], Value::Null).await;
    assert_eq!((status.as_u16(), &answer["version"], &answer["date"]), (200, &json!("3.1"), &json!("2020-02-14")));
    assert_eq!(platform.packages().len(), 5, "four are always there");
    platform.remove_package(&file_id).unwrap();
    assert_eq!(platform.remove_package(&file_id), Err(OwnerError::UnknownPackage(file_id)));

    let unknown_product = VersionPackage { fits: PackageFit::Product("none".to_owned()), ..pump.clone() };
    let no_date = VersionPackage { date: Some("14.2.2020".to_owned()), ..pump.clone() };
    let no_version = VersionPackage { version: String::new(), ..pump.clone() };
    for (package, why) in [(unknown_product, "\"none\""), (no_date, "yyyy-MM-dd"), (no_version, "version")] {
        let error = platform.add_package(package).unwrap_err();
        assert!(matches!(error, OwnerError::BadPackage(_)) && error.to_string().contains(why), "{error}");
    }
    let nobodys = VersionPackage { application: Some("nobody".to_owned()), ..pump };
    assert_eq!(platform.add_package(nobodys), Err(OwnerError::UnknownApplication("nobody".to_owned())));
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, |tasks| tasks.count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_platforms_start_side_by_side_and_leave_nothing_behind() {
    install_crypto();
    // The first round brings up what the process keeps for good: the routers that are pooled.
    let mut after_each_round = Vec::new();
    for _ in 0..3 {
        let mut platforms = Vec::new();
        for _ in 0..100 {
            platforms.push(Platform::builder().start().await.unwrap());
        }
        let application = Application::log_in(&platforms[99]).await;
        application.register(&platforms[99], "node").await;
        for platform in platforms {
            platform.stop().await;
        }
        after_each_round.push(threads());
    }
    assert!(after_each_round[2] <= after_each_round[0] + 4, "threads grow from round to round: {after_each_round:?}");
}
