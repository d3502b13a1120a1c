//! Every row of every error table by its natural cause: the whole catalogue is run against the embedded
//! mock, and the journal says which rows went over the wire, exact to the text, without anybody having
//! ordered them. What is left stands in `golden/rows-by-order.txt`, each with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use iotdm_mock::{Call, Event, JournalLimits, Platform};
use iotdm_spec::Op;
use iotdm_spec::model::{ErrorRow, Operation};
use iotdm_suite::{Catalogue, RunOptions, run};
use iotdm_tests::{Application, install_crypto};
use serde_json::{Value, json};

/// Why rows have no natural cause: clause, HTTP status (0: any), code; `*` is every clause.
const NO_CAUSE: &[(&str, u16, &str, &str)] = &[
    ("*", 0, "100001", "a fault of the platform itself"),
    ("*", 0, "100023", "a fault of the platform's database"),
    ("*", 0, "50252", "a fault of the platform itself"),
    ("*", 0, "100501", "congestion of the platform"),
    ("*", 0, "101016", "a fault between two servers of the platform"),
    ("*", 0, "101017", "a fault between two servers of the platform"),
    ("1.7.2", 500, "100244", "a fault between two servers of the platform"),
    ("1.7.2", 403, "100203", "the call names no application but its own, whose absence is 1010005 (A-10)"),
    ("1.10.1", 401, "100028", "the interface knows applications only, and no users whose rights could fall short"),
    ("1.6.5", 400, "100022", "no parameter has a form that it could break"),
    ("1.11.6", 0, "107001", "copied from another table (A-246)"),
    ("1.11.6", 0, "107002", "copied from another table (A-246)"),
    ("1.11.6", 0, "107003", "copied from another table (A-246)"),
    ("1.11.8", 0, "100601", "copied from another table (A-250)"),
    ("1.9.2", 0, "100428", "copied from another table (A-190)"),
    ("1.9.2", 0, "100431", "copied from another table (A-190)"),
    ("1.9.3", 0, "100418", "copied from another table (A-196)"),
    ("1.9.3", 0, "100428", "copied from another table (A-196)"),
    ("1.9.3", 0, "100431", "copied from another table (A-196)"),
    ("1.12.2", 400, "120015", "a package id of whatever form is one that may not be found (A-87)"),
    ("1.12.3", 400, "120015", "a package id of whatever form is one that may not be found (A-87)"),
    ("1.12.6", 400, "120015", "an operation id of whatever form is one that may not be found (A-87)"),
    ("1.12.8", 0, "123009", "copied from another table (A-271)"),
    ("*", 500, "100203", "the same cause has a row with 403 or 404 (A-14)"),
    ("*", 200, "100203", "the same cause has a row with 403 (A-14)"),
    ("*", 200, "100217", "the same cause has a row with 403 (A-15)"),
];

/// The row of a refusal: clause, status, code.
type Key = (&'static str, u16, &'static str);

/// What a refusal by its natural cause looks like; none for everything else.
fn refusal(call: &Call) -> Option<Key> {
    Some((call.clause?, call.status, call.error_code?)).filter(|_| !call.ordered)
}

/// Whether the answer is the row's, to the letter.
fn is_exact(call: &Call, row: &ErrorRow) -> bool {
    let mut body: Value = serde_json::from_str(&call.answer).unwrap_or_default();
    // What follows the beginning is a reason of somebody else's.
    if row.beginning().is_some_and(|beginning| body["error_desc"].as_str().is_some_and(|t| t.starts_with(beginning))) {
        body["error_desc"] = json!(row.desc);
    }
    body == json!({ "error_code": row.code, "error_desc": row.desc })
}

fn reason(table: &Operation, row: &ErrorRow) -> String {
    let fits = |(clause, status, code, _): &&(&str, u16, &str, &str)| {
        (*clause == "*" || *clause == table.clause) && (*status == 0 || *status == row.http_status) && *code == row.code
    };
    NO_CAUSE.iter().find(fits).map_or_else(|| "NO REASON YET".to_owned(), |(.., reason)| (*reason).to_owned())
}

