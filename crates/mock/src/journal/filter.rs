//! Which entries are wanted, how many there are, and what was nearly one.

use std::collections::HashSet;
use std::sync::Arc;

use iotdm_spec::{catalogue, nearest};

use super::packets::sessions_of;
use super::{Entry, Event, EventKind, Journal};
use crate::clock::Moment;
use crate::deviation::DeviationKind;

/// Which entries are wanted. Everything that is set must hold; nothing set means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// The operation's or the notification's name, such as `login` or `device_added`.
    pub operation: Option<String>,
    /// Its clause, such as `1.4.1`.
    pub clause: Option<String>,
    /// The application that called, or whose push it is.
    pub application: Option<String>,
    /// The device's id: in the path, the query, the body or the answer of a call, of a session, of a push.
    pub device: Option<String>,
    /// The kind of entry.
    pub kind: Option<EventKind>,
    /// The HTTP status of a call's or a push's answer.
    pub status: Option<u16>,
    /// Whether it deviates from the contract.
    pub deviating: Option<bool>,
    /// A kind of deviation that it has.
    pub deviation: Option<DeviationKind>,
    /// A requirement from which it deviates, such as `1.2.1/rule/content-type-others`.
    pub requirement: Option<String>,
    /// After the entry with this number; 0 is before the first.
    pub since: Option<u64>,
    /// Not before this time.
    pub from: Option<Moment>,
    /// Not after this time.
    pub to: Option<Moment>,
    /// At most so many: the first ones after `since`, without it the last ones.
    pub limit: Option<usize>,
}

impl JournalFilter {
    /// The calls of an operation, by its name.
    #[must_use]
    pub fn calls(operation: impl Into<String>) -> Self {
        Self { operation: Some(operation.into()), kind: Some(EventKind::Call), ..Self::default() }
    }

    /// The pushes of a notification, by its name.
    #[must_use]
    pub fn pushes(notification: impl Into<String>) -> Self {
        Self { operation: Some(notification.into()), kind: Some(EventKind::Push), ..Self::default() }
    }

    /// Everything that deviates from the contract.
    #[must_use]
    pub fn deviating() -> Self {
        Self { deviating: Some(true), ..Self::default() }
    }

    /// The same, about this device.
    #[must_use]
    pub fn of_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }

    /// The same, of this application.
    #[must_use]
    pub fn of_application(mut self, application: impl Into<String>) -> Self {
        self.application = Some(application.into());
        self
    }

    /// The same, answered with this status.
    #[must_use]
    pub const fn answered(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same, deviating from this requirement.
    #[must_use]
    pub fn against(mut self, requirement: impl Into<String>) -> Self {
        self.requirement = Some(requirement.into());
        self
    }

    /// The criteria that an entry does not meet, besides its number.
    fn misses(&self, entry: &Entry, sessions: Option<&HashSet<u64>>) -> Vec<&'static str> {
        let event = &entry.event;
        let is = |wanted: &Option<String>, given: Option<&str>| wanted.is_none() || wanted.as_deref() == given;
        let deviations = event.deviations();
        let criteria = [
            ("operation", is(&self.operation, operation(event))),
            ("clause", is(&self.clause, clause(event))),
            ("application", is(&self.application, application(event))),
            ("device", self.device.as_deref().is_none_or(|device| is_about(event, device, sessions))),
            ("kind", self.kind.is_none_or(|kind| kind == event.kind())),
            ("status", self.status.is_none_or(|status| answered(event) == Some(status))),
            ("deviating", self.deviating.is_none_or(|wanted| wanted != deviations.is_empty())),
            ("deviation", self.deviation.is_none_or(|kind| deviations.iter().any(|d| d.kind == kind))),
            (
                "requirement",
                self.requirement.as_deref().is_none_or(|id| deviations.iter().any(|d| d.requirement == id)),
            ),
            ("from", self.from.is_none_or(|from| entry.at >= from)),
            ("to", self.to.is_none_or(|to| entry.at <= to)),
        ];
        criteria.into_iter().filter(|(_, holds)| !holds).map(|(name, _)| name).collect()
    }

    /// The names in it that nothing has, each with what may have been meant.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), String> {
        let names = || catalogue::clauses().into_iter().map(|clause| clause.name());
        let clauses = || catalogue::clauses().into_iter().map(|clause| clause.clause());
        known("operation", self.operation.as_deref(), names().collect())?;
        known("clause", self.clause.as_deref(), clauses().collect())?;
        let ids = || iotdm_spec::requirement::all().iter().map(|requirement| requirement.id.as_str());
        known("requirement", self.requirement.as_deref(), ids().collect())
    }
}

