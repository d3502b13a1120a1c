//! Device groups: what they are called, how many devices they take, and which are in them. A device
//! is in one group at most (1.11.1, line 5373).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::state::{Collection, Entity, Table, in_turn};
use crate::world::{Caller, Lookup, World};

/// A device group.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Group {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// The application whose devices it groups, by its id.
    pub(crate) application: Arc<str>,
    /// The application that created it, by its id.
    pub(crate) creator: Arc<str>,
    /// Its name, which no other group of the application has.
    pub(crate) name: String,
    /// What is said of it.
    pub(crate) description: Option<String>,
    /// The most devices that it takes; 0 means no limit.
    pub(crate) max_devices: i64,
    /// Its devices, by their ids, in the order in which they joined.
    #[serde(with = "in_turn")]
    #[schemars(with = "Vec<Arc<str>>")]
    members: BTreeMap<u64, Arc<str>>,
}

impl Group {
    pub(crate) fn new(id: Arc<str>, application: Arc<str>, creator: Arc<str>, name: String) -> Self {
        Self { id, application, creator, name, description: None, max_devices: 0, members: BTreeMap::new() }
    }

    /// Its devices, in the order in which they joined.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Arc<str>> {
        self.members.values()
    }

    /// How many devices are in it.
    pub(crate) fn size(&self) -> i64 {
        i64::try_from(self.members.len()).unwrap_or(i64::MAX)
    }

    /// Its devices; the latest that joined comes first.
    pub(crate) fn newest_members(&self) -> impl Iterator<Item = &Arc<str>> {
        self.members.values().rev()
    }

    /// Whether a group of this limit takes so many devices.
    pub(crate) fn fits(limit: i64, devices: i64) -> bool {
        limit == 0 || devices <= limit
    }
}

/// Where a device is grouped.
#[derive(Debug)]
struct Membership {
    group: Arc<str>,
    joined: u64,
}

impl Entity for Group {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All device groups of a platform.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_id: Table<Group>,
    /// Ids by application, in the order of their creation.
    by_application: HashMap<Arc<str>, Vec<Arc<str>>>,
    by_device: HashMap<Arc<str>, Membership>,
    joins: u64,
}

impl Collection for Groups {
    type Item = Group;
    const SECTION: &'static str = "groups";

    fn table(&mut self) -> &mut Table<Group> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Group> {
        &self.by_id
    }

    fn restored(rows: Table<Group>) -> Result<Self, String> {
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Groups {
    pub(crate) fn add(&mut self, group: Group) {
        self.index(&group);
        self.by_id.insert(group);
    }

    fn index(&mut self, group: &Group) {
        self.by_application.entry(Arc::clone(&group.application)).or_default().push(Arc::clone(&group.id));
        for (joined, device) in &group.members {
            self.joins = self.joins.max(*joined);
            let membership = Membership { group: Arc::clone(&group.id), joined: *joined };
            self.by_device.insert(Arc::clone(device), membership);
        }
    }

    /// A group of this application; another application's is one that is not there.
    pub(crate) fn find(&self, application: &str, id: &str) -> Option<&Group> {
        self.by_id.get(id).filter(|group| &*group.application == application)
    }

    pub(crate) fn find_mut(&mut self, application: &str, id: &str) -> Option<&mut Group> {
        self.by_id.get_mut(id).filter(|group| &*group.application == application)
    }

    /// Removes a group; its devices become ungrouped.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(group) = self.by_id.remove(id) else { return };
        for device in group.members.values() {
            self.by_device.remove(device);
        }
        if let Some(ids) = self.by_application.get_mut(&group.application) {
            ids.retain(|other| **other != *id);
        }
    }

    /// An application is gone, and its groups with it.
    pub(crate) fn remove_application(&mut self, application: &str) {
        let ids: Vec<_> = self.newest_of(application).map(|group| Arc::clone(&group.id)).collect();
        for id in ids {
            self.remove(&id);
        }
        self.by_application.remove(application);
    }

    /// The groups of an application, newest first.
    pub(crate) fn newest_of(&self, application: &str) -> impl Iterator<Item = &Group> {
        self.by_application.get(application).into_iter().flatten().rev().filter_map(|id| self.by_id.get(id))
    }

    /// The group of this name; names are unique within an application.
    pub(crate) fn by_name(&self, application: &str, name: &str) -> Option<&Group> {
        self.newest_of(application).find(|group| group.name == name)
    }

    /// How many groups an application has.
    pub(crate) fn count_of(&self, application: &str) -> usize {
        self.by_application.get(application).map_or(0, Vec::len)
    }

    /// The group that a device is in.
    pub(crate) fn of_device(&self, device: &str) -> Option<&Arc<str>> {
        self.by_device.get(device).map(|membership| &membership.group)
    }

    /// Puts a device that is in no group into one.
    pub(crate) fn join(&mut self, id: &str, device: &Arc<str>) {
        let Some(group) = self.by_id.get_mut(id) else { return };
        self.joins += 1;
        group.members.insert(self.joins, Arc::clone(device));
        let membership = Membership { group: Arc::clone(&group.id), joined: self.joins };
        self.by_device.insert(Arc::clone(device), membership);
    }

    /// Takes a device out of the group that it is in, if it is in one.
    pub(crate) fn leave(&mut self, device: &str) {
        let Some(membership) = self.by_device.remove(device) else { return };
        if let Some(group) = self.by_id.get_mut(&membership.group) {
            group.members.remove(&membership.joined);
        }
    }
}

impl World {
    /// The devices that a caller wants to have in a group, each once; none if one of them is not a
    /// device of the owner, or is in another group.
    pub(crate) fn groupable(&self, caller: &Caller, group: Option<&str>, ids: &[String]) -> Option<Vec<Arc<str>>> {
        let mut seen = BTreeSet::new();
        let once = ids.iter().filter(|id| seen.insert(id.as_str()));
        once.map(|id| match (self.look_up(caller, id), self.groups.of_device(id)) {
            (Lookup::Own(device), None) => Some(Arc::clone(&device.id)),
            (Lookup::Own(device), Some(has)) if group == Some(&**has) => Some(Arc::clone(&device.id)),
            _ => None,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Groups {
        let mut groups = Groups::default();
        for id in ["g", "h"] {
            groups.add(Group::new(id.into(), "app".into(), "app".into(), id.to_uppercase()));
        }
        groups
    }

    #[test]
    fn a_removed_group_leaves_its_devices_ungrouped() {
        let mut groups = groups();
        groups.join("g", &"d".into());
        groups.join("h", &"e".into());
        groups.remove("g");
        assert!(groups.of_device("d").is_none() && groups.of_device("e").is_some());
        assert!(groups.find("app", "g").is_none() && groups.by_name("app", "G").is_none());
        assert_eq!(groups.count_of("app"), 1);
    }

    #[test]
    fn the_newest_come_first_and_who_leaves_is_gone() {
        let mut groups = groups();
        for device in ["a", "b", "c"] {
            groups.join("g", &device.into());
        }
        groups.leave("b");
        let members: Vec<&str> = groups.find("app", "g").unwrap().newest_members().map(|id| &**id).collect();
        assert_eq!(members, ["c", "a"]);
        let names: Vec<&str> = groups.newest_of("app").map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["H", "G"]);
        assert!(groups.find("other", "g").is_none() && groups.newest_of("other").next().is_none());
    }
}
