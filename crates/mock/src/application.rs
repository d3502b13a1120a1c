//! Applications: who calls, with which tokens, and on whose behalf.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::mint::Mint;
use crate::state::{Collection, Entity, Table};

/// How long an access token lives (1.4.1, line 437).
pub(crate) const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(3600);
/// How long a refresh token lives (1.4.1, line 439).
pub(crate) const REFRESH_TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How many dead tokens an application remembers.
const REMEMBERED_TOKENS: usize = 16;
/// No token is shorter.
const SHORTEST_TOKEN: usize = 8;
/// The sliding window of the throttle.
const THROTTLE_WINDOW: Duration = Duration::from_secs(60);

/// The one valid pair of tokens of an application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tokens {
    /// The access token.
    pub(crate) access: String,
    /// When the access token expires.
    pub(crate) access_until: Moment,
    /// The refresh token.
    pub(crate) refresh: String,
    /// When the refresh token expires.
    pub(crate) refresh_until: Moment,
    /// When both were issued.
    pub(crate) issued: Moment,
    /// Whether a call has come with the access token.
    #[serde(default)]
    pub(crate) used: bool,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// The application's access token.
    Valid,
    /// It was, until its time was over.
    Expired,
    /// It was, until a later login or refresh.
    Superseded,
    /// It never was.
    Unknown,
}

/// How far an application may act on what belongs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Access {
    /// There is a grant, and it permits nothing.
    Nothing,
    /// It may query, and hear of changes.
    Read,
    /// It may also change things.
    Edit,
}

/// An application.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Application {
    /// Its id: `appId` at the login. Other entities name it by this.
    pub(crate) id: Arc<str>,
    /// What it logs in with.
    pub(crate) secret: String,
    /// Its owner froze it: it may not log in.
    pub(crate) frozen: bool,
    /// The platform has a licence for its devices.
    pub(crate) licensed: bool,
    /// How many devices its licences are for; null means any number.
    pub(crate) licences: Option<usize>,
    /// The most devices that it may register; null means no limit.
    pub(crate) device_limit: Option<usize>,
    /// The most of its devices that are not secure; null means no limit.
    pub(crate) non_secure_limit: Option<usize>,
    /// The most of its devices that are frozen (1.5.4); null means no limit.
    pub(crate) frozen_device_limit: Option<usize>,
    /// The most device groups that it may create; null means no limit.
    pub(crate) group_limit: Option<usize>,
    /// The most protected calls in a minute; null means no limit.
    throttle: Option<u32>,
    /// The applications that may act on what belongs to this one, by their ids, and how far.
    pub(crate) grants: BTreeMap<Arc<str>, Access>,
    /// The one pair of tokens that is valid; null if it has not logged in.
    pub(crate) tokens: Option<Tokens>,
    /// The latest access tokens that died by a later login or refresh, newest first, for the journal to
    /// name.
    superseded: VecDeque<String>,
    /// When the calls were made that the throttle counts, oldest first.
    calls: VecDeque<Moment>,
}

impl Application {
    /// Issues a new pair of tokens; the earlier pair dies.
    pub(crate) fn issue_tokens(&mut self, mint: &mut Mint, now: Moment) -> Tokens {
        let tokens = Tokens {
            access: mint.token(),
            access_until: now.plus(ACCESS_TOKEN_LIFE),
            refresh: mint.token(),
            refresh_until: now.plus(REFRESH_TOKEN_LIFE),
            issued: now,
            used: false,
        };
        if let Some(earlier) = self.tokens.replace(tokens.clone()) {
            self.superseded.truncate(REMEMBERED_TOKENS - 1);
            self.superseded.push_front(earlier.access);
        }
        tokens
    }

    /// What `token` is worth as this application's access token.
    pub(crate) fn judge_token(&mut self, token: &str, now: Moment) -> TokenState {
        match &mut self.tokens {
            Some(current) if current.access == token && now < current.access_until => {
                current.used = true;
                TokenState::Valid
            }
            Some(current) if current.access == token => TokenState::Expired,
            _ if self.superseded.iter().any(|earlier| earlier == token) => TokenState::Superseded,
            _ => TokenState::Unknown,
        }
    }

    fn has_token(&self, word: &str) -> bool {
        self.tokens.as_ref().is_some_and(|tokens| tokens.access == word || tokens.refresh == word)
            || self.superseded.iter().any(|earlier| earlier == word)
    }