/// Whether a name is one of those that exist.
pub(crate) fn known(what: &str, given: Option<&str>, names: Vec<&str>) -> Result<(), String> {
    let Some(given) = given.filter(|given| !names.contains(given)) else { return Ok(()) };
    Err(match nearest::of(given, names.iter().copied()) {
        Some(near) => format!("there is no {what} {given:?}; did you mean {near:?}?"),
        None if names.len() <= 40 => format!("there is no {what} {given:?}, but {}", names.join(", ")),
        None => format!("there is no {what} {given:?}"),
    })
}

fn operation(event: &Event) -> Option<&str> {
    match event {
        Event::Call(call) => call.operation,
        Event::Push(push) => Some(push.notification),
        Event::Packet(_) | Event::Connect(_) | Event::Note(_) => None,
    }
}

fn clause(event: &Event) -> Option<&str> {
    match event {
        Event::Call(call) => call.clause,
        Event::Push(push) => Some(push.clause),
        Event::Packet(_) | Event::Connect(_) | Event::Note(_) => None,
    }
}

fn application(event: &Event) -> Option<&str> {
    match event {
        Event::Call(call) => call.application.as_deref(),
        Event::Push(push) => push.application.as_deref(),
        Event::Packet(_) | Event::Connect(_) | Event::Note(_) => None,
    }
}

const fn answered(event: &Event) -> Option<u16> {
    match event {
        Event::Call(call) => Some(call.status),
        Event::Push(push) => push.status,
        Event::Packet(_) | Event::Connect(_) | Event::Note(_) => None,
    }
}

fn is_about(event: &Event, device: &str, sessions: Option<&HashSet<u64>>) -> bool {
    let in_session = |session: u64| sessions.is_some_and(|sessions| sessions.contains(&session));
    match event {
        Event::Call(call) => [&call.target, &call.request, &call.answer].iter().any(|text| names(text, device)),
        Event::Packet(packet) => in_session(packet.session),
        Event::Connect(connect) => in_session(connect.session),
        Event::Push(push) => push.device == device || names(&push.body, device),
        Event::Note(note) => {
            note.device.as_deref() == Some(device) || note.session.is_some_and(in_session) || names(&note.text, device)
        }
    }
}

/// Whether a text holds an id as a word of its own, not as a part of a longer one.
fn names(text: &str, id: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
    !id.is_empty()
        && text.match_indices(id).any(|(at, found)| {
            !part_of_word(text[..at].chars().next_back()) && !part_of_word(text[at + found.len()..].chars().next())
        })
}

impl Journal {
    /// The kept entries that are wanted, oldest first.
    #[must_use]
    pub fn query(&self, filter: &JournalFilter) -> Vec<Entry> {
        self.select(filter).iter().map(|entry| Entry::clone(entry)).collect()
    }

    /// How many entries are wanted and kept.
    #[must_use]
    pub fn count(&self, filter: &JournalFilter) -> usize {
        self.select(filter).len()
    }

    /// Asserts how many entries are wanted and kept. The message lists those that are, and those that
    /// miss one criterion only.
    ///
    /// # Panics
    /// If there are more or fewer.
    #[track_caller]
    pub fn assert_count(&self, filter: &JournalFilter, wanted: usize) {
        let found = self.select(filter);
        assert!(found.len() == wanted, "{}", self.explain(filter, wanted, &found));
    }

