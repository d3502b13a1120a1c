//! Upgrade operations and their sub-operations, one a device (1.12.6, 1.12.7).

use std::collections::HashMap;
use std::sync::Arc;

use iotdm_spec::wire::{ExecuteType, OperateType, OperationStatus, SubOperationStatus, UpgradeState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::package::{Package, Series};

/// Where the upgrade of one device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeStage")]
pub(crate) enum Stage {
    /// It has not begun, or begins anew.
    Wait,
    /// The device is at it.
    Processing,
    /// The device runs the new version.
    Success,
    /// It failed.
    Fail,
    /// It failed because nothing was heard of it for too long; counted apart.
    TimedOut,
    /// The operation's time was over first.
    Stop,
}

impl Stage {
    /// Whether it is not over yet.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Wait | Self::Processing)
    }

    /// The wire value.
    pub(crate) const fn status(self) -> SubOperationStatus {
        match self {
            Self::Wait => SubOperationStatus::Wait,
            Self::Processing => SubOperationStatus::Processing,
            Self::Success => SubOperationStatus::Success,
            Self::Fail | Self::TimedOut => SubOperationStatus::Fail,
            Self::Stop => SubOperationStatus::Stop,
        }
    }
}

/// How many devices of an operation are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) wait: i64,
    pub(crate) processing: i64,
    pub(crate) success: i64,
    pub(crate) fail: i64,
    pub(crate) stop: i64,
    pub(crate) timeout: i64,
}

impl Tally {
    fn of(&mut self, stage: Stage) -> &mut i64 {
        match stage {
            Stage::Wait => &mut self.wait,
            Stage::Processing => &mut self.processing,
            Stage::Success => &mut self.success,
            Stage::Fail => &mut self.fail,
            Stage::TimedOut => &mut self.timeout,
            Stage::Stop => &mut self.stop,
        }
    }

    /// All devices.
    pub(crate) const fn total(&self) -> i64 {
        self.wait + self.processing + self.success + self.fail + self.stop + self.timeout
    }
}

/// The upgrade of one device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeOfDevice")]
pub(crate) struct SubOperation {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The device, by its id. It may be gone meanwhile.
    pub(crate) device: Arc<str>,
    /// How far it is.
    // Changed by [`Operation::put`] only, which keeps the tally.
    stage: Stage,
    /// How far the device says that it is in the present attempt.
    pub(crate) step: Option<UpgradeState>,
    /// When the device got it first.
    pub(crate) started: Option<Moment>,
    /// When it ended.
    pub(crate) stopped: Option<Moment>,
    /// Why it failed.
    pub(crate) detail: Option<String>,
    /// How often the device got it.
    pub(crate) attempts: u32,
    /// How often there were news of it: a timer that was set for earlier ones has no reason left.
    pub(crate) news: u64,
    /// What the device ran before.
    pub(crate) source_version: Option<String>,
    /// When the present download began.
    pub(crate) download_began: Option<Moment>,
    /// How many seconds the present download took.
    pub(crate) download_seconds: Option<u64>,
}

impl SubOperation {
    pub(crate) const fn stage(&self) -> Stage {
        self.stage
    }

    /// Seconds from the first attempt to the end, once it is over.
    pub(crate) fn upgrade_seconds(&self) -> Option<u64> {
        Some(self.stopped?.since(self.started?).as_secs())
    }
}

/// The devices that an operation was created for, as the application named them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeTargets")]
pub(crate) struct Targets {
    /// Device groups, by their ids.
    pub(crate) groups: Vec<String>,
    /// `deviceType` of the devices.
    pub(crate) device_type: Option<String>,
    /// `model` of the devices.
    pub(crate) model: Option<String>,
    /// `manufacturerName` of the devices.
    pub(crate) manufacturer_name: Option<String>,
    /// Devices, by their ids.
    pub(crate) devices: Vec<String>,
}

/// The time in which a custom operation runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradeWindow")]
pub(crate) struct Window {
    /// When it begins.
    pub(crate) start: Moment,
    /// When it ends.
    pub(crate) end: Moment,
}

/// When and how often an operation is tried.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UpgradePolicy")]
pub(crate) struct Policy {
    /// When it runs.
    pub(crate) execute: ExecuteType,
    /// The time in which a custom operation runs.
    pub(crate) window: Option<Window>,
    /// How many more times a failed upgrade is tried.
    pub(crate) retries: u32,
}

