//! The account of all reports: sent, acknowledged, seen at the callback.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

/// One report.
#[derive(Debug, Clone, Copy)]
struct Item {
    sent: Instant,
    acknowledged: bool,
    seen: u32,
}

/// All reports of a run, by device and number.
#[derive(Default)]
pub struct Ledger {
    index: OnceLock<HashMap<String, usize>>,
    items: OnceLock<Vec<Mutex<Vec<Item>>>>,
    latencies: Mutex<Vec<Duration>>,
    others: Mutex<HashMap<String, usize>>,
}

/// What the account comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Reports sent.
    pub sent: usize,
    /// Of them acknowledged.
    pub acknowledged: usize,
    /// Of them seen at the callback.
    pub seen: usize,
    /// Acknowledged and never seen.
    pub lost: usize,
    /// Seen more often than once.
    pub repeated: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// Opens a callback receiver that keeps the account, and gives its URL.
    pub async fn open() -> std::io::Result<(Arc<Self>, String)> {
        let ledger = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/callback", listener.local_addr()?);
        let router = Router::new().route("/callback", post(take)).with_state(Arc::clone(&ledger));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((ledger, url))
    }

    /// The devices of the run.
    pub fn enrol<'a>(&self, devices: impl Iterator<Item = &'a str>) {
        let index: HashMap<String, usize> = devices.map(str::to_owned).zip(0..).collect();
        let _ = self.items.set(index.iter().map(|_| Mutex::default()).collect());
        let _ = self.index.set(index);
    }

    fn of(&self, device: usize) -> Option<MutexGuard<'_, Vec<Item>>> {
        self.items.get()?.get(device).map(lock)
    }

    /// Enters a report that is about to be sent; gives its number.
    pub fn send(&self, device: usize) -> usize {
        let Some(mut items) = self.of(device) else { return 0 };
        items.push(Item { sent: Instant::now(), acknowledged: false, seen: 0 });
        items.len() - 1
    }

    /// A report was acknowledged.
    pub fn acknowledge(&self, device: usize, number: usize) {
        if let Some(item) = self.of(device).as_mut().and_then(|items| items.get_mut(number)) {
            item.acknowledged = true;
        }
    }

    fn see(&self, push: &Value) {
        let kind = push["notifyType"].as_str().unwrap_or_default();
        if kind != "deviceDataChanged" {
            *lock(&self.others).entry(kind.to_owned()).or_default() += 1;
            return;
        }
        let device = push["deviceId"].as_str().and_then(|id| self.index.get()?.get(id));
        let number = push["service"]["data"]["colour"].as_str().and_then(|text| text.parse::<usize>().ok());
        let Some((device, number)) = device.zip(number) else { return };
        let Some(mut items) = self.of(*device) else { return };
        let Some(item) = items.get_mut(number) else { return };
        item.seen += 1;
        if item.seen == 1 {
            let latency = item.sent.elapsed();
            drop(items);
            lock(&self.latencies).push(latency);
        }
    }

    /// Times from the report to the callback, in order.
    pub fn latencies(&self) -> Vec<Duration> {
        let mut latencies = lock(&self.latencies).clone();
        latencies.sort_unstable();
        latencies
    }

    /// Pushes of other kinds.
    pub fn others(&self, kind: &str) -> usize {
        lock(&self.others).get(kind).copied().unwrap_or(0)
    }

    /// The account as it is.
    pub fn balance(&self) -> Balance {
        let mut balance = Balance::default();
        for items in self.items.get().into_iter().flatten() {
            for item in &*lock(items) {
                balance.sent += 1;
                balance.acknowledged += usize::from(item.acknowledged);
                balance.seen += usize::from(item.seen > 0);
                balance.lost += usize::from(item.acknowledged && item.seen == 0);
                balance.repeated += usize::from(item.seen > 1);
            }
        }
        balance
    }

    /// Waits until everything that was acknowledged has been seen, but not for ever.
    pub async fn settle(&self, within: Duration) -> Balance {
        let until = Instant::now() + within;
        loop {
            let balance = self.balance();
            if balance.lost == 0 || Instant::now() > until {
                return balance;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn take(State(ledger): State<Arc<Ledger>>, push: String) {
    if let Ok(push) = serde_json::from_str(&push) {
        ledger.see(&push);
    }
}
