//! Where the entities of one kind stand: by id, in the order in which they came.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use super::change::{Change, Changes};

/// An entity, which has an id of its own.
pub(crate) trait Entity: Serialize {
    /// The sections of the logs that it keeps.
    const LOGS: &'static [&'static str] = &[];

    /// Its id.
    fn key(&self) -> &Arc<str>;

    /// From now on it has to know what changes in the logs that it keeps, beginning with all that is there
    /// if `all`.
    fn follow(&mut self, _all: bool) {}

    /// What has changed in its logs since it was last asked.
    fn take_lines(&mut self, _changes: &mut Changes) -> serde_json::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct Row<V> {
    /// Rows in the order in which they came.
    number: u64,
    value: V,
}

/// What has been touched since it was last asked.
#[derive(Debug, Default)]
struct Touched {
    put: HashSet<Arc<str>>,
    gone: Vec<Arc<str>>,
}

/// All entities of one kind. Whoever keeps the world on disk has it [followed](Table::follow): from then on
/// it notes which entities were touched. Otherwise it notes nothing.
#[derive(Debug)]
pub(crate) struct Table<V> {
    rows: HashMap<Arc<str>, Row<V>>,
    made: u64,
    touched: Option<Touched>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { rows: HashMap::new(), made: 0, touched: None }
    }
}

impl<V: Entity> Table<V> {
    /// The number that the next entity gets.
    pub(crate) const fn next_number(&self) -> u64 {
        self.made + 1
    }

    /// Adds an entity; one of the same id makes room for it, and leaves it its place in the order.
    pub(crate) fn insert(&mut self, mut value: V) {
        let key = Arc::clone(value.key());
        if let Some(touched) = &mut self.touched {
            value.follow(true);
            touched.put.insert(Arc::clone(&key));
        }
        if let Some(row) = self.rows.get_mut(&key) {
            row.value = value;
        } else {
            self.made += 1;
            self.rows.insert(key, Row { number: self.made, value });
        }
    }

    /// Puts an entity back where it stood; false if there is one of its id.
    pub(crate) fn restore(&mut self, number: u64, value: V) -> bool {
        self.made = self.made.max(number);
        self.rows.insert(Arc::clone(value.key()), Row { number, value }).is_none()
    }

    /// Completes entities that were put back, each with its number.
    pub(crate) fn complete(&mut self, complete: impl Fn(u64, &mut V)) {
        self.rows.values_mut().for_each(|row| complete(row.number, &mut row.value));
    }

    pub(crate) fn get(&self, id: &str) -> Option<&V> {
        self.rows.get(id).map(|row| &row.value)
    }

    /// An entity that is to change.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut V> {
        let row = self.rows.get_mut(id)?;
        if let Some(touched) = &mut self.touched
            && !touched.put.contains(id)
        {
            touched.put.insert(Arc::clone(row.value.key()));
        }
        Some(&mut row.value)
    }

    /// An entity that is to change, which begins here if there was none.
    pub(crate) fn get_or_insert(&mut self, id: &Arc<str>, begin: impl FnOnce() -> V) -> &mut V {
        if let Some(touched) = &mut self.touched {
            touched.put.insert(Arc::clone(id));
        }
        let (made, follows) = (&mut self.made, self.touched.is_some());
        let row = self.rows.entry(Arc::clone(id)).or_insert_with(|| {
            *made += 1;
            let mut value = begin();
            if follows {
                value.follow(true);
            }
            Row { number: *made, value }
        });
        &mut row.value
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<V> {
        let (key, row) = self.rows.remove_entry(id)?;
        if let Some(touched) = &mut self.touched {
            touched.put.remove(id);
            touched.gone.push(key);
        }
        Some(row.value)
    }

    /// Removes every entity of which something holds.
    pub(crate) fn remove_all(&mut self, holds: impl Fn(&V) -> bool) {
        let gone = self.values().filter(|value| holds(value));
        let gone: Vec<_> = gone.map(|value| Arc::clone(value.key())).collect();
        for id in gone {
            self.remove(&id);
        }
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.rows.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All entities, in any order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().map(|row| &row.value)
    }

    /// All entities with their numbers, in the order in which they came.
    pub(crate) fn in_order(&self) -> Vec<(u64, &V)> {
        let mut rows: Vec<_> = self.rows.values().map(|row| (row.number, &row.value)).collect();
        rows.sort_unstable_by_key(|(number, _)| *number);
        rows
    }

    /// From now on it notes what is touched, beginning with all that is there if `all`.
    pub(crate) fn follow(&mut self, all: bool) {
        self.rows.values_mut().for_each(|row| row.value.follow(all));
        let put = if all { self.rows.keys().cloned().collect() } else { HashSet::new() };
        self.touched = Some(Touched { put, gone: Vec::new() });
    }

    /// What was touched since it was last asked.
    pub(crate) fn take_changes(&mut self, section: &'static str, changes: &mut Changes) -> serde_json::Result<()> {
        let Some(touched) = &mut self.touched else { return Ok(()) };
        for key in touched.gone.drain(..) {
            changes.push(Change::all_gone(section, &key));
            changes.extend(V::LOGS.iter().map(|log| Change::all_gone(log, &key)));
        }
        // In the order of their keys, which is that of the rows on disk: many at once are written once then.
        let mut put: Vec<_> = touched.put.drain().collect();
        put.sort_unstable();
        for key in put {
            let Some(row) = self.rows.get_mut(&key) else { continue };
            changes.push(Change::put(section, &key, row.number, &row.value)?);
            row.value.take_lines(changes)?;
        }
        Ok(())
    }
}

impl<V: Entity> Serialize for Table<V> {
    /// As the list of its entities, in the order in which they came.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.in_order().into_iter().map(|(_, value)| value))
    }
}
