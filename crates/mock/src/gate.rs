//! What every operation shares, judged before its handler is called: the route, an ordered answer,
//! the application, its token, the throttle, the parameters, the grant. In this order.

use std::borrow::Cow;
use std::sync::Arc;

use iotdm_spec::check::{self, Finding, Problem};
use iotdm_spec::model::{Encoding, ErrorRow, Field, InputRefusals, Method, Operation, Place};
use iotdm_spec::route::{self, Route};
use iotdm_spec::{Op, universal};
use serde_json::{Map, Value, json};

use crate::application::{Access, TokenState};
use crate::faults::{self, Delivery};
use crate::routes;
use crate::world::{Caller, World};

/// A request, as far as the contract speaks of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    /// Without the query string, still percent-encoded.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) app_key: Option<&'a str>,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// An answer, and what the journal should know of how it came about.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) status: u16,
    /// Compact JSON; empty where the reference shows no body.
    pub(crate) body: Vec<u8>,
    pub(crate) op: Option<Op>,
    pub(crate) application: Option<Arc<str>>,
    /// The error row, if it is a refusal.
    pub(crate) refused: Option<ErrorRow>,
    /// What deviates from the contract, tolerated or not.
    pub(crate) findings: Vec<Finding>,
    /// What the Authorization header was worth; none for an operation that wants none.
    pub(crate) authorization: Option<&'static str>,
    /// What else there is to say: an ordered answer, a wrong header, a path that was nearly right.
    pub(crate) notes: Vec<String>,
    /// How the answer is handed over.
    pub(crate) delivery: Delivery,
}

/// What a handler or the gate itself decided.
pub(crate) type Decision = Result<Success, ErrorRow>;

/// A success's body in compact JSON; empty where the reference shows none.
pub(crate) type Success = Vec<u8>;

/// Judges a request and answers it.
pub(crate) fn serve(world: &mut World, incoming: &Incoming<'_>) -> Outgoing {
    let mut trace = Trace::default();
    let decision = decide(world, incoming, &mut trace);
    trace.notes.append(&mut world.remarks);
    let reason = world.reason.take();
    let (status, body, refused) = match decision {
        Ok(body) => (trace.op.map_or(200, |op| op.table().success_status), body, None),
        Err(row) => (row.http_status, refusal_body(world, &row, reason.as_deref()), Some(row)),
    };
    let mut outgoing = Outgoing {
        status,
        body,
        op: trace.op,
        application: trace.application,
        refused,
        findings: trace.findings,
        authorization: trace.authorization,
        notes: trace.notes,
        delivery: Delivery::default(),
    };
    if let Some(op) = outgoing.op.filter(|_| !world.faults.is_empty()) {
        world.faults.strike(op, trace.named.as_deref(), &mut outgoing);
    }
    outgoing
}

/// The body of a refusal, in the gateway's shape if this deployment is one of those that have it.
fn refusal_body(world: &World, row: &ErrorRow, reason: Option<&str>) -> Vec<u8> {
    if world.faults.gateway_errors && universal::is_of_the_gateway(row) {
        return faults::gateway_body(row);
    }
    error_body(row, reason).to_string().into_bytes()
}

/// The body of a refusal (1.2.2, line 303): both members are strings. A text that ends in a
/// placeholder is completed by the handler's reason; without one it stays as it is printed.
fn error_body(row: &ErrorRow, reason: Option<&str>) -> Value {
    match (row.beginning(), reason) {
        (Some(beginning), Some(reason)) => {
            json!({ "error_code": row.code, "error_desc": format!("{beginning}{reason}") })
        }
        _ => json!({ "error_code": row.code, "error_desc": row.desc }),
    }
}

/// How many entries of a list come before a page, and how many are on it; the gate has judged both
/// numbers.
pub(crate) fn page(page_no: i64, page_size: i64) -> (usize, usize) {
    let skip = usize::try_from(page_no.saturating_mul(page_size)).unwrap_or(usize::MAX);
    (skip, usize::try_from(page_size).unwrap_or(usize::MAX))
}

#[derive(Default)]
struct Trace {
    op: Option<Op>,
    application: Option<Arc<str>>,
    findings: Vec<Finding>,
    authorization: Option<&'static str>,
    notes: Vec<String>,
    /// The application that the caller says it is, believed or not; only known while something is ordered.
    named: Option<String>,
}

