//! Grants: which application may act on what belongs to another, and how far.

use std::sync::Arc;

use super::OwnerError;
use crate::application::Access;
use crate::platform::Platform;
use crate::world::World;

impl World {
    /// Lets `to` act on what belongs to `owner`, so far; an earlier grant is replaced.
    pub(crate) fn grant(&mut self, owner: &str, to: &str, access: Access) -> Result<(), OwnerError> {
        let to = self.known_application(to)?;
        let owner = self.known_application(owner)?;
        if let Some(owner) = self.applications.find_mut(&owner) {
            owner.grants.insert(to, access);
        }
        Ok(())
    }

    /// Takes a grant back.
    pub(crate) fn revoke(&mut self, owner: &str, to: &str) -> Result<(), OwnerError> {
        let owner = self.known_application(owner)?;
        let revoked = self.applications.find_mut(&owner).and_then(|owner| owner.grants.remove(to));
        revoked.map(|_| ()).ok_or_else(|| OwnerError::NoGrant { owner: owner.to_string(), to: to.to_owned() })
    }

    fn known_application(&self, id: &str) -> Result<Arc<str>, OwnerError> {
        let found = self.applications.find(id).map(|application| Arc::clone(&application.id));
        found.ok_or_else(|| OwnerError::UnknownApplication(id.to_owned()))
    }
}

impl Platform {
    /// Lets the application `to` act on what belongs to `owner`, so far; an earlier grant is replaced.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`].
    pub fn grant(&self, owner: &str, to: &str, access: Access) -> Result<(), OwnerError> {
        self.core.enter(|world| world.grant(owner, to, access))
    }

    /// Takes a grant back.
    ///
    /// # Errors
    /// [`OwnerError::UnknownApplication`], [`OwnerError::NoGrant`].
    pub fn revoke(&self, owner: &str, to: &str) -> Result<(), OwnerError> {
        self.core.enter(|world| world.revoke(owner, to))
    }
}
