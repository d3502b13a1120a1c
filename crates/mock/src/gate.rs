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
use crate::conduct;
use crate::deviation::{self, Deviation, DeviationKind, rule, rule_of};
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
    /// Whether the platform's owner had ordered the answer.
    pub(crate) ordered: bool,
    /// What deviates from the contract, tolerated or not.
    pub(crate) deviations: Vec<Deviation>,
    /// What the Authorization header was worth; none for an operation that wants none.
    pub(crate) authorization: Option<&'static str>,
    /// What else there is to say: an ordered answer, a path that was nearly right.
    pub(crate) notes: Vec<String>,
    /// How the answer is handed over.
    pub(crate) delivery: Delivery,
}

/// What a handler or the gate itself decided.
pub(crate) type Decision = Result<Success, ErrorRow>;

/// A success's body in compact JSON; empty where the reference shows none.
pub(crate) type Success = Vec<u8>;

/// What a request says by itself. It is read before the world is entered, so that nobody waits for it.
pub(crate) struct Reading {
    op: Result<Op, ErrorRow>,
    /// What is odd about the request line.
    line: Trace,
    /// The parameters in canonical form, or why they are none.
    params: Result<Map<String, Value>, ErrorRow>,
    /// What is odd about the parameters.
    judged: Trace,
}

/// Reads a request, and judges what the contract alone can judge.
pub(crate) fn read(incoming: &Incoming<'_>) -> Reading {
    let (mut line, mut judged) = (Trace::default(), Trace::default());
    match route(incoming, &mut line) {
        Ok((op, path_params)) => {
            request_line(incoming, &mut line);
            let params = parameters(op.table(), incoming, &path_params, &mut judged);
            Reading { op: Ok(op), line, params, judged }
        }
        Err(row) => Reading { op: Err(row), line, params: Err(row), judged },
    }
}

/// Answers a request that was read.
pub(crate) fn serve(world: &mut World, incoming: &Incoming<'_>, reading: Reading) -> Outgoing {
    let mut trace = Trace::default();
    let decision = decide(world, incoming, reading, &mut trace);
    trace.notes.append(&mut world.remarks);
    trace.deviations.append(&mut world.deviations);
    // What the table has judged already needs no rule.
    let sound = trace.deviations.iter().all(|deviation| deviation.tolerated);
    if let (Some(op), Err(row)) = (trace.op, &decision)
        && sound
        && !trace.ordered
    {
        trace.deviations.extend(conduct::of_refusal(op.table(), row));
    }
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
        ordered: trace.ordered,
        deviations: trace.deviations,
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

/// How many entries a list has, and those on its page.
pub(crate) fn cut<T>(all: impl Iterator<Item = T>, skip: usize, take: usize) -> (usize, Vec<T>) {
    let mut page = Vec::new();
    let count = all.enumerate().fold(0, |_, (at, entry)| {
        if at >= skip && at - skip < take {
            page.push(entry);
        }
        at + 1
    });
    (count, page)
}

#[derive(Default)]
struct Trace {
    op: Option<Op>,
    application: Option<Arc<str>>,
    ordered: bool,
    deviations: Vec<Deviation>,
    authorization: Option<&'static str>,
    notes: Vec<String>,
    /// The application that the caller says it is, believed or not; only known while something is ordered.
    named: Option<String>,
}

impl Trace {
    /// Adds what was odd.
    fn add(&mut self, mut other: Self) {
        self.deviations.append(&mut other.deviations);
        self.notes.append(&mut other.notes);
    }
}

fn decide(world: &mut World, incoming: &Incoming<'_>, reading: Reading, trace: &mut Trace) -> Decision {
    trace.add(reading.line);
    let op = reading.op?;
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
    trace.add(reading.judged);
    let params = reading.params?;
    let caller = match caller {
        Some(id) => Some(Caller { owner: owner(world, table, &id, &params)?, id }),
        None => None,
    };
    let mut conduct = conduct::of_call(op, world, caller.as_ref(), &params);
    let decision = routes::call(op, world, caller.as_ref(), params);
    conduct.iter_mut().for_each(|deviation| deviation.tolerated = decision.is_ok());
    trace.deviations.append(&mut conduct);
    decision
}

/// What is odd about a request line that leads to an operation.
fn request_line(incoming: &Incoming<'_>, trace: &mut Trace) {
    if incoming.path.ends_with('/') {
        let text = "the path ends with a slash";
        trace.deviations.push(Deviation::new(rule::PATH, DeviationKind::TrailingSlash, text).tolerated().at("path"));
    }
    let is_empty = |item: &str| item.split_once('=').is_none_or(|(name, value)| name.is_empty() || value.is_empty());
    if !incoming.query.is_empty() && incoming.query.split('&').any(is_empty) {
        let text = "the query has an item without a name or a value";
        let deviation = Deviation::new(rule::SEPARATORS, DeviationKind::EmptyQueryItem, text);
        trace.deviations.push(deviation.tolerated().at("query"));
    }
}

/// Name and raw value of each path parameter.
type PathParams<'a> = Vec<(&'static str, &'a str)>;

fn route<'a>(incoming: &Incoming<'a>, trace: &mut Trace) -> Result<(Op, PathParams<'a>), ErrorRow> {
    match route::find(incoming.method, incoming.path) {
        Route::Found { op, params } => Ok((op, params)),
        Route::WrongMethod { .. } => {
            astray(incoming, DeviationKind::WrongMethod, trace);
            Err(universal::METHOD_NOT_ALLOWED)
        }
        Route::Unknown => {
            astray(incoming, DeviationKind::UnknownPath, trace);
            Err(universal::PATH_UNKNOWN)
        }
    }
}

