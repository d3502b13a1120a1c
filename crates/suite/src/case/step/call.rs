//! Reads `call`, `eventually` and `register`.

use iotdm_spec::catalogue::Op;
use iotdm_spec::model::{Field, Operation, Place};
use serde_json::Value;

use super::super::names::{Names, check_members};
use super::super::refusal::conditions;
use super::super::{Action, Actor, Call, Expect, Refusal, Register, Token};
use super::Reader;
use crate::target::Capability;
use crate::yaml::{Content, Document, Fields, FileError, Node};

const KEYS: &[&str] =
    &["call", "as", "with", "omit", "raw_body", "no_body", "headers", "token", "expect", "answer", "save"];
const ACTORS: &[(&str, Actor)] =
    &[("application", Actor::Application), ("authorized", Actor::Authorized), ("stranger", Actor::Stranger)];

pub(super) fn call(reader: &Reader<'_>, names: &mut Names, extra: &[&str]) -> Result<Call, FileError> {
    let known: Vec<&str> = KEYS.iter().chain(extra).copied().collect();
    let fields = reader.fields(&known)?;
    reader.check(names)?;
    let op = operation(reader.document, fields.need("call")?)?;
    let with = reader.values(&fields, "with")?;
    check_parameters(reader.document, &fields, op.table())?;
    let expect = expect(reader.document, &fields, op.table())?;
    if let (Expect::Refused(_), Some(node)) = (&expect, fields.get("answer").or_else(|| fields.get("save"))) {
        // It would be read, and never looked at.
        return Err(reader.document.error(node.at, "a refusal has no answer to look at"));
    }
    if let Some(node) = fields.get("answer") {
        check_members(reader.document, node, op.table().response)?;
    }
    Ok(Call {
        op,
        actor: actor(&fields, names)?,
        with,
        omit: fields.get("omit").map(|node| node.texts(reader.document)).transpose()?.unwrap_or_default(),
        raw_body: fields.text("raw_body")?,
        no_body: fields.flag("no_body")?.unwrap_or_default(),
        headers: headers(reader.document, &fields)?,
        token: token(&fields)?,
        expect,
        answer: reader.expectation(&fields, "answer")?,
        save: reader.saves(&fields, names)?,
    })
}

fn operation(document: &Document, node: &Node) -> Result<Op, FileError> {
    let name = node.text(document)?;
    let found = Op::ALL.iter().find(|op| op.table().name == name);
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = Op::ALL.iter().map(|op| op.table().name).collect();
        document.unknown(node.at, "operation", &name, known)
    })
}

/// Under whose name; naming another application is a need of the case.
pub(super) fn actor(fields: &Fields<'_>, names: &mut Names) -> Result<Actor, FileError> {
    let actor = fields.word("as", ACTORS, Actor::Application)?;
    match actor {
        Actor::Application => {}
        Actor::Authorized => names.use_capability(Capability::Authorized, fields.at()),
        Actor::Stranger => names.use_capability(Capability::Stranger, fields.at()),
    }
    Ok(actor)
}

/// The parameters must stand in the operation's table: the contract knows where each travels.
fn check_parameters(document: &Document, fields: &Fields<'_>, op: &Operation) -> Result<(), FileError> {
    let table = || op.params.iter().filter(|p| p.place != Place::Header).map(|p| &p.field);
    if let Some(node) = fields.get("with") {
        for (key, _) in node.map(document)? {
            if !table().any(|field| field.name == key.text) {
                let known: Vec<&str> = table().map(|field| field.name).collect();
                return Err(document.unknown(key.at, "parameter", &key.text, known));
            }
        }
    }
    let Some(node) = fields.get("omit") else {
        return Ok(());
    };
    node.list(document)?.iter().try_for_each(|item| {
        let path = item.text(document)?;
        let all: Vec<&Field> = table().collect();
        if is_path(&all, &path) { Ok(()) } else { Err(document.error(item.at, format!("no parameter `{path}`"))) }
    })
}

fn is_path(table: &[&Field], path: &str) -> bool {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let name = name.split('[').next().unwrap_or_default();
    table.iter().any(|field| {
        let members: Vec<&Field> = field.members.iter().collect();
        field.name == name && (rest.is_empty() || is_path(&members, rest))
    })
}

fn expect(document: &Document, fields: &Fields<'_>, op: &Operation) -> Result<Expect, FileError> {
    let Some(node) = fields.get("expect") else {
        return Ok(Expect::Success);
    };
    if let Content::Scalar(Value::String(text)) = &node.content {
        if text == "success" {
            return Ok(Expect::Success);
        }
        return Err(document.unknown(node.at, "expectation", text, ["success", "refused"]));
    }
    let refused = Fields::read(document, node, &["refused"])?;
    let what = refused.need("refused")?;
    let names = match &what.content {
        Content::List(_) => what.texts(document)?,
        _ => vec![what.text(document)?],
    };
    match names.as_slice() {
        [one] if one == "input" => return Ok(Expect::Refused(Refusal::input(op, None))),
        [one] if one == "any" => return Ok(Expect::Refused(Refusal::any())),
        _ => {}
    }
    Refusal::named(op, &names).map(Expect::Refused).map_err(|name| {
        let known: Vec<&str> = conditions(op).into_iter().chain(["input", "any"]).collect();
        document.unknown(what.at, "error condition", &name, known)
    })
}

fn headers(document: &Document, fields: &Fields<'_>) -> Result<Vec<(String, Option<String>)>, FileError> {
    let Some(node) = fields.get("headers") else {
        return Ok(Vec::new());
    };
    node.map(document)?
        .iter()
        .map(|(key, value)| match &value.content {
            Content::Scalar(Value::Null) => Ok((key.text.clone(), None)),
            _ => Ok((key.text.clone(), Some(value.text(document)?))),
        })
        .collect()
}

fn token(fields: &Fields<'_>) -> Result<Token, FileError> {
    Ok(match fields.text("token")?.as_deref() {
        None | Some("own") => Token::Own,
        Some("none") => Token::None,
        Some("garbage") => Token::Garbage,
        Some("superseded") => Token::Superseded,
        Some("foreign") => Token::Foreign,
        Some(given) => Token::Given(given.to_owned()),
    })
}

pub(super) fn register(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["register", "product", "as", "with"])?;
    reader.check(names)?;
    check_parameters(reader.document, &fields, Op::RegisterByPassword.table())?;
    let register = Register {
        name: fields.need_text("register")?,
        product: fields.flag("product")?.unwrap_or(true),
        actor: actor(&fields, names)?,
        with: reader.values(&fields, "with")?,
    };
    names.define(&register.name);
    Ok(Action::Register(register))
}