/// What no case does: it is too long, or only the mock's own product shows it.
async fn causes_beyond_the_catalogue(platform: &Platform) {
    let application = Application::log_in(platform).await;
    let (device, _) = application.register(platform, "natural-errors").await;
    // A read-only property; no target file names one.
    let wish = json!({"serviceDesireds": [{"serviceId": "Light", "desired": {"power": 1}}]});
    application.call(Op::ModifyShadow, &[("deviceId", &device)], wish).await;
    // A service without properties, which only the built-in product of LoRa gateways has.
    let lora = platform.lora();
    let gateway = json!({
        "loraServerId": lora.server,
        "productId": lora.gateway_product,
        "gatewayEUI": "00112233aabbccdd",
        "name": "natural-errors",
    });
    let (_, gateway) = application.call(Op::RegisterGateway, &[], gateway).await;
    let wish = json!({"serviceDesireds": [{"serviceId": "Radio", "desired": {"power": 1}}]});
    application.call(Op::ModifyShadow, &[("deviceId", gateway["deviceId"].as_str().unwrap())], wish).await;
    // A device that is not in the group (A-249: not asserted of a platform).
    let (_, group) = application.call(Op::CreateGroup, &[], json!({"name": "naturalerrors"})).await;
    let group = group["id"].as_str().unwrap();
    application.call(Op::DeleteGroupMembers, &[], json!({"devGroupId": group, "deviceIds": [device]})).await;
    // More subscriptions than a query answers.
    for n in 0..=1000 {
        let wanted = json!({"notifyType": "deviceAdded", "callbackUrl": format!("http://127.0.0.1:9/{n}")});
        application.call(Op::SubscribeBusinessData, &[], wanted).await;
    }
    application.call(Op::QuerySubscriptions, &[], Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_row_is_seen_or_has_a_reason() {
    install_crypto();
    let limits = JournalLimits { entries: 2_000_000, bytes: 4 << 30, ..JournalLimits::default() };
    let platform = Platform::builder().journal(limits).start().await.unwrap();
    let target = iotdm::embedded::target(&platform);
    let catalogue = Catalogue::embedded(target.plays.as_deref()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let summary = run(&catalogue, &target, RunOptions::default(), &mut |_| {}).await;
    assert_eq!(summary.failed, 0, "{summary:?}");
    causes_beyond_the_catalogue(&platform).await;
    assert_eq!(platform.journal().dropped(), 0, "the journal must hold the whole run");

    let mut seen: BTreeMap<Key, Vec<Call>> = BTreeMap::new();
    for entry in platform.journal().entries() {
        if let Event::Call(call) = entry.event
            && let Some(key) = refusal(&call)
        {
            seen.entry(key).or_default().push(call);
        }
    }
    let (mut rows, mut left, mut inexact) = (0, Vec::new(), Vec::new());
    for op in Op::ALL {
        let table = op.table();
        for row in table.errors {
            rows += 1;
            match seen.get(&(table.clause, row.http_status, row.code)) {
                None => left.push(format!(
                    "{} {}/{} {}: {}",
                    table.clause,
                    row.http_status,
                    row.code,
                    row.name,
                    reason(table, row)
                )),
                Some(calls) => inexact.extend(calls.iter().find(|call| !is_exact(call, row)).map(|c| c.answer.clone())),
            }
        }
    }
    println!("{} of {rows} error rows seen by their natural cause", rows - left.len());
    assert!(inexact.is_empty(), "answers that are not their row's: {inexact:#?}");
    golden(&left);
    platform.stop().await;
}

fn golden(left: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/rows-by-order.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let text: String = left.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), left.iter().map(|l| &**l).collect());
    let (gone, new): (Vec<_>, Vec<_>) = (kept.difference(&now).collect(), now.difference(&kept).collect());
    assert!(
        gone.is_empty() && new.is_empty(),
        "golden/rows-by-order.txt has changed; now seen: {gone:#?}\nno longer seen: {new:#?}\n\
         To take it over: UPDATE_GOLDEN=1 cargo test --test natural_errors"
    );
}
