//! Devices as the platform's owner sees them: in pages, and searched.

use serde::{Serialize, Serializer};

use crate::clock::Moment;
use crate::device::Device;
use crate::platform::Platform;
use crate::world::World;

/// How many devices stand on a page.
const PAGE_SIZE: usize = 50;
/// How many devices a search looks at, at most.
const MOST_SEARCHED: usize = 200_000;

/// A device as the platform's owner sees it, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeviceState {
    /// Its id.
    pub device_id: String,
    /// Its node id.
    pub node_id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The application that it belongs to.
    pub application: String,
    /// Its product, if it has one.
    pub product: Option<String>,
    /// Its gateway, if it is not a direct device.
    pub gateway: Option<String>,
    /// What it speaks: `MQTT`, or what its product says.
    pub protocol: Option<String>,
    /// Its status.
    pub status: &'static str,
    /// What stands beside that.
    pub status_detail: &'static str,
    /// Whether it has ever been active.
    pub activated: bool,
    /// The door's number of its MQTT session, if it has one.
    pub session: Option<u64>,
    /// When it was registered.
    #[serde(serialize_with = "wire_form")]
    pub created: Moment,
    /// When it last sent anything; if it never did, when it was registered.
    #[serde(serialize_with = "wire_form")]
    pub last_heard: Moment,
}

/// A moment in the form that people and the reference write it in.
fn wire_form<S: Serializer>(at: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// A page of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DevicePage {
    /// The devices: by application, the newest first.
    pub devices: Vec<DeviceState>,
    /// The page's number; the first is 0.
    pub page: usize,
    /// How many stand on a full page.
    pub page_size: usize,
    /// How many there are on all pages.
    pub total: usize,
    /// Whether the search looked at every device; it gives up after 200,000.
    pub complete: bool,
}

impl World {
    /// A page of the devices whose id, node id or name holds what is searched for, in any case of
    /// letters; an empty search finds all.
    pub(crate) fn device_page(&self, page: usize, search: &str, application: Option<&str>) -> DevicePage {
        let mut applications: Vec<&str> = self.applications.iter().map(|a| &*a.id).collect();
        applications.retain(|id| application.is_none_or(|wanted| wanted == *id));
        applications.sort_unstable();
        let all = applications.iter().flat_map(|id| self.devices.newest_of(id));
        let everything: usize = applications.iter().map(|id| self.devices.count_of(id)).sum();
        let skipped = page.saturating_mul(PAGE_SIZE);
        let search = search.trim().to_lowercase();
        let mut total = 0;
        let mut devices = Vec::new();
        if search.is_empty() {
            devices.extend(all.skip(skipped).take(PAGE_SIZE).map(|device| self.device_state(device)));
            total = everything;
        } else {
            for device in all.take(MOST_SEARCHED).filter(|device| is_meant(device, &search)) {
                total += 1;
                if total > skipped && devices.len() < PAGE_SIZE {
                    devices.push(self.device_state(device));
                }
            }
        }
        let complete = search.is_empty() || everything <= MOST_SEARCHED;
        DevicePage { devices, page, page_size: PAGE_SIZE, total, complete }
    }

    pub(crate) fn device_state(&self, device: &Device) -> DeviceState {
        let product = device.product.as_deref().and_then(|id| self.products.find(id));
        let spoken = || product.map(|product| product.protocol.clone());
        DeviceState {
            device_id: device.id.to_string(),
            node_id: device.node_id.clone(),
            name: device.attributes.name.clone(),
            application: device.application.to_string(),
            product: device.product.as_deref().map(str::to_owned),
            gateway: (!device.is_direct()).then(|| device.gateway.to_string()),
            protocol: if device.mqtt { Some("MQTT".to_owned()) } else { spoken() },
            status: device.status.as_str(),
            status_detail: device.status_detail.as_str(),
            activated: device.activated,
            session: device.session.as_ref().map(|session| session.id),
            created: device.created,
            last_heard: device.last_heard,
        }
    }
}

/// `search` is in lower case.
fn is_meant(device: &Device, search: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(search);
    holds(&device.id) || holds(&device.node_id) || device.attributes.name.as_deref().is_some_and(holds)
}

impl Platform {
    /// A page of the devices whose id, node id or name holds what is searched for, whatever the case of
    /// its letters; an empty search finds all. The first page is 0.
    #[must_use]
    pub fn devices(&self, page: usize, search: &str) -> DevicePage {
        self.core.enter(|world| world.device_page(page, search, None))
    }
}
