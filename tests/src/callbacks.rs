//! A callback receiver that answers every push with 200 and hands it on.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::DEADLINE;

/// What was pushed, in order.
pub struct Callbacks {
    /// Where the receiver listens.
    pub url: String,
    pushes: UnboundedReceiver<Value>,
}

impl Callbacks {
    /// Opens a receiver on a free port.
    ///
    /// # Panics
    /// If there is none.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/callback", listener.local_addr().expect("an address"));
        let (sender, pushes) = unbounded_channel();
        let router = Router::new().route("/callback", post(take)).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, pushes }
    }

    /// The next push.
    ///
    /// # Panics
    /// If none comes in time.
    pub async fn next(&mut self) -> Value {
        tokio::time::timeout(DEADLINE, self.pushes.recv()).await.expect("a push in time").expect("a receiver")
    }

    /// What has come so far and was not asked for yet.
    pub fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.pushes.try_recv().ok()).collect()
    }
}

async fn take(State(sender): State<UnboundedSender<Value>>, push: String) {
    // Whoever has stopped listening misses nothing.
    let _ = sender.send(push.parse().expect("a push is JSON"));
}
