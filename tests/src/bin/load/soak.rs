//! A mixed load for long, with faults on the wire: reports up, commands down, answers up, devices that
//! come and go. Nothing that was acknowledged may be lost, and the platform may not grow.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use iotdm_spec::Op;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Outcome;
use crate::client::{Line, Packet, Trust, command_topic, publish, report, subscribe};
use crate::ledger::Ledger;
use crate::measure::{machine, percentile, table};
use crate::server::{Device, Server};

/// How long a device waits for an answer before it connects anew.
const PATIENCE: Duration = Duration::from_secs(2);

/// A mixed load with faults on the wire.
#[derive(Debug, Args)]
pub struct Soak {
    /// For how many minutes
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    /// How many devices
    #[arg(long, default_value_t = 200)]
    devices: usize,
    /// Seconds between two reports of a device
    #[arg(long, default_value_t = 0.5)]
    period: f64,
    /// How many history records a device keeps: few, so that what is stored is soon as much as it gets
    #[arg(long, default_value_t = 100)]
    history: usize,
}

/// What happened beside the reports.
#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    faults: AtomicUsize,
    commands: AtomicUsize,
    answers: AtomicUsize,
}

fn up(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The faults, in turn. Each is ordered for the next device after the last one's.
fn fault(turn: usize) -> Value {
    match turn % 9 {
        0 => json!({"fault": "drop_after_packets", "packets": 1 + turn % 4}),
        1 => json!({"fault": "withhold_puback"}),
        2 => json!({"fault": "delay_puback", "ms": 200}),
        3 => json!({"fault": "fragment", "times": 3}),
        4 => json!({"fault": "corrupt", "seed": turn}),
        5 => json!({"fault": "close_mid_packet"}),
        6 => json!({"fault": "refuse_connect", "code": 1 + turn % 5}),
        7 => json!({"fault": "duplicate_command"}),
        _ => json!({"fault": "withhold_connack"}),
    }
}

/// One look at the platform.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: Duration,
    kb: u64,
    threads: u64,
    files: usize,
}

impl Soak {
    /// Runs it.
    pub async fn run(self) -> Outcome {
        let before = machine();
        let (ledger, callback) = Ledger::open().await?;
        let server = Server::start(self.devices * 2, Some(self.history)).await?;
        for kind in ["deviceDataChanged", "commandRsp", "deviceInfoChanged"] {
            server.subscribe(kind, &callback).await?;
        }
        let devices = Arc::new(server.register(self.devices).await);
        ledger.enrol(devices.iter().map(|device| device.id.as_str()));
        let (counts, trust) = (Arc::new(Counts::default()), Trust::new(&server.ca_pem)?);
        let (began, span) = (Instant::now(), Duration::from_secs_f64(self.minutes * 60.0));
        let mut tasks = JoinSet::new();
        for device in devices.iter().cloned() {
            let player = Player {
                period: Duration::from_secs_f64(self.period),
                at: server.mqtts,
                trust: trust.of_another_device(),
                ledger: Arc::clone(&ledger),
                counts: Arc::clone(&counts),
                device,
                until: began + span,
            };
            tasks.spawn(player.play());
        }
        let trouble = tokio::spawn(trouble(server.control.clone(), Arc::clone(&devices), Arc::clone(&counts)));
        let orders = tokio::spawn(orders(Arc::clone(&server.application), Arc::clone(&devices), Arc::clone(&counts)));
        let mut looks = Vec::new();
        let pause = (span / 60).min(Duration::from_secs(15));
        while began.elapsed() < span {
            sleep(pause).await;
            let process = server.process;
            looks.push(Look {
                at: began.elapsed(),
                kb: process.resident_kb(),
                threads: process.threads(),
                files: process.descriptors(),
            });
        }
        trouble.abort();
        orders.abort();
        while let Some(task) = tasks.join_next().await {
            task?;
        }
        let balance = ledger.settle(Duration::from_secs(30)).await;
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed).to_string();
        let latencies = ledger.latencies();
        let ms = |percent| format!("{:.2} ms", percentile(&latencies, percent).as_secs_f64() * 1000.0);
        let (flat, course) = flat(&looks);
        table(
            &format!("soak: {} MQTTS devices for {:.1} min, faults on the wire", self.devices, self.minutes),
            &[
                ("machine before / after", format!("{before} / {}", machine())),
                (
                    "reports sent / acknowledged / seen",
                    format!("{} / {} / {}", balance.sent, balance.acknowledged, balance.seen),
                ),
                ("acknowledged and lost", balance.lost.to_string()),
                ("seen twice (sent again unacknowledged)", balance.repeated.to_string()),
                (
                    "faults ordered / connections made",
                    format!("{} / {}", count(&counts.faults), count(&counts.connections)),
                ),
                (
                    "commands accepted / answered / answers pushed",
                    format!(
                        "{} / {} / {}",
                        count(&counts.commands),
                        count(&counts.answers),
                        ledger.others("commandRsp")
                    ),
                ),
                ("status pushes", ledger.others("deviceInfoChanged").to_string()),
                ("report to callback p50, p99", format!("{}, {}", ms(50), ms(99))),
                ("memory, kB", course),
            ],
        );
        for look in looks.iter().step_by((looks.len() / 10).max(1)) {
            println!(
                "  {:>6.0} s  {:>8} kB  {:>3} threads  {:>5} files",
                look.at.as_secs_f64(),
                look.kb,
                look.threads,
                look.files
            );
        }
        Ok(server.stop().await && balance.lost == 0 && balance.acknowledged > 0 && flat)
    }
}

