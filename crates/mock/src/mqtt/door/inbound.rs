//! What each packet of an admitted session does.

use super::decode::{Frame, Packet, Publish};
use super::describe;
use super::encode::Reply;
use super::host::{CloseReason, Direction};
use super::link::Link;
use super::session::Session;
use tokio::io::{AsyncRead, AsyncWrite};

/// The return code of a subscription that isn't granted.
const NOT_GRANTED: u8 = 0x80;

impl<S: AsyncRead + AsyncWrite> Session<S> {
    /// Notes a packet in the journal, then does what it asks for.
    pub(super) async fn handle(&mut self, frame: Frame) -> Result<(), CloseReason> {
        let line = describe::frame(&frame);
        let (verdict, note) = self.judge(&frame);
        self.scribe.note(Direction::In, frame.kind, line, frame.raw, note);
        verdict?;
        let host = self.core.host.clone();
        let session = self.seat.session;
        let tells_itself = |packet: &Packet| match packet {
            Packet::Publish(publish) => !self.is_repeated(publish),
            Packet::Pingreq | Packet::Disconnect | Packet::Connect(_) => true,
            _ => false,
        };
        let Ok(packet) = frame.packet else {
            return Ok(());
        };
        if !tells_itself(&packet) {
            host.active(session);
        }
        match packet {
            Packet::Publish(publish) => self.publish(&publish),
            Packet::Puback(id) => self.acknowledge(id).await,
            Packet::Pubrel(id) => {
                self.unreleased.remove(&id);
                self.reply(&Reply::Pubcomp(id))
            }
            Packet::Subscribe { id, filters } => self.subscribe(id, filters).await,
            Packet::Unsubscribe { id, filters } => {
                for filter in &filters {
                    self.seat.unsubscribe(filter);
                    host.unsubscribed(session, filter);
                }
                self.reply(&Reply::Unsuback(id))
            }
            Packet::Pingreq => self.reply(&Reply::Pingresp),
            Packet::Disconnect => Err(CloseReason::Disconnected),
            Packet::Pubrec(_) | Packet::Pubcomp(_) | Packet::Connect(_) => Ok(()),
        }
    }

    /// Whether the packet ends the session, and what the journal should know.
    fn judge(&self, frame: &Frame) -> (Result<(), CloseReason>, Option<String>) {
        let remark = match &frame.packet {
            Err(fault) => {
                let what = fault.0.to_string();
                return (Err(CloseReason::ProtocolError(what.clone())), Some(what));
            }
            Ok(Packet::Connect(_)) => {
                let what = "a second CONNECT".to_owned();
                return (Err(CloseReason::ProtocolError(what.clone())), Some(what));
            }
            Ok(Packet::Publish(publish)) if self.is_repeated(publish) => {
                Some("sent before and not released: answered, but not told again")
            }
            Ok(Packet::Publish(publish)) if publish.message.retain => Some("retain is ignored"),
            Ok(Packet::Pubrec(_) | Packet::Pubcomp(_)) => Some("nothing was sent at QoS 2: ignored"),
            Ok(Packet::Puback(id)) if !self.link.as_ref().is_some_and(|l| l.awaits(*id)) => {
                Some("nothing with this identifier waits for it: ignored")
            }
            Ok(Packet::Pubrel(id)) if !self.unreleased.contains(id) => {
                Some("nothing with this identifier waits for it")
            }
            Ok(_) => None,
        };
        (Ok(()), remark.map(str::to_owned))
    }

    fn is_repeated(&self, publish: &Publish) -> bool {
        publish.message.qos == 2 && self.unreleased.contains(&publish.id)
    }

    fn publish(&mut self, publish: &Publish) -> Result<(), CloseReason> {
        let Publish { id, message } = publish;
        if message.qos < 2 || self.unreleased.insert(*id) {
            self.core.host.published(self.seat.session, message);
        }
        match message.qos {
            0 => Ok(()),
            1 => self.puback(*id),
            _ => self.reply(&Reply::Pubrec(*id)),
        }
    }

    async fn acknowledge(&mut self, id: u16) -> Result<(), CloseReason> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        let token = link.acknowledge(id).await.map_err(CloseReason::Internal)?;
        if let Some(token) = token {
            self.core.host.delivered(self.seat.session, token);
        }
        Ok(())
    }

    async fn subscribe(&mut self, id: u16, filters: Vec<(String, u8)>) -> Result<(), CloseReason> {
        let mut codes = Vec::with_capacity(filters.len());
        let mut granted_filters = Vec::new();
        for (filter, asked) in filters {
            let granted = asked.min(1);
            let may = self.core.host.may_subscribe(self.seat.session, &filter);
            let code = if !may {
                NOT_GRANTED
            } else {
                self.link_for(granted).await.map_err(CloseReason::Internal)?;
                if self.seat.subscribe(filter.clone(), granted) {
                    granted_filters.push(filter);
                    granted
                } else {
                    NOT_GRANTED
                }
            };
            codes.push(code);
        }
        self.reply(&Reply::Suback { id, codes })?;
        // Only now: what the platform has waited to send comes after the answer.
        for filter in granted_filters {
            self.core.host.subscribed(self.seat.session, &filter);
        }
        Ok(())
    }

    /// Makes sure that there is a link that delivers at a QoS.
    async fn link_for(&mut self, qos: u8) -> Result<(), String> {
        let link = match &mut self.link {
            Some(link) => link,
            none => none.insert(Link::open(&self.core.router, &self.seat.device)?),
        };
        link.subscribe(qos).await
    }

    pub(super) fn reply(&mut self, reply: &Reply) -> Result<(), CloseReason> {
        self.scribe.reply(&mut self.wire, reply, None)
    }
}
