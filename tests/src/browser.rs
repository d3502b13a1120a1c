//! A headless Chromium, driven over the WebDriver protocol.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::DEADLINE;

/// Debian's names of the two programs.
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// Nothing of these starts anything in the background or leaves the machine.
const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Which of the programs is missing, with the Debian packages that have them.
#[must_use]
pub fn missing() -> Option<String> {
    let found = |name: &&str| {
        let quiet = |command: &mut std::process::Command| {
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        quiet(std::process::Command::new(name).arg("--version"))
    };
    let missing = PROGRAMS.iter().find(|name| !found(name))?;
    Some(format!("{missing} is not installed (Debian: chromium, chromium-driver)"))
}

/// A browser with one window; it ends when it is dropped.
pub struct Browser {
    client: Client,
    session: String,
    profile: PathBuf,
    _driver: Child,
}

impl Browser {
    /// Starts one, with an empty profile.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start() -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        crate::install_crypto();
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("iotdm-browser-{}-{count}", std::process::id()));
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = loop {
            let line = tokio::time::timeout(DEADLINE, lines.next_line()).await.expect("in time");
            let line = line.expect("its output").expect("it says its port before it ends");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
        flags.push(format!("--user-data-dir={}", profile.display()));
        flags.push("--window-size=1280,860".to_owned());
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let client = Client::builder().no_proxy().build().expect("a client");
        let mut browser =
            Self { client, session: format!("http://127.0.0.1:{port}/session"), profile, _driver: driver };
        let opened = browser.command("POST", "", wanted).await;
        browser.session = format!("{}/{}", browser.session, opened["sessionId"].as_str().expect("a session"));
        browser
    }

    /// One command of the protocol; gives its value, an error's too.
    async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Value, Value> {
        let request = self.client.request(method.parse().expect("a method"), format!("{}{path}", self.session));
        let request = if method == "POST" { request.json(&body) } else { request };
        let answer = request.send().await.expect("chromedriver answers");
        let fine = answer.status().is_success();
        let mut answer: Value = answer.json().await.expect("JSON");
        if fine { Ok(answer["value"].take()) } else { Err(answer["value"].take()) }
    }

    async fn command(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {}", error["message"]))
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.command("POST", "/url", json!({ "url": url })).await;
    }

    /// What an expression of the page is worth.
    pub async fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        self.command("POST", "/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    /// If it does not become so in time; `what` says what was awaited.
    pub async fn until(&self, what: &str, expression: &str) {
        let until = Instant::now() + DEADLINE;
        while self.value(expression).await != Value::Bool(true) {
            if Instant::now() > until {
                let seen = self.value("document.body.innerText").await;
                panic!(
                    "{what}: {expression} did not become true; the page shows\n{}",
                    seen.as_str().unwrap_or_default()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn element(&self, css: &str) -> Result<String, Value> {
        let found = self.ask("POST", "/element", json!({ "using": "css selector", "value": css })).await?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        Ok(id.expect("an element's id").to_owned())
    }

    /// Does something to an element, once it is there and takes it.
    async fn does(&self, css: &str, what: &str, body: Value) {
        let until = Instant::now() + DEADLINE;
        loop {
            let done = match self.element(css).await {
                Ok(id) => self.ask("POST", &format!("/element/{id}/{what}"), body.clone()).await,
                Err(error) => Err(error),
            };
            let Err(error) = done else { return };
            assert!(Instant::now() < until, "{what} {css}: {}", error["message"]);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Clicks an element, once it is there.
    pub async fn click(&self, css: &str) {
        self.does(css, "click", json!({})).await;
    }

    /// Types into an element, in the place of what stands there.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.does(css, "clear", json!({})).await;
        self.does(css, "value", json!({ "text": text })).await;
    }

    /// Chooses an option of a list, by the beginning of what it shows.
    pub async fn choose(&self, css: &str, beginning: &str) {
        let find = format!(
            "(() => {{ const list = document.querySelector({css:?}); if (!list) return false;
              const at = [...list.options].findIndex(one => one.text.startsWith({beginning:?}));
              if (at < 0) return false;
              list.selectedIndex = at; list.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        );
        self.until(&format!("{beginning} in {css}"), &find).await;
    }

    /// Presses a key wherever the focus is, such as `\u{E004}` for the tab key.
    pub async fn press(&self, key: &str) {
        let keys = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        self.command("POST", "/actions", json!({ "actions": [{ "type": "key", "id": "keys", "actions": keys }] }))
            .await;
    }

    /// What the browser's console has to complain of.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.command("POST", "/se/log", json!({ "type": "browser" })).await;
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        entries.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE").map(text).collect()
    }

    /// Light or dark, as the page is told that its reader wants it.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        self.command("POST", "/goog/cdp/execute", command).await;
    }

    /// A picture of the window, as PNG in Base64.
    pub async fn picture(&self) -> String {
        self.command("GET", "/screenshot", Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// Ends it.
    pub async fn close(self) {
        self.command("DELETE", "", Value::Null).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It lies in the folder for temporary files: should this fail, the system clears it some day.
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
