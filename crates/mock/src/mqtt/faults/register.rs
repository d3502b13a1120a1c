//! The faults that are ordered, and which of them strikes when.
//!
//! The lock is held for a few instructions, never across an await. While no order is open a question
//! costs one look at a number.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;
use serde::Serialize;

use super::{BadCertificate, DeviceFault, FaultOrder, Point, Times};
use crate::mqtt::door::Refused;
use crate::tls::{Authority, CertificateError};

/// The most orders of a device; those that are carried out make room.
const MAX_OF_DEVICE: usize = 32;
/// The most orders of a platform.
const MAX_IN_ALL: usize = 4096;

/// The faults ordered on one platform.
pub(crate) struct Faults {
    /// How many orders are open.
    open: AtomicUsize,
    inside: Mutex<Inside>,
    authority: Authority,
}

#[derive(Default)]
struct Inside {
    last_id: u64,
    by_device: HashMap<Arc<str>, Vec<Entry>>,
}

struct Entry {
    id: u64,
    order: FaultOrder,
    struck: u32,
    /// The session that is being counted, and how many of its packets were.
    counted: (u64, u32),
    certificate: Option<Shown>,
}

/// A bad certificate, ready to be shown, and to whom.
struct Shown {
    node_id: String,
    peer: Option<IpAddr>,
    config: Arc<ServerConfig>,
}

/// A fault that was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderedFault {
    /// Its number, by which it can be removed.
    pub id: u64,
    /// What was ordered.
    #[serde(flatten)]
    pub order: FaultOrder,
    /// How often it struck.
    pub struck: u32,
}

/// One strike of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// The order's number.
    pub id: u64,
    /// The fault.
    pub fault: DeviceFault,
    /// The how manieth of this order.
    pub count: u32,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {} ({}, strike {})", self.id, self.fault.name(), self.count)
    }
}

/// Why a fault can't be ordered.
#[derive(Debug)]
pub(crate) enum Unorderable {
    /// There are too many orders already; how many are allowed.
    Full(usize),
    /// The certificate can't be made.
    Certificate(CertificateError),
}

impl Entry {
    fn is_open(&self) -> bool {
        match self.order.times {
            Times::Always => true,
            Times::Limited(times) => self.struck < times.get(),
        }
    }

    fn report(&self) -> OrderedFault {
        OrderedFault { id: self.id, order: self.order.clone(), struck: self.struck }
    }

    /// Whether its time has come, at a point where it may strike.
    fn is_due(&mut self, point: Point) -> bool {
        let (DeviceFault::DropAfterPackets { packets }, Point::Answered(session)) = (&self.order.fault, point) else {
            return true;
        };
        let before = if self.counted.0 == session { self.counted.1 } else { 0 };
        self.counted = (session, before + 1);
        self.counted.1 >= packets.get()
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(Authority::default())
    }
}