/// An upgrade of software or firmware.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Upgrade")]
pub(crate) struct Operation {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application that it belongs to, by its id.
    pub(crate) application: Arc<str>,
    /// Whether it is of software or firmware.
    pub(crate) kind: OperateType,
    /// The package, by its id. It may be gone meanwhile.
    pub(crate) file_id: Arc<str>,
    /// The version that devices run after it.
    pub(crate) version: String,
    /// What devices the package is for.
    pub(crate) series: Series,
    /// The devices that it was created for.
    pub(crate) targets: Targets,
    /// When and how often it is tried.
    pub(crate) policy: Policy,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it began.
    pub(crate) started: Option<Moment>,
    /// When it ended.
    pub(crate) stopped: Option<Moment>,
    /// Whether its time has come: a custom one has to wait for it.
    pub(crate) due: bool,
    /// One for each device.
    sub_operations: Vec<SubOperation>,
    /// Follows from the sub-operations, like the tally.
    #[serde(skip)]
    by_device: HashMap<Arc<str>, usize>,
    #[serde(skip)]
    tally: Tally,
}

/// What an operation is made of.
pub(crate) struct NewOperation {
    pub(crate) id: Arc<str>,
    pub(crate) kind: OperateType,
    pub(crate) targets: Targets,
    pub(crate) policy: Policy,
    /// Sub-operation and device, each device once.
    pub(crate) devices: Vec<(Arc<str>, Arc<str>)>,
}

impl Operation {
    pub(crate) fn new(new: NewOperation, package: &Package, now: Moment) -> Self {
        //= 1.12.7/rule/sub-task-per-device
        let sub_operations: Vec<_> = new.devices.into_iter().map(|(id, device)| waiting(id, device)).collect();
        let mut operation = Self {
            id: new.id,
            application: Arc::clone(&package.application),
            kind: new.kind,
            file_id: Arc::clone(&package.file_id),
            version: package.version.clone(),
            series: package.series.clone(),
            targets: new.targets,
            policy: new.policy,
            created: now,
            started: None,
            stopped: None,
            due: false,
            sub_operations,
            by_device: HashMap::new(),
            tally: Tally::default(),
        };
        operation.count();
        operation
    }

    /// Makes index and tally anew from the sub-operations.
    pub(crate) fn count(&mut self) {
        self.by_device.clear();
        self.tally = Tally::default();
        for (place, sub_operation) in self.sub_operations.iter().enumerate() {
            self.by_device.insert(Arc::clone(&sub_operation.device), place);
            *self.tally.of(sub_operation.stage) += 1;
        }
    }

    /// The status of the whole.
    pub(crate) const fn status(&self) -> OperationStatus {
        let tally = &self.tally;
        match () {
            () if tally.wait + tally.processing > 0 && self.started.is_none() => OperationStatus::Wait,
            () if tally.wait + tally.processing > 0 => OperationStatus::Processing,
            () if tally.stop > 0 => OperationStatus::Stop,
            () if tally.fail + tally.timeout > 0 => OperationStatus::Failed,
            () => OperationStatus::Success,
        }
    }

    /// Whether some device is not through with it.
    pub(crate) const fn is_open(&self) -> bool {
        self.tally.wait + self.tally.processing > 0
    }

    pub(crate) const fn tally(&self) -> Tally {
        self.tally
    }

    pub(crate) fn sub_operations(&self) -> &[SubOperation] {
        &self.sub_operations
    }

    pub(crate) fn of_device(&self, device: &str) -> Option<&SubOperation> {
        self.sub_operations.get(*self.by_device.get(device)?)
    }

    pub(crate) fn of_device_mut(&mut self, device: &str) -> Option<&mut SubOperation> {
        self.sub_operations.get_mut(*self.by_device.get(device)?)
    }

    /// Puts the upgrade of a device at another stage. What is over stays as it is.
    pub(crate) fn put(&mut self, device: &str, stage: Stage) {
        let Some(place) = self.by_device.get(device) else { return };
        let Some(sub_operation) = self.sub_operations.get_mut(*place) else { return };
        if !sub_operation.stage.is_open() {
            return;
        }
        *self.tally.of(sub_operation.stage) -= 1;
        *self.tally.of(stage) += 1;
        sub_operation.stage = stage;
        sub_operation.news += 1;
    }
}

fn waiting(id: Arc<str>, device: Arc<str>) -> SubOperation {
    SubOperation {
        id,
        device,
        stage: Stage::Wait,
        step: None,
        started: None,
        stopped: None,
        detail: None,
        attempts: 0,
        news: 0,
        source_version: None,
        download_began: None,
        download_seconds: None,
    }
}
