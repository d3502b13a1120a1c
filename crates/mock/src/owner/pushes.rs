//! What the platform's owner sees of pushes, and chooses: whether failures are repeated.

use std::time::Duration;

use crate::platform::Platform;
use crate::receivers::{PushRetries, PushState};

impl Platform {
    /// Chooses whether failed pushes are tried again.
    ///
    /// They are on the platform's time, and [`Platform::advance`] doesn't wait for receivers: an
    /// attempt that becomes due is handed over before it returns, and fails or not when its answer
    /// comes. So one `advance` gives each cached push one attempt at most. To see every attempt, move
    /// the time on in steps, and wait in between with [`Platform::pushes_settled`] or for the journal.
    pub fn retry_pushes(&self, retries: PushRetries) {
        self.core.enter(|world| world.retry_pushes(retries));
    }

    /// What waits to be pushed, and how the receivers have answered.
    #[must_use]
    pub fn pushes(&self) -> PushState {
        self.core.enter(|world| world.receivers.state())
    }

    /// Waits until no push is in flight; false if that takes too long. Pushes that are cached for
    /// another attempt are not waited for.
    pub async fn pushes_settled(&self, within: Duration) -> bool {
        self.core.pusher.settle(within).await
    }
}
