//! Records that an entity keeps in order: so many that they are stored line by line, not with the entity.

use std::collections::VecDeque;
use std::ops::Deref;

use serde::Serialize;

use super::change::{Change, Changes};

/// The records of one entity.
#[derive(Debug)]
pub(crate) struct Log<R> {
    records: VecDeque<R>,
    /// Of each record, which one it was.
    numbers: VecDeque<u64>,
    made: u64,
    /// What has changed since it was last asked, if anybody asks: a record that came, or one that went.
    changed: Option<Vec<(u64, Option<R>)>>,
}

impl<R> Default for Log<R> {
    fn default() -> Self {
        Self { records: VecDeque::new(), numbers: VecDeque::new(), made: 0, changed: None }
    }
}

impl<R> Deref for Log<R> {
    type Target = VecDeque<R>;

    fn deref(&self) -> &VecDeque<R> {
        &self.records
    }
}

impl<R: Clone + Serialize> Log<R> {
    pub(crate) fn push(&mut self, record: R) {
        self.insert(self.records.len(), record);
    }

    pub(crate) fn insert(&mut self, at: usize, record: R) {
        let number = self.made + 1;
        if let Some(changed) = &mut self.changed {
            changed.push((number, Some(record.clone())));
        }
        self.restore(at, number, record);
    }

    /// Puts a record back that was kept elsewhere.
    pub(crate) fn restore(&mut self, at: usize, number: u64, record: R) {
        self.made = self.made.max(number);
        self.records.insert(at, record);
        self.numbers.insert(at, number);
    }

    pub(crate) fn remove_first(&mut self) {
        self.records.pop_front();
        if let (Some(number), Some(changed)) = (self.numbers.pop_front(), &mut self.changed) {
            changed.push((number, None));
        }
    }

    /// From now on it notes what changes, beginning with all that is there if `all`.
    pub(crate) fn follow(&mut self, all: bool) {
        let there = self.numbers.iter().zip(&self.records).filter(|_| all);
        self.changed = Some(there.map(|(number, record)| (*number, Some(record.clone()))).collect());
    }

    /// What has changed since it was last asked.
    pub(crate) fn take_changes(
        &mut self,
        section: &'static str,
        key: &str,
        changes: &mut Changes,
    ) -> serde_json::Result<()> {
        for (number, record) in self.changed.iter_mut().flat_map(|changed| changed.drain(..)) {
            changes.push(match record {
                Some(record) => Change::put(section, key, number, &record)?,
                None => Change::gone(section, key, number),
            });
        }
        Ok(())
    }
}
