//! Reads the steps of a case.

mod call;
mod mqtt;
mod push;

use std::time::Duration;

use serde_json::{Map, Value};

use super::names::Names;
use super::pattern::Pattern;
use super::template::pieces;
use super::{Action, Control, Step};
use crate::target::Capability;
use crate::yaml::{Content, Document, Fields, FileError, Node};

/// What a step may start with.
const VERBS: &[&str] = &[
    "call",
    "register",
    "subscribe",
    "connect",
    "subscribe_topic",
    "publish",
    "await_command",
    "no_command",
    "await_push",
    "no_push",
    "disconnect",
    "await_disconnect",
    "eventually",
    "control",
    "receiver",
    "let",
];

/// Reads one step; the variables that it makes are known to the next.
pub(super) fn read(document: &Document, node: &Node, names: &mut Names) -> Result<Step, FileError> {
    let Some((verb, value)) = node.map(document)?.first() else {
        return Err(document.error(node.at, "the step is empty"));
    };
    let inside = || Reader { document, node: value };
    let whole = Reader { document, node };
    // Only these steps are written with their options beside the verb; the others have them inside.
    let beside = ["call", "register"].contains(&verb.text.as_str());
    if !beside && let Some((extra, _)) = node.map(document)?.get(1) {
        return Err(document.error(extra.at, format!("`{}` does not belong beside `{}`", extra.text, verb.text)));
    }
    let action = match verb.text.as_str() {
        "call" => Action::Call(call::call(&whole, names, &[])?),
        "eventually" => eventually(&inside(), names)?,
        "register" => call::register(&whole, names)?,
        "subscribe" => push::subscribe(&inside(), names)?,
        "connect" => mqtt::connect(&inside(), names)?,
        "subscribe_topic" => mqtt::subscribe_topic(&inside(), names)?,
        "publish" => mqtt::publish(&inside(), names)?,
        "await_command" => mqtt::await_command(&inside(), names)?,
        "no_command" => mqtt::no_command(&inside(), names)?,
        "await_push" => push::await_push(&inside(), names)?,
        "no_push" => push::no_push(&inside(), names)?,
        "disconnect" => mqtt::disconnect(&inside(), names)?,
        "await_disconnect" => mqtt::await_disconnect(&inside(), names)?,
        "control" => control(&inside(), names)?,
        "receiver" => push::receiver(&inside(), names)?,
        "let" => let_values(&inside(), names)?,
        other => return Err(document.unknown(verb.at, "step", other, VERBS.iter().copied())),
    };
    Ok(Step { place: Some(document.place(verb.at)), action })
}

/// A part of a step and the file that it stands in.
struct Reader<'a> {
    document: &'a Document,
    node: &'a Node,
}

impl<'a> Reader<'a> {
    fn fields(&self, known: &[&str]) -> Result<Fields<'a>, FileError> {
        Fields::read(self.document, self.node, known)
    }

    /// Checks the references in every value.
    fn check(&self, names: &mut Names) -> Result<(), FileError> {
        names.check(self.document, self.node)
    }

    /// A mapping of free names and values.
    fn values(&self, fields: &Fields<'_>, name: &str) -> Result<Map<String, Value>, FileError> {
        let Some(node) = fields.get(name) else {
            return Ok(Map::new());
        };
        node.map(self.document)?;
        Ok(node.to_value().as_object().cloned().unwrap_or_default())
    }

    /// `save: {variable: path}`; the variables exist from here on.
    fn saves(&self, fields: &Fields<'_>, names: &mut Names) -> Result<Vec<(String, String)>, FileError> {
        let Some(node) = fields.get("save") else {
            return Ok(Vec::new());
        };
        node.map(self.document)?
            .iter()
            .map(|(key, path)| {
                names.define(&key.text);
                Ok((key.text.clone(), path.text(self.document)?))
            })
            .collect()
    }

    /// An expectation; null if there is none. It is read once here, so that a fault is told with its place.
    fn expectation(&self, fields: &Fields<'_>, name: &str) -> Result<Value, FileError> {
        let Some(node) = fields.get(name) else {
            return Ok(Value::Null);
        };
        let value = node.to_value();
        Pattern::compile(&value).map_err(|message| self.document.error(node.at, message))?;
        Ok(value)
    }

    /// The name of a variable that must be known.
    fn known(&self, fields: &Fields<'_>, name: &str, names: &Names) -> Result<String, FileError> {
        let text = fields.need_text(name)?;
        names.need(self.document, name, &text, fields.need(name)?.at)?;
        Ok(text)
    }
}

/// A number of seconds, with a fraction if need be.
fn seconds(document: &Document, fields: &Fields<'_>, name: &str) -> Result<Option<Duration>, FileError> {
    let Some(node) = fields.get(name) else {
        return Ok(None);
    };
    let number = match &node.content {
        Content::Scalar(Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    let duration = number.and_then(|n| Duration::try_from_secs_f64(n).ok());
    duration.map(Some).ok_or_else(|| document.error(node.at, "expected a number of seconds"))
}

fn eventually(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let call = call::call(reader, names, &["within"])?;
    let entries = reader.node.map(reader.document)?;
    let within = entries.iter().find(|(key, _)| key.text == "within");
    let within = match within {
        Some((_, node)) => Duration::from_secs(node.count(reader.document)?),
        None => Duration::from_secs(5),
    };
    Ok(Action::Eventually(call, within))
}

fn control(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let fields = reader.fields(&["get", "post", "put", "patch", "delete", "body", "save"])?;
    reader.check(names)?;
    names.use_capability(Capability::Control, fields.at());
    let methods = ["get", "post", "put", "patch", "delete"];
    let mut given = methods.iter().filter_map(|method| Some((*method, fields.get(method)?)));
    let (Some((method, path)), None) = (given.next(), given.next()) else {
        return Err(reader.document.error(fields.at(), "expected one of get, post, put, patch, delete"));
    };
    let text = path.text(reader.document)?;
    if !text.starts_with('/') {
        return Err(reader.document.error(path.at, "expected a path that starts with /"));
    }
    let body = fields.get("body").map_or(Value::Null, Node::to_value);
    let save = reader.saves(&fields, names)?;
    Ok(Action::Control(Control { method: method.to_uppercase(), path: text, body, save }))
}

fn let_values(reader: &Reader<'_>, names: &mut Names) -> Result<Action, FileError> {
    let mut values = Map::new();
    for (key, node) in reader.node.map(reader.document)? {
        names.check(reader.document, node)?;
        if !pieces(&key.text).is_ok_and(|p| p.len() == 1) || key.text.contains(['.', '[', '$', '-']) {
            return Err(reader.document.error(key.at, format!("`{}` is no name of a variable", key.text)));
        }
        names.define(&key.text);
        values.insert(key.text.clone(), node.to_value());
    }
    Ok(Action::Let(values))
}
