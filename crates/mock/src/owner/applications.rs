//! Applications and the grants between them.

use std::sync::Arc;

use super::OwnerError;
use crate::world::World;

/// A change of an application; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationChange {
    /// Whether it is frozen: it may not log in.
    pub frozen: Option<bool>,
    /// Whether the platform has a licence for its devices.
    pub licensed: Option<bool>,
    /// The most devices that it may register; `Some(None)` lifts the limit.
    pub device_limit: Option<Option<usize>>,
    /// The most device groups that it may create; `Some(None)` lifts the limit.
    pub group_limit: Option<Option<usize>>,
    /// The most protected calls in 60 s; `Some(None)` lifts the limit.
    pub throttle: Option<Option<u32>>,
}

impl World {
    pub(crate) fn change_application(&mut self, id: &str, change: &ApplicationChange) -> Result<(), OwnerError> {
        let unknown = || OwnerError::UnknownApplication(id.to_owned());
        let application = self.applications.find_mut(id).ok_or_else(unknown)?;
        application.frozen = change.frozen.unwrap_or(application.frozen);
        application.licensed = change.licensed.unwrap_or(application.licensed);
        application.device_limit = change.device_limit.unwrap_or(application.device_limit);
        application.group_limit = change.group_limit.unwrap_or(application.group_limit);
        if let Some(throttle) = change.throttle {
            application.set_throttle(throttle);
        }
        Ok(())
    }

    /// Lets `to` act on what belongs to `owner`.
    pub(crate) fn grant(&mut self, owner: &str, to: &str) -> Result<(), OwnerError> {
        let unknown = |id: &str| OwnerError::UnknownApplication(id.to_owned());
        let to = Arc::clone(&self.applications.find(to).ok_or_else(|| unknown(to))?.id);
        self.applications.find_mut(owner).ok_or_else(|| unknown(owner))?.grants.insert(to);
        Ok(())
    }
}
