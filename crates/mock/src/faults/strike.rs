//! What becomes of an answer that is struck.

use std::time::Duration;

use iotdm_spec::model::{ErrorRow, Field, Kind};
use iotdm_spec::{Object, Op, universal};
use serde_json::{Value, json};

use super::order::{RestFault, RestFaultOrder};
use super::{Faults, Kept, Standing};
use crate::gate::Outgoing;

/// How an answer is handed over: what a fault has left for the shell to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// How late it goes out.
    pub(crate) delay: Duration,
    /// It does not say of what type it is.
    pub(crate) untyped: bool,
    /// The fault that the wire itself has.
    pub(crate) wire: Option<RestFault>,
}

/// What the journal says of a strike.
pub(super) fn said(order: &Standing<RestFaultOrder>) -> String {
    format!("struck by fault {}: {}", order.id, order.order.fault.name())
}

impl Faults {
    /// Strikes an answer with every order that fits the call and finds what it breaks, older ones
    /// first. The wire has one fault at a time.
    pub(crate) fn strike(&mut self, op: Op, application: Option<&str>, outgoing: &mut Outgoing) {
        let mut at = 0;
        while let Some(Kept { standing, .. }) = self.faults.kept.get(at) {
            let mut over = false;
            if standing.order.fits(op, application) {
                let (fault, said) = (standing.order.fault.clone(), said(standing));
                if self.bend(&fault, op, outgoing) {
                    outgoing.notes.push(said);
                    over = self.faults.strike(at);
                }
            }
            at += usize::from(!over);
        }
    }

