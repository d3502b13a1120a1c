//! Whether the ids in a world lead somewhere. What may outlive the thing that it names is left alone: a
//! finished batch task names devices that are gone, and a device may have lost its product.

use super::{Collection, Entity, StateError, Table};
use crate::world::World;

/// Refuses a world in which an id leads nowhere.
pub(super) fn check(world: &World) -> Result<(), StateError> {
    let application = |id: &str| world.applications.find(id).is_some();
    let device = |id: &str| world.devices.find(id).is_some();
    let owned = Fact { member: "application", what: "application", exists: &application };
    let of_device = Fact { member: "device", what: "device", exists: &device };
    owned.holds(&world.products, |row| vec![&*row.application])?;
    owned.holds(&world.devices, |row| vec![&*row.application])?;
    Fact { member: "gateway", ..of_device }.holds(&world.devices, |row| vec![&*row.gateway])?;
    owned.holds(&world.groups, |row| vec![&*row.application])?;
    Fact { member: "members", ..of_device }
        .holds(&world.groups, |row| row.members().map(|member| &**member).collect())?;
    of_device.holds(&world.lora, |row| vec![&*row.device])?;
    owned.holds(&world.subscriptions, |row| vec![&*row.application])?;
    owned.holds(&world.commands, |row| vec![&*row.application])?;
    of_device.holds(&world.commands, |row| vec![&*row.device])?;
    owned.holds(&world.commands.cancel_tasks, |row| vec![&*row.application])?;
    of_device.holds(&world.commands.cancel_tasks, |row| vec![&*row.device])?;
    owned.holds(&world.batch_tasks, |row| vec![&*row.application])?;
    owned.holds(&world.upgrades.packages, |row| vec![&*row.application])?;
    owned.holds(&world.upgrades, |row| vec![&*row.application])?;
    of_device.holds(&world.simulated, |row| vec![&*row.device])
}

/// That a member of every entity of a kind names something that is there.
#[derive(Clone, Copy)]
struct Fact<'f> {
    member: &'static str,
    what: &'static str,
    exists: &'f dyn Fn(&str) -> bool,
}

impl Fact<'_> {
    fn holds<C: Collection>(self, collection: &C, names: impl Fn(&C::Item) -> Vec<&str>) -> Result<(), StateError> {
        let rows: &Table<C::Item> = collection.rows();
        if rows.values().all(|row| names(row).into_iter().all(self.exists)) {
            return Ok(());
        }
        for (place, (_, row)) in rows.in_order().into_iter().enumerate() {
            if let Some(id) = names(row).into_iter().find(|id| !(self.exists)(id)) {
                let (section, key, Self { member, what, .. }) = (C::SECTION, row.key(), self);
                let reason = format!("{section}[{place}].{member} (of {key:?}): there is no {what} {id:?}");
                return Err(StateError::new(reason));
            }
        }
        Ok(())
    }
}
