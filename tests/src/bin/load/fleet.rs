//! Many devices over TLS: what they cost, whether anything they say is lost, and what happens when all
//! of them come back at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

use crate::Outcome;
use crate::client::{Line, Trust, report};
use crate::ledger::Ledger;
use crate::measure::{machine, percentile, table};
use crate::server::{Device, Server};

/// How long a device waits for a PUBACK.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many handshakes of devices that come for the first time are under way at once.
const ARRIVING: usize = 64;

/// Many devices, each with a report every few seconds.
#[derive(Debug, Args)]
pub struct Fleet {
    /// How many devices
    #[arg(long, default_value_t = 10_000)]
    devices: usize,
    /// For how many minutes they report
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Seconds between two reports of a device
    #[arg(long, default_value_t = 10.0)]
    period: f64,
}

/// All devices reconnect at once.
#[derive(Debug, Args)]
pub struct Storm {
    /// How many devices
    #[arg(long, default_value_t = 10_000)]
    devices: usize,
    /// How often
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// A device with its connection.
struct Online {
    device: Device,
    trust: Trust,
    line: Line,
}

async fn come_online(server: &Server, devices: Vec<Device>) -> io::Result<Vec<Online>> {
    let trust = Trust::new(&server.ca_pem)?;
    let places = Arc::new(Semaphore::new(ARRIVING));
    let mut tasks = JoinSet::new();
    for device in devices {
        let (trust, places, at) = (trust.of_another_device(), Arc::clone(&places), server.mqtts);
        tasks.spawn(async move {
            let _place = places.acquire().await.map_err(io::Error::other)?;
            let mut line = Line::tls(at, &trust).await?;
            line.log_in(&device.login).await?;
            io::Result::Ok(Online { device, trust, line })
        });
    }
    let mut online = Vec::new();
    while let Some(task) = tasks.join_next().await {
        online.push(task.map_err(io::Error::other)??);
    }
    Ok(online)
}

impl Fleet {
    /// Runs it.
    pub async fn run(self) -> Outcome {
        let before = machine();
        let (ledger, callback) = Ledger::open().await?;
        let server = Server::start(self.devices, None).await?;
        server.subscribe("deviceDataChanged", &callback).await?;
        let devices = server.register(self.devices).await;
        ledger.enrol(devices.iter().map(|device| device.id.as_str()));
        let (empty, began) = (server.process.resident_kb(), Instant::now());
        let online = come_online(&server, devices).await?;
        let (arrival, connected) = (began.elapsed(), server.process.resident_kb());

        let (period, end) = (Duration::from_secs_f64(self.period), Duration::from_secs_f64(self.minutes * 60.0));
        let (processor, start) = (server.process.processor(), tokio::time::Instant::now());
        let mut tasks = JoinSet::new();
        for mut device in online {
            let ledger = Arc::clone(&ledger);
            // Spread evenly over the period, as devices that nobody has told otherwise are.
            let phase = period.mul_f64(device.device.number as f64 / self.devices as f64);
            tasks.spawn(async move {
                let mut next = start + phase;
                while next < start + end {
                    sleep_until(next).await;
                    device.report(&ledger).await?;
                    next += period;
                }
                io::Result::Ok(device)
            });
        }
        let mut broken = Vec::new();
        let mut online = Vec::new();
        while let Some(task) = tasks.join_next().await {
            match task? {
                Ok(device) => online.push(device),
                Err(error) => broken.push(error.to_string()),
            }
        }
        let used = (server.process.processor() - processor).as_secs_f64() / start.elapsed().as_secs_f64();
        let balance = ledger.settle(Duration::from_secs(30)).await;
        let latencies = ledger.latencies();
        let at_the_end = server.process.resident_kb();
        let per = |kb: u64| kb.saturating_sub(empty) as f64 / self.devices as f64;
        let ms = |percent| format!("{:.2} ms", percentile(&latencies, percent).as_secs_f64() * 1000.0);
        let title = format!("fleet: {} MQTTS devices, a report each every {} s", self.devices, self.period);
        table(
            &title,
            &[
                ("machine before / after", format!("{before} / {}", machine())),
                ("all connected in (64 at a time)", format!("{:.1} s", arrival.as_secs_f64())),
                ("memory without / with connections", format!("{empty} / {connected} kB")),
                ("memory a connection", format!("{:.1} kB", per(connected))),
                ("memory at the end, history stored", format!("{at_the_end} kB")),
                (
                    "threads, open files of the platform",
                    format!("{}, {}", server.process.threads(), server.process.descriptors()),
                ),
                ("reported for", format!("{:.1} min", end.as_secs_f64() / 60.0)),
                ("processor of the platform meanwhile", format!("{:.0} % of a core", used * 100.0)),
                (
                    "reports sent / acknowledged / seen",
                    format!("{} / {} / {}", balance.sent, balance.acknowledged, balance.seen),
                ),
                ("acknowledged and lost / seen twice", format!("{} / {}", balance.lost, balance.repeated)),
                ("connections that broke", format!("{} {}", broken.len(), broken.first().map_or("", String::as_str))),
                ("report to callback p50", ms(50)),
                ("report to callback p99", ms(99)),
                ("report to callback max", ms(100)),
            ],
        );
        drop(online);
        let ended = server.stop().await;
        Ok(ended && broken.is_empty() && balance.lost == 0 && balance.seen == balance.sent && balance.sent > 0)
    }
}

impl Online {
    async fn report(&mut self, ledger: &Ledger) -> io::Result<()> {
        let number = ledger.send(self.device.number);
        let id = u16::try_from(number % 65_535).unwrap_or(0) + 1;
        self.line.publish(id, &self.device.topic, &report(number), PATIENCE).await?;
        ledger.acknowledge(self.device.number, number);
        Ok(())
    }
}

/// What befell a storm's devices.
#[derive(Default)]
struct Fates {
    resumed: AtomicUsize,
    /// CONNACKs that refused.
    refused: AtomicUsize,
    /// Attempts that failed otherwise and were repeated.
    repeated: AtomicUsize,
}

impl Storm {
    /// Runs it.
    pub async fn run(self) -> Outcome {
        let server = Server::start(self.devices, None).await?;
        let devices = server.register(self.devices).await;
        let mut online = come_online(&server, devices).await?;
        let mut good = true;
        for round in 1..=self.rounds {
            let (before, fates) = (machine(), Arc::new(Fates::default()));
            // Everybody and the one who restarts the listener.
            let start = Arc::new(Barrier::new(self.devices + 1));
            let mut tasks = JoinSet::new();
            for device in online {
                let (start, fates, at) = (Arc::clone(&start), Arc::clone(&fates), server.mqtts);
                tasks.spawn(device.come_back(at, start, fates));
            }
            let processor = server.process.processor();
            reqwest::Client::new()
                .post(format!("{}/_mock/mqtt/restart", server.control))
                .send()
                .await?
                .error_for_status()?;
            start.wait().await;
            let began = Instant::now();
            let mut times = Vec::new();
            online = Vec::new();
            while let Some(task) = tasks.join_next().await {
                let device = task?;
                times.push(began.elapsed());
                online.push(device);
            }
            let all = began.elapsed();
            times.sort_unstable();
            let processor = server.process.processor() - processor;
            let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
            let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
            table(
                &format!("storm {round}: {} MQTTS devices reconnect at once", self.devices),
                &[
                    ("machine before / after", format!("{before} / {}", machine())),
                    ("half online, 99 of 100, all", [50, 99, 100].map(|p| seconds(percentile(&times, p))).join(", ")),
                    ("connections/s", format!("{:.0}", self.devices as f64 / all.as_secs_f64())),
                    (
                        "processor of the platform",
                        format!("{:.2} ms a connection", processor.as_secs_f64() * 1000.0 / self.devices as f64),
                    ),
                    ("TLS sessions resumed", format!("{} of {}", count(&fates.resumed), self.devices)),
                    ("refused by CONNACK", count(&fates.refused).to_string()),
                    ("attempts that failed otherwise", count(&fates.repeated).to_string()),
                    ("memory", format!("{} kB", server.process.resident_kb())),
                ],
            );
            good &= count(&fates.refused) == 0 && count(&fates.repeated) == 0;
        }
        drop(online);
        Ok(server.stop().await && good)
    }
}

impl Online {
    /// Waits until the connection is closed and all others are too, then connects until it is online
    /// and its first report is acknowledged.
    async fn come_back(mut self, at: std::net::SocketAddr, start: Arc<Barrier>, fates: Arc<Fates>) -> Self {
        while self.line.packet().await.is_ok() {}
        start.wait().await;
        loop {
            match timeout(PATIENCE, self.try_again(at)).await {
                Ok(Ok(line)) => {
                    fates.resumed.fetch_add(usize::from(line.resumed), Ordering::Relaxed);
                    self.line = line;
                    return self;
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                    fates.refused.fetch_add(1, Ordering::Relaxed);
                }
                _ => {
                    fates.repeated.fetch_add(1, Ordering::Relaxed);
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn try_again(&self, at: std::net::SocketAddr) -> io::Result<Line> {
        let mut line = Line::tls(at, &self.trust).await?;
        line.log_in(&self.device.login).await?;
        line.publish(1, &self.device.topic, &report(0), PATIENCE).await?;
        Ok(line)
    }
}
