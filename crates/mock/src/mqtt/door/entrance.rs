//! The door as the platform holds it: listeners, the downlink, and the end.

use super::greet;
use super::host::Host;
use super::restart::{Keepers, Order, accept};
use super::router::RouterLease;
use super::seats::Seats;
use crate::mqtt::faults::Faults;
use bytes::Bytes;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// For how long [`Door::stop`] waits for sessions to end by themselves.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// So many TLS handshakes are under way at once, counted from when the other end has begun its own. If
/// ten thousand devices come at once, all of them would else get a little further and none through
/// before its time is over.
const HANDSHAKES: usize = 256;

/// The measures of a door.
pub struct DoorConfig {
    /// The longest packet that is accepted, without its fixed header. 256 KiB.
    pub max_packet: usize,
    /// More connections than these are closed at once. 20,000.
    pub max_connections: usize,
    /// What a connection may take to begin its TLS handshake, to finish it, and then to send its CONNECT,
    /// each. How long it waits for its turn doesn't count: that is the door's doing. 10 s.
    pub connect_timeout: Duration,
    /// For how long a session's full writing buffer may stay full. 10 s.
    pub stall_timeout: Duration,
    /// The place in a router.
    pub router: RouterLease,
    /// What is ordered to go wrong.
    pub faults: Arc<Faults>,
}

impl DoorConfig {
    /// The usual measures.
    pub fn new(router: RouterLease, faults: Arc<Faults>) -> Self {
        Self {
            max_packet: 256 * 1024,
            max_connections: 20_000,
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(10),
            router,
            faults,
        }
    }
}

/// What the tasks of a door share.
pub(super) struct Core {
    pub(super) host: Arc<dyn Host>,
    pub(super) seats: Arc<Seats>,
    pub(super) router: RouterLease,
    pub(super) faults: Arc<Faults>,
    pub(super) max_packet: usize,
    pub(super) connect_timeout: Duration,
    pub(super) stall_timeout: Duration,
    places: Arc<Semaphore>,
    /// Turns to shake hands.
    pub(super) handshakes: Semaphore,
}

/// An open door.
pub struct Door {
    core: Arc<Core>,
    stopping: watch::Sender<bool>,
    listeners: Mutex<Vec<JoinHandle<()>>>,
    keepers: Arc<Keepers>,
}

/// The platform's side of a door, cheap to clone. It doesn't keep the host alive, so the host may
/// own one. Once the door is closed it does nothing.
#[derive(Clone)]
pub struct DoorHandle {
    pub(super) seats: Arc<Seats>,
    pub(super) keepers: Arc<Keepers>,
}

impl Door {
    /// Opens a door with one listener (bound, non-blocking) on the current tokio runtime.
    pub fn start(
        listener: std::net::TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
        host: Arc<dyn Host>,
        config: DoorConfig,
    ) -> io::Result<Self> {
        let core = Core {
            host,
            seats: Arc::new(Seats::new()),
            router: config.router,
            faults: config.faults,
            max_packet: config.max_packet,
            connect_timeout: config.connect_timeout,
            stall_timeout: config.stall_timeout,
            places: Arc::new(Semaphore::new(config.max_connections)),
            handshakes: Semaphore::new(HANDSHAKES),
        };
        let door = Self {
            core: Arc::new(core),
            stopping: watch::Sender::new(false),
            listeners: Mutex::default(),
            keepers: Arc::default(),
        };
        door.add_listener(listener, tls)?;
        Ok(door)
    }