/// Whether memory and threads stayed what they were, after a third of the time for what has to fill up.
fn flat(looks: &[Look]) -> (bool, String) {
    let half = |looks: &[Look]| {
        let mut sizes: Vec<u64> = looks.iter().map(|look| look.kb).collect();
        sizes.sort_unstable();
        sizes.get(sizes.len() / 2).copied().unwrap_or(0)
    };
    let settled = &looks[looks.len() / 3..];
    let (first, second) = settled.split_at(settled.len() / 2);
    let (early, late) = (half(first), half(second));
    let threads = |looks: &[Look]| looks.iter().map(|look| look.threads).max().unwrap_or(0);
    let course =
        format!("{early} in the second third, {late} in the last; threads {} and {}", threads(first), threads(second));
    // One part in twenty is the allocator's affair.
    (late <= early + early / 20 && threads(second) <= threads(first), course)
}

/// A device that never gives up.
struct Player {
    device: Device,
    at: std::net::SocketAddr,
    trust: Trust,
    ledger: Arc<Ledger>,
    counts: Arc<Counts>,
    period: Duration,
    until: Instant,
}

impl Player {
    async fn play(self) {
        let (mut line, mut next) = (None, self.period.mul_f64((self.device.number % 50) as f64 / 50.0));
        let mut open: Option<usize> = None;
        while Instant::now() < self.until {
            let result = match &mut line {
                None => match timeout(PATIENCE, self.connect()).await {
                    Ok(Ok(connected)) => {
                        line = Some(connected);
                        Ok(())
                    }
                    Ok(Err(error)) => Err(error),
                    Err(_) => Err(io::ErrorKind::TimedOut.into()),
                },
                Some(line) => self.wait(line, next).await,
            };
            next = self.period;
            let result = match (&mut line, result) {
                (Some(line), Ok(())) => {
                    let number = *open.get_or_insert_with(|| self.ledger.send(self.device.number));
                    let reported = self.report(line, number).await;
                    if reported.is_ok() {
                        open = None;
                    }
                    reported
                }
                (_, result) => result,
            };
            if result.is_err() {
                line = None;
                sleep(Duration::from_millis(100)).await;
            }
        }
        if let Some(line) = line {
            line.hang_up().await;
        }
    }

    async fn connect(&self) -> io::Result<Line> {
        let mut line = Line::tls(self.at, &self.trust).await?;
        line.log_in(&self.device.login).await?;
        line.send(&subscribe(&command_topic(&self.device.id))).await?;
        let suback = line.packet().await?;
        if suback.first != 0x90 || suback.body != [0, 1, 1] {
            return Err(io::ErrorKind::InvalidData.into());
        }
        up(&self.counts.connections);
        Ok(line)
    }

    /// Waits until the next report, and answers commands meanwhile.
    async fn wait(&self, line: &mut Line, span: Duration) -> io::Result<()> {
        let until = tokio::time::Instant::now() + span;
        loop {
            match tokio::time::timeout_at(until, line.packet()).await {
                Err(_) => return Ok(()),
                Ok(packet) => self.answer(line, packet?).await?,
            }
        }
    }

    async fn report(&self, line: &mut Line, number: usize) -> io::Result<()> {
        let id = u16::try_from(number % 30_000).unwrap_or(0) + 1;
        for packet in line.publish(id, &self.device.topic, &report(number), PATIENCE).await? {
            self.answer(line, packet).await?;
        }
        self.ledger.acknowledge(self.device.number, number);
        Ok(())
    }

    async fn answer(&self, line: &mut Line, packet: Packet) -> io::Result<()> {
        if packet.first & 0xf0 != 0x30 {
            return Ok(());
        }
        let bad = || io::Error::from(io::ErrorKind::InvalidData);
        let topic = usize::from(u16::from_be_bytes([
            *packet.body.first().ok_or_else(bad)?,
            *packet.body.get(1).ok_or_else(bad)?,
        ]));
        let rest = packet.body.get(2 + topic..).ok_or_else(bad)?;
        let (id, payload) = rest.split_at_checked(2).ok_or_else(bad)?;
        line.send(&[0x40, 2, id[0], id[1]]).await?;
        let command: Value = serde_json::from_slice(payload).map_err(io::Error::other)?;
        let answer = json!({"msgType": "deviceRsp", "mid": command["mid"], "errcode": 0, "body": {}});
        // An identifier that no report has. Nobody waits for this PUBACK.
        let id = 40_000 + u16::from_be_bytes([id[0], id[1]]) % 20_000;
        line.send(&publish(id, &self.device.topic, answer.to_string().as_bytes())).await?;
        up(&self.counts.answers);
        Ok(())
    }
}

/// Orders a fault every tenth of a second.
async fn trouble(control: String, devices: Arc<Vec<Device>>, counts: Arc<Counts>) {
    let client = reqwest::Client::new();
    for turn in 0.. {
        sleep(Duration::from_millis(100)).await;
        let device = &devices[turn * 7 % devices.len()];
        let order = client.post(format!("{control}/_mock/devices/{}/faults", device.id)).json(&fault(turn));
        if order.send().await.is_ok_and(|answer| answer.status().is_success()) {
            up(&counts.faults);
        }
    }
}

/// Sends a command every twentieth of a second.
async fn orders(application: Arc<iotdm_tests::Application>, devices: Arc<Vec<Device>>, counts: Arc<Counts>) {
    for turn in 0.. {
        sleep(Duration::from_millis(50)).await;
        let device = &devices[turn % devices.len()];
        let path = [("deviceId", device.id.as_str()), ("serviceId", "Light")];
        let body = json!({ "header": { "mode": "ACK", "method": "SET_LEVEL" }, "body": { "value": turn % 101 } });
        let (status, _) = application.call(Op::SendCommand, &path, body).await;
        if status == 202 {
            up(&counts.commands);
        }
    }
}
