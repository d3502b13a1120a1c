//! A world that lasts: `--state` over kills, `--load`, and what is said of files that are not worlds.
//!
//! The long forms, with figures:
//! `cargo test --release -p iotdm --test state -- --ignored --nocapture --test-threads 1`

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed assumption is a failed test")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iotdm_spec::Op;
use serde_json::{Value, json};

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("iotdm-state-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iotdm"));
    let free = ["mock", "--port", "0", "--mqtt-port", "0", "--control-port", "0", "--plain-http-port", "0"];
    command.args(free).args(["--throttle", "0"]).args(args);
    command
}

/// A running mock.
struct Mock {
    child: Child,
    values: HashMap<String, String>,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let mut child = command(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.contains("Ctrl-C stops it.") {
            assert!(lines.read_line(&mut text).unwrap() > 0, "it ended after {text}");
        }
        let value = |line: &str| {
            let (name, value) = line.strip_prefix("  ")?.split_at_checked(10)?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        Self { child, values: text.lines().filter_map(value).collect() }
    }

    fn client(&self) -> Client {
        let address =
            |name: &str| self.values[name].trim_start_matches("http://").split(['/', ' ']).next().unwrap().to_owned();
        Client {
            rest: address("plain HTTP"),
            control: address("control"),
            app: self.values["appId"].clone(),
            token: String::new(),
        }
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whoever calls; an answer counts only if all of it has arrived.
#[derive(Clone)]
struct Client {
    rest: String,
    control: String,
    app: String,
    token: String,
}

impl Client {
    fn send(address: &str, method: &str, path: &str, head: &str, body: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let text = String::from_utf8(answer).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if length.unwrap_or(0) != body.len() {
            return None;
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    fn control(&self, method: &str, path: &str, body: &str) -> Option<Value> {
        let (status, answer) = Self::send(&self.control, method, path, "", body)?;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        Some(answer)
    }

    fn call(&self, op: Op, device: &str, body: &Value) -> Option<Value> {
        let table = op.table();
        let path = table.path.replace("{deviceId}", device);
        let (app, token) = (&self.app, &self.token);
        let head = format!("Content-Type: application/json\r\napp_key: {app}\r\nAuthorization: Bearer {token}\r\n");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = Self::send(&self.rest, table.method.as_str(), &path, &head, &body)?;
        assert_eq!(status, table.success_status, "{op:?}: {answer}");
        Some(answer)
    }

    fn log_in(&mut self, secret: &str) {
        let body = format!("appId={}&secret={secret}", self.app);
        let head = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (_, answer) = Self::send(&self.rest, "POST", Op::Login.table().path, head, &body).unwrap();
        answer["accessToken"].as_str().unwrap().clone_into(&mut self.token);
    }
}

/// What was acknowledged of one device, and what was asked last without an answer.
#[derive(Debug, Default)]
struct Fate {
    id: String,
    name: Option<String>,
    name_asked: Option<String>,
    reports: usize,
    report_asked: bool,
    wishes: usize,
    wish_asked: bool,
    gone: bool,
    gone_asked: bool,
}

/// Calls until the platform is gone; gives what was acknowledged, and how many calls were.
fn live(client: &Client, worker: usize, round: usize, product: &str) -> (Vec<Fate>, usize) {
    let (mut fates, mut calls) = (Vec::new(), 0);
    for turn in 0.. {
        let body = json!({"nodeId": format!("n{worker}-{round}-{turn}"), "productId": product});
        let Some(answer) = client.call(Op::RegisterByVerifyCode, "", &body) else { break };
        let mut fate = Fate { id: answer["deviceId"].as_str().unwrap().to_owned(), ..Fate::default() };
        let whole = live_on(client, turn, &mut fate, &mut calls).is_some();
        calls += 1;
        fates.push(fate);
        if !whole {
            break;
        }
    }
    (fates, calls)
}

fn live_on(client: &Client, turn: usize, fate: &mut Fate, calls: &mut usize) -> Option<()> {
    let device = fate.id.clone();
    client.control("POST", &format!("/_mock/devices/{device}/online"), "")?;
    *calls += 1;
    for number in 0..3 {
        fate.report_asked = true;
        let data = json!({"data": [
            {"serviceId": "Light", "serviceData": {"brightness": number}},
            {"serviceId": "Battery", "serviceData": {"batteryLevel": number}},
        ]});
        client.control("POST", &format!("/_mock/devices/{device}/report"), &data.to_string())?;
        (fate.reports, fate.report_asked) = (fate.reports + 1, false);

        let name = format!("name-{turn}-{number}");
        fate.name_asked = Some(name.clone());
        client.call(Op::ModifyDevice, &device, &json!({"name": name}))?;
        (fate.name, fate.name_asked) = (Some(name), None);

        fate.wish_asked = true;
        let wish = json!({"serviceDesireds": [{"serviceId": "Light", "desired": {"brightness": number}}]});
        client.call(Op::ModifyShadow, &device, &wish)?;
        (fate.wishes, fate.wish_asked) = (fate.wishes + 1, false);
        *calls += 3;
    }
    if turn.is_multiple_of(3) {
        fate.gone_asked = true;
        client.call(Op::DeleteDevice, &device, &Value::Null)?;
        fate.gone = true;
        *calls += 1;
    }
    Some(())
}

/// A world as it is after a restart, by device.
struct Seen {
    devices: HashMap<String, Value>,
    /// Values by device and service.
    history: HashMap<(String, String), Vec<Value>>,
    wishes: HashMap<String, usize>,
}

impl Seen {
    fn of(mut world: Value) -> Self {
        let mut list = |name: &str| match world[name].take() {
            Value::Array(items) => items,
            other => panic!("{name}: {other}"),
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut history: HashMap<_, Vec<_>> = HashMap::new();
        for line in list("history") {
            let key = (text(&line["device"]), text(&line["record"]["service"]));
            history.entry(key).or_default().push(line["record"]["data"].clone());
        }
        let mut wishes: HashMap<_, usize> = HashMap::new();
        for line in list("shadow_changes") {
            *wishes.entry(text(&line["device"])).or_default() += 1;
        }
        let devices = list("devices").into_iter().map(|device| (text(&device["id"]), device)).collect();
        Self { devices, history, wishes }
    }

    /// Compares, and takes over how what had no answer ended.
    fn check(&self, fate: &mut Fate) {
        let of =
            |service: &str| self.history.get(&(fate.id.clone(), service.to_owned())).map_or(&[][..], Vec::as_slice);
        let (light, battery, wishes) = (of("Light"), of("Battery"), self.wishes.get(&fate.id).copied().unwrap_or(0));
        let Some(device) = self.devices.get(&fate.id) else {
            assert!(fate.gone || fate.gone_asked, "lost: {fate:?}");
            assert_eq!((light.len(), battery.len(), wishes), (0, 0, 0), "half gone: {fate:?}");
            fate.gone = true;
            return;
        };
        assert!(!fate.gone, "it is back: {fate:?}");
        let name = device["attributes"]["name"].as_str().map(str::to_owned);
        assert!(name == fate.name || fate.name_asked.is_some() && name == fate.name_asked, "{name:?}: {fate:?}");
        assert_eq!(light.len(), battery.len(), "half a report: {fate:?}");
        let may_be = |seen: usize, known: usize, asked: bool| seen == known || asked && seen == known + 1;
        assert!(may_be(light.len(), fate.reports, fate.report_asked), "{} reports: {fate:?}", light.len());
        assert!(may_be(wishes, fate.wishes, fate.wish_asked), "{wishes} wishes: {fate:?}");
        let latest = &device["services"]["Light"]["data"];
        assert_eq!(latest, light.last().unwrap_or(&Value::Null), "a report without its record: {fate:?}");
        *fate = Fate { id: fate.id.clone(), name, reports: light.len(), wishes, ..Fate::default() };
    }
}

/// Kills the platform `kills` times in the middle of its work.
fn kill_and_look(kills: usize) {
    const WORKERS: usize = 4;
    let folder = Folder::new(&format!("kill-{kills}"));
    let state = folder.path("state");
    let mut fates: Vec<Fate> = Vec::new();
    let (mut calls, mut token, mut slowest) = (0, String::new(), Duration::ZERO);
    for round in 0..kills {
        let mock = Mock::start(&["--state", &state]);
        let mut client = mock.client();
        if token.is_empty() {
            client.log_in(&mock.values["secret"]);
            token.clone_from(&client.token);
        }
        // It was given once, and is good after every restart.
        client.token.clone_from(&token);
        let product = mock.values["LWM2M"].clone();
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (client, product) = (client.clone(), product.clone());
                std::thread::spawn(move || live(&client, worker, round, &product))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(40 + (round as u64 * 37) % 160));
        mock.kill();
        let before = fates.len();
        for worker in workers {
            let (known, made) = worker.join().unwrap();
            fates.extend(known);
            calls += made;
        }
        assert!(fates.len() > before, "nothing was done before the kill");

        let began = Instant::now();
        let mock = Mock::start(&["--state", &state]);
        slowest = slowest.max(began.elapsed());
        let seen = Seen::of(mock.client().control("GET", "/_mock/state", "").unwrap());
        fates.iter_mut().for_each(|fate| seen.check(fate));
        mock.kill();
    }
    assert!(calls > kills, "{calls} calls");
    let gone = fates.iter().filter(|fate| fate.gone).count();
    println!(
        "{kills} kills (and as many restarts killed idle): {calls} acknowledged calls, {} devices of which {gone} deleted: \
         nothing lost, nothing half-written; slowest start {slowest:?}, {} on disk",
        fates.len(),
        size(&state),
    );
    assert_loads_its_own_dump(&state);
}

fn assert_loads_its_own_dump(state: &str) {
    let client = Mock::start(&["--state", state]);
    let (mock, client) = (&client, client.client());
    client.control("POST", "/_mock/clock", r#"{"frozen": true}"#).unwrap();
    let dump = client.control("GET", "/_mock/state", "").unwrap();
    client.control("PUT", "/_mock/state", &dump.to_string()).unwrap();
    assert!(client.control("GET", "/_mock/state", "").unwrap() == dump, "a loaded world is another one");
    assert!(!mock.values["state"].is_empty());
}

fn size(folder: &str) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    format!("{:.1} MB", files.sum::<u64>() as f64 / 1e6)
}

#[test]
fn what_was_acknowledged_survives_five_kills() {
    kill_and_look(5);
}

#[test]
#[ignore = "the long form takes minutes"]
fn what_was_acknowledged_survives_a_hundred_kills() {
    kill_and_look(100);
}

#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_devices_come_back() {
    let folder = Folder::new("many");
    let state = folder.path("state");
    let mock = Mock::start(&["--state", &state]);
    let mut client = mock.client();
    client.log_in(&mock.values["secret"]);
    let body = json!({"nodeId": "n", "productId": mock.values["LWM2M"]});
    let device = client.call(Op::RegisterByVerifyCode, "", &body).unwrap()["deviceId"].as_str().unwrap().to_owned();
    client.control("POST", &format!("/_mock/devices/{device}/online"), "").unwrap();
    let report =
        json!({"data": [{"serviceId": "Light", "serviceData": {"brightness": 1, "colour": "red", "power": 7}}]});
    client.control("POST", &format!("/_mock/devices/{device}/report"), &report.to_string()).unwrap();
    let mut world = client.control("GET", "/_mock/state", "").unwrap();
    let pattern = world["devices"][0].clone();
    let devices = (0..100_000_u32).map(|number| {
        let mut device = pattern.clone();
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        device["node_id"] = json!(format!("node-{number}"));
        device["gateway"] = json!(id);
        device["id"] = json!(id);
        device
    });
    world["devices"] = devices.collect();
    world["history"] = json!([]);
    world["simulated_devices"] = json!([]);
    let document = world.to_string();
    let began = Instant::now();
    client.control("PUT", "/_mock/state", &document).unwrap();
    println!(
        "100,000 devices: {:.1} MB of JSON, loaded and written in {:?}",
        document.len() as f64 / 1e6,
        began.elapsed()
    );
    mock.kill();
    let began = Instant::now();
    let mock = Mock::start(&["--state", &state]);
    let took = began.elapsed();
    println!("100,000 devices: started in {took:?}, {} on disk", size(&state));
    assert_eq!(mock.client().control("GET", "/_mock/", "").unwrap()["devices"], 100_000);
}

fn refusal(args: &[&str]) -> String {
    let output = command(args).output().unwrap();
    assert!(!output.status.success(), "{args:?} started");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn assert_names(message: &str, file: &str, words: &str) {
    assert!(message.contains(file) && message.contains(words), "{message}");
    assert!(!message.contains("panicked") && message.lines().count() == 1, "{message}");
}

#[test]
fn a_directory_that_cannot_be_used_is_one_clear_line() {
    let folder = Folder::new("refused");
    let state = folder.path("state");
    let file = Path::new(&state).join("world.sqlite").display().to_string();
    let mock = Mock::start(&["--state", &state]);
    assert_names(&refusal(&["--state", &state]), &file, "in use by another process");
    let busy = command(&["--state", &state]).output().unwrap();
    assert_eq!(busy.status.code(), Some(3), "nothing is wrong with the directory");
    mock.kill();

    let dump = folder.path("world.json");
    std::fs::write(&dump, "{}").unwrap();
    assert_names(&refusal(&["--state", &state, "--load", &dump]), &state, "keeps a world already");

    // Its middle is gone.
    let sound = std::fs::read(&file).unwrap();
    std::fs::remove_file(format!("{file}-wal")).ok();
    let mut damaged = sound.clone();
    damaged.iter_mut().skip(100).for_each(|byte| *byte = 0x5a);
    std::fs::write(&file, &damaged).unwrap();
    assert_names(&refusal(&["--state", &state]), &file, "");
    std::fs::write(&file, "this is not a database, and never was one; it is long enough to be read as a header of one")
        .unwrap();
    assert_names(&refusal(&["--state", &state]), &file, "no SQLite database");
}

#[test]
fn a_file_that_is_not_a_world_is_one_clear_line() {
    let folder = Folder::new("files");
    let file = folder.path("world.json");
    let sound = {
        let mock = Mock::start(&[]);
        mock.client().control("GET", "/_mock/state", "").unwrap()
    };
    let refused = |text: &str| {
        std::fs::write(&file, text).unwrap();
        refusal(&["--load", &file])
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut world = sound.clone();
        change(&mut world);
        refused(&serde_json::to_string_pretty(&world).unwrap())
    };
    assert_names(&refusal(&["--load", &folder.path("none.json")]), "none.json", "No such file");
    assert_names(&refused("{\"schema\": \"iotdm-world/1\",\n oops}"), &file, "line 2 column 2");
    assert_names(&refused("{}"), &file, "iotdm-world/1");
    assert_names(&changed(&|world| world["schema"] = json!("iotdm-world/2")), &file, "\"iotdm-world/2\"");
    assert_names(
        &changed(&|world| world["now"] = json!("noon")),
        &file,
        "now: invalid type: string \"noon\", expected i64 at line",
    );
    assert_names(&changed(&|world| world["gadgets"] = json!([])), &file, "gadgets");
    assert_names(&changed(&|world| world["products"][0]["colour"] = json!("red")), &file, "products[0].colour");
    let owner = |world: &mut Value| world["products"][1]["application"] = json!("nobody");
    assert_names(&changed(&owner), &file, "products[1].application");
    let twice = |world: &mut Value| world["products"][1] = world["products"][0].clone();
    assert_names(&changed(&twice), &file, "is there twice");
}

#[test]
fn a_loaded_platform_has_the_credentials_and_the_time_of_its_file() {
    let folder = Folder::new("load");
    let file = folder.path("world.json");
    let first = Mock::start(&["--frozen-at", "20200214T080000Z"]);
    let dump = first.client().control("GET", "/_mock/state", "").unwrap();
    std::fs::write(&file, dump.to_string()).unwrap();
    let second = Mock::start(&["--load", &file]);
    let named = |mock: &Mock| ["appId", "secret", "productId", "LWM2M"].map(|name| mock.values[name].clone());
    assert_eq!(named(&first), named(&second));
    let clock = second.client().control("GET", "/_mock/clock", "").unwrap();
    assert!(clock["now"].as_str().unwrap().starts_with("20200214T08"), "{clock}");
    assert_names(&refusal(&["--load", &file, "--frozen-at", "20190101T000000Z"]), "20200214T080000Z", "earlier");
}

/// What is asked for on the command line holds in a kept world, too, and the greeting says what holds.
#[test]
fn a_kept_world_takes_what_the_command_line_says() {
    let folder = Folder::new("wishes");
    let product = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/profiles/water_meter");
    let state = folder.path("state");
    let start = |more: &[&str]| {
        let mut mock = Command::new(env!("CARGO_BIN_EXE_iotdm"));
        mock.args([
            "mock",
            "--port",
            "0",
            "--mqtt-port",
            "0",
            "--control-port",
            "0",
            "--state",
            &state,
            "--product",
            product,
        ]);
        let mut child = mock.args(more).stdout(Stdio::piped()).spawn().unwrap();
        let (mut lines, mut text) = (BufReader::new(child.stdout.take().unwrap()), String::new());
        while !text.contains("Ctrl-C stops it.") {
            assert!(lines.read_line(&mut text).unwrap() > 0, "it ended after {text}");
        }
        let mock = Mock { child, values: HashMap::new() };
        mock.kill();
        text
    };
    let line =
        |text: &str, wanted: &str| text.lines().find(|line| line.contains(wanted)).unwrap_or_default().to_owned();
    let first = start(&["--throttle", "7", "--push-retries", "faq"]);
    assert!(line(&first, "throttle").contains(" 7 calls"), "{first}");
    let second = start(&["--seed", "3"]);
    assert_eq!(line(&first, "water_meter"), line(&second, "water_meter"), "the product is kept, with its id");
    assert!(line(&second, "throttle").contains(" 7 calls"), "what nothing is said of stays: {second}");
    assert!(line(&second, "pushes").contains("10 minutes"), "{second}");
    assert!(line(&second, "  seed").contains("not used"), "{second}");
    let third = start(&["--throttle", "0", "--push-retries", "none"]);
    assert!(line(&third, "throttle").contains("none") && line(&third, "10 minutes").is_empty(), "{third}");
    let fourth = start(&[]);
    assert!(line(&fourth, "throttle").contains("none"), "it is kept as well: {fourth}");
}
