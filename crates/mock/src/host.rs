//! The MQTT shell: what the door tells, carried into the world and the journal.

use std::sync::Weak;

use crate::core::Core;
use crate::deviation::{Deviation, DeviationKind, rule};
use crate::journal::{Connect, Event, Note, Packet};
use crate::mqtt::connect::{self, Cause, Claim, Rejection};
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
        let mut deviations = connect::oddities(&claim);
        let mut notes: Vec<String> = deviations.iter().map(|deviation| deviation.text.clone()).collect();
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
                None => connect::connect(world, session, &claim, judged.1).map_err(|rejection| {
                    deviations.push(rejection.deviation());
                    refused(rejection)
                }),
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
                deviations,
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
        let (at, device, may) = core.enter(|world| {
            let Some(id) = world.sessions.get(&session).cloned() else { return (world.now, None, false) };
            world.sign_of_life(&id);
            let seat = world.devices.find(&id).and_then(|device| device.session.as_ref());
            let may = seat.is_some_and(|seat| topics::is_command(&seat.topic_id, filter));
            (world.now, Some(id), may)
        });
        if let Some(device) = device.filter(|_| !may) {
            let text = format!("SUBSCRIBE of session {session} to {filter}: not its own command topic");
            let deviation = Deviation::new(rule::OWN_TOPIC, DeviationKind::ForbiddenPacket, &text).at(filter);
            core.journal.add(at, about_session(session, Some(&device), text, vec![deviation]));
        }
        may
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
        let (at, device, outcome, deviations) = core.enter(|world| {
            let device = world.sessions.get(&session).cloned();
            let outcome = report_data::published(world, session, &message.topic, &message.payload);
            (world.now, device, outcome, std::mem::take(&mut world.deviations))
        });
        let what = match outcome {
            Err(why) => why,
            Ok(()) if deviations.is_empty() => return,
            Ok(()) => deviations.iter().map(|deviation| deviation.text.as_str()).collect::<Vec<_>>().join("; "),
        };
        let text = format!("PUBLISH of session {session} on {}: {what}", message.topic);
        core.journal.add(at, about_session(session, device.as_deref(), text, deviations));
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
        let (at, device) = core.enter(|world| {
            let device = world.sessions.get(&session).cloned();
            connect::disconnected(world, session, *why == CloseReason::Disconnected);
            (world.now, device)
        });
        let deviation = match why {
            CloseReason::ProtocolError(what) => Some(bad_packet(what)),
            // The packet that is missing is a bad one too: a client has to send something in time.
            CloseReason::KeepaliveTimeout => Some(bad_packet(&why.to_string()).at("keepAlive")),
            _ => None,
        };
        let text = format!("session {session} is over: {why}");
        core.journal.add(at, about_session(session, device.as_deref(), text, deviation.into_iter().collect()));
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
            left_out: 0,
        };
        core.journal.add(core.now(), Event::Packet(packet));
    }

    fn struck(&self, what: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.journal.add(core.now(), Event::note(what));
    }

    fn misspoke(&self, session: SessionId, what: &str) {
        let Some(core) = self.core.upgrade() else { return };
        let text = format!("session {session} was not let in: {what}");
        core.journal.add(core.now(), about_session(session, None, text, vec![bad_packet(what)]));
    }

    fn turned_away(&self, peer: std::net::SocketAddr, why: &str) {
        let Some(core) = self.core.upgrade() else { return };
        core.journal.add(core.now(), Event::note(format!("connection from {peer} turned away: {why}")));
    }
}

/// What became of something that a session did.
fn about_session(session: SessionId, device: Option<&str>, text: String, deviations: Vec<Deviation>) -> Event {
    Event::Note(Note { text, device: device.map(str::to_owned), session: Some(session), deviations })
}

/// What is not as MQTT 3.1.1 has it.
fn bad_packet(what: &str) -> Deviation {
    Deviation::new(rule::STANDARD_HEADERS, DeviationKind::BadPacket, what)
}

/// The return code of each kind of rejection.
fn refused(rejection: Rejection) -> Refused {
    let code = match rejection.cause {
        Cause::ClientId => ConnackCode::IdentifierRejected,
        Cause::Credentials => ConnackCode::BadCredentials,
        Cause::Device => ConnackCode::NotAuthorized,
    };
    Refused { code: Some(code), reason: rejection.reason }
}