    pub(crate) fn select(&self, filter: &JournalFilter) -> Vec<Arc<Entry>> {
        let (entries, sessions) = self.candidates(filter);
        let mut found: Vec<_> =
            entries.into_iter().filter(|entry| filter.misses(entry, sessions.as_ref()).is_empty()).collect();
        let limit = filter.limit.unwrap_or(usize::MAX);
        if filter.since.is_none() && found.len() > limit {
            found.drain(..found.len() - limit);
        }
        found.truncate(limit);
        found
    }

    /// The entries after the one from which the filter starts, and the sessions of its device.
    fn candidates(&self, filter: &JournalFilter) -> (Vec<Arc<Entry>>, Option<HashSet<u64>>) {
        let since = filter.since.unwrap_or_default();
        let Some(device) = filter.device.as_deref() else { return (self.shared_since(since), None) };
        // The CONNECT that tells whose a session is may stand before.
        let all = self.shared_since(0);
        let sessions = sessions_of(device, all.iter().map(AsRef::as_ref));
        (all.into_iter().filter(|entry| entry.seq > since).collect(), Some(sessions))
    }

    fn explain(&self, filter: &JournalFilter, wanted: usize, found: &[Arc<Entry>]) -> String {
        const SHOWN: usize = 10;
        let mut text = format!("{wanted} entries wanted, {} found", found.len());
        let mut line = |line: String| {
            text.push('\n');
            text.push_str(&line);
        };
        if let Err(unknown) = filter.check() {
            line(format!("  {unknown}"));
        }
        found.iter().take(SHOWN).for_each(|entry| line(format!("  {}", summary(entry))));
        let (entries, sessions) = self.candidates(filter);
        let nearly = entries.iter().rev().filter_map(|entry| match filter.misses(entry, sessions.as_ref())[..] {
            [criterion] => Some(format!("  {} ({criterion} differs)", summary(entry))),
            _ => None,
        });
        let nearly: Vec<String> = nearly.take(SHOWN).collect();
        if !nearly.is_empty() {
            line("near misses, the latest first:".to_owned());
            nearly.into_iter().for_each(&mut line);
        } else if found.is_empty() {
            line(format!("of {} entries none is near; the last ones:", entries.len()));
            entries.iter().rev().take(SHOWN).for_each(|entry| line(format!("  {}", summary(entry))));
        }
        let dropped = self.dropped();
        if dropped > 0 {
            line(format!("{dropped} older entries were dropped"));
        }
        text
    }
}

/// An entry in one line.
fn summary(entry: &Entry) -> String {
    let Entry { seq, at, event } = entry;
    let what = match event {
        Event::Call(call) => {
            let application = call.application.as_deref().unwrap_or("nobody");
            let name = call.operation.unwrap_or("no route");
            format!("{name}: {} {} by {application}: {}", call.method, call.target, call.status)
        }
        Event::Packet(packet) => format!("session {}, {}: {}", packet.session, packet.direction, packet.line),
        Event::Connect(connect) => {
            let outcome = if connect.accepted { "let in" } else { "turned away" };
            format!("session {}, client id {}: {outcome}", connect.session, connect.client_id)
        }
        Event::Push(push) => {
            let outcome = push.status.map_or_else(|| push.error.clone().unwrap_or_default(), |s| s.to_string());
            format!("{} about {:?} to {}: {outcome}", push.notification, push.device, push.url)
        }
        Event::Note(note) => note.text.clone(),
    };
    let deviations: Vec<_> = event.deviations().iter().map(|deviation| deviation.kind.as_str()).collect();
    let deviations = if deviations.is_empty() { String::new() } else { format!(" [{}]", deviations.join(", ")) };
    format!("#{seq} {at} {} {what}{deviations}", event.kind().as_str())
}