    /// Ends the life of the access token now; the refresh token lives on.
    pub(crate) fn expire_token(&mut self, now: Moment) {
        if let Some(tokens) = &mut self.tokens {
            tokens.access_until = tokens.access_until.min(now);
        }
    }

    /// The most protected calls in a minute.
    pub(crate) const fn throttle(&self) -> Option<u32> {
        self.throttle
    }

    /// Sets the limit, and starts counting anew.
    pub(crate) fn set_throttle(&mut self, limit: Option<u32>) {
        self.throttle = limit;
        self.calls.clear();
    }

    /// Counts a protected call, or says that it is one too many. Refused calls do not count.
    pub(crate) fn admit_call(&mut self, now: Moment) -> bool {
        let Some(limit) = self.throttle else { return true };
        while self.calls.front().is_some_and(|first| now.since(*first) >= THROTTLE_WINDOW) {
            self.calls.pop_front();
        }
        if self.calls.len() >= limit as usize {
            return false;
        }
        self.calls.push_back(now);
        true
    }
}

impl Entity for Application {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All applications of a platform.
#[derive(Debug, Default)]
pub(crate) struct Applications {
    by_id: Table<Application>,
}

impl Collection for Applications {
    type Item = Application;
    const SECTION: &'static str = "applications";

    fn table(&mut self) -> &mut Table<Application> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Application> {
        &self.by_id
    }

    fn restored(by_id: Table<Application>) -> Result<Self, String> {
        Ok(Self { by_id })
    }
}

impl Applications {
    /// Adds an application, or replaces one of the same id.
    pub(crate) fn add(&mut self, id: &str, secret: &str, throttle: Option<u32>) -> Arc<str> {
        let id: Arc<str> = id.into();
        let application = Application {
            id: Arc::clone(&id),
            secret: secret.to_owned(),
            frozen: false,
            licensed: true,
            licences: None,
            device_limit: None,
            non_secure_limit: None,
            frozen_device_limit: None,
            group_limit: None,
            throttle,
            grants: BTreeMap::new(),
            tokens: None,
            superseded: VecDeque::new(),
            calls: VecDeque::new(),
        };
        self.by_id.insert(application);
        id
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Application> {
        self.by_id.get(id)
    }

    /// The application that these credentials belong to. An unknown id and a wrong secret are told
    /// apart by nobody.
    pub(crate) fn with_credentials(&mut self, id: &str, secret: &str) -> Option<&mut Application> {
        self.find_mut(id).filter(|application| application.secret == secret)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Application> {
        self.by_id.get_mut(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Application> {
        self.by_id.values()
    }

    /// Removes an application, and the grants that others gave it.
    pub(crate) fn remove(&mut self, id: &str) {
        self.by_id.remove(id);
        let givers = self.by_id.values().filter(|other| other.grants.contains_key(id));
        let givers: Vec<_> = givers.map(|other| Arc::clone(&other.id)).collect();
        for giver in givers {
            if let Some(giver) = self.by_id.get_mut(&giver) {
                giver.grants.remove(id);
            }
        }
    }

    /// Whether a word of this text is a token that somebody has, or had lately.
    pub(crate) fn knows_token_in(&self, text: &str) -> bool {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= SHORTEST_TOKEN);
        words.any(|word| self.by_id.values().any(|application| application.has_token(word)))
    }

    /// How far `caller` may act on what belongs to `owner`; none without a grant.
    pub(crate) fn access(&self, caller: &str, owner: &str) -> Option<Access> {
        if caller == owner {
            return Some(Access::Edit);
        }
        self.find(owner)?.grants.get(caller).copied()
    }

    /// Whether `caller` may see what belongs to `owner`.
    pub(crate) fn may_see(&self, caller: &str, owner: &str) -> bool {
        self.access(caller, owner) >= Some(Access::Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_throttle_slides_and_refused_calls_do_not_count() {
        let mut applications = Applications::default();
        applications.add("app", "secret", Some(2));
        let app = applications.find_mut("app").unwrap();
        assert!(app.admit_call(Moment(0)));
        assert!(app.admit_call(Moment(30_000)));
        assert!(!app.admit_call(Moment(59_999)));
        assert!(app.admit_call(Moment(60_000)));
        assert!(!app.admit_call(Moment(60_001)));
        assert!(app.admit_call(Moment(90_000)));
    }
}