impl Faults {
    pub(crate) fn new(authority: Authority) -> Self {
        Self { open: AtomicUsize::new(0), inside: Mutex::default(), authority }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an order. `peer` is where the device was seen, `exists` tells which devices there are.
    pub(crate) fn order(
        &self,
        (device, node_id): (&Arc<str>, &str),
        order: FaultOrder,
        seen_at: Option<IpAddr>,
        exists: impl Fn(&str) -> bool,
    ) -> Result<OrderedFault, Unorderable> {
        let certificate = match &order.fault {
            DeviceFault::Certificate { kind, peer } => Some(Shown {
                node_id: node_id.to_owned(),
                peer: peer.or(seen_at).map(|peer| peer.to_canonical()),
                config: self.bad_certificate(*kind, [device, node_id]).map_err(Unorderable::Certificate)?,
            }),
            _ => None,
        };
        let mut inside = self.inside();
        inside.make_room(device, exists)?;
        inside.last_id += 1;
        let entry = Entry { id: inside.last_id, order, struck: 0, counted: (0, 0), certificate };
        let report = entry.report();
        inside.by_device.entry(Arc::clone(device)).or_default().push(entry);
        self.recount(&inside);
        Ok(report)
    }

    fn bad_certificate(&self, kind: BadCertificate, names: [&str; 2]) -> Result<Arc<ServerConfig>, CertificateError> {
        match kind {
            BadCertificate::Expired => self.authority.expired(&names),
            BadCertificate::Untrusted => self.authority.untrusted(&names),
            BadCertificate::WrongName => self.authority.wrong_name(),
        }
    }

    /// The orders for a device, oldest first, those that are carried out included.
    pub(crate) fn of(&self, device: &str) -> Vec<OrderedFault> {
        self.inside().by_device.get(device).into_iter().flatten().map(Entry::report).collect()
    }

    /// Removes one order of a device, or all of them; says how many there were.
    pub(crate) fn remove(&self, device: &str, id: Option<u64>) -> usize {
        let mut inside = self.inside();
        let Some(entries) = inside.by_device.get_mut(device) else { return 0 };
        let before = entries.len();
        entries.retain(|entry| id.is_some_and(|id| entry.id != id));
        let removed = before - entries.len();
        if entries.is_empty() {
            inside.by_device.remove(device);
        }
        self.recount(&inside);
        removed
    }

    fn recount(&self, inside: &Inside) {
        let open = inside.by_device.values().flatten().filter(|entry| entry.is_open()).count();
        self.open.store(open, Ordering::Release);
    }

    /// The fault that strikes a device at this point, if one does.
    pub(crate) fn strike(&self, device: &str, point: Point) -> Option<Strike> {
        if self.open.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut inside = self.inside();
        let mut able =
            inside.by_device.get_mut(device)?.iter_mut().filter(|e| e.is_open() && e.order.fault.may_strike(point));
        let entry = able.find_map(|entry| entry.is_due(point).then_some(entry))?;
        Some(self.land(entry))
    }

    fn land(&self, entry: &mut Entry) -> Strike {
        entry.struck = entry.struck.saturating_add(1);
        if !entry.is_open() {
            self.open.fetch_sub(1, Ordering::Release);
        }
        Strike { id: entry.id, fault: entry.order.fault.clone(), count: entry.struck }
    }

    /// What becomes of a CONNECT that names the device, if a fault decides that.
    pub(crate) fn refuse(&self, device: &str) -> Option<Refused> {
        let strike = self.strike(device, Point::Connect)?;
        let code = match strike.fault {
            DeviceFault::RefuseConnect { code } => Some(code),
            _ => None,
        };
        Some(Refused { code, reason: strike.to_string() })
    }

    /// The certificate that a handshake is shown instead of the right one. Who names a device in its
    /// SNI is that device; then comes whose address is expected, then whoever.
    pub(crate) fn at_handshake(&self, name: Option<&str>, peer: IpAddr) -> Option<(Strike, Arc<ServerConfig>)> {
        if self.open.load(Ordering::Acquire) == 0 {
            return None;
        }
        let peer = peer.to_canonical();
        let mut inside = self.inside();
        let fitting = inside.by_device.iter_mut().flat_map(|(device, entries)| {
            entries.iter_mut().filter(|entry| entry.is_open()).filter_map(|entry| {
                let shown = entry.certificate.as_ref()?;
                let named =
                    name.is_some_and(|name| [device, &*shown.node_id].iter().any(|d| d.eq_ignore_ascii_case(name)));
                let rank = match shown.peer {
                    _ if named => 0,
                    Some(expected) if expected == peer => 1,
                    Some(_) => return None,
                    None => 2,
                };
                Some(((rank, entry.id), entry))
            })
        });
        let (_, entry) = fitting.min_by_key(|(rank, _)| *rank)?;
        let config = Arc::clone(&entry.certificate.as_ref()?.config);
        Some((self.land(entry), config))
    }
}

impl Inside {
    /// Orders that are carried out, and orders for devices that are gone, make room for new ones.
    fn make_room(&mut self, device: &str, exists: impl Fn(&str) -> bool) -> Result<(), Unorderable> {
        if let Some(entries) = self.by_device.get_mut(device)
            && entries.len() >= MAX_OF_DEVICE
        {
            let oldest = entries.iter().position(|entry| !entry.is_open());
            entries.remove(oldest.ok_or(Unorderable::Full(MAX_OF_DEVICE))?);
        }
        let in_all = |inside: &Self| inside.by_device.values().map(Vec::len).sum::<usize>();
        if in_all(self) >= MAX_IN_ALL {
            self.by_device.retain(|device, entries| {
                entries.retain(Entry::is_open);
                !entries.is_empty() && exists(device)
            });
        }
        if in_all(self) >= MAX_IN_ALL { Err(Unorderable::Full(MAX_IN_ALL)) } else { Ok(()) }
    }
}
