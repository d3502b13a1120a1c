//! One session's link into its router: how downlink gets its QoS, packet identifiers and window.

use super::encode::{self, Sent};
use super::router::{RouterLease, SEGMENT_BYTES};
use super::seats::Downlink;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use rumqttd::Notification;
use rumqttd::local::{LinkRx, LinkTx};
use rumqttd::protocol::{
    Disconnect, DisconnectReasonCode, Filter, Packet, PingReq, PubAck, PubAckReason, Publish, QoS, RetainForwardRule,
    Subscribe,
};
use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;
use tokio::time::timeout;

/// How many messages may be between us and the router. rumqttd unschedules a link at 199.
const MAX_UNDER_WAY: usize = 64;
/// In front of each payload inside the router.
const TOKEN_BYTES: usize = 8;
/// A router answers at once or never.
const ROUTER_ANSWER: Duration = Duration::from_secs(5);
/// After this time without news of a message under way, the router is nudged.
const NUDGE: Duration = Duration::from_secs(1);

/// A link. Its name, prefix and two filters are the device's; it lives as long as the session.
pub(super) struct Link {
    sender: LinkTx,
    receiver: LinkRx,
    /// `i{instance}.{device}.`, to which the QoS is added. All in one level, because rumqttd compares
    /// a topic that it hasn't seen with every filter there is, level by level.
    prefix: String,
    subscribed: [bool; 2],
    /// What arrived while a subscription was waited for.
    early: VecDeque<Publish>,
    under_way: usize,
    under_way_bytes: usize,
    unacknowledged: VecDeque<Unacknowledged>,
}

struct Unacknowledged {
    id: u16,
    token: u64,
    acknowledged: bool,
}

/// A message on its way from the router to the device.
pub(super) struct Delivery {
    pub(super) topic: String,
    pub(super) payload_bytes: usize,
    pub(super) token: u64,
    pub(super) sent: Sent,
}

impl Link {
    pub(super) fn open(lease: &RouterLease, device: &str) -> Result<Self, String> {
        let device = escape(device);
        let (sender, receiver) = lease.dial(&format!("{}.{device}", lease.name()))?;
        Ok(Self {
            sender,
            receiver,
            prefix: format!("{}.{device}.", lease.name()),
            subscribed: [false; 2],
            early: VecDeque::new(),
            under_way: 0,
            under_way_bytes: 0,
            unacknowledged: VecDeque::new(),
        })
    }

