//! A list of things that arrived, on which a step can wait.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// A list of things that arrived, on which a step can wait.
#[derive(Debug)]
pub struct Inbox<T> {
    items: Mutex<Vec<Item<T>>>,
    arrived: Notify,
}

#[derive(Debug)]
struct Item<T> {
    value: T,
    taken: bool,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self { items: Mutex::new(Vec::new()), arrived: Notify::new() }
    }
}

impl<T: Clone> Inbox<T> {
    /// Adds what arrived.
    pub fn put(&self, value: T) {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(Item { value, taken: false });
        self.arrived.notify_waiters();
    }

    /// Everything that arrived and was not taken.
    #[must_use]
    pub fn waiting(&self) -> Vec<T> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().filter(|item| !item.taken).map(|item| item.value.clone()).collect()
    }

    /// Everything that ever arrived.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|item| item.value.clone()).collect()
    }

    /// Takes the first thing that suits, waiting for it if need be; `None` when the time is over.
    pub async fn take(&self, within: Duration, mut suits: impl FnMut(&T) -> bool) -> Option<T> {
        let deadline = Instant::now() + within;
        loop {
            // Registered before the list is looked at, so that nothing can arrive in between.
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if let Some(value) = self.take_now(&mut suits) {
                return Some(value);
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.take_now(&mut suits);
            }
        }
    }

    fn take_now(&self, suits: &mut impl FnMut(&T) -> bool) -> Option<T> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let item = items.iter_mut().find(|item| !item.taken && suits(&item.value))?;
        item.taken = true;
        Some(item.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn what_suits_is_taken_once() {
        let inbox = Arc::new(Inbox::default());
        inbox.put(1);
        let other = inbox.clone();
        let task = tokio::spawn(async move { other.take(Duration::from_secs(5), |n| *n == 2).await });
        tokio::task::yield_now().await;
        inbox.put(2);
        assert_eq!(task.await.unwrap(), Some(2));
        assert_eq!(inbox.take(Duration::ZERO, |n| *n == 2).await, None);
        assert_eq!(inbox.waiting(), [1]);
    }
}