    /// Opens the door to another address. What comes in shares the sessions of the first.
    pub fn add_listener(
        &self,
        listener: std::net::TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> io::Result<()> {
        let runtime = tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let listener = TcpListener::from_std(listener)?;
        let entrance = Entrance {
            core: self.core.clone(),
            tls: tls.map(TlsAcceptor::from),
            stopping: self.stopping.subscribe(),
            address: listener.local_addr()?,
            orders: self.keepers.hire(),
        };
        let task = runtime.spawn(entrance.receive(listener));
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        Ok(())
    }

    /// A handle for the host to keep.
    pub fn handle(&self) -> DoorHandle {
        DoorHandle { seats: self.core.seats.clone(), keepers: self.keepers.clone() }
    }

    /// What its sessions are made of.
    #[cfg(test)]
    pub(super) fn inside(&self) -> (Arc<Core>, watch::Receiver<bool>) {
        (self.core.clone(), self.stopping.subscribe())
    }

    /// See [`DoorHandle::publish`].
    #[cfg(test)]
    pub fn publish(&self, device: &str, topic: &str, payload: Bytes, token: u64) -> bool {
        self.core.seats.publish(device, topic, payload, token)
    }

    /// See [`DoorHandle::close`].
    #[cfg(test)]
    pub fn close(&self, device: &str, why: &str) {
        self.core.seats.close(device, why);
    }

    /// See [`DoorHandle::subscribed`].
    #[cfg(test)]
    pub fn subscribed(&self, device: &str, topic: &str) -> bool {
        self.core.seats.subscribed(device, topic)
    }

    /// See [`DoorHandle::sessions`].
    #[cfg(test)]
    pub fn sessions(&self) -> usize {
        self.core.seats.count()
    }

    /// Closes the listeners and all sessions and waits for them. When it returns, the host isn't
    /// called any more and the router's place is free.
    pub async fn stop(self) {
        self.shut();
        let listeners: Vec<_> = {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.drain(..).collect()
        };
        for listener in listeners {
            let _ = listener.await;
        }
    }

    fn shut(&self) {
        self.stopping.send_replace(true);
        self.core.seats.shut();
    }
}

impl Drop for Door {
    /// A door that is dropped closes too, but nobody waits for it.
    fn drop(&mut self) {
        self.shut();
    }
}

impl DoorHandle {
    /// Sends a message to a device, at the QoS of its subscription but 1 at most.
    ///
    /// `false` if the device has no session, no matching subscription, or too much waiting already:
    /// then the message is lost. `true` says that it is on its way; [`Host::delivered`] comes with the
    /// token when it has arrived, and doesn't come if the session ends before. Never blocks and never
    /// calls the host.
    pub fn publish(&self, device: &str, topic: &str, payload: Bytes, token: u64) -> bool {
        self.seats.publish(device, topic, payload, token)
    }

    /// Closes the session of a device, if it has one. Never blocks and never calls the host:
    /// [`Host::closed`] comes from the session's own task.
    pub fn close(&self, device: &str, why: &str) {
        self.seats.close(device, why);
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.seats.count()
    }

    /// Where the session of a device comes from, if it has one.
    pub fn peer(&self, device: &str) -> Option<IpAddr> {
        self.seats.peer(device)
    }
}

/// Waits until the door is to be closed.
pub(super) async fn raised(stopping: &mut watch::Receiver<bool>) {
    // An error says that the door is gone, which is the same.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// One listener's task.
pub(super) struct Entrance {
    pub(super) core: Arc<Core>,
    tls: Option<TlsAcceptor>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) address: SocketAddr,
    orders: mpsc::Receiver<Order>,
}

impl Entrance {
    async fn receive(mut self, listener: TcpListener) {
        let mut listener = Some(listener);
        let mut stopping = self.stopping.clone();
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                () = raised(&mut stopping) => break,
                Some(_) = tasks.join_next() => {}
                Some(order) = self.orders.recv() => self.obey(order, &mut listener, &mut tasks).await,
                accepted = accept(listener.as_ref()) => match accepted {
                    Ok((socket, peer)) => self.admit(socket, peer, &mut tasks),
                    // Out of descriptors, or a connection that died in the backlog.
                    Err(_) => sleep(Duration::from_millis(20)).await,
                },
            }
        }
        drop(listener);
        let _ = timeout(PATIENCE, async { while tasks.join_next().await.is_some() {} }).await;
        tasks.shutdown().await;
    }

    fn admit(&self, socket: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let Ok(place) = self.core.places.clone().try_acquire_owned() else {
            self.core.host.turned_away(peer, "too many connections");
            return;
        };
        // Answers are small and waited for. Without the option they still arrive.
        let _ = socket.set_nodelay(true);
        let visitor = greet::Visitor {
            core: self.core.clone(),
            peer,
            tls: self.tls.is_some(),
            stopping: self.stopping.clone(),
            shown: None,
        };
        let tls = self.tls.clone();
        tasks.spawn(async move {
            visitor.serve(socket, tls).await;
            drop(place);
        });
    }
}
