//! Acknowledged messages and connections a second, beside mosquitto under the same load: the same
//! bytes from the same publishers, in alternating rounds, both without TLS.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use iotdm_spec::Op;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Outcome;
use crate::client::{Line, publish};
use crate::measure::{Process, machine, median, table};
use crate::server::{Device, Server};

/// How long a report is.
const PAYLOAD: usize = 200;

/// Acknowledged messages and connections a second.
#[derive(Debug, Args)]
pub struct Throughput {
    /// How many publishers
    #[arg(long, default_value_t = 50)]
    publishers: usize,
    /// How many messages of a publisher are under way
    #[arg(long, default_value_t = 20)]
    window: usize,
    /// Seconds of a round
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How many rounds each
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leave mosquitto out
    #[arg(long)]
    alone: bool,
}

impl Throughput {
    /// Runs it.
    pub async fn run(self) -> Outcome {
        let before = machine();
        let server = Server::start(self.publishers * 2, None).await?;
        let devices = Arc::new(server.register(self.publishers).await);
        let mosquitto = if self.alone { None } else { Some(Mosquitto::start().await?) };
        let mut targets = vec![("iotdm", server.mqtt, server.process)];
        targets.extend(mosquitto.as_ref().map(|m| ("mosquitto", m.at, m.process)));
        let mut figures = vec![(Vec::new(), Vec::new(), Vec::new()); targets.len()];
        let mut acknowledged = 0;
        for _ in 0..self.rounds {
            for ((name, at, process), (messages, connections, processor)) in targets.iter().zip(&mut figures) {
                let (used, began) = (process.processor(), Instant::now());
                let count = self.messages(*at, &devices).await?;
                messages.push(count as f64 / began.elapsed().as_secs_f64());
                processor.push((process.processor() - used).as_secs_f64() * 1e6 / count as f64);
                connections.push(self.connections(*at, &devices).await?);
                acknowledged += if *name == "iotdm" { count } else { 0 };
            }
        }
        let stored = stored(&server, &devices).await;
        println!(
            "throughput: QoS 1, {PAYLOAD} bytes, {} publishers, {} messages under way each, without TLS",
            self.publishers, self.window
        );
        println!("  {}", before);
        println!(
            "  {:<10} {:>14} {:>18} {:>16} {:>12}",
            "", "messages/s", "processor/message", "connections/s", "memory"
        );
        let mut rates = Vec::new();
        for ((name, _, process), (messages, connections, processor)) in targets.iter().zip(&mut figures) {
            let rounds = messages.iter().map(|rate| format!("{rate:.0}")).collect::<Vec<_>>().join(" ");
            rates.push((median(messages), median(connections)));
            let (rate, connects) = rates.last().copied().unwrap_or_default();
            let memory = format!("{} kB", process.resident_kb());
            println!(
                "  {name:<10} {rate:>14.0} {:>15.1} us {connects:>16.0} {memory:>12}   rounds: {rounds}",
                median(processor)
            );
        }
        let ratio = rates.get(1).map(|other| (rates[0].0 / other.0, rates[0].1 / other.1));
        let ratio =
            ratio.map_or("-".to_owned(), |(messages, connects)| format!("{messages:.2} (connections {connects:.2})"));
        table(
            "  iotdm judged, journalled and stored each of them; mosquitto had no subscriber",
            &[
                ("  iotdm / mosquitto", ratio),
                ("  acknowledged by iotdm", acknowledged.to_string()),
                ("  stored in the histories", stored.to_string()),
                ("  machine after", machine()),
            ],
        );
        let expected = acknowledged.min(devices.len() * 20_000);
        drop(mosquitto);
        Ok(server.stop().await && stored >= expected)
    }

