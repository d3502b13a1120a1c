//! The other two parties, as processes of their own: a correct and a broken device, a correct and a
//! broken application, and parties that show nothing.

use std::time::Duration;

use iotdm_mock::{Builder, Platform};
use iotdm_suite::events::Event;
use iotdm_suite::observe::{self, AppOptions, DeviceOptions, Patience};
use iotdm_suite::verdict::{Exit, Verdict};

/// How a check ended: the exit, and the ids that failed and that warned.
#[derive(Debug, PartialEq, Eq)]
struct Graded {
    exit: Exit,
    failed: Vec<String>,
    warned: Vec<String>,
}

impl Graded {
    fn new() -> Self {
        Self { exit: Exit::NothingRan, failed: Vec::new(), warned: Vec::new() }
    }

    fn hear(&mut self, event: Event) {
        if let Event::CaseFinished(finished) = event {
            match &finished.verdict {
                Verdict::Fail { .. } => self.failed.push(finished.case.id.clone()),
                Verdict::Warn { .. } => self.warned.push(finished.case.id.clone()),
                _ => {}
            }
        }
    }
}

fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

async fn device(command: &[&str]) -> Graded {
    let platform = Platform::builder().start().await.unwrap();
    let patience = Patience {
        connect: Duration::from_secs(10),
        report: Duration::from_secs(3),
        answer: Duration::from_secs(3),
        unknown: Duration::from_secs(1),
        reconnect: Duration::from_secs(5),
    };
    let options = DeviceOptions { command: Some(words(command)), alone: true, patience, ..DeviceOptions::default() };
    let mut graded = Graded::new();
    let target = iotdm::embedded::target(&platform);
    let summary = observe::device(&target, options, &mut |_| {}, &mut |event| graded.hear(event)).await;
    graded.exit = summary.exit;
    platform.stop().await;
    graded
}

async fn app(command: &[&str]) -> Graded {
    app_against(Platform::builder(), command).await
}

async fn app_against(platform: Builder, command: &[&str]) -> Graded {
    let platform = platform.start().await.unwrap();
    let options = AppOptions { deadline: Duration::from_secs(30), ..AppOptions::default() };
    let mut graded = Graded::new();
    let target = iotdm::embedded::target(&platform);
    let summary = observe::app(&target, options, &words(command), &mut |event| graded.hear(event)).await;
    graded.exit = summary.exit;
    platform.stop().await;
    graded
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_device_passes() {
    let graded = device(&[env!("CARGO_BIN_EXE_correct_device")]).await;
    assert_eq!(graded, Graded { exit: Exit::Passed, ..Graded::new() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_device_fails_by_requirement() {
    let graded = device(&[env!("CARGO_BIN_EXE_broken_device")]).await;
    assert_eq!(graded.exit, Exit::TargetFailed);
    let broken = [
        "2.1/rule/data-topic-id",
        "2.3/rule/service-data-by-model",
        "2.4/rule/mid-echo",
        "2.5/req/errcode",
        "2.5/rule/mid-echo",
    ];
    assert_eq!(graded.failed, broken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_listen_fails_by_requirement() {
    let graded = device(&[env!("CARGO_BIN_EXE_broken_device"), "deaf"]).await;
    assert_eq!(graded.exit, Exit::TargetFailed);
    assert_eq!(graded.failed, ["2.1/rule/subscribe-before-receiving", "2.4/rule/subscribe-before-receiving"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_program_ends_on_a_command_fails() {
    let graded = device(&[env!("CARGO_BIN_EXE_broken_device"), "dies"]).await;
    assert_eq!(graded.exit, Exit::TargetFailed);
    assert_eq!(graded.failed, ["2.4/session/survives-a-command-that-it-cannot-know"]);
    let warned = ["2.2/session/comes-back-after-a-lost-connection", "2.5/session/answers-a-command"];
    assert_eq!(graded.warned, warned);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_application_passes() {
    let graded = app(&[env!("CARGO_BIN_EXE_correct_app")]).await;
    assert_eq!((graded.exit, graded.failed), (Exit::Passed, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_receiver_speaks_tls_passes_with_its_certificate() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::ExplicitNoCa;
    let pem = params.self_signed(&key).unwrap().pem();
    let folder = std::env::temp_dir().join(format!("iotdm-receiver-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let variable = |name: &str, file: &str, text: &str| {
        let file = folder.join(file);
        std::fs::write(&file, text).unwrap();
        format!("{name}={}", file.display())
    };
    let certificate = variable("RECEIVER_CERT", "receiver.pem", &pem);
    let key = variable("RECEIVER_KEY", "receiver.key", &key.serialize_pem());
    let command = ["env", &certificate, &key, env!("CARGO_BIN_EXE_correct_app")];
    let graded = app_against(Platform::builder().callback_ca(pem), &command).await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!((graded.exit, graded.failed), (Exit::Passed, Vec::new()));
    assert!(!graded.warned.iter().any(|id| id == "1.7.1/rule/callback-https-preferred"), "{:?}", graded.warned);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_application_fails_by_requirement() {
    let graded = app(&[env!("CARGO_BIN_EXE_broken_app")]).await;
    assert_eq!(graded.exit, Exit::TargetFailed);
    for broken in
        ["1.2.1/rule/content-type-others", "1.5.2/req/deviceInfo.nodeId", "1.6.1/rule/bearer", "1.8.1/rule/answer-push"]
    {
        assert!(graded.failed.iter().any(|id| id == broken), "{broken} is not among {:?}", graded.failed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_pass() {
    assert_eq!(device(&["sh", "-c", "exit 3"]).await.exit, Exit::NothingRan);
    assert_eq!(app(&["sh", "-c", "exit 3"]).await.exit, Exit::NothingRan);
    assert_eq!(app(&["/no/such/program"]).await.exit, Exit::Environment);
}
