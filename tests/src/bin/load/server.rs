//! The platform in a process of its own, and how the load speaks to it.

use std::io::Read;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use clap::Args;
use iotdm_mock::{Credentials, Platform};
use iotdm_spec::Op;
use iotdm_tests::Application;
use iotdm_tests::raw_device::login;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Outcome;
use crate::client::data_topic;
use crate::measure::{Process, descriptor_limit};

/// The platform, until its input ends.
#[derive(Debug, Args)]
pub struct Serve {
    /// How many history records a device keeps
    #[arg(long)]
    history: Option<usize>,
}

impl Serve {
    /// Starts the platform, says in one line where it is, and stays until the load is gone.
    pub async fn run(self) -> Outcome {
        let free: SocketAddr = ([127, 0, 0, 1], 0).into();
        let mut builder = Platform::builder().plain_mqtt(free);
        if let Some(records) = self.history {
            builder = builder.history(records);
        }
        let platform = builder.start().await?;
        let application = platform.application();
        let facts = json!({
            "base_url": platform.base_url(),
            "control": platform.control_url(),
            "mqtts": platform.mqtts(),
            "mqtt": platform.plain_mqtt(),
            "ca": platform.ca_pem(),
            "id": application.id,
            "secret": application.secret,
            "product": platform.product_id(),
        });
        println!("{facts}");
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        platform.stop().await;
        Ok(true)
    }
}

/// A platform that was started, with its devices.
pub struct Server {
    // Its input ends when this is dropped, and it with it.
    child: Child,
    /// As the system sees it.
    pub process: Process,
    /// MQTT over TLS.
    pub mqtts: SocketAddr,
    /// MQTT without.
    pub mqtt: SocketAddr,
    /// The base URL of the control plane.
    pub control: String,
    /// What its certificate is trusted by.
    pub ca_pem: String,
    /// An application that has logged in.
    pub application: Arc<Application>,
    product: String,
}

/// A registered device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its number in this run.
    pub number: usize,
    /// Its id.
    pub id: String,
    /// Its CONNECT.
    pub login: Vec<u8>,
    /// Where it reports.
    pub topic: String,
}

impl Server {
    /// Starts a platform that can take so many connections.
    pub async fn start(
        connections: usize,
        history: Option<usize>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (limit, wanted) = (descriptor_limit(), connections + 200);
        if limit < wanted {
            return Err(format!("{connections} connections need {wanted} open files, and {limit} are allowed").into());
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        if let Some(records) = history {
            command.args(["--history", &records.to_string()]);
        }
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("the platform has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        let facts: Value = serde_json::from_str(&line)?;
        let text = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
        let credentials = Credentials { id: text("id"), secret: text("secret") };
        let application = Application::log_in_at(&text("base_url"), &text("ca"), credentials).await;
        Ok(Self {
            process: Process(child.id().ok_or("the platform has ended")?),
            child,
            mqtts: text("mqtts").parse()?,
            mqtt: text("mqtt").parse()?,
            control: text("control"),
            ca_pem: text("ca"),
            application: Arc::new(application),
            product: text("product"),
        })
    }

    /// Registers so many devices.
    pub async fn register(&self, devices: usize) -> Vec<Device> {
        const AT_ONCE: usize = 8;
        let share = |worker: usize| {
            let (application, product) = (Arc::clone(&self.application), self.product.clone());
            async move {
                let mut registered = Vec::new();
                for number in (worker..devices).step_by(AT_ONCE) {
                    let (id, secret) = application.register_as(&product, &format!("load-{number}")).await;
                    // No keep-alive: how long a device stays silent is this load's affair.
                    let login = login(&id, &secret, "2018072417", 0);
                    registered.push(Device { number, topic: data_topic(&id), id, login });
                }
                registered
            }
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|worker| tokio::spawn(share(worker))).collect();
        let mut all = Vec::with_capacity(devices);
        for worker in workers {
            all.extend(worker.await.unwrap_or_default());
        }
        all.sort_unstable_by_key(|device| device.number);
        all
    }

    /// Has a kind of push sent to a URL.
    pub async fn subscribe(&self, kind: &str, url: &str) -> Result<(), String> {
        let body = json!({ "notifyType": kind, "callbackUrl": url });
        let (status, answer) = self.application.call(Op::SubscribeBusinessData, &[], body).await;
        if status == 201 { Ok(()) } else { Err(format!("subscription: {status} {answer}")) }
    }

    /// Ends the platform, and says whether it ended well.
    pub async fn stop(mut self) -> bool {
        drop(self.child.stdin.take());
        self.child.wait().await.is_ok_and(|status| status.success())
    }
}