    /// Publishes for a round; gives how many messages were acknowledged.
    async fn messages(&self, at: SocketAddr, devices: &[Device]) -> io::Result<usize> {
        let mut tasks = JoinSet::new();
        for device in devices.iter().cloned() {
            let (window, span) = (self.window, Duration::from_secs_f64(self.seconds));
            tasks.spawn(async move {
                let mut line = Line::plain(at).await?;
                line.log_in(&device.login).await?;
                let mut packets = Packets::new(&device.topic, window);
                let until = Instant::now() + span;
                line.send(packets.next(window)).await?;
                let (mut count, mut open) = (0, window);
                while open > 0 {
                    let came = line.acknowledgements().await?;
                    (count, open) = (count + came, open - came);
                    if Instant::now() < until {
                        line.send(packets.next(came)).await?;
                        open += came;
                    }
                }
                line.hang_up().await;
                io::Result::Ok(count)
            });
        }
        let mut count = 0;
        while let Some(task) = tasks.join_next().await {
            count += task.map_err(io::Error::other)??;
        }
        Ok(count)
    }

    /// Connections that came and went in a second, of all devices at once.
    async fn connections(&self, at: SocketAddr, devices: &[Device]) -> io::Result<f64> {
        let (span, began) = (Duration::from_secs_f64(self.seconds / 2.0), Instant::now());
        let mut tasks = JoinSet::new();
        for device in devices.iter().cloned() {
            tasks.spawn(async move {
                let mut count = 0;
                while began.elapsed() < span {
                    let mut line = Line::plain(at).await?;
                    line.log_in(&device.login).await?;
                    line.hang_up().await;
                    count += 1;
                }
                io::Result::Ok(count)
            });
        }
        let mut count = 0;
        while let Some(task) = tasks.join_next().await {
            count += task.map_err(io::Error::other)??;
        }
        Ok(f64::from(count) / began.elapsed().as_secs_f64())
    }
}

/// How many records the platform's histories have.
async fn stored(server: &Server, devices: &[Device]) -> usize {
    let mut stored = 0;
    for device in devices {
        let query = [("deviceId", device.id.as_str()), ("pageNo", "0"), ("pageSize", "1")];
        let (_, answer) = server.application.call(Op::QueryHistory, &query, Value::Null).await;
        stored += answer["totalCount"].as_u64().unwrap_or(0) as usize;
    }
    stored
}

/// The packets of one publisher, made once: only the identifiers differ.
struct Packets {
    /// All of the window, twice, so that any run of them is one slice.
    bytes: Vec<u8>,
    each: usize,
    window: usize,
    next: usize,
}

impl Packets {
    fn new(topic: &str, window: usize) -> Self {
        let service = r#"{"serviceId":"Light","serviceData":{"brightness":80,"colour":"white","power":1234}}"#;
        let payload = format!(r#"{{"msgType":"deviceReq","data":[{service}]}}"#);
        let payload = format!("{payload:<PAYLOAD$}");
        let bytes: Vec<Vec<u8>> =
            (1..=window).map(|id| publish(u16::try_from(id).unwrap_or(u16::MAX), topic, payload.as_bytes())).collect();
        Self { each: bytes[0].len(), bytes: [bytes.concat(), bytes.concat()].concat(), window, next: 0 }
    }

    /// The next packets, as many as were acknowledged: acknowledgements come in order, so their
    /// identifiers are free again.
    fn next(&mut self, count: usize) -> &[u8] {
        let from = self.next * self.each;
        self.next = (self.next + count) % self.window;
        &self.bytes[from..from + count * self.each]
    }
}

/// Debian's mosquitto on a port of its own.
struct Mosquitto {
    // Killed when it is dropped.
    _child: Child,
    at: SocketAddr,
    process: Process,
    config: PathBuf,
}

impl Mosquitto {
    async fn start() -> io::Result<Self> {
        let at = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = std::env::temp_dir().join(format!("iotdm-load-{}.conf", std::process::id()));
        std::fs::write(&config, format!("listener {} 127.0.0.1\nallow_anonymous true\nlog_type error\n", at.port()))?;
        let program =
            ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].into_iter().find(|p| std::path::Path::new(p).exists());
        let mut command = Command::new(program.unwrap_or("mosquitto"));
        command.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().map_err(|e| {
            io::Error::new(e.kind(), format!("mosquitto does not start ({e}); Debian has it, or say --alone"))
        })?;
        let until = Instant::now() + Duration::from_secs(10);
        while let Err(error) = Line::plain(at).await {
            if Instant::now() > until {
                return Err(error);
            }
            sleep(Duration::from_millis(50)).await;
        }
        let process = Process(child.id().unwrap_or(0));
        Ok(Self { _child: child, at, process, config })
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.config);
    }
}
