//! A life of the platform in milliseconds: every timer of the reference fires at its moment, and every
//! notification comes in its order.

use std::time::Duration;

use iotdm_mock::{DeviceAct, Platform, Progress};
use iotdm_spec::model::ErrorRow;
use iotdm_spec::wire::NotifyType;
use iotdm_spec::{Op, commands, devices};
use iotdm_tests::callbacks::Callbacks;
use iotdm_tests::{Answer, Application};
use serde_json::{Value, json};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// A platform whose clock stands still, an application, and where it hears of things.
struct Life {
    platform: Platform,
    application: Application,
    receiver: Callbacks,
}

const BUSINESS: [NotifyType; 5] = [
    NotifyType::DeviceAdded,
    NotifyType::BindDevice,
    NotifyType::DeviceInfoChanged,
    NotifyType::DeviceDataChanged,
    NotifyType::DeviceDeleted,
];
const MANAGEMENT: [NotifyType; 2] = [NotifyType::SwUpgradeStateChangeNotify, NotifyType::SwUpgradeResultNotify];

impl Life {
    async fn begin() -> Self {
        let start = Platform::builder().seed(5).frozen_at("20200214T080000Z").unwrap();
        let platform = start.start().await.unwrap();
        let application = Application::log_in(&platform).await;
        let life = Self { platform, application, receiver: Callbacks::open().await };
        let wanted = |kind: NotifyType| json!({"notifyType": kind.as_str(), "callbackUrl": life.receiver.url});
        for kind in BUSINESS {
            life.done(Op::SubscribeBusinessData, &[], wanted(kind)).await;
        }
        for kind in MANAGEMENT {
            life.done(Op::SubscribeManagementData, &[], wanted(kind)).await;
        }
        life
    }

    /// A call that succeeds. An hour ages a token, so every one of a long life is a fresh one.
    async fn done(&self, op: Op, path: &[(&str, &str)], body: Value) -> Value {
        let (status, answer) = self.application.call(op, path, body).await;
        assert_eq!(status.as_u16(), op.table().success_status, "{op:?}: {answer}");
        assert!(answer.get("error_code").is_none(), "{op:?}: {answer}");
        answer
    }

    async fn pass(&mut self, seconds: u64) {
        self.platform.advance(Duration::from_secs(seconds));
        self.application = Application::log_in(&self.platform).await;
    }

    async fn register(&self, node: &str, timeout: u64) -> String {
        let product = self.platform.lwm2m_product_id();
        let body = json!({"nodeId": node, "productId": product, "timeout": timeout});
        let answer = self.done(Op::RegisterByVerifyCode, &[], body).await;
        answer["deviceId"].as_str().unwrap().to_owned()
    }

    fn command(&self, device: &str) -> Value {
        let command = json!({"serviceId": "Light", "method": "SET_LEVEL", "paras": {"value": 7}});
        json!({"deviceId": device, "command": command, "callbackUrl": self.receiver.url})
    }

    async fn status_of(&self, device: &str) -> String {
        let answer = self.done(Op::QueryDevice, &[("deviceId", device)], Value::Null).await;
        answer["deviceInfo"]["status"].as_str().unwrap().to_owned()
    }

    /// The next push, in one line.
    async fn hears(&mut self, expected: &str) {
        let push = self.receiver.next().await;
        let text = |path: &str| push.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, rest) = match text("/notifyType").as_str() {
            "" => ("command".to_owned(), text("/result/resultCode")),
            "bindDevice" => ("bindDevice".to_owned(), text("/resultCode")),
            "deviceInfoChanged" => ("deviceInfoChanged".to_owned(), text("/deviceInfo/status")),
            "swUpgradeStateChangeNotify" => ("upgrade".to_owned(), text("/swUpgradeState")),
            "swUpgradeResultNotify" => ("upgraded".to_owned(), text("/swUpgradeResult")),
            other => (other.to_owned(), String::new()),
        };
        assert_eq!(format!("{kind} {rest}").trim_end(), expected, "{push}");
    }

    async fn hears_all(&mut self, expected: &[&str]) {
        for expected in expected {
            self.hears(expected).await;
        }
    }

    /// Whatever was pushed until now has been heard: what a new device causes comes next.
    async fn hears_nothing_else(&mut self, witness: &str) {
        self.register(witness, 0).await;
        self.hears("deviceAdded").await;
    }
}

