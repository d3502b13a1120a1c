//! The platform beside a bare axum handler that answers the same bytes, in alternating rounds.

use std::time::Duration;

use iotdm_mock::JournalLimits;
use iotdm_spec::Op;
use serde_json::{Value, json};

use crate::bare::{self, Bare, Certificate};
use crate::load::{CLIENTS, Round, Target, Work, round, trust};
use crate::scene::Scene;

const ROUNDS: usize = 5;
/// How many devices the world has.
const DEVICES: usize = 1_000;
const HISTORY: usize = 2_000;

/// Prints the table.
pub async fn run(scale: f64, only: &str) {
    let mut scene = Scene::start(JournalLimits::default()).await;
    scene.fill(DEVICES).await;
    let certificate = Certificate::new();
    let trust = trust(&[scene.platform.ca_pem(), &certificate.pem]);
    println!("REST beside a bare axum handler with the same bytes, {CLIENTS} keep-alive clients, journal on");
    println!(
        "{:38} {:>10} {:>10} {:>6} {:>11} {:>11} {:>6}",
        "", "iotdm/s", "bare/s", "ratio", "iotdm p99", "bare p99", "ratio"
    );
    let works = works(&scene, scale).await;
    for (work, answer) in works.into_iter().filter(|(work, _)| work.name.contains(only)) {
        let bare = bare::start(&certificate, &answer);
        let Bare { plain, tls } = bare;
        compare(&work, "plain", &scene.plain(), &Target::Plain(plain)).await;
        compare(&work, "TLS", &scene.tls(&trust), &Target::Tls(tls, trust.clone())).await;
    }
    scene.platform.stop().await;
}

/// The kinds of calls, and an answer to each.
async fn works(scene: &Scene, scale: f64) -> Vec<(Work, String)> {
    let calls = |count: usize| ((count as f64 * scale) as usize).max(CLIENTS);
    let device = scene.devices[0].as_str();
    let reporter = scene.reporter(HISTORY).await;
    let records = HISTORY.to_string();
    let registration = json!({
        "deviceInfo": { "nodeId": "one" }, "mqttConnect": true, "productId": scene.platform.product_id(),
    });
    vec![
        (scene.query_device(calls(20_000)), scene.answer(Op::QueryDevice, &[("deviceId", device)], Value::Null).await),
        (scene.login(calls(20_000)), scene.login_answer().await),
        (scene.registration(calls(10_000), "r"), scene.answer(Op::RegisterByPassword, &[], registration).await),
        (
            scene.list("list of 250 devices (1.6.2)", calls(1_000), 0, 250),
            scene.answer(Op::QueryDevices, &[("pageNo", "0"), ("pageSize", "250")], Value::Null).await,
        ),
        (
            scene.history(calls(200), &reporter, HISTORY),
            scene
                .answer(
                    Op::QueryHistory,
                    &[("deviceId", &reporter), ("pageNo", "0"), ("pageSize", &records)],
                    Value::Null,
                )
                .await,
        ),
    ]
}

async fn compare(work: &Work, how: &str, mock: &Target, bare: &Target) {
    // One round each to warm up.
    let _ = (round(mock, work).await, round(bare, work).await);
    let (mut of_mock, mut of_bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_mock.push(round(mock, work).await);
        of_bare.push(round(bare, work).await);
    }
    let ((mock, mock_p99), (bare, bare_p99)) = (figures(of_mock), figures(of_bare));
    let ms = |took: Duration| format!("{:.3} ms", took.as_secs_f64() * 1e3);
    println!(
        "{:38} {mock:>10.0} {bare:>10.0} {:>6.2} {:>11} {:>11} {:>6.2}",
        format!("{}, {how}", work.name),
        mock / bare,
        ms(mock_p99),
        ms(bare_p99),
        mock_p99.as_secs_f64() / bare_p99.as_secs_f64()
    );
}

/// The median rate, and the time in which 99 of 100 calls were answered.
fn figures(rounds: Vec<Round>) -> (f64, Duration) {
    let mut rates: Vec<f64> = rounds.iter().map(|round| round.rate).collect();
    let mut took: Vec<Duration> = rounds.into_iter().flat_map(|round| round.took).collect();
    (median(&mut rates), percentile(&mut took, 99))
}

/// The one in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The one below which so many in a hundred lie.
pub fn percentile(took: &mut [Duration], percent: usize) -> Duration {
    took.sort_unstable();
    took[(took.len() * percent / 100).min(took.len() - 1)]
}
