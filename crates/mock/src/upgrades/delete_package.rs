//! 1.12.3 Delete a version package.

use iotdm_spec::upgrades::delete_package::{DeletePackage, Request, error};

use crate::routes::Answer;
use crate::upgrade;
use crate::world::{Caller, World};

pub(crate) fn delete_package(world: &mut World, caller: &Caller, call: Request) -> Answer<DeletePackage> {
    let package = world.upgrades.packages.find(&caller.owner, &call.file_id);
    if package.is_none() {
        return Err(error::DEVICE_OR_PACKAGE_NOT_FOUND);
    }
    // Also one that is in use.
    world.upgrades.packages.remove(&call.file_id);
    upgrade::package_removed(world, &caller.owner, &call.file_id);
    Ok(())
}