    /// Whether the fault found what it breaks, and broke it.
    fn bend(&mut self, fault: &RestFault, op: Op, outgoing: &mut Outgoing) -> bool {
        let has_body = !outgoing.body.is_empty();
        let delivery = &mut outgoing.delivery;
        match *fault {
            RestFault::Latency { ms } => delivery.delay += Duration::from_millis(ms),
            RestFault::Jitter { min_ms, max_ms } => {
                let span = max_ms.saturating_sub(min_ms).saturating_add(1);
                delivery.delay += Duration::from_millis(min_ms + self.dice.number() % span);
            }
            RestFault::ConnectionReset | RestFault::CloseInHeaders | RestFault::SlowDrip { .. }
                if delivery.wire.is_none() =>
            {
                delivery.wire = Some(fault.clone());
            }
            RestFault::CloseInBody
            | RestFault::ContentLengthTooLarge { .. }
            | RestFault::ContentLengthTooSmall
            | RestFault::Chunked { .. }
                if delivery.wire.is_none() && has_body =>
            {
                delivery.wire = Some(fault.clone());
            }
            RestFault::TruncatedJson if has_body => outgoing.body.truncate(outgoing.body.len() / 2),
            RestFault::MalformedJson if has_body => malform(&mut outgoing.body),
            RestFault::ExtraMembers => {
                let fields = if outgoing.refused.is_some() { &[] } else { op.table().response };
                return edit(&mut outgoing.body, |object| add_members(object, fields));
            }
            RestFault::NullMembers if outgoing.refused.is_none() && !op.table().response.is_empty() => {
                return edit(&mut outgoing.body, |object| null_members(object, op.table().response));
            }
            RestFault::NoContentType if has_body => delivery.untyped = true,
            RestFault::GatewayError => match outgoing.refused.filter(universal::is_of_the_gateway) {
                Some(row) => outgoing.body = gateway_body(&row),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// A refusal in the gateway's shape.
pub(crate) fn gateway_body(row: &ErrorRow) -> Vec<u8> {
    let [code, desc] = universal::GATEWAY_MEMBERS;
    json!({ code: row.code, desc: row.desc }).to_string().into_bytes()
}

/// The first colon becomes a semicolon: no parser takes that for JSON.
fn malform(body: &mut Vec<u8>) {
    match body.iter_mut().find(|byte| **byte == b':') {
        Some(colon) => *colon = b';',
        None => body.push(b';'),
    }
}

/// Changes a body that is an object; says whether it is one.
fn edit(body: &mut Vec<u8>, change: impl FnOnce(&mut Object)) -> bool {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(body) else { return false };
    change(&mut object);
    *body = Value::Object(object).to_string().into_bytes();
    true
}

/// Adds members of three types to an object and to the objects in it that the table knows.
fn add_members(object: &mut Object, fields: &[Field]) {
    for field in fields.iter().filter(|field| !field.members.is_empty()) {
        each_object(object, field, &mut |inner| add_members(inner, field.members));
    }
    object.insert("unheardOf".to_owned(), json!("from a later version"));
    object.insert("unheardOfCount".to_owned(), json!(1));
    object.insert("unheardOfDetail".to_owned(), json!({ "list": [null, true, { "deep": 1.5 }] }));
}

/// Makes every member null that may be left out, the absent ones too. Objects and lists whose members
/// the table knows stay, so that their members can be null.
fn null_members(object: &mut Object, fields: &[Field]) {
    for field in fields.iter().filter(|field| !field.is_required()) {
        let filled = |value: &Value| match value {
            Value::Object(members) => !members.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if !field.members.is_empty() && object.get(field.name).is_some_and(filled) {
            each_object(object, field, &mut |inner| null_members(inner, field.members));
        } else {
            object.insert(field.name.to_owned(), Value::Null);
        }
    }
}

fn each_object(object: &mut Object, field: &Field, change: &mut dyn FnMut(&mut Object)) {
    match (object.get_mut(field.name), field.kind) {
        (Some(Value::Object(inner)), _) => change(inner),
        (Some(Value::Array(items)), Kind::Array(_)) => {
            items.iter_mut().filter_map(Value::as_object_mut).for_each(change);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mint::Mint;

    fn answer(body: &str) -> Outgoing {
        Outgoing {
            status: 200,
            body: body.as_bytes().to_vec(),
            op: Some(Op::QueryDevice),
            application: None,
            refused: None,
            ordered: false,
            deviations: Vec::new(),
            authorization: None,
            notes: Vec::new(),
            delivery: Delivery::default(),
            unwritten: None,
        }
    }

    #[test]
    fn an_order_strikes_only_what_fits_and_as_often_as_it_says() {
        let mut faults = Faults::new(Mint::seeded(1));
        let order = RestFaultOrder::new(RestFault::TruncatedJson).operation(Op::QueryDevice).application("a").times(2);
        faults.add_fault(order).unwrap();
        let mut strikes = |op, application| {
            let mut outgoing = answer("{\"a\":1}");
            faults.strike(op, Some(application), &mut outgoing);
            outgoing.body == b"{\"a"
        };
        assert!(!strikes(Op::QueryDevice, "b"));
        assert!(!strikes(Op::DeleteDevice, "a"));
        assert!(strikes(Op::QueryDevice, "a"));
        assert!(strikes(Op::QueryDevice, "a"));
        assert!(!strikes(Op::QueryDevice, "a"));
        let list = faults.faults();
        assert_eq!((list.len(), list[0].struck, faults.is_empty()), (1, 2, true));
    }

    #[test]
    fn jitter_repeats_with_the_seed_and_stays_in_its_bounds() {
        let delays = |seed| {
            let mut faults = Faults::new(Mint::seeded(seed));
            faults.add_fault(RestFaultOrder::new(RestFault::Jitter { min_ms: 10, max_ms: 20 }).times(50)).unwrap();
            let delay = |_| {
                let mut outgoing = answer("{}");
                faults.strike(Op::Login, None, &mut outgoing);
                u64::try_from(outgoing.delivery.delay.as_millis()).unwrap()
            };
            (0..50).map(delay).collect::<Vec<_>>()
        };
        assert_eq!(delays(4), delays(4));
        assert_ne!(delays(4), delays(5));
        assert!(delays(4).iter().all(|ms| (10..=20).contains(ms)));
    }

    #[test]
    fn two_faults_strike_one_call_and_the_wire_has_one() {
        let mut faults = Faults::new(Mint::seeded(1));
        for fault in
            [RestFault::Latency { ms: 5 }, RestFault::CloseInBody, RestFault::ConnectionReset, RestFault::NoContentType]
        {
            faults.add_fault(RestFaultOrder::new(fault)).unwrap();
        }
        let mut outgoing = answer("{}");
        faults.strike(Op::Login, None, &mut outgoing);
        let delay = Duration::from_millis(5);
        assert_eq!(outgoing.delivery, Delivery { delay, untyped: true, wire: Some(RestFault::CloseInBody) });
        assert_eq!(faults.faults.kept.len(), 1, "the reset is left for the next call");
    }
}