fn decide(world: &mut World, incoming: &Incoming<'_>, trace: &mut Trace) -> Decision {
    let (op, path_params) = route(incoming, trace)?;
    trace.op = Some(op);
    let table = op.table();
    if !world.faults.is_empty() {
        by_order(world, op, incoming, trace)?;
    }
    let caller = if table.is_protected() {
        let caller = authenticate(world, op, incoming, trace)?;
        trace.application = Some(Arc::clone(&caller));
        Some(caller)
    } else {
        None
    };
    let params = parameters(table, incoming, &path_params, trace)?;
    let caller = match caller {
        Some(id) => Some(Caller { owner: owner(world, table, &id, &params)?, id }),
        None => None,
    };
    routes::call(op, world, caller.as_ref(), params)
}

/// Name and raw value of each path parameter.
type PathParams<'a> = Vec<(&'static str, &'a str)>;

fn route<'a>(incoming: &Incoming<'a>, trace: &mut Trace) -> Result<(Op, PathParams<'a>), ErrorRow> {
    match route::find(incoming.method, incoming.path) {
        Route::Found { op, params } => Ok((op, params)),
        Route::WrongMethod { allowed } => {
            let allowed: Vec<_> = allowed.iter().map(|method| method.as_str()).collect();
            trace.notes.push(format!("this path knows {}", allowed.join(", ")));
            Err(universal::METHOD_NOT_ALLOWED)
        }
        Route::Unknown => {
            let nearest = route::nearest(incoming.path).table();
            trace.notes.push(format!("no such path: did you mean {} {}?", nearest.method, nearest.path));
            Err(universal::PATH_UNKNOWN)
        }
    }
}

/// Refuses a call if the platform's owner has ordered so.
fn by_order(world: &mut World, op: Op, incoming: &Incoming<'_>, trace: &mut Trace) -> Result<(), ErrorRow> {
    trace.named = named(op.table(), incoming);
    let named = trace.named.as_deref();
    if let Some(row) = world.faults.ordered(op, named) {
        trace.notes.push(format!("answered {} {} by order of the control plane", row.http_status, row.code));
        return Err(row);
    }
    match world.faults.turned_away(op, named, world.now) {
        Some((row, said)) => {
            trace.notes.push(said);
            Err(row)
        }
        None => Ok(()),
    }
}

/// The application that the caller says it is: by its header, at the login and the refresh by its body.
fn named(table: &Operation, incoming: &Incoming<'_>) -> Option<String> {
    if table.is_protected() {
        return incoming.app_key.map(str::to_owned);
    }
    let body = body_object(table, &fields(table, Place::Body), incoming, &mut Trace::default()).ok()?;
    let owner = universal::OWNER_PARAMETERS.iter().find_map(|name| body.get(*name))?;
    owner.as_str().map(str::to_owned)
}

/// The application that calls, by its header and its token, if the throttle lets it
/// pass.
fn authenticate(world: &mut World, op: Op, incoming: &Incoming<'_>, trace: &mut Trace) -> Result<Arc<str>, ErrorRow> {
    let table = op.table();
    let token = incoming.authorization.and_then(bearer);
    trace.authorization = Some(match (incoming.authorization, token) {
        (None, _) => "absent",
        (Some(_), None) => "malformed",
        (Some(_), Some(_)) => "unknown",
    });
    let app_key = incoming.app_key.filter(|key| !key.is_empty()).ok_or_else(|| universal::no_app_key(table))?;
    let token = token.ok_or_else(|| universal::token_invalid(table))?;
    let now = world.now;
    let application = world.applications.find_mut(app_key).ok_or_else(|| universal::token_invalid(table))?;
    let mut state = application.judge_token(token, now);
    if state == TokenState::Valid
        && let Some(said) = world.faults.token_dies(op, app_key, token)
    {
        application.expire_token(now);
        trace.notes.push(said);
        state = TokenState::Expired;
    }
    trace.authorization = Some(match state {
        TokenState::Valid => "valid",
        TokenState::Expired => "expired",
        TokenState::Superseded => "superseded",
        TokenState::Unknown => "unknown",
    });
    if state != TokenState::Valid {
        return Err(universal::token_invalid(table));
    }
    if !application.admit_call(now) {
        return Err(universal::throttled(table));
    }
    Ok(Arc::clone(&application.id))
}

/// The token of an Authorization header: the scheme in any case, then one or more blanks.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

