//! Who may have an attempt in flight: the shared share, and those that wait for a part of it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::PushLimits;

/// The attempts in flight, and the receivers that have something to send but no turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    in_flight: usize,
    /// Those of them that go to receivers that have not answered soon last time.
    doubtful: usize,
    /// Receivers that wait for a turn; the prompt ones apart from the others.
    prompt_wait: VecDeque<Arc<str>>,
    doubtful_wait: VecDeque<Arc<str>>,
}

impl Turns {
    fn has_room(&self, prompt: bool, limits: &PushLimits) -> bool {
        self.in_flight < limits.total_in_flight && (prompt || self.doubtful < limits.total_in_flight.div_ceil(2))
    }

    /// Takes a turn if there is one.
    pub(super) fn take(&mut self, prompt: bool, limits: &PushLimits) -> bool {
        if !self.has_room(prompt, limits) {
            return false;
        }
        self.in_flight += 1;
        self.doubtful += usize::from(!prompt);
        true
    }

    /// Gives a turn back that was taken as `prompt` says.
    pub(super) fn give_back(&mut self, prompt: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.doubtful = self.doubtful.saturating_sub(usize::from(!prompt));
    }

    /// Puts a receiver at the end of those that wait.
    pub(super) fn wait(&mut self, prompt: bool, url: Arc<str>) {
        if prompt { &mut self.prompt_wait } else { &mut self.doubtful_wait }.push_back(url);
    }

    /// The next receiver whose turn it is.
    pub(super) fn next(&mut self, limits: &PushLimits) -> Option<Arc<str>> {
        let prompt = self.has_room(true, limits).then(|| self.prompt_wait.pop_front()).flatten();
        prompt.or_else(|| self.has_room(false, limits).then(|| self.doubtful_wait.pop_front()).flatten())
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight
    }
}
