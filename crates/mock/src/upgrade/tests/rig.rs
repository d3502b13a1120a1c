//! A world with one application, its LWM2M devices, a package of each kind, and an ear for every push.

use std::sync::Arc;
use std::time::Duration;

use iotdm_spec::upgrades::create_software_upgrade::{OperateDevices, OperatePolicy};
use iotdm_spec::wire::{DeviceStatus, ExecuteType, FileType, NotifyType, OperateType, StatusDetail};
use serde_json::Value;

use crate::clock::Moment;
use crate::device::{Attributes, Device, NewDevice};
use crate::mint::Mint;
use crate::outbox::Effect;
use crate::owner::{PackageFit, VersionPackage};
use crate::product::Product;
use crate::subscription::Subscription;
use crate::upgrade::{self, Fault, Operation, Order, Progress};
use crate::world::{Caller, World};

pub(super) const MINUTE: u64 = 60;

pub(super) struct Rig {
    pub(super) world: World,
    pub(super) caller: Caller,
    pub(super) software: Arc<str>,
    pub(super) firmware: Arc<str>,
}

impl Rig {
    pub(super) fn new() -> Self {
        let mut world = World::new(Mint::seeded(1), "20200214T080000Z".parse().unwrap());
        let application = world.applications.add("app", "secret", None);
        let product = Product::built_in_lwm2m("product".into(), Arc::clone(&application));
        world.products.add(product);
        let types = [
            NotifyType::DeviceInfoChanged,
            NotifyType::SwUpgradeStateChangeNotify,
            NotifyType::SwUpgradeResultNotify,
            NotifyType::FwUpgradeStateChangeNotify,
            NotifyType::FwUpgradeResultNotify,
        ];
        for notify_type in types {
            world.subscriptions.add(Subscription {
                id: notify_type.as_str().into(),
                application: Arc::clone(&application),
                notify_type,
                callback_url: "http://127.0.0.1:9/".into(),
            });
        }
        let package = |file_type, version: &str| VersionPackage {
            application: None,
            file_type,
            name: "package".to_owned(),
            version: version.to_owned(),
            fits: PackageFit::Product("product".to_owned()),
            description: None,
            date: None,
        };
        let software = world.add_package("app", package(FileType::SoftwarePackage, "V2")).unwrap();
        let firmware = world.add_package("app", package(FileType::FirmwarePackage, "F2")).unwrap();
        let caller = Caller { id: Arc::clone(&application), owner: application };
        Self { world, caller, software, firmware }
    }

    /// A device of the product; it has been online.
    pub(super) fn device(&mut self, id: &str) -> Arc<str> {
        let product = self.world.products.find("product").unwrap();
        let attributes = Attributes {
            device_type: Some(product.device_type.clone()),
            model: Some(product.model.clone()),
            manufacturer_name: Some(product.manufacturer_name.clone()),
            protocol_type: Some(product.protocol.clone()),
            sw_version: Some("V1".to_owned()),
            fw_version: Some("F1".to_owned()),
            ..Attributes::default()
        };
        let new = NewDevice {
            id: id.into(),
            application: Arc::clone(&self.caller.owner),
            gateway: None,
            node_id: id.to_owned(),
            product: Some("product".into()),
            attributes,
            secret: String::new(),
            mqtt: false,
        };
        let mut device = Device::new(new, self.world.now);
        device.activated = true;
        device.status = DeviceStatus::Offline;
        let id = Arc::clone(&device.id);
        self.world.devices.add(device);
        id
    }

    pub(super) fn online(&mut self, device: &str) {
        self.world.heard_from(device);
    }

    pub(super) fn offline(&mut self, device: &str) {
        self.world.become_status(device, DeviceStatus::Offline, StatusDetail::None);
    }

    pub(super) fn order(&self, devices: &[&str], policy: Option<OperatePolicy>) -> Order {
        let devices = Some(devices.iter().map(|id| (*id).to_owned()).collect());
        let targets =
            OperateDevices { device_groups: None, device_type: None, model: None, manufacturer_name: None, devices };
        Order { kind: OperateType::SoftwareUpgrade, file_id: self.software.to_string(), targets, policy }
    }

    pub(super) fn create(&mut self, order: Order) -> Result<Arc<str>, Fault> {
        let operation = upgrade::plan(&mut self.world, &self.caller, order)?;
        let id = Arc::clone(&operation.id);
        upgrade::start(&mut self.world, operation);
        Ok(id)
    }

    pub(super) fn operation(&self, id: &str) -> &Operation {
        self.world.upgrades.find("app", id).unwrap()
    }

    pub(super) fn report(&mut self, operation: &Arc<str>, device: &Arc<str>, progress: Progress) {
        upgrade::progressed(&mut self.world, operation, device, progress);
    }

    pub(super) fn advance(&mut self, seconds: u64) {
        let to = self.world.now.plus(Duration::from_secs(seconds));
        self.world.pass_time(to);
    }

    pub(super) fn at(&self, seconds: i64) -> Option<String> {
        Some(Moment(self.world.now.0 + seconds * 1000).to_string())
    }

    /// What was pushed since the last time, each in a few words.
    pub(super) fn pushed(&mut self) -> Vec<String> {
        let pushes = self.world.outbox.drain(..).filter_map(|effect| match effect {
            Effect::Push(push) => Some(serde_json::from_slice::<Value>(&push.body).unwrap()),
            _ => None,
        });
        pushes.map(|body| in_short(&body)).collect()
    }
}

fn in_short(body: &Value) -> String {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    match NotifyType::parse(text("notifyType")).unwrap() {
        NotifyType::SwUpgradeStateChangeNotify => format!("sw {}", text("swUpgradeState")),
        NotifyType::FwUpgradeStateChangeNotify => format!("fw {} {}", text("step"), text("stepDesc")),
        NotifyType::SwUpgradeResultNotify => {
            let versions = [text("sourceVersion"), text("curVersion"), text("targetVersion")].join(" ");
            format!("sw {} {versions} in {}", text("swUpgradeResult"), text("upgradeTime"))
        }
        NotifyType::FwUpgradeResultNotify => {
            let versions = [text("sourceVersion"), text("curVersion"), text("targetVersion")].join(" ");
            format!("fw {} {versions} in {}", text("status"), text("upgradeTime"))
        }
        _ => {
            let info = &body["deviceInfo"];
            let text = |name: &str| info[name].as_str().unwrap_or_default();
            format!("info {} {} {} {}", text("status"), text("statusDetail"), text("swVersion"), text("fwVersion"))
        }
    }
}

pub(super) const fn policy(execute_type: ExecuteType) -> OperatePolicy {
    OperatePolicy { execute_type, start_time: None, end_time: None, retry_type: None, retry_times: None }
}