/// A request line that leads nowhere, and where it may have been meant to lead.
fn astray(incoming: &Incoming<'_>, kind: DeviationKind, trace: &mut Trace) {
    let advice = route::advice(incoming.method, incoming.path);
    trace.deviations.push(Deviation::new(rule::PATH, kind, &advice).at("path"));
    trace.notes.push(advice);
}

/// Refuses a call if the platform's owner has ordered so.
fn by_order(world: &mut World, op: Op, incoming: &Incoming<'_>, trace: &mut Trace) -> Result<(), ErrorRow> {
    trace.named = named(op.table(), incoming);
    let named = trace.named.as_deref();
    if let Some(row) = world.faults.ordered(op, named) {
        trace.ordered = true;
        trace.notes.push(format!("answered {} {} by order of the control plane", row.http_status, row.code));
        return Err(row);
    }
    match world.faults.turned_away(op, named, world.now) {
        Some((row, said)) => {
            trace.ordered = true;
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
    authentication_headers(table, incoming, token, trace);
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
        trace.deviations.push(stale(table, state));
        return Err(universal::token_invalid(table));
    }
    if !application.admit_call(now) {
        return Err(universal::throttled(table));
    }
    Ok(Arc::clone(&application.id))
}

/// The two headers of a protected call, but for what the token is worth.
fn authentication_headers(table: &Operation, incoming: &Incoming<'_>, token: Option<&str>, trace: &mut Trace) {
    let bearer = || rule_of(table.clause, "bearer").unwrap_or(rule::AUTHORIZATION);
    let mut note = |deviation: Deviation| trace.deviations.push(deviation);
    if incoming.app_key.is_none_or(str::is_empty) {
        let text = "there is no app_key header";
        note(Deviation::new(rule::APP_KEY, DeviationKind::MissingHeader, text).at("app_key"));
    }
    match (incoming.authorization, token) {
        (None, _) => {
            let text = "there is no Authorization header";
            note(Deviation::new(rule::AUTHORIZATION, DeviationKind::MissingHeader, text).at("Authorization"));
        }
        (Some(_), None) => {
            let text = "the Authorization header does not read `Bearer {accessToken}`";
            note(Deviation::new(bearer(), DeviationKind::MalformedHeader, text).at("Authorization"));
        }
        (Some(header), Some(token)) if header.strip_prefix("Bearer ") != Some(token) => {
            let text = "the Authorization header is not `Bearer`, one blank and the token";
            note(Deviation::new(bearer(), DeviationKind::BearerSpacing, text).tolerated().at("Authorization"));
        }
        (Some(_), Some(_)) => {}
    }
}

/// A token that is not the application's valid one.
fn stale(table: &Operation, state: TokenState) -> Deviation {
    let bearer = rule_of(table.clause, "bearer").unwrap_or(rule::AUTHORIZATION);
    let (requirement, text) = match state {
        TokenState::Expired => (rule::TOKEN_EXPIRES, "the token has expired"),
        TokenState::Superseded => (bearer, "the token was superseded by a later login or refresh"),
        TokenState::Valid | TokenState::Unknown => (bearer, "the token was never given to this application"),
    };
    Deviation::new(requirement, DeviationKind::StaleToken, text).at("Authorization")
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
    judge(&query_fields, &query, table, rule::QUERY, trace, &mut all)?;
    let body_fields = fields(table, Place::Body);
    if body_fields.is_empty() {
        if !incoming.body.is_empty() {
            let text = format!("the operation has no body, and {} bytes came", incoming.body.len());
            let deviation = Deviation::new(rule::NO_BODY, DeviationKind::UnexpectedBody, text);
            trace.deviations.push(deviation.tolerated().at("body"));
        }
    } else {
        let body = body_object(table, &body_fields, incoming, trace)?;
        judge(&body_fields, &body, table, rule::BODY, trace, &mut all)?;
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
    otherwise: &'static str,
    trace: &mut Trace,
    all: &mut Map<String, Value>,
) -> Result<(), ErrorRow> {
    let (canonical, findings) = check::object(fields, object);
    let refused = findings.iter().find(|finding| finding.problem.breaks()).map(|f| refusal(&table.input, f));
    let deviation = |finding: &Finding| Deviation::of_finding(table.clause, finding, fields, "", otherwise);
    // The first that breaks the table is the one that is answered: it stands first here too.
    let (broken, odd): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.problem.breaks());
    deviation::add(&mut trace.deviations, broken.into_iter().chain(odd).map(deviation));
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
    content_type(table, incoming, trace);
    match table.encoding {
        Encoding::Form => match std::str::from_utf8(incoming.body) {
            Ok(text) => Ok(form_object(table, fields, text, trace)),
            Err(e) => Err(unreadable(table, rule::LOGIN_BODY, &e, trace)),
        },
        Encoding::Json => match serde_json::from_slice(incoming.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => {
                let why = format_args!("it is a {}", check::type_name(&other));
                Err(unreadable(table, rule::BODY, &why, trace))
            }
            Err(e) => Err(unreadable(table, rule::BODY, &e, trace)),
        },
    }
}

/// Nobody insists on the header; where there is no body, nobody misses it either.
fn content_type(table: &Operation, incoming: &Incoming<'_>, trace: &mut Trace) {
    let (requirement, wanted) = match table.encoding {
        Encoding::Form => (rule::CONTENT_TYPE_LOGIN, "application/x-www-form-urlencoded"),
        Encoding::Json => (rule::CONTENT_TYPE_OTHERS, "application/json"),
    };
    let (kind, text) = match incoming.content_type.map(str::trim_start) {
        None if incoming.body.is_empty() => return,
        None => (DeviationKind::MissingContentType, format!("there is no Content-Type; {wanted} is wanted")),
        Some(given) if starts_with(given, wanted) => return,
        Some(given) => (DeviationKind::WrongContentType, format!("the Content-Type is {given:?}, not {wanted}")),
    };
    trace.deviations.push(Deviation::new(requirement, kind, text).tolerated().at("Content-Type"));
}

fn starts_with(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

fn unreadable(
    table: &Operation,
    requirement: &'static str,
    why: &dyn std::fmt::Display,
    trace: &mut Trace,
) -> ErrorRow {
    let text = format!("the body cannot be read: {why}");
    trace.deviations.push(Deviation::new(requirement, DeviationKind::UnreadableBody, text).at("body"));
    table.input.malformed
}

/// A form as an object; field names in any case.
fn form_object(table: &Operation, fields: &[Field], text: &str, trace: &mut Trace) -> Map<String, Value> {
    let mut object = Map::new();
    for (given, value) in form_items(text) {
        let meant = fields.iter().find(|field| field.name.eq_ignore_ascii_case(&given));
        if let Some(meant) = meant.filter(|field| field.name != given) {
            let finding = Finding { path: meant.name.to_owned(), problem: Problem::Unknown, refused_by: None };
            let mut deviation = Deviation::of_finding(table.clause, &finding, fields, "", rule::LOGIN_BODY);
            deviation.kind = DeviationKind::FormFieldCase;
            deviation.text = format!("`{}` is spelt {given:?}", meant.name);
            trace.deviations.push(deviation);
        }
        object
            .insert(meant.map_or_else(|| given.into_owned(), |field| field.name.to_owned()), value.into_owned().into());
    }
    object
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
