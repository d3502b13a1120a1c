//! The document as JSON Schema. It is derived from the types that read the document, so that both agree; what
//! a schema can't say, such as that an id leads somewhere, only the reading says.

use iotdm_spec::nearest;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde_ignored::Path;
use serde_json::{Value, json};

use super::{Document, SCHEMA};

/// The name of the schema: [`SCHEMA`] as an absolute URI, as a schema's name has to be. It leads nowhere, so
/// that nobody looks for it on the network.
pub(crate) const ID: &str = "urn:iotdm-world:1";

/// A dumped world as JSON Schema, draft 2020-12: what [`crate::Platform::dump_state`] writes, and what
/// [`crate::Platform::load_state`] reads.
#[must_use]
pub fn world_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    if let Some(span) = schema.pointer_mut("/$defs/Duration").and_then(Value::as_object_mut) {
        span.insert(
            "description".to_owned(),
            json!("A span of time: so many seconds, and so many nanoseconds on top."),
        );
    }
    RecursiveTransform(complete).transform(&mut schema);
    schema.to_value()
}

/// What the types do not say by themselves.
fn complete(schema: &mut Schema) {
    // Whoever reads a document refuses members that it does not know.
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    if schema.get("format").is_some_and(|format| format == "uint32") {
        schema.insert("maximum".to_owned(), json!(u32::MAX));
    }
    // Neither the source's lines nor its links are the reader's.
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ").replace("[`", "`").replace("`]", "`");
    }
    if let Some(members) = schema.as_object_mut() {
        let mut sorted: Vec<_> = std::mem::take(members).into_iter().collect();
        sorted.sort_by_key(|(name, _)| match name.as_str() {
            "$schema" => 0,
            "$id" => 1,
            "title" => 2,
            "description" => 3,
            "$defs" => 5,
            _ => 4,
        });
        members.extend(sorted);
    }
}

/// What is said of a member that nobody reads.
pub(super) fn unknown(path: &Path<'_>) -> String {
    let root = world_schema();
    let place = Place::of(path, &root);
    let Path::Map { parent, key } = path else { return format!("{}: {SCHEMA} has no such thing", place.text) };
    let known = Place::of(parent, &root).schemas;
    let known = known.iter().filter_map(|schema| schema["properties"].as_object()).flatten().map(|(name, _)| &**name);
    let hint = nearest::of(key, known).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    format!("{}: {SCHEMA} has no such member{hint}", place.text)
}

/// A place in a document.
struct Place<'s> {
    /// In words, as other errors have it.
    text: String,
    /// What may stand there.
    schemas: Vec<&'s Value>,
}

impl<'s> Place<'s> {
    fn of(path: &Path<'_>, root: &'s Value) -> Self {
        let (before, step) = match path {
            Path::Root => return Self { text: String::new(), schemas: resolved(root, root) },
            Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
                return Self::of(parent, root);
            }
            Path::Seq { parent, index } => (Self::of(parent, root), format!("[{index}]")),
            Path::Map { parent, key } => (Self::of(parent, root), format!(".{key}")),
        };
        let inside = before.schemas.into_iter().filter_map(|schema| match path {
            Path::Seq { index, .. } => schema["prefixItems"].get(index).or_else(|| schema.get("items")),
            Path::Map { key, .. } => {
                let numbered = || schema["patternProperties"].as_object()?.values().next();
                schema["properties"].get(key).or_else(numbered).or_else(|| schema.get("additionalProperties"))
            }
            _ => None,
        });
        let schemas = inside.flat_map(|schema| resolved(schema, root)).collect();
        Self { text: (before.text + &step).trim_start_matches('.').to_owned(), schemas }
    }
}

/// A schema, or those between which it leaves the choice. Of a variant of an enumeration it is what stands
/// behind its name: a path leaves the name out.
fn resolved<'s>(schema: &'s Value, root: &'s Value) -> Vec<&'s Value> {
    let referred = schema["$ref"].as_str().and_then(|to| root.pointer(to.trim_start_matches('#')));
    let schema = referred.unwrap_or(schema);
    let choice = schema["anyOf"].as_array().into_iter().flatten();
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    let variants = variants.filter_map(|variant| variant["properties"].as_object()?.values().next());
    let choice: Vec<_> = choice.chain(variants).collect();
    if choice.is_empty() {
        return vec![schema];
    }
    choice.into_iter().flat_map(|schema| resolved(schema, root)).collect()
}