/// All parameters in one object, judged by the table and in canonical form.
fn parameters(
    table: &Operation,
    incoming: &Incoming<'_>,
    path_params: &[(&'static str, &str)],
    trace: &mut Trace,
) -> Result<Map<String, Value>, ErrorRow> {
    let mut all = Map::new();
    // Path parameters are not judged: an id that cannot be is one that is not found.
    for (name, raw) in path_params {
        all.insert((*name).to_owned(), Value::from(percent_decode(raw)));
    }
    let query_fields = fields(table, Place::Query);
    let query = query_object(&query_fields, incoming.query);
    judge(&query_fields, &query, table, trace, &mut all)?;
    let body_fields = fields(table, Place::Body);
    if !body_fields.is_empty() {
        let body = body_object(table, &body_fields, incoming, trace)?;
        judge(&body_fields, &body, table, trace, &mut all)?;
    }
    Ok(all)
}

fn fields(table: &Operation, place: Place) -> Vec<Field> {
    table.params.iter().filter(|param| param.place == place).map(|param| param.field).collect()
}

fn judge(
    fields: &[Field],
    object: &Map<String, Value>,
    table: &Operation,
    trace: &mut Trace,
    all: &mut Map<String, Value>,
) -> Result<(), ErrorRow> {
    let (canonical, findings) = check::object(fields, object);
    let refused = findings.iter().find(|finding| finding.problem.breaks()).map(|f| refusal(&table.input, f));
    trace.findings.extend(findings);
    all.extend(canonical);
    refused.map_or(Ok(()), Err)
}

/// The row that answers a broken parameter.
fn refusal(input: &InputRefusals, finding: &Finding) -> ErrorRow {
    finding.refused_by.unwrap_or(match finding.problem {
        Problem::Missing => input.missing,
        Problem::BelowMinimum { .. } | Problem::AboveMaximum { .. } => input.out_of_range,
        _ => input.invalid,
    })
}

/// The query string as an object. Empty items are as good as absent.
fn query_object(fields: &[Field], query: &str) -> Map<String, Value> {
    form_items(query)
        .map(|(name, value)| {
            let typed = fields
                .iter()
                .find(|field| field.name == name)
                .and_then(|field| check::parse_stringly(field.kind, &value))
                .unwrap_or_else(|| Value::from(value.into_owned()));
            (name.into_owned(), typed)
        })
        .collect()
}

fn body_object(
    table: &Operation,
    fields: &[Field],
    incoming: &Incoming<'_>,
    trace: &mut Trace,
) -> Result<Map<String, Value>, ErrorRow> {
    match table.encoding {
        Encoding::Form => {
            let text = std::str::from_utf8(incoming.body).map_err(|_| table.input.malformed)?;
            Ok(form_object(fields, text))
        }
        Encoding::Json => {
            if !incoming.content_type.is_some_and(|header| header.trim_start().starts_with("application/json")) {
                trace.notes.push("1.2.1: the Content-Type of a JSON body is application/json".to_owned());
            }
            match serde_json::from_slice(incoming.body) {
                Ok(Value::Object(object)) => Ok(object),
                _ => Err(table.input.malformed),
            }
        }
    }
}

/// A form as an object; field names in any case.
fn form_object(fields: &[Field], text: &str) -> Map<String, Value> {
    form_items(text)
        .map(|(name, value)| {
            let name = fields
                .iter()
                .find(|field| field.name.eq_ignore_ascii_case(&name))
                .map_or_else(|| name.into_owned(), |field| field.name.to_owned());
            (name, Value::from(value.into_owned()))
        })
        .collect()
}

/// Names and values of `a=b&c=d`, decoded; items without a value are left out.
fn form_items(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(text.as_bytes()).filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

fn percent_decode(raw: &str) -> String {
    percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned()
}

/// The application on whose behalf the caller acts: itself, or one that has granted it.
fn owner(
    world: &World,
    table: &Operation,
    caller: &Arc<str>,
    params: &Map<String, Value>,
) -> Result<Arc<str>, ErrorRow> {
    let named = table
        .params
        .iter()
        .filter(|param| universal::OWNER_PARAMETERS.contains(&param.field.name))
        .find_map(|param| params.get(param.field.name)?.as_str())
        .filter(|id| !id.is_empty());
    let Some(named) = named else { return Ok(Arc::clone(caller)) };
    let owner = world.applications.find(named).ok_or_else(|| universal::application_unknown(table))?;
    let access = world.applications.access(caller, named).ok_or_else(|| universal::not_authorized(table))?;
    // A query wants a grant that permits anything at all, everything else one to edit.
    let wanted = if table.method == Method::Get { Access::Read } else { Access::Edit };
    if access < wanted {
        return Err(universal::no_edit_permission(table));
    }
    Ok(Arc::clone(&owner.id))
}
