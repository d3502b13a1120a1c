//! What is measured: a process by the system's own accounts, and times by their percentiles.

use std::fs;
use std::time::Duration;

/// What the system says of a process.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    fn status(self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// Resident memory in kB.
    pub fn resident_kb(self) -> u64 {
        self.status("VmRSS")
    }

    /// Threads.
    pub fn threads(self) -> u64 {
        self.status("Threads")
    }

    /// Open descriptors.
    pub fn descriptors(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).map_or(0, Iterator::count)
    }

    /// Processor time used so far.
    pub fn processor(self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        // User and system time, in the hundredths of a second that Linux shows them in.
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }
}

/// The soft limit of open files of this process.
pub fn descriptor_limit() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok()).unwrap_or(1024)
}

/// The machine's load, to be read beside the figures.
pub fn machine() -> String {
    let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let average: Vec<&str> = average.split_whitespace().take(3).collect();
    format!("{cores} cores, load averages {}", average.join(" "))
}

/// The value below which so many percent lie.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// The one in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Prints a table: what, and how much.
pub fn table(title: &str, rows: &[(&str, String)]) {
    println!("{title}");
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in rows {
        println!("  {name:width$}  {value}");
    }
}
