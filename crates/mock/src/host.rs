//! The MQTT shell: what the door tells, carried into the world and the journal.

use std::sync::Weak;

use crate::core::Core;
use crate::journal::{Connect, Event, Packet};
use crate::mqtt::connect::{self, Claim, Rejection};
use crate::mqtt::door::{
    Admission, CloseReason, ConnackCode, ConnectAttempt, Direction, Host, Inbound, PacketRecord, Refused, SessionId,
};
use crate::mqtt::{receive_command, report_data, topics};

/// The platform behind the door. It does not keep the platform alive: the platform owns the door.
pub(crate) struct Behind {
    pub(crate) core: Weak<Core>,
}

impl Host for Behind {
    fn connect(&self, session: SessionId, attempt: &ConnectAttempt) -> Result<Admission, Refused> {
        let gone = || Refused { code: Some(ConnackCode::ServerUnavailable), reason: "the platform stops".to_owned() };
        let core = self.core.upgrade().ok_or_else(gone)?;
        let claim = Claim {
            client_id: &attempt.client_id,
            username: attempt.username.as_deref(),
            password: attempt.password.as_deref(),
        };
        let mut notes = connect::remarks(&claim);
        if attempt.will {
            notes.push("the will is ignored".to_owned());
        }
        if !attempt.clean_session {
            notes.push("clean session 0: nothing is kept for the next session all the same".to_owned());
        }
        let (at, (device, password), outcome) = core.enter(|world| {
            let judged = connect::judge_password(world, &claim);
            let by_fault = judged.0.as_deref().and_then(|device| core.faults.refuse(device));
            let outcome = match by_fault {
                Some(refused) => Err(refused),
                None => connect::connect(world, session, &claim).map_err(refused),
            };
            (world.now, judged, outcome)
        });
        core.journal.add(
            at,
            Event::Connect(Connect {
                session,
                client_id: attempt.client_id.clone(),
                username: attempt.username.clone(),
                password,
                accepted: outcome.is_ok(),
                device: device.map(|device| device.to_string()),
                reason: outcome.as_ref().err().map(|refused| refused.reason.clone()),
                notes,
            }),
        );
        outcome.map(|device| Admission { device: device.to_string() })
    }

    fn holds(&self, session: SessionId) -> bool {
        self.core.upgrade().is_some_and(|core| core.enter(|world| world.sessions.contains_key(&session)))
    }

    fn may_subscribe(&self, session: SessionId, filter: &str) -> bool {
        let Some(core) = self.core.upgrade() else { return false };
        core.enter(|world| {
            let Some(id) = world.sessions.get(&session).cloned() else { return false };
            world.heard_from(&id);
            let session = world.devices.find(&id).and_then(|device| device.session.as_ref());
            session.is_some_and(|session| topics::is_command(&session.topic_id, filter))
        })
    }

    fn subscribed(&self, session: SessionId, filter: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.enter(|world| receive_command::listens(world, session, filter, true));
    }

    fn unsubscribed(&self, session: SessionId, filter: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.enter(|world| receive_command::listens(world, session, filter, false));
    }

    fn published(&self, session: SessionId, message: &Inbound) {
        let Some(core) = self.core.upgrade() else { return };
        let (at, outcome) = core.enter(|world| {
            let outcome = report_data::published(world, session, &message.topic, &message.payload);
            (world.now, outcome)
        });
        if let Err(why) = outcome {
            let text = format!("PUBLISH of session {session} on {}: {why}", message.topic);
            core.journal.add(at, Event::Note { text });
        }
    }

    fn delivered(&self, session: SessionId, token: u64) {
        let Some(core) = self.core.upgrade() else { return };
        core.enter(|world| receive_command::delivered(world, session, token));
    }

    fn active(&self, session: SessionId) {
        let Some(core) = self.core.upgrade() else { return };
        core.enter(|world| {
            if let Some(id) = world.sessions.get(&session).cloned() {
                world.sign_of_life(&id);
            }
        });
    }

    fn closed(&self, session: SessionId, why: &CloseReason) {
        let Some(core) = self.core.upgrade() else { return };
        let at = core.enter(|world| {
            connect::disconnected(world, session, *why == CloseReason::Disconnected);
            world.now
        });
        core.journal.add(at, Event::Note { text: format!("session {session} is over: {why}") });
    }

    fn packet(&self, record: PacketRecord) {
        let Some(core) = self.core.upgrade() else { return };
        let packet = Packet {
            device: record.device.map(|device| device.to_string()),
            session: record.session,
            peer: record.peer.to_string(),
            direction: match record.direction {
                Direction::In => "in",
                Direction::Out => "out",
            },
            packet: record.kind.name(),
            line: record.decoded,
            note: record.note,
            bytes: record.raw,
        };
        core.journal.add(core.now(), Event::Packet(packet));
    }

    fn struck(&self, what: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.journal.add(core.now(), Event::Note { text: what.to_owned() });
    }

    fn turned_away(&self, peer: std::net::SocketAddr, why: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.journal.add(core.now(), Event::Note { text: format!("connection from {peer} turned away: {why}") });
    }
}

/// The return code of each kind of rejection.
fn refused(rejection: Rejection) -> Refused {
    let (code, reason) = match rejection {
        Rejection::ClientId(reason) => (ConnackCode::IdentifierRejected, reason),
        Rejection::Credentials(reason) => (ConnackCode::BadCredentials, reason),
        Rejection::Device(reason) => (ConnackCode::NotAuthorized, reason),
    };
    Refused { code: Some(code), reason }
}
