//! The control plane's page, clicked through in a headless Chromium. In CI the browser must be there;
//! elsewhere the trials are ignored without it, with the reason.
//!
//! `IOTDM_PICTURES=FOLDER cargo test --test page` also takes pictures of it.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use base64::Engine as _;
use iotdm_mock::Platform;
use iotdm_spec::Op;
use iotdm_spec::wire::NotifyType;
use iotdm_tests::Application;
use iotdm_tests::browser::{Browser, missing};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Value, json};

const START: &str = "20200214T080000Z";
const HOSTILE: &str = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial("the_page_shows_the_platform_and_moves_it", the_page_shows_the_platform_and_moves_it),
        trial("the_page_asks_for_the_token", the_page_asks_for_the_token),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial<F: Future<Output = ()>>(name: &str, test: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || {
        if let Some(missing) = missing() {
            return match std::env::var_os("CI") {
                Some(_) => Err(Failed::from(format!("CI must have a browser: {missing}"))),
                None => Ok(Completion::ignored_with(missing)),
            };
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(test());
        Ok(Completion::Completed)
    })
}

async fn picture(browser: &Browser, name: &str) {
    let Some(folder) = std::env::var_os("IOTDM_PICTURES") else { return };
    let picture = base64::engine::general_purpose::STANDARD.decode(browser.picture().await).unwrap();
    std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
}

/// A platform with a few dozen devices, one of which has a hostile name.
async fn furnished() -> (Platform, Application, String) {
    let platform = Platform::builder().seed(7).frozen_at(START).unwrap().start().await.unwrap();
    let application = Application::log_in(&platform).await;
    let (hostile, _) = application.register(&platform, "hostile").await;
    let (status, answer) =
        application.call(Op::ModifyDevice, &[("deviceId", &hostile)], json!({ "name": HOSTILE })).await;
    assert_eq!(status, 204, "{answer}");
    for number in 1..=55 {
        application.register(&platform, &format!("lamp-{number:02}")).await;
    }
    (platform, application, hostile)
}

async fn the_page_shows_the_platform_and_moves_it() {
    let (platform, application, hostile) = furnished().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/_mock/", platform.control_url())).await;
    devices(&browser, &hostile).await;
    clock(&browser, &platform).await;
    journal(&browser, &application).await;
    faults(&browser, &platform, &application, &hostile).await;
    pushes(&browser, &application, &hostile).await;
    applications(&browser, &platform).await;
    reachable(&browser).await;
    // No error of the script, nothing that its policy forbids; only the device that is not there.
    let complaints = browser.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("/devices/nobody/faults")), "the console: {complaints:#?}");
    browser.close().await;
    platform.stop().await;
}

async fn devices(browser: &Browser, hostile: &str) {
    browser.until("a full page", "document.querySelectorAll('#device-rows > tr').length === 50").await;
    picture(browser, "devices").await;
    browser.prefer("dark").await;
    picture(browser, "devices-dark").await;
    browser.prefer("light").await;
    browser.click("#later").await;
    browser.until("the rest", "document.querySelectorAll('#device-rows > tr').length === 6").await;
    assert_eq!(browser.value("document.getElementById('page').textContent").await, "page 2 of 2, 56 devices");
    browser.type_into("#search", "HOSTILE").await;
    browser.until("the one", "document.querySelectorAll('#device-rows > tr').length === 1").await;
    let shown = browser.value("document.getElementById('device-rows').textContent").await;
    assert!(shown.as_str().unwrap().contains(HOSTILE), "a name is text: {shown}");
    assert_eq!(browser.value("document.querySelectorAll('main script, main img').length").await, 0);
    assert_eq!(browser.value("document.title").await, "iotdm mock");
    browser.click("#device-rows button").await;
    browser.until("its data", "document.querySelector('#device-rows pre') !== null").await;
    assert!(
        browser.value("document.getElementById('device-rows').textContent").await.as_str().unwrap().contains(hostile)
    );
}