    /// Makes sure that the router delivers at this QoS.
    pub(super) async fn subscribe(&mut self, qos: u8) -> Result<(), String> {
        let level = usize::from(qos.min(1));
        if self.subscribed[level] {
            return Ok(());
        }
        let filter = Filter {
            path: format!("{}{level}/#", self.prefix),
            qos: if level == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce },
            nolocal: false,
            preserve_retain: false,
            retain_forward_rule: RetainForwardRule::Never,
        };
        let subscribe = Subscribe { pkid: 1, filters: vec![filter] };
        self.tell(Packet::Subscribe(subscribe, None)).await?;
        timeout(ROUTER_ANSWER, self.subscription_made())
            .await
            .map_err(|_| "the router doesn't answer".to_owned())??;
        self.subscribed[level] = true;
        Ok(())
    }

    async fn subscription_made(&mut self) -> Result<(), String> {
        loop {
            match self.receive().await? {
                Notification::Forward(forward) => self.early.push_back(forward.publish),
                Notification::DeviceAck(ack) => {
                    if matches!(Packet::from(ack), Packet::SubAck(..)) {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the router may be given a message of this size now.
    pub(super) fn has_room(&self, size: usize) -> bool {
        let size = self.overhead() + size;
        self.under_way == 0 || (self.under_way < MAX_UNDER_WAY && self.under_way_bytes + size <= SEGMENT_BYTES)
    }

    /// Gives a message to the router. Its QoS must have been subscribed.
    pub(super) async fn publish(&mut self, message: Downlink) -> Result<(), String> {
        let topic = format!("{}{}/{}", self.prefix, message.qos, message.topic);
        let mut payload = BytesMut::with_capacity(TOKEN_BYTES + message.payload.len());
        payload.put_u64(message.token);
        payload.extend_from_slice(&message.payload);
        self.under_way += 1;
        self.under_way_bytes += self.overhead() + message.size();
        let publish = Publish::new(Bytes::from(topic), payload.freeze(), false);
        self.tell(Packet::Publish(publish, None)).await
    }

    /// The next message for the device. May be cancelled.
    pub(super) async fn next(&mut self) -> Result<Delivery, String> {
        if let Some(publish) = self.early.pop_front() {
            return self.unwrap(publish);
        }
        loop {
            match self.receive().await? {
                Notification::Forward(forward) => return self.unwrap(forward.publish),
                // Acknowledgements were waited for where they matter.
                Notification::DeviceAck(_) => {}
                // This can't happen with so few messages under way, and waking a link is a risk.
                Notification::Unschedule => return Err("the router unscheduled the link".into()),
                _ => return Err("the router dropped the link".into()),
            }
        }
    }

    /// Whether a message with this identifier waits for its acknowledgement.
    pub(super) fn awaits(&self, id: u16) -> bool {
        self.unacknowledged.iter().any(|entry| entry.id == id && !entry.acknowledged)
    }

    /// The device acknowledged a message. Returns its token, unless it isn't waited for.
    ///
    /// rumqttd takes acknowledgements in order only and drops the link otherwise, so one that comes
    /// early is kept until its turn.
    pub(super) async fn acknowledge(&mut self, id: u16) -> Result<Option<u64>, String> {
        let mut waiting = self.unacknowledged.iter_mut();
        let Some(entry) = waiting.find(|entry| entry.id == id && !entry.acknowledged) else {
            return Ok(None);
        };
        entry.acknowledged = true;
        let token = entry.token;
        while self.unacknowledged.front().is_some_and(|entry| entry.acknowledged) {
            let Some(entry) = self.unacknowledged.pop_front() else {
                break;
            };
            let ack = PubAck { pkid: entry.id, reason: PubAckReason::Success };
            self.tell(Packet::PubAck(ack, None)).await?;
        }
        Ok(Some(token))
    }

    /// Takes off what was put on for the way through the router.
    fn unwrap(&mut self, mut publish: Publish) -> Result<Delivery, String> {
        self.under_way = self.under_way.saturating_sub(1);
        let size = publish.topic.len() + publish.payload.len() + 4;
        self.under_way_bytes = self.under_way_bytes.saturating_sub(size);
        let own = self.prefix.len() + 2;
        if publish.topic.len() < own || publish.payload.len() < TOKEN_BYTES {
            return Err("the router delivered what isn't ours".into());
        }
        publish.topic.advance(own);
        let token = publish.payload.get_u64();
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        let payload_bytes = publish.payload.len();
        let sent = encode::publish(publish)?;
        if sent.qos > 0 {
            let acknowledged = false;
            self.unacknowledged.push_back(Unacknowledged { id: sent.id, token, acknowledged });
        }
        Ok(Delivery { topic, payload_bytes, token, sent })
    }

    /// What a message grows by in the router: token, prefix, QoS level, and rumqttd's own count.
    fn overhead(&self) -> usize {
        TOKEN_BYTES + self.prefix.len() + 2 + 4
    }

    async fn receive(&mut self) -> Result<Notification, String> {
        loop {
            let next = self.receiver.next();
            let next = if self.under_way == 0 {
                next.await
            } else if let Ok(next) = timeout(NUDGE, next).await {
                next
            } else {
                // A router whose queue of ready links begins with a removed one goes to sleep with
                // the others still in it, until any event comes.
                self.tell(Packet::PingReq(PingReq)).await?;
                continue;
            };
            match next {
                Ok(Some(notification)) => return Ok(notification),
                // A late signal for something that was read along with its neighbour.
                Ok(None) => {}
                Err(_) => return Err("the router dropped the link".into()),
            }
        }
    }

    async fn tell(&mut self, packet: Packet) -> Result<(), String> {
        self.sender.send(packet).await.map(drop).map_err(|_| "the router is gone".to_owned())
    }
}

impl Drop for Link {
    /// Takes the link out of the router. If a newer session's link has replaced it there, nobody reads
    /// this any more, and nothing happens.
    fn drop(&mut self) {
        let reason_code = DisconnectReasonCode::NormalDisconnection;
        let farewell = Packet::Disconnect(Disconnect { reason_code }, None);
        self.sender.buffer().push_back(farewell);
        // The router stops at the farewell; this only tells it to look.
        let _ = self.sender.unsubscribe("");
    }
}

/// Makes one level of a topic out of a device's identity, and a name that rumqttd takes.
fn escape(device: &str) -> String {
    let mut escaped = String::with_capacity(device.len());
    for character in device.chars() {
        if matches!(character, '+' | '#' | '/' | '$' | '%' | '\0') {
            let _ = write!(escaped, "%{:02X}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}
