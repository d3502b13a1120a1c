//! A restart: everything that came in is cut off, and the same ports are listened on again.

use super::entrance::{DoorHandle, Entrance, PATIENCE, raised};
use super::host::CloseReason;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// What the keeper of an entrance is told.
pub(super) enum Order {
    Close(oneshot::Sender<()>),
    Open(oneshot::Sender<io::Result<()>>),
}

/// The ways to reach the keepers of all entrances.
#[derive(Default)]
pub(super) struct Keepers {
    orders: Mutex<Vec<mpsc::Sender<Order>>>,
}

impl Keepers {
    pub(super) fn hire(&self) -> mpsc::Receiver<Order> {
        let (sender, receiver) = mpsc::channel(1);
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Everything is closed before anything is opened, so that nobody comes in too early.
    async fn restart(&self) -> io::Result<()> {
        self.tell_all(Order::Close).await?;
        self.tell_all(Order::Open).await?.into_iter().collect()
    }

    async fn tell_all<T>(&self, order: impl Fn(oneshot::Sender<T>) -> Order) -> io::Result<Vec<T>> {
        let gone = || io::Error::other("the door is closed");
        let keepers = self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut answers = Vec::new();
        for keeper in keepers {
            let (sender, receiver) = oneshot::channel();
            keeper.send(order(sender)).await.map_err(|_| gone())?;
            answers.push(receiver);
        }
        let mut told = Vec::new();
        for answer in answers {
            told.push(answer.await.map_err(|_| gone())?);
        }
        Ok(told)
    }
}

/// The next connection; never one while nothing listens.
pub(super) async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

impl DoorHandle {
    /// Closes all listeners and everything that came in through them, then listens on the same ports
    /// again. Gives the number of sessions that ended. Goes on to its end when it isn't waited for.
    pub async fn restart(&self) -> io::Result<usize> {
        let (sessions, keepers) = (self.seats.count(), self.keepers.clone());
        let restart = tokio::spawn(async move { keepers.restart().await });
        restart.await.map_err(io::Error::other)?.map(|()| sessions)
    }
}

impl Entrance {
    pub(super) async fn obey(&self, order: Order, listener: &mut Option<TcpListener>, tasks: &mut JoinSet<()>) {
        match order {
            Order::Close(done) => {
                *listener = None;
                // The sessions of other entrances are asked too. They end in any case.
                self.core.seats.close_all(&CloseReason::ByPlatform("the listener was restarted".to_owned()));
                tasks.shutdown().await;
                // Who ordered it may have stopped waiting.
                let _ = done.send(());
            }
            Order::Open(done) => {
                let opened = match listener {
                    Some(_) => Ok(()),
                    None => self.listen_again().await.map(|again| *listener = Some(again)),
                };
                let _ = done.send(opened);
            }
        }
    }

    /// Binds the old address. A program that took the port meanwhile gets some time to give it back.
    async fn listen_again(&self) -> io::Result<TcpListener> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match TcpListener::bind(self.address).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                    let mut stopping = self.stopping.clone();
                    tokio::select! {
                        () = raised(&mut stopping) => return Err(error),
                        () = sleep(Duration::from_millis(20)) => {}
                    }
                }
                bound => return bound,
            }
        }
    }
}