async fn clock(browser: &Browser, platform: &Platform) {
    browser.until("a frozen clock", "document.getElementById('frozen').textContent === 'frozen'").await;
    browser.click("[data-advance='60']").await;
    browser.until("a minute", "document.getElementById('now').textContent === '2020-02-14 08:01:00'").await;
    browser.type_into("#seconds", "30").await;
    browser.click("#advance").await;
    browser.until("seconds", "document.getElementById('now').textContent === '2020-02-14 08:01:30'").await;
    assert_eq!(platform.now().to_string(), "20200214T080130Z");
    browser.click("#freeze").await;
    browser.until("a running clock", "document.getElementById('frozen').textContent === 'running'").await;
    assert!(!platform.is_frozen());
    browser.click("#freeze").await;
    browser.until("a frozen clock", "document.getElementById('frozen').textContent === 'frozen'").await;
    assert!(platform.is_frozen());
}

async fn journal(browser: &Browser, application: &Application) {
    browser.click("a[href='#journal']").await;
    browser.until("calls", "document.querySelectorAll('#journal-rows > tr').length > 50").await;
    // What happens now appears without being asked for.
    application.call(Op::QueryDevice, &[("deviceId", "nowhere")], Value::Null).await;
    let first = "document.querySelector('#journal-rows > tr').textContent";
    browser.until("the refusal", &format!("{first}.includes('/nowhere') && {first}.includes('refused')")).await;
    browser.click("#only-bad").await;
    browser.until("only refusals", "document.querySelectorAll('#journal-rows > tr').length < 5").await;
    browser.click("#journal-rows button").await;
    browser
        .until("the whole entry", "document.querySelector('#journal-rows pre').textContent.includes('error_code')")
        .await;
    picture(browser, "journal").await;
    browser.prefer("dark").await;
    picture(browser, "journal-dark").await;
    browser.prefer("light").await;
    browser.click("#only-bad").await;
    browser.type_into("#holding", "lamp-42").await;
    browser.until("the one call", "document.querySelectorAll('#journal-rows > tr').length === 1").await;
    browser.click("[data-kind='call']").await;
    browser.until("no call", "!document.getElementById('no-entries').hidden").await;
    browser.click("[data-kind='call']").await;
}

async fn faults(browser: &Browser, platform: &Platform, application: &Application, device: &str) {
    browser.click("a[href='#faults']").await;
    browser.choose("#op", "1.6.1 query_device").await;
    let row = Op::QueryDevice.table().errors[0];
    browser.choose("#error-row", &format!("{} {}", row.http_status, row.code)).await;
    browser.click("#force button").await;
    browser.until("the order", "document.getElementById('said').textContent === 'Ordered'").await;
    let (status, answer) = application.call(Op::QueryDevice, &[("deviceId", device)], Value::Null).await;
    assert_eq!((status.as_u16(), answer["error_code"].as_str()), (row.http_status, Some(row.code)), "{answer}");

    let forced = "document.getElementById('forced').textContent";
    browser.click("#force button").await;
    browser.until("two orders", "document.querySelectorAll('#forced tbody tr').length === 2").await;
    browser.click("#forced tbody tr:last-child button").await;
    browser.until("one order", "document.querySelectorAll('#forced tbody tr').length < 2").await;
    assert!(browser.value(forced).await.as_str().unwrap().contains("query_device"));
    browser.choose("#rest-fault select", "latency").await;
    browser.type_into("#rest-fault input[type=number]", "200").await;
    browser.click("#rest-fault button").await;
    browser.until("it", "document.getElementById('rest-fault-list').textContent.includes('latency ms 200')").await;

    browser.type_into("#fault-device", device).await;
    browser.choose("#device-fault select", "refuse_connect").await;
    browser.type_into("#device-fault input[type=number]", "3").await;
    browser.click("#device-fault button").await;
    let listed = "document.getElementById('device-fault-list').textContent";
    browser.until("the fault", &format!("{listed}.includes('refuse_connect') && {listed}.includes('code 3')")).await;
    assert_eq!(platform.device_faults(device).unwrap().len(), 1);
    picture(browser, "faults").await;
    browser.prefer("dark").await;
    picture(browser, "faults-dark").await;
    browser.prefer("light").await;
    browser.click("#device-fault-list button").await;
    browser.until("no fault", &format!("{listed}.includes('Nothing is ordered')")).await;
    assert_eq!(platform.device_faults(device).unwrap().len(), 0);
    // A mistake is told in words.
    browser.type_into("#fault-device", "nobody").await;
    browser.click("#device-fault button").await;
    browser.until("the refusal", "document.getElementById('said').textContent.includes('nobody')").await;
}

