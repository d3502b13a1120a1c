//! All packages and upgrades of a platform.

use std::collections::HashMap;
use std::sync::Arc;

use super::operation::{Operation, Stage};
use crate::package::Packages;
use crate::state::{Collection, Entity, Table};

/// How many operations an application has; beyond that, the oldest that are over are forgotten.
const KEPT: usize = 2_000;

impl Entity for Operation {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All packages and upgrades of a platform.
#[derive(Debug, Default)]
pub(crate) struct Upgrades {
    pub(crate) packages: Packages,
    by_id: Table<Operation>,
    /// Ids by application, in the order of their creation.
    by_application: HashMap<Arc<str>, Vec<Arc<str>>>,
    /// Operations that a device is not through with, in the order of their creation.
    open_by_device: HashMap<Arc<str>, Vec<Arc<str>>>,
}

impl Collection for Upgrades {
    type Item = Operation;
    const SECTION: &'static str = "upgrades";

    fn table(&mut self) -> &mut Table<Operation> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Operation> {
        &self.by_id
    }

    fn restored(mut rows: Table<Operation>) -> Result<Self, String> {
        rows.complete(|_, operation| operation.count());
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Upgrades {
    pub(crate) fn add(&mut self, operation: Operation) {
        self.index(&operation);
        let of_application = self.by_application.entry(Arc::clone(&operation.application)).or_default();
        if of_application.len() > KEPT {
            let is_over = |id: &Arc<str>| self.by_id.get(id).is_some_and(|operation| !operation.is_open());
            if let Some(oldest) = of_application.iter().position(is_over) {
                self.by_id.remove(&of_application.remove(oldest));
            }
        }
        self.by_id.insert(operation);
    }

    fn index(&mut self, operation: &Operation) {
        self.by_application.entry(Arc::clone(&operation.application)).or_default().push(Arc::clone(&operation.id));
        for sub_operation in operation.sub_operations().iter().filter(|sub| sub.stage().is_open()) {
            let open = self.open_by_device.entry(Arc::clone(&sub_operation.device)).or_default();
            open.push(Arc::clone(&operation.id));
        }
    }

    /// An operation of this application; another application's is one that is not there.
    pub(crate) fn find(&self, application: &str, id: &str) -> Option<&Operation> {
        self.operation(id).filter(|operation| &*operation.application == application)
    }

    /// An operation, whosoever it is.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(id)
    }

    pub(super) fn operation_mut(&mut self, id: &str) -> Option<&mut Operation> {
        self.by_id.get_mut(id)
    }

    /// An application is gone: so are its packages, and its operations, all of which ended with its devices.
    pub(crate) fn remove_application(&mut self, application: &str) {
        self.packages.remove_application(application);
        for id in self.by_application.remove(application).unwrap_or_default() {
            self.by_id.remove(&id);
        }
    }

    /// The operations of an application, newest first.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &Operation> {
        self.by_application.get(application).into_iter().flatten().rev().filter_map(|id| self.by_id.get(id))
    }

    /// The operations that a device is not through with, oldest first.
    pub(super) fn open_of(&self, device: &str) -> impl Iterator<Item = &Operation> {
        self.open_by_device.get(device).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// The operation that a device is at.
    pub(crate) fn running_on(&self, device: &str) -> Option<&Operation> {
        let at_it = |operation: &&Operation| {
            operation.of_device(device).is_some_and(|sub_operation| sub_operation.stage() == Stage::Processing)
        };
        self.open_of(device).find(at_it)
    }

    /// The device is through with an operation.
    pub(super) fn close(&mut self, device: &str, operation: &str) {
        let Some(open) = self.open_by_device.get_mut(device) else { return };
        open.retain(|id| **id != *operation);
        if open.is_empty() {
            self.open_by_device.remove(device);
        }
    }
}