fn refused(answer: &Answer, row: ErrorRow) {
    assert_eq!(answer.0.as_u16(), row.http_status, "{}", answer.1);
    assert_eq!(answer.1, json!({"error_code": row.code, "error_desc": row.desc}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_never_comes_expires_after_180_seconds() {
    let mut life = Life::begin().await;
    let device = life.register("late", 180).await;
    life.hears("deviceAdded").await;
    life.pass(179).await;
    assert_eq!(life.status_of(&device).await, "INACTIVE");
    life.pass(1).await;
    life.hears("bindDevice expired").await;
    let gone = life.application.call(Op::QueryDevice, &[("deviceId", &device)], Value::Null).await;
    refused(&gone, iotdm_spec::data::query_device::error::DEVICE_NOT_EXISTED.row());
    life.hears_nothing_else("witness").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_makes_a_device_abnormal_offline_and_at_last_a_zombie() {
    let mut life = Life::begin().await;
    let device = life.register("silent", 180).await;
    life.platform.device_online(&device).unwrap();
    life.hears_all(&["deviceAdded", "bindDevice succeeded", "deviceInfoChanged ONLINE"]).await;
    // It has come: its registration does not expire any more.
    life.pass(25 * HOUR - 1).await;
    assert_eq!(life.status_of(&device).await, "ONLINE");
    life.pass(1).await;
    life.hears("deviceInfoChanged ABNORMAL").await;
    life.pass(24 * HOUR - 1).await;
    assert_eq!(life.status_of(&device).await, "ABNORMAL");
    life.pass(1).await;
    life.hears("deviceInfoChanged OFFLINE").await;

    // 49 hours old; at seven days it still gets commands, a second later not any more.
    life.pass((7 * 24 - 49) * HOUR).await;
    let cached = life.done(Op::CreateCommand, &[], life.command(&device)).await;
    life.pass(1).await;
    let late = life.application.call(Op::CreateCommand, &[], life.command(&device)).await;
    refused(&late, commands::create_command::error::DEVICE_ZOMBIE.row());
    // It comes back, and the command that waited goes out and is carried out.
    life.platform.device_online(&device).unwrap();
    life.hears_all(&["deviceInfoChanged ONLINE", "command SENT"]).await;
    life.platform.device_acts(&device, "command", DeviceAct::Acknowledge).unwrap();
    life.hears("command DELIVERED").await;
    let result = json!({"level": 7}).as_object().cloned().unwrap();
    life.platform.device_acts(&device, "command", DeviceAct::Answer { executed: true, result }).unwrap();
    life.hears("command SUCCESSFUL").await;
    let id = cached["commandId"].as_str().unwrap();
    let listed = life.done(Op::QueryCommands, &[("deviceId", &device)], Value::Null).await;
    assert_eq!(listed["data"][0]["commandId"], id, "{listed}");
    assert_eq!(listed["data"][0]["status"], "SUCCESSFUL");
    life.done(Op::DeleteDevice, &[("deviceId", &device)], Value::Null).await;
    life.hears("deviceDeleted").await;
    life.hears_nothing_else("witness").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_command_expires_after_48_hours() {
    let mut life = Life::begin().await;
    let device = life.register("asleep", 0).await;
    life.hears("deviceAdded").await;
    life.done(Op::CreateCommand, &[], life.command(&device)).await;
    let status = async |life: &Life| {
        let listed = life.done(Op::QueryCommands, &[("deviceId", &device)], Value::Null).await;
        listed["data"][0]["status"].as_str().unwrap().to_owned()
    };
    life.pass(48 * HOUR - 1).await;
    assert_eq!(status(&life).await, "PENDING");
    life.pass(1).await;
    assert_eq!(status(&life).await, "EXPIRED");
    // Nobody is told, and what comes online too late gets nothing.
    life.platform.device_online(&device).unwrap();
    life.hears_all(&["bindDevice succeeded", "deviceInfoChanged ONLINE"]).await;
    assert!(life.platform.device_inbox(&device).unwrap().is_empty());
    life.hears_nothing_else("witness").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_task_times_out_after_its_minutes() {
    let mut life = Life::begin().await;
    let (asleep, awake) = (life.register("asleep", 0).await, life.register("awake", 0).await);
    life.hears_all(&["deviceAdded", "deviceAdded"]).await;
    life.platform.device_online(&awake).unwrap();
    life.hears_all(&["bindDevice succeeded", "deviceInfoChanged ONLINE"]).await;
    let command = json!({"serviceId": "Light", "method": "SET_LEVEL", "paras": {"value": 7}});
    let task = json!({
        "appId": life.platform.application().id, "taskName": "night", "taskType": "DeviceCmd", "timeout": 10,
        "param": {"type": "DeviceList", "deviceList": [asleep, awake], "command": command,
                  "callbackUrl": life.receiver.url},
    });
    let created = life.done(Op::CreateBatchTask, &[], task).await;
    let task = created["taskID"].as_str().unwrap();
    let report = json!({"serviceId": "Light", "serviceData": {"power": 3}});
    life.platform.device_report(&awake, &[report]).unwrap();
    life.hears_all(&["deviceDataChanged", "command SENT"]).await;
    life.pass(10 * MINUTE - 1).await;
    // A command that was sent and not answered times out long before its task.
    life.hears("command TIMEOUT").await;
    let seen = life.done(Op::QueryBatchTask, &[("taskId", task)], Value::Null).await;
    assert_eq!((&seen["status"], &seen["timeoutCnt"], &seen["progress"]), (&json!("Running"), &json!(1), &json!(500)));
    life.pass(1).await;
    let seen = life.done(Op::QueryBatchTask, &[("taskId", task)], Value::Null).await;
    assert_eq!((&seen["status"], &seen["expiredCnt"], &seen["timeout"]), (&json!("Timeout"), &json!(1), &json!(600)));
    life.hears_nothing_else("witness").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_keeps_to_its_window() {
    let mut life = Life::begin().await;
    let (quick, slow) = (life.register("quick", 0).await, life.register("slow", 0).await);
    life.hears_all(&["deviceAdded", "deviceAdded"]).await;
    // Order is kept for each device, not between two.
    for device in [&quick, &slow] {
        life.platform.device_online(device).unwrap();
        life.hears_all(&["bindDevice succeeded", "deviceInfoChanged ONLINE"]).await;
    }
    let upgrade = json!({
        "fileId": life.platform.software_package_id(),
        "targets": {"devices": [quick, slow]},
        "policy": {"executeType": "custom", "startTime": "20200214T090000Z", "endTime": "20200214T092000Z"},
    });
    let created = life.done(Op::CreateSoftwareUpgrade, &[], upgrade).await;
    let operation = created["operationId"].as_str().unwrap().to_owned();
    life.pass(HOUR - 1).await;
    assert!(life.platform.device_inbox(&quick).unwrap().is_empty(), "the window is not open");
    life.pass(1).await;
    for step in [Progress::Downloading, Progress::Downloaded, Progress::Updating, Progress::Succeeded] {
        life.platform.device_acts(&quick, "upgrade", DeviceAct::Progress(step)).unwrap();
    }
    life.hears_all(&["upgrade downloading", "upgrade downloaded", "upgrade updating", "upgrade idle"]).await;
    life.hears_all(&["upgraded SUCCESS", "deviceInfoChanged ONLINE"]).await;
    life.platform.device_acts(&slow, "upgrade", DeviceAct::Progress(Progress::Downloading)).unwrap();
    life.hears("upgrade downloading").await;
    life.pass(20 * MINUTE).await;
    let seen = life.done(Op::QueryUpgrade, &[("operationId", &operation)], Value::Null).await;
    assert_eq!(seen["status"], "stop", "{seen}");
    assert_eq!((&seen["staResult"]["success"], &seen["staResult"]["stop"]), (&json!(1), &json!(1)), "{seen}");
    life.hears_nothing_else("witness").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_an_hour() {
    let life = Life::begin().await;
    life.platform.advance(Duration::from_secs(HOUR - 1));
    life.done(Op::QueryGroups, &[], Value::Null).await;
    life.platform.advance(Duration::from_secs(1));
    let late = life.application.call(Op::QueryActivation, &[("deviceId", "x")], Value::Null).await;
    refused(&late, devices::query_activation::error::TOKEN_INVALID.row());
}