async fn pushes(browser: &Browser, application: &Application, device: &str) {
    let body = json!({ "notifyType": NotifyType::DeviceInfoChanged, "callbackUrl": "http://127.0.0.1:1/<b>here</b>" });
    let (status, answer) = application.call(Op::SubscribeBusinessData, &[], body).await;
    assert_eq!(status, 201, "{answer}");
    application.call(Op::ModifyDevice, &[("deviceId", device)], json!({ "name": "new" })).await;
    browser.click("a[href='#pushes']").await;
    let shown = "document.getElementById('receiver-rows').textContent";
    browser.until("the receiver", &format!("{shown}.includes('http://127.0.0.1:1/')")).await;
    browser.choose("#retries", "are tried again").await;
    browser.until("the change", "document.getElementById('said').textContent === 'Changed'").await;
    picture(browser, "pushes").await;
    browser.click("a[href='#journal']").await;
    browser.type_into("#holding", "127.0.0.1:1/").await;
    let shown = "document.getElementById('journal-rows').textContent";
    browser.until("the push", &format!("{shown}.includes('not delivered')")).await;
}

async fn applications(browser: &Browser, platform: &Platform) {
    browser.click("a[href='#applications']").await;
    browser.until("the three", "document.querySelectorAll('#application-rows > tr').length === 3").await;
    browser.click("#application-rows button").await;
    browser.until("a frozen one", "document.getElementById('application-rows').textContent.includes('frozen')").await;
    assert_eq!(platform.list_applications().iter().filter(|application| application.frozen).count(), 1);
    picture(browser, "applications").await;
}

/// Everything that takes input has a name, and the tab key leads to the sections.
async fn reachable(browser: &Browser) {
    let nameless = "[...document.querySelectorAll('input, select')]
        .filter(one => !one.labels.length && !one.getAttribute('aria-label')).map(one => one.id)";
    assert_eq!(browser.value(nameless).await, json!([]), "inputs without a label");
    browser.value("document.getElementById('advance').focus()").await;
    browser.press("\u{E004}").await;
    browser.until("the first section", "document.activeElement.hash === '#devices'").await;
    browser.press("\u{E007}").await;
    browser.until("it is shown", "!document.getElementById('devices').hidden").await;
}

async fn the_page_asks_for_the_token() {
    let token = iotdm_mock::fresh_token();
    let platform = Platform::builder().control_token(&token).start().await.unwrap();
    let browser = Browser::start().await;
    browser.open(&format!("{}/_mock/", platform.control_url())).await;
    browser.until("the question", "!document.getElementById('gate').hidden").await;
    browser.type_into("#token", "not the token at all").await;
    browser.click("#gate button").await;
    browser.until("the refusal", "document.getElementById('said').textContent.includes('not the control plane')").await;
    browser.type_into("#token", &token).await;
    browser.click("#gate button").await;
    browser.until("the devices", "!document.getElementById('devices').hidden").await;
    picture(&browser, "token").await;
    browser.close().await;
    tokio::time::timeout(Duration::from_secs(10), platform.stop()).await.expect("it stops while it is watched");
}
