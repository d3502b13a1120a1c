//! A receiver of pushes, as an application runs one.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::DEADLINE;

/// A receiver on loopback that takes every push with 200.
pub struct Receiver {
    /// Its callback URL.
    pub url: String,
    pushes: UnboundedReceiver<Value>,
}

async fn take(State(pushes): State<UnboundedSender<Value>>, body: Bytes) -> StatusCode {
    match serde_json::from_slice(&body) {
        // A test that has ended reads no more.
        Ok(push) => drop(pushes.send(push)),
        Err(_) => return StatusCode::BAD_REQUEST,
    }
    StatusCode::OK
}

impl Receiver {
    /// Listens on a free port.
    ///
    /// # Panics
    /// If there is none.
    pub async fn listen() -> Self {
        let (sender, pushes) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/callback", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, pushes }
    }

    /// The next push.
    ///
    /// # Panics
    /// If none comes in time; `awaited` says which.
    pub async fn next(&mut self, awaited: &str) -> Value {
        let push = tokio::time::timeout(DEADLINE, self.pushes.recv()).await;
        push.unwrap_or_else(|_| panic!("not pushed: {awaited}")).expect("the receiver lives")
    }

    /// The pushes that have arrived and were not read yet.
    pub fn unread(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.pushes.try_recv().ok()).collect()
    }
}
